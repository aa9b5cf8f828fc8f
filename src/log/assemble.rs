//! From tables as they were read to a log: ids made one, rows brought together by customer.

use rayon::prelude::*;

use super::chunk_ids::ChunkIds;
use super::customers::{Attribute, RawCustomers};
use super::group::group_rows;
use super::ids::{CustomerIds, IdColumn, IdKeys};
use super::options::{MissingIds, ObservedUntil, PurchaseRules};
use super::partition::Partition;
use super::pool::NO_CODE;
use super::report::{IngestReport, TableReport};
use super::schema::{CUSTOMERS, SURVEYS, TICKETS, TRANSACTIONS};
use super::shard::{BuiltShard, ScatteredChunk, Shard, merge};
use super::surveys::RawSurveys;
use super::tickets::RawTickets;
use super::transactions::TransactionChunk;
use super::{EventLog, Topics};
use crate::error::{Error, Result};
use crate::time::Timestamp;

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
    pub(super) tickets: Option<RawTickets>,
    pub(super) surveys: Option<RawSurveys>,
    pub(super) customers: Option<RawCustomers>,
    pub(super) unused_columns: Vec<String>,
}

impl Tables {
    pub(super) fn into_log(
        mut self,
        missing_ids: MissingIds,
        rules: PurchaseRules,
        observed_until: ObservedUntil,
    ) -> Result<EventLog> {
        let mut report = IngestReport::default();
        if self.ids_are_integers()? {
            self.transactions.par_iter_mut().for_each(|chunk| {
                chunk.ids = std::mem::take(&mut chunk.ids).into_integers();
            });
        }
        let Tables { transactions, tickets, surveys, customers, unused_columns, .. } = self;
        report.unused_columns = unused_columns;
        let counts = &mut report.transactions;
        counts.rows_read = transactions.iter().map(|chunk| chunk.rows_read).sum();
        counts.missing_id = transactions.iter().map(|chunk| chunk.missing_ids.len() as u64).sum();
        if counts.rows_read == 0 {
            return Err(Error::table(TRANSACTIONS.name, "has no rows"));
        }

        let mut topics = Topics::default();
        let built = build_shards(transactions, rules, &mut topics);
        counts.zero_amount = built.iter().map(|shard| shard.zero_amounts).sum();
        counts.rows_kept = counts.rows_read - counts.missing_id - counts.zero_amount;
        if counts.rows_kept == 0 {
            return Err(Error::table(TRANSACTIONS.name, "has no usable rows"));
        }
        report.exact_duplicates = built.iter().map(|shard| shard.exact_duplicates).sum();
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
        report.purchases = shards.iter().map(|shard| shard.purchases.len() as u64).sum();
        report.customers_with_purchase =
            shards.iter().map(|shard| shard.customers_with_purchase() as u64).sum();

        let customers_of = |i: usize| first_customers[i]..first_customers[i + 1];
        if let Some(raw) = tickets {
            let mut counts = TableReport { rows_read: raw.rows_read, ..TableReport::default() };
            let table = TICKETS.name;
            let owners =
                known_owners(&raw.ids, &raw.id_column, table, missing_ids, &ids, &mut counts)?;
            let groups =
                group_rows(&owners, n, &raw.columns.opened_at, |a, b| raw.columns.compare(a, b));
            counts.rows_kept = groups.order.len() as u64;
            for (i, shard) in shards.iter_mut().enumerate() {
                let (offsets, order) = groups.part(customers_of(i));
                shard.tickets = offsets;
                shard.events.tickets = Some(raw.columns.take(order));
            }
            topics.tickets = raw.topics;
            report.tickets = Some(counts);
        }
        if let Some(raw) = surveys {
            let mut counts = TableReport { rows_read: raw.rows_read, ..TableReport::default() };
            let table = SURVEYS.name;
            let owners =
                known_owners(&raw.ids, &raw.id_column, table, missing_ids, &ids, &mut counts)?;
            let groups =
                group_rows(&owners, n, &raw.columns.time, |a, b| raw.columns.compare(a, b));
            counts.rows_kept = groups.order.len() as u64;
            for (i, shard) in shards.iter_mut().enumerate() {
                let (offsets, order) = groups.part(customers_of(i));
                shard.surveys = offsets;
                shard.events.surveys = Some(raw.columns.take(order));
            }
            topics.surveys = raw.topics;
            report.surveys = Some(counts);
        }
        let mut attributes = Vec::new();
        if let Some(raw) = customers {
            let mut counts = TableReport { rows_read: raw.rows_read, ..TableReport::default() };
            attributes = customer_attributes(raw, missing_ids, &ids, &mut counts, &mut report)?;
            report.customer_attributes = Some(counts);
        }
        let times = shards.iter().filter_map(Shard::times);
        let (first, last) = times.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or_default();
        let observed_until = match observed_until {
            ObservedUntil::LastEvent => Timestamp::from_micros(last + 1)?,
            ObservedUntil::At(at) if at.micros() <= first => {
                let first = Timestamp::from_micros(first)?;
                let allowed = format!("must be later than the first transaction, {first}");
                return Err(Error::parameter("observed_until", at, allowed));
            }
            ObservedUntil::At(at) => at,
        };
        Ok(EventLog {
            ids,
            shards,
            first_customers,
            attributes,
            topics,
            first_event: Timestamp::from_micros(first)?,
            last_event: Timestamp::from_micros(last)?,
            observed_until,
            report,
        })
    }

