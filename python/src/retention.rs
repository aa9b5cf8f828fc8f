//! The customer base over time.

use std::collections::BTreeSet;

use pyo3::prelude::*;
use winback::Error;
use winback::answer::Answer;
use winback::groups::GroupBy;
use winback::labels::LifecycleLimits;
use winback::periods::PeriodOptions;
use winback::retention::{
    CohortOptions, CohortValue, Cohorts, CurveOptions, Flow, FlowOptions, Labels, Migration,
    MigrationOptions, Retention, RetentionCurve, RetentionOptions,
};

use crate::error::Result;
use crate::event_log::EventLog;
use crate::table::Table;
use crate::threads::Compute;
use crate::values::{instant, span, to_python};

fn periods(every: &str, start: Option<&str>, end: Option<&str>) -> Result<PeriodOptions> {
    Ok(PeriodOptions::default()
        .every(span("every", every)?)
        .start(start.map(|start| instant("start", start)).transpose()?)
        .end(end.map(|end| instant("end", end)).transpose()?))
}

fn limits(lapsed_after: &str, lost_after: &str) -> Result<LifecycleLimits> {
    Ok(LifecycleLimits::default()
        .lapsed_after(span("lapsed_after", lapsed_after)?)
        .lost_after(span("lost_after", lost_after)?))
}

fn group_by(by: Option<&str>, attribute: Option<String>) -> Result<Option<GroupBy>> {
    Ok(match (by, attribute) {
        (None, name) => name.map(GroupBy::Attribute),
        (Some(_), Some(name)) => {
            return Err(Error::text_argument("attribute", &name, "nothing next to by").into());
        }
        (Some("category"), None) => Some(GroupBy::Category),
        (Some("channel"), None) => Some(GroupBy::Channel),
        (Some(other), None) => {
            let expected = "\"category\" or \"channel\"";
            return Err(Error::text_argument("by", other, expected).into());
        }
    })
}

/// The table and its notes.
#[pyfunction]
#[pyo3(signature = (log, *, every, start, end, by, attribute))]
pub(crate) fn retention(
    py: Python<'_>,
    log: &EventLog,
    every: &str,
    start: Option<&str>,
    end: Option<&str>,
    by: Option<&str>,
    attribute: Option<String>,
) -> Result<(Table, Vec<String>)> {
    let options = RetentionOptions::default()
        .periods(periods(every, start, end)?)
        .group_by(group_by(by, attribute)?);
    let found = py.compute(|| Retention::by_period(&log.log, &options))?;
    Ok((Table { batch: found.main_table()? }, found.notes))
}

/// The table of all days, the one at given days, and the notes.
type CurveOut = (Table, Table, Vec<String>);

/// The share of customers who have not yet been silent for long.
#[pyfunction]
#[pyo3(signature = (log, *, silent_for, start, end, by, attribute, days))]
#[expect(clippy::too_many_arguments, reason = "named in Python")]
pub(crate) fn retention_curve(
    py: Python<'_>,
    log: &EventLog,
    silent_for: &str,
    start: Option<&str>,
    end: Option<&str>,
    by: Option<&str>,
    attribute: Option<String>,
    days: Vec<u32>,
) -> Result<CurveOut> {
    let options = CurveOptions::default()
        .silent_for(span("silent_for", silent_for)?)
        .start(start.map(|start| instant("start", start)).transpose()?)
        .end(end.map(|end| instant("end", end)).transpose()?);
    let options = options.group_by(group_by(by, attribute)?);
    let found = py.compute(|| RetentionCurve::new(&log.log, &options))?;
    let tables = (Table { batch: found.main_table()? }, Table { batch: found.at_days(&days)? });
    Ok((tables.0, tables.1, found.notes))
}

