//! What a table seems to be, and how to read it, before there is a log.

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::log_check::LogCheck;
use crate::answer::columns::{batch, counts, texts};
use crate::answer::options::options;
use crate::answer::{Analysis, Table, fields};
use crate::error::Result;
use crate::log::EventLog;

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
    /// What was read.
    #[serde(skip)]
    pub(super) report: Option<String>,
    /// How it is called.
    #[serde(skip)]
    pub(super) name: String,
    /// The encoding that a text file seems to have.
    #[serde(skip)]
    pub(super) encoding: Option<String>,
    /// Whether it is a text file.
    #[serde(skip)]
    pub(super) is_text_file: bool,
    /// Whether columns must be added before it can be read.
    #[serde(skip)]
    pub(super) is_made: bool,
    /// Why it is no table of a log.
    #[serde(skip)]
    pub(super) why: Option<String>,
    #[serde(skip)]
    pub(super) notes: Vec<String>,
}

/// A column, and what it seems to be.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
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

    fn looked_for(&self) -> Result<RecordBatch> {
        self.log.clone().unwrap_or_default().looked()
    }
}

impl Analysis for TableCheck {
    /// - `columns`: `column`, `seems_to_be` (its name in winback; null: not needed), `cells` (what
    ///   they are), `missing`, `distinct` (in the rows that were looked at), `example`.
    /// - `findings` and `looked_for`: as of a [`LogCheck`]; none where no log could be read.
    const TABLES: &'static [Table<Self>] = &[
        ("columns", TableCheck::column_table),
        ("findings", TableCheck::findings),
        ("looked_for", TableCheck::looked_for),
    ];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        fields(self)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}
