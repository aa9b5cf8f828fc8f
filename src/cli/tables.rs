//! The input tables and how they are read, the same for all commands.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args};
use serde_json::{Map, Value};
use winback::answer::{failed, value};
use winback::check::Reading;
use winback::hazard::TimeToPurchase;
use winback::log::{
    AllCustomers, BadRows, EventLogBuilder, EventRole, EventRoles, LogFacts, MissingIds,
    ObservedUntil, PartitionOptions, PartitionedLog, PurchaseBy, PurchaseRules, ZeroAmounts,
    check_spared, parse_memory,
};
use winback::time::TimeZone;
use winback::{ChurnModel, Error, EventLog};

use super::console::{note, tell_activity, told};
use super::failure::Failure;
use super::progress::{during, steps, tell};

/// Input tables. Commands that cannot do without transactions say so themselves.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("log").args(["transactions", "events"]).multiple(true))]
#[command(
    next_help_heading = "Input (.parquet, .csv, .csv.gz, .xlsx, a folder or a pattern of such files)"
)]
pub(super) struct Tables {
    /// Orders and returns: customer_id, time and, if available, amount, order_id, category,
    /// channel, discount, known_at
    #[arg(long, value_name = "FILE")]
    pub(super) transactions: Option<PathBuf>,
    /// Support tickets: customer_id, opened_at and, if available, first_response_at, resolved_at,
    /// topic, reopened_count, satisfaction, known_at
    #[arg(long, value_name = "FILE", requires = "log")]
    pub(super) tickets: Option<PathBuf>,
    /// Survey answers: customer_id, time, score (0 to 10) and, if available, topic, known_at
    #[arg(long, value_name = "FILE", requires = "log")]
    pub(super) surveys: Option<PathBuf>,
    /// What customers do and what is done to reach them: customer_id, time, kind (such as visit, cart,
    /// login, email_sent) and, if available, value, channel, known_at
    #[arg(long, value_name = "FILE")]
    pub(super) events: Option<PathBuf>,
    /// Customers: customer_id and any attributes; only those named by --attribute are used
    #[arg(long, value_name = "FILE", requires = "log")]
    pub(super) customers: Option<PathBuf>,
    /// Kind of events that is an act of the business, such as email_sent; may be repeated [default: the
    /// model's]
    #[arg(long = "contact", value_name = "KIND", requires = "events")]
    contacts: Vec<String>,
    /// What a kind of events stands for, such as visit=page_view: visit, cart, abandoned (a checkout
    /// broken off), opened (of a contact), contact or activity; may be repeated [default: the model's]
    #[arg(long = "role", value_name = "ROLE=KIND", requires = "events", value_parser = event_role)]
    roles: Vec<(EventRole, String)>,
    /// Kind of events that stands in place of purchases, such as login, for a service without any:
    /// there are no transactions then; may be repeated [default: the model's]
    #[arg(long, value_name = "KIND", requires = "events", conflicts_with = "transactions")]
    activity: Vec<String>,
    /// The log is complete up to here (exclusive): a date or time, or `last_event`. The absence of
    /// later purchases carries no information
    #[arg(long, value_name = "DATE", requires = "log",
          value_parser = value::<ObservedUntil>)]
    pub(super) observed_until: Option<ObservedUntil>,
    /// Name of a column in your file, such as transactions.amount=total; may be repeated. A text in
    /// single quotes stands for all cells, as in "events.kind='login'"
    #[arg(long = "column", value_name = "TABLE.COLUMN=NAME", requires = "log",
          value_parser = column_name)]
    columns: Vec<(String, String)>,
    /// What to do with rows that have no customer id [default: error]
    #[arg(long, value_name = "HOW",
          value_parser = one_of([MissingIds::Error.name(), MissingIds::Drop.name()])
              .try_map(|name| name.parse::<MissingIds>()))]
    missing_ids: Option<MissingIds>,
    /// What to do with rows that have a cell that cannot be used, such as an impossible time: refuse
    /// them, or leave them out, count them and tell the first ten of each table [default: error]
    #[arg(long, value_name = "HOW",
          value_parser = one_of([BadRows::Error.name(), BadRows::Drop.name()])
              .try_map(|name| name.parse::<BadRows>()))]
    bad_rows: Option<BadRows>,
    /// Texts that stand for a missing value, separated by commas, as NULL,-999; empty cells are
    /// missing anyway [default: NULL, null, \\N, and among numbers and times NaN, nan, NA, N/A, #N/A,
    /// <NA>, None, -, ?]
    #[arg(long, value_name = "TEXTS", value_delimiter = ',', allow_hyphen_values = true)]
    missing_values: Option<Vec<String>>,
    /// Which rows of a customer make up one purchase [default: the model's, or order: the rows of
    /// one order_id or, without order ids, of one instant]
    #[arg(long, value_name = "HOW",
          value_parser = one_of([PurchaseBy::Order.name(), PurchaseBy::Timestamp.name(),
                                 PurchaseBy::Day.name()])
              .try_map(|name| name.parse::<PurchaseBy>()))]
    purchase_by: Option<PurchaseBy>,
    /// Whether rows with amount zero are left out or count as purchases [default: the model's, or
    /// ignore]
    #[arg(long, value_name = "HOW",
          value_parser = one_of([ZeroAmounts::Ignore.name(), ZeroAmounts::Purchase.name()])
              .try_map(|name| name.parse::<ZeroAmounts>()))]
    zero_amounts: Option<ZeroAmounts>,
    /// Time zone whose clock the log goes by, such as Europe/Berlin: days and months begin there, and
    /// times with an offset are converted to it [default: the model's, or UTC]
    #[arg(long, value_name = "ZONE", requires = "log", value_parser = value::<TimeZone>)]
    time_zone: Option<TimeZone>,
    /// How times are written as text, such as "%d.%m.%Y %H:%M", in all columns or in one, as in
    /// transactions.time="%m/%d/%Y"; may be repeated [default: ISO 8601 and dates that are clear]
    #[arg(long = "time-format", value_name = "[TABLE.COLUMN=]FORMAT", requires = "log")]
    time_formats: Vec<String>,
    /// Decimal sign of numbers in CSV files, `.` or `,`
    #[arg(long, value_name = "CHAR", requires = "log")]
    decimal: Option<char>,
    /// What sets thousands apart in numbers of CSV files: `,`, `.`, `'` or a blank
    #[arg(long, value_name = "CHAR", requires = "log")]
    thousands: Option<char>,
    /// Separator of the CSV files, one character or `tab` [default: detected from the header]
    #[arg(long, value_name = "CHAR", requires = "log", value_parser = separator)]
    csv_separator: Option<u8>,
    /// Lines above the header of the CSV files, such as a title [default: 0]
    #[arg(long, value_name = "LINES", requires = "log")]
    skip_rows: Option<usize>,
    /// Encoding of the CSV files, such as utf-16, cp1251 or cp1252 [default: utf-8, or what the file
    /// shows]
    #[arg(long, value_name = "NAME", requires = "log")]
    encoding: Option<String>,
    /// Sheet of an .xlsx file, such as transactions=Orders, or alone that of the transactions; may be
    /// repeated [default: the only visible one with cells]
    #[arg(long = "sheet", value_name = "[TABLE=]SHEET", requires = "log",
          value_parser = sheet)]
    sheets: Vec<(Option<String>, String)>,
    /// What a file may hold at most, such as columns=20000: columns, record_bytes, cell_bytes or
    /// expanded_bytes; may be repeated
    #[arg(long = "limit", value_name = "NAME=NUMBER", requires = "log",
          value_parser = limit)]
    limits: Vec<(String, u64)>,
}

