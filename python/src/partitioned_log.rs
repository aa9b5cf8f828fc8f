//! A log larger than memory.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use winback::features::FeatureTable;
use winback::log::{PartitionOptions, parse_memory};

use crate::error::Result;
use crate::event_log::{EventLog, Tables};
use crate::long::Watch;
use crate::values::{instant, instants, to_python};

/// A log in parts on disk.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct PartitionedLog {
    pub(crate) log: winback::log::PartitionedLog,
    pub(crate) watch: Arc<Watch>,
}

impl PartitionedLog {
    /// The log as known at a cutoff, which the parameter of this name gives as text.
    pub(crate) fn snapshot(
        &self,
        name: &'static str,
        cutoff: &str,
    ) -> Result<winback::snapshot::PartitionedSnapshot<'_>> {
        let cutoff = instant(name, cutoff)?;
        Ok(self.log.at_argument(name, cutoff)?)
    }
}

#[pymethods]
impl PartitionedLog {
    /// `memory` is a text such as `2GB`; `progress` is called with what, done, of.
    #[new]
    #[pyo3(signature = (
        transactions, *, tickets, surveys, customers, columns, missing_ids, purchase_by,
        zero_amounts, observed_until, memory, temp_folder, least_parts, progress
    ))]
    #[expect(clippy::too_many_arguments, reason = "named in Python")]
    fn new(
        py: Python<'_>,
        transactions: &Bound<'_, PyAny>,
        tickets: Option<&Bound<'_, PyAny>>,
        surveys: Option<&Bound<'_, PyAny>>,
        customers: Option<&Bound<'_, PyAny>>,
        columns: Vec<(String, String)>,
        missing_ids: &str,
        purchase_by: &str,
        zero_amounts: &str,
        observed_until: &str,
        memory: &str,
        temp_folder: Option<PathBuf>,
        least_parts: usize,
        progress: Option<Py<PyAny>>,
    ) -> Result<Self> {
        let tables = Tables { transactions: Some(transactions), tickets, surveys, customers };
        let builder = tables
            .builder(py, &columns, missing_ids, observed_until, None)?
            .purchase_by(purchase_by.parse()?)
            .zero_amounts(zero_amounts.parse()?);
        let watch = Watch::new(progress);
        let mut options = PartitionOptions::new(parse_memory(memory)?)
            .least_parts(least_parts)
            .on_progress(watch.ear());
        if let Some(folder) = temp_folder {
            options = options.temp_folder(folder);
        }
        let log = watch.run(py, || builder.partition(&options))?;
        Ok(PartitionedLog { log, watch })
    }

    #[getter]
    fn n_parts(&self) -> usize {
        self.log.parts()
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

    /// The log of one part.
    fn part(&self, py: Python<'_>, part: usize) -> Result<EventLog> {
        Ok(EventLog { log: self.watch.run(py, || self.log.part(part))? })
    }

    fn write_features<'py>(
        &self,
        py: Python<'py>,
        path: PathBuf,
        at: Vec<String>,
        features: Option<Vec<String>>,
        attributes: Vec<String>,
    ) -> Result<Bound<'py, PyAny>> {
        let cutoffs = instants("at", &at)?;
        let names: Option<Vec<&str>> =
            features.as_ref().map(|names| names.iter().map(String::as_str).collect());
        let written = self.watch.run(py, || {
            FeatureTable::write(&self.log, &cutoffs, names.as_deref(), &attributes, path)
        })?;
        let values = PyDict::new(py);
        values.set_item("rows", written.rows)?;
        values.set_item("log", to_python(py, &written.report)?)?;
        Ok(values.into_any())
    }
}
