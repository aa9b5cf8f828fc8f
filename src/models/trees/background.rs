//! Rows that explanations are compared with.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The most rows of a background: more make explanations slower and hardly better.
const MAX_ROWS: usize = 256;

/// Rows of finite or missing values; missing ones are saved as null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Background(Vec<Vec<Option<f64>>>);

impl Background {
    pub(super) fn new(rows: ArrayView2<'_, f64>) -> Result<Self> {
        if !(1..=MAX_ROWS).contains(&rows.nrows()) {
            let expected = format!("1 to {MAX_ROWS}");
            return Err(Error::argument("background rows", rows.nrows(), expected));
        }
        let value = |&value: &f64| (!value.is_nan()).then_some(value);
        Ok(Background(rows.rows().into_iter().map(|row| row.iter().map(value).collect()).collect()))
    }

    /// The rows, NaN where missing.
    pub(super) fn rows(&self) -> Vec<Vec<f64>> {
        let row = |row: &Vec<Option<f64>>| row.iter().map(|v| v.unwrap_or(f64::NAN)).collect();
        self.0.iter().map(row).collect()
    }

    /// Whether a background that was read fits trees of so many columns.
    pub(super) fn check(&self, columns: usize) -> Result<()> {
        let fits = |row: &Vec<Option<f64>>| {
            row.len() == columns && row.iter().flatten().all(|value| value.is_finite())
        };
        if (1..=MAX_ROWS).contains(&self.0.len()) && self.0.iter().all(fits) {
            return Ok(());
        }
        Err(Error::model_file("trees: the background does not fit the columns"))
    }
}
