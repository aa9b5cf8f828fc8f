//! What a table seems to be, before there is a log.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use winback::check::{TableCheck, TableCheckOptions};

use crate::answer::{Answer, options};
use crate::error::Result;
use crate::event_log::{Source, source};
use crate::threads::Compute;

#[pyfunction]
pub(crate) fn check_table(
    py: Python<'_>,
    table: &Bound<'_, PyAny>,
    options: &Bound<'_, PyDict>,
) -> Result<Answer> {
    let options: TableCheckOptions = self::options(options)?;
    let found = match source(table)? {
        Source::Path(path) => py.compute(|| TableCheck::of_path(path, &options))?,
        Source::Stream(stream) => py.compute(|| {
            let batches = stream.collect::<std::result::Result<Vec<_>, _>>()?;
            TableCheck::of_batches(&batches, &options)
        })?,
    };
    Answer::new(py, &found)
}
