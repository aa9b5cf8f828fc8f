//! The churn model.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use winback::campaign::{CandidateOptions, ProfitOptions};
use winback::churn::{CalibrationChoice, ChurnModelBuilder, ExplainOptions, Fitted, ScoreOptions};
use winback::evaluation::BacktestOptions;
use winback::labels::{LifecycleLimits, State};
use winback::log::EventRole;
use winback::metrics::AcceptRate;
use winback::panel::PanelOptions;
use winback::report::ReportOptions;

use crate::analyses::{AnyLog, AnySnapshot};
use crate::answer::Answer;
use crate::error::Result;
use crate::event_log::{Cutoffs, EventLog};
use crate::long::Watch;
use crate::params::{params_of, with_params};
use crate::simulate::Simulation;
use crate::snapshot::{PartitionedSnapshot, Snapshot};
use crate::table::Table;
use crate::threads::Compute;
use crate::to_python::for_people;
use crate::trees;
use crate::values::{instant, to_python};

/// Which customers are explained, by their ids, and how.
pub(crate) fn explained(
    now: &Snapshot,
    customer_id: Option<Vec<String>>,
    options: &Bound<'_, PyDict>,
) -> Result<ExplainOptions> {
    let customers = now.snapshot.log().customers();
    let number = |id: &String| customers.find(id);
    let numbers = |ids: Vec<String>| ids.iter().map(number).collect::<winback::Result<_>>();
    let options = crate::answer::options::<ExplainOptions>(options)?;
    Ok(options.customers(customer_id.map(numbers).transpose()?))
}

/// A fitted churn model.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct ChurnModel {
    pub(crate) model: winback::ChurnModel,
    progress: Option<Py<PyAny>>,
}

impl ChurnModel {
    fn new(model: winback::ChurnModel) -> Self {
        ChurnModel { model, progress: None }
    }

    /// What watches one call.
    fn watch(&self, py: Python<'_>) -> Arc<Watch> {
        Watch::calm(self.progress.as_ref().map(|progress| progress.clone_ref(py)))
    }

    /// What long work at a cutoff gives.
    fn at<T: Send>(
        &self,
        py: Python<'_>,
        now: &Snapshot,
        work: impl FnOnce(&winback::Snapshot) -> winback::Result<T> + Send,
    ) -> Result<T> {
        let watch = self.watch(py);
        let now = now.snapshot.on_progress(watch.ear());
        watch.run(py, || work(&now))
    }

    /// As `at`, of an analysis.
    fn answer<A: winback::answer::Analysis + Send>(
        &self,
        py: Python<'_>,
        now: &Snapshot,
        work: impl FnOnce(&winback::Snapshot) -> winback::Result<A> + Send,
    ) -> Result<Answer> {
        let of_activity = self.model.event_roles().has(EventRole::Activity);
        Answer::told(py, &self.at(py, now, work)?, of_activity)
    }
}

/// Parameters of an estimator: a name of them all, or each by its name.
#[derive(FromPyObject)]
pub(crate) enum Params<'py> {
    Name(String),
    Each(Bound<'py, PyDict>),
}

/// What a model learns besides the panel's options, by the names of Python's constructor.
#[derive(serde::Deserialize)]
struct Learning {
    #[serde(default)]
    estimator: String,
    #[serde(default)]
    most_kinds: usize,
    #[serde(default)]
    min_level: usize,
    #[serde(default)]
    monotone: bool,
    #[serde(default)]
    calibration: CalibrationChoice,
}

pub(crate) fn builder(
    options: &Bound<'_, PyDict>,
    params: &Params<'_>,
) -> Result<ChurnModelBuilder> {
    let Learning { estimator, most_kinds, min_level, monotone, calibration } =
        crate::answer::options(options)?;
    let PanelOptions { lead, horizon, label, attributes, .. } = crate::answer::options(options)?;
    let Cutoffs { cutoffs, stride } = crate::answer::options(options)?;
    let estimator: winback::Estimator = estimator.parse()?;
    Ok(winback::ChurnModel::builder()
        .estimator(match params {
            Params::Name(name) => estimator.with_params(name)?,
            Params::Each(params) => with_params(estimator, params)?,
        })?
        .horizon(horizon)?
        .lead(lead)?
        .label(label)
        .limits(crate::answer::options(options)?)
        .attributes(attributes)
        .most_kinds(most_kinds)
        .min_level(min_level)
        .monotone(monotone)
        .calibration(calibration)
        .cutoffs(cutoffs)
        .stride(stride)?)
}

