//! What a table seems to be, and how to read it, before there is a log.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::log_check::LogCheck;
use super::names::Role;
use super::numbers::NumberForm;
use super::profile::{Kind, Profile};
use super::proposal::{Argument, Proposal};
use super::roles::{Assigned, TableKind, assign};
use super::time_forms::TimeForm;
use crate::answer::columns::{batch, counts, texts};
use crate::answer::options::options;
use crate::answer::text_table::{of_batch, wrapped};
use crate::answer::{Analysis, Table, fields, write_notes};
use crate::error::{Error, Result, shown};
use crate::log::{BadRows, EventLog, EventLogBuilder, TableSample, grouped};
use crate::time::{MICROS_PER_DAY, Timestamp};

options! {
    /// How a table is looked at.
    #[derive(Copy, Eq)]
    pub struct TableCheckOptions {
        /// Only look at the first 10,000 rows, and do not try to read the table as a log
        #[option(conflicts_with = "transactions")]
        quick: bool = false,
    }
}

/// What a table seems to be, how to read it as a log, and what in that log may mislead.
///
/// ```
/// use winback::check::{TableCheck, TableCheckOptions};
/// # let folder = tempfile::tempdir().map_err(|e| winback::Error::Shape(e.to_string()))?;
/// let path = folder.path().join("orders.csv");
/// std::fs::write(&path, "Kunde;Datum;Betrag\n7;2024-01-05;20\n7;2024-03-01;35\n")
///     .map_err(|e| winback::Error::io(&path, e))?;
/// let check = TableCheck::of_path(&path, &TableCheckOptions::default())?;
/// println!("{check}");
/// assert_eq!(check.table, "transactions");
/// let named: Vec<_> = check.columns.iter().map(|column| column.seems_to_be).collect();
/// assert_eq!(named, [Some("customer_id"), Some("time"), Some("amount")]);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, serde::Serialize)]
#[non_exhaustive]
pub struct TableCheck {
    /// `transactions`, `tickets`, `surveys`, `events` or `customers`; `none` for what is no table of a log.
    pub table: &'static str,
    /// Rows of the table; none where they were not counted.
    pub rows: Option<u64>,
    /// Rows that were looked at to tell its columns.
    pub rows_seen: u64,
    /// The call of Python that reads it; none if it is no table of a log.
    pub python: Option<String>,
    /// The arguments of the command line that read it; none for a table in memory.
    pub command_line: Option<String>,
    /// Arguments to read it with, by their names in Python.
    pub arguments: Map<String, Value>,
    /// Why it cannot be read as it is.
    pub problem: Option<String>,
    /// The columns, in the order of the table.
    #[serde(skip)]
    pub columns: Vec<ColumnGuess>,
    /// What may mislead in the log, if one could be read.
    #[serde(skip)]
    pub log: Option<LogCheck>,
    /// The log read as proposed, complete up to its last event.
    #[serde(skip)]
    pub event_log: Option<EventLog>,
    /// What was read into the log.
    #[serde(skip)]
    report: Option<String>,
    /// How it is called.
    #[serde(skip)]
    name: String,
    /// Whether it is a text file.
    #[serde(skip)]
    is_text_file: bool,
    /// Why it is no table of a log.
    #[serde(skip)]
    why: Option<&'static str>,
    #[serde(skip)]
    notes: Vec<String>,
}

/// A column, and what it seems to be.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ColumnGuess {
    /// Its name in the table.
    pub column: String,
    /// Its name in winback; none if it is not needed.
    pub seems_to_be: Option<&'static str>,
    /// What its cells are.
    pub cells: &'static str,
    /// Of the rows that were looked at, those without a value.
    pub missing: u64,
    /// Different values in them.
    pub distinct: u64,
    /// The first value.
    pub example: Option<String>,
}

