//! Reading tables into an [`EventLog`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::Schema;

use super::assemble::{LogSpan, Tables};
use super::event_log::EventLog;
use super::given_span::{GivenSpan, check_inside};
use super::parts::partition_options::PartitionOptions;
use super::parts::partitioned::{Inputs, PartitionedLog};
use super::read::csv::encoding::encoding;
use super::read::day_orders;
use super::read::input_files::InputFiles;
use super::read::input_options::InputOptions;
use super::read::reading::{DayOrders, Reading};
use super::read::schema::{
    CUSTOMERS, ColumnNames, EVENTS, SURVEYS, TICKETS, TRANSACTIONS, TableSpec, table_name,
};
use super::read::source::{Batches, Source, TableReader};
use super::read::table_files::{FileKind, TableFiles, check_path};
use super::read::transaction_chunk;
use super::store::customers;
use super::store::event_roles::{EventRole, EventRoles};
use super::store::options::{
    BadRows, MissingIds, ObservedUntil, PurchaseBy, PurchaseRules, ZeroAmounts,
};
use super::store::placed::RawTable;
use crate::error::{Error, Result};
use crate::progress::{Progress, Step};
use crate::time::{IntoTimestamp, TimeZone};

/// Collects input tables and how to read them; created by [`EventLog::builder`].
///
/// Each table comes from Arrow record batches, from a stream of them, from a file ending in
/// `.parquet`, `.csv`, `.csv.gz` or `.xlsx`, from a folder of Parquet or of CSV files, or from those
/// that a pattern such as `orders/*.csv` matches. Files and streams are read by
/// [`EventLogBuilder::build`].
#[derive(Debug, Default)]
pub struct EventLogBuilder {
    transactions: Option<Source>,
    tickets: Option<Source>,
    surveys: Option<Source>,
    events: Option<Source>,
    customers: Option<Source>,
    names: ColumnNames,
    options: InputOptions,
    rules: PurchaseRules,
    time_zone: Option<TimeZone>,
    roles: EventRoles,
    observed_until: Option<ObservedUntil>,
    span: Option<GivenSpan>,
    progress: Progress,
}

macro_rules! table_setters {
    ($($table:ident, $from_stream:ident, $from_path:ident, $what:literal, $columns:literal;)+) => {$(
        #[doc = concat!("The ", $what, " from Arrow record batches with the same columns: ", $columns)]
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

        #[doc = concat!("The ", $what, " from a `.parquet`, `.csv`, `.csv.gz` or `.xlsx` file.")]
        ///
        /// A folder stands for all `.parquet`, or for all `.csv` and `.csv.gz` files in it and below,
        /// by their names; a pattern such as `orders/2024-*.csv` for those that it matches (`**` any
        /// folders). Folders named `column=value` supply that column to the rows below them. All
        /// files need the same columns, in any order, and of the same kinds as far as they are read:
        /// texts, numbers, or times; nulls are of any kind. Names with a leading `.` or `_` are left
        /// out; a file's own column takes precedence over its folder's.
        ///
        /// # Errors
        /// [`Error::Argument`] for another ending, [`Error::Io`] when there is no such file.
        pub fn $from_path(mut self, path: impl AsRef<Path>) -> Result<Self> {
            self.$table = Some(path_source(path.as_ref())?);
            Ok(self)
        }
    )+};
}

impl EventLog {
    /// Starts collecting the tables of a log.
    pub fn builder() -> EventLogBuilder {
        EventLogBuilder::default()
    }
}

impl EventLogBuilder {
    table_setters! {
        transactions, transactions_stream, transactions_path, "transactions",
            "`customer_id`, `time` and, where there are any, `amount`, `order_id`, `category`, \
             `channel`, `discount`, `valid_until` (the end of a contract or of a paid period), `known_at`.";
        tickets, tickets_stream, tickets_path, "support tickets",
            "`customer_id`, `opened_at` and, where there are any, `first_response_at`, \
             `resolved_at` (null: open), `topic`, `reopened_count`, `satisfaction`, `known_at`.";
        surveys, surveys_stream, surveys_path, "survey answers",
            "`customer_id`, `time`, `score` (0 to 10) and, where there are any, `topic`, `known_at`.";
        events, events_stream, events_path, "events, what customers do and what is done to reach them",
            "`customer_id`, `time`, `kind` (such as `visit`, `cart`, `login`, `email_sent`) and, where \
             there are any, `value`, `channel`, `known_at`.";
        customers, customers_stream, customers_path, "customers' attributes",
            "`customer_id` and any columns of numbers or texts.";
    }

