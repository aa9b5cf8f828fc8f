//! The customer base over time.

use std::collections::BTreeSet;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use winback::Error;
use winback::groups::GroupBy;
use winback::labels::LifecycleLimits;
use winback::periods::PeriodOptions;
use winback::retention::{
    Alarm, CohortMode, CohortOptions, CohortValue, Cohorts, CurveOptions, Flow, Labels, Migration,
    MigrationOptions, Retention, RetentionCurve,
};

use crate::error::Result;
use crate::event_log::EventLog;
use crate::table::Table;
use crate::threads::Compute;
use crate::values::{instant, span};

fn periods(every: &str, start: Option<&str>, end: Option<&str>) -> Result<PeriodOptions> {
    Ok(PeriodOptions {
        every: span("every", every)?,
        start: start.map(|start| instant("start", start)).transpose()?,
        end: end.map(|end| instant("end", end)).transpose()?,
    })
}

fn limits(lapsed_after: &str, lost_after: &str) -> Result<LifecycleLimits> {
    Ok(LifecycleLimits {
        lapsed_after: span("lapsed_after", lapsed_after)?,
        lost_after: span("lost_after", lost_after)?,
    })
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
    let options = periods(every, start, end)?;
    let by = group_by(by, attribute)?;
    let found = py.compute(|| Retention::by_period(&log.log, &options, by.as_ref()))?;
    Ok((Table { batch: found.to_batch()? }, found.notes))
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
    let options = CurveOptions {
        silent_for: span("silent_for", silent_for)?,
        start: start.map(|start| instant("start", start)).transpose()?,
        end: end.map(|end| instant("end", end)).transpose()?,
    };
    let by = group_by(by, attribute)?;
    let found = py.compute(|| RetentionCurve::new(&log.log, &options, by.as_ref()))?;
    let tables = (Table { batch: found.to_batch()? }, Table { batch: found.to_batch_at(&days)? });
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
    let mode = match (mode, brackets) {
        ("on", None) => CohortMode::On,
        ("on_or_after", None) => CohortMode::OnOrAfter,
        ("bracket", Some(edges)) => {
            // Beyond 32 bits lies no period: an edge there is as good as the last one.
            let edge = |edge| u32::try_from(edge).unwrap_or(u32::MAX);
            CohortMode::Bracket(edges.into_iter().map(edge).collect())
        }
        ("bracket", None) => {
            let expected = "ascending numbers of periods with mode=\"bracket\"";
            return Err(Error::missing_argument("brackets", expected).into());
        }
        ("on" | "on_or_after", Some(edges)) => {
            let expected = "nothing without mode=\"bracket\"";
            return Err(Error::argument("brackets", format!("{edges:?}"), expected).into());
        }
        (other, _) => {
            let expected = "\"on\", \"on_or_after\" or \"bracket\"";
            return Err(Error::text_argument("mode", other, expected).into());
        }
    };
    let options = CohortOptions { periods: periods(every, start, end)?, mode };
    let found = py.compute(|| Cohorts::new(&log.log, &options))?;
    let wide = |value: CohortValue| -> Result<(&'static str, Table)> {
        Ok((value.name(), Table { batch: found.to_wide_batch(value)? }))
    };
    let wide = CohortValue::ALL.into_iter().map(wide).collect::<Result<_>>()?;
    Ok((Table { batch: found.to_batch()? }, wide, found.notes))
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
    let (options, limits) = (periods(every, start, end)?, limits(lapsed_after, lost_after)?);
    let found = py.compute(|| Flow::new(&log.log, &options, limits))?;
    let tables = (Table { batch: found.to_batch()? }, Table { batch: found.to_long_batch()? });
    Ok((tables.0, tables.1, found.notes))
}

pub(crate) type MigrationOut<'py> = (Table, Option<Bound<'py, PyDict>>, Vec<String>);

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
    let options = MigrationOptions { min_customers, level, ..MigrationOptions::default() };
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
    let options = MigrationOptions { vulnerable, min_customers, level };
    migration_out(py, Migration::between(&before, &after, revenue.as_deref(), &options)?)
}

pub(crate) fn migration_out(py: Python<'_>, found: Migration) -> Result<MigrationOut<'_>> {
    let alarm = found.alarm.map(|alarm| alarm_dict(py, &alarm)).transpose()?;
    Ok((Table { batch: found.to_batch()? }, alarm, found.notes))
}

fn alarm_dict<'py>(py: Python<'py>, alarm: &Alarm) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let ((before, before_ends), (after, after_ends)) = (alarm.share_before(), alarm.share_after());
    dict.set_item("rings", alarm.rings())?;
    for (name, count) in [
        ("customers_before", alarm.before.0),
        ("customers_after", alarm.after.0),
        ("vulnerable_before", alarm.before.1),
        ("vulnerable_after", alarm.after.1),
        ("became", alarm.became),
        ("recovered", alarm.recovered),
    ] {
        dict.set_item(name, count)?;
    }
    for (name, value) in [
        ("share_before", before),
        ("share_before_low", before_ends.0),
        ("share_before_high", before_ends.1),
        ("share_after", after),
        ("share_after_low", after_ends.0),
        ("share_after_high", after_ends.1),
        ("rise", alarm.rise),
        ("rise_low", alarm.rise_interval.0),
        ("rise_high", alarm.rise_interval.1),
        ("z", alarm.z),
        ("p_value", alarm.p_value),
        ("level", alarm.level),
    ] {
        dict.set_item(name, value)?;
    }
    Ok(dict)
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
