//! Arguments of a row of one customer: an error names the one that cannot be used.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyString};

use crate::answer::refused;
use crate::error::Result;

/// An argument that may be None.
pub(crate) type Given<'py> = Option<Bound<'py, PyAny>>;

/// A text.
pub(crate) fn text<'a>(name: &str, value: &'a Bound<'_, PyAny>) -> Result<&'a str> {
    let text = value.cast::<PyString>().map_err(|_| wrong(name, "a str", value))?;
    let expected = "expected a text that UTF-8 can hold";
    let refuse = |_| refused(value.py(), name, format!("{expected}, got a lone surrogate"), false);
    Ok(text.to_str().map_err(refuse)?)
}

/// A number, and no yes or no.
pub(crate) fn number(name: &str, value: &Bound<'_, PyAny>) -> Result<f64> {
    if let Ok(value) = value.cast_exact::<PyFloat>() {
        return Ok(value.value());
    }
    let kind = value.get_type().name()?.to_string();
    let is_truth = kind == "bool" || kind == "bool_";
    let number: Option<f64> = if is_truth { None } else { value.extract().ok() };
    Ok(number.ok_or_else(|| wrong(name, "a number", value))?)
}

/// The same of one that may be None.
pub(crate) fn optional<'a, 'py, T>(
    name: &str,
    value: &'a Given<'py>,
    of: impl FnOnce(&str, &'a Bound<'py, PyAny>) -> Result<T>,
) -> Result<Option<T>> {
    value.as_ref().map(|value| of(name, value)).transpose()
}

/// The error of a value of another type.
pub(crate) fn wrong(name: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    let kind = match value.is_none() {
        true => Ok("None".to_owned()),
        false => value.get_type().name().map(|kind| kind.to_string()),
    };
    match kind {
        Ok(kind) => refused(value.py(), name, format!("expected {expected}, got {kind}"), true),
        Err(_) => PyTypeError::new_err(format!("{name}: expected {expected}")),
    }
}
