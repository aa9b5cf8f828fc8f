//! Columns of result tables.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, LargeStringArray, RecordBatch,
    TimestampMicrosecondArray,
};

use crate::error::Result;
use crate::time::Timestamp;

/// A column: its name and its values.
pub(crate) type Column = (String, ArrayRef);

// Values are given as they are, or as options where there may be none.

pub(crate) fn texts<'a, T: Into<Option<&'a str>>>(
    name: impl Into<String>,
    values: impl Iterator<Item = T>,
) -> Column {
    (name.into(), Arc::new(LargeStringArray::from_iter(values.map(Into::into))))
}

pub(crate) fn counts<T: Into<Option<u64>>>(
    name: impl Into<String>,
    values: impl Iterator<Item = T>,
) -> Column {
    whole(name, values.map(|value| value.into().map(|count| count as i64)))
}

pub(crate) fn whole(name: impl Into<String>, values: impl Iterator<Item = Option<i64>>) -> Column {
    (name.into(), Arc::new(Int64Array::from_iter(values)))
}

pub(crate) fn numbers<T: Into<Option<f64>>>(
    name: impl Into<String>,
    values: impl Iterator<Item = T>,
) -> Column {
    (name.into(), Arc::new(Float64Array::from_iter(values.map(Into::into))))
}

pub(crate) fn flags(name: impl Into<String>, values: impl Iterator<Item = bool>) -> Column {
    (name.into(), Arc::new(BooleanArray::from_iter(values.map(Some))))
}

pub(crate) fn times<T: Into<Option<Timestamp>>>(
    name: impl Into<String>,
    values: impl Iterator<Item = T>,
) -> Column {
    let values = values.map(|at| at.into().map(Timestamp::micros));
    (name.into(), Arc::new(TimestampMicrosecondArray::from_iter(values)))
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

/// A table of columns, any of which may have nulls.
pub(crate) fn batch(columns: impl IntoIterator<Item = Column>) -> Result<RecordBatch> {
    let columns = columns.into_iter().map(|(name, values)| (name, values, true));
    Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
}
