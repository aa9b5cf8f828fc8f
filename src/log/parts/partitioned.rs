//! A log larger than memory: its rows by customer in parts on disk, of which one at a time is
//! built.

use std::cell::RefCell;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow_array::{ArrayRef, RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, Schema};

use super::cut_again::cut_again;
use super::partition_options::{MAX_PARTS, PartitionOptions};
use super::row_bytes::{in_slices, row_bytes};
use super::scatter::{Scatter, ScatteredTable, Shape, plain};
use super::splits::{Sample, Splits};
use crate::answer::output::check_table_path;
use crate::error::{Error, Result};
use crate::log::EventLog;
use crate::log::activity::{activity, no_activity};
use crate::log::assemble::{LogSpan, Tables, mixed_ids, no_usable_rows, other_ids};
use crate::log::facts::LogFacts;
use crate::log::fold::sealed::Logs;
use crate::log::read::cells::{self, Place};
use crate::log::read::chunks::read_chunks;
use crate::log::read::day_orders;
use crate::log::read::identified::{Identified, RowCounts};
use crate::log::read::input_files::InputFiles;
use crate::log::read::input_options::InputOptions;
use crate::log::read::reading::{DayOrders, Reading};
use crate::log::read::schema::{
    CUSTOMERS, Column, ColumnNames, EVENTS, SURVEYS, TICKETS, TRANSACTIONS, TableSpec,
};
use crate::log::read::source::{Source, TableReader};
use crate::log::read::spared::check_spared;
use crate::log::read::table_files::files_of;
use crate::log::read::transaction_chunk;
use crate::log::read::transaction_chunk::TransactionChunk;
use crate::log::read::unchanged::Unchanged;
use crate::log::report::IngestReport;
use crate::log::store::customers;
use crate::log::store::dropped::Dropped;
use crate::log::store::event_columns::EventColumns;
use crate::log::store::event_roles::EventRoles;
use crate::log::store::options::{BadRows, MissingIds, ObservedUntil, PurchaseRules};
use crate::log::store::placed::RawTable;
use crate::log::store::pool::{NO_CODE, TextPool};
use crate::log::store::surveys::SurveyColumns;
use crate::log::store::tickets::TicketColumns;
use crate::log::unmet::Ids;
use crate::progress::{Progress, Step};
use crate::time::{TimeZone, Timestamp};

/// Ids of the sample by which parts are cut, at most.
const SAMPLE: u64 = 1 << 18;
/// Customers whose features are computed at once.
pub(crate) const CUSTOMERS_AT_ONCE: usize = 1 << 16;

/// A log larger than memory, in parts of neighbouring customers; created by
/// [`EventLogBuilder::partition`](crate::log::EventLogBuilder::partition).
///
/// The parts in sequence hold all customers by ascending id, so what is computed customer by
/// customer is bit-identical to the result from one log of all rows.
#[derive(Debug, Clone)]
pub struct PartitionedLog {
    /// None where activity stands in their place. Shared by all clones, as the other tables are.
    pub(super) transactions: Option<Arc<ScatteredTable>>,
    pub(super) tickets: Option<Arc<ScatteredTable>>,
    pub(super) surveys: Option<Arc<ScatteredTable>>,
    pub(super) events: Option<Arc<ScatteredTable>>,
    pub(super) customers: Option<Arc<ScatteredTable>>,
    id_column: String,
    parts: usize,
    rules: PurchaseRules,
    roles: EventRoles,
    span: LogSpan,
    unused_columns: Vec<String>,
    /// Bytes of memory to keep to.
    pub(super) memory: u64,
    temp_folder: PathBuf,
    pub(super) progress: Progress,
    /// The tables that were read.
    inputs: Vec<PathBuf>,
    files: InputFiles,
    /// What all parts were made of, once they were gone through; shared by all clones.
    pub(super) report: Arc<OnceLock<IngestReport>>,
}

impl PartitionedLog {
    /// Number of parts, at least one.
    pub fn parts(&self) -> usize {
        self.parts
    }

    /// This log, to be given to a call that is to say how far it is, as [`EventLog::on_progress`].
    #[must_use]
    pub fn on_progress(
        &self,
        tell: impl Fn(Step) -> bool + Send + Sync + 'static,
    ) -> PartitionedLog {
        PartitionedLog { progress: Progress::to(tell), ..self.clone() }
    }

