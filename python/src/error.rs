//! The one mapping from the core's errors to Python's exceptions: built-ins only, with the error's
//! code and place as attributes.

use pyo3::exceptions::{
    PyFileNotFoundError, PyOSError, PyPermissionError, PyRuntimeError, PyValueError,
};
use pyo3::prelude::*;
use winback::Error;
use winback::error::{ErrorCode, LOG_TABLES};

/// Result of a binding that calls both the core and Python.
pub(crate) type Result<T, E = BindingError> = std::result::Result<T, E>;

/// An error of the core or of Python, so that `?` works on both.
#[derive(Debug)]
pub(crate) enum BindingError {
    Core(Error),
    Python(PyErr),
}

impl From<Error> for BindingError {
    fn from(error: Error) -> Self {
        BindingError::Core(error)
    }
}

impl From<PyErr> for BindingError {
    fn from(error: PyErr) -> Self {
        BindingError::Python(error)
    }
}

impl From<arrow_schema::ArrowError> for BindingError {
    fn from(error: arrow_schema::ArrowError) -> Self {
        BindingError::Core(error.into())
    }
}

impl From<BindingError> for PyErr {
    fn from(error: BindingError) -> Self {
        let error = match error {
            BindingError::Python(error) => return error,
            BindingError::Core(error) => error,
        };
        let error = with_name_in_python(error);
        let text = text(&error);
        let exception = match &error {
            Error::Io { path, source, .. } => os_error(&path.to_string_lossy(), source),
            Error::Interrupted => PyRuntimeError::new_err(text),
            _ => PyValueError::new_err(text),
        };
        Python::attach(|py| match with_attributes(py, &exception, &error) {
            Ok(()) => exception,
            Err(other) => other,
        })
    }
}

/// What is written to is called `path` by every function of the package.
fn with_name_in_python(mut error: Error) -> Error {
    if let Error::Argument { name, .. } = &mut error
        && *name == "output"
    {
        *name = "path";
    }
    error
}

/// The text, with the argument that helps where there is one.
fn text(error: &Error) -> String {
    let text = error.in_full();
    match error {
        Error::MissingColumn { table, column, given_for: None, .. }
            if LOG_TABLES.contains(table) =>
        {
            format!(
                "{text}; another name is mapped by columns={{\"{table}\": {{\"{column}\": \"...\"}}}}"
            )
        }
        Error::MissingColumn { table: "summary", .. } => {
            format!("{text}; winback.timing.rfm_summary makes a summary of transactions")
        }
        Error::Data { code: ErrorCode::MissingId, table, .. } if LOG_TABLES.contains(table) => {
            format!("{text}; missing_ids=\"drop\" leaves such rows out")
        }
        _ => text,
    }
}

/// What a program asks an exception for; what an error does not have is None.
fn with_attributes(py: Python<'_>, exception: &PyErr, error: &Error) -> PyResult<()> {
    let value = exception.value(py);
    let argument = match error {
        Error::Argument { name, .. } => Some(*name),
        _ => None,
    };
    value.setattr("code", error.code().name())?;
    value.setattr("argument", argument)?;
    value.setattr("table", error.table())?;
    value.setattr("column", error.column())?;
    value.setattr("row", error.row())?;
    value.setattr("customer", error.customer())
}

/// With the system's number Python itself chooses the subclass of `OSError`; errors without one
/// are mapped by kind.
fn os_error(path: &str, source: &std::io::Error) -> PyErr {
    use std::io::ErrorKind::{NotFound, PermissionDenied};
    let message = source.to_string();
    if let Some(code) = source.raw_os_error() {
        let message = message.split(" (os error").next().unwrap_or_default().to_owned();
        // The last number is read on Windows only, where it replaces the first.
        return PyOSError::new_err((code, message, path.to_owned(), code));
    }
    let message = format!("{path}: {message}");
    match source.kind() {
        NotFound => PyFileNotFoundError::new_err(message),
        PermissionDenied => PyPermissionError::new_err(message),
        _ => PyOSError::new_err(message),
    }
}
