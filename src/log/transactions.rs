//! The transactions table, read and stored by column.

use std::ops::Range;

use arrow_array::{ArrayRef, RecordBatch};

use super::cells::{self, NO_ID, NO_TIME, Place};
use super::chunk_ids::ChunkIds;
use super::chunks::read_chunks;
use super::options::{MissingIds, PurchaseRules, ZeroAmounts};
use super::placed::names_of;
use super::pool::{NO_CODE, TextPool};
use super::schema::Column;
use super::source::TableReader;
use crate::error::Result;

/// Transaction rows by column. Optional columns are absent, not empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct TransactionColumns {
    pub(crate) time: Vec<i64>,
    pub(crate) amount: Option<Vec<f64>>,
    pub(crate) order: Option<Vec<i64>>,
    pub(crate) category: Option<Vec<u32>>,
    pub(crate) channel: Option<Vec<u32>>,
    pub(crate) discount: Option<Vec<f64>>,
    pub(crate) known_at: Option<Vec<i64>>,
}

/// Some of the rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) time: &'a [i64],
    pub(crate) amount: Option<&'a [f64]>,
    pub(crate) order: Option<&'a [i64]>,
    pub(crate) category: Option<&'a [u32]>,
    pub(crate) channel: Option<&'a [u32]>,
    pub(crate) discount: Option<&'a [f64]>,
    pub(crate) known_at: Option<&'a [i64]>,
}

impl TransactionColumns {
    pub(crate) fn rows(&self, range: Range<usize>) -> Rows<'_> {
        fn part<'a, T>(column: &'a Option<Vec<T>>, range: &Range<usize>) -> Option<&'a [T]> {
            column.as_ref().map(|values| &values[range.clone()])
        }
        Rows {
            time: &self.time[range.clone()],
            amount: part(&self.amount, &range),
            order: part(&self.order, &range),
            category: part(&self.category, &range),
            channel: part(&self.channel, &range),
            discount: part(&self.discount, &range),
            known_at: part(&self.known_at, &range),
        }
    }

    /// The same rows in another order, or some of them.
    pub(crate) fn take(&self, order: &[u32]) -> TransactionColumns {
        TransactionColumns {
            time: take(&self.time, order),
            amount: self.amount.as_ref().map(|c| take(c, order)),
            order: self.order.as_ref().map(|c| take(c, order)),
            category: self.category.as_ref().map(|c| take(c, order)),
            channel: self.channel.as_ref().map(|c| take(c, order)),
            discount: self.discount.as_ref().map(|c| take(c, order)),
            known_at: self.known_at.as_ref().map(|c| take(c, order)),
        }
    }

    /// The names of the optional columns that are there.
    pub(crate) fn optional(&self) -> Vec<&'static str> {
        names_of(&[
            ("amount", self.amount.is_some()),
            ("order_id", self.order.is_some()),
            ("category", self.category.is_some()),
            ("channel", self.channel.is_some()),
            ("discount", self.discount.is_some()),
            ("known_at", self.known_at.is_some()),
        ])
    }

    /// No rows, with the columns that these rows have.
    pub(crate) fn blank(&self) -> TransactionColumns {
        self.take(&[])
    }

    /// Makes room for as many rows more.
    pub(crate) fn reserve(&mut self, rows: usize) {
        fn reserve<T>(column: &mut Option<Vec<T>>, rows: usize) {
            if let Some(column) = column {
                column.reserve(rows);
            }
        }
        self.time.reserve(rows);
        reserve(&mut self.amount, rows);
        reserve(&mut self.order, rows);
        reserve(&mut self.category, rows);
        reserve(&mut self.channel, rows);
        reserve(&mut self.discount, rows);
        reserve(&mut self.known_at, rows);
    }

    /// Appends some rows of `other`, which has the same columns; its categories and channels have
    /// the codes `categories` and `channels` here.
    pub(crate) fn extend(&mut self, other: Rows<'_>, categories: &[u32], channels: &[u32]) {
        self.time.extend_from_slice(other.time);
        append(&mut self.amount, &other.amount);
        append(&mut self.order, &other.order);
        append_codes(&mut self.category, &other.category, Some(categories));
        append_codes(&mut self.channel, &other.channel, Some(channels));
        append(&mut self.discount, &other.discount);
        append(&mut self.known_at, &other.known_at);
    }

    /// The order in which rows of one customer are kept. Rows at one instant come by amount and
    /// discount, so that no sum depends on the order of the input; the rest brings equal rows
    /// together.
    pub(crate) fn compare(&self, a: usize, b: usize) -> std::cmp::Ordering {
        fn by<T: Ord>(column: &Option<Vec<T>>, a: usize, b: usize) -> std::cmp::Ordering {
            column.as_ref().map_or(std::cmp::Ordering::Equal, |c| c[a].cmp(&c[b]))
        }
        fn by_number(column: &Option<Vec<f64>>, a: usize, b: usize) -> std::cmp::Ordering {
            column.as_ref().map_or(std::cmp::Ordering::Equal, |c| c[a].total_cmp(&c[b]))
        }
        self.time[a]
            .cmp(&self.time[b])
            .then_with(|| by_number(&self.amount, a, b))
            .then_with(|| by_number(&self.discount, a, b))
            .then_with(|| by(&self.order, a, b))
            .then_with(|| by(&self.category, a, b))
            .then_with(|| by(&self.channel, a, b))
            .then_with(|| by(&self.known_at, a, b))
    }
}

