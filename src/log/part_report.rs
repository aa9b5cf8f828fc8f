//! What was read into the log of some customers and what was left out, in the bytes of that log: so the log
//! of all customers tells it of all of them.

use std::collections::BTreeMap;

use super::event_log::Inner;
use super::owned_id::OwnedId;
use super::read::schema::{CUSTOMERS, EVENTS, SURVEYS, TICKETS, TRANSACTIONS};
use super::store::table_report::TableReport;

/// Rows of a table are fewer, so that those of all parts can be added.
const MOST_ROWS: u64 = 1 << 48;

/// The counts of an [`IngestReport`](super::IngestReport), but for those that the rows tell again. What was
/// wrong with single rows is not kept, for their numbers are those of the part.
#[derive(Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartReport {
    /// By the name of the table.
    tables: BTreeMap<String, TableReport>,
    padded_ids: u64,
    joined_ids: u64,
    ignored_attributes: Vec<String>,
    /// Of every other table the lowest ids of customers without transactions.
    strangers: BTreeMap<String, Vec<OwnedId>>,
}

impl PartReport {
    pub(super) fn of(log: &Inner) -> Self {
        let report = &log.report;
        let tables = report.tables().map(|(name, table)| (name.to_owned(), *table));
        let strangers = log.lowest_strangers().into_iter();
        PartReport {
            tables: tables.collect(),
            padded_ids: report.padded_ids,
            joined_ids: report.joined_ids,
            ignored_attributes: report.ignored_attributes.clone(),
            strangers: strangers.map(|(name, ids)| (name.to_owned(), ids)).collect(),
        }
    }

    /// Whether its counts are such as rows can give.
    pub(super) fn is_possible(&self) -> bool {
        let counts = [self.padded_ids, self.joined_ids];
        self.tables.values().all(|table| table.is_possible(MOST_ROWS))
            && counts.iter().all(|&count| count <= MOST_ROWS)
    }

    /// Adds that of other customers.
    pub(super) fn add(&mut self, other: PartReport) {
        for (name, table) in other.tables {
            self.tables.entry(name).or_default().add(&table);
        }
        self.padded_ids += other.padded_ids;
        self.joined_ids += other.joined_ids;
        for name in other.ignored_attributes {
            if !self.ignored_attributes.contains(&name) {
                self.ignored_attributes.push(name);
            }
        }
        for (name, ids) in other.strangers {
            self.strangers.entry(name).or_default().extend(ids);
        }
    }

    /// Tells it of the log of all parts.
    pub(super) fn tell(mut self, log: &mut Inner) {
        let report = &mut log.report;
        let mut table = |name: &str| self.tables.remove(name);
        if let Some(counts) = table(TRANSACTIONS.name) {
            report.transactions = counts;
        }
        for (name, own) in [
            (TICKETS.name, &mut report.tickets),
            (SURVEYS.name, &mut report.surveys),
            (EVENTS.name, &mut report.events),
            (CUSTOMERS.name, &mut report.customer_attributes),
        ] {
            *own = table(name).or(*own);
        }
        report.padded_ids = self.padded_ids;
        report.joined_ids = self.joined_ids;
        report.ignored_attributes = self.ignored_attributes;
        log.strangers_of_parts = self.strangers;
        log.find_unmet_ids();
    }
}
