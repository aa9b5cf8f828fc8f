//! Named tables, figures, notes and a readable form: what all analyses have in common.

use std::fmt::{Display, Formatter};

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::text_table;
use crate::error::{Error, Result};

/// What every analysis returns: named tables, figures, notes, and a readable form, which
/// `to_string` gives and which ends with the notes.
///
/// ```
/// use winback::answer::Answer;
/// use winback::segments::{Concentration, ConcentrationOptions};
/// use winback::{EventLog, simulate::Simulation};
/// # let shop = Simulation::default().customers(500).run()?;
/// # let log = EventLog::builder().transactions([shop.transactions])
/// #     .observed_until("2025-01-01")?.build()?;
/// let options = ConcentrationOptions::default();
/// let found = Concentration::build(&log.at("2025-01-01")?, &options)?;
/// let answer: &dyn Answer = &found;
/// assert_eq!(answer.table_names(), ["vip", "top", "lorenz"]);
/// assert_eq!(answer.table("top")?.num_rows(), 3);
/// assert_eq!(answer.figures()["customers"], found.customers);
/// # Ok::<(), winback::Error>(())
/// ```
pub trait Answer: Display {
    /// Names of the tables; the first one is the main table.
    fn table_names(&self) -> Vec<&'static str>;

    /// A table.
    ///
    /// # Errors
    /// [`Error::Argument`] for a name that is not among [`Answer::table_names`].
    fn table(&self, name: &str) -> Result<RecordBatch>;

    /// The main table.
    ///
    /// # Errors
    /// None in practice; [`Error::Arrow`] is passed on.
    fn main_table(&self) -> Result<RecordBatch> {
        self.table(self.table_names()[0])
    }

    /// Figures that are in no table, by name.
    fn figures(&self) -> Map<String, Value>;

    /// Notes for the reader.
    fn notes(&self) -> Vec<String>;

    /// Whether the readable form is more than what stands in its tables.
    fn is_report(&self) -> bool;

    /// Whether the readable form is a table with its notes.
    fn is_table(&self) -> bool;

    /// Whether the readable form itself says activity where that stands in place of purchases.
    fn says_activity(&self) -> bool;
}

/// The name of a table, and the function that makes it.
pub type Table<T> = (&'static str, fn(&T) -> Result<RecordBatch>);

/// The result of an analysis whose tables are known in advance; each is an [`Answer`].
pub trait Analysis: Display + 'static {
    /// The tables, the main one first.
    const TABLES: &'static [Table<Self>];

    /// Whether it is a report, whose figures and text contain more than its tables.
    const IS_REPORT: bool = false;

    /// Whether its text is a table with its notes.
    const IS_TABLE: bool = false;

    /// See [`Answer::says_activity`].
    const SAYS_ACTIVITY: bool = false;

    /// See [`Answer::figures`]. None by default.
    fn figures(&self) -> Map<String, Value> {
        Map::new()
    }

    /// See [`Answer::notes`]. None by default.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

impl<T: Analysis> Answer for T {
    fn table_names(&self) -> Vec<&'static str> {
        T::TABLES.iter().map(|table| table.0).collect()
    }

    fn table(&self, name: &str) -> Result<RecordBatch> {
        match T::TABLES.iter().find(|table| table.0 == name) {
            Some((_, table)) => table(self),
            None => {
                let expected = format!("one of {}", self.table_names().join(", "));
                Err(Error::text_argument("table", name, expected))
            }
        }
    }

    fn figures(&self) -> Map<String, Value> {
        Analysis::figures(self)
    }

    fn notes(&self) -> Vec<String> {
        Analysis::notes(self)
    }

    fn is_report(&self) -> bool {
        T::IS_REPORT
    }

    fn is_table(&self) -> bool {
        T::IS_TABLE
    }

    fn says_activity(&self) -> bool {
        T::SAYS_ACTIVITY
    }
}

/// The fields of a report as figures.
pub(crate) fn fields(report: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(report) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// Ends a readable form with the notes.
pub(crate) fn write_notes(f: &mut Formatter<'_>, notes: &[String]) -> std::fmt::Result {
    f.write_str(&notes_text(notes))
}

/// The notes as the end of a readable form.
pub(crate) fn notes_text(notes: &[String]) -> String {
    let line = |note| format!("\n{}", text_table::wrapped(&format!("note: {note}"), "      "));
    notes.iter().map(line).collect()
}

/// A readable form that is a table, with its notes.
pub(crate) fn write_table(
    f: &mut Formatter<'_>,
    table: Result<RecordBatch>,
    notes: &[String],
) -> std::fmt::Result {
    f.write_str(&text_table::of_batch(&table.map_err(|_| std::fmt::Error)?))?;
    write_notes(f, notes)
}