    /// Says that the column `place`, such as `transactions.amount`, is named `input` in the input. A
    /// text in single quotes, as `'login'`, stands for all cells of a column of kinds, categories,
    /// channels or topics, so that a table of log-ins needs no column `kind`.
    ///
    /// ```
    /// use winback::log::{EventLog, EventSlices, IdSlice, TransactionSlices};
    /// let folder = tempfile::tempdir().map_err(|e| winback::Error::Shape(e.to_string()))?;
    /// let logins = folder.path().join("logins.csv");
    /// std::fs::write(&logins, "user,at\n7,2024-01-03\n7,2024-01-04\n")
    ///     .map_err(|e| winback::Error::io(&logins, e))?;
    /// let orders = TransactionSlices {
    ///     customer_id: IdSlice::Int(&[7]),
    ///     time: &["2024-01-05".parse()?],
    ///     ..TransactionSlices::default()
    /// };
    /// let log = EventLog::builder()
    ///     .transactions([orders.to_batch()?])
    ///     .events_path(&logins)?
    ///     .column("events.customer_id", "user")?
    ///     .column("events.time", "at")?
    ///     .column("events.kind", "'login'")?
    ///     .observed_until("2024-02-01")?
    ///     .build()?;
    /// let history = log.history(0.into(), "2024-01-04".parse()?);
    /// let kinds: Vec<&str> =
    ///     history.events().into_iter().flatten().filter_map(|event| log.event_kind(event.kind)).collect();
    /// assert_eq!(kinds, ["login"]);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when there is no such table or column, or for a text in quotes for another
    /// column.
    pub fn column(mut self, place: &str, input: &str) -> Result<Self> {
        self.names.set(place, input)?;
        Ok(self)
    }

    /// Kinds of events that are acts of the business, such as `email_sent` and `call`: contacts. All
    /// other events are acts of the customer.
    #[must_use]
    pub fn contacts<S: Into<String>>(self, kinds: impl IntoIterator<Item = S>) -> Self {
        self.event_role(EventRole::Contact, kinds)
    }

    /// Kinds of events that stand in place of purchases, such as `login`, for a service without any:
    /// their rows become the customers' purchases, without amounts, and remain events too. What is told
    /// of purchases is told of them, and the log has no table of transactions. With
    /// [`PurchaseBy::Day`] a day with any of them counts as one.
    ///
    /// ```
    /// use winback::log::{EventLog, EventSlices, IdSlice};
    /// let events = EventSlices {
    ///     customer_id: IdSlice::Int(&[7, 7, 3]),
    ///     time: &["2024-01-05".parse()?, "2024-03-01".parse()?, "2024-02-10".parse()?],
    ///     kind: &["login", "login", "email_open"],
    ///     ..EventSlices::default()
    /// };
    /// let log = EventLog::builder()
    ///     .events([events.to_batch()?])
    ///     .activity(["login"])
    ///     .observed_until("2024-04-01")?
    ///     .build()?;
    /// assert_eq!(log.customers().len(), 1);
    /// assert_eq!(log.report().purchases, 2);
    /// # Ok::<(), winback::Error>(())
    /// ```
    #[must_use]
    pub fn activity<S: Into<String>>(self, kinds: impl IntoIterator<Item = S>) -> Self {
        self.event_role(EventRole::Activity, kinds)
    }

    /// Kinds of events that stand for visits, carts, checkouts that were broken off, or opened
    /// contacts. Features of the way to a purchase need them. Default: none. A log that is appended to
    /// has its own.
    ///
    /// ```
    /// use winback::{EventLog, log::EventRole, simulate::Simulation};
    /// let shop = Simulation::default().customers(50).events(true).run()?;
    /// let log = EventLog::builder()
    ///     .transactions([shop.transactions])
    ///     .events(shop.events)
    ///     .contacts(["email_sent"])
    ///     .event_role(EventRole::Cart, ["cart"])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let table = log.at("2025-01-01")?.some_features(&["open_carts", "contact_count_30d"], &[])?;
    /// assert_eq!(table.columns().len(), 2);
    /// # Ok::<(), winback::Error>(())
    /// ```
    #[must_use]
    pub fn event_role<S: Into<String>>(
        mut self,
        role: EventRole,
        kinds: impl IntoIterator<Item = S>,
    ) -> Self {
        self.roles = self.roles.with(role, kinds);
        self
    }

