//! Columns of result tables.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, LargeStringArray, RecordBatch,
    TimestampMicrosecondArray,
};

use crate::error::Result;
use crate::time::Timestamp;

/// A column: its name, its values, and whether it may hold nulls.
pub(crate) type Column = (String, ArrayRef, bool);

pub(crate) fn texts<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Column {
    (name.to_owned(), Arc::new(LargeStringArray::from_iter_values(values)), false)
}

pub(crate) fn names<'a>(name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Column {
    (name.to_owned(), Arc::new(LargeStringArray::from_iter(values)), true)
}

pub(crate) fn counts(name: &str, values: impl Iterator<Item = u64>) -> Column {
    let values = values.map(|count| count as i64);
    (name.to_owned(), Arc::new(Int64Array::from_iter_values(values)), false)
}

pub(crate) fn numbers(
    name: impl Into<String>,
    values: impl Iterator<Item = Option<f64>>,
) -> Column {
    (name.into(), Arc::new(Float64Array::from_iter(values)), true)
}

pub(crate) fn whole(name: &str, values: impl Iterator<Item = Option<i64>>) -> Column {
    (name.to_owned(), Arc::new(Int64Array::from_iter(values)), true)
}

pub(crate) fn flags(name: &str, values: impl Iterator<Item = bool>) -> Column {
    (name.to_owned(), Arc::new(BooleanArray::from_iter(values.map(Some))), false)
}

pub(crate) fn times(name: &str, values: impl Iterator<Item = Option<Timestamp>>) -> Column {
    let values = values.map(|at| at.map(Timestamp::micros));
    (name.to_owned(), Arc::new(TimestampMicrosecondArray::from_iter(values)), true)
}

/// An estimate and the ends of its interval: `name`, `name_low`, `name_high`.
pub(crate) fn with_ends(
    name: &str,
    values: impl Iterator<Item = Option<(f64, Option<(f64, f64)>)>> + Clone,
) -> [Column; 3] {
    let end = |pick: fn((f64, f64)) -> f64| {
        values.clone().map(move |value| value.and_then(|(_, ends)| ends).map(pick))
    };
    [
        numbers(name, values.clone().map(|value| value.map(|(value, _)| value))),
        numbers(format!("{name}_low"), end(|ends| ends.0)),
        numbers(format!("{name}_high"), end(|ends| ends.1)),
    ]
}

pub(crate) fn batch(columns: Vec<Column>) -> Result<RecordBatch> {
    Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
}
