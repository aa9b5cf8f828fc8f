//! Parameters and values between Python and the core.

use pyo3::prelude::*;
use serde::Serialize;
use winback::Error;
use winback::time::{Span, Timestamp};

use crate::error::Result;

/// An instant given as text; errors bear the parameter's name.
pub(crate) fn instant(name: &'static str, text: &str) -> Result<Timestamp> {
    text.parse().map_err(|error| named(name, error).into())
}

/// Several instants given as texts.
pub(crate) fn instants(name: &'static str, texts: &[String]) -> Result<Vec<Timestamp>> {
    texts.iter().map(|text| instant(name, text)).collect()
}

/// A span given as text; errors bear the parameter's name.
pub(crate) fn span(name: &'static str, text: &str) -> Result<Span> {
    text.parse().map_err(|error| named(name, error).into())
}

fn named(name: &'static str, error: Error) -> Error {
    match error {
        Error::Parameter { value, allowed, .. } => Error::Parameter { name, value, allowed },
        other => other,
    }
}

/// A report as dicts, lists and numbers.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &impl Serialize) -> Result<Bound<'py, PyAny>> {
    let text = serde_json::to_string(value).map_err(|e| Error::Shape(e.to_string()))?;
    Ok(py.import("json")?.call_method1("loads", (text,))?)
}