    /// The log of one part, counted from 0: some neighbouring customers with all their events.
    ///
    /// # Errors
    /// [`Error::Io`] when the temporary files cannot be read.
    ///
    /// # Panics
    /// If there is no such part, as slices do.
    pub fn part(&self, part: usize) -> Result<EventLog> {
        self.log_of(|table| table.reader(part), self.parts > 1, part == 0)
    }

    /// The log of the rows that `read` gives of every table: of some customers where it `is_part`, and
    /// counting the rows that are in no part where it `counts_dropped`.
    pub(super) fn log_of(
        &self,
        read: impl Fn(&Arc<ScatteredTable>) -> Result<TableReader>,
        is_part: bool,
        counts_dropped: bool,
    ) -> Result<EventLog> {
        let reader = |table: &Option<Arc<ScatteredTable>>| table.as_ref().map(&read).transpose();
        let transactions = reader(&self.transactions)?.map(transaction_chunk::read).transpose()?;
        let mut tables = Tables {
            transactions: transactions.unwrap_or_default(),
            id_column: self.id_column.clone(),
            tickets: reader(&self.tickets)?.map(RawTable::read).transpose()?,
            surveys: reader(&self.surveys)?.map(RawTable::read).transpose()?,
            events: reader(&self.events)?.map(RawTable::read).transpose()?,
            customers: reader(&self.customers)?.map(customers::read).transpose()?,
            unused_columns: self.unused_columns.clone(),
            roles: self.roles.clone(),
            is_part,
            reading: Reading::default(),
        };
        if counts_dropped {
            self.count_dropped(&mut tables);
        }
        let log = tables.into_log(self.rules, |_| Ok(self.span));
        log.map_err(|error| self.files.locate(error))
    }

    /// Rows that were left out on the way to the parts are counted in the first of them.
    fn count_dropped(&self, tables: &mut Tables) {
        let count = |counts: Option<&mut RowCounts>, from: &Option<Arc<ScatteredTable>>| {
            if let (Some(counts), Some(from)) = (counts, from) {
                counts.rows_read += from.dropped.rows + from.missing_ids;
                counts.missing_ids += from.missing_ids;
                counts.dropped.add(from.dropped.clone());
            }
        };
        count(tables.tickets.as_mut().map(|table| &mut table.counts), &self.tickets);
        count(tables.surveys.as_mut().map(|table| &mut table.counts), &self.surveys);
        count(tables.events.as_mut().map(|table| &mut table.counts), &self.events);
        count(tables.customers.as_mut().map(|table| &mut table.counts), &self.customers);
        if let (Some(first), Some(from)) = (tables.transactions.first_mut(), &self.transactions) {
            first.rows_read += from.dropped.rows + from.missing_ids;
            first.missing_ids += from.missing_ids;
            first.dropped.add(from.dropped.clone());
        }
    }

    /// Refuses a path that no table can be written to, or where a result would replace a table that
    /// was read or lie among its files.
    pub(crate) fn check_output(&self, output: &Path) -> Result<()> {
        check_table_path(output)?;
        check_spared(output, &self.inputs)
    }