/// The rules of the log that a model was trained on.
#[derive(Debug, Clone, Copy)]
pub(super) struct ModelRules<'a> {
    pub(super) purchases: PurchaseRules,
    pub(super) events: &'a EventRoles,
}

impl<'a> ModelRules<'a> {
    pub(super) fn of(model: &'a ChurnModel) -> Self {
        ModelRules { purchases: model.purchase_rules(), events: model.event_roles() }
    }

    pub(super) fn of_times(model: &'a TimeToPurchase) -> Self {
        ModelRules { purchases: model.purchase_rules(), events: model.event_roles() }
    }
}

/// For tables larger than memory.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tables larger than memory")]
pub(super) struct Partition {
    /// Memory limit, such as 2GB or 1.5GiB, at least 256MiB: rows are first grouped by customer on
    /// disk, then read one part at a time. All tables must be Parquet files or folders of them
    #[arg(long, value_name = "SIZE", requires = "log",
          value_parser = memory)]
    memory: Option<u64>,
    /// Folder for the temporary parts; they need about as much disk space as the columns that are
    /// read, uncompressed [default: the system's folder for temporary files]
    #[arg(long, value_name = "FOLDER", requires = "memory")]
    temp_folder: Option<PathBuf>,
}

impl Partition {
    /// The log in parts, if a memory is given.
    pub(super) fn read(
        &self,
        tables: &Tables,
        model: Option<&ChurnModel>,
    ) -> Result<Option<PartitionedLog>, Failure> {
        let Some(memory) = self.memory else { return Ok(None) };
        let mut options = PartitionOptions::new(memory);
        if let Some(folder) = &self.temp_folder {
            options = options.temp_folder(folder);
        }
        let builder = tables.builder(model.map(ModelRules::of))?.on_progress(steps());
        let log = builder.partition(&options)?.on_progress(steps());
        if log.tells_activity() {
            tell_activity();
        }
        Ok(Some(log))
    }

