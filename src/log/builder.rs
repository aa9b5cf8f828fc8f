//! Reading tables into an [`EventLog`].

use std::path::Path;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::Schema;

use super::customers::{self, Attribute, RawCustomers};
use super::events::Events;
use super::group::{Groups, group_rows};
use super::ids::{CustomerIds, IdColumn, IdKeys};
use super::options::{MissingIds, ObservedUntil, PurchaseBy, PurchaseRules, ZeroAmounts};
use super::pool::NO_CODE;
use super::purchases::{Purchase, PurchaseScratch};
use super::report::{IngestReport, TableReport};
use super::schema::{CUSTOMERS, ColumnNames, SURVEYS, TICKETS, TRANSACTIONS, TableSpec};
use super::source::{self, Source, TableReader};
use super::surveys::{self, RawSurveys};
use super::tickets::{self, RawTickets};
use super::transactions::{self, RawTransactions};
use super::{EventLog, Topics};
use crate::error::{Error, Result};
use crate::time::Timestamp;

/// Collects input tables and how they are to be read; [`EventLog::builder`] makes one.
///
/// Each table comes from Arrow record batches, from a stream of them, or from a file ending in
/// `.parquet`, `.csv` or `.csv.gz`. Files and streams are read by [`EventLogBuilder::build`].
#[derive(Debug, Default)]
pub struct EventLogBuilder {
    transactions: Option<Source>,
    tickets: Option<Source>,
    surveys: Option<Source>,
    customers: Option<Source>,
    names: ColumnNames,
    missing_ids: MissingIds,
    rules: PurchaseRules,
    observed_until: Option<ObservedUntil>,
    separator: Option<u8>,
}

macro_rules! table_setters {
    ($($table:ident, $from_stream:ident, $from_path:ident, $what:literal, $columns:literal;)+) => {$(
        #[doc = concat!("The ", $what, " from Arrow record batches of one schema: ", $columns)]
        #[must_use]
        pub fn $table(mut self, batches: impl IntoIterator<Item = RecordBatch>) -> Self {
            self.$table = Some(batches_source(batches));
            self
        }

        #[doc = concat!("The ", $what, " from a stream of Arrow record batches.")]
        #[must_use]
        pub fn $from_stream(mut self, stream: Box<dyn RecordBatchReader + Send>) -> Self {
            self.$table = Some(Source::Stream(stream));
            self
        }

        #[doc = concat!("The ", $what, " from a `.parquet`, `.csv` or `.csv.gz` file.")]
        ///
        /// # Errors
        /// [`Error::Parameter`] for another ending, [`Error::Io`] when there is no such file.
        pub fn $from_path(mut self, path: impl AsRef<Path>) -> Result<Self> {
            self.$table = Some(path_source(path.as_ref())?);
            Ok(self)
        }
    )+};
}

impl EventLogBuilder {
    table_setters! {
        transactions, transactions_stream, transactions_path, "transactions",
            "`customer_id`, `time` and, where there are any, `amount`, `order_id`, `category`, \
             `channel`, `discount`, `known_at`.";
        tickets, tickets_stream, tickets_path, "support tickets",
            "`customer_id`, `opened_at` and, where there are any, `first_response_at`, \
             `resolved_at` (null: open), `topic`, `reopened_count`, `satisfaction`, `known_at`.";
        surveys, surveys_stream, surveys_path, "survey answers",
            "`customer_id`, `time`, `score` (0 to 10) and, where there are any, `topic`, `known_at`.";
        customers, customers_stream, customers_path, "customers' attributes",
            "`customer_id` and any columns of numbers or texts.";
    }

    /// Says that the column `place`, such as `transactions.amount`, is named `input` in the input.
    ///
    /// # Errors
    /// [`Error::Parameter`] when there is no such table or column.
    pub fn column(mut self, place: &str, input: &str) -> Result<Self> {
        self.names.set(place, input)?;
        Ok(self)
    }

    /// What to do with rows without a customer id. Default: an error.
    #[must_use]
    pub fn missing_ids(mut self, missing_ids: MissingIds) -> Self {
        self.missing_ids = missing_ids;
        self
    }

