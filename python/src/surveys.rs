//! Surveys, and what follows answers and tickets.

use pyo3::prelude::*;
use winback::answer::Answer;
use winback::groups::GroupBy;
use winback::service::{ServiceOptions, ServiceReport};
use winback::surveys::{self, NpsCounts, NpsOptions, NpsReport, PlanOptions, SurveyPlan};

use crate::error::Result;
use crate::event_log::EventLog;
use crate::table::Table;
use crate::threads::Compute;
use crate::values::{instant, span};

/// A score; none without answers.
#[derive(IntoPyObject)]
pub(crate) struct Nps {
    promoters: u64,
    passives: u64,
    detractors: u64,
    score: f64,
    variance: f64,
    standard_error: f64,
    adjusted: f64,
    low: f64,
    high: f64,
}

fn score(counts: NpsCounts) -> Option<Nps> {
    counts.nps().map(|nps| Nps {
        promoters: counts.promoters,
        passives: counts.passives,
        detractors: counts.detractors,
        score: nps.score,
        variance: nps.variance,
        standard_error: nps.standard_error,
        adjusted: nps.adjusted,
        low: nps.low,
        high: nps.high,
    })
}

/// Promoters, passives, detractors.
type Counts = (u64, u64, u64);

fn counts_of((promoters, passives, detractors): Counts) -> NpsCounts {
    NpsCounts { promoters, passives, detractors }
}

#[pyfunction]
pub(crate) fn nps(counts: Counts) -> Option<Nps> {
    score(counts_of(counts))
}

#[pyfunction]
pub(crate) fn nps_of_scores(scores: Vec<f64>) -> Result<Option<Nps>> {
    Ok(score(NpsCounts::from_scores(&scores)?))
}

#[derive(IntoPyObject)]
pub(crate) struct NpsDifference {
    difference: f64,
    standard_error: f64,
    low: f64,
    high: f64,
    z: Option<f64>,
    p_value: Option<f64>,
    smallest_difference: Option<f64>,
}

#[pyfunction]
pub(crate) fn nps_difference(one: Counts, other: Counts) -> Option<NpsDifference> {
    let found = surveys::nps_difference(&counts_of(one), &counts_of(other))?;
    Some(NpsDifference {
        difference: found.difference,
        standard_error: found.standard_error,
        low: found.low,
        high: found.high,
        z: found.z,
        p_value: found.p_value,
        smallest_difference: found.smallest_difference,
    })
}

#[pyfunction]
pub(crate) fn smallest_nps_difference(
    n: u64,
    other_n: u64,
    variance: f64,
    level: f64,
    power: f64,
) -> Result<f64> {
    Ok(surveys::smallest_nps_difference(n, other_n, variance, level, power)?)
}

#[derive(IntoPyObject)]
pub(crate) struct Report {
    groups: Py<Table>,
    periods: Py<Table>,
    topics: Py<Table>,
    afterwards: Py<Table>,
    notes: Vec<String>,
    text: String,
}

#[pyfunction]
#[pyo3(signature = (log, *, until, every, start, group_by, horizon, quiet_for))]
#[expect(clippy::too_many_arguments, reason = "named in Python")]
pub(crate) fn nps_report(
    py: Python<'_>,
    log: &EventLog,
    until: &str,
    every: &str,
    start: Option<&str>,
    group_by: Option<String>,
    horizon: &str,
    quiet_for: &str,
) -> Result<Report> {
    let now = log.snapshot("until", until)?;
    let options = NpsOptions::default()
        .every(span("every", every)?)
        .start(start.map(|start| instant("start", start)).transpose()?)
        .group_by(group_by.map(GroupBy::Attribute))
        .horizon(span("horizon", horizon)?)
        .quiet_for(span("quiet_for", quiet_for)?);
    let report = py.compute(|| NpsReport::build(&now, &options))?;
    let table = |batch| Py::new(py, Table { batch });
    Ok(Report {
        groups: table(report.table("groups")?)?,
        periods: table(report.table("periods")?)?,
        topics: table(report.table("topics")?)?,
        afterwards: table(report.table("afterwards")?)?,
        text: report.to_string(),
        notes: report.notes,
    })
}

#[derive(IntoPyObject)]
pub(crate) struct Plan {
    table: Py<Table>,
    round: i64,
    round_days: u32,
    known: u64,
    due: u64,
    open_ticket: u64,
    text: String,
}

#[pyfunction]
#[pyo3(signature = (log, *, day, share, salt, min_gap, skip_open_tickets))]
pub(crate) fn survey_plan(
    py: Python<'_>,
    log: &EventLog,
    day: &str,
    share: f64,
    salt: String,
    min_gap: &str,
    skip_open_tickets: bool,
) -> Result<Plan> {
    let day = log.snapshot("day", day)?;
    let min_gap = span("min_gap", min_gap)?;
    let options = PlanOptions::default()
        .share(share)
        .salt(salt)
        .min_gap(min_gap)
        .skip_open_tickets(skip_open_tickets);
    let plan = py.compute(|| SurveyPlan::build(&day, &options))?;
    Ok(Plan {
        table: Py::new(py, Table { batch: plan.main_table()? })?,
        round: plan.round,
        round_days: plan.round_days,
        known: plan.known,
        due: plan.due,
        open_ticket: plan.open_ticket,
        text: plan.to_string(),
    })
}

#[derive(IntoPyObject)]
pub(crate) struct Service {
    table: Py<Table>,
    tickets: u64,
    unfinished: u64,
    unmatched: u64,
    notes: Vec<String>,
    text: String,
}

#[pyfunction]
#[pyo3(signature = (log, *, until, fast_hours, judged_after, horizon, response_hours, quiet_for))]
#[expect(clippy::too_many_arguments, reason = "named in Python")]
pub(crate) fn service(
    py: Python<'_>,
    log: &EventLog,
    until: &str,
    fast_hours: f64,
    judged_after: &str,
    horizon: &str,
    response_hours: Vec<f64>,
    quiet_for: &str,
) -> Result<Service> {
    let now = log.snapshot("until", until)?;
    let options = ServiceOptions::default()
        .fast_hours(fast_hours)
        .judged_after(span("judged_after", judged_after)?)
        .horizon(span("horizon", horizon)?)
        .response_hours(response_hours)
        .quiet_for(span("quiet_for", quiet_for)?);
    let report = py.compute(|| ServiceReport::build(&now, &options))?;
    Ok(Service {
        table: Py::new(py, Table { batch: report.main_table()? })?,
        tickets: report.tickets,
        unfinished: report.unfinished,
        unmatched: report.unmatched,
        text: report.to_string(),
        notes: report.notes,
    })
}
