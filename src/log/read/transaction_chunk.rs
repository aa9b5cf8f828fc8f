//! The transactions table, read in chunks of rows.

use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::ScalarBuffer;

use super::cells::{self, Place};
use super::chunk_ids::ChunkIds;
use super::chunks::read_chunks;
use super::identified::Identified;
use super::padded::PaddedIds;
use super::schema::Column;
use super::source::TableReader;
use crate::error::Result;
use crate::log::store::dropped::Dropped;
use crate::log::store::options::{PurchaseRules, ZeroAmounts};
use crate::log::store::pool::TextPool;
use crate::log::store::read_columns::refuse_missing_time;
use crate::log::store::transactions::Rows;

/// A chunk of the table as it was read, rows in the order of the input.
#[derive(Debug, Default)]
pub(crate) struct TransactionChunk {
    /// Of the rows that have an id and can be used, as the four that follow.
    pub(crate) ids: ChunkIds,
    pub(crate) columns: ChunkColumns,
    pub(crate) categories: TextPool,
    pub(crate) channels: TextPool,
    /// Which rows of the input these are; none where all are.
    pub(crate) rows: Option<Vec<u32>>,
    /// The rows of the input without an id, rising.
    pub(crate) missing_ids: Vec<u32>,
    pub(crate) padded_ids: PaddedIds,
    pub(crate) dropped: Dropped,
    pub(crate) rows_read: u64,
}

/// The rows of a chunk by column. What Arrow holds as the log needs it stays where it is.
#[derive(Debug, Default)]
pub(crate) struct ChunkColumns {
    time: ScalarBuffer<i64>,
    amount: Option<ScalarBuffer<f64>>,
    order: Option<ScalarBuffer<i64>>,
    category: Option<Vec<u32>>,
    channel: Option<Vec<u32>>,
    discount: Option<ScalarBuffer<f64>>,
    valid_until: Option<ScalarBuffer<i64>>,
    known_at: Option<ScalarBuffer<i64>>,
}

impl ChunkColumns {
    /// Rows of which nothing is there but times.
    pub(crate) fn of_times(time: Vec<i64>, known_at: Option<Vec<i64>>) -> Self {
        let (time, known_at) = (time.into(), known_at.map(ScalarBuffer::from));
        ChunkColumns { time, known_at, ..ChunkColumns::default() }
    }

    pub(crate) fn rows(&self) -> Rows<'_> {
        Rows {
            time: &self.time,
            amount: self.amount.as_deref(),
            order: self.order.as_deref(),
            category: self.category.as_deref(),
            channel: self.channel.as_deref(),
            discount: self.discount.as_deref(),
            valid_until: self.valid_until.as_deref(),
            known_at: self.known_at.as_deref(),
        }
    }
}

/// Reads the table in chunks.
pub(crate) fn read(reader: TableReader) -> Result<Vec<TransactionChunk>> {
    let TableReader { table, columns, untyped, files, options, mut batches, .. } = reader;
    let options = options.as_ref();
    let read = |rows_before, batch: &RecordBatch| {
        let place = Place { table, column: "", rows_before, rows: None, untyped, options };
        let mut chunk = TransactionChunk::read(batch, &columns, place)?;
        chunk.dropped.locate(&files);
        Ok(chunk)
    };
    if !options.is_part {
        return read_chunks(batches, read);
    }
    let first = batches.next().transpose()?;
    let all = first.clone().into_iter().map(Ok).chain(batches);
    let mut chunks = read_chunks(Box::new(all), read)?;
    if let (true, Some(first)) = (chunks.is_empty(), first) {
        // It tells the columns of a part without rows.
        chunks.push(read(0, &first)?);
    }
    Ok(chunks)
}

impl TransactionChunk {
    /// Reads `columns` of a batch, which stands at `place`.
    pub(crate) fn read(
        batch: &RecordBatch,
        columns: &[Column],
        place: Place<'_>,
    ) -> Result<TransactionChunk> {
        let rows_read = batch.num_rows() as u64;
        let place = Place { column: &columns[0].input, ..place };
        let mut found = Identified::of(batch, columns, place)?;
        let mut dropped = found.take_unusable();
        let read = |batch: &RecordBatch, place: Place<'_>| {
            TransactionChunk::of_rows(batch, columns, place)
        };
        let chunk = match read(&found.batch, found.place(place)) {
            Err(error) if place.drops(&error) => {
                let judge = |batch: &RecordBatch, place: Place<'_>| read(batch, place).map(drop);
                let (usable, more) = found.usable(place, judge)?;
                dropped.add(more);
                found = usable;
                read(&found.batch, found.place(place))?
            }
            chunk => chunk?,
        };
        let padded_ids = found.padded_ids()?;
        let Identified { rows, missing: missing_ids, .. } = found;
        Ok(TransactionChunk { rows, missing_ids, padded_ids, dropped, rows_read, ..chunk })
    }

    /// Rows that all have an id.
    fn of_rows(
        batch: &RecordBatch,
        columns: &[Column],
        place: Place<'_>,
    ) -> Result<TransactionChunk> {
        let mut chunk = TransactionChunk::default();
        for (column, array) in columns.iter().zip(batch.columns()) {
            let place = Place { column: &column.input, ..place };
            match column.name {
                "customer_id" => chunk.ids = cells::read_chunk_ids(array, place)?,
                name => chunk.read_column(name, array, place)?,
            }
        }
        Ok(chunk)
    }

    fn read_column(&mut self, name: &str, array: &ArrayRef, place: Place<'_>) -> Result<()> {
        let TransactionChunk { columns, categories, channels, .. } = self;
        match name {
            "time" => {
                columns.time = cells::times(array, place)?;
                refuse_missing_time(&columns.time, place)?;
            }
            "valid_until" => columns.valid_until = Some(cells::ends(array, place)?),
            "known_at" => columns.known_at = Some(cells::times(array, place)?),
            "amount" => columns.amount = Some(cells::amounts(array, place)?),
            "discount" => columns.discount = Some(cells::numbers(array, place)?),
            "order_id" => columns.order = Some(cells::orders(array, place)?),
            "category" => {
                let codes = columns.category.get_or_insert_default();
                cells::read_texts(array, place, categories, codes)?;
            }
            "channel" => {
                let codes = columns.channel.get_or_insert_default();
                cells::read_texts(array, place, channels, codes)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The first and the last time of the rows that a log keeps by these rules.
    pub(crate) fn times(&self, rules: PurchaseRules) -> Option<(i64, i64)> {
        let ChunkColumns { time, amount, .. } = &self.columns;
        let mut range: Option<(i64, i64)> = None;
        for (row, &time) in time.iter().enumerate() {
            let is_zero = amount.as_ref().is_some_and(|amount| amount[row] == 0.0);
            if !(is_zero && rules.zero_amounts == ZeroAmounts::Ignore) {
                let (first, last) = range.unwrap_or((time, time));
                range = Some((first.min(time), last.max(time)));
            }
        }
        range
    }
}
