//! The hazard model of the time to the next purchase.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use winback::hazard::PurchaseTimesOptions;
use winback::labels::LifecycleLimits;
use winback::log::EventRole;
use winback::time::Span;

use crate::analyses::AnyLog;
use crate::answer::Answer;
use crate::churn::{Params, builder, explained};
use crate::error::Result;
use crate::long::Watch;
use crate::params::params_of;
use crate::snapshot::Snapshot;
use crate::threads::Compute;
use crate::to_python::for_people;
use crate::values::{instant, to_python};

/// A fitted hazard model.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct TimeToPurchase {
    pub(crate) model: winback::hazard::TimeToPurchase,
    progress: Option<Py<PyAny>>,
}

impl TimeToPurchase {
    fn new(model: winback::hazard::TimeToPurchase) -> Self {
        TimeToPurchase { model, progress: None }
    }
}

/// What is learned besides what a churn model learns.
#[derive(serde::Deserialize)]
struct Learning {
    #[serde(default)]
    max_horizon: Option<Span>,
}

#[pymethods]
impl TimeToPurchase {
    #[staticmethod]
    fn fit(
        py: Python<'_>,
        log: AnyLog<'_>,
        options: &Bound<'_, PyDict>,
        params: Params<'_>,
        until: &str,
        progress: Option<Py<PyAny>>,
    ) -> Result<Self> {
        let Learning { max_horizon } = crate::answer::options(options)?;
        let mut builder =
            winback::hazard::TimeToPurchase::builder().learning(builder(options, &params)?);
        if let Some(max_horizon) = max_horizon {
            builder = builder.max_horizon(max_horizon)?;
        }
        let (watch, until) = (Watch::calm(progress), instant("until", until)?);
        let model = log.learned(
            py,
            &watch,
            options,
            |log| builder.fit(log, until),
            |log, sample| builder.fit_on_parts(log, until, sample),
        )?;
        Ok(TimeToPurchase::new(model))
    }

    /// The same model; its calls tell how far they are.
    fn telling(&self, progress: Option<Py<PyAny>>) -> Self {
        TimeToPurchase { model: self.model.clone(), progress }
    }

    fn score(&self, py: Python<'_>, now: &Snapshot, options: &Bound<'_, PyDict>) -> Result<Answer> {
        let options: PurchaseTimesOptions = crate::answer::options(options)?;
        let watch = Watch::calm(self.progress.as_ref().map(|progress| progress.clone_ref(py)));
        let now = now.snapshot.on_progress(watch.ear());
        let found = watch.run(py, || self.model.score(&now, &options))?;
        Answer::told(py, &found, self.model.event_roles().has(EventRole::Activity))
    }

    /// Why, within a time; customers are named by their ids, as texts.
    fn explain(
        &self,
        py: Python<'_>,
        now: &Snapshot,
        within: &str,
        customer_id: Option<Vec<String>>,
        options: &Bound<'_, PyDict>,
    ) -> Result<Answer> {
        let options = explained(now, customer_id, options)?;
        let within = Span::of_argument("within", within)?;
        let watch = Watch::calm(self.progress.as_ref().map(|progress| progress.clone_ref(py)));
        let now = now.snapshot.on_progress(watch.ear());
        let found = watch.run(py, || self.model.explain(&now, within, &options))?;
        Answer::told(py, &found, self.model.event_roles().has(EventRole::Activity))
    }

    /// The days after which its periods end.
    fn ends(&self) -> Vec<f64> {
        self.model.periods().ends().to_vec()
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
            ("max_horizon", self.model.max_horizon()),
            ("lapsed_after", lapsed_after),
            ("lost_after", lost_after),
        ] {
            parameters.set_item(name, span.to_string())?;
        }
        parameters.set_item("attributes", self.model.attributes())?;
        parameters.set_item("monotone", self.model.monotone())?;
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
        let load = || winback::hazard::TimeToPurchase::load(path);
        Ok(TimeToPurchase::new(py.compute(load)?))
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &py.compute(|| self.model.to_bytes())?))
    }

    #[staticmethod]
    fn from_bytes(py: Python<'_>, bytes: &[u8]) -> Result<Self> {
        let read = || winback::hazard::TimeToPurchase::from_bytes(bytes);
        Ok(TimeToPurchase::new(py.compute(read)?))
    }
}