/// The long table, the wide ones by value, and the notes.
type CohortsOut = (Table, Vec<(&'static str, Table)>, Vec<String>);

/// Customers by first purchase, followed through the periods after it.
#[pyfunction]
#[pyo3(signature = (log, *, every, start, end, mode, brackets))]
pub(crate) fn cohorts(
    py: Python<'_>,
    log: &EventLog,
    every: &str,
    start: Option<&str>,
    end: Option<&str>,
    mode: &str,
    brackets: Option<Vec<u64>>,
) -> Result<CohortsOut> {
    // Beyond 32 bits lies no period: an edge there is as good as the last one.
    let edge = |edge| u32::try_from(edge).unwrap_or(u32::MAX);
    let brackets = brackets.unwrap_or_default().into_iter().map(edge).collect();
    let options = CohortOptions::default()
        .periods(periods(every, start, end)?)
        .mode(mode.parse()?)
        .brackets(brackets);
    let found = py.compute(|| Cohorts::new(&log.log, &options))?;
    let wide = |value: CohortValue| -> Result<(&'static str, Table)> {
        Ok((value.name(), Table { batch: found.table(value.name())? }))
    };
    let wide = CohortValue::ALL.into_iter().map(wide).collect::<Result<_>>()?;
    Ok((Table { batch: found.main_table()? }, wide, found.notes))
}

/// The table by period, the long one, and the notes.
#[pyfunction]
#[pyo3(signature = (log, *, every, start, end, lapsed_after, lost_after))]
pub(crate) fn flow(
    py: Python<'_>,
    log: &EventLog,
    every: &str,
    start: Option<&str>,
    end: Option<&str>,
    lapsed_after: &str,
    lost_after: &str,
) -> Result<(Table, Table, Vec<String>)> {
    let options = FlowOptions::default()
        .periods(periods(every, start, end)?)
        .limits(limits(lapsed_after, lost_after)?);
    let found = py.compute(|| Flow::new(&log.log, &options))?;
    let tables = (Table { batch: found.main_table()? }, Table { batch: found.table("ways")? });
    Ok((tables.0, tables.1, found.notes))
}

pub(crate) type MigrationOut<'py> = (Table, Option<Bound<'py, PyAny>>, Vec<String>);

/// The table, the alarm as a dict, and the notes.
#[pyfunction]
#[pyo3(signature = (
    log, start, end, *, lapsed_after, lost_after, min_customers, level
))]
#[expect(clippy::too_many_arguments, reason = "named in Python")]
pub(crate) fn migration<'py>(
    py: Python<'py>,
    log: &EventLog,
    start: &str,
    end: &str,
    lapsed_after: &str,
    lost_after: &str,
    min_customers: u64,
    level: f64,
) -> Result<MigrationOut<'py>> {
    let (start, end) = (log.snapshot("start", start)?, log.snapshot("end", end)?);
    let limits = limits(lapsed_after, lost_after)?;
    let options = MigrationOptions::default().min_customers(min_customers).level(level);
    let found = py.compute(|| Migration::lifecycle(&start, &end, limits, &options))?;
    migration_out(py, found)
}

/// As `migration`, between the labels given for each customer.
#[pyfunction]
#[pyo3(signature = (before, after, *, revenue, vulnerable, min_customers, level))]
pub(crate) fn label_migration<'py>(
    py: Python<'py>,
    before: Vec<Option<String>>,
    after: Vec<Option<String>>,
    revenue: Option<Vec<f64>>,
    vulnerable: Vec<String>,
    min_customers: u64,
    level: f64,
) -> Result<MigrationOut<'py>> {
    // The same names on both sides, so that rows and columns are in one order.
    let names: BTreeSet<&String> = before.iter().chain(&after).flatten().collect();
    let names: Vec<String> = names.into_iter().cloned().collect();
    let labels = |texts: &[Option<String>]| {
        let code = |text: &Option<String>| {
            text.as_ref().and_then(|text| names.binary_search(text).ok()).map(|code| code as u32)
        };
        Labels::new(names.clone(), texts.iter().map(code).collect())
    };
    let (before, after) = (labels(&before)?, labels(&after)?);
    let options = MigrationOptions::default()
        .vulnerable(vulnerable)
        .min_customers(min_customers)
        .level(level);
    migration_out(py, Migration::between(&before, &after, revenue.as_deref(), &options)?)
}

pub(crate) fn migration_out(py: Python<'_>, found: Migration) -> Result<MigrationOut<'_>> {
    let alarm = found.figures().get("alarm").map(|alarm| to_python(py, alarm)).transpose()?;
    Ok((Table { batch: found.main_table()? }, alarm, found.notes))
}

/// A fitted shifted beta-geometric model.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct ShiftedBetaGeometric {
    model: winback::timing::ShiftedBetaGeometric,
}

#[pymethods]
impl ShiftedBetaGeometric {
    #[staticmethod]
    fn fit(survivors: Vec<f64>) -> Result<Self> {
        let model = winback::timing::ShiftedBetaGeometric::fit(&survivors)?;
        Ok(ShiftedBetaGeometric { model })
    }

    #[getter]
    fn alpha(&self) -> f64 {
        self.model.alpha()
    }

    #[getter]
    fn beta(&self) -> f64 {
        self.model.beta()
    }

    #[getter]
    fn log_likelihood(&self) -> f64 {
        self.model.log_likelihood()
    }

    fn survival(&self, periods: u16) -> Vec<f64> {
        self.model.survival(usize::from(periods))
    }

    fn retention_rates(&self, periods: u16) -> Vec<f64> {
        self.model.retention_rates(usize::from(periods))
    }
}
