//! Rows with a customer id. Those without one are refused or dropped before another cell of them is
//! looked at.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::DataType;
use arrow_select::take::take_record_batch;

use super::cells::{Place, decoded, decoded_type, read_chunk_ids};
use crate::error::Result;
use crate::log::store::options::MissingIds;

/// The rows of a batch that have an id.
#[derive(Debug)]
pub(crate) struct Identified {
    pub(crate) batch: RecordBatch,
    /// Which rows they are; none where all are.
    pub(crate) rows: Option<Vec<u32>>,
    /// The other rows, rising.
    pub(crate) missing: Vec<u32>,
}

impl Identified {
    /// Of a batch whose first column, at `place`, holds the ids.
    pub(crate) fn of(batch: &RecordBatch, place: Place<'_>) -> Result<Self> {
        let missing = without_id(batch.column(0))?;
        let Some(&first) = missing.first() else {
            return Ok(Identified { batch: batch.clone(), rows: None, missing });
        };
        if place.options.missing_ids == MissingIds::Error {
            // An id of a type that cannot be used is told before one that is not there.
            read_chunk_ids(batch.column(0), place)?;
            return Err(place.missing_id(first as usize));
        }
        let mut left = missing.iter().peekable();
        let has_id = |row: &u32| left.next_if_eq(&row).is_none();
        let rows: Vec<u32> = (0..batch.num_rows() as u32).filter(has_id).collect();
        let batch = take_record_batch(batch, &UInt32Array::from(rows.clone()))?;
        Ok(Identified { batch, rows: Some(rows), missing })
    }
}

/// The rows without an id, rising: nulls, and floats that are no number.
pub(crate) fn without_id(ids: &ArrayRef) -> Result<Vec<u32>> {
    let rows = 0..ids.len() as u32;
    if decoded_type(ids.data_type()).is_floating() {
        let floats = arrow_cast::cast(&decoded(ids)?, &DataType::Float64)?;
        let floats = floats.as_primitive::<Float64Type>();
        let is_missing =
            |&row: &u32| floats.is_null(row as usize) || floats.value(row as usize).is_nan();
        return Ok(rows.filter(is_missing).collect());
    }
    let nulls = ids.logical_nulls().filter(|nulls| nulls.null_count() > 0);
    Ok(nulls.map_or(Vec::new(), |nulls| rows.filter(|&row| nulls.is_null(row as usize)).collect()))
}
