//! The log of some customers as bytes, and the log of all of them from such parts.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, LargeStringArray, RecordBatch};

use super::assemble::{LogSpan, no_usable_rows};
use super::counted::counted;
use super::customer_history::row_tables::{self, put_roles, read_roles, read_shape, shape};
use super::customer_history::rows;
use super::customer_history::wire::{
    Reader, TableReader, TableWriter, damaged, put_section, put_text, put_whole, refused, sealed,
    unsealed,
};
use super::event_log::EventLog;
use super::part_report::PartReport;
use super::read::input_files::InputFiles;
use super::read::reading::{DayOrders, Reading};
use super::row_batches::Owners;
use super::store::attributes::AttributeValues;
use super::store::customer_id::CustomerId;
use super::store::event_roles::{EventRole, EventRoles};
use super::store::log_columns::LogColumns;
use super::store::options::{ObservedUntil, PurchaseRules};
use super::store::pool::{NO_CODE, TextPool};
use super::store::shard::Shard;
use crate::error::{Error, Result};
use crate::time::{Moment, Timestamp};

const MARK: &[u8] = b"winback log\n";
const VERSION: u8 = 1;

/// Sections; a number is never used for anything else.
mod section {
    pub(super) const SHAPE: u8 = 1;
    pub(super) const OBSERVED_UNTIL: u8 = 2;
    pub(super) const EVENT_ROLES: u8 = 3;
    pub(super) const CUSTOMERS: u8 = 4;
    pub(super) const TRANSACTIONS: u8 = 5;
    pub(super) const TICKETS: u8 = 6;
    pub(super) const ANSWERS: u8 = 7;
    pub(super) const EVENTS: u8 = 8;
    pub(super) const ATTRIBUTES: u8 = 9;
    pub(super) const REPORT: u8 = 10;
    /// All of them are below.
    pub(super) const END: usize = 11;
}

impl EventLog {
    /// The log as bytes, about 15 a row: a part for [`EventLog::from_parts`], to be sent from where
    /// some customers' rows are to where a model of all is trained.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (inner, columns) = (&self.inner, self.columns());
        let mut out = MARK.to_vec();
        out.push(VERSION);
        put_section(&mut out, section::SHAPE, &shape(columns, self.purchase_rules()));
        let until = self.observed_until().micros().to_le_bytes();
        put_section(&mut out, section::OBSERVED_UNTIL, &until);
        put_roles(&mut out, section::EVENT_ROLES, self.event_roles());

        let count = inner.ids.len();
        let ids = || inner.ids.indices().map(|customer| inner.ids.get(customer));
        let mut table = TableWriter::new(count);
        table.integers(1, ids().map(CustomerId::integer));
        table.texts(2, ids().map(CustomerId::text));
        let of_activity = columns.tells_activity();
        table.integers(3, self.counts(|shard| (!of_activity).then_some(&shard.transactions[..])));
        table.integers(4, self.counts(|shard| Some(&shard.tickets)));
        table.integers(5, self.counts(|shard| Some(&shard.surveys)));
        table.integers(6, self.counts(|shard| Some(&shard.event_offsets)));
        table.integers(7, self.zero_amounts());
        table.into_section(&mut out, section::CUSTOMERS);