    /// What to do with rows without a customer id. Default: an error.
    #[must_use]
    pub fn missing_ids(mut self, missing_ids: MissingIds) -> Self {
        self.options.missing_ids = missing_ids;
        self
    }

    /// What to do with rows that have an id and a cell that cannot be used: an impossible time, a
    /// text where a number stands, a score outside 0 to 10, a second row of a customer in the
    /// customers table. Default: an error that names the first.
    ///
    /// ```
    /// use winback::log::{BadRows, EventLog};
    /// let folder = tempfile::tempdir().map_err(|e| winback::Error::Shape(e.to_string()))?;
    /// let orders = folder.path().join("orders.csv");
    /// let text = "customer_id,time,amount\n7,2024-01-05,20\n7,2024-01-32,20\n";
    /// std::fs::write(&orders, text).map_err(|e| winback::Error::Shape(e.to_string()))?;
    /// let builder = || EventLog::builder().transactions_path(&orders)?.observed_until("2024-04-01");
    /// assert!(builder()?.build().is_err());
    /// let log = builder()?.bad_rows(BadRows::Drop).build()?;
    /// let report = log.report();
    /// assert_eq!((report.transactions.bad_rows, report.transactions.rows_kept), (1, 1));
    /// assert_eq!((report.dropped[0].column.as_str(), report.dropped[0].row), ("time", 2));
    /// # Ok::<(), winback::Error>(())
    /// ```
    #[must_use]
    pub fn bad_rows(mut self, bad_rows: BadRows) -> Self {
        self.options.bad_rows = bad_rows;
        self
    }

    /// The texts that stand for a missing value, in place of those that do by default: `NULL`,
    /// `null` and `\N`, and in columns of numbers and times also `NaN`, `nan`, `NA`, `N/A`, `#N/A`,
    /// `<NA>`, `None`, `-` and `?`. Empty and blank cells are missing whatever is given here. A time
    /// `known_at` is missing in these only.
    ///
    /// ```
    /// use winback::log::EventLog;
    /// let folder = tempfile::tempdir().map_err(|e| winback::Error::Shape(e.to_string()))?;
    /// let orders = folder.path().join("orders.csv");
    /// let text = "customer_id,time,category\n7,2024-01-05,none\n7,2024-01-06,NULL\n";
    /// std::fs::write(&orders, text).map_err(|e| winback::Error::Shape(e.to_string()))?;
    /// let log = EventLog::builder()
    ///     .transactions_path(&orders)?
    ///     .missing_values(["none"])
    ///     .observed_until("2024-04-01")?
    ///     .build()?;
    /// let history = log.history(0.into(), log.observed_until());
    /// let categories: Vec<_> = history.lines().map(|line| line.category).collect();
    /// assert_eq!(categories.iter().flatten().filter_map(|&code| log.category(code)).last(), Some("NULL"));
    /// assert_eq!(categories[0], None);
    /// # Ok::<(), winback::Error>(())
    /// ```
    #[must_use]
    pub fn missing_values<S: Into<String>>(
        mut self,
        missing_values: impl IntoIterator<Item = S>,
    ) -> Self {
        let texts = missing_values.into_iter().map(Into::into);
        self.options.missing_values = Some(texts.collect());
        self
    }

    /// Which rows form a purchase. Default: those of one order id; without order ids, those of one
    /// customer at one instant.
    #[must_use]
    pub fn purchase_by(mut self, purchase_by: PurchaseBy) -> Self {
        self.rules.purchase_by = purchase_by;
        self
    }

    /// What to do with a row of amount zero. Default: left out and counted.
    #[must_use]
    pub fn zero_amounts(mut self, zero_amounts: ZeroAmounts) -> Self {
        self.rules.zero_amounts = zero_amounts;
        self
    }

