//! From tables as they were read to a log: ids made one, rows brought together by customer.

use super::customers::{Attribute, RawCustomers};
use super::events::Events;
use super::group::{Groups, group_rows};
use super::ids::{CustomerIds, IdColumn, IdKeys};
use super::options::{MissingIds, ObservedUntil, PurchaseRules, ZeroAmounts};
use super::pool::NO_CODE;
use super::purchases::{Purchase, PurchaseScratch};
use super::report::{IngestReport, TableReport};
use super::schema::{CUSTOMERS, SURVEYS, TICKETS, TRANSACTIONS};
use super::surveys::RawSurveys;
use super::tickets::RawTickets;
use super::transactions::RawTransactions;
use super::{EventLog, Topics};
use crate::error::{Error, Result};
use crate::time::Timestamp;

/// The tables of one log, read but not sorted.
pub(super) struct Tables {
    pub(super) raw: RawTransactions,
    pub(super) tickets: Option<RawTickets>,
    pub(super) surveys: Option<RawSurveys>,
    pub(super) customers: Option<RawCustomers>,
    pub(super) unused_columns: Vec<String>,
}

impl Tables {
    pub(super) fn into_log(
        self,
        missing_ids: MissingIds,
        rules: PurchaseRules,
        observed_until: ObservedUntil,
    ) -> Result<EventLog> {
        let mut report = IngestReport::default();
        let as_integers = self.ids_are_integers()?;
        let Tables { raw, tickets, surveys, customers, unused_columns } = self;
        report.unused_columns = unused_columns;
        report.transactions.rows_read = raw.rows_read;

        let (ids, position) = raw.ids.keys.sorted(as_integers);
        let mut customer_of_row = owners(
            &raw.ids,
            &raw.id_column,
            TRANSACTIONS.name,
            missing_ids,
            &mut report.transactions,
        )?;
        for (row, owner) in customer_of_row.iter_mut().enumerate() {
            if *owner == NO_CODE {
                continue;
            }
            let zero = raw.columns.amount.as_ref().is_some_and(|amounts| amounts[row] == 0.0);
            if zero && rules.zero_amounts == ZeroAmounts::Ignore {
                report.transactions.zero_amount += 1;
                *owner = NO_CODE;
            } else {
                *owner = position[*owner as usize];
            }
        }
        let n = ids.len();
        let groups = group_rows(&customer_of_row, n, |a, b| raw.columns.compare(a, b));
        drop(customer_of_row);
        if groups.order.is_empty() {
            return Err(Error::table(TRANSACTIONS.name, "has no usable rows"));
        }
        report.transactions.rows_kept = groups.order.len() as u64;
        report.exact_duplicates = groups.count_repeats(|a, b| raw.columns.compare(a, b).is_eq());
        report.customers = n as u64;
        let mut events = Events {
            transactions: raw.columns.take(&groups.order),
            tickets: None,
            surveys: None,
            rules,
        };
        let transactions = groups.offsets;
        let (purchase_offsets, purchases) = all_purchases(&events, &transactions);
        report.purchases = purchases.len() as u64;
        report.customers_with_purchase =
            purchase_offsets.windows(2).filter(|w| w[0] < w[1]).count() as u64;

        let mut topics =
            Topics { categories: raw.categories, channels: raw.channels, ..Topics::default() };
        let mut ticket_offsets = vec![0; n + 1];
        if let Some(raw) = tickets {
            let mut counts = TableReport { rows_read: raw.rows_read, ..TableReport::default() };
            let table = TICKETS.name;
            let owners =
                known_owners(&raw.ids, &raw.id_column, table, missing_ids, &ids, &mut counts)?;
            let Groups { offsets, order } =
                group_rows(&owners, n, |a, b| raw.columns.compare(a, b));
            counts.rows_kept = order.len() as u64;
            ticket_offsets = offsets;
            events.tickets = Some(raw.columns.take(&order));
            topics.tickets = raw.topics;
            report.tickets = Some(counts);
        }
        let mut survey_offsets = vec![0; n + 1];
        if let Some(raw) = surveys {
            let mut counts = TableReport { rows_read: raw.rows_read, ..TableReport::default() };
            let table = SURVEYS.name;
            let owners =
                known_owners(&raw.ids, &raw.id_column, table, missing_ids, &ids, &mut counts)?;
            let Groups { offsets, order } =
                group_rows(&owners, n, |a, b| raw.columns.compare(a, b));
            counts.rows_kept = order.len() as u64;
            survey_offsets = offsets;
            events.surveys = Some(raw.columns.take(&order));
            topics.surveys = raw.topics;
            report.surveys = Some(counts);
        }
        let mut attributes = Vec::new();
        if let Some(raw) = customers {
            let mut counts = TableReport { rows_read: raw.rows_read, ..TableReport::default() };
            attributes = customer_attributes(raw, missing_ids, &ids, &mut counts, &mut report)?;
            report.customer_attributes = Some(counts);
        }
        let first = events.transactions.time.iter().copied().min().unwrap_or(0);
        let last = events.transactions.time.iter().copied().max().unwrap_or(0);
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
            events,
            transactions,
            purchase_offsets,
            purchases,
            ticket_offsets,
            survey_offsets,
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
        let others = [
            (TICKETS.name, self.tickets.as_ref().and_then(|t| t.ids.as_ref())),
            (SURVEYS.name, self.surveys.as_ref().and_then(|t| t.ids.as_ref())),
            (CUSTOMERS.name, self.customers.as_ref().and_then(|t| t.ids.as_ref())),
        ];
        let tables = || {
            std::iter::once((TRANSACTIONS.name, &self.raw.ids.keys))
                .chain(others.iter().filter_map(|(name, ids)| Some((*name, &(*ids)?.keys))))
        };
        let typed = tables().find_map(|(name, keys)| Some((name, keys.is_typed_as()?)));
        let (decided_by, as_integers) = match typed {
            Some((name, kind)) => (name, kind == "integers"),
            None => (TRANSACTIONS.name, self.raw.ids.keys.all_integers()),
        };
        for (name, keys) in tables() {
            let fits = match keys {
                IdKeys::Int { .. } => as_integers,
                IdKeys::Text { untyped: false, .. } => !as_integers,
                IdKeys::Text { untyped: true, .. } => !as_integers || keys.all_integers(),
            };
            if !fits {
                let kind = |integers: bool| if integers { "integers" } else { "texts" };
                return Err(Error::table(
                    name,
                    format!(
                        "customer ids are {} here and {} in {decided_by}",
                        kind(!as_integers),
                        kind(as_integers)
                    ),
                ));
            }
        }
        Ok(as_integers)
    }
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

/// The purchases of all customers, one customer after the other.
fn all_purchases(events: &Events, offsets: &[usize]) -> (Vec<usize>, Vec<Purchase>) {
    use rayon::prelude::*;
    const CUSTOMERS_AT_ONCE: usize = 4_096;
    let starts: Vec<usize> = (0..offsets.len() - 1).collect();
    let parts: Vec<(Vec<usize>, Vec<Purchase>)> = starts
        .par_chunks(CUSTOMERS_AT_ONCE)
        .map(|customers| {
            let mut scratch = PurchaseScratch::default();
            let (mut counts, mut purchases) = (Vec::new(), Vec::new());
            for &customer in customers {
                let before = purchases.len();
                let rows = offsets[customer]..offsets[customer + 1];
                events.purchases(rows, &mut scratch, &mut purchases);
                counts.push(purchases.len() - before);
            }
            (counts, purchases)
        })
        .collect();
    let mut purchase_offsets = Vec::with_capacity(offsets.len());
    let mut purchases = Vec::with_capacity(parts.iter().map(|part| part.1.len()).sum());
    let mut end = 0;
    purchase_offsets.push(end);
    for (counts, part) in parts {
        purchase_offsets.extend(counts.iter().map(|count| {
            end += count;
            end
        }));
        purchases.extend(part);
    }
    (purchase_offsets, purchases)
}
