//! The churn model.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use winback::churn::{CandidateOptions, Estimator, Fitted};
use winback::labels::{LifecycleLimits, State};

use crate::error::Result;
use crate::event_log::EventLog;
use crate::table::Table;
use crate::values::{instant, span, to_python};

/// A fitted churn model.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct ChurnModel {
    model: winback::ChurnModel,
}

#[pymethods]
impl ChurnModel {
    #[staticmethod]
    #[pyo3(signature = (
        log, *, estimator, params, horizon, lead, lapsed_after, lost_after, attributes, until,
        cutoffs, stride
    ))]
    #[expect(clippy::too_many_arguments, reason = "named in Python")]
    fn fit(
        py: Python<'_>,
        log: &EventLog,
        estimator: &str,
        params: &Bound<'_, PyDict>,
        horizon: &str,
        lead: &str,
        lapsed_after: &str,
        lost_after: &str,
        attributes: Vec<String>,
        until: &str,
        cutoffs: usize,
        stride: &str,
    ) -> Result<Self> {
        let builder = winback::ChurnModel::builder()
            .estimator(with_params(estimator.parse()?, params)?)
            .horizon(span("horizon", horizon)?)
            .lead(span("lead", lead)?)
            .limits(LifecycleLimits {
                lapsed_after: span("lapsed_after", lapsed_after)?,
                lost_after: span("lost_after", lost_after)?,
            })
            .attributes(attributes)
            .cutoffs(cutoffs)
            .stride(span("stride", stride)?);
        let until = instant("until", until)?;
        Ok(ChurnModel { model: py.detach(|| builder.fit(&log.log, until))? })
    }

    /// The scores, and how many customers were scored, as a dict and in words.
    fn score<'py>(
        &self,
        py: Python<'py>,
        log: &EventLog,
        at: &str,
    ) -> Result<(Table, Bound<'py, PyAny>, String)> {
        let at = instant("at", at)?;
        let scores = py.detach(|| self.model.score(&log.log, at))?;
        let report = scores.report();
        Ok((Table { batch: scores.to_batch()? }, to_python(py, report)?, report.to_string()))
    }

    /// The candidates, and how many customers were scored, as a dict and in words.
    fn candidates<'py>(
        &self,
        py: Python<'py>,
        log: &EventLog,
        at: &str,
        top: Option<usize>,
        control_share: f64,
        salt: String,
    ) -> Result<(Table, Bound<'py, PyAny>, String)> {
        let at = instant("at", at)?;
        let options = CandidateOptions { top, control_share, salt };
        let candidates = py.detach(|| self.model.candidates(&log.log, at, &options))?;
        let report = candidates.report();
        Ok((Table { batch: candidates.to_batch()? }, to_python(py, report)?, report.to_string()))
    }

    /// The quality as a table, as a dict (instants as in `training`) and in words.
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        log: &EventLog,
        at: &str,
    ) -> Result<(Table, Bound<'py, PyAny>, String)> {
        let at = instant("at", at)?;
        let report = py.detach(|| self.model.evaluate(&log.log, at))?;
        let table = Table { batch: report.to_batch()? };
        let values = to_python(py, &report)?;
        for (name, at) in [
            ("at", report.at),
            ("trained_until", report.trained_until),
            ("outcome_from", report.outcome_from),
            ("outcome_until", report.outcome_until),
        ] {
            values.set_item(name, at.micros())?;
        }
        Ok((table, values, report.to_string()))
    }

    /// Coefficients of a logistic model; none for others.
    fn coefficients(&self) -> Result<Option<Table>> {
        let mut rows = Vec::new();
        let mut last = None;
        for state in [State::Active, State::Lapsed, State::Lost] {
            let Fitted::Logistic(fitted) = self.model.fitted(state) else { return Ok(None) };
            // Lost customers may have no model of their own.
            if last.replace(fitted).is_none_or(|last| !std::ptr::eq(last, fitted)) {
                rows.extend(fitted.summary().rows.into_iter().map(|row| (state, row)));
            }
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

    /// From what it was trained, as a dict; instants as microseconds since 1970-01-01 UTC.
    fn training<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, self.model.training())
    }

    fn columns(&self) -> Vec<String> {
        self.model.columns()
    }

    /// The arguments it was made with: estimator, its parameters, spans and attributes.
    fn parameters<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyDict>> {
        let LifecycleLimits { lapsed_after, lost_after } = self.model.limits();
        let parameters = PyDict::new(py);
        parameters.set_item("estimator", self.model.estimator().name())?;
        parameters.set_item("params", estimator_params(py, self.model.estimator())?)?;
        for (name, span) in [
            ("horizon", self.model.horizon()),
            ("lead", self.model.lead()),
            ("lapsed_after", lapsed_after),
            ("lost_after", lost_after),
        ] {
            parameters.set_item(name, span.to_string())?;
        }
        parameters.set_item("attributes", self.model.attributes())?;
        Ok(parameters)
    }

    fn describe(&self) -> String {
        self.model.to_string()
    }

    fn save(&self, py: Python<'_>, path: PathBuf) -> Result<()> {
        Ok(py.detach(|| self.model.save(path))?)
    }

    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> Result<Self> {
        Ok(ChurnModel { model: py.detach(|| winback::ChurnModel::load(path))? })
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &py.detach(|| self.model.to_bytes())?))
    }

    #[staticmethod]
    fn from_bytes(py: Python<'_>, bytes: &[u8]) -> Result<Self> {
        Ok(ChurnModel { model: py.detach(|| winback::ChurnModel::from_bytes(bytes))? })
    }
}

