//! What was read, what was left out and why.

use std::fmt::{self, Write as _};

use super::counted::{counted, grouped};
use super::read::identified::RowCounts;
use super::read::padded::PaddedIds;
use super::read::schema::{CUSTOMERS, EVENTS, SURVEYS, TICKETS, TRANSACTIONS};
use super::read::transaction_chunk::TransactionChunk;
use super::store::attribute_cells::OddCells;
use super::store::dropped::{Dropped, DroppedRow, tell};
use super::store::log_columns::LogColumns;
use super::store::shard::Shard;
use super::store::table_report::TableReport;
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
    /// The events, if there are any.
    pub events: Option<TableReport>,
    /// The customers table, if there is one.
    pub customer_attributes: Option<TableReport>,
    /// Columns of the customers table that are neither numbers nor texts.
    pub ignored_attributes: Vec<String>,
    /// Columns of transactions, tickets, surveys and events that were not read, as `table.column`: they
    /// have no default name and were not mapped.
    pub unused_columns: Vec<String>,
    /// The first ten rows of every table that were left out because a cell cannot be used.
    pub dropped: Vec<DroppedRow>,
    /// Columns of the customers table that are read as texts because of few cells.
    pub odd_cells: Vec<OddCells>,
    /// Rows of all tables whose customer id had blanks around it, which were taken off.
    pub padded_ids: u64,
    /// Customer ids of the transactions that were written in several ways but for such blanks.
    pub joined_ids: u64,
    /// Whether purchases are activity that stands in place of them.
    #[serde(skip)]
    pub(super) of_activity: bool,
    /// Tables whose ids are not those of the transactions, none or nearly none of them: in words,
    /// with ids of either side.
    pub unmet_ids: Vec<String>,
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
            (&mut self.events, &other.events),
            (&mut self.customer_attributes, &other.customer_attributes),
        ] {
            if let (Some(own), Some(other)) = (own, other) {
                own.add(other);
            }
        }
        self.padded_ids += other.padded_ids;
        self.joined_ids += other.joined_ids;
        tell(&mut self.dropped, other.dropped.clone());
    }

    /// Tells of rows that were left out of a table that follows so many rows.
    fn tell(&mut self, dropped: &mut Dropped, rows_before: u64) {
        let mut told = std::mem::take(&mut dropped.told);
        told.iter_mut().for_each(|row| row.number += rows_before);
        tell(&mut self.dropped, told);
    }

    /// The tables by name, transactions first.
    pub(super) fn tables(&self) -> impl Iterator<Item = (&'static str, &TableReport)> {
        let tables = [
            (TRANSACTIONS.name, Some(&self.transactions)),
            (TICKETS.name, self.tickets.as_ref()),
            (SURVEYS.name, self.surveys.as_ref()),
            (EVENTS.name, self.events.as_ref()),
            (CUSTOMERS.name, self.customer_attributes.as_ref()),
        ];
        tables.into_iter().filter_map(|(name, table)| Some((name, table?)))
    }

    /// What to know before relying on what was read: tables whose customers are not those of the
    /// transactions, columns read as texts because of few cells, and ids with blanks around them.
    ///
    /// ```
    /// use winback::log::{EventLog, IdSlice, SurveySlices, TransactionSlices};
    /// let at = ["2024-01-05".parse()?];
    /// let id = |id| IdSlice::Text(std::slice::from_ref(id));
    /// let orders = TransactionSlices { customer_id: id(&"c-7"), time: &at, ..Default::default() };
    /// let answers =
    ///     SurveySlices { customer_id: id(&"C-7"), time: &at, score: &[9.0], ..Default::default() };
    /// let log = EventLog::builder()
    ///     .transactions([orders.to_batch()?])
    ///     .surveys([answers.to_batch()?])
    ///     .observed_until("2024-04-01")?
    ///     .build()?;
    /// assert_eq!(
    ///     log.report().notes(),
    ///     ["surveys: none of 1 row is of a customer of the transactions; ids are C-7 here and c-7 \
    ///       there, which differ in case"]
    /// );
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn notes(&self) -> Vec<String> {
        let mut notes = self.unmet_ids.clone();
        if self.of_activity {
            notes.iter_mut().for_each(|note| *note = note.replace("the transactions", "activity"));
        }
        notes.extend(self.odd_cells.iter().map(OddCells::to_string));
        if self.padded_ids > 0 {
            let mut note = format!(
                "customer ids: {} rows had blanks around the id, which were taken off",
                grouped(self.padded_ids)
            );
            if self.joined_ids > 0 {
                let _ = write!(note, "; {} ids became one by it", grouped(self.joined_ids));
            }
            notes.push(note);
        }
        notes
    }

    /// Counts the rows of transactions as they were read, before it is known which are kept.
    pub(super) fn of_chunks(&mut self, chunks: &mut [TransactionChunk]) {
        let rows_before = self.transactions.rows_read;
        let (mut dropped, mut padded) = (Dropped::default(), PaddedIds::default());
        for chunk in &mut *chunks {
            self.transactions.rows_read += chunk.rows_read;
            self.transactions.missing_id += chunk.missing_ids;
            dropped.add(std::mem::take(&mut chunk.dropped));
            padded.add(std::mem::take(&mut chunk.padded_ids));
        }
        self.transactions.bad_rows += dropped.rows;
        self.tell(&mut dropped, rows_before);
        self.padded_ids += padded.rows;
        self.joined_ids += padded.joined(chunks.iter().flat_map(|chunk| chunk.ids.texts()));
    }

    /// Counts what was special in another table, which follows so many rows.
    pub(super) fn of_table(&mut self, counts: &mut RowCounts, rows_before: u64) {
        self.tell(&mut counts.dropped, rows_before);
        self.padded_ids += std::mem::take(&mut counts.padded_ids);
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
        let [first, one, several, without, transactions] = match self.of_activity {
            false => [TRANSACTIONS.name, "purchase", "purchases", "a purchase", "transactions"],
            true => ["activity", "activity", "activities", "activity", "activity"],
        };
        write!(
            f,
            "{} of {}",
            counted(self.purchases, one, several),
            counted(self.customers_with_purchase, "customer", "customers")
        )?;
        let silent = self.customers - self.customers_with_purchase;
        if silent > 0 {
            let silent = counted(silent, "more customer", "more customers");
            write!(f, " ({silent} without {without})")?;
        }
        for (name, table) in self.tables() {
            let is_first = name == TRANSACTIONS.name;
            let shown = if is_first { first } else { name };
            write!(f, "\n{shown}: {} read", counted(table.rows_read, "row", "rows"))?;
            let unknown = format!("left out of customers without {transactions}");
            for (count, what) in [
                (table.missing_id, "left out without a customer id"),
                (table.bad_rows, "left out with a cell that cannot be used"),
                (table.zero_amount, "left out with amount zero"),
                (table.unknown_customer, unknown.as_str()),
            ] {
                if count > 0 {
                    write!(f, ", {} {what}", grouped(count))?;
                }
            }
            write!(f, ", {} kept", grouped(table.rows_kept))?;
            if is_first && self.exact_duplicates > 0 {
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
        self.dropped.iter().try_for_each(|row| write!(f, "\nleft out: {row}"))?;
        self.notes().iter().try_for_each(|note| write!(f, "\nnote: {note}"))
    }
}

/// What a reader should know before relying on a log.
pub(super) fn notes(columns: LogColumns, last_event: Timestamp, until: Timestamp) -> Vec<String> {
    let mut notes = Vec::new();
    let of_activity = columns.tells_activity();
    if !columns.amount && !of_activity {
        notes.push(
            "transactions have no amount: every row counts as bought, cancellations too, and nothing \
             can be said of money"
                .to_owned(),
        );
    }
    if last_event >= until {
        let what = if of_activity { "activity goes" } else { "transactions go" };
        notes.push(format!(
            "{what} on to {last_event}, after observed_until: what happened from \
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