/// A table that is looked at.
enum Input<'a> {
    Path(&'a Path),
    Batches(&'a [RecordBatch]),
}

impl TableCheck {
    /// Looks at a file, or at a folder of files.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) or [`Error::File`](crate::Error::File) for a file that cannot
    /// be read.
    pub fn of_path(path: impl AsRef<Path>, options: &TableCheckOptions) -> Result<Self> {
        let path = path.as_ref();
        let first = Self::below(path, 0, options);
        if first.as_ref().is_ok_and(|check| check.why.is_none()) {
            return first;
        }
        // Lines above the header, such as a title, make the names of columns.
        let below = (1..=MOST_LINES).filter_map(|lines| Self::below(path, lines, options).ok());
        let found = below.into_iter().find(|check| check.why.is_none() && check.is_text_file);
        found.map_or(first, Ok)
    }

    /// Looks at a file from behind so many lines on.
    fn below(path: &Path, lines: usize, options: &TableCheckOptions) -> Result<Self> {
        let sample = TableSample::of_path(path, lines, options.quick)?;
        Ok(Self::of(Input::Path(path), &sample, lines, options))
    }

    /// Looks at a table in memory.
    ///
    /// # Errors
    /// [`Error::Column`](crate::Error::Column) for a column that differs from batch to batch.
    pub fn of_batches(batches: &[RecordBatch], options: &TableCheckOptions) -> Result<Self> {
        let sample = TableSample::of_batches(batches, options.quick)?;
        Ok(Self::of(Input::Batches(batches), &sample, 0, options))
    }

    fn of(
        input: Input<'_>,
        sample: &TableSample,
        skipped: usize,
        options: &TableCheckOptions,
    ) -> Self {
        let profile = |column| Profile::of(column, sample.is_text_file);
        let profiles: Vec<Profile> = sample.columns.iter().map(profile).collect();
        let assigned = assign(&profiles);
        let mut notes = Vec::new();
        notes.extend(repeated_tickets(sample, &assigned));
        let mut arguments = Vec::new();
        arguments.extend(sample.encoding.map(|name| argument("encoding", name, None)));
        if skipped > 0 {
            arguments.push(argument("skip_rows", skipped, Some("lines above the header")));
        }
        let forms = form_arguments(&profiles, &assigned, sample.is_text_file, &mut notes);
        arguments.extend(forms);
        let without_id = |customer: usize| profiles[customer].filled < profiles[customer].rows;
        if assigned.place(Role::CustomerId).is_some_and(without_id) {
            let remark = Some("rows without a customer id are left out");
            arguments.push(argument("missing_ids", "drop", remark));
        }
        let mut proposal = Proposal {
            table: assigned.kind.name(),
            columns: mapped(&profiles, &assigned),
            arguments,
            product: assigned.product.map(|(price, quantity)| {
                (profiles[price].name.clone(), profiles[quantity].name.clone())
            }),
        };
        let (mut log, mut problem) = (None, None);
        if assigned.kind == TableKind::Transactions {
            let seen_last = last_time(sample, &profiles, &assigned);
            let mut last = seen_last;
            if !options.quick {
                match read_or_drop(&input, &mut proposal) {
                    Ok(found) => {
                        last = Some(found.last_event());
                        log = Some(found);
                    }
                    Err(error) => problem = Some(error.to_string()),
                }
            }
            let next_day = last
                .and_then(|last| Timestamp::from_micros((last.day() + 1) * MICROS_PER_DAY).ok());
            if let Some(until) = next_day {
                let remark = match log.is_some() {
                    true => "the day after the last row: is that right?",
                    false => "the day after the last row that was looked at; give the right one",
                };
                proposal.arguments.push(argument("observed_until", until, Some(remark)));
            }
        }
        if let Some((price, quantity)) = &proposal.product {
            notes.push(format!(
                "\"{}\" seems to be the price of a piece: the amount is \"{}\" times it, a column \
                 to add first. What is said of the log is said without amounts",
                shown(price),
                shown(quantity)
            ));
        }
        let report = log.as_ref().map(|log| log.report().to_string());
        let event_log = log.clone();
        let log = log.map(|log| log.check());
        notes.splice(0..0, log.iter().flat_map(Analysis::notes));
        let is_log = !matches!(assigned.kind, TableKind::NoLog(_));
        let path = match input {
            Input::Path(path) => Some(path),
            Input::Batches(_) => None,
        };
        TableCheck {
            table: assigned.kind.name(),
            rows: sample.rows,
            rows_seen: sample.rows_seen,
            python: is_log.then(|| proposal.python(path)),
            command_line: path
                .filter(|_| is_log && proposal.product.is_none())
                .map(|path| proposal.command_line(path)),
            arguments: proposal
                .arguments
                .iter()
                .map(|argument| (argument.name.to_owned(), argument.as_json()))
                .collect(),
            problem,
            columns: guesses(&profiles, &assigned),
            report,
            log,
            event_log,
            name: path.map_or_else(|| "table".to_owned(), |path| shown(&path.to_string_lossy())),
            is_text_file: sample.is_text_file,
            why: match assigned.kind {
                TableKind::NoLog(why) => Some(why),
                _ => None,
            },
            notes,
        }
    }
}

fn argument(name: &'static str, value: impl ToString, remark: Option<&'static str>) -> Argument {
    Argument { name, value: value.to_string(), remark }
}

/// The columns whose names differ from those of winback.
fn mapped(profiles: &[Profile], assigned: &Assigned) -> Vec<(&'static str, String)> {
    let names = assigned.roles.iter().map(|(role, place)| (role.name(), &profiles[*place].name));
    names.filter(|(own, name)| own != name).map(|(own, name)| (own, name.clone())).collect()
}

fn guesses(profiles: &[Profile], assigned: &Assigned) -> Vec<ColumnGuess> {
    let role_of = |place: usize| {
        let found = assigned.roles.iter().find(|(_, own)| *own == place);
        let product = assigned.product.and_then(|(price, quantity)| {
            [(price, "price"), (quantity, "quantity")].into_iter().find(|(own, _)| *own == place)
        });
        found.map(|(role, _)| role.name()).or(product.map(|(_, name)| name))
    };
    let guess = |(place, profile): (usize, &Profile)| ColumnGuess {
        column: profile.name.clone(),
        seems_to_be: role_of(place),
        cells: profile.kind.name(),
        missing: (profile.rows - profile.filled) as u64,
        distinct: profile.distinct as u64,
        example: profile.example.clone(),
    };
    profiles.iter().enumerate().map(guess).collect()
}

/// How times and numbers are written, where not as usual.
fn form_arguments(
    profiles: &[Profile],
    assigned: &Assigned,
    is_text_file: bool,
    notes: &mut Vec<String>,
) -> Vec<Argument> {
    let mut arguments = Vec::new();
    let (mut format, mut numbers): (Option<String>, Option<NumberForm>) = (None, None);
    for (role, place) in &assigned.roles {
        let column = &profiles[*place];
        match &column.kind {
            Kind::Times { form, .. } => {
                let found = column.example.as_deref().and_then(|example| form.strftime(example));
                if let TimeForm::Parts { is_sure: false, .. } = form {
                    notes.push(format!(
                        "dates such as {} may have the day first or the month: none of them tells",
                        shown(column.example.as_deref().unwrap_or_default())
                    ));
                }
                if let TimeForm::Unix(_) = form {
                    notes.push(format!(
                        "\"{}\" counts since 1970, not as a date: convert it first",
                        shown(&column.name)
                    ));
                }
                format = format.or(found);
            }
            Kind::Numbers { form, .. } if is_text_file && *role != Role::CustomerId => {
                numbers = numbers.filter(|own| !own.is_plain()).or(Some(*form));
            }
            _ => {}
        }
        if let (Some((row, text)), false) = (&column.first_odd, column.kind == Kind::Texts) {
            notes.push(format!(
                "{} cells of \"{}\" are no {}, first \"{}\" in row {row}",
                column.odd,
                shown(&column.name),
                column.kind.name(),
                shown(text)
            ));
        }
    }
    arguments.extend(format.map(|format| argument("time_format", format, None)));
    if let Some(form) = numbers.filter(|form| !form.is_plain()) {
        if form.decimal != '.' {
            arguments.push(argument("decimal", form.decimal, None));
        }
        arguments.extend(form.thousands.map(|sign| argument("thousands", sign, None)));
    }
    arguments
}

/// Tickets that have a row for each of their states.
fn repeated_tickets(sample: &TableSample, assigned: &Assigned) -> Option<String> {
    let place = |role| sample.columns.get(assigned.place(role)?);
    let (customers, times) = (place(Role::CustomerId)?, place(Role::OpenedAt)?);
    let tickets: HashSet<_> = customers.cells.iter().zip(&times.cells).collect();
    let rows = customers.cells.len();
    (rows * 2 > tickets.len() * 3).then(|| {
        format!(
            "{} rows have {} openings of tickets by different customers or at different times: \
             if each state of a ticket has a row, keep the last one of each",
            grouped(rows as u64),
            grouped(tickets.len() as u64)
        )
    })
}

/// The last time in the rows that were looked at.
fn last_time(sample: &TableSample, profiles: &[Profile], assigned: &Assigned) -> Option<Timestamp> {
    let place = assigned.place(Role::Time)?;
    let Kind::Times { form, .. } = &profiles[place].kind else { return None };
    let cells = sample.columns.get(place)?.cells.iter().flatten();
    cells.filter_map(|text| form.read(text.trim())).max()
}

/// Reads the table as proposed.
fn read(input: &Input<'_>, proposal: &Proposal) -> Result<EventLog> {
    let mut builder = match input {
        Input::Path(path) => EventLog::builder().transactions_path(path)?,
        Input::Batches(batches) => EventLog::builder().transactions(batches.iter().cloned()),
    };
    for (own, name) in &proposal.columns {
        builder = builder.column(&format!("transactions.{own}"), name)?;
    }
    for argument in &proposal.arguments {
        builder = with_argument(builder, argument)?;
    }
    builder.observed_until("last_event")?.build()
}

/// Reads the table as proposed; if a cell cannot be used, without the rows of such cells.
fn read_or_drop(input: &Input<'_>, proposal: &mut Proposal) -> Result<EventLog> {
    match read(input, proposal) {
        Err(Error::Data { .. }) => {
            let remark = Some("rows with a cell that cannot be used are left out");
            proposal.arguments.push(argument("bad_rows", BadRows::Drop, remark));
            read(input, proposal)
        }
        other => other,
    }
}

fn with_argument(builder: EventLogBuilder, argument: &Argument) -> Result<EventLogBuilder> {
    let Argument { name, value, .. } = argument;
    Ok(match *name {
        "missing_ids" => builder.missing_ids(value.parse()?),
        "bad_rows" => builder.bad_rows(value.parse()?),
        "encoding" => builder.encoding(value)?,
        "skip_rows" => builder.skip_rows(value.parse().unwrap_or_default()),
        "time_format" => builder.time_format(value)?,
        "decimal" => builder.decimal(first_char(value))?,
        "thousands" => builder.thousands(first_char(value))?,
        _ => builder,
    })
}

fn first_char(text: &str) -> char {
    text.chars().next().unwrap_or_default()
}

impl TableCheck {
    fn column_table(&self) -> Result<RecordBatch> {
        let all = &self.columns;
        batch(vec![
            texts("column", all.iter().map(|guess| guess.column.as_str())),
            texts("seems_to_be", all.iter().map(|guess| guess.seems_to_be)),
            texts("cells", all.iter().map(|guess| guess.cells)),
            counts("missing", all.iter().map(|guess| guess.missing)),
            counts("distinct", all.iter().map(|guess| guess.distinct)),
            texts("example", all.iter().map(|guess| guess.example.as_deref())),
        ])
    }

    fn findings(&self) -> Result<RecordBatch> {
        self.log.clone().unwrap_or_default().found()
    }
}

impl Analysis for TableCheck {
    /// - `columns`: `column`, `seems_to_be` (its name in winback; null: not needed), `cells` (what
    ///   they are), `missing`, `distinct` (in the rows that were looked at), `example`.
    /// - `findings`: as of a [`LogCheck`]; none where no log could be read.
    const TABLES: &'static [Table<Self>] =
        &[("columns", TableCheck::column_table), ("findings", TableCheck::findings)];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        fields(self)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

impl fmt::Display for TableCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = grouped(self.rows_seen);
        let rows = match self.rows {
            Some(rows) if rows == self.rows_seen => format!("{seen} rows"),
            Some(rows) => format!("{} rows, {seen} of which were looked at", grouped(rows)),
            None => format!("the first {seen} rows were looked at"),
        };
        match self.why {
            Some(why) => writeln!(f, "{} is not a log: {why} ({rows})", self.name)?,
            None => writeln!(f, "{} seems to be a table of {} ({rows})", self.name, self.table)?,
        }
        let table = self.shown_columns().map_err(|_| fmt::Error)?;
        writeln!(f, "\n{}", of_batch(&table))?;
        if let Some(python) = &self.python {
            writeln!(f, "\nTo read it in Python:\n\n{}", indented(python))?;
        }
        if let Some(command_line) = &self.command_line {
            writeln!(f, "\nOn the command line:\n\n{}", indented(command_line))?;
        }
        if let Some(problem) = &self.problem {
            writeln!(f, "\n{}", wrapped(&format!("It cannot be read so: {problem}"), ""))?;
        }
        if let (Some(report), Some(log)) = (&self.report, &self.log) {
            writeln!(f, "\nRead so it holds {report}\n")?;
            log.write_findings(f)?;
        }
        write_notes(f, &self.notes)
    }
}

impl TableCheck {
    /// The columns, values cut to what fits a line.
    fn shown_columns(&self) -> Result<RecordBatch> {
        let cut = |text: &str| {
            let mut short: String = shown(text).chars().take(CELL).collect();
            if short.chars().count() < text.chars().count() {
                short.push('…');
            }
            short
        };
        let all = &self.columns;
        let names: Vec<String> = all.iter().map(|guess| cut(&guess.column)).collect();
        let examples: Vec<String> =
            all.iter().map(|guess| cut(guess.example.as_deref().unwrap_or("-"))).collect();
        batch(vec![
            texts("column", names.iter().map(String::as_str)),
            texts("seems to be", all.iter().map(|guess| guess.seems_to_be)),
            texts("cells", all.iter().map(|guess| guess.cells)),
            counts("missing", all.iter().map(|guess| guess.missing)),
            counts("distinct", all.iter().map(|guess| guess.distinct)),
            texts("example", examples.iter().map(String::as_str)),
        ])
    }
}

/// So many lines above the header are tried.
const MOST_LINES: usize = 6;

/// Characters of a cell that are shown.
const CELL: usize = 28;

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| match line {
        "" => String::new(),
        line => format!("    {line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}