    /// The time zone whose wall clock the log goes by, such as `Europe/Berlin`: days, months and
    /// other periods begin when they begin there. Times with an offset or a zone, and Arrow's
    /// timestamps with a zone, are converted to it; those without one are read as they stand, and so
    /// are cutoffs. Default: UTC. A log that is appended to has its own.
    ///
    /// ```
    /// use winback::EventLog;
    /// use winback::log::{IdSlice, TransactionSlices};
    /// let orders = TransactionSlices {
    ///     customer_id: IdSlice::Int(&[7]),
    ///     time: &["2024-01-31T20:00:00".parse()?],   // of a clock on the wall
    ///     ..TransactionSlices::default()
    /// };
    /// let log = EventLog::builder()
    ///     .transactions([orders.to_batch()?])
    ///     .time_zone("America/New_York")?
    ///     .observed_until("2024-02-01T05:00:00Z")?   // midnight there
    ///     .build()?;
    /// assert_eq!(log.observed_until().to_string(), "2024-02-01");
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a name that the IANA database does not have.
    pub fn time_zone(mut self, name: &str) -> Result<Self> {
        self.time_zone = Some(name.parse()?);
        Ok(self)
    }

    /// How texts in all columns of times are written, as for strptime: `%d.%m.%Y %H:%M`. Default:
    /// ISO 8601; dates such as `2024/01/31` and `31.01.2024` are read too, and `31/01/2024` or
    /// `1/31/2024` where a row of the column shows which comes first.
    ///
    /// # Errors
    /// [`Error::Argument`] for a format that does not give year, month and day.
    pub fn time_format(mut self, format: &str) -> Result<Self> {
        self.options.time_formats.set(format)?;
        Ok(self)
    }

    /// As [`EventLogBuilder::time_format`], of one column, such as `transactions.known_at`.
    ///
    /// # Errors
    /// As there, and when there is no such column of times.
    pub fn column_time_format(mut self, place: &str, format: &str) -> Result<Self> {
        self.options.time_formats.set_column(place, format)?;
        Ok(self)
    }

    /// The decimal sign of numbers in CSV files, `.` or `,`. Default: `.`.
    ///
    /// # Errors
    /// [`Error::Argument`] for another one.
    pub fn decimal(mut self, sign: char) -> Result<Self> {
        self.options.numbers.decimal(sign)?;
        Ok(self)
    }

    /// What sets thousands apart in numbers of CSV files: `,`, `.`, `'` or a blank, which stands for
    /// narrow and non-breaking ones too. Default: nothing.
    ///
    /// # Errors
    /// [`Error::Argument`] for another one.
    pub fn thousands(mut self, separator: char) -> Result<Self> {
        self.options.numbers.thousands(separator)?;
        Ok(self)
    }

    /// Up to when the log is complete: an instant ([`IntoTimestamp`](crate::time::IntoTimestamp)),
    /// or `"last_event"`.
    ///
    /// There is no default: the absence of purchases after this instant carries no information.
    ///
    /// # Errors
    /// [`Error::Argument`] for a text that is neither.
    pub fn observed_until<T>(mut self, until: T) -> Result<Self>
    where
        T: TryInto<ObservedUntil>,
        Error: From<T::Error>,
    {
        self.observed_until = Some(until.try_into()?);
        Ok(self)
    }

    /// When the first and the last transaction (or activity) of all customers were, for a log of some
    /// of them: it may have no rows, and can be asked at any cutoff that the log of all can. All its
    /// results are those of these customers in the log of all.
    ///
    /// Tables need types, as those of Arrow and Parquet files have, for what a column of a CSV file or
    /// a sheet holds is found from all its cells.
    ///
    /// ```
    /// use winback::{EventLog, simulate::Simulation};
    /// let shop = Simulation::default().customers(50).run()?;
    /// let nobody = EventLog::builder()
    ///     .transactions([shop.transactions.slice(0, 0)])
    ///     .span("2022-01-01", "2024-12-31")?
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let features = nobody.at("2025-01-01")?.features()?;
    /// assert_eq!((features.len(), features.columns()[0].name.as_str()), (0, "days_since_last_purchase"));
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for what is no time. [`EventLogBuilder::build`] then refuses, by
    /// [`Error::Data`], a transaction outside of the span, and by [`Error::Argument`] tables without types.
    pub fn span(mut self, first: impl IntoTimestamp, last: impl IntoTimestamp) -> Result<Self> {
        let (first, last) = (first.into_moment("span")?, last.into_moment("span")?);
        self.span = Some(GivenSpan { first, last });
        Ok(self)
    }