/// The parameters of an estimator that differ from its defaults, as a dict.
fn estimator_params<'py>(py: Python<'py>, estimator: &Estimator) -> Result<Bound<'py, PyDict>> {
    let default: Estimator = estimator.name().parse()?;
    let dict = |estimator: &Estimator| -> Result<Bound<'py, PyDict>> {
        let tagged = to_python(py, estimator)?;
        Ok(tagged.get_item(estimator.name())?.cast_into::<PyDict>().map_err(PyErr::from)?)
    };
    let (all, default) = (dict(estimator)?, dict(&default)?);
    let changed = PyDict::new(py);
    for (name, value) in &all {
        if default.get_item(&name)?.is_none_or(|default| !default.eq(&value).unwrap_or(false)) {
            // JSON has no infinity; the core writes null for it.
            let infinite = f64::INFINITY.into_pyobject(py).map_err(PyErr::from)?.into_any();
            changed.set_item(name, if value.is_none() { infinite } else { value })?;
        }
    }
    Ok(changed)
}

fn with_params(estimator: Estimator, params: &Bound<'_, PyDict>) -> Result<Estimator> {
    use Estimator::{Logistic, Tree};
    let py = params.py();
    let mut estimator = estimator;
    for (name, value) in params {
        let name: String = argument(py, "a name", name.extract())?;
        macro_rules! set {
            ($kind:ident, $params:ident, $setter:ident) => {
                $kind($params.$setter(argument(py, &name, value.extract())?))
            };
        }
        estimator = match (estimator, name.as_str()) {
            (Logistic(e), "c") => set!(Logistic, e, c),
            (Logistic(e), "fit_intercept") => set!(Logistic, e, fit_intercept),
            (Logistic(e), "solver") => {
                let solver: String = argument(py, &name, value.extract())?;
                Logistic(e.solver(solver.parse()?))
            }
            (Logistic(e), "tol") => set!(Logistic, e, tol),
            (Logistic(e), "max_iter") => set!(Logistic, e, max_iter),
            (Tree(e), "max_depth") => set!(Tree, e, max_depth),
            (Tree(e), "min_child_samples") => set!(Tree, e, min_child_samples),
            (Tree(e), "min_gain") => set!(Tree, e, min_gain),
            (Tree(e), "max_bin") => set!(Tree, e, max_bin),
            (Tree(e), "smoothing") => set!(Tree, e, smoothing),
            (Logistic(_), _) => return Err(unknown(&name, LOGISTIC).into()),
            (Tree(_), _) => return Err(unknown(&name, TREE).into()),
        };
    }
    Ok(estimator)
}

const LOGISTIC: &str = "c, fit_intercept, solver, tol, max_iter";
const TREE: &str = "max_depth, min_child_samples, min_gain, max_bin, smoothing";

fn unknown(name: &str, allowed: &str) -> PyErr {
    PyValueError::new_err(format!("params = \"{name}\" is not allowed: one of {allowed}"))
}

/// An error of a wrong type names the parameter; a number that does not fit is a wrong value.
fn argument<T>(py: Python<'_>, name: &str, value: PyResult<T>) -> PyResult<T> {
    value.map_err(|error| {
        let message = format!("params: {name}: {}", error.value(py));
        if error.is_instance_of::<PyOverflowError>(py) {
            PyValueError::new_err(message)
        } else {
            PyTypeError::new_err(message)
        }
    })
}
