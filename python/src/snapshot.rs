//! A log as known at a cutoff.

use pyo3::prelude::*;

use crate::error::Result;
use crate::event_log::EventLog;
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

    /// Features, all without names, and customers' attributes.
    fn features(
        &self,
        py: Python<'_>,
        features: Option<Vec<String>>,
        attributes: Vec<String>,
    ) -> Result<Table> {
        let batch = py.compute(|| {
            let table = match features {
                Some(names) => self.snapshot.some_features(&names, &attributes),
                None => self.snapshot.features_with(&attributes),
            };
            table?.to_batch(self.snapshot.log())
        })?;
        Ok(Table { batch })
    }
}
