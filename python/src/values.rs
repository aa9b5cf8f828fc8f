//! Parameters from Python.

use winback::time::{Moment, Span};

use crate::error::Result;
pub(crate) use crate::to_python::to_python;

/// A time given as text; errors bear the parameter's name.
pub(crate) fn instant(name: &'static str, text: &str) -> Result<Moment> {
    Ok(Moment::of_argument(name, text)?)
}

/// Several times given as texts.
pub(crate) fn instants(name: &'static str, texts: &[String]) -> Result<Vec<Moment>> {
    texts.iter().map(|text| instant(name, text)).collect()
}

/// A span given as text; errors bear the parameter's name.
pub(crate) fn span(name: &'static str, text: &str) -> Result<Span> {
    Ok(Span::of_argument(name, text)?)
}