        let topics = &inner.topics;
        if !of_activity {
            let (number, rows) =
                self.rows(|shard| Some(&shard.events.transactions), |rows| rows.time.len());
            let rows = rows.map(|(columns, row)| rows::transaction(columns, topics, row));
            row_tables::transactions(number, rows).into_section(&mut out, section::TRANSACTIONS);
        }
        if columns.tickets.is_some() {
            let (number, rows) =
                self.rows(|shard| shard.events.tickets.as_ref(), |rows| rows.opened_at.len());
            let rows = rows.map(|(columns, row)| rows::ticket(columns, topics, row));
            row_tables::tickets(number, rows).into_section(&mut out, section::TICKETS);
        }
        if columns.surveys {
            let (number, rows) =
                self.rows(|shard| shard.events.surveys.as_ref(), |rows| rows.time.len());
            let rows = rows.map(|(columns, row)| rows::answer(columns, topics, row));
            row_tables::answers(number, rows).into_section(&mut out, section::ANSWERS);
        }
        if columns.events.is_some() {
            let (number, rows) =
                self.rows(|shard| shard.events.events.as_ref(), |rows| rows.time.len());
            let rows = rows.map(|(columns, row)| rows::event(columns, topics, row));
            row_tables::events(number, rows).into_section(&mut out, section::EVENTS);
        }
        self.put_attributes(&mut out);
        // Counts and names are always written.
        let report = serde_json::to_vec(&PartReport::of(inner)).unwrap_or_default();
        put_section(&mut out, section::REPORT, &report);
        sealed(out)
    }

    /// How many rows of a table each customer has.
    fn counts<'a>(
        &'a self,
        offsets: impl Fn(&'a Shard) -> Option<&'a [usize]> + Clone,
    ) -> impl Iterator<Item = Option<i64>> + Clone {
        self.inner.shards.iter().flat_map(move |shard| {
            let offsets = offsets(shard).unwrap_or_default();
            offsets.windows(2).map(|ends| Some((ends[1] - ends[0]) as i64))
        })
    }

    /// How many rows of amount zero each customer has that were left out, if any.
    fn zero_amounts(&self) -> impl Iterator<Item = Option<i64>> + Clone {
        self.inner.shards.iter().flat_map(|shard| {
            let counts = shard.zero_amounts.iter();
            let counts = counts.map(|&count| i64::try_from(count).ok().filter(|&count| count > 0));
            let none = shard.transactions.len() - 1 - shard.zero_amounts.len();
            counts.chain(std::iter::repeat_n(None, none))
        })
    }

    /// How many rows a table has, and these as places in its columns.
    fn rows<'a, C: 'a>(
        &'a self,
        columns: impl Fn(&'a Shard) -> Option<&'a Arc<C>>,
        count: impl Fn(&C) -> usize,
    ) -> (usize, impl Iterator<Item = (&'a C, usize)> + Clone) {
        let columns = self.inner.shards.iter().filter_map(columns);
        let shards: Vec<(&C, usize)> =
            columns.map(|columns| (columns.as_ref(), count(columns))).collect();
        let number = shards.iter().map(|(_, count)| count).sum();
        let row = |(columns, count): (&'a C, usize)| (0..count).map(move |row| (columns, row));
        (number, shards.into_iter().flat_map(row))
    }

    /// Each as its name and its values: numbers, or all texts that any customer of the table has, for a
    /// model may tell them, and the place of each customer's among them.
    fn put_attributes(&self, out: &mut Vec<u8>) {
        let mut content = Vec::new();
        for attribute in &self.inner.attributes {
            put_text(&mut content, &attribute.name);
            let mut values = Vec::new();
            let (tag, table) = match &attribute.values {
                AttributeValues::Numbers(numbers) => {
                    let mut table = TableWriter::new(numbers.len());
                    table.numbers(1, numbers.iter().map(|&n| (!n.is_nan()).then_some(n)));
                    (1, table)
                }
                AttributeValues::Texts { codes, pool } => {
                    put_whole(&mut values, pool.len() as u128);
                    pool.iter().for_each(|text| put_text(&mut values, text));
                    let mut table = TableWriter::new(codes.len());
                    table.integers(1, codes.iter().map(|&c| (c != NO_CODE).then_some(c.into())));
                    (2, table)
                }
            };
            table.into_section(&mut values, tag);
            put_section(&mut content, tag, &values);
        }
        if !content.is_empty() {
            put_section(out, section::ATTRIBUTES, &content);
        }
    }

    /// The log of all customers of some parts, each the bytes of [`EventLog::to_bytes`] and of other
    /// customers. Their order does not matter, nor how customers are spread: what is computed of the log
    /// and what is trained on it is equal, to the bit, to the log that was read in one. Tickets, answers,
    /// events and attributes of customers without transactions are left behind; its report counts them, and
    /// what else the parts left out, but names no single rows.
    ///
    /// ```
    /// use winback::log::{EventLog, IdSlice, TransactionSlices};
    /// let part = |id: i64, day: &str| -> winback::Result<Vec<u8>> {
    ///     let (ids, time) = ([id], [day.parse()?]);
    ///     let customer_id = IdSlice::Int(&ids);
    ///     let orders = TransactionSlices { customer_id, time: &time, ..TransactionSlices::default() };
    ///     let log = EventLog::builder().transactions([orders.to_batch()?]);
    ///     Ok(log.observed_until("2024-04-01")?.build()?.to_bytes())
    /// };
    /// let log = EventLog::from_parts([part(7, "2024-03-01")?, part(3, "2024-01-05")?])?;
    /// assert_eq!((log.customers().len(), log.first_event().to_string()), (2, "2024-01-05".to_owned()));
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for bytes that are damaged or something else, and for parts that differ in
    /// columns, rules, attributes or `observed_until`, or have a customer in common; [`Error::Table`] for
    /// parts without transactions.
    pub fn from_parts<B: AsRef<[u8]>>(parts: impl IntoIterator<Item = B>) -> Result<EventLog> {
        let (mut all, mut tables): (Option<Head>, Tables) = Default::default();
        for part in parts {
            let part = tables.add(part.as_ref())?;
            match &all {
                Some(all) => all.check(&part)?,
                None => all = Some(part),
            }
        }
        let head = all.ok_or_else(|| Error::argument("parts", "none", "at least one part"))?;
        tables.into_log(&head)
    }
}

/// What all parts of a log have in common.
#[derive(PartialEq)]
struct Head {
    columns: LogColumns,
    rules: PurchaseRules,
    roles: EventRoles,
    observed_until: Timestamp,
    /// Names of attributes, and whether they are of texts.
    attributes: Vec<(String, bool)>,
}

impl Head {
    fn check(&self, other: &Head) -> Result<()> {
        let differ = |what: &str| {
            Err(Error::argument(
                "parts",
                format!("parts that differ in {what}"),
                "parts of one log",
            ))
        };
        if self.columns != other.columns {
            return differ("their columns");
        }
        if self.rules != other.rules || self.roles != other.roles {
            return differ("how purchases are formed of rows");
        }
        if self.observed_until != other.observed_until {
            return differ("observed_until (with \"last_event\" each part needs the span of all)");
        }
        if self.attributes != other.attributes {
            return differ("the attributes of customers");
        }
        Ok(())
    }
}

/// The tables of all parts.
#[derive(Default)]
struct Tables {
    transactions: Vec<RecordBatch>,
    tickets: Vec<RecordBatch>,
    surveys: Vec<RecordBatch>,
    events: Vec<RecordBatch>,
    customers: Vec<RecordBatch>,
    /// How many customers each part has, all together.
    of_parts: usize,
    /// Of each attribute of texts, all that there are.
    texts: Vec<TextPool>,
    report: PartReport,
}

impl Tables {
    /// Takes the rows of a part.
    fn add(&mut self, bytes: &[u8]) -> Result<Head> {
        let mut reader = unsealed(bytes, MARK, VERSION)?;
        let mut sections: [Option<Reader<'_>>; section::END] = [None; section::END];
        while !reader.is_empty() {
            let (tag, content) = reader.section()?;
            let slot = sections.get_mut(usize::from(tag));
            *slot.ok_or_else(|| refused("a section of a later release"))? = Some(content);
        }
        let taken = |tag: u8| sections[usize::from(tag)];
        let needed = |tag: u8| taken(tag).ok_or_else(damaged);
        let (mut columns, rules) = read_shape(needed(section::SHAPE)?)?;
        let until = needed(section::OBSERVED_UNTIL)?.bytes(8)?;
        let until = i64::from_le_bytes(until.try_into().map_err(|_| damaged())?);
        let roles = taken(section::EVENT_ROLES).map(read_roles).transpose()?.unwrap_or_default();

        let customers = TableReader::new(needed(section::CUSTOMERS)?, 7)?;
        let ids: Vec<CustomerId<'_>> = match customers.has(2) {
            true => customers.known_texts(2)?.into_iter().map(Into::into).collect(),
            false => customers.known_integers(1)?.into_iter().map(Into::into).collect(),
        };
        let owners = Owners::of("parts", ids)?;
        let is_empty = owners.len() == 0;
        self.of_parts += owners.len();
        let counts = |tag: u8, rows: usize| -> Result<Vec<usize>> {
            let count = |count: Option<i64>| usize::try_from(count.unwrap_or(0)).ok();
            let counts: Option<Vec<usize>> =
                customers.integers(tag)?.into_iter().map(count).collect();
            let counts = counts.ok_or_else(damaged)?;
            let total = counts.iter().try_fold(0usize, |sum, &count| sum.checked_add(count));
            if total == Some(rows) { Ok(counts) } else { Err(damaged()) }
        };
        if let Some(content) = taken(section::TRANSACTIONS).filter(|_| !is_empty) {
            let rows = row_tables::read_transactions(content)?;
            self.transactions.push(owners.transactions(&counts(3, rows.len())?, &rows, columns)?);
        }
        let left_out = customers.integers(7)?;
        let left_out = |place: usize| left_out[place].is_some_and(|count| count > 0);
        self.transactions.extend(owners.zero_amounts(left_out, columns, rules)?);
        if let (Some(content), Some(own)) =
            (taken(section::TICKETS).filter(|_| !is_empty), columns.tickets)
        {
            let rows = row_tables::read_tickets(content)?;
            self.tickets.push(owners.tickets(&counts(4, rows.len())?, &rows, own)?);
        }
        if let Some(content) = taken(section::ANSWERS).filter(|_| !is_empty) {
            let rows = row_tables::read_answers(content)?;
            self.surveys.push(owners.answers(&counts(5, rows.len())?, &rows)?);
        }
        if let (Some(content), Some(own)) =
            (taken(section::EVENTS).filter(|_| !is_empty), columns.events)
        {
            let rows = row_tables::read_events(content)?;
            self.events.push(owners.events(&counts(6, rows.len())?, &rows, own)?);
        }
        let attributes = match taken(section::ATTRIBUTES) {
            Some(content) => self.add_attributes(content, &owners)?,
            None => Vec::new(),
        };
        let report: Option<PartReport> =
            serde_json::from_slice(needed(section::REPORT)?.rest()).ok();
        let report = report.filter(PartReport::is_possible).ok_or_else(damaged)?;
        self.report.add(report);
        // Whether roles are there is told by them.
        if let Some(events) = &mut columns.events {
            events.activity = roles.has(EventRole::Activity);
        }
        Ok(Head {
            columns,
            rules,
            roles,
            observed_until: Timestamp::from_micros(until)?,
            attributes,
        })
    }

    fn add_attributes(
        &mut self,
        mut content: Reader<'_>,
        owners: &Owners<'_>,
    ) -> Result<Vec<(String, bool)>> {
        let mut columns: Vec<(String, ArrayRef)> = vec![("customer_id".to_owned(), owners.ids())];
        let mut attributes = Vec::new();
        while !content.is_empty() {
            let name = content.text()?.to_owned();
            let (kind, mut values) = content.section()?;
            let mut texts = Vec::new();
            if kind == 2 {
                let count = values.count()?;
                texts = (0..count).map(|_| values.text()).collect::<Result<_>>()?;
            }
            let (tag, table) = values.section()?;
            let table = TableReader::new(table, 1)?;
            if tag != kind || table.rows != owners.len() {
                return Err(damaged());
            }
            let array: ArrayRef = match kind {
                1 => Arc::new(Float64Array::from(table.numbers(1)?)),
                2 => {
                    let text = |code: Option<i64>| match code {
                        None => Ok(None),
                        Some(code) => {
                            let code = usize::try_from(code).map_err(|_| damaged())?;
                            texts.get(code).copied().map(Some).ok_or_else(damaged)
                        }
                    };
                    let cells = table.integers(1)?.into_iter().map(text);
                    let cells = cells.collect::<Result<Vec<Option<&str>>>>()?;
                    Arc::new(LargeStringArray::from(cells))
                }
                _ => return Err(refused("an attribute of a later release")),
            };
            if self.texts.len() <= attributes.len() {
                self.texts.push(TextPool::default());
            }
            let pool = &mut self.texts[attributes.len()];
            for text in texts {
                pool.code(text);
            }
            attributes.push((name.clone(), kind == 2));
            columns.push((name, array));
        }
        if owners.len() > 0 {
            let columns = columns.into_iter().map(|(name, array)| (name, array, true));
            self.customers.push(RecordBatch::try_from_iter_with_nullable(columns)?);
        }
        Ok(attributes)
    }

    fn into_log(self, head: &Head) -> Result<EventLog> {
        let Head { columns, rules, roles, observed_until, attributes } = head;
        let of_parts = self.of_parts;
        let of_activity = columns.tells_activity();
        if self.transactions.is_empty() && (!of_activity || self.events.is_empty()) {
            return Err(no_usable_rows(&[]));
        }
        // Texts are as they are meant: none of them stands for a missing one.
        let mut builder = EventLog::builder().missing_values::<&str>([]);
        builder = builder.purchase_by(rules.purchase_by).zero_amounts(rules.zero_amounts);
        builder = builder.time_zone(rules.time_zone.name())?;
        if !of_activity {
            builder = builder.transactions(self.transactions);
        }
        if columns.tickets.is_some() {
            builder = builder.tickets(self.tickets);
        }
        if columns.surveys {
            builder = builder.surveys(self.surveys);
        }
        if columns.events.is_some() {
            builder = builder.events(self.events);
            builder = roles.iter().fold(builder, |own, (role, kind)| own.event_role(role, [kind]));
        }
        if !attributes.is_empty() {
            builder = builder.customers(self.customers);
        }
        let until = ObservedUntil::At(Moment::from(*observed_until));
        let builder = builder.observed_until(until)?;
        let zone = rules.time_zone;
        let (mut tables, until) =
            builder.read(&mut InputFiles::default(), zone, DayOrders::default())?;
        tables.reading = Reading::default();
        let own = tables.customers.iter_mut().flat_map(|table| &mut table.attributes);
        for (attribute, texts) in own.zip(&self.texts) {
            if let AttributeValues::Texts { pool, .. } = &mut attribute.values {
                for text in texts.iter() {
                    pool.code(text);
                }
            }
        }
        let mut log = tables.into_log(*rules, |shards| LogSpan::of(shards, until))?;
        if let Some(inner) = Arc::get_mut(&mut log.inner) {
            self.report.tell(inner);
        }
        match of_parts.saturating_sub(log.customers().len()) {
            0 => Ok(log),
            again => Err(Error::argument(
                "parts",
                format!(
                    "parts in which {} again",
                    counted(again as u64, "customer comes", "customers come")
                ),
                "each customer in one part",
            )),
        }
    }
}
