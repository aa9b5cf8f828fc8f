//! Rows with a customer id. Those without one are refused or dropped before another cell of them is
//! looked at; what cannot be used of the others is refused, or dropped too.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array};
use arrow_schema::{DataType, Field, Schema};
use arrow_select::take::take_record_batch;

use super::cells::{Place, decoded, decoded_type, read_chunk_ids};
use super::missing::as_meant;
use super::padded::PaddedIds;
use super::schema::Column;
use super::source::TableReader;
use super::unusable::rows_of;
use super::whole_ids::with_whole_ids;
use crate::error::{Error, Result};
use crate::log::store::dropped::Dropped;
use crate::log::store::options::{BadRows, MissingIds};

/// The rows of a batch that have an id, texts as they are meant.
#[derive(Debug)]
pub(crate) struct Identified {
    pub(crate) batch: RecordBatch,
    /// Which rows they are; none where all are.
    pub(crate) rows: Option<Vec<u32>>,
    /// The rows without an id, rising.
    pub(crate) missing: Vec<u32>,
    /// Rows that no cell could be read of, rising.
    unusable: Vec<(u32, Error)>,
    /// The ids of all rows as they were written, where some have blanks around them.
    written: Option<ArrayRef>,
}

impl Identified {
    /// Of a batch of these columns, of which the first, at `place`, holds the ids.
    pub(crate) fn of<'a>(
        batch: &RecordBatch,
        columns: impl IntoIterator<Item = &'a Column>,
        place: Place<'_>,
    ) -> Result<Self> {
        let written = batch.column(0);
        let (batch, unusable) = rows_of(batch, place);
        let (batch, padded) = with_texts_as_meant(&batch, columns, place)?;
        let written = padded.then(|| written.clone());
        let left_out = without_id(batch.column(0))?;
        if left_out.is_empty() {
            let missing = left_out;
            return Ok(Identified { batch, rows: None, missing, unusable, written });
        }
        let mut left = unusable.iter().map(|(row, _)| row).peekable();
        let missing: Vec<u32> =
            left_out.iter().filter(|row| left.next_if_eq(row).is_none()).copied().collect();
        if let (MissingIds::Error, Some(&first)) = (place.options.missing_ids, missing.first()) {
            // An id of a type that cannot be used is told before one that is not there.
            read_chunk_ids(batch.column(0), place)?;
            return Err(place.missing_id(first as usize));
        }
        let mut left = left_out.iter().peekable();
        let has_id = |row: &u32| left.next_if_eq(&row).is_none();
        let rows: Vec<u32> = (0..batch.num_rows() as u32).filter(has_id).collect();
        let batch = take_record_batch(&batch, &UInt32Array::from(rows.clone()))?;
        Ok(Identified { batch, rows: Some(rows), missing, unusable, written })
    }

    /// Where these rows stand.
    pub(crate) fn place<'a>(&'a self, place: Place<'a>) -> Place<'a> {
        Place { rows: self.rows.as_deref(), ..place }
    }

    /// The rows that no cell could be read of.
    pub(crate) fn take_unusable(&mut self) -> Dropped {
        let mut dropped = Dropped::default();
        self.unusable.drain(..).for_each(|(_, error)| dropped.push(error));
        dropped
    }

    /// Those that `read` does not refuse, where such rows are dropped, and the others.
    pub(crate) fn usable(
        mut self,
        place: Place<'_>,
        read: impl Fn(&RecordBatch, Place<'_>) -> Result<()>,
    ) -> Result<(Self, Dropped)> {
        let mut dropped = self.take_unusable();
        if place.options.bad_rows == BadRows::Error {
            return Ok((self, dropped));
        }
        let mut bad = Vec::new();
        self.find_bad(0..self.batch.num_rows(), place, &read, &mut bad)?;
        if bad.is_empty() {
            return Ok((self, dropped));
        }
        let mut left = bad.iter().map(|(row, _)| row).peekable();
        let is_good = |row: &u32| left.next_if_eq(&row).is_none();
        let good: Vec<u32> = (0..self.batch.num_rows() as u32).filter(is_good).collect();
        let batch = take_record_batch(&self.batch, &UInt32Array::from(good.clone()))?;
        let rows = match &self.rows {
            Some(rows) => good.iter().map(|&row| rows[row as usize]).collect(),
            None => good,
        };
        bad.into_iter().for_each(|(_, error)| dropped.push(error));
        Ok((Identified { batch, rows: Some(rows), ..self }, dropped))
    }

    /// The rows among these that `read` refuses, by halves: what can be read is read few times.
    fn find_bad(
        &self,
        rows: Range<usize>,
        place: Place<'_>,
        read: &impl Fn(&RecordBatch, Place<'_>) -> Result<()>,
        bad: &mut Vec<(u32, Error)>,
    ) -> Result<()> {
        let batch = self.batch.slice(rows.start, rows.len());
        let place_of_rows = match &self.rows {
            Some(own) => Place { rows: Some(&own[rows.clone()]), ..place },
            None => Place { rows_before: place.rows_before + rows.start as u64, ..place },
        };
        match read(&batch, place_of_rows) {
            Err(error) if place.drops(&error) && rows.len() == 1 => {
                bad.push((rows.start as u32, error));
                Ok(())
            }
            Err(error) if place.drops(&error) => {
                let middle = rows.start + rows.len() / 2;
                self.find_bad(rows.start..middle, place, read, bad)?;
                self.find_bad(middle..rows.end, place, read, bad)
            }
            read => read,
        }
    }

    /// The ids of these rows that had blanks around them.
    pub(crate) fn padded_ids(&self) -> Result<PaddedIds> {
        match (&self.written, &self.rows) {
            (None, _) => Ok(PaddedIds::default()),
            (Some(ids), None) => PaddedIds::of(ids, 0..ids.len()),
            (Some(ids), Some(rows)) => PaddedIds::of(ids, rows.iter().map(|&row| row as usize)),
        }
    }
}

impl Place<'_> {
    /// Whether a row is dropped because of this error.
    pub(crate) fn drops(&self, error: &Error) -> bool {
        self.options.bad_rows == BadRows::Drop && matches!(error, Error::Data { row: Some(_), .. })
    }
}

