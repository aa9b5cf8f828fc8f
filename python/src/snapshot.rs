//! A log as known at a cutoff.

use std::path::PathBuf;

use pyo3::prelude::*;
use winback::Timestamp;

use crate::error::Result;
use crate::event_log::EventLog;
use crate::partitioned_log::PartitionedLog;
use crate::table::Table;
use crate::threads::Compute;
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
        let batch = py.compute(|| {
            let table = match features {
                Some(names) => self.snapshot.some_features(&names, &attributes),
                None => self.snapshot.features_with(&attributes),
            };
            let log = self.snapshot.log();
            table?.with_kinds(log, &kinds)?.to_batch(log)
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
    pub(crate) fn snapshot(&self) -> Result<winback::snapshot::PartitionedSnapshot<'_>> {
        Ok(self.log.get().log.at(self.at)?)
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
        let snapshot = self.snapshot()?;
        let write = || snapshot.write_features(names.as_deref(), &attributes, &kinds, path);
        to_python(py, &self.log.get().watch.run(py, write)?)
    }
}
