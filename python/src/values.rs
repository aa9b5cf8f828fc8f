//! Parameters from Python.

use winback::time::{Span, Timestamp};

use crate::error::Result;
pub(crate) use crate::to_python::to_python;

/// An instant given as text; errors bear the parameter's name.
pub(crate) fn instant(name: &'static str, text: &str) -> Result<Timestamp> {
    Ok(Timestamp::of_argument(name, text)?)
}

/// Several instants given as texts.
pub(crate) fn instants(name: &'static str, texts: &[String]) -> Result<Vec<Timestamp>> {
    texts.iter().map(|text| instant(name, text)).collect()
}

/// A span given as text; errors bear the parameter's name.
pub(crate) fn span(name: &'static str, text: &str) -> Result<Span> {
    Ok(Span::of_argument(name, text)?)
}
