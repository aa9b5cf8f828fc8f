//! How a table is read, as far as that is known.

use serde_json::{Map, Value};

use super::argument::{Argument, OF_TEXT};
use super::names::Role;
use crate::error::{Error, LOG_TABLES, Result};
use crate::log::{EventLog, EventLogBuilder, FileKind};
use crate::time::TimeFormat;

/// How a table is read, as far as that is known, for [`TableCheck`](super::TableCheck): the rest is
/// found out. These are the arguments of a log by their names in Python, as
/// [`TableCheck::arguments`](super::TableCheck::arguments) has them, with `columns` and `sheets` by
/// table, or one sheet alone.
///
/// ```
/// use winback::check::{Reading, TableCheck, TableCheckOptions};
/// # let folder = tempfile::tempdir().map_err(|e| winback::Error::Shape(e.to_string()))?;
/// let path = folder.path().join("orders.csv");
/// std::fs::write(&path, "who,when,total\n7,1/2/2024,20\n7,3/4/2024,35\n")
///     .map_err(|e| winback::Error::io(&path, e))?;
/// let given = serde_json::json!({
///     "columns": {"transactions": {"customer_id": "who"}},
///     "time_format": "%m/%d/%Y",
/// });
/// let reading = Reading::of(given.as_object().unwrap())?;
/// let check = TableCheck::of_path_by(&path, &reading, &TableCheckOptions::default())?;
/// assert_eq!(check.arguments["time_format"], "%m/%d/%Y");
/// assert_eq!(check.arguments["observed_until"], "2024-03-05");
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The table that columns or a sheet are named for.
    pub(super) table: Option<&'static str>,
    /// Columns by what they are.
    pub(super) columns: Vec<(Role, String)>,
    /// Others by their names: those that no cell tells, and texts that stand for all cells.
    pub(super) others: Vec<(String, String)>,
    pub(super) sheet: Option<String>,
    pub(super) arguments: Vec<Argument>,
    /// How times are written.
    pub(super) formats: Vec<TimeFormat>,
}

impl Reading {
    /// From arguments by name.
    ///
    /// # Errors
    /// [`Error::Argument`] for a name or a value that is none, and for columns of several tables.
    pub fn of(given: &Map<String, Value>) -> Result<Self> {
        let mut reading = Reading::default();
        for (name, value) in given {
            match (name.as_str(), value) {
                ("columns", Value::Object(tables)) => {
                    for (table, columns) in tables {
                        reading.set_table("columns", table)?;
                        let columns = columns.as_object().into_iter().flatten();
                        columns.for_each(|(own, input)| reading.add_column(own, input));
                    }
                }
                ("sheets", Value::String(sheet)) => reading.sheet = Some(sheet.clone()),
                ("sheets", Value::Object(sheets)) => {
                    for (table, sheet) in sheets {
                        reading.set_table("sheets", table)?;
                        reading.sheet = sheet.as_str().map(str::to_owned);
                    }
                }
                ("columns" | "sheets", other) => {
                    return Err(Error::argument(static_name(name), other, "names by table"));
                }
                _ => reading.arguments.push(Argument::given(name, value)?),
            }
        }
        let formats = reading.arguments.iter().find(|argument| argument.name == "time_format");
        let mut texts = Vec::new();
        match formats.map(|argument| argument.value.clone()) {
            Some(Value::Object(formats)) => {
                for (place, format) in formats {
                    let table = place.split_once('.').map_or(place.as_str(), |(table, _)| table);
                    reading.set_table("time_format", table)?;
                    texts.extend(format.as_str().map(str::to_owned));
                }
            }
            Some(Value::String(format)) => texts.push(format),
            _ => {}
        }
        for text in texts {
            reading.formats.push(TimeFormat::of_argument("time_format", &text)?);
        }
        let mut builder = reading.builder()?;
        // Names that are none are refused here.
        for (table, columns) in
            given.get("columns").and_then(Value::as_object).into_iter().flatten()
        {
            for (own, input) in columns.as_object().into_iter().flatten() {
                builder =
                    builder.column(&format!("{table}.{own}"), input.as_str().unwrap_or(""))?;
            }
        }
        Ok(reading)
    }

    fn set_table(&mut self, argument: &'static str, table: &str) -> Result<()> {
        let Some(table) = LOG_TABLES.into_iter().find(|known| *known == table) else {
            let expected = "one of the tables transactions, tickets, surveys, events and customers";
            return Err(Error::text_argument(argument, table, expected));
        };
        match self.table.replace(table) {
            Some(other) if other != table => {
                let expected = format!("the table {other}, as the other arguments, for it is one");
                Err(Error::text_argument(argument, table, expected))
            }
            _ => Ok(()),
        }
    }

    fn add_column(&mut self, own: &str, input: &Value) {
        let input = input.as_str().unwrap_or_default().to_owned();
        match Role::named(own).filter(|_| !input.starts_with('\'')) {
            Some(role) => self.columns.push((role, input)),
            None => self.others.push((own.to_owned(), input)),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|argument| argument.name == name)
    }

    /// A builder with all that is known but for the columns.
    pub(super) fn builder(&self) -> Result<EventLogBuilder> {
        let mut builder = EventLog::builder();
        for argument in &self.arguments {
            builder = argument.apply(builder)?;
        }
        if let Some(sheet) = &self.sheet {
            builder = builder.sheet(self.table.unwrap_or("transactions"), sheet)?;
        }
        Ok(builder)
    }

    /// Refuses what says nothing of a table of this kind; none: one in memory.
    pub(super) fn check_kind(&self, kind: Option<FileKind>) -> Result<()> {
        for Argument { name, value, .. } in &self.arguments {
            let is_number = matches!(*name, "decimal" | "thousands");
            let fits = match kind {
                Some(FileKind::Csv) => true,
                Some(FileKind::Xlsx) => is_number,
                Some(FileKind::Parquet) | None => false,
            };
            if OF_TEXT.contains(name) && !fits {
                let expected = "none, for it says how a text file is read, and this table is none";
                return Err(Error::argument(name, value, expected));
            }
        }
        match &self.sheet {
            Some(sheet) if kind != Some(FileKind::Xlsx) => {
                let expected = "none, for only workbooks have sheets, and this table is none";
                Err(Error::text_argument("sheets", sheet, expected))
            }
            _ => Ok(()),
        }
    }
}

fn static_name(name: &str) -> &'static str {
    if name == "columns" { "columns" } else { "sheets" }
}
