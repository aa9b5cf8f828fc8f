//! The parts of an answer without the analysis behind it, for those who show several of them together.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use serde_json::{Map, Value};

use super::analysis::Answer;
use crate::error::Result;
use crate::time::Timestamp;

/// The tables, figures and notes of an [`Answer`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AnswerParts {
    /// By name, the main one first.
    pub tables: Vec<(String, RecordBatch)>,
    /// By name.
    pub figures: Map<String, Value>,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// Whether activity stands in place of purchases.
    pub of_activity: bool,
}

impl AnswerParts {
    /// Of an answer.
    ///
    /// # Errors
    /// As [`Answer::table`].
    pub fn of(answer: &dyn Answer) -> Result<Self> {
        let table = |name: &'static str| Ok((name.to_owned(), answer.table(name)?));
        let tables = answer.table_names().into_iter().map(table).collect::<Result<_>>()?;
        Ok(AnswerParts::new(tables, answer.figures(), answer.notes(), answer.says_activity()))
    }

    /// Of parts that were kept.
    pub fn new(
        tables: Vec<(String, RecordBatch)>,
        figures: Map<String, Value>,
        notes: Vec<String>,
        of_activity: bool,
    ) -> Self {
        AnswerParts { tables, figures, notes, of_activity }
    }

    /// Whether it has all of these tables.
    pub(crate) fn has(&self, tables: &[&str]) -> bool {
        tables.iter().all(|table| self.tables.iter().any(|(name, _)| name == table))
    }

    /// The rows of a table; none where there is no such table.
    pub(crate) fn rows(&self, table: &str) -> impl Iterator<Item = RowOf<'_>> {
        let batch = self.tables.iter().find(|(name, _)| name == table).map(|(_, batch)| batch);
        let rows = batch.map_or(0, RecordBatch::num_rows);
        (0..rows).filter_map(move |row| batch.map(|batch| RowOf { batch, row }))
    }

    /// A figure that is a number.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.figures.get(name)?.as_f64()
    }

    /// A figure that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.figures.get(name)?.as_str()
    }

    /// A figure that is true.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.figures.get(name).and_then(Value::as_bool).unwrap_or(false)
    }
}

/// A row of a result table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowOf<'a> {
    batch: &'a RecordBatch,
    row: usize,
}

impl<'a> RowOf<'a> {
    fn column(self, name: &str) -> Option<&'a ArrayRef> {
        self.batch.column_by_name(name).filter(|column| column.is_valid(self.row))
    }

    /// A number, whole or not.
    pub(crate) fn number(self, name: &str) -> Option<f64> {
        let column = self.column(name)?;
        match column.as_primitive_opt::<Float64Type>() {
            Some(numbers) => Some(numbers.value(self.row)),
            None => self.count(name).map(|count| count as f64),
        }
    }

    pub(crate) fn count(self, name: &str) -> Option<u64> {
        let whole = self.column(name)?.as_primitive_opt::<Int64Type>()?.value(self.row);
        u64::try_from(whole).ok()
    }

    /// A text; empty where there is none.
    pub(crate) fn text(self, name: &str) -> &'a str {
        let column = self.column(name).and_then(|column| column.as_string_opt::<i64>());
        column.map_or("", |texts| texts.value(self.row))
    }

    pub(crate) fn time(self, name: &str) -> Option<Timestamp> {
        let times = self.column(name)?.as_primitive_opt::<TimestampMicrosecondType>()?;
        Timestamp::from_micros(times.value(self.row)).ok()
    }

    /// An estimate with the ends of its interval, which may be missing.
    pub(crate) fn estimate(self, name: &str) -> Option<(f64, Option<(f64, f64)>)> {
        let end = |of: &str| self.number(&format!("{name}_{of}"));
        Some((self.number(name)?, end("low").zip(end("high"))))
    }
}
