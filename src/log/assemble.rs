//! From the tables as read to a log: ids are unified, and rows are grouped by customer.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::activity::{activity, no_activity, without_rows};
use super::event_log::{EventLog, Inner};
use super::facts::LogFacts;
use super::parts::partition::Partition;
use super::read::chunk_ids::ChunkIds;
use super::read::reading::Reading;
use super::read::schema::{CUSTOMERS, EVENTS, SURVEYS, TICKETS, TRANSACTIONS};
use super::read::transaction_chunk::TransactionChunk;
use super::report::IngestReport;
use super::store::customers::RawCustomers;
use super::store::dropped::DroppedRow;
use super::store::event_columns::EventColumns;
use super::store::event_roles::{EventRole, EventRoles, KindRoles};
use super::store::ids::CustomerIds;
use super::store::options::{ObservedUntil, PurchaseRules};
use super::store::placed::RawTable;
use super::store::shard::{BuiltShard, Codes, ScatteredChunk, Shard, merge};
use super::store::surveys::SurveyColumns;
use super::store::table_report::TableReport;
use super::store::tickets::TicketColumns;
use super::store::topics::Topics;
use crate::error::{Error, Result};
use crate::time::{TimeZone, Timestamp};

/// Rows that a shard has, about: what is built of them stays near a core.
const SHARD_ROWS: usize = 1 << 14;
/// Most shards, so that a chunk has some rows for each.
const MAX_SHARDS: usize = 1 << 11;
/// Rows of the sample by which shards are cut, per shard.
const SAMPLE: usize = 32;

/// The tables of one log, read but not sorted.
pub(super) struct Tables {
    pub(super) transactions: Vec<TransactionChunk>,
    /// Name of the id column of the transactions.
    pub(super) id_column: String,
    pub(super) tickets: Option<RawTable<TicketColumns>>,
    pub(super) surveys: Option<RawTable<SurveyColumns>>,
    pub(super) events: Option<RawTable<EventColumns>>,
    pub(super) customers: Option<RawCustomers>,
    pub(super) unused_columns: Vec<String>,
    /// What kinds of events stand for; those of the log where rows are appended.
    pub(super) roles: EventRoles,
    /// Whether these are some customers of a log: others may be in the tables too.
    pub(super) is_part: bool,
    pub(super) reading: Reading,
}

