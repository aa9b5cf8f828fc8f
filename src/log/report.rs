//! What was read, what was left out and why.

use std::fmt;

use super::store::log_columns::LogColumns;
use super::store::shard::Shard;
use super::store::table_report::TableReport;
use crate::language::{Language, thousands};
use crate::time::Timestamp;

/// What was read into a log, what was left out and why.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct IngestReport {
    /// The transactions table.
    pub transactions: TableReport,
    /// Number of kept transaction rows that repeat another row in every column that is read. They
    /// are kept: two equal lines in one order are common.
    pub exact_duplicates: u64,
    /// Customers with a transaction row.
    pub customers: u64,
    /// Of them, customers with a purchase.
    pub customers_with_purchase: u64,
    /// Purchases formed from the rows.
    pub purchases: u64,
    /// The tickets table, if there is one.
    pub tickets: Option<TableReport>,
    /// The survey answers, if there are any.
    pub surveys: Option<TableReport>,
    /// The customers table, if there is one.
    pub customer_attributes: Option<TableReport>,
    /// Columns of the customers table that are neither numbers nor texts.
    pub ignored_attributes: Vec<String>,
    /// Columns of transactions, tickets and surveys that were not read, as `table.column`: they
    /// have no default name and were not mapped.
    pub unused_columns: Vec<String>,
}

impl IngestReport {
    /// Counts other customers' rows too.
    pub(super) fn add(&mut self, other: &IngestReport) {
        self.transactions.add(&other.transactions);
        self.exact_duplicates += other.exact_duplicates;
        self.customers += other.customers;
        self.customers_with_purchase += other.customers_with_purchase;
        self.purchases += other.purchases;
        for (own, other) in [
            (&mut self.tickets, &other.tickets),
            (&mut self.surveys, &other.surveys),
            (&mut self.customer_attributes, &other.customer_attributes),
        ] {
            if let (Some(own), Some(other)) = (own, other) {
                own.add(other);
            }
        }
    }

    /// Counts what all shards hold.
    pub(super) fn of_shards(&mut self, shards: &[Shard]) {
        let sum = |of: fn(&Shard) -> usize| shards.iter().map(|shard| of(shard) as u64).sum();
        self.purchases = sum(|shard| shard.purchases.len());
        self.customers_with_purchase = sum(Shard::customers_with_purchase);
        self.exact_duplicates = shards.iter().map(|shard| shard.exact_duplicates).sum();
    }
}

impl fmt::Display for IngestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} purchases of {} customers",
            grouped(self.purchases),
            grouped(self.customers_with_purchase)
        )?;
        let silent = self.customers - self.customers_with_purchase;
        if silent > 0 {
            write!(f, " ({} more customers without a purchase)", grouped(silent))?;
        }
        let tables = [
            ("transactions", Some(&self.transactions)),
            ("tickets", self.tickets.as_ref()),
            ("surveys", self.surveys.as_ref()),
            ("customers", self.customer_attributes.as_ref()),
        ];
        for (name, table) in tables {
            let Some(table) = table else { continue };
            write!(f, "\n{name}: {} rows read", grouped(table.rows_read))?;
            for (count, what) in [
                (table.missing_id, "left out without a customer id"),
                (table.zero_amount, "left out with amount zero"),
                (table.unknown_customer, "left out of customers without transactions"),
            ] {
                if count > 0 {
                    write!(f, ", {} {what}", grouped(count))?;
                }
            }
            write!(f, ", {} kept", grouped(table.rows_kept))?;
            if name == "transactions" && self.exact_duplicates > 0 {
                write!(
                    f,
                    " ({} equal another row in all columns used)",
                    grouped(self.exact_duplicates)
                )?;
            }
        }
        if !self.unused_columns.is_empty() {
            write!(f, "\ncolumns not used: {}", self.unused_columns.join(", "))?;
        }
        if !self.ignored_attributes.is_empty() {
            let names = self.ignored_attributes.join(", ");
            write!(f, "\ncustomers: {names} ignored, neither numbers nor texts")?;
        }
        Ok(())
    }
}

/// What a reader should know before relying on a log.
pub(super) fn notes(columns: LogColumns, last_event: Timestamp, until: Timestamp) -> Vec<String> {
    let mut notes = Vec::new();
    if !columns.amount {
        notes.push(
            "transactions have no amount: every row counts as bought, cancellations too, and nothing \
             can be said of money"
                .to_owned(),
        );
    }
    if last_event >= until {
        notes.push(format!(
            "transactions go on to {last_event}, after observed_until: what happened from \
             {until} on is used for nothing"
        ));
    }
    let silent = until.days_since(last_event);
    if silent > MUCH_SILENCE {
        notes.push(format!(
            "nothing happened in the last {silent:.0} days before observed_until: if the log ends \
             with {last_event}, so does what is known"
        ));
    }
    notes
}

/// So many days without any transaction at the end of a log are remarkable.
const MUCH_SILENCE: f64 = 45.0;

/// A count with its thousands separated, as `1,234,567`.
pub(crate) fn grouped(count: u64) -> String {
    thousands(&count.to_string(), Language::English)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        let texts: Vec<String> = [0, 12, 999, 1_000, 1_234_567].map(grouped).into();
        assert_eq!(texts, ["0", "12", "999", "1,000", "1,234,567"]);
    }
}