    /// What is found in all customers: in one log or, where a memory is given, in its parts.
    pub(super) fn analysed<T>(
        &self,
        tables: &Tables,
        model: Option<&ChurnModel>,
        doing: &'static str,
        of_log: impl FnOnce(&EventLog) -> winback::Result<T>,
        of_parts: impl FnOnce(&PartitionedLog) -> winback::Result<T>,
    ) -> Result<T, Failure> {
        if let Some(log) = self.read(tables, model)? {
            let found = of_parts(&log)?;
            Partition::note(tables, &log);
            return Ok(found);
        }
        let log = tables.read(model)?;
        Ok(during(doing, || of_log(&log))?)
    }

    /// Says what was read in parts. Who are not in a sample nobody has looked at.
    pub(super) fn note(tables: &Tables, log: &PartitionedLog) {
        if let Some(report) = log.known_report() {
            note(&report.to_string());
        }
        tables.note_span(log);
        note(&match log.parts() {
            1 => "read in one part\n".to_owned(),
            parts => format!("read in {parts} parts\n"),
        });
    }
}

impl Tables {
    /// Refuses to write a result over an input, among the files of one, or over the model.
    pub(super) fn spare(&self, output: &Path, model: Option<&Path>) -> Result<(), Failure> {
        let inputs =
            [&self.transactions, &self.tickets, &self.surveys, &self.events, &self.customers];
        let mut inputs: Vec<PathBuf> = inputs.into_iter().flatten().cloned().collect();
        inputs.extend(model.map(Path::to_owned));
        Ok(check_spared(output, &inputs)?)
    }

    /// Refuses what is said twice of one column, table or limit: only one of both could be meant.
    fn check_said_once(&self) -> Result<(), Error> {
        let sheets = self.sheets.iter().map(|(table, sheet)| table.as_ref().unwrap_or(sheet));
        let formats = self.time_formats.iter().map(|format| place_of(format));
        said_once("columns", self.columns.iter().map(|(place, _)| place.as_str()))?;
        said_once("limits", self.limits.iter().map(|(name, _)| name.as_str()))?;
        said_once("sheets", sheets.map(String::as_str))?;
        said_once("time_format", formats.map(|format| format.map_or("all", |(place, _)| place)))
    }

    /// A model's own rules apply where none are given.
    fn builder(&self, model: Option<ModelRules<'_>>) -> Result<EventLogBuilder, Failure> {
        let rules = model.map_or_else(PurchaseRules::default, |model| model.purchases);
        let mut builder = EventLog::builder()
            .missing_ids(self.missing_ids.unwrap_or_default())
            .bad_rows(self.bad_rows.unwrap_or_default())
            .purchase_by(self.purchase_by.unwrap_or(rules.purchase_by))
            .zero_amounts(self.zero_amounts.unwrap_or(rules.zero_amounts));
        builder = builder.time_zone(self.time_zone.unwrap_or(rules.time_zone).name())?;
        self.check_said_once()?;
        for format in &self.time_formats {
            builder = match place_of(format) {
                Some((place, format)) => builder.column_time_format(place, format)?,
                None => builder.time_format(format)?,
            };
        }
        if let Some(sign) = self.decimal {
            builder = builder.decimal(sign)?;
        }
        if let Some(separator) = self.thousands {
            builder = builder.thousands(separator)?;
        }
        if let Some(path) = &self.transactions {
            builder = builder.transactions_path(path)?;
        }
        if let Some(path) = &self.tickets {
            builder = builder.tickets_path(path)?;
        }
        if let Some(path) = &self.surveys {
            builder = builder.surveys_path(path)?;
        }
        if let Some(path) = &self.events {
            builder = builder.events_path(path)?.contacts(&self.contacts).activity(&self.activity);
            for (role, kind) in &self.roles {
                builder = builder.event_role(*role, [kind]);
            }
            let none_given =
                self.contacts.is_empty() && self.roles.is_empty() && self.activity.is_empty();
            if let (true, Some(model)) = (none_given, model) {
                for (role, kind) in model.events.iter() {
                    builder = builder.event_role(role, [kind]);
                }
            }
        }
        if let Some(path) = &self.customers {
            builder = builder.customers_path(path)?;
        }
        if let Some(until) = self.observed_until {
            builder = builder.observed_until(until)?;
        }
        if let Some(texts) = &self.missing_values {
            builder = builder.missing_values(texts);
        }
        for (place, input) in &self.columns {
            builder = builder.column(place, input)?;
        }
        if let Some(separator) = self.csv_separator {
            builder = builder.csv_separator(separator);
        }
        builder = builder.skip_rows(self.skip_rows.unwrap_or_default());
        if let Some(encoding) = &self.encoding {
            builder = builder.encoding(encoding)?;
        }
        for (table, sheet) in &self.sheets {
            // A table is missing where only a sheet is named.
            builder = builder.sheet(table.as_deref().unwrap_or(sheet), sheet)?;
        }
        for (name, value) in &self.limits {
            builder = builder.limit(name, *value)?;
        }
        Ok(builder)
    }