    /// The separator of CSV files. Default: that of a first line such as `sep=;`, else whichever of
    /// `,`, `;`, tab and `|` occurs most often in the header, and as often in the rows.
    #[must_use]
    pub fn csv_separator(mut self, separator: u8) -> Self {
        self.options.separator = Some(separator);
        self
    }

    /// Lines above the header of CSV files and rows above that of sheets, such as a title; a line
    /// `sep=;` is none of them. Default: 0.
    ///
    /// ```
    /// use winback::EventLog;
    /// let folder = tempfile::tempdir().map_err(|e| winback::Error::Shape(e.to_string()))?;
    /// let orders = folder.path().join("orders.csv");
    /// std::fs::write(&orders, "Sales;\n;\ncustomer_id;time\n7;2024-01-05\n")
    ///     .map_err(|e| winback::Error::io(&orders, e))?;
    /// let builder = EventLog::builder().transactions_path(&orders)?.skip_rows(2);
    /// let log = builder.observed_until("2025-01-01")?.build()?;
    /// assert_eq!(log.report().purchases, 1);
    /// # Ok::<(), winback::Error>(())
    /// ```
    #[must_use]
    pub fn skip_rows(mut self, lines: usize) -> Self {
        self.options.skip_rows = lines;
        self
    }

    /// The encoding of CSV files that do not show theirs, by its name on the web: `utf-8` (the
    /// default), `utf-16`, `cp1251`, `cp1252`, `cp866`, `shift_jis` and others. UTF-16 and a byte
    /// order mark are found without it.
    ///
    /// ```
    /// use winback::EventLog;
    /// let folder = tempfile::tempdir().map_err(|e| winback::Error::Shape(e.to_string()))?;
    /// let orders = folder.path().join("orders.csv");
    /// std::fs::write(&orders, b"customer_id;time;category\n7;2024-01-05;\xf7\xe0\xe9\n")
    ///     .map_err(|e| winback::Error::io(&orders, e))?;
    /// let builder = || EventLog::builder().transactions_path(&orders)?.observed_until("2025-01-01");
    /// assert!(builder()?.encoding("cp1251")?.build().is_ok());
    /// let error = builder()?.build().unwrap_err().to_string();
    /// assert!(error.ends_with("is not UTF-8 text; encoding=\"cp1251\" reads it as \"чай\""));
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a name that is none.
    pub fn encoding(mut self, name: &str) -> Result<Self> {
        self.options.encoding = Some(encoding(name)?);
        Ok(self)
    }

    /// The sheet of a workbook that holds this table. Default: the only visible one with cells.
    ///
    /// # Errors
    /// [`Error::Argument`] when there is no such table.
    pub fn sheet(mut self, table: &str, sheet: &str) -> Result<Self> {
        self.options.sheets.insert(table_name("sheets", table)?, sheet.to_owned());
        Ok(self)
    }

    /// Raises or lowers what a file may hold, so that a damaged or hostile one does not take the
    /// memory of the machine:
    ///
    /// - `columns`: columns of a table, 10,000.
    /// - `record_bytes`: bytes of a row of a CSV file, 16 MiB.
    /// - `cell_bytes`: bytes of a cell of a CSV file, 1 MiB.
    /// - `expanded_bytes`: bytes that a file may become in memory though they are more than 200 times
    ///   its own, 128 MiB. They are those of a packed text or a workbook unpacked, and 8 for each
    ///   cell that is read.
    ///
    /// ```
    /// let error = winback::EventLog::builder().limit("rows", 5).unwrap_err();
    /// assert!(error.to_string().starts_with("limits: expected one of columns, record_bytes"));
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for an unknown name, or zero.
    pub fn limit(mut self, name: &str, value: u64) -> Result<Self> {
        self.options.limits.set(name, value)?;
        Ok(self)
    }

