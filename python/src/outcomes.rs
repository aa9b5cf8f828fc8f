//! Outcome windows.

use pyo3::prelude::*;
use winback::labels::outcome_window;
use winback::time::{Moment, TimeZone};

use crate::error::Result;
use crate::values::{instants, span};

/// Each cutoff and the end of its outcome window, in microseconds since 1970-01-01 UTC.
#[pyfunction]
pub(crate) fn outcome_windows(
    cutoffs: Vec<String>,
    lead: &str,
    horizon: &str,
) -> Result<Vec<(i64, i64)>> {
    let (lead, horizon) = (span("lead", lead)?, span("horizon", horizon)?);
    let window = |cutoff: Moment| {
        let cutoff = cutoff.on("groups", TimeZone::UTC)?;
        Ok((cutoff, outcome_window(cutoff, lead, horizon)?.end))
    };
    let windows = instants("groups", &cutoffs)?.into_iter().map(window);
    let windows = windows.collect::<winback::Result<Vec<_>>>()?;
    Ok(windows.iter().map(|(cutoff, end)| (cutoff.micros(), end.micros())).collect())
}
