//! The feature catalogue.

use pyo3::prelude::*;

use crate::error::Result;
use crate::table::Table;

/// All features there are.
#[pyfunction]
pub(crate) fn catalogue() -> Result<Table> {
    Ok(Table { batch: winback::features::catalogue_table()? })
}