    /// What is given of how tables are read, by the names of Python.
    pub(super) fn reading(&self) -> Result<Reading, Failure> {
        self.check_said_once()?;
        let mut given = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            given.extend(value.map(|value| (name.to_owned(), value)));
        };
        let by_name = |items: Map<String, Value>| (!items.is_empty()).then_some(items.into());
        let mut columns: Map<String, Value> = Map::new();
        for (place, input) in &self.columns {
            let (table, column) = place.split_once('.').unwrap_or((place, ""));
            let own = columns.entry(table).or_insert_with(|| Map::new().into());
            own[column] = input.as_str().into();
        }
        put("columns", by_name(columns));
        let named: Map<String, Value> = self
            .sheets
            .iter()
            .filter_map(|(table, sheet)| Some((table.clone()?, sheet.as_str().into())))
            .collect();
        let alone = self.sheets.iter().find(|(table, _)| table.is_none());
        put("sheets", alone.map(|(_, sheet)| sheet.as_str().into()).or(by_name(named)));
        put("missing_ids", self.missing_ids.map(|how| how.name().into()));
        put("bad_rows", self.bad_rows.map(|how| how.name().into()));
        put("missing_values", self.missing_values.clone().map(Value::from));
        put("purchase_by", self.purchase_by.map(|how| how.name().into()));
        put("zero_amounts", self.zero_amounts.map(|how| how.name().into()));
        put(
            "observed_until",
            self.observed_until.map(|until| match until {
                ObservedUntil::LastEvent => "last_event".into(),
                ObservedUntil::At(at) => at.to_string().into(),
            }),
        );
        put("time_zone", self.time_zone.map(|zone| zone.name().into()));
        let of_columns: Map<String, Value> = self
            .time_formats
            .iter()
            .filter_map(|format| place_of(format))
            .map(|(place, format)| (place.to_owned(), format.into()))
            .collect();
        let of_all = self.time_formats.iter().find(|format| place_of(format).is_none());
        put("time_format", of_all.map(|format| format.as_str().into()).or(by_name(of_columns)));
        put("decimal", self.decimal.map(|sign| sign.to_string().into()));
        put("thousands", self.thousands.map(|sign| sign.to_string().into()));
        put("csv_separator", self.csv_separator.map(|sign| char::from(sign).to_string().into()));
        put("skip_rows", self.skip_rows.map(Value::from));
        put("encoding", self.encoding.as_deref().map(Value::from));
        let limits = self.limits.iter().map(|(name, value)| (name.clone(), (*value).into()));
        put("limits", by_name(limits.collect()));
        Ok(Reading::of(&given)?)
    }

    /// Reads the log and says what was read.
    pub(super) fn read(&self, model: Option<&ChurnModel>) -> Result<EventLog, Failure> {
        self.read_by(model.map(ModelRules::of))
    }

    /// As `read`, by the rules of any model.
    pub(super) fn read_by(&self, model: Option<ModelRules<'_>>) -> Result<EventLog, Failure> {
        let builder = self.builder(model)?;
        let builder = builder.on_progress(tell());
        let log = during("reading the tables", || builder.build())?.on_progress(tell());
        if log.columns().tells_activity() {
            tell_activity();
        }
        note(&log.report().to_string());
        self.note_span(&log);
        let told = log.report().notes().len(); // they come first
        winback::check::notes(&log)
            .iter()
            .skip(told)
            .for_each(|each| note(&format!("note: {each}")));
        note("");
        Ok(log)
    }

    fn note_span(&self, log: &impl AllCustomers) {
        let LogFacts { first_event: first, last_event: last, observed_until, rules, .. } =
            log.facts();
        let until = match self.observed_until {
            Some(ObservedUntil::LastEvent) => "the last one (last_event)".to_owned(),
            _ => observed_until.to_string(),
        };
        let zone = match rules.time_zone {
            zone if zone.is_utc() => String::new(),
            zone => format!(", by the clock of {zone}"),
        };
        let span = format!("transactions from {first} to {last}; complete up to {until}{zone}");
        note(&told(&span));
    }
}