/// A batch whose texts are as they are meant, and whether that took blanks off an id.
fn with_texts_as_meant<'a>(
    batch: &RecordBatch,
    columns: impl IntoIterator<Item = &'a Column>,
    place: Place<'_>,
) -> Result<(RecordBatch, bool)> {
    let mut padded = false;
    let mut arrays = batch.columns().to_vec();
    let mut fields = batch.schema_ref().fields().to_vec();
    let mut changed = false;
    for (i, column) in columns.into_iter().enumerate() {
        if let Some(meant) = as_meant(&arrays[i], column.cells(), place.options)? {
            padded |= i == 0 && meant.padded;
            let field = Field::new(fields[i].name(), meant.array.data_type().clone(), true);
            (arrays[i], fields[i]) = (meant.array, Arc::new(field));
            changed = true;
        }
        let is_id = matches!(column.name, "customer_id" | "order_id");
        let decimal = place.options.numbers.decimal_sign();
        if let (true, true, Some(ids)) = (place.untyped, is_id, with_whole_ids(&arrays[i], decimal))
        {
            let field = Field::new(fields[i].name(), ids.data_type().clone(), true);
            (arrays[i], fields[i]) = (ids, Arc::new(field));
            changed = true;
        }
    }
    if !changed {
        return Ok((batch.clone(), false));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let schema = Arc::new(Schema::new(fields));
    Ok((RecordBatch::try_new_with_options(schema, arrays, &options)?, padded))
}

/// The rows without an id, rising: nulls, and floats that are no number.
fn without_id(ids: &ArrayRef) -> Result<Vec<u32>> {
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

/// What became of the rows of a table that is read batch by batch.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowCounts {
    pub(crate) rows_read: u64,
    /// Rows without an id.
    pub(crate) missing_ids: u64,
    /// Rows whose id had blanks around it.
    pub(crate) padded_ids: u64,
    /// Rows that cannot be used.
    pub(crate) dropped: Dropped,
}

impl RowCounts {
    pub(crate) fn add(&mut self, other: RowCounts) {
        self.rows_read += other.rows_read;
        self.missing_ids += other.missing_ids;
        self.padded_ids += other.padded_ids;
        self.dropped.add(other.dropped);
    }
}

/// Calls `read` with the rows of every batch that have an id and, where others are dropped, are not
/// refused by `judge`.
pub(crate) fn read_batches(
    reader: TableReader,
    judge: impl Fn(&RecordBatch, Place<'_>) -> Result<()>,
    mut read: impl FnMut(Identified, Place<'_>) -> Result<()>,
) -> Result<RowCounts> {
    let id_column = reader.id_column();
    let mut counts = RowCounts::default();
    for batch in reader.batches {
        let batch = batch?;
        let place = Place {
            table: reader.table,
            column: &id_column,
            rows_before: counts.rows_read,
            rows: None,
            untyped: reader.untyped,
            options: &reader.options,
        };
        let rows = Identified::of(&batch, reader.columns.iter().chain(&reader.rest), place)?;
        let (rows, dropped) = rows.usable(place, &judge)?;
        counts.add(RowCounts {
            rows_read: batch.num_rows() as u64,
            missing_ids: rows.missing.len() as u64,
            padded_ids: rows.padded_ids()?.rows,
            dropped,
        });
        read(rows, place)?;
    }
    counts.dropped.locate(&reader.files);
    Ok(counts)
}