    /// Reads all tables and sorts them by customer and time.
    ///
    /// # Errors
    /// [`Error::Data`], [`Error::Column`], [`Error::Table`], [`Error::File`] or [`Error::Io`] for
    /// input that cannot be used, [`Error::Argument`] when there are no transactions or
    /// `observed_until` was not given.
    pub fn build(self) -> Result<EventLog> {
        let rules = self.rules();
        self.given_until()?;
        self.check_roles()?;
        let mut files = InputFiles::default();
        let (zone, orders, given) = (rules.time_zone, DayOrders::default(), self.span);
        let of_activity = self.roles.has(EventRole::Activity);
        let built = self.read(&mut files, zone, orders).and_then(|(tables, observed_until)| {
            let Some(given) = given else {
                return tables.into_log(rules, |shards| LogSpan::of(shards, observed_until));
            };
            let span = given.of(observed_until, zone, of_activity)?;
            let log = tables.into_log(rules, |_| Ok(span))?;
            check_inside(&log)?;
            Ok(log)
        });
        built.map_err(|error| files.locate(error))
    }

    /// Reads tables that are larger than memory: their rows are grouped by customer in parts on
    /// disk, each a log of neighbouring customers that fits in memory.
    ///
    /// All tables must be Parquet files or folders of them.
    ///
    /// ```
    /// use winback::EventLog;
    /// use winback::log::PartitionOptions;
    /// use winback::answer::output::write_table;
    /// use winback::simulate::Simulation;
    /// let shop = Simulation::default().customers(50).run()?;
    /// let folder = tempfile::tempdir().map_err(|e| winback::Error::Shape(e.to_string()))?;
    /// let orders = folder.path().join("orders.parquet");
    /// write_table(&shop.transactions, &orders)?;
    /// let log = EventLog::builder()
    ///     .transactions_path(&orders)?
    ///     .observed_until("2025-01-01")?
    ///     .partition(&PartitionOptions::new(1 << 30))?;
    /// assert_eq!(log.part(0)?.customers().len(), 50);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`EventLogBuilder::build`]; [`Error::Argument`] for tables that are not Parquet files or
    /// for too little memory, [`Error::Io`] when the temporary folder cannot be written,
    /// [`Error::Interrupted`] when the progress callback asks to stop.
    pub fn partition(self, options: &PartitionOptions) -> Result<PartitionedLog> {
        let observed_until = self.given_until()?;
        self.refuse_span("parts find the span of all rows")?;
        options.check()?;
        self.check_roles()?;
        self.check_names()?;
        let rules = self.rules();
        let path = |table: &TableSpec, source| table_path(table.name, source, options);
        let inputs = Inputs {
            transactions: path(&TRANSACTIONS, self.transactions)?,
            tickets: path(&TICKETS, self.tickets)?,
            surveys: path(&SURVEYS, self.surveys)?,
            events: path(&EVENTS, self.events)?,
            customers: path(&CUSTOMERS, self.customers)?,
            roles: self.roles,
            names: self.names,
            options: Arc::new(InputOptions { time_zone: rules.time_zone, ..self.options }),
            rules,
            observed_until,
            progress: self.progress,
        };
        let mut files = InputFiles::default();
        inputs.partition(options, &mut files).map_err(|error| files.locate(error))
    }

