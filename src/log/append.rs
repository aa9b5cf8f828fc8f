//! New rows for an existing log: only the shards that they fall into are sorted again.

use std::sync::Arc;

use rayon::prelude::*;

use super::assemble::{LogSpan, Tables, merge_topics, other_ids};
use super::event_log::{EventLog, Inner};
use super::read::chunk_ids::ChunkIds;
use super::read::identified::RowCounts;
use super::read::schema::{CUSTOMERS, EVENTS, SURVEYS, TICKETS, TRANSACTIONS};
use super::read::transaction_chunk::TransactionChunk;
use super::report::IngestReport;
use super::store::columns::Columns;
use super::store::customer_id::CustomerId;
use super::store::customer_index::CustomerIndex;
use super::store::event_roles::KindRoles;
use super::store::ids::CustomerIds;
use super::store::options::ObservedUntil;
use super::store::placed::{Placed, RawTable};
use super::store::pool::TextPool;
use super::store::read_columns::refuse_many;
use super::store::shard::{BuiltShard, ScatteredChunk, Shard};
use super::store::table_report::TableReport;
use super::store::topics::Topics;
use crate::error::{Error, Result};

/// The customers of a log that rows were added to.
struct Customers {
    ids: CustomerIds,
    /// The first customer of every shard, and the number of customers.
    firsts: Vec<usize>,
    /// The number here of every customer that was there before.
    of_old: Vec<u32>,
}

impl Tables {
    /// The log with the rows of these tables, as if it had been built from all.
    pub(super) fn append_to(
        mut self,
        log: &EventLog,
        observed_until: ObservedUntil,
    ) -> Result<EventLog> {
        let mut reading = log.inner.reading.clone();
        reading.orders = std::mem::take(&mut self.reading.orders);
        let has_integers = matches!(log.inner.ids.first(), Some(CustomerId::Int(_)));
        let mut report = log.inner.report.clone();
        report.of_chunks(&mut self.transactions);
        self.fit_ids(has_integers)?;
        self.check_columns(log)?;
        if log.columns().tells_activity() {
            self.take_activity(log.event_roles());
            report.of_chunks(&mut self.transactions);
            self.fit_ids(has_integers)?;
        }
        let Tables {
            transactions, tickets, surveys, events, customers, unused_columns, roles, ..
        } = self;
        if !roles.is_empty() {
            log.event_roles().check(&roles, "as of the log")?;
        }
        unused_columns.into_iter().for_each(|column| {
            if !report.unused_columns.contains(&column) {
                report.unused_columns.push(column);
            }
        });
        let mut topics = log.inner.topics.clone();
        let (mut shards, now) = append_transactions(log, transactions, &mut topics, &mut report);

        let (mut stranger_tickets, mut stranger_surveys) = (None, None);
        let mut stranger_events = None;
        if let Some(before) = &log.inner.stranger_tickets {
            let rows = flat(log, &now, |shard| shard.events.tickets.as_deref(), |s| &s.tickets);
            let mut raw = tickets.unwrap_or_else(|| before.without_rows());
            report.of_table(&mut raw.counts, report.tickets.map_or(0, |counts| counts.rows_read));
            let counts = report.tickets.get_or_insert_default();
            let placed = place(raw, rows, before, &now, counts, &mut topics.tickets);
            for (shard, (offsets, rows)) in shards.iter_mut().zip(placed.by_shard(&now.firsts)) {
                (shard.tickets, shard.events.tickets) = (offsets, Some(Arc::new(rows)));
            }
            stranger_tickets = Some(placed.strangers);
        }
        if let Some(before) = &log.inner.stranger_surveys {
            let rows = flat(log, &now, |shard| shard.events.surveys.as_deref(), |s| &s.surveys);
            let mut raw = surveys.unwrap_or_else(|| before.without_rows());
            report.of_table(&mut raw.counts, report.surveys.map_or(0, |counts| counts.rows_read));
            let counts = report.surveys.get_or_insert_default();
            let placed = place(raw, rows, before, &now, counts, &mut topics.surveys);
            for (shard, (offsets, rows)) in shards.iter_mut().zip(placed.by_shard(&now.firsts)) {
                (shard.surveys, shard.events.surveys) = (offsets, Some(Arc::new(rows)));
            }
            stranger_surveys = Some(placed.strangers);
        }
        if let Some(before) = &log.inner.stranger_events {
            let rows =
                flat(log, &now, |shard| shard.events.events.as_deref(), |s| &s.event_offsets);
            let mut raw = events.unwrap_or_else(|| before.without_rows());
            let mut all = topics.events.clone();
            for text in raw.topics.iter() {
                all.code(text);
            }
            refuse_many(&all, "kind")?;
            report.of_table(&mut raw.counts, report.events.map_or(0, |counts| counts.rows_read));
            let counts = report.events.get_or_insert_default();
            let placed = place(raw, rows, before, &now, counts, &mut topics.events);
            for (shard, (offsets, rows)) in shards.iter_mut().zip(placed.by_shard(&now.firsts)) {
                (shard.event_offsets, shard.events.events) = (offsets, Some(Arc::new(rows)));
            }
            let kinds = Arc::new(KindRoles::of(log.event_roles().clone(), &topics.events));
            shards.iter_mut().for_each(|shard| shard.events.kinds = kinds.clone());
            stranger_events = Some(placed.strangers);
        }
        let mut all_customers = log.inner.customers_table.clone();
        let mut attributes = Vec::new();
        if let Some(table) = &mut all_customers {
            let (rows_before, read_before) = (table.rows(), table.counts.rows_read);
            if let Some(mut new) = customers {
                report.odd_cells.append(&mut new.odd_cells);
                table.append(new)?;
            }
            table.drop_repeated(rows_before, &now.ids);
            report.of_table(&mut table.counts, read_before);
            let mut counts = TableReport::default();
            attributes = table.of_customers(rows_before, &now.ids, &mut counts)?;
            report.customer_attributes = Some(counts);
        }
        let span = LogSpan::of(&shards, observed_until)?;
        if span.observed_until < log.observed_until() {
            let expected = format!("a time not before that of the log, {}", log.observed_until());
            return Err(Error::argument("observed_until", span.observed_until, expected));
        }
        let mut inner = Inner {
            ids: now.ids,
            shards,
            first_customers: now.firsts,
            attributes,
            customers_table: all_customers,
            stranger_tickets,
            stranger_surveys,
            stranger_events,
            topics,
            span,
            report,
            reading,
        };
        inner.find_unmet_ids();
        EventLog::new(inner).with_share(log.share())
    }