/// Appends the values of a column that both tables have.
pub(crate) fn append<T: Copy>(column: &mut Option<Vec<T>>, other: &Option<impl AsRef<[T]>>) {
    if let (Some(column), Some(other)) = (column, other) {
        column.extend_from_slice(other.as_ref());
    }
}

/// Appends codes; `codes` are those here of the other table's, which else are the same.
pub(crate) fn append_codes(
    column: &mut Option<Vec<u32>>,
    other: &Option<impl AsRef<[u32]>>,
    codes: Option<&[u32]>,
) {
    let (Some(column), Some(other)) = (column, other) else { return };
    match codes {
        None => column.extend_from_slice(other.as_ref()),
        Some(codes) => {
            let code = |&own: &u32| codes.get(own as usize).copied().unwrap_or(NO_CODE);
            column.extend(other.as_ref().iter().map(code));
        }
    }
}

pub(crate) fn take<T: Copy>(column: &[T], order: &[u32]) -> Vec<T> {
    order.iter().map(|&row| column[row as usize]).collect()
}

/// A chunk of the table as it was read, rows in the order of the input.
#[derive(Debug, Default)]
pub(crate) struct TransactionChunk {
    pub(crate) ids: ChunkIds,
    pub(crate) columns: TransactionColumns,
    pub(crate) categories: TextPool,
    pub(crate) channels: TextPool,
    /// Rows without an id, rising.
    pub(crate) missing_ids: Vec<u32>,
    pub(crate) rows_read: u64,
}

/// Reads the table in chunks.
pub(crate) fn read(reader: TableReader, missing_ids: MissingIds) -> Result<Vec<TransactionChunk>> {
    let TableReader { table, columns, untyped, batches, .. } = reader;
    read_chunks(batches, |rows_before, batch| {
        let place = Place { table, column: "", rows_before, untyped };
        TransactionChunk::read(batch, &columns, place, missing_ids)
    })
}

impl TransactionChunk {
    /// Reads `columns` of a batch, which stands at `place`.
    pub(crate) fn read(
        batch: &RecordBatch,
        columns: &[Column],
        place: Place<'_>,
        missing_ids: MissingIds,
    ) -> Result<TransactionChunk> {
        let mut chunk = TransactionChunk::default();
        for (column, array) in columns.iter().zip(batch.columns()) {
            let place = Place { column: &column.input, ..place };
            match column.name {
                "customer_id" => {
                    (chunk.ids, chunk.missing_ids) = cells::read_chunk_ids(array, place)?;
                    let first = chunk.missing_ids.first();
                    if let (Some(&row), MissingIds::Error) = (first, missing_ids) {
                        return Err(place.bad_cell(row as usize, NO_ID));
                    }
                }
                name => chunk.read_column(name, array, place)?,
            }
        }
        chunk.rows_read = batch.num_rows() as u64;
        Ok(chunk)
    }

    /// The first and the last time of the rows that a log keeps by these rules.
    pub(crate) fn times(&self, rules: PurchaseRules) -> Option<(i64, i64)> {
        let TransactionColumns { time, amount, .. } = &self.columns;
        let mut missing = self.missing_ids.iter().peekable();
        let mut range: Option<(i64, i64)> = None;
        for (row, &time) in time.iter().enumerate() {
            let has_id = missing.next_if(|&&missing| missing as usize == row).is_none();
            let is_zero = amount.as_ref().is_some_and(|amount| amount[row] == 0.0);
            if has_id && !(is_zero && rules.zero_amounts == ZeroAmounts::Ignore) {
                let (first, last) = range.unwrap_or((time, time));
                range = Some((first.min(time), last.max(time)));
            }
        }
        range
    }

    fn read_column(&mut self, name: &str, array: &ArrayRef, place: Place<'_>) -> Result<()> {
        let TransactionChunk { columns, categories, channels, .. } = self;
        match name {
            "time" => {
                cells::read_times(array, place, &mut columns.time)?;
                refuse_missing_time(&columns.time, place)
            }
            "known_at" => cells::read_times(array, place, columns.known_at.get_or_insert_default()),
            "amount" => {
                cells::read_known_numbers(array, place, columns.amount.get_or_insert_default())
            }
            "discount" => {
                cells::read_numbers(array, place, columns.discount.get_or_insert_default())
            }
            "order_id" => cells::read_orders(array, place, columns.order.get_or_insert_default()),
            "category" => {
                let codes = columns.category.get_or_insert_default();
                cells::read_texts(array, place, categories, codes)
            }
            "channel" => {
                let codes = columns.channel.get_or_insert_default();
                cells::read_texts(array, place, channels, codes)
            }
            _ => Ok(()),
        }
    }
}

/// Reads into a column that is there because the table has it.
pub(crate) fn read_into<T>(
    column: &mut Option<Vec<T>>,
    read: impl FnOnce(&mut Vec<T>) -> Result<()>,
) -> Result<()> {
    column.as_mut().map_or(Ok(()), read)
}

pub(crate) fn refuse_missing_time(times: &[i64], place: Place<'_>) -> Result<()> {
    match times.iter().position(|&time| time == NO_TIME) {
        Some(i) => Err(place.bad_cell(i, "is missing")),
        None => Ok(()),
    }
}
