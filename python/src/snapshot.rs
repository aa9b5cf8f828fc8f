//! A log as known at a cutoff.

use std::path::PathBuf;

use pyo3::prelude::*;
use winback::Timestamp;

use crate::error::Result;
use crate::event_log::EventLog;
use crate::long::Watch;
use crate::partitioned_log::PartitionedLog;
use crate::table::Table;
use crate::values::to_python;

/// A log as known at a cutoff; computes features once.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct Snapshot {
    pub(crate) snapshot: winback::Snapshot,
}

#[pymethods]
impl Snapshot {
    #[getter]
    fn log(&self) -> EventLog {
        EventLog { log: self.snapshot.log().clone() }
    }

    #[getter]
    fn at<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, &self.snapshot.at())
    }

    /// Features, all without names, customers' attributes, and features of kinds of events.
    fn features(
        &self,
        py: Python<'_>,
        features: Option<Vec<String>>,
        attributes: Vec<String>,
        kinds: Vec<String>,
    ) -> Result<Table> {
        let watch = Watch::calm(None);
        let now = self.snapshot.on_progress(watch.ear());
        let batch = watch.run(py, || {
            let table = match features {
                Some(names) => now.some_features(&names, &attributes),
                None => now.features_with(&attributes),
            };
            table?.with_kinds(now.log(), &kinds)?.to_batch(now.log())
        })?;
        Ok(Table { batch })
    }
}

/// A log larger than memory as known at a cutoff.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct PartitionedSnapshot {
    pub(crate) log: Py<PartitionedLog>,
    pub(crate) at: Timestamp,
}

impl PartitionedSnapshot {
    /// Works on it, telling how far the work is.
    pub(crate) fn watched<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&winback::snapshot::PartitionedSnapshot<'_>) -> winback::Result<T> + Send,
    ) -> Result<T> {
        self.log.get().watched(py, |log| work(&log.at(self.at)?))
    }

    pub(crate) fn tells_activity(&self) -> bool {
        self.log.get().tells_activity()
    }
}

#[pymethods]
impl PartitionedSnapshot {
    #[getter]
    fn at<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, &self.at)
    }

    /// Writes features, all without names, and customers' attributes; returns what was written.
    fn write_features<'py>(
        &self,
        py: Python<'py>,
        path: PathBuf,
        features: Option<Vec<String>>,
        attributes: Vec<String>,
        kinds: Vec<String>,
    ) -> Result<Bound<'py, PyAny>> {
        let names: Option<Vec<&str>> =
            features.as_ref().map(|names| names.iter().map(String::as_str).collect());
        let written = self
            .watched(py, |now| now.write_features(names.as_deref(), &attributes, &kinds, path))?;
        to_python(py, &written)
    }
}