    /// Refuses ids of another kind than the log's; texts of CSV files become integers.
    fn fit_ids(&mut self, as_integers: bool) -> Result<()> {
        let kind = if as_integers { "integers" } else { "texts" };
        let refused = |table: &'static str| Err(other_ids(table, !as_integers, "the log"));
        for chunk in self.transactions.iter_mut().filter(|chunk| chunk.ids.len() > 0) {
            match chunk.ids.is_typed_as() {
                Some(own) if own != kind => return refused(TRANSACTIONS.name),
                None if as_integers && !chunk.ids.all_integers() => {
                    return refused(TRANSACTIONS.name);
                }
                _ => {}
            }
            if as_integers {
                chunk.ids = std::mem::take(&mut chunk.ids).into_integers();
            }
        }
        let others = [
            (TICKETS.name, self.tickets.as_ref().and_then(|t| t.ids.as_ref())),
            (SURVEYS.name, self.surveys.as_ref().and_then(|t| t.ids.as_ref())),
            (EVENTS.name, self.events.as_ref().and_then(|t| t.ids.as_ref())),
            (CUSTOMERS.name, self.customers.as_ref().and_then(|t| t.ids.as_ref())),
        ];
        for (table, ids) in others {
            let Some(ids) = ids else { continue };
            if !ids.keys.fit(as_integers) {
                return refused(table);
            }
        }
        Ok(())
    }

    /// Refuses tables that the log has not, and columns that only one of the two has.
    fn check_columns(&self, log: &EventLog) -> Result<()> {
        let shard = &log.inner.shards[0];
        if log.columns().tells_activity() && !self.transactions.is_empty() {
            let message = "is none of a log of activity; its rows may be events of their own kind";
            return Err(Error::bad_table(TRANSACTIONS.name, message));
        }
        for (table, given, there) in [
            (TICKETS.name, self.tickets.is_some(), log.inner.stranger_tickets.is_some()),
            (SURVEYS.name, self.surveys.is_some(), log.inner.stranger_surveys.is_some()),
            (EVENTS.name, self.events.is_some(), log.inner.stranger_events.is_some()),
            (CUSTOMERS.name, self.customers.is_some(), log.inner.customers_table.is_some()),
        ] {
            if given && !there {
                return Err(Error::bad_table(
                    table,
                    "is new to the log; build it anew from all tables",
                ));
            }
        }
        if let Some(chunk) = self.transactions.first() {
            let there = shard.events.transactions.optional();
            same_columns(TRANSACTIONS.name, &chunk.columns.rows().optional(), &there)?;
        }
        if let (Some(new), Some(there)) = (&self.tickets, &shard.events.tickets) {
            same_columns(TICKETS.name, &new.columns.optional(), &there.optional())?;
        }
        if let (Some(new), Some(there)) = (&self.surveys, &shard.events.surveys) {
            same_columns(SURVEYS.name, &new.columns.optional(), &there.optional())?;
        }
        if let (Some(new), Some(there)) = (&self.events, &shard.events.events) {
            same_columns(EVENTS.name, &new.columns.optional(), &there.optional())?;
        }
        Ok(())
    }
}