    /// Reads all tables and adds their rows to a log. The result equals a log built from the rows
    /// of both; `log` stays as it was, and the two share what did not change. Only the customers
    /// named in the transactions, and their neighbours, are sorted again.
    ///
    /// The log's purchase rules apply. Names of columns, formats of times and numbers, missing values,
    /// encoding, separator and sheets are those that the log was built with, unless others are given;
    /// dates such as `1/2/2024` are read in the order that the log's have shown. Tables need the optional columns that the log has, and no
    /// others; a customer who is already in the log's customers table cannot be described again.
    ///
    /// ```
    /// use winback::{EventLog, simulate::Simulation};
    /// let shop = Simulation::default().customers(50).run()?;
    /// let log = EventLog::builder()
    ///     .transactions([shop.transactions.slice(0, 200)])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let rest = shop.transactions.slice(200, shop.transactions.num_rows() - 200);
    /// let all = EventLog::builder()
    ///     .transactions([rest])
    ///     .observed_until("2025-01-01")?
    ///     .append_to(&log)?;
    /// assert_eq!(all.report().transactions.rows_read, shop.transactions.num_rows() as u64);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`EventLogBuilder::build`], except that other tables may come without transactions;
    /// [`Error::Table`] for a table that the log does not have or ids of another type,
    /// [`Error::Column`] for columns that only one of the two has, [`Error::Argument`] for an
    /// `observed_until` before that of the log.
    pub fn append_to(mut self, log: &EventLog) -> Result<EventLog> {
        self.refuse_span("the log that is appended to has its own")?;
        let mut files = InputFiles::default();
        let (zone, reading) = (log.time_zone(), &log.inner.reading);
        let (has_transactions, beside) = (self.transactions.is_some(), self.given_beside());
        let is_given = |table: &str| match table == TRANSACTIONS.name {
            true => has_transactions,
            false => beside.contains(&(table, true)),
        };
        reading.complete(&mut self.names, &mut self.options, is_given);
        if let Some(own) = self.time_zone.filter(|&own| own != zone) {
            return Err(Error::argument("time_zone", own, format!("\"{zone}\", as of the log")));
        }
        let appended = self
            .read(&mut files, zone, reading.orders.clone())
            .and_then(|(tables, observed_until)| tables.append_to(log, observed_until));
        appended.map_err(|error| files.locate(error))
    }

    /// Calls `tell` often, from any thread, while tables are read; when it returns false, the work ends
    /// with [`Error::Interrupted`]. The log that is read tells nobody: calls that are to tell get
    /// [one that does](EventLog::on_progress).
    ///
    /// ```
    /// use winback::{Error, EventLog, simulate::Simulation};
    /// let shop = Simulation::default().customers(50).run()?;
    /// let builder = EventLog::builder().transactions([shop.transactions]);
    /// let ended = builder.observed_until("2025-01-01")?.on_progress(|_| false).build();
    /// assert!(matches!(ended, Err(Error::Interrupted)));
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn on_progress(mut self, tell: impl Fn(Step) -> bool + Send + Sync + 'static) -> Self {
        self.progress = Progress::to(tell);
        self
    }

    /// How cells are read.
    pub(crate) fn input_options(&self) -> InputOptions {
        InputOptions { time_zone: self.rules().time_zone, ..self.options.clone() }
    }

    fn refuse_span(&self, why: &str) -> Result<()> {
        match self.span {
            None => Ok(()),
            Some(span) => {
                let given = format!("{} to {}", span.first, span.last);
                Err(Error::argument("span", given, format!("none: {why}")))
            }
        }
    }

    fn given_until(&self) -> Result<ObservedUntil> {
        self.observed_until.ok_or_else(|| {
            Error::missing_argument(
                "observed_until",
                "a date or time up to which the log is complete, or \"last_event\"",
            )
        })
    }

