//! RFM segments, loyalty groups, profiles and concentration.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use winback::answer::Answer;
use winback::retention::MigrationOptions;
use winback::segments::{
    Concentration, ConcentrationOptions, GroupProfile, LoyaltyRules, RfmOptions, SegmentRules,
};

use crate::churn::ChurnModel;
use crate::error::Result;
use crate::event_log::EventLog;
use crate::retention::{MigrationOut, migration_out};
use crate::table::Table;
use crate::threads::Compute;
use crate::values::to_python;

/// How customers are scored, by the names of Python's constructor; `segments` is a preset or JSON.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Options {
    segments: String,
    other: Option<String>,
    quantiles: Option<usize>,
    recency_cuts: Option<Vec<f64>>,
    frequency_cuts: Option<Vec<f64>>,
    monetary_cuts: Option<Vec<f64>>,
    monetary: String,
}

impl Options {
    fn options(self) -> Result<RfmOptions> {
        let is_json = self.segments.trim_start().starts_with(['[', '{']);
        let mut segments = match is_json {
            true => SegmentRules::from_json(&self.segments)?,
            false => self.segments.parse()?,
        };
        if let Some(other) = self.other {
            segments.other = other;
        }
        Ok(RfmOptions::default()
            .quantiles(self.quantiles)
            .recency_cuts(self.recency_cuts)
            .frequency_cuts(self.frequency_cuts)
            .monetary_cuts(self.monetary_cuts)
            .monetary(self.monetary.parse()?)
            .segments(segments))
    }
}

/// Fitted thresholds and rules.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct RfmSegments {
    fitted: winback::segments::RfmSegments,
}

#[pymethods]
impl RfmSegments {
    #[staticmethod]
    fn fit(py: Python<'_>, log: &EventLog, options: Options, at: &str) -> Result<Self> {
        let (options, now) = (options.options()?, log.snapshot("at", at)?);
        let fit = || winback::segments::RfmSegments::fit(&now, &options);
        Ok(RfmSegments { fitted: py.compute(fit)? })
    }

    #[staticmethod]
    fn fit_score(
        py: Python<'_>,
        log: &EventLog,
        options: Options,
        at: &str,
    ) -> Result<(Self, RfmScores)> {
        let (options, now) = (options.options()?, log.snapshot("at", at)?);
        let fit = || {
            let fitted = winback::segments::RfmSegments::fit(&now, &options)?;
            fitted.score(&now).map(|scores| (fitted, scores))
        };
        let (fitted, scores) = py.compute(fit)?;
        Ok((RfmSegments { fitted }, RfmScores { scores }))
    }

    fn score(&self, py: Python<'_>, log: &EventLog, at: &str) -> Result<RfmScores> {
        let now = log.snapshot("at", at)?;
        Ok(RfmScores { scores: py.compute(|| self.fitted.score(&now))? })
    }

    /// Transitions between the segments of two cutoffs.
    #[pyo3(signature = (log, start, end, *, vulnerable, min_customers, level))]
    #[expect(clippy::too_many_arguments, reason = "named in Python")]
    fn migration<'py>(
        &self,
        py: Python<'py>,
        log: &EventLog,
        start: &str,
        end: &str,
        vulnerable: Vec<String>,
        min_customers: u64,
        level: f64,
    ) -> Result<MigrationOut<'py>> {
        let (start, end) = (log.snapshot("start", start)?, log.snapshot("end", end)?);
        let options = MigrationOptions::default()
            .vulnerable(vulnerable)
            .min_customers(min_customers)
            .level(level);
        let found = py.compute(|| self.fitted.migration(&start, &end, &options))?;
        migration_out(py, found)
    }

    /// The thresholds, as a dict of lists.
    fn cuts<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, self.fitted.cuts())
    }

    fn fitted_at<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, &self.fitted.fitted_at())
    }

    /// The options as a dict, and the preset that its segments are.
    fn parameters<'py>(
        &self,
        py: Python<'py>,
    ) -> Result<(Bound<'py, PyAny>, Option<&'static str>)> {
        let options = self.fitted.options();
        Ok((to_python(py, options)?, options.segments.preset()))
    }

    fn describe(&self) -> String {
        self.fitted.to_string()
    }

    fn save(&self, py: Python<'_>, path: PathBuf) -> Result<()> {
        Ok(py.compute(|| self.fitted.save(path))?)
    }

    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> Result<Self> {
        Ok(RfmSegments { fitted: py.compute(|| winback::segments::RfmSegments::load(path))? })
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.fitted.to_bytes()?))
    }

    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(RfmSegments { fitted: winback::segments::RfmSegments::from_bytes(bytes)? })
    }
}

/// Scores and segments at a cutoff.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct RfmScores {
    scores: winback::segments::RfmScores,
}

#[pymethods]
impl RfmScores {
    fn table(&self) -> Result<Table> {
        Ok(Table { batch: self.scores.main_table()? })
    }