fn same_columns(table: &'static str, new: &[&'static str], there: &[&'static str]) -> Result<()> {
    if let Some(name) = there.iter().find(|name| !new.contains(name)) {
        return Err(Error::bad_column(
            table,
            *name,
            "the log has this column; rows to append need it",
        ));
    }
    match new.iter().find(|name| !there.contains(name)) {
        Some(name) => {
            let message = "the log has no such column; build it anew from all rows";
            Err(Error::bad_column(table, *name, message))
        }
        None => Ok(()),
    }
}

/// The shards with the new rows, and who the customers are now.
fn append_transactions(
    log: &EventLog,
    chunks: Vec<TransactionChunk>,
    topics: &mut Topics,
    report: &mut IngestReport,
) -> (Vec<Shard>, Customers) {
    let count = log.inner.shards.len();
    let first_id =
        |shard: usize| log.inner.ids.get(CustomerIndex::at(log.inner.first_customers[shard]));
    let shard_of = |ids: &ChunkIds, row: usize| {
        let Some(id) = ids.id(row) else { return 0 };
        let (mut low, mut high) = (1, count);
        while low < high {
            let middle = low + (high - low) / 2;
            if first_id(middle) <= id { low = middle + 1 } else { high = middle }
        }
        low - 1
    };
    let counts = &mut report.transactions;
    let scattered: Vec<ScatteredChunk> = merge_topics(chunks, topics)
        .into_par_iter()
        .map(|(chunk, codes)| ScatteredChunk::new(chunk, codes, count, shard_of))
        .collect();
    let rules = log.purchase_rules();
    let built: Vec<Option<BuiltShard>> = (0..count)
        .into_par_iter()
        .map(|i| {
            let customers = log.inner.first_customers[i]..log.inner.first_customers[i + 1];
            let before = (&log.inner.shards[i], log.inner.ids.slice(customers));
            BuiltShard::new(i, Some(before), &scattered, rules)
        })
        .collect();

    let mut shards = Vec::with_capacity(count);
    let mut ids = Vec::with_capacity(count);
    let mut firsts = vec![0];
    let mut of_old = Vec::with_capacity(log.inner.ids.len());
    let mut start = 0;
    for (i, built) in built.into_iter().enumerate() {
        let customers = log.inner.first_customers[i]..log.inner.first_customers[i + 1];
        match built {
            Some(built) => {
                counts.zero_amount += built.zero_amounts;
                of_old.extend(built.customers_before.iter().map(|&own| start + own));
                ids.push(built.ids);
                shards.push(built.shard);
            }
            None => {
                of_old.extend((0..customers.len() as u32).map(|own| start + own));
                ids.push(log.inner.ids.slice(customers));
                shards.push(log.inner.shards[i].clone());
            }
        }
        start += ids[i].len() as u32;
        firsts.push(start as usize);
    }
    counts.keep_others();
    report.of_shards(&shards);
    report.customers = u64::from(start);
    (shards, Customers { ids: CustomerIds::concat(&ids), firsts, of_old })
}

/// All rows of a table of a log one after the other, and their customers' numbers now.
fn flat<'a, C: Columns + 'a>(
    log: &'a EventLog,
    now: &Customers,
    columns: impl Fn(&'a Shard) -> Option<&'a C>,
    offsets: impl Fn(&'a Shard) -> &'a [usize],
) -> Option<(C, Vec<u32>)> {
    let mut all: Option<C> = None;
    let mut owners = Vec::new();
    let mut customer = 0;
    for shard in &log.inner.shards {
        let part = columns(shard)?;
        all.get_or_insert_with(|| part.take(&[])).append(part, None);
        for rows in offsets(shard).windows(2) {
            owners.extend(std::iter::repeat_n(now.of_old[customer], rows[1] - rows[0]));
            customer += 1;
        }
    }
    Some((all?, owners))
}

/// Brings the rows that were there, those of strangers and new ones together by customer.
fn place<C: Columns>(
    mut raw: RawTable<C>,
    rows: Option<(C, Vec<u32>)>,
    strangers: &RawTable<C>,
    now: &Customers,
    counts: &mut TableReport,
    topics: &mut TextPool,
) -> Placed<C> {
    let codes: Vec<u32> = raw.topics.iter().map(|text| topics.code(text)).collect();
    let mut columns = raw.columns.take(&[]);
    columns.append(&raw.columns, Some(&codes));
    raw.columns = columns;
    let before = rows.map(|(columns, owners)| (columns, owners, strangers));
    raw.place(before, &now.ids, counts)
}

impl<C: Columns> RawTable<C> {
    /// The same table with no rows.
    fn without_rows(&self) -> RawTable<C> {
        RawTable {
            table: self.table,
            ids: None,
            columns: self.columns.take(&[]),
            topics: TextPool::default(),
            counts: RowCounts::default(),
        }
    }
}
