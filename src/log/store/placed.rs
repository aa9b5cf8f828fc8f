//! Rows of tickets, survey answers and events: which customers they belong to, and the shards they go to.

use arrow_array::RecordBatch;

use super::columns::Columns;
use super::group::{Groups, group_rows};
use super::ids::{CustomerIds, IdColumn};
use super::pool::{NO_CODE, TextPool};
use super::read_columns::ReadColumns;
use super::table_report::TableReport;
use crate::error::Result;
use crate::log::read::cells::{self, Place};
use crate::log::read::identified::{Identified, RowCounts, read_batches};
use crate::log::read::schema::Column;
use crate::log::read::source::TableReader;

/// A table as it was read, rows in the order of the input.
#[derive(Debug, Clone)]
pub(crate) struct RawTable<C> {
    pub(crate) table: &'static str,
    /// None without rows.
    pub(crate) ids: Option<IdColumn>,
    pub(crate) columns: C,
    pub(crate) topics: TextPool,
    /// Of the table that was read; rows that were left out are not here.
    pub(crate) counts: RowCounts,
}

/// Rows by customer, and those of customers that have no transactions.
pub(crate) struct Placed<C> {
    pub(crate) columns: C,
    pub(crate) groups: Groups,
    pub(crate) strangers: RawTable<C>,
}

impl<C: ReadColumns> RawTable<C> {
    fn of(table: &'static str, columns: &[Column]) -> Self {
        let (ids, topics) = (None, TextPool::default());
        RawTable { table, ids, columns: C::of(columns), topics, counts: RowCounts::default() }
    }

    pub(crate) fn read(reader: TableReader) -> Result<Self> {
        let (table, columns) = (reader.table, reader.columns.clone());
        let mut all = RawTable::of(table, &columns);
        let judge = |batch: &RecordBatch, place: Place<'_>| Self::judge(&columns, batch, place);
        let counts = read_batches(reader, judge, |rows, place| {
            all.read_rows(&columns, &rows.batch, rows.place(place))
        })?;
        Ok(RawTable { counts, ..all })
    }

    /// The rows of one batch, of those that can be used.
    pub(crate) fn of_batch(
        columns: &[Column],
        batch: &RecordBatch,
        place: Place<'_>,
    ) -> Result<Self> {
        let mut all = RawTable::of(place.table, columns);
        let judge = |batch: &RecordBatch, place: Place<'_>| Self::judge(columns, batch, place);
        let (rows, _) = Identified::of(batch, columns, place)?.usable(place, judge)?;
        all.read_rows(columns, &rows.batch, rows.place(place))?;
        Ok(all)
    }

    /// Refuses rows that cannot be used.
    pub(crate) fn judge(columns: &[Column], batch: &RecordBatch, place: Place<'_>) -> Result<()> {
        Self::judge_among(&mut TextPool::default(), columns, batch, place)
    }

    /// As [`RawTable::judge`], of rows that come after others with these topics.
    pub(crate) fn judge_among(
        topics: &mut TextPool,
        columns: &[Column],
        batch: &RecordBatch,
        place: Place<'_>,
    ) -> Result<()> {
        let mut rows = RawTable::<C>::of(place.table, columns);
        cells::read_ids(batch.column(0), place, &mut rows.ids)?;
        rows.columns.read(topics, columns, batch, place)
    }

    fn read_rows(
        &mut self,
        columns: &[Column],
        batch: &RecordBatch,
        place: Place<'_>,
    ) -> Result<()> {
        cells::read_ids(batch.column(0), place, &mut self.ids)?;
        self.columns.read(&mut self.topics, columns, batch, place)
    }
}

impl<C: Columns> RawTable<C> {
    /// Brings the rows together by customer of `ids`, after those that are there already: rows,
    /// with their customers, and rows of customers that had no transactions then. Counts what
    /// becomes of all rows.
    pub(crate) fn place(
        self,
        before: Option<(C, Vec<u32>, &RawTable<C>)>,
        ids: &CustomerIds,
        counts: &mut TableReport,
    ) -> Placed<C> {
        counts.rows_read += self.counts.rows_read;
        counts.missing_id += self.counts.missing_ids;
        counts.bad_rows += self.counts.dropped.rows;
        let new = positions(&self.ids, ids);
        let mut sources = Vec::new();
        let (columns, owners) = match before {
            None => {
                sources.push((0, self.ids.as_ref()));
                (self.columns, new)
            }
            Some((mut columns, mut owners, strangers)) => {
                columns.append(&strangers.columns, None);
                columns.append(&self.columns, None);
                sources.push((owners.len(), strangers.ids.as_ref()));
                owners.extend(positions(&strangers.ids, ids));
                sources.push((owners.len(), self.ids.as_ref()));
                owners.extend(new);
                (columns, owners)
            }
        };
        let (rows, stranger_ids) = strangers(&sources, &owners, ids);
        counts.unknown_customer = rows.len() as u64;
        let strangers = RawTable {
            table: self.table,
            ids: Some(stranger_ids),
            columns: columns.take(&rows),
            topics: TextPool::default(),
            counts: RowCounts::default(),
        };
        let groups = group_rows(&owners, ids.len(), columns.time(), |a, b| columns.compare(a, b));
        counts.rows_kept = groups.order.len() as u64;
        Placed { columns, groups, strangers }
    }
}

impl<C: Columns> Placed<C> {
    /// The offsets and the rows of every shard, whose first customers are given.
    pub(crate) fn by_shard(&self, firsts: &[usize]) -> impl Iterator<Item = (Vec<usize>, C)> {
        firsts.windows(2).map(|customers| {
            let (offsets, order) = self.groups.part(customers[0]..customers[1]);
            (offsets, self.columns.take(order))
        })
    }
}

/// The rows with an id that is no customer's, and their ids. Each source starts at a row.
fn strangers(
    sources: &[(usize, Option<&IdColumn>)],
    owners: &[u32],
    known: &CustomerIds,
) -> (Vec<u32>, IdColumn) {
    let mut rows = Vec::new();
    let mut ids = IdColumn::like(known);
    for &(start, source) in sources {
        let Some(source) = source else { continue };
        for (i, &code) in source.codes.iter().enumerate() {
            if code != NO_CODE && owners[start + i] == NO_CODE {
                rows.push((start + i) as u32);
                ids.push(source.keys.id(code));
            }
        }
    }
    (rows, ids)
}

/// The customer of each row, [`NO_CODE`] where it is not known.
pub(crate) fn positions(ids: &Option<IdColumn>, known: &CustomerIds) -> Vec<u32> {
    let Some(ids) = ids else { return Vec::new() };
    let position = ids.keys.positions_in(known);
    let of = |&code: &u32| match code {
        NO_CODE => NO_CODE,
        code => position[code as usize].map_or(NO_CODE, u32::from),
    };
    ids.codes.iter().map(of).collect()
}