impl Tables {
    pub(super) fn into_log(
        mut self,
        rules: PurchaseRules,
        span: impl FnOnce(&[Shard]) -> Result<LogSpan>,
    ) -> Result<EventLog> {
        let roles = std::mem::take(&mut self.roles);
        self.take_activity(&roles);
        if roles.has(EventRole::Activity) && self.transactions.is_empty() {
            let none = self.events.as_ref().filter(|_| self.is_part).and_then(without_rows);
            self.transactions.push(none.ok_or_else(|| no_activity(&roles))?);
        }
        let mut report =
            IngestReport { of_activity: roles.has(EventRole::Activity), ..IngestReport::default() };
        report.of_chunks(&mut self.transactions);
        if self.ids_are_integers()? {
            self.transactions.par_iter_mut().for_each(|chunk| {
                chunk.ids = std::mem::take(&mut chunk.ids).into_integers();
            });
        }
        let (is_part, reading) = (self.is_part, std::mem::take(&mut self.reading));
        let Tables {
            transactions, tickets, surveys, events, mut customers, unused_columns, ..
        } = self;
        report.unused_columns = unused_columns;
        let counts = &mut report.transactions;
        if counts.rows_read == 0 && (!is_part || transactions.is_empty()) {
            return Err(Error::bad_table(TRANSACTIONS.name, "has no rows"));
        }

        let mut topics = Topics::default();
        let built = build_shards(transactions, rules, &mut topics);
        counts.zero_amount = built.iter().map(|shard| shard.zero_amounts).sum();
        counts.keep_others();
        if report.transactions.rows_kept == 0 && !is_part {
            return Err(no_usable_rows(&report.dropped));
        }
        let (mut shards, ids): (Vec<Shard>, Vec<CustomerIds>) =
            built.into_iter().map(|built| (built.shard, built.ids)).unzip();
        let mut first_customers = vec![0];
        first_customers.extend(ids.iter().scan(0, |end, ids| {
            *end += ids.len();
            Some(*end)
        }));
        let ids = CustomerIds::concat(&ids);
        let n = ids.len();
        report.customers = n as u64;
        report.of_shards(&shards);

        let (mut stranger_tickets, mut stranger_surveys) = (None, None);
        let mut stranger_events = None;
        if let Some(mut raw) = tickets {
            report.of_table(&mut raw.counts, 0);
            let mut counts = TableReport::default();
            topics.tickets = raw.topics.clone();
            let placed = raw.place(None, &ids, &mut counts);
            for (shard, (offsets, rows)) in shards.iter_mut().zip(placed.by_shard(&first_customers))
            {
                (shard.tickets, shard.events.tickets) = (offsets, Some(Arc::new(rows)));
            }
            report.tickets = Some(counts);
            stranger_tickets = Some(placed.strangers);
        }
        if let Some(mut raw) = surveys {
            report.of_table(&mut raw.counts, 0);
            let mut counts = TableReport::default();
            topics.surveys = raw.topics.clone();
            let placed = raw.place(None, &ids, &mut counts);
            for (shard, (offsets, rows)) in shards.iter_mut().zip(placed.by_shard(&first_customers))
            {
                (shard.surveys, shard.events.surveys) = (offsets, Some(Arc::new(rows)));
            }
            report.surveys = Some(counts);
            stranger_surveys = Some(placed.strangers);
        }
        if let Some(mut raw) = events {
            report.of_table(&mut raw.counts, 0);
            let mut counts = TableReport::default();
            topics.events = raw.topics.clone();
            let placed = raw.place(None, &ids, &mut counts);
            for (shard, (offsets, rows)) in shards.iter_mut().zip(placed.by_shard(&first_customers))
            {
                (shard.event_offsets, shard.events.events) = (offsets, Some(Arc::new(rows)));
            }
            let kinds = Arc::new(KindRoles::of(roles, &topics.events));
            shards.iter_mut().for_each(|shard| shard.events.kinds = kinds.clone());
            report.events = Some(counts);
            stranger_events = Some(placed.strangers);
        }
        let mut attributes = Vec::new();
        if let Some(table) = &mut customers {
            let mut counts = TableReport::default();
            table.drop_repeated(0, &ids);
            report.of_table(&mut table.counts, 0);
            report.odd_cells.append(&mut table.odd_cells);
            attributes = table.of_customers(0, &ids, &mut counts)?;
            report.ignored_attributes.clone_from(&table.ignored);
            report.customer_attributes = Some(counts);
        }
        let span = span(&shards)?;
        let mut inner = Inner {
            ids,
            shards,
            first_customers,
            attributes,
            customers_table: customers,
            stranger_tickets,
            stranger_surveys,
            stranger_events,
            strangers_of_parts: BTreeMap::new(),
            topics,
            span,
            report,
            reading,
        };
        if !is_part {
            inner.find_unmet_ids();
        }
        Ok(EventLog::new(inner))
    }

    /// Makes the rows that purchases are formed of, if kinds of events stand in place of purchases.
    pub(super) fn take_activity(&mut self, roles: &EventRoles) {
        if let (true, Some(events)) = (roles.has(EventRole::Activity), &self.events) {
            self.transactions = activity(events, roles);
        }
    }

