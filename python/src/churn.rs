//! The churn model.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use winback::answer::Answer;
use winback::campaign::{CandidateOptions, ProfitOptions};
use winback::churn::{ChurnModelBuilder, ExplainOptions, Fitted, ScoreOptions};
use winback::evaluation::BacktestOptions;
use winback::explain::ReasonOptions;
use winback::labels::{LifecycleLimits, State};
use winback::metrics::AcceptRate;

use crate::error::Result;
use crate::event_log::EventLog;
use crate::long::Watch;
use crate::params::{params_of, with_params};
use crate::partitioned_log::PartitionedLog;
use crate::table::Table;
use crate::threads::Compute;
use crate::trees;
use crate::values::{instant, instants, span, to_python};

/// A fitted churn model.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct ChurnModel {
    pub(crate) model: winback::ChurnModel,
    watch: Arc<Watch>,
}

impl ChurnModel {
    fn new(model: winback::ChurnModel) -> Self {
        let watch = Watch::calm();
        ChurnModel { model: model.on_progress(watch.ear()), watch }
    }
}

/// Parameters of an estimator: a name of them all, or each by its name.
#[derive(FromPyObject)]
enum Params<'py> {
    Name(String),
    Each(Bound<'py, PyDict>),
}

/// What a model learns, by the names of Python's constructor.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Options<'py> {
    estimator: String,
    params: Params<'py>,
    horizon: String,
    lead: String,
    lapsed_after: String,
    lost_after: String,
    attributes: Vec<String>,
    monotone: bool,
    calibration: String,
    cutoffs: usize,
    stride: String,
}

impl Options<'_> {
    fn builder(self) -> Result<ChurnModelBuilder> {
        Ok(winback::ChurnModel::builder()
            .estimator(match self.params {
                Params::Name(name) => {
                    self.estimator.parse::<winback::Estimator>()?.with_params(&name)?
                }
                Params::Each(params) => with_params(self.estimator.parse()?, &params)?,
            })
            .horizon(span("horizon", &self.horizon)?)
            .lead(span("lead", &self.lead)?)
            .limits(
                LifecycleLimits::default()
                    .lapsed_after(span("lapsed_after", &self.lapsed_after)?)
                    .lost_after(span("lost_after", &self.lost_after)?),
            )
            .attributes(self.attributes)
            .monotone(self.monotone)
            .calibration(self.calibration.parse()?)
            .cutoffs(self.cutoffs)
            .stride(span("stride", &self.stride)?))
    }
}

/// At which cutoffs a model is tested.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Tests {
    at: Option<Vec<String>>,
    tests: usize,
    test_stride: String,
    draws: usize,
    seed: u64,
}

impl Tests {
    fn options(self) -> Result<BacktestOptions> {
        Ok(BacktestOptions::default()
            .at(self.at.map(|at| instants("at", &at)).transpose()?)
            .tests(self.tests)
            .test_stride(span("test_stride", &self.test_stride)?)
            .draws(self.draws)
            .seed(self.seed))
    }
}

/// Which reasons are told.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Reasons {
    reasons: usize,
    min_contribution: f64,
    language: String,
}

impl Reasons {
    fn options(self) -> Result<ReasonOptions> {
        Ok(ReasonOptions::default()
            .count(self.reasons)
            .min_contribution(self.min_contribution)
            .language(self.language.parse()?))
    }
}

/// A builder that is watched.
fn watched(
    builder: ChurnModelBuilder,
    progress: Option<Py<PyAny>>,
) -> (Arc<Watch>, ChurnModelBuilder) {
    let watch = Watch::calm();
    watch.call(progress);
    let builder = builder.on_progress(watch.ear());
    (watch, builder)
}

/// What a report shows.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct ReportOptions {
    top: usize,
    control_share: f64,
    salt: String,
    language: String,
    tests: usize,
    test_stride: String,
    draws: usize,
    seed: u64,
}

impl ReportOptions {
    fn options(self) -> Result<winback::report::ReportOptions> {
        Ok(winback::report::ReportOptions::default()
            .top(self.top)
            .control_share(self.control_share)
            .salt(self.salt)
            .language(self.language.parse()?)
            .tests(self.tests)
            .test_stride(span("test_stride", &self.test_stride)?)
            .draws(self.draws)
            .seed(self.seed))
    }
}