    fn summary(&self) -> Result<Table> {
        Ok(Table { batch: self.scores.table("segments")? })
    }

    fn describe(&self) -> String {
        self.scores.to_string()
    }

    /// The profile as a table, in words, and as a text.
    fn profile(
        &self,
        py: Python<'_>,
        log: &EventLog,
        group: &str,
        attributes: Vec<String>,
    ) -> Result<(Table, Vec<String>, String)> {
        profile(&py.compute(|| self.scores.profile(group, &attributes))?)
    }
}

/// Loyalty groups at a cutoff.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct LoyaltyGroups {
    groups: winback::segments::LoyaltyGroups,
}

#[pymethods]
impl LoyaltyGroups {
    fn table(&self) -> Result<Table> {
        Ok(Table { batch: self.groups.main_table()? })
    }

    fn summary(&self) -> Result<Table> {
        Ok(Table { batch: self.groups.table("groups")? })
    }

    fn rules(&self) -> Result<Table> {
        Ok(Table { batch: self.groups.table("rules")? })
    }

    fn notes(&self) -> Vec<String> {
        self.groups.notes().to_vec()
    }

    fn describe(&self) -> String {
        self.groups.to_string()
    }

    /// The profile as a table, in words, and as a text.
    fn profile(
        &self,
        py: Python<'_>,
        log: &EventLog,
        group: &str,
        attributes: Vec<String>,
    ) -> Result<(Table, Vec<String>, String)> {
        let group = group.parse()?;
        profile(&py.compute(|| self.groups.profile(group, &attributes))?)
    }
}

fn profile(profile: &GroupProfile) -> Result<(Table, Vec<String>, String)> {
    Ok((Table { batch: profile.main_table()? }, profile.words(), profile.to_string()))
}

/// The default rules, or the rules of a JSON text, checked, as a dict.
#[pyfunction]
pub(crate) fn loyalty_rules<'py>(
    py: Python<'py>,
    rules: Option<&str>,
) -> Result<Bound<'py, PyAny>> {
    let rules = rules.map_or_else(|| Ok(LoyaltyRules::default()), LoyaltyRules::from_json)?;
    to_python(py, &rules)
}

#[pyfunction]
pub(crate) fn loyalty(
    py: Python<'_>,
    log: &EventLog,
    at: &str,
    rules: &str,
    model: Option<&ChurnModel>,
) -> Result<LoyaltyGroups> {
    let (now, rules) = (log.snapshot("at", at)?, LoyaltyRules::from_json(rules)?);
    let model = model.map(|model| &model.model);
    Ok(LoyaltyGroups { groups: py.compute(|| rules.group(&now, model))? })
}

/// Transitions between the loyalty groups of two cutoffs.
#[pyfunction]
#[pyo3(signature = (log, start, end, *, rules, model, vulnerable, min_customers, level))]
#[expect(clippy::too_many_arguments, reason = "named in Python")]
pub(crate) fn loyalty_migration<'py>(
    py: Python<'py>,
    log: &EventLog,
    start: &str,
    end: &str,
    rules: &str,
    model: Option<&ChurnModel>,
    vulnerable: Vec<String>,
    min_customers: u64,
    level: f64,
) -> Result<MigrationOut<'py>> {
    let (start, end) = (log.snapshot("start", start)?, log.snapshot("end", end)?);
    let rules = LoyaltyRules::from_json(rules)?;
    let options = MigrationOptions::default()
        .vulnerable(vulnerable)
        .min_customers(min_customers)
        .level(level);
    let model = model.map(|model| &model.model);
    let found = py.compute(|| rules.migration(&start, &end, model, &options))?;
    migration_out(py, found)
}

/// Figures of concentration; tables of the top groups, of the Lorenz curve and of the VIP list.
#[derive(IntoPyObject)]
pub(crate) struct Shares {
    top: Py<Table>,
    lorenz: Py<Table>,
    vip: Py<Table>,
    customers: u64,
    revenue: f64,
    gini: f64,
    negative_customers: u64,
    negative_revenue: f64,
    text: String,
}

#[pyfunction]
pub(crate) fn concentration(
    py: Python<'_>,
    log: &EventLog,
    at: &str,
    top: Vec<f64>,
    revenue: String,
) -> Result<Shares> {
    let now = log.snapshot("at", at)?;
    let options = ConcentrationOptions::default().top(top).revenue(revenue);
    let found = py.compute(|| Concentration::build(&now, &options))?;
    let table = |batch| Py::new(py, Table { batch });
    Ok(Shares {
        top: table(found.table("top")?)?,
        lorenz: table(found.table("lorenz")?)?,
        vip: table(found.table("vip")?)?,
        customers: found.customers,
        revenue: found.revenue,
        gini: found.gini,
        negative_customers: found.negative_customers,
        negative_revenue: found.negative_revenue,
        text: found.to_string(),
    })
}
