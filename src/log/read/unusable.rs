//! Rows of a file that cannot be used, where such rows are dropped: their cells are null, and a last
//! column of the batch tells why.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, LargeStringArray, RecordBatch};
use arrow_schema::{DataType, Field, FieldRef};

use super::cells::Place;
use crate::error::Error;

const NAME: &str = "winback:unusable";

/// Why a row cannot be used.
#[derive(Debug)]
pub(crate) struct Unusable {
    /// Of the batch.
    pub(crate) row: usize,
    pub(crate) column: String,
    pub(crate) reason: String,
}

/// The column that tells of these rows, which rise.
pub(crate) fn column(rows: usize, unusable: &[Unusable]) -> (FieldRef, ArrayRef) {
    let mut left = unusable.iter().peekable();
    let told = (0..rows).map(|row| {
        let found = left.next_if(|found| found.row == row)?;
        Some(format!("{}\n{}", found.column, found.reason))
    });
    let told: ArrayRef = Arc::new(told.collect::<LargeStringArray>());
    (Arc::new(Field::new(NAME, DataType::LargeUtf8, true)), told)
}

/// The batch without that column, and the rows with what is wrong with each.
pub(crate) fn rows_of(batch: &RecordBatch, place: Place<'_>) -> (RecordBatch, Vec<(u32, Error)>) {
    let mut batch = batch.clone();
    let Ok(index) = batch.schema_ref().index_of(NAME) else { return (batch, Vec::new()) };
    let told = batch.remove_column(index);
    let told = told.as_string::<i64>();
    let rows = (0..told.len()).filter(|&row| told.is_valid(row));
    let error = |row| {
        let (column, reason) = told.value(row).split_once('\n').unwrap_or_default();
        (row as u32, Place { column, ..place }.bad_cell(row, reason))
    };
    let errors = rows.map(error).collect();
    (batch, errors)
}