#[pymethods]
impl ChurnModel {
    #[staticmethod]
    fn fit(
        py: Python<'_>,
        log: &EventLog,
        options: Options<'_>,
        until: &str,
        progress: Option<Py<PyAny>>,
    ) -> Result<Self> {
        let (watch, builder) = watched(options.builder()?, progress);
        let until = instant("until", until)?;
        Ok(ChurnModel::new(watch.run(py, || builder.fit(&log.log, until))?))
    }

    /// Whom to tell from now on how far long work is.
    fn tell(&self, progress: Option<Py<PyAny>>) {
        self.watch.call(progress);
    }

    /// The backtest as a table, what its notes say, its cutoffs, and in words.
    #[staticmethod]
    fn backtest<'py>(
        py: Python<'py>,
        log: &EventLog,
        options: Options<'_>,
        tests: Tests,
        progress: Option<Py<PyAny>>,
    ) -> Result<(Table, Vec<String>, Bound<'py, PyAny>, String)> {
        let (watch, builder) = watched(options.builder()?, progress);
        let options = tests.options()?;
        let backtest = watch.run(py, || builder.backtest(&log.log, &options))?;
        let cutoffs = to_python(py, &backtest.cutoffs)?;
        let table = Table { batch: backtest.main_table()? };
        Ok((table, backtest.notes.clone(), cutoffs, backtest.to_string()))
    }

    /// The scores, and how many customers were scored, as a dict and in words.
    fn score<'py>(
        &self,
        py: Python<'py>,
        log: &EventLog,
        at: &str,
        reasons: Reasons,
    ) -> Result<(Table, Bound<'py, PyAny>, String)> {
        let now = log.snapshot("at", at)?;
        let options = ScoreOptions::default().reasons(reasons.options()?);
        let scores = self.watch.run(py, || self.model.score_with(&now, &options))?;
        let report = scores.report();
        Ok((Table { batch: scores.main_table()? }, to_python(py, report)?, report.to_string()))
    }

    /// The candidates, and how many customers were scored, as a dict and in words.
    #[expect(clippy::too_many_arguments, reason = "named in Python")]
    fn candidates<'py>(
        &self,
        py: Python<'py>,
        log: &EventLog,
        at: &str,
        top: Option<usize>,
        control_share: f64,
        salt: String,
        reasons: Reasons,
    ) -> Result<(Table, Bound<'py, PyAny>, String)> {
        let now = log.snapshot("at", at)?;
        let reasons = reasons.options()?;
        let options = CandidateOptions::default()
            .top(top)
            .control_share(control_share)
            .salt(salt)
            .reasons(reasons);
        let candidates = self.watch.run(py, || self.model.candidates(&now, &options))?;
        let report = candidates.report();
        let notes = candidates.notes().into_iter().map(|note| format!("\nnote: {note}"));
        let text = notes.fold(report.to_string(), |text, note| text + &note);
        Ok((Table { batch: candidates.main_table()? }, to_python(py, report)?, text))
    }

    /// Writes the scores of a log larger than memory; returns the counts, and what the log was.
    fn write_scores<'py>(
        &self,
        py: Python<'py>,
        log: &PartitionedLog,
        path: PathBuf,
        at: &str,
        reasons: Reasons,
    ) -> Result<Bound<'py, PyAny>> {
        let snapshot = log.snapshot("at", at)?;
        let options = ScoreOptions::default().reasons(reasons.options()?);
        let written = log.watch.run(py, || self.model.write_scores(&snapshot, &options, path))?;
        let values = to_python(py, &written.scores)?;
        values.set_item("log", to_python(py, &written.log)?)?;
        Ok(values)
    }

    /// Writes the candidates of a log larger than memory; returns as above, and their counts.
    #[expect(clippy::too_many_arguments, reason = "named in Python")]
    fn write_candidates<'py>(
        &self,
        py: Python<'py>,
        log: &PartitionedLog,
        path: PathBuf,
        at: &str,
        top: Option<usize>,
        control_share: f64,
        salt: String,
        reasons: Reasons,
    ) -> Result<Bound<'py, PyAny>> {
        let snapshot = log.snapshot("at", at)?;
        let reasons = reasons.options()?;
        let options = CandidateOptions::default()
            .top(top)
            .control_share(control_share)
            .salt(salt)
            .reasons(reasons);
        let written =
            log.watch.run(py, || self.model.write_candidates(&snapshot, &options, path))?;
        let values = to_python(py, &written.scores)?;
        values.set_item("candidates", written.candidates)?;
        values.set_item("control", written.control)?;
        values.set_item("log", to_python(py, &written.log)?)?;
        Ok(values)
    }

    /// The quality as a table, as a dict and in words.
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        log: &EventLog,
        at: &str,
    ) -> Result<(Table, Bound<'py, PyAny>, String)> {
        let now = log.snapshot("at", at)?;
        let report = self.watch.run(py, || self.model.evaluate(&now))?;
        let table = Table { batch: report.main_table()? };
        Ok((table, to_python(py, &report)?, report.to_string()))
    }

    /// Contributions by column and by group, reasons, importance and main reasons as tables, how many
    /// customers were scored, as a dict, and all in words.
    fn explain<'py>(
        &self,
        py: Python<'py>,
        log: &EventLog,
        at: &str,
        customer_id: Option<Vec<String>>,
        reasons: Reasons,
    ) -> Result<([Table; 5], Bound<'py, PyAny>, String)> {
        let now = log.snapshot("at", at)?;
        let number = |id: &String| log.log.customers().find(id).map(|customer| customer as u32);
        let customers = match customer_id {
            Some(ids) => Some(ids.iter().map(number).collect::<winback::Result<_>>()?),
            None => None,
        };
        let options = ExplainOptions::default().customers(customers).reasons(reasons.options()?);
        let found = self.watch.run(py, || self.model.explain(&now, &options))?;
        let tables = [
            found.table("contributions")?,
            found.table("groups")?,
            found.table("reasons")?,
            found.table("importance")?,
            found.table("main_reasons")?,
        ];
        let tables = tables.map(|batch| Table { batch });
        Ok((tables, to_python(py, found.report())?, found.to_string()))
    }

    /// How far each column has moved, as a table, the columns that have, and in words.
    fn drift(
        &self,
        py: Python<'_>,
        log: &EventLog,
        at: &str,
        level: f64,
    ) -> Result<(Table, Vec<String>, String)> {
        let now = log.snapshot("at", at)?;
        let drift = self.watch.run(py, || self.model.drift(&now, level))?;
        let moved = drift.moved().map(|column| column.column.clone()).collect();
        Ok((Table { batch: drift.main_table()? }, moved, drift.to_string()))
    }

    /// The card as a dict and as Markdown.
    fn card<'py>(
        &self,
        py: Python<'py>,
        log: &EventLog,
        tests: Tests,
    ) -> Result<(Bound<'py, PyAny>, String)> {
        let options = tests.options()?;
        let card = self.watch.run(py, || self.model.card(&log.log, &options))?;
        Ok((to_python(py, &card)?, card.to_string()))
    }

    /// Writes a report as one page of HTML.
    fn report(
        &self,
        py: Python<'_>,
        log: &EventLog,
        path: PathBuf,
        at: &str,
        options: ReportOptions,
    ) -> Result<()> {
        let now = log.snapshot("at", at)?;
        let options = options.options()?;
        options.check()?;
        winback::report::check_report_path(&path)?;
        self.watch.run(py, || self.model.report(&now, &options)?.write(&path))
    }

    /// The probabilities before and after calibration, as a table.
    fn calibration(&self) -> Result<Table> {
        Ok(Table { batch: self.model.calibration_to_batch()? })
    }

    /// What a campaign would have earned: the curve as a table, the report as a dict and in words. Either the accept rate is given or alpha and beta.
    #[pyo3(signature = (log, at, *, clv, incentive_cost, contact_cost, accept_rate, alpha, beta))]
    #[expect(clippy::too_many_arguments, reason = "named in Python")]
    fn profit<'py>(
        &self,
        py: Python<'py>,
        log: &EventLog,
        at: &str,
        clv: &str,
        incentive_cost: f64,
        contact_cost: f64,
        accept_rate: Option<f64>,
        alpha: f64,
        beta: f64,
    ) -> Result<(Table, Bound<'py, PyAny>, String)> {
        let now = log.snapshot("at", at)?;
        let accept_rate = accept_rate.map_or(AcceptRate::Beta { alpha, beta }, AcceptRate::from);
        let clv = clv.parse()?;
        let economics = ProfitOptions { clv, incentive_cost, contact_cost, accept_rate };
        let report = self.watch.run(py, || self.model.profit(&now, &economics))?;
        let table = Table { batch: report.main_table()? };
        Ok((table, to_python(py, &report)?, report.to_string()))
    }

    /// What mends the probabilities of a state's customers, as a dict; none where nothing does.
    fn calibrator<'py>(&self, py: Python<'py>, state: &str) -> Result<Option<Bound<'py, PyAny>>> {
        let found = self.model.calibration(state.parse()?);
        let calibrator = found.and_then(|found| found.calibrator.as_ref());
        calibrator.map(|calibrator| to_python(py, calibrator)).transpose()
    }

    /// Coefficients of a logistic model; none for others.
    fn coefficients(&self) -> Result<Option<Table>> {
        let mut rows = Vec::new();
        for state in State::ALL {
            let Fitted::Logistic(fitted) = self.model.fitted(state) else { return Ok(None) };
            rows.extend(fitted.summary().rows.into_iter().map(|row| (state, row)));
        }
        let states = StringArray::from_iter_values(rows.iter().map(|(state, _)| state.name()));
        let names = StringArray::from_iter_values(rows.iter().map(|(_, row)| &row.name));
        let errors = Float64Array::from_iter(rows.iter().map(|(_, row)| row.standard_error));
        let number = |value: fn(&winback::models::logistic::SummaryRow) -> f64| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values(rows.iter().map(|(_, row)| value(row))))
        };
        let batch = RecordBatch::try_from_iter([
            ("state", Arc::new(states) as ArrayRef),
            ("feature", Arc::new(names)),
            ("coefficient", number(|row| row.coefficient)),
            ("standard_error", Arc::new(errors)),
            ("odds_ratio", number(|row| row.odds_ratio)),
        ])?;
        Ok(Some(Table { batch }))
    }

    /// What each column is worth to the trees of each state.
    fn importances(&self) -> Result<Table> {
        trees::importances(&self.model)
    }

    #[pyo3(signature = (state, tree=None))]
    fn tree_text(&self, state: &str, tree: Option<usize>) -> Result<String> {
        Ok(self.model.tree_text(state.parse()?, tree)?)
    }

    fn graphviz(&self, state: &str, tree: usize) -> Result<String> {
        Ok(self.model.graphviz(state.parse()?, tree)?)
    }

    /// The trees of a state, as a dict.
    fn trees<'py>(&self, py: Python<'py>, state: &str) -> Result<Bound<'py, PyAny>> {
        to_python(py, self.model.trees(state.parse()?)?)
    }

    /// The attributes that hold texts, with the texts seen in training.
    fn categories<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyDict>> {
        let categories = PyDict::new(py);
        for (name, texts) in self.model.categories() {
            categories.set_item(name, texts)?;
        }
        Ok(categories)
    }

    /// From what it was trained, as a dict.
    fn training<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, self.model.training())
    }

    fn columns(&self) -> Vec<String> {
        self.model.columns()
    }

    /// The arguments it was made with.
    fn parameters<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyDict>> {
        let LifecycleLimits { lapsed_after, lost_after, .. } = self.model.limits();
        let parameters = PyDict::new(py);
        parameters.set_item("estimator", self.model.estimator().name())?;
        parameters.set_item("params", params_of(py, self.model.estimator())?)?;
        for (name, span) in [
            ("horizon", self.model.horizon()),
            ("lead", self.model.lead()),
            ("lapsed_after", lapsed_after),
            ("lost_after", lost_after),
        ] {
            parameters.set_item(name, span.to_string())?;
        }
        parameters.set_item("attributes", self.model.attributes())?;
        parameters.set_item("monotone", self.model.monotone())?;
        parameters.set_item("calibration", self.model.calibration_choice().to_string())?;
        Ok(parameters)
    }

    fn describe(&self) -> String {
        self.model.to_string()
    }

    fn save(&self, py: Python<'_>, path: PathBuf) -> Result<()> {
        Ok(py.compute(|| self.model.save(path))?)
    }

    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> Result<Self> {
        Ok(ChurnModel::new(py.compute(|| winback::ChurnModel::load(path))?))
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &py.compute(|| self.model.to_bytes())?))
    }

    #[staticmethod]
    fn from_bytes(py: Python<'_>, bytes: &[u8]) -> Result<Self> {
        Ok(ChurnModel::new(py.compute(|| winback::ChurnModel::from_bytes(bytes))?))
    }
}