    /// Whether both are clones of one log.
    pub(crate) fn is(&self, other: &PartitionedLog) -> bool {
        let same = |own: &Option<Arc<ScatteredTable>>, other: &Option<Arc<ScatteredTable>>| match (
            own, other,
        ) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (own, other) => own.is_none() && other.is_none(),
        };
        same(&self.transactions, &other.transactions) && same(&self.events, &other.events)
    }

    /// Whether what are called purchases are acts that stand in place of them.
    pub fn tells_activity(&self) -> bool {
        self.transactions.is_none()
    }

    /// The first transaction.
    pub fn first_event(&self) -> Timestamp {
        self.span.first_event
    }

    /// The last transaction.
    pub fn last_event(&self) -> Timestamp {
        self.span.last_event
    }

    /// Whose wall clock the log's times, days and periods are by.
    pub fn time_zone(&self) -> TimeZone {
        self.rules.time_zone
    }

    /// Up to when the log is complete (exclusive).
    pub fn observed_until(&self) -> Timestamp {
        self.span.observed_until
    }

    /// Refuses a cutoff before which nothing is known or after which the log was not complete.
    pub(crate) fn check_cutoff(&self, name: &'static str, cutoff: Timestamp) -> Result<()> {
        self.span.check_cutoff(name, cutoff)
    }

    /// The folder on whose disk files may be kept for a while.
    pub(crate) fn temp_folder(&self) -> &Path {
        &self.temp_folder
    }

    /// Calls `each` with the log of every part and some neighbouring customers of it, until all
    /// customers had their turn, in the order of their ids. Returns what all parts were made of.
    pub(crate) fn for_each(
        &self,
        mut each: impl FnMut(&EventLog, Range<usize>) -> Result<()>,
    ) -> Result<IngestReport> {
        let table = self.transactions.as_ref().or(self.events.as_ref());
        let rows = |part| table.map_or(0, |table| table.rows(part));
        let all: u64 = (0..self.parts).map(rows).sum();
        let (mut before, mut read) = (0, PartsRead::default());
        for part in 0..self.parts {
            let tell = |done: u64| self.progress.tell("rows in parts", before + done, all);
            tell(0)?;
            let log = self.part(part)?;
            let customers = log.customers().len();
            for first in (0..customers).step_by(CUSTOMERS_AT_ONCE) {
                tell(rows(part) * (customers + first) as u64 / (2 * customers) as u64)?;
                each(&log, first..customers.min(first + CUSTOMERS_AT_ONCE))?;
            }
            read.add(&log);
            before += rows(part);
        }
        self.progress.tell("rows in parts", all, all)?;
        Ok(self.report.get_or_init(|| read.report()).clone())
    }

    /// The report, if it is known already.
    pub fn known_report(&self) -> Option<&IngestReport> {
        self.report.get()
    }

    /// What was read and what was left out, as one log of all rows says; known once all parts were gone
    /// through, which this does if nothing did before.
    ///
    /// # Errors
    /// As [`PartitionedLog::part`].
    pub fn report(&self) -> Result<IngestReport> {
        if self.report.get().is_none() {
            self.each_log(|_| Ok(()))?;
        }
        Ok(self.report.get().cloned().unwrap_or_default())
    }
}

/// What the parts so far were made of.
#[derive(Default)]
struct PartsRead {
    report: Option<IngestReport>,
    ids: Ids,
}

impl PartsRead {
    /// Adds a part of higher ids.
    fn add(&mut self, log: &EventLog) {
        match &mut self.report {
            Some(report) => report.add(log.report()),
            None => self.report = Some(log.report().clone()),
        }
        self.ids.add(&log.inner);
    }

    /// That of all parts.
    fn report(self) -> IngestReport {
        let mut report = self.report.unwrap_or_default();
        report.unmet_ids = self.ids.told(&report);
        report
    }
}

impl Logs for PartitionedLog {
    type Log = EventLog;

    fn each_log(&self, mut each: impl FnMut(&EventLog) -> Result<()>) -> Result<()> {
        let mut read = PartsRead::default();
        for part in 0..self.parts {
            self.progress.tell("parts", part as u64, self.parts as u64)?;
            let log = self.part(part)?;
            each(&log)?;
            read.add(&log);
        }
        self.progress.tell("parts", self.parts as u64, self.parts as u64)?;
        self.report.get_or_init(|| read.report());
        Ok(())
    }

    fn facts(&self) -> LogFacts {
        self.span.facts(self.rules)
    }
}

/// The files of all tables and how they are to be read.
pub(crate) struct Inputs {
    pub(crate) transactions: Option<PathBuf>,
    pub(crate) tickets: Option<PathBuf>,
    pub(crate) surveys: Option<PathBuf>,
    pub(crate) events: Option<PathBuf>,
    pub(crate) customers: Option<PathBuf>,
    pub(crate) roles: EventRoles,
    pub(crate) names: ColumnNames,
    pub(crate) options: Arc<InputOptions>,
    pub(crate) rules: PurchaseRules,
    pub(crate) observed_until: ObservedUntil,
    pub(crate) progress: Progress,
}

impl Inputs {
    pub(crate) fn partition(
        self,
        options: &PartitionOptions,
        files: &mut InputFiles,
    ) -> Result<PartitionedLog> {
        let watched = self.watched()?;
        let (sample, mut times) = match &self.transactions {
            Some(path) => (self.sample(path, files)?, None),
            None => self.sample_activity(files)?,
        };
        let splits = Splits::new(sample, self.parts(options)?);
        let folder = &options.temp_folder;
        let mut unused_columns = Vec::new();
        let mut open = |path: &PathBuf, spec: &'static TableSpec| -> Result<TableReader> {
            let reader = self.open(path, spec)?;
            files.add(&reader);
            unused_columns.extend(reader.unused_places());
            Ok(reader)
        };