    /// Whether ids are integers: by the first table with typed ids, or, when all are CSV files,
    /// when all transaction ids are integers. Ids of another table must fit.
    fn ids_are_integers(&self) -> Result<bool> {
        // Where no row has an id, there are none of any type, unless it is a part: its ids are of
        // the type of the others'.
        let chunks = || self.transactions.iter().map(|c| &c.ids).filter(|ids| ids.len() > 0);
        let first = self.transactions.first().map(|c| &c.ids).filter(|_| self.is_part);
        let kind = chunks().next().or(first).and_then(ChunkIds::is_typed_as);
        if chunks().any(|ids| ids.is_typed_as() != kind) {
            return Err(mixed_ids(&self.id_column));
        }
        let others = [
            (TICKETS.name, self.tickets.as_ref().and_then(|t| t.ids.as_ref())),
            (SURVEYS.name, self.surveys.as_ref().and_then(|t| t.ids.as_ref())),
            (EVENTS.name, self.events.as_ref().and_then(|t| t.ids.as_ref())),
            (CUSTOMERS.name, self.customers.as_ref().and_then(|t| t.ids.as_ref())),
        ];
        let others = || others.iter().filter_map(|(name, ids)| Some((*name, &(*ids)?.keys)));
        let typed = std::iter::once((TRANSACTIONS.name, kind))
            .chain(others().map(|(name, keys)| (name, keys.is_typed_as())))
            .find_map(|(name, kind)| Some((name, kind?)));
        let all_integers = || self.transactions.par_iter().all(|chunk| chunk.ids.all_integers());
        let (decided_by, as_integers) = match typed {
            Some((name, kind)) => (name, kind == "integers"),
            None => (TRANSACTIONS.name, all_integers()),
        };
        let own_fit = match kind {
            Some(kind) => as_integers == (kind == "integers"),
            None => !as_integers || all_integers(),
        };
        let unfit = std::iter::once((TRANSACTIONS.name, own_fit))
            .chain(others().map(|(name, keys)| (name, keys.fit(as_integers))))
            .find(|(_, fits)| !fits);
        if let Some((name, _)) = unfit {
            return Err(other_ids(name, !as_integers, decided_by));
        }
        Ok(as_integers)
    }
}

/// Transactions with ids of both kinds.
pub(super) fn mixed_ids(id_column: &str) -> Error {
    let message = "holds integers and texts; expected ids of one type throughout";
    Error::bad_column(TRANSACTIONS.name, id_column, message)
}

/// A table whose ids are of another kind than those of the table that decides.
pub(super) fn other_ids(table: &'static str, are_integers: bool, decided_by: &str) -> Error {
    let kind = |integers: bool| if integers { "integers" } else { "texts" };
    let (own, other) = (kind(are_integers), kind(!are_integers));
    Error::bad_table(table, format!("customer ids are {own} here and {other} in {decided_by}"))
}

/// Puts the chunks' categories and channels into those of the log, and gives each chunk the log's
/// codes for its own: in the order of the chunks, so that codes do not depend on the threads.
pub(super) fn merge_topics(
    chunks: Vec<TransactionChunk>,
    topics: &mut Topics,
) -> Vec<(TransactionChunk, Codes)> {
    let merged = chunks.into_iter().map(|chunk| {
        let categories = merge(&chunk.categories, &mut topics.categories);
        let channels = merge(&chunk.channels, &mut topics.channels);
        (chunk, Codes { categories, channels })
    });
    merged.collect()
}

/// The time that a log tells of.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogSpan {
    pub(super) first_event: Timestamp,
    pub(super) last_event: Timestamp,
    pub(super) observed_until: Timestamp,
    /// Whether its rows are activity in place of purchases.
    pub(super) of_activity: bool,
}

/// The transactions are none once bad rows are left out, of which these are some.
pub(super) fn no_usable_rows(dropped: &[DroppedRow]) -> Error {
    let first = dropped.iter().find(|row| row.table == TRANSACTIONS.name);
    let first = first.map(|row| format!("; the first that was left out: {row}"));
    let message = format!("has no usable rows{}", first.unwrap_or_default());
    Error::bad_table(TRANSACTIONS.name, message)
}

