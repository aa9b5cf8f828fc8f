//! Limits of inactivity.

use pyo3::prelude::*;
use winback::answer::Answer;
use winback::groups::GroupBy;
use winback::inactivity::{InactivityOptions, InactivityReport};
use winback::labels::LifecycleLimits;
use winback::time::Span;

use crate::error::Result;
use crate::event_log::EventLog;
use crate::table::Table;
use crate::threads::Compute;
use crate::values::span;

/// What the silences of a log say; suggestions are spans, none where there are none.
#[derive(IntoPyObject)]
pub(crate) struct Inactivity {
    gaps: Py<Table>,
    returns: Py<Table>,
    limits: Py<Table>,
    lapsed_after: Option<String>,
    lost_after: Option<String>,
    horizon: Option<String>,
    rhythms: Vec<&'static str>,
    notes: Vec<String>,
    text: String,
}

#[pyfunction]
#[pyo3(signature = (
    log, *, until, horizon, lapsed_after, lost_after, lapsed_share, lost_share, group_by
))]
#[expect(clippy::too_many_arguments, reason = "named in Python")]
pub(crate) fn inactivity(
    py: Python<'_>,
    log: &EventLog,
    until: &str,
    horizon: &str,
    lapsed_after: &str,
    lost_after: &str,
    lapsed_share: f64,
    lost_share: f64,
    group_by: Option<String>,
) -> Result<Inactivity> {
    let now = log.snapshot("until", until)?;
    let options = InactivityOptions::default()
        .horizon(span("horizon", horizon)?)
        .limits(
            LifecycleLimits::default()
                .lapsed_after(span("lapsed_after", lapsed_after)?)
                .lost_after(span("lost_after", lost_after)?),
        )
        .lapsed_share(lapsed_share)
        .lost_share(lost_share)
        .group_by(group_by.map(GroupBy::Attribute));
    let report = py.compute(|| InactivityReport::build(&now, &options))?;
    let table = |batch| Py::new(py, Table { batch });
    let text = |span: Option<Span>| span.map(|span| span.to_string());
    Ok(Inactivity {
        gaps: table(report.table("gaps")?)?,
        returns: table(report.table("returns")?)?,
        limits: table(report.table("limits")?)?,
        lapsed_after: text(report.suggested_lapsed_after),
        lost_after: text(report.suggested_lost_after),
        horizon: text(report.suggested_horizon),
        rhythms: report.rhythms.iter().map(|rhythm| rhythm.period.name()).collect(),
        text: report.to_string(),
        notes: report.notes,
    })
}
