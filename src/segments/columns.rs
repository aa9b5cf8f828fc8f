//! Columns of result tables.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, LargeStringArray, RecordBatch};

use crate::error::Result;

/// Name, values, whether there may be nulls.
pub(super) type Column = (String, ArrayRef, bool);

pub(super) fn texts<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Column {
    (name.to_owned(), Arc::new(LargeStringArray::from_iter_values(values)), false)
}

pub(super) fn counts(name: &str, values: impl Iterator<Item = u64>) -> Column {
    let values = values.map(|count| count as i64);
    (name.to_owned(), Arc::new(Int64Array::from_iter_values(values)), false)
}

pub(super) fn numbers(name: &str, values: impl Iterator<Item = f64>) -> Column {
    (name.to_owned(), Arc::new(Float64Array::from_iter_values(values)), false)
}

/// Numbers that are not always defined.
pub(super) fn optional(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    (name.to_owned(), Arc::new(Float64Array::from_iter(values)), true)
}

pub(super) fn batch(columns: Vec<Column>) -> Result<RecordBatch> {
    Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
}