/// What was written, as the figures of an answer are.
fn figures<'py>(py: Python<'py>, written: &impl serde::Serialize) -> Result<Bound<'py, PyAny>> {
    let figures = serde_json::to_value(written);
    to_python(py, &figures.map_err(|error| PyValueError::new_err(error.to_string()))?)
}

#[pymethods]
impl ChurnModel {
    #[staticmethod]
    fn fit(
        py: Python<'_>,
        log: AnyLog<'_>,
        options: &Bound<'_, PyDict>,
        params: Params<'_>,
        until: &str,
        progress: Option<Py<PyAny>>,
    ) -> Result<Self> {
        let (watch, builder) = (Watch::calm(progress), builder(options, &params)?);
        let until = instant("until", until)?;
        let model = log.learned(
            py,
            &watch,
            options,
            |log| builder.fit(log, until),
            |log, sample| builder.fit_on_parts(log, until, sample),
        )?;
        Ok(ChurnModel::new(model))
    }

    /// The same model; its calls tell how far they are.
    fn telling(&self, progress: Option<Py<PyAny>>) -> Self {
        ChurnModel { model: self.model.clone(), progress }
    }

    #[staticmethod]
    fn backtest(
        py: Python<'_>,
        log: AnyLog<'_>,
        options: &Bound<'_, PyDict>,
        params: Params<'_>,
        tests: &Bound<'_, PyDict>,
        progress: Option<Py<PyAny>>,
        oracle: Option<&Simulation>,
    ) -> Result<Answer> {
        let (watch, builder) = (Watch::calm(progress), builder(options, &params)?);
        let chosen: BacktestOptions = crate::answer::options(tests)?;
        let found = log.learned(
            py,
            &watch,
            tests,
            |log| match oracle {
                None => builder.backtest(log, &chosen),
                Some(oracle) => builder.backtest_simulated(&oracle.simulation, log, &chosen),
            },
            |log, sample| builder.backtest_on_parts(log, &chosen, sample),
        )?;
        Answer::told(py, &found, log.tells_activity())
    }

    fn score(&self, py: Python<'_>, now: &Snapshot, options: &Bound<'_, PyDict>) -> Result<Answer> {
        let options: ScoreOptions = crate::answer::options(options)?;
        self.answer(py, now, |now| self.model.score_with(now, &options))
    }

    /// What the model reads of every customer.
    fn features(&self, py: Python<'_>, now: &Snapshot) -> Result<Table> {
        let features = |now: &winback::Snapshot| self.model.features(now)?.to_batch(now.log());
        Ok(Table { batch: self.at(py, now, features)? })
    }

    /// Attributes with texts of few customers, and how many these texts are.
    fn pooled_levels(&self) -> std::collections::BTreeMap<&str, usize> {
        self.model.pooled_levels().collect()
    }

    /// The kinds of events that have columns of their own.
    fn kinds(&self) -> Vec<String> {
        self.model.kinds().to_vec()
    }

    fn candidates(
        &self,
        py: Python<'_>,
        now: &Snapshot,
        options: &Bound<'_, PyDict>,
    ) -> Result<Answer> {
        let options: CandidateOptions = crate::answer::options(options)?;
        self.answer(py, now, |now| self.model.candidates(now, &options))
    }