    /// The tables beside the transactions, and whether each is given.
    fn given_beside(&self) -> [(&'static str, bool); 4] {
        [
            (TICKETS.name, self.tickets.is_some()),
            (SURVEYS.name, self.surveys.is_some()),
            (EVENTS.name, self.events.is_some()),
            (CUSTOMERS.name, self.customers.is_some()),
        ]
    }

    /// Refuses names or formats of columns for a table that is not given, and numbers whose signs
    /// are the same.
    fn check_names(&self) -> Result<()> {
        self.options.numbers.check()?;
        for (table, given) in self.given_beside() {
            if !given && self.names.names_any_of(table) {
                let expected = "a table that is given";
                return Err(Error::argument("columns", table, expected));
            }
            if !given && self.options.time_formats.name_any_of(table) {
                return Err(Error::argument("time_format", table, "a table that is given"));
            }
        }
        Ok(())
    }

    /// Refuses roles of kinds without a table of events, and a log that has neither transactions nor
    /// activity in their place, or both.
    fn check_roles(&self) -> Result<()> {
        if let (Some((_, kind)), None) = (self.roles.iter().next(), &self.events) {
            let expected = "none without a table of events";
            return Err(Error::text_argument("roles", kind, expected));
        }
        let of_activity = self.roles.has(EventRole::Activity);
        match &self.transactions {
            None if !of_activity => Err(no_transactions()),
            Some(_) if of_activity => {
                let expected = "none where activity stands in place of purchases; its rows may be \
                                events of their own kind";
                Err(Error::argument(TRANSACTIONS.name, "a table", expected))
            }
            _ => self.roles.check_activity(),
        }
    }

    fn rules(&self) -> PurchaseRules {
        PurchaseRules { time_zone: self.time_zone.unwrap_or_default(), ..self.rules }
    }

    pub(super) fn read(
        self,
        files: &mut InputFiles,
        time_zone: TimeZone,
        mut orders: DayOrders,
    ) -> Result<(Tables, ObservedUntil)> {
        let observed_until = self.given_until()?;
        self.check_names()?;
        let is_part = self.span.is_some();
        let options = Arc::new(InputOptions { time_zone, is_part, ..self.options });
        let mut unused_columns = Vec::new();
        let mut open = |source: Source, spec: &TableSpec, rest: bool| -> Result<TableReader> {
            let mut reader =
                day_orders::open(source, spec, &self.names, &options, rest, &mut orders)?;
            if is_part && reader.untyped {
                let expected =
                    "none with a table whose columns have no types; use Arrow or Parquet";
                return Err(Error::argument("span", format!("one with {}", spec.name), expected));
            }
            files.add(&reader);
            reader.batches = told(reader.batches, reader.rows, self.progress.clone());
            unused_columns.extend(reader.unused_places());
            Ok(reader)
        };
        let mut id_column = String::new();
        let mut transactions = Vec::new();
        if let Some(source) = self.transactions {
            let reader = open(source, &TRANSACTIONS, false)?;
            id_column = reader.id_column();
            transactions = transaction_chunk::read(reader)?;
        }
        let tickets = self.tickets.map(|s| RawTable::read(open(s, &TICKETS, false)?));
        let tickets = tickets.transpose()?;
        let surveys = self.surveys.map(|s| RawTable::read(open(s, &SURVEYS, false)?));
        let surveys = surveys.transpose()?;
        let events = self.events.map(|s| RawTable::read(open(s, &EVENTS, false)?));
        let events = events.transpose()?;
        let customers = self.customers.map(|s| customers::read(open(s, &CUSTOMERS, true)?));
        let customers = customers.transpose()?;
        let reading = Reading::new(self.names, options.as_ref().clone(), orders);
        let tables = Tables {
            transactions,
            id_column,
            tickets,
            surveys,
            events,
            customers,
            unused_columns,
            roles: self.roles,
            is_part,
            reading,
        };
        Ok((tables, observed_until))
    }
}

/// The batches, each told of before it is handed on.
fn told(batches: Batches, rows: u64, progress: Progress) -> Batches {
    let mut done = 0;
    Box::new(batches.map(move |batch| {
        let batch = batch?;
        done += batch.num_rows() as u64;
        // Nobody knows how much there is in a stream or a CSV file.
        progress.tell("reading tables", done.min(rows), rows)?;
        Ok(batch)
    }))
}

fn no_transactions() -> Error {
    let expected = "a table or a path, or activity in their place";
    Error::missing_argument("transactions", expected)
}

/// The path of a table that is read in parts.
fn table_path(
    table: &str,
    source: Option<Source>,
    options: &PartitionOptions,
) -> Result<Option<PathBuf>> {
    match source {
        None => Ok(None),
        Some(Source::Path(path)) if TableFiles::of(&path)?.kind == FileKind::Parquet => {
            Ok(Some(path))
        }
        Some(source) => {
            let expected = format!(
                "none, or tables in Parquet files or folders of them; {table} is {source:?}"
            );
            Err(Error::argument("memory", options.memory, expected))
        }
    }
}

fn batches_source(batches: impl IntoIterator<Item = RecordBatch>) -> Source {
    let batches: Vec<RecordBatch> = batches.into_iter().collect();
    let schema = batches.first().map_or_else(|| Schema::empty().into(), RecordBatch::schema);
    Source::Batches { schema, batches }
}

fn path_source(path: &Path) -> Result<Source> {
    check_path(path)?;
    Ok(Source::Path(path.to_owned()))
}
