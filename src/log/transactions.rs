//! The transactions table, read and stored by column.

use std::ops::Range;

use super::cells::{self, NO_TIME, Place};
use super::ids::IdColumn;
use super::pool::{NO_CODE, TextPool};
use super::source::TableReader;
use crate::error::{Error, Result};

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
    pub(crate) fn take(self, order: &[u32]) -> TransactionColumns {
        TransactionColumns {
            time: take(self.time, order),
            amount: self.amount.map(|c| take(c, order)),
            order: self.order.map(|c| take(c, order)),
            category: self.category.map(|c| take(c, order)),
            channel: self.channel.map(|c| take(c, order)),
            discount: self.discount.map(|c| take(c, order)),
            known_at: self.known_at.map(|c| take(c, order)),
        }
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

pub(crate) fn take<T: Copy + Send + Sync>(column: Vec<T>, order: &[u32]) -> Vec<T> {
    use rayon::prelude::*;
    order.par_iter().with_min_len(1 << 16).map(|&row| column[row as usize]).collect()
}

/// The table as it was read, rows in the order of the input.
#[derive(Debug)]
pub(crate) struct RawTransactions {
    pub(crate) ids: IdColumn,
    /// Name of the id column in the input.
    pub(crate) id_column: String,
    pub(crate) columns: TransactionColumns,
    pub(crate) categories: TextPool,
    pub(crate) channels: TextPool,
    pub(crate) rows_read: u64,
}

pub(crate) fn read(reader: TableReader) -> Result<RawTransactions> {
    let table = reader.table;
    let has = |name: &str| reader.columns.iter().any(|column| column.name == name);
    let mut columns = TransactionColumns {
        time: Vec::new(),
        amount: has("amount").then(Vec::new),
        order: has("order_id").then(Vec::new),
        category: has("category").then(Vec::new),
        channel: has("channel").then(Vec::new),
        discount: has("discount").then(Vec::new),
        known_at: has("known_at").then(Vec::new),
    };
    let mut ids = None;
    let mut id_column = String::new();
    let (mut orders, mut categories, mut channels) =
        (TextPool::default(), TextPool::default(), TextPool::default());
    let mut rows_read = 0u64;
    for batch in reader.batches {
        let batch = batch?;
        for (column, array) in reader.columns.iter().zip(batch.columns()) {
            let place = Place {
                table,
                column: &column.input,
                rows_before: rows_read,
                untyped: reader.untyped,
            };
            match column.name {
                "customer_id" => {
                    id_column.clone_from(&column.input);
                    cells::read_ids(array, place, &mut ids)?;
                }
                "time" => {
                    let before = columns.time.len();
                    cells::read_times(array, place, &mut columns.time)?;
                    refuse_missing_time(&columns.time[before..], place)?;
                }
                "known_at" => {
                    read_into(&mut columns.known_at, |c| cells::read_times(array, place, c))?
                }
                "amount" => {
                    read_into(&mut columns.amount, |c| cells::read_known_numbers(array, place, c))?;
                }
                "discount" => {
                    read_into(&mut columns.discount, |c| cells::read_numbers(array, place, c))?;
                }
                "order_id" => {
                    read_into(&mut columns.order, |c| {
                        cells::read_orders(array, place, &mut orders, c)
                    })?;
                }
                "category" => {
                    read_into(&mut columns.category, |c| {
                        cells::read_texts(array, place, &mut categories, c)
                    })?;
                }
                "channel" => {
                    read_into(&mut columns.channel, |c| {
                        cells::read_texts(array, place, &mut channels, c)
                    })?;
                }
                _ => {}
            }
        }
        rows_read += batch.num_rows() as u64;
        if rows_read > u64::from(NO_CODE - 1) {
            return Err(Error::table(table, "has more than 4,294,967,294 rows"));
        }
    }
    let Some(ids) = ids else {
        return Err(Error::table(table, "has no rows"));
    };
    Ok(RawTransactions { ids, id_column, columns, categories, channels, rows_read })
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