impl LogSpan {
    /// Refuses a cutoff before which nothing is known or after which the log was not complete.
    pub(super) fn check_cutoff(&self, name: &'static str, cutoff: Timestamp) -> Result<()> {
        let LogSpan { first_event, observed_until, .. } = self;
        let expected = if cutoff <= *first_event {
            after_first(*first_event, self.of_activity)
        } else if cutoff > *observed_until {
            format!("a time up to {observed_until}, where the log ends (observed_until)")
        } else {
            return Ok(());
        };
        Err(Error::argument(name, cutoff, expected))
    }

    /// What is known of a log beside its customers.
    pub(super) fn facts(&self, rules: PurchaseRules) -> LogFacts {
        let LogSpan { first_event, last_event, observed_until, of_activity } = *self;
        LogFacts {
            first_event,
            last_event,
            observed_until,
            rules,
            tells_activity: of_activity,
            share: 1.0,
            at: None,
        }
    }

    pub(super) fn of(shards: &[Shard], observed_until: ObservedUntil) -> Result<Self> {
        let times =
            shards.iter().filter_map(Shard::times).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        let (mut zone, mut of_activity) = (TimeZone::UTC, false);
        if let Some(Shard { events, .. }) = shards.first() {
            (zone, of_activity) = (events.rules.time_zone, events.columns().tells_activity());
        }
        LogSpan::between(times, observed_until, zone, of_activity)
    }

    /// From the times of the first and the last row, if there is any.
    pub(super) fn between(
        times: Option<(i64, i64)>,
        observed_until: ObservedUntil,
        zone: TimeZone,
        of_activity: bool,
    ) -> Result<Self> {
        let (first, last) = times.ok_or_else(|| no_usable_rows(&[]))?;
        let first_event = Timestamp::from_micros(first)?;
        let last_event = Timestamp::from_micros(last)?;
        let observed_until = match observed_until {
            ObservedUntil::LastEvent => Timestamp::from_micros(last + 1)?,
            ObservedUntil::At(at) => at.on("observed_until", zone)?,
        };
        if observed_until <= first_event {
            let expected = after_first(first_event, of_activity);
            return Err(Error::argument("observed_until", observed_until, expected));
        }
        Ok(LogSpan { first_event, last_event, observed_until, of_activity })
    }
}

fn after_first(first_event: Timestamp, of_activity: bool) -> String {
    let what = if of_activity { "activity" } else { "transaction" };
    format!("a time after the first {what}, {first_event}")
}

/// Brings the rows of all chunks together by customer, in shards of rising ids.
fn build_shards(
    chunks: Vec<TransactionChunk>,
    rules: PurchaseRules,
    topics: &mut Topics,
) -> Vec<BuiltShard> {
    let rows: usize = chunks.iter().map(|chunk| chunk.rows_read as usize).sum();
    let prefix = chunks.iter().fold(None, |prefix, chunk| chunk.ids.common_prefix(prefix));
    let prefix = prefix.map_or(0, |prefix| prefix.len());
    let shards = rows.div_ceil(SHARD_ROWS).clamp(1, MAX_SHARDS);
    let step = (rows / (shards * SAMPLE)).max(1);
    let sample = chunks.iter().flat_map(|chunk| {
        (0..chunk.ids.len()).step_by(step).map(move |row| chunk.ids.key(row, prefix))
    });
    let partition = Partition::by_sample(sample.collect(), shards);
    let chunks = merge_topics(chunks, topics);
    let chunks: Vec<ScatteredChunk> = chunks
        .into_par_iter()
        .map(|(chunk, codes)| {
            let shard = |ids: &ChunkIds, row| partition.shard(ids.key(row, prefix));
            ScatteredChunk::new(chunk, codes, partition.shards(), shard)
        })
        .collect();
    let mut built: Vec<BuiltShard> = (0..partition.shards())
        .into_par_iter()
        .filter_map(|shard| BuiltShard::new(shard, None, &chunks, rules))
        .collect();
    if built.is_empty() {
        built.extend(chunks.first().map(|chunk| BuiltShard::blank(chunk, rules)));
    }
    built
}