        let (mut transactions, mut id_column) = (None, String::new());
        if let Some(path) = &self.transactions {
            let reader = open(path, &TRANSACTIONS)?;
            id_column = reader.id_column();
            let scattered;
            (scattered, times) = self.scatter_transactions(reader, &splits, options)?;
            if times.is_none() {
                return Err(no_usable_rows(&scattered.dropped.told));
            }
            transactions = Some(scattered);
        }
        let tell = |table: &'static str| self.progress.tell(table, 0, 1);
        let mut tickets = None;
        if let Some(path) = &self.tickets {
            tell(TICKETS.name)?;
            let reader = open(path, &TICKETS)?;
            tickets = Some(scatter(reader, RawTable::<TicketColumns>::judge, &splits, folder)?);
        }
        let mut surveys = None;
        if let Some(path) = &self.surveys {
            tell(SURVEYS.name)?;
            let reader = open(path, &SURVEYS)?;
            surveys = Some(scatter(reader, RawTable::<SurveyColumns>::judge, &splits, folder)?);
        }
        let mut events = None;
        if let Some(path) = &self.events {
            tell(EVENTS.name)?;
            let reader = open(path, &EVENTS)?;
            // That there are too many kinds, no part may show by itself.
            let kinds = RefCell::new(TextPool::default());
            let judge = |columns: &[Column], batch: &RecordBatch, place: Place<'_>| {
                let kinds = &mut kinds.borrow_mut();
                RawTable::<EventColumns>::judge_among(kinds, columns, batch, place)
            };
            events = Some(scatter(reader, judge, &splits, folder)?);
        }
        let mut customers = None;
        if let Some(path) = &self.customers {
            tell(CUSTOMERS.name)?;
            let reader = numbered(open(path, &CUSTOMERS)?);
            customers = Some(scatter(reader, customers::judge, &splits, folder)?);
        }
        watched.iter().try_for_each(Unchanged::check)?;
        let mut tables: Vec<&mut ScatteredTable> =
            [&mut transactions, &mut tickets, &mut surveys, &mut events, &mut customers]
                .into_iter()
                .flatten()
                .collect();
        let parts = cut_again(&mut tables, splits.parts(), options, &self.progress)?;
        Ok(PartitionedLog {
            transactions: transactions.map(Arc::new),
            tickets: tickets.map(Arc::new),
            surveys: surveys.map(Arc::new),
            events: events.map(Arc::new),
            customers: customers.map(Arc::new),
            id_column,
            parts,
            rules: self.rules,
            roles: self.roles.clone(),
            span: LogSpan::between(
                times,
                self.observed_until,
                self.rules.time_zone,
                self.transactions.is_none(),
            )?,
            unused_columns,
            memory: options.memory,
            temp_folder: folder.clone(),
            progress: Progress::default(),
            inputs: self.paths(),
            files: files.clone(),
            report: Arc::default(),
        })
    }

    /// The paths of all tables.
    fn paths(&self) -> Vec<PathBuf> {
        let all = [&self.transactions, &self.tickets, &self.surveys, &self.events, &self.customers];
        all.into_iter().flatten().cloned().collect()
    }

    /// The files of all tables, each of which is gone through more than once.
    fn watched(&self) -> Result<Vec<Unchanged>> {
        let watched = |path: PathBuf| Ok(Unchanged::of(&path, &files_of(&path)?));
        self.paths().into_iter().map(watched).collect()
    }

    fn open(&self, path: &Path, spec: &'static TableSpec) -> Result<TableReader> {
        let rest = spec.name == CUSTOMERS.name;
        let source = Source::Path(path.to_owned());
        let orders = &mut DayOrders::default();
        let reader = day_orders::open(source, spec, &self.names, &self.options, rest, orders)?;
        Ok(TableReader { batches: in_slices(reader.batches), ..reader })
    }

    /// How many parts keep each within the memory: by the size of all tables, of which the first
    /// rows are looked at.
    fn parts(&self, options: &PartitionOptions) -> Result<usize> {
        let tables = [
            (self.transactions.as_ref(), &TRANSACTIONS),
            (self.tickets.as_ref(), &TICKETS),
            (self.surveys.as_ref(), &SURVEYS),
            (self.events.as_ref(), &EVENTS),
            (self.customers.as_ref(), &CUSTOMERS),
        ];
        let mut bytes = 0;
        for (path, spec) in tables {
            let Some(path) = path else { continue };
            let mut reader = self.open(path, spec)?;
            if let Some(first) = reader.batches.next().transpose()? {
                let size: u64 = row_bytes(&first)?.iter().sum();
                bytes += reader.rows.saturating_mul(size) / first.num_rows().max(1) as u64;
            }
        }
        // No part is full, so that those of a few more rows than others need not be cut again.
        let parts = bytes.div_ceil(options.part_bytes() / 4 * 3).max(1);
        if parts > MAX_PARTS as u64 {
            return Err(options.too_little(bytes));
        }
        Ok((parts as usize).max(options.least_parts))
    }

    /// The ids of some transactions: of such as are kept, so that no part is left without any.
    fn sample(&self, transactions: &Path, files: &mut InputFiles) -> Result<Sample> {
        const IDS: TableSpec =
            TableSpec { name: TRANSACTIONS.name, needed: &["customer_id"], optional: &[] };
        let spec = match self.options.bad_rows {
            BadRows::Error => &IDS,
            BadRows::Drop => &TRANSACTIONS,
        };
        let reader = self.open(transactions, spec)?;
        let id_column = reader.id_column();
        files.add(&reader);
        if reader.rows == 0 {
            return Err(Error::bad_table(TRANSACTIONS.name, "has no rows"));
        }
        let step = (reader.rows / SAMPLE).max(1) as usize;
        let told = &self.progress.pieces("customer ids", reader.rows);
        let TableReader { table, columns, untyped, batches, .. } = reader;
        // That an id is missing is told when all rows are read.
        let options = InputOptions { missing_ids: MissingIds::Drop, ..(*self.options).clone() };
        let samples = read_chunks(batches, |rows_before, batch| {
            let place =
                Place { table, column: "", rows_before, rows: None, untyped, options: &options };
            let chunk = TransactionChunk::read(batch, &columns, place)?;
            told.add(batch.num_rows())?;
            Ok(Sample::of(&chunk.ids, step))
        })?;
        let mut samples = samples.into_iter();
        let first = samples.next().unwrap_or(Sample::Int(Vec::new()));
        samples.try_fold(first, Sample::and).ok_or_else(|| mixed_ids(&id_column))
    }

    /// As [`Inputs::sample`], of events that stand in place of purchases, with their first and last
    /// time.
    fn sample_activity(&self, files: &mut InputFiles) -> Result<(Sample, Option<(i64, i64)>)> {
        let path = self.events.as_deref().ok_or_else(|| no_activity(&self.roles))?;
        let reader = self.open(path, &EVENTS)?;
        let id_column = reader.id_column();
        files.add(&reader);
        let step = (reader.rows / SAMPLE).max(1) as usize;
        let told = &self.progress.pieces("customer ids", reader.rows);
        let TableReader { table, columns, untyped, batches, .. } = reader;
        // What is wrong with other rows is told when all are read.
        let options = InputOptions {
            missing_ids: MissingIds::Drop,
            bad_rows: BadRows::Drop,
            ..(*self.options).clone()
        };
        let samples = read_chunks(batches, |rows_before, batch| {
            let (column, options) = (columns[0].input.as_str(), &options);
            let place = Place { table, column, rows_before, rows: None, untyped, options };
            let events = RawTable::<EventColumns>::of_batch(&columns, batch, place)?;
            told.add(batch.num_rows())?;
            let found = activity(&events, &self.roles).into_iter();
            Ok(found
                .map(|chunk| (Sample::of(&chunk.ids, step), chunk.times(self.rules)))
                .collect::<Vec<_>>())
        })?;
        let mut samples = samples.into_iter().flatten();
        let (mut all, mut times) = samples.next().ok_or_else(|| no_activity(&self.roles))?;
        for (sample, more) in samples {
            all = all.and(sample).ok_or_else(|| mixed_ids(&id_column))?;
            times = times.into_iter().chain(more).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        }
        Ok((all, times))
    }

    /// Brings the transactions to their parts; what is wrong in them is found here. Also finds the
    /// first and the last time.
    fn scatter_transactions(
        &self,
        reader: TableReader,
        splits: &Splits,
        options: &PartitionOptions,
    ) -> Result<(ScatteredTable, Option<(i64, i64)>)> {
        let shape = Shape::of(&reader);
        let scatter = Scatter::new(&options.temp_folder, splits.parts());
        let times: Mutex<Option<(i64, i64)>> = Mutex::new(None);
        let told = &self.progress.pieces("transactions", reader.rows);
        let TableReader { table, untyped, kept, options, files, batches, .. } = reader;
        let options = options.as_ref();
        let left_out = read_chunks(batches, |rows_before, batch| {
            let place = Place { table, column: "", rows_before, rows: None, untyped, options };
            // Cells are judged as they came, for in another type they may be lost.
            let mut chunk = TransactionChunk::read(batch, &shape.columns, place)?;
            let batch = plain(batch, &kept, options.time_zone)?;
            let parts =
                (0..chunk.ids.len()).map(|row| chunk.ids.id(row).map_or(0, |id| splits.part(id)));
            let parts = parts_of_rows(parts, chunk.rows.as_deref(), batch.num_rows());
            if let Some((first, last)) = chunk.times(self.rules) {
                let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
                let range = times.get_or_insert((first, last));
                *range = (range.0.min(first), range.1.max(last));
            }
            scatter.write(&batch, &parts)?;
            told.add(batch.num_rows())?;
            chunk.dropped.locate(&files);
            Ok((chunk.dropped, chunk.missing_ids))
        })?;
        let times = times.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (mut all, mut missing_ids) = (Dropped::default(), 0);
        for (dropped, missing) in left_out {
            all.add(dropped);
            missing_ids += missing;
        }
        Ok((scatter.finish(shape, all, missing_ids)?, times))
    }
}

