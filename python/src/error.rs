//! The one mapping from the core's errors to Python's exceptions, built-ins only.

use pyo3::PyErr;
use pyo3::exceptions::{
    PyFileNotFoundError, PyOSError, PyPermissionError, PyRuntimeError, PyValueError,
};
use winback::Error;

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
        if let Some((table, column)) = error.is_missing_column() {
            return PyValueError::new_err(format!(
                "{error}; another name is mapped by columns={{\"{table}\": {{\"{column}\": \
                 \"...\"}}}}"
            ));
        }
        match error {
            Error::Io { path, source } => os_error(&path.to_string_lossy(), &source),
            Error::Data { .. }
            | Error::Column { .. }
            | Error::Table { .. }
            | Error::Parameter { .. }
            | Error::Shape(_)
            | Error::TooLittleData(_)
            | Error::NotConverged(_)
            | Error::ModelFile(_)
            | Error::File { .. }
            | Error::Arrow(_)
            | Error::Linfa(_) => PyValueError::new_err(error.to_string()),
            _ => PyRuntimeError::new_err(error.to_string()),
        }
    }
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