/// Whether the argument is one that no log can do without.
pub(super) fn is_log_argument(arg: &clap::Arg) -> bool {
    ["transactions", "observed_until"].contains(&arg.get_id().as_str())
}

/// Makes a command demand its log.
pub(super) fn log_required(arg: clap::Arg) -> clap::Arg {
    log_and(&[])(arg)
}

/// Makes a command demand its log and other arguments.
pub(super) fn log_and(others: &'static [&'static str]) -> impl Fn(clap::Arg) -> clap::Arg {
    move |arg| match arg.get_id().as_str() {
        "transactions" => arg.required_unless_present("events"),
        name if is_log_argument(&arg) || others.contains(&name) => arg.required(true),
        _ => arg,
    }
}

fn memory(text: &str) -> Result<u64, String> {
    parse_memory(text).map_err(failed)
}

fn one_of(names: impl IntoIterator<Item = &'static str>) -> PossibleValuesParser {
    PossibleValuesParser::new(names)
}

/// What stands before and behind the first equals sign.
fn pair(text: &str, expected: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((before, behind)) if !before.is_empty() && !behind.is_empty() => {
            Ok((before.to_owned(), behind.to_owned()))
        }
        _ => Err(format!("expected {expected}")),
    }
}

fn said_once<'a>(name: &'static str, mut of: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let mut seen = HashSet::new();
    match of.find(|thing| !seen.insert(*thing)) {
        Some(twice) => Err(Error::text_argument(name, twice, "each of them once")),
        None => Ok(()),
    }
}

fn column_name(text: &str) -> Result<(String, String), String> {
    pair(text, "a column and its name in your file, as transactions.amount=total")
}

fn event_role(text: &str) -> Result<(EventRole, String), String> {
    let (role, kind) = pair(text, "a role and a kind of events, as visit=page_view")?;
    Ok((role.parse().map_err(failed)?, kind))
}

/// The column that a format of times is for, and the format; none for one of all columns.
fn place_of(format: &str) -> Option<(&str, &str)> {
    format.split_once('=').filter(|(place, _)| !place.contains('%'))
}

fn sheet(text: &str) -> Result<(Option<String>, String), String> {
    if !text.contains('=') && !text.is_empty() {
        return Ok((None, text.to_owned()));
    }
    let (table, sheet) = pair(text, "a table and the name of its sheet, as transactions=Orders")?;
    Ok((Some(table), sheet))
}

fn limit(text: &str) -> Result<(String, u64), String> {
    let expected = "a limit and a number, as columns=20000";
    let (name, value) = pair(text, expected)?;
    let value = value.parse().map_err(|_| format!("expected {expected}"))?;
    Ok((name, value))
}

fn separator(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" => Ok(b'\t'),
        [b'"' | b'\n' | b'\r'] => Err("quotes and line ends cannot separate cells".into()),
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err("expected one ASCII character or `tab`".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_one_character_or_tab() {
        assert_eq!((separator(";"), separator("tab")), (Ok(b';'), Ok(b'\t')));
        for text in ["", ";;", "\"", "\n", "é"] {
            assert!(separator(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_column_is_named_by_an_equals_sign() {
        let named = column_name("transactions.amount=a=b").unwrap();
        assert_eq!(named, ("transactions.amount".into(), "a=b".into()));
        for text in ["amount", "=total", "transactions.amount="] {
            assert!(column_name(text).is_err(), "{text}");
        }
        assert_eq!(limit("columns=7"), Ok(("columns".into(), 7)));
        for text in ["columns", "columns=many", "columns=-1"] {
            assert!(limit(text).is_err(), "{text}");
        }
    }
}
