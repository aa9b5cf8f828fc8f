//! Columns of result tables.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray,
};

use crate::time::Timestamp;

/// A column: its name, its values, and whether it may hold nulls.
pub(super) type Column = (String, ArrayRef, bool);

pub(super) fn times(name: &str, values: impl Iterator<Item = Timestamp>) -> Column {
    let values = TimestampMicrosecondArray::from_iter_values(values.map(Timestamp::micros));
    (name.into(), Arc::new(values), false)
}

pub(super) fn texts<'a>(name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Column {
    (name.into(), Arc::new(LargeStringArray::from_iter(values)), true)
}

pub(super) fn counts(name: &str, values: impl Iterator<Item = Option<u64>>) -> Column {
    let values = values.map(|value| value.map(|count| count as i64));
    (name.into(), Arc::new(Int64Array::from_iter(values)), true)
}

pub(super) fn numbers(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    (name.into(), Arc::new(Float64Array::from_iter(values)), true)
}
