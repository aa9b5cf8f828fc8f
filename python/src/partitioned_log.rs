//! A log larger than memory.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use winback::log::{PartitionOptions, parse_memory};

use crate::error::Result;
use crate::event_log::{EventLog, Input};
use crate::long::Watch;
use crate::snapshot::PartitionedSnapshot;
use crate::values::{instant, to_python};

/// The salt by which customers to learn from are drawn.
#[pyfunction]
pub(crate) fn training_salt(salt: &str) -> String {
    winback::log::training_salt(salt)
}

/// A log in parts on disk.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct PartitionedLog {
    pub(crate) log: winback::log::PartitionedLog,
    progress: Option<Py<PyAny>>,
}

impl PartitionedLog {
    /// What watches one call.
    pub(crate) fn watch(&self, py: Python<'_>) -> Arc<Watch> {
        Watch::new(self.progress.as_ref().map(|progress| progress.clone_ref(py)))
    }

    /// Works on it, telling how far the work is.
    pub(crate) fn watched<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&winback::log::PartitionedLog) -> winback::Result<T> + Send,
    ) -> Result<T> {
        let watch = self.watch(py);
        let log = self.log.on_progress(watch.ear());
        watch.run(py, || work(&log))
    }

    pub(crate) fn tells_activity(&self) -> bool {
        self.log.tells_activity()
    }
}

#[pymethods]
impl PartitionedLog {
    /// `memory` is a text such as `2GB`; `progress` is called with what, done, of.
    #[new]
    fn new(
        py: Python<'_>,
        input: Input<'_>,
        memory: &str,
        temp_folder: Option<PathBuf>,
        least_parts: usize,
        progress: Option<Py<PyAny>>,
    ) -> Result<Self> {
        let watch = Watch::new(progress.as_ref().map(|progress| progress.clone_ref(py)));
        let builder = input.builder(py)?.on_progress(watch.ear());
        let mut options = PartitionOptions::new(parse_memory(memory)?).least_parts(least_parts);
        if let Some(folder) = temp_folder {
            options = options.temp_folder(folder);
        }
        let log = watch.run(py, || builder.partition(&options))?;
        Ok(PartitionedLog { log, progress })
    }

    #[getter]
    fn n_parts(&self) -> usize {
        self.log.parts()
    }

    #[getter]
    fn time_zone(&self) -> &'static str {
        self.log.time_zone().name()
    }

    #[getter]
    fn first_event<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, &self.log.first_event())
    }

    #[getter]
    fn last_event<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, &self.log.last_event())
    }

    #[getter]
    fn observed_until<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, &self.log.observed_until())
    }

    /// What was read and what was left out.
    #[getter]
    fn report<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, &self.watched(py, |log| log.report())?)
    }

    /// The log of one part.
    fn part(&self, py: Python<'_>, part: usize) -> Result<EventLog> {
        Ok(EventLog { log: self.watch(py).run(py, || self.log.part(part))? })
    }

    /// The log of a share of the customers.
    fn sample(&self, py: Python<'_>, share: f64, salt: &str) -> Result<EventLog> {
        Ok(EventLog { log: self.watched(py, |log| log.sample(share, salt))? })
    }

    /// The log as known at a cutoff.
    fn at(slf: &Bound<'_, Self>, cutoff: &str) -> Result<PartitionedSnapshot> {
        let at = instant("at", cutoff)?;
        let at = slf.get().log.at(at)?.at();
        Ok(PartitionedSnapshot { log: slf.clone().unbind(), at })
    }
}
