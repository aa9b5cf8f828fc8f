//! What a table seems to be, before there is a log.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use winback::check::{Reading, TableCheck, TableCheckOptions};

use crate::answer::{Answer, options};
use crate::error::Result;
use crate::event_log::{Source, source};
use crate::threads::Compute;

#[pyfunction]
pub(crate) fn check_table(
    py: Python<'_>,
    table: &Bound<'_, PyAny>,
    options: &Bound<'_, PyDict>,
    given: &str,
) -> Result<Answer> {
    let options: TableCheckOptions = self::options(options)?;
    let given = serde_json::from_str(given)
        .map_err(|error| winback::Error::Shape(format!("arguments: {error}")))?;
    let reading = Reading::of(&given)?;
    let found = match source("table", table)? {
        Source::Path(path) => py.compute(|| TableCheck::of_path_by(path, &reading, &options))?,
        Source::Stream(stream) => py.compute(|| {
            let batches = stream.collect::<std::result::Result<Vec<_>, _>>()?;
            TableCheck::of_batches_by(&batches, &reading, &options)
        })?,
    };
    Answer::new(py, &found)
}