/// Brings another table to the parts, batch after batch; `judge` refuses what cannot be used.
fn scatter(
    reader: TableReader,
    judge: impl Fn(&[Column], &RecordBatch, Place<'_>) -> Result<()>,
    splits: &Splits,
    folder: &Path,
) -> Result<ScatteredTable> {
    let shape = Shape::of(&reader);
    let id_column = reader.id_column();
    let TableReader { table, columns, rest, untyped, kept, options, files, batches, .. } = reader;
    let columns: Vec<Column> = columns.into_iter().chain(rest).collect();
    let judge = |batch: &RecordBatch, place: Place<'_>| judge(&columns, batch, place);
    let scatter = Scatter::new(folder, splits.parts());
    let (mut rows_before, mut all_dropped, mut missing_ids) = (0, Dropped::default(), 0);
    for batch in batches {
        let batch = batch?;
        let options = options.as_ref();
        let place = Place { table, column: &id_column, rows_before, rows: None, untyped, options };
        let rows = Identified::of(&batch, &columns, place)?;
        let (rows, dropped) = rows.usable(place, judge)?;
        all_dropped.add(dropped);
        missing_ids += rows.missing.len() as u64;
        judge(&rows.batch, rows.place(place))?;
        let mut ids = None;
        cells::read_ids(rows.batch.column(0), rows.place(place), &mut ids)?;
        let Some(ids) = ids else { continue };
        let as_integers = splits.are_integers();
        if !ids.keys.fit(as_integers) {
            return Err(other_ids(table, !as_integers, TRANSACTIONS.name));
        }
        let parts = ids.codes.iter().map(|&code| splits.part(ids.keys.id(code)));
        let parts = parts_of_rows(parts, rows.rows.as_deref(), batch.num_rows());
        scatter.write(&plain(&batch, &kept, options.time_zone)?, &parts)?;
        rows_before += batch.num_rows() as u64;
    }
    all_dropped.locate(&files);
    scatter.finish(shape, all_dropped, missing_ids)
}

/// The parts of all rows, given those of the rows that are kept; others are in none.
fn parts_of_rows(parts: impl Iterator<Item = u32>, kept: Option<&[u32]>, rows: usize) -> Vec<u32> {
    let Some(kept) = kept else { return parts.collect() };
    let mut all = vec![NO_CODE; rows];
    kept.iter().zip(parts).for_each(|(&row, part)| all[row as usize] = part);
    all
}

/// A table whose batches end with the numbers of their rows, for messages.
fn numbered(reader: TableReader) -> TableReader {
    let mut rows = 0;
    let batches = reader.batches.map(move |batch| {
        let batch = batch?;
        let numbers = rows + 1..=rows + batch.num_rows() as u64;
        rows += batch.num_rows() as u64;
        let mut fields = batch.schema().fields().to_vec();
        fields.push(Arc::new(Field::new("row", DataType::UInt64, true)));
        let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
        columns.push(Arc::new(UInt64Array::from_iter_values(numbers)));
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    });
    TableReader { numbered: true, batches: Box::new(batches), ..reader }
}
