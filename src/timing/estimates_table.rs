//! Estimates as a table.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::estimates::Estimates;
use crate::answer::columns::{batch, numbers, texts, with_ends};
use crate::answer::{Analysis, Table, write_table};
use crate::error::Result;

impl Estimates {
    fn summary(&self) -> Result<RecordBatch> {
        let values = self.params.iter().zip(self.intervals());
        let [value, low, high] =
            with_ends("value", values.map(|(value, ends)| Some((*value, ends))));
        let names = texts("parameter", self.names.iter().map(String::as_str));
        let errors = numbers("standard_error", self.standard_errors.iter().copied());
        batch([names, value, low, high, errors])
    }
}

impl fmt::Display for Estimates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_table(f, self.summary(), &Analysis::notes(self))
    }
}

impl Analysis for Estimates {
    /// - `summary`: a row a parameter: `parameter`, `value`, its 95 % interval `value_low`,
    ///   `value_high`, and `standard_error`.
    const TABLES: &'static [Table<Self>] = &[("summary", Self::summary)];
    const IS_TABLE: bool = true;

    fn figures(&self) -> Map<String, Value> {
        let figures = [
            ("log_likelihood", self.log_likelihood.into()),
            ("customers", self.customers.into()),
            ("converged", self.converged.into()),
        ];
        figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn notes(&self) -> Vec<String> {
        self.remark.clone().into_iter().collect()
    }
}
