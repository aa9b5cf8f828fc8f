//! The feature catalogue.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use pyo3::prelude::*;
use winback::features::Feature;

use crate::error::Result;
use crate::table::Table;

/// All features there are.
#[pyfunction]
pub(crate) fn catalogue() -> Result<Table> {
    let features = || winback::features::catalogue();
    let texts = |text: fn(&Feature) -> &'static str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(features().map(text)))
    };
    let signs = features().map(|feature| i64::from(feature.expected_sign()));
    let empty = Float64Array::from_iter_values(features().map(|feature| feature.empty));
    let batch = RecordBatch::try_from_iter([
        ("name", texts(|feature| feature.name)),
        ("family", texts(|feature| feature.family.name())),
        ("unit", texts(|feature| feature.unit.name())),
        ("needs", texts(|feature| feature.needs())),
        ("empty", Arc::new(empty)),
        ("expected_sign", Arc::new(Int64Array::from_iter_values(signs))),
        ("meaning", texts(|feature| feature.meaning)),
    ])?;
    Ok(Table { batch })
}