    /// Writes the scores of a log larger than memory; returns the counts, and what the log was.
    fn write_scores<'py>(
        &self,
        py: Python<'py>,
        now: &PartitionedSnapshot,
        path: PathBuf,
        options: &Bound<'py, PyDict>,
    ) -> Result<Bound<'py, PyAny>> {
        let options = crate::answer::options(options)?;
        figures(py, &now.watched(py, |now| self.model.write_scores(now, &options, path))?)
    }

    /// Writes the candidates of a log larger than memory; returns as above, and their counts.
    fn write_candidates<'py>(
        &self,
        py: Python<'py>,
        now: &PartitionedSnapshot,
        path: PathBuf,
        options: &Bound<'py, PyDict>,
    ) -> Result<Bound<'py, PyAny>> {
        let options = crate::answer::options(options)?;
        figures(py, &now.watched(py, |now| self.model.write_candidates(now, &options, path))?)
    }

    fn evaluate(&self, py: Python<'_>, now: AnySnapshot<'_>) -> Result<Answer> {
        match &now {
            AnySnapshot::Whole(now) => self.answer(py, now.get(), |now| self.model.evaluate(now)),
            AnySnapshot::Parts(now) => {
                let now = now.get();
                let found = now.watched(py, |now| self.model.evaluate(now))?;
                Answer::told(py, &found, now.tells_activity())
            }
        }
    }

    /// Customers are named by their ids, as texts.
    fn explain(
        &self,
        py: Python<'_>,
        now: &Snapshot,
        customer_id: Option<Vec<String>>,
        options: &Bound<'_, PyDict>,
    ) -> Result<Answer> {
        let options = explained(now, customer_id, options)?;
        self.answer(py, now, |now| self.model.explain(now, &options))
    }

    fn drift(&self, py: Python<'_>, now: AnySnapshot<'_>, level: f64) -> Result<Answer> {
        match &now {
            AnySnapshot::Whole(now) => {
                self.answer(py, now.get(), |now| self.model.drift(now, level))
            }
            AnySnapshot::Parts(now) => {
                let now = now.get();
                let found = now.watched(py, |now| self.model.drift_of_parts(now, level))?;
                Answer::told(py, &found, now.tells_activity())
            }
        }
    }

    fn card(&self, py: Python<'_>, log: &EventLog, tests: &Bound<'_, PyDict>) -> Result<Answer> {
        let tests: BacktestOptions = crate::answer::options(tests)?;
        let watch = self.watch(py);
        let log = log.log.on_progress(watch.ear());
        let card = watch.run(py, || self.model.card(&log, &tests))?;
        Answer::told(py, &card, log.columns().tells_activity())
    }

    /// Writes a report as one page of HTML.
    fn report(
        &self,
        py: Python<'_>,
        now: &Snapshot,
        path: PathBuf,
        options: &Bound<'_, PyDict>,
    ) -> Result<()> {
        let options: ReportOptions = crate::answer::options(options)?;
        options.check()?;
        winback::report::check_report_path(&path)?;
        self.at(py, now, |now| self.model.report(now, &options)?.write(&path))
    }

    /// The probabilities before and after calibration, as a table.
    fn calibration(&self) -> Result<Table> {
        Ok(Table { batch: self.model.calibration_to_batch()? })
    }

    /// Either the accept rate is given or alpha and beta.
    #[pyo3(signature = (now, *, clv, incentive_cost, contact_cost, accept_rate, alpha, beta))]
    #[expect(clippy::too_many_arguments, reason = "named in Python")]
    fn profit(
        &self,
        py: Python<'_>,
        now: &Snapshot,
        clv: &str,
        incentive_cost: f64,
        contact_cost: f64,
        accept_rate: Option<f64>,
        alpha: f64,
        beta: f64,
    ) -> Result<Answer> {
        let accept_rate = accept_rate.map_or(AcceptRate::Beta { alpha, beta }, AcceptRate::from);
        let clv = clv.parse()?;
        let economics = ProfitOptions { clv, incentive_cost, contact_cost, accept_rate };
        self.answer(py, now, |now| self.model.profit(now, &economics))
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
            let [(Fitted::Logistic { logistic: fitted, .. }, _)] = self.model.fitted(state)[..]
            else {
                return Ok(None);
            };
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
        Ok(for_people(&self.model.tree_text(state.parse()?, tree)?))
    }

    fn graphviz(&self, state: &str, tree: usize) -> Result<String> {
        Ok(for_people(&self.model.graphviz(state.parse()?, tree)?))
    }

    /// The models whose mean log-odds score customers of a state, each as a dict by its kind, and how much it
    /// counts.
    fn models<'py>(&self, py: Python<'py>, state: &str) -> Result<Bound<'py, PyAny>> {
        to_python(py, &self.model.fitted(state.parse()?))
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
        parameters.set_item("label", self.model.label().name())?;
        parameters.set_item("attributes", self.model.attributes())?;
        parameters.set_item("monotone", self.model.monotone())?;
        parameters.set_item("calibration", self.model.calibration_choice().to_string())?;
        parameters.set_item("most_kinds", self.model.most_kinds())?;
        parameters.set_item("min_level", self.model.min_level())?;
        Ok(parameters)
    }

    fn describe(&self) -> String {
        for_people(&self.model.to_string())
    }

    fn save(&self, py: Python<'_>, path: PathBuf) -> Result<()> {
        py.compute(|| self.model.save(path))
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