    /// Which rows form a purchase. Default: those of one order id; without order ids, those of one
    /// customer at one instant.
    #[must_use]
    pub fn purchase_by(mut self, purchase_by: PurchaseBy) -> Self {
        self.rules.purchase_by = purchase_by;
        self
    }

    /// What a row of amount zero is. Default: left out and counted.
    #[must_use]
    pub fn zero_amounts(mut self, zero_amounts: ZeroAmounts) -> Self {
        self.rules.zero_amounts = zero_amounts;
        self
    }

    /// Up to when the log is complete: a [`Timestamp`], a date as text, or `"last_event"`.
    ///
    /// There is no default, for a customer's silence after this instant says nothing.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a text that is neither.
    pub fn observed_until<T>(mut self, until: T) -> Result<Self>
    where
        T: TryInto<ObservedUntil>,
        Error: From<T::Error>,
    {
        self.observed_until = Some(until.try_into()?);
        Ok(self)
    }

    /// The separator of CSV files. Default: the one of `,`, `;`, tab and `|` that stands most often
    /// in the header.
    #[must_use]
    pub fn csv_separator(mut self, separator: u8) -> Self {
        self.separator = Some(separator);
        self
    }

    /// Reads all tables and sorts them by customer and time.
    ///
    /// # Errors
    /// [`Error::Data`], [`Error::Column`], [`Error::Table`], [`Error::File`] or [`Error::Io`] for
    /// input that cannot be used, [`Error::Parameter`] when there are no transactions or
    /// `observed_until` was not given.
    pub fn build(self) -> Result<EventLog> {
        let observed_until = self.observed_until.ok_or_else(|| {
            Error::parameter(
                "observed_until",
                "(not given)",
                "a date or time up to which the log is complete, or \"last_event\"",
            )
        })?;
        let source = self.transactions.ok_or_else(|| {
            Error::parameter("transactions", "(not given)", "a table of transactions is needed")
        })?;
        for (table, given) in [
            ("tickets", self.tickets.is_some()),
            ("surveys", self.surveys.is_some()),
            ("customers", self.customers.is_some()),
        ] {
            if !given && self.names.names_any_of(table) {
                let allowed = format!("there is no table {table}");
                return Err(Error::parameter("columns", table, allowed));
            }
        }
        let open = |source: Source, spec: &TableSpec, rest: bool| -> Result<TableReader> {
            source::open(source, spec, &self.names, self.separator, rest)
        };
        let raw = transactions::read(open(source, &TRANSACTIONS, false)?)?;
        let tickets = self.tickets.map(|s| tickets::read(open(s, &TICKETS, false)?)).transpose()?;
        let surveys = self.surveys.map(|s| surveys::read(open(s, &SURVEYS, false)?)).transpose()?;
        let customers =
            self.customers.map(|s| customers::read(open(s, &CUSTOMERS, true)?)).transpose()?;
        let tables = Tables { raw, tickets, surveys, customers };
        tables.into_log(self.missing_ids, self.rules, observed_until)
    }
}

fn batches_source(batches: impl IntoIterator<Item = RecordBatch>) -> Source {
    let batches: Vec<RecordBatch> = batches.into_iter().collect();
    let schema = batches.first().map_or_else(|| Schema::empty().into(), RecordBatch::schema);
    Source::Batches { schema, batches }
}

fn path_source(path: &Path) -> Result<Source> {
    source::file_kind(path)?;
    let found = std::fs::metadata(path).map_err(|e| Error::io(path, e))?;
    if found.is_dir() {
        return Err(Error::io(path, std::io::ErrorKind::IsADirectory.into()));
    }
    Ok(Source::Path(path.to_owned()))
}

struct Tables {
    raw: RawTransactions,
    tickets: Option<RawTickets>,
    surveys: Option<RawSurveys>,
    customers: Option<RawCustomers>,
}

impl Tables {
    fn into_log(
        self,
        missing_ids: MissingIds,
        rules: PurchaseRules,
        observed_until: ObservedUntil,
    ) -> Result<EventLog> {
        let mut report = IngestReport::default();
        let as_integers = self.ids_are_integers()?;
        let Tables { raw, tickets, surveys, customers } = self;
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
                let allowed = format!("later than the first transaction, {first}");
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
