//! Rows that were left out because of a cell that cannot be used.

use std::fmt;

use crate::error::{Error, shown};
use crate::log::read::file_starts::FileStarts;
use crate::log::read::schema::TABLES;

/// So many rows of a table are told one by one.
const TOLD: usize = 10;

/// A row that was left out because of a cell that cannot be used (`bad_rows="drop"`).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct DroppedRow {
    /// Input table: `transactions`, `tickets`, `surveys`, `events` or `customers`.
    pub table: &'static str,
    /// Column as it is named in the input.
    pub column: String,
    /// Row number, counted from 1, in the table or in the file that is named.
    pub row: u64,
    /// The file, where the table is a folder of them.
    pub file: Option<String>,
    /// What is wrong.
    pub reason: String,
    /// Row number in the whole table, and in those that it was appended to.
    #[serde(skip)]
    pub(crate) number: u64,
}

impl fmt::Display for DroppedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DroppedRow { table, column, row, file, reason, .. } = self;
        write!(f, "{table}.{}, row {row}", shown(column))?;
        if let Some(file) = file {
            write!(f, " of {file}")?;
        }
        write!(f, ": {reason}")
    }
}

/// How many rows of a table were left out, and the first of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dropped {
    pub(crate) rows: u64,
    pub(crate) told: Vec<DroppedRow>,
}

impl Dropped {
    /// Counts a row that this error is about.
    pub(crate) fn push(&mut self, error: Error) {
        self.rows += 1;
        if let (true, Error::Data { table, column, row: Some(row), message: reason, .. }) =
            (self.told.len() < TOLD, error)
        {
            let (file, number) = (None, row);
            self.told.push(DroppedRow { table, column, row, file, reason, number });
        }
    }

    /// Names the files of the rows, if there are several.
    pub(crate) fn locate(&mut self, files: &FileStarts) {
        for told in &mut self.told {
            if let Some((path, row)) = files.file_of(told.row) {
                (told.file, told.row) = (Some(path.display().to_string()), row);
            }
        }
    }

    /// Counts other rows of the table too.
    pub(crate) fn add(&mut self, other: Dropped) {
        self.rows += other.rows;
        tell(&mut self.told, other.told);
    }
}

/// Adds rows to those that are told: the first of every table.
pub(crate) fn tell(told: &mut Vec<DroppedRow>, more: Vec<DroppedRow>) {
    if more.is_empty() {
        return;
    }
    told.extend(more);
    let table = |row: &DroppedRow| TABLES.iter().position(|spec| spec.name == row.table);
    told.sort_by_key(|row| (table(row), row.number));
    let mut count = (None, 0);
    told.retain(|row| {
        count =
            if count.0 == Some(row.table) { (count.0, count.1 + 1) } else { (Some(row.table), 1) };
        count.1 <= TOLD
    });
}