    /// Whether ids are integers: by the first table with typed ids, or, when all are CSV files,
    /// when all transaction ids are integers. Ids of another table must fit.
    fn ids_are_integers(&self) -> Result<bool> {
        let chunks = || self.transactions.iter().map(|chunk| &chunk.ids);
        let kind = chunks().next().and_then(ChunkIds::is_typed_as);
        if chunks().any(|ids| ids.is_typed_as() != kind) {
            let message = "holds integers and texts; expected ids of one type throughout";
            return Err(Error::column(TRANSACTIONS.name, self.id_column.as_str(), message));
        }
        let others = [
            (TICKETS.name, self.tickets.as_ref().and_then(|t| t.ids.as_ref())),
            (SURVEYS.name, self.surveys.as_ref().and_then(|t| t.ids.as_ref())),
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
        let fits = |keys: &IdKeys| match keys {
            IdKeys::Int { .. } => as_integers,
            IdKeys::Text { untyped: false, .. } => !as_integers,
            IdKeys::Text { untyped: true, .. } => !as_integers || keys.all_integers(),
        };
        let unfit = std::iter::once((TRANSACTIONS.name, own_fit))
            .chain(others().map(|(name, keys)| (name, fits(keys))))
            .find(|(_, fits)| !fits);
        if let Some((name, _)) = unfit {
            let kind = |integers: bool| if integers { "integers" } else { "texts" };
            let (own, other) = (kind(!as_integers), kind(as_integers));
            let message = format!("customer ids are {own} here and {other} in {decided_by}");
            return Err(Error::table(name, message));
        }
        Ok(as_integers)
    }
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
    let shards = rows.div_ceil(SHARD_ROWS).min(MAX_SHARDS);
    let step = (rows / (shards * SAMPLE)).max(1);
    let sample = chunks.iter().flat_map(|chunk| {
        (0..chunk.ids.len()).step_by(step).map(move |row| chunk.ids.key(row, prefix))
    });
    let partition = Partition::by_sample(sample.collect(), shards);
    // In the order of the chunks, so that codes do not depend on the threads.
    let chunks: Vec<_> = chunks
        .into_iter()
        .map(|chunk| {
            let categories = merge(&chunk.categories, &mut topics.categories);
            let channels = merge(&chunk.channels, &mut topics.channels);
            (chunk, (categories, channels))
        })
        .collect();
    let chunks: Vec<ScatteredChunk> = chunks
        .into_par_iter()
        .map(|(chunk, codes)| ScatteredChunk::new(chunk, codes, &partition, prefix))
        .collect();
    (0..partition.shards())
        .into_par_iter()
        .filter_map(|shard| BuiltShard::new(shard, &chunks, rules))
        .collect()
}

/// The id number of each row; a missing id is refused or counted.
fn owners(
    ids: &IdColumn,
    id_column: &str,
    table: &'static str,
    missing_ids: MissingIds,
    counts: &mut TableReport,
) -> Result<Vec<u32>> {
    for (row, &code) in ids.codes.iter().enumerate() {
        if code == NO_CODE {
            if missing_ids == MissingIds::Error {
                let message = "has no customer id; missing_ids=\"drop\" leaves such rows out";
                return Err(Error::data(table, id_column, row as u64 + 1, message));
            }
            counts.missing_id += 1;
        }
    }
    Ok(ids.codes.clone())
}

/// The customer of each row; rows of customers without transactions are counted and left out.
fn known_owners(
    ids: &Option<IdColumn>,
    id_column: &str,
    table: &'static str,
    missing_ids: MissingIds,
    known: &CustomerIds,
    counts: &mut TableReport,
) -> Result<Vec<u32>> {
    let Some(ids) = ids else { return Ok(Vec::new()) };
    let mut owners = owners(ids, id_column, table, missing_ids, counts)?;
    let position = ids.keys.positions_in(known);
    for owner in owners.iter_mut().filter(|owner| **owner != NO_CODE) {
        *owner = position[*owner as usize].unwrap_or_else(|| {
            counts.unknown_customer += 1;
            NO_CODE
        });
    }
    Ok(owners)
}

fn customer_attributes(
    raw: RawCustomers,
    missing_ids: MissingIds,
    ids: &CustomerIds,
    counts: &mut TableReport,
    report: &mut IngestReport,
) -> Result<Vec<Attribute>> {
    let table = CUSTOMERS.name;
    let owners = known_owners(&raw.ids, &raw.id_column, table, missing_ids, ids, counts)?;
    let mut row_of_customer: Vec<Option<u32>> = vec![None; ids.len()];
    for (row, &owner) in owners.iter().enumerate().filter(|(_, owner)| **owner != NO_CODE) {
        let slot = &mut row_of_customer[owner as usize];
        if let Some(first) = *slot {
            let id = ids.get(owner as usize);
            let message = format!("customer {id} is there already, in row {}", first + 1);
            return Err(Error::data(table, raw.id_column.as_str(), row as u64 + 1, message));
        }
        *slot = Some(row as u32);
        counts.rows_kept += 1;
    }
    report.ignored_attributes = raw.ignored;
    Ok(raw.attributes.into_iter().map(|a| a.take(&row_of_customer)).collect())
}
