//! Reads and checks the inputs of a fit.

use ndarray::ArrayView2;

use super::binning::MAX_BIN;
use super::tree::MAX_COLUMNS;
use crate::error::{Error, Result};

pub(super) fn check_max_bin(max_bin: usize) -> Result<()> {
    if (2..=MAX_BIN).contains(&max_bin) {
        return Ok(());
    }
    Err(Error::argument("max_bin", max_bin, format!("2 to {MAX_BIN}")))
}

/// Lengths, and weights that are numbers from 0 with a finite sum above 0.
pub(super) fn check_table(
    x: ArrayView2<'_, f64>,
    y: &[bool],
    weights: Option<&[f64]>,
) -> Result<()> {
    let (rows, columns) = x.dim();
    if rows != y.len() || weights.is_some_and(|weights| weights.len() != rows) {
        let weights = weights.map_or("no".to_owned(), |weights| weights.len().to_string());
        return Err(Error::Shape(format!(
            "{rows} rows, {} outcomes and {weights} weights",
            y.len()
        )));
    }
    if !(1..=MAX_COLUMNS).contains(&columns) || i32::try_from(rows).is_err() {
        return Err(Error::Shape(format!(
            "a table of {rows} rows and {columns} columns; at most {} rows, 1 to {MAX_COLUMNS} columns",
            i32::MAX
        )));
    }
    if rows == 0 {
        return Err(Error::TooLittleData("no rows".to_owned()));
    }
    let Some(weights) = weights else { return Ok(()) };
    if let Some(row) = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        let weight = weights[row];
        return Err(Error::Shape(format!(
            "weight {weight} in row {row} (from 0); weights are finite and 0 or more"
        )));
    }
    let sum: f64 = weights.iter().sum();
    if !(sum.is_normal()) {
        return Err(Error::Shape(format!("the weights sum to {sum}")));
    }
    Ok(())
}
