//! Turns columns of numbers, gaps and categories into columns that a linear model can take.
//!
//! - a number: gaps get the training median, then (value − mean) / standard deviation
//! - a skewed number (money, counts, days): sign(v) ln(1 + |v|) first
//! - a category: one 0/1 column per level, except the level most frequent in training
//! - a column that had gaps in training also gives `<name>_missing`, 1 where the value is missing

mod column;
mod fitted;
mod spec;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use ndarray::ArrayView2;

pub use fitted::FittedPreprocess;
pub use spec::{ColumnKind, ColumnSpec};

use super::rows::{check_weights, of_columns};
use crate::error::{Error, Result};
use crate::progress::Stop;
use column::FittedColumn;

/// Learns medians, means, deviations and levels from a training table.
///
/// ```
/// use ndarray::array;
/// use winback::models::{ColumnKind, ColumnSpec, Preprocess};
///
/// let columns = [
///     ColumnSpec::new("spend", ColumnKind::Skewed),
///     ColumnSpec::new("city", ColumnKind::Category { levels: vec!["Oslo".into(), "Bergen".into()] }),
/// ];
/// let train = array![[10.0, 0.0], [f64::NAN, 0.0], [1000.0, 1.0]];       // NaN: missing
/// let fitted = Preprocess::fit(train.view(), &columns, None)?;
/// assert_eq!(fitted.names(), ["spend", "spend_missing", "city=Bergen"]);
/// assert_eq!(fitted.source(2), Some(1));                                 // city
///
/// let mut row = [0.0; 3];
/// fitted.transform_row(&[f64::NAN, 1.0], &mut row)?;
/// assert_eq!(row[1..], [1.0, 1.0]);
/// assert_eq!(fitted.transform(array![[f64::NAN, 1.0]].view())?.row(0).to_vec(), row);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Preprocess;

impl Preprocess {
    /// Learns from `x` (rows × columns, any memory layout; NaN is a missing value), whose columns
    /// are described by `columns`.
    ///
    /// `weights` counts row i `weights[i]` times; a row of weight 0 is ignored. A column without
    /// any value, or with a single value, becomes zeros.
    ///
    /// # Errors
    /// - [`Error::Shape`]: lengths differ, two columns or two levels of a column share a name, a
    ///   value is infinite or beyond 1e300, or a category is not a place in its levels.
    /// - [`Error::Argument`]: a weight is negative or not finite, or all are 0.
    /// - [`Error::TooLittleData`]: no rows.
    pub fn fit(
        x: ArrayView2<'_, f64>,
        columns: &[ColumnSpec],
        weights: Option<&[f64]>,
    ) -> Result<FittedPreprocess> {
        Self::fit_stoppable(x, columns, weights, Stop::NEVER)
    }

    /// As [`Preprocess::fit`], until `go_on`, which is called for every column and from any thread,
    /// returns false.
    ///
    /// # Errors
    /// As [`Preprocess::fit`], and [`Error::Interrupted`] once `go_on` has returned false.
    ///
    /// ```
    /// use ndarray::array;
    /// use winback::{Error, models::{ColumnKind, ColumnSpec, Preprocess}};
    ///
    /// let columns = [ColumnSpec::new("spend", ColumnKind::Skewed)];
    /// let stopped = Preprocess::fit_while(array![[1.0]].view(), &columns, None, &|| false);
    /// assert!(matches!(stopped, Err(Error::Interrupted)));
    /// ```
    pub fn fit_while(
        x: ArrayView2<'_, f64>,
        columns: &[ColumnSpec],
        weights: Option<&[f64]>,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<FittedPreprocess> {
        Self::fit_stoppable(x, columns, weights, Stop::unless(go_on))
    }

    fn fit_stoppable(
        x: ArrayView2<'_, f64>,
        columns: &[ColumnSpec],
        weights: Option<&[f64]>,
        stop: Stop<'_>,
    ) -> Result<FittedPreprocess> {
        if columns.len() != x.ncols() {
            return Err(Error::Shape(format!(
                "{} column descriptions for {} columns",
                columns.len(),
                x.ncols()
            )));
        }
        all_different(columns.iter().map(|column| &column.name))?;
        for column in columns {
            if let ColumnKind::Category { levels } = &column.kind {
                all_different(levels)?;
            }
        }
        check_weights(weights, x.nrows())?;
        if x.nrows() == 0 {
            return Err(Error::TooLittleData("no rows to learn columns from".into()));
        }
        let fitted = of_columns(x, |j, values| {
            stop.check()?;
            FittedColumn::fit(&columns[j], j, values, weights)
        });
        Ok(FittedPreprocess::new(fitted.into_iter().collect::<Result<_>>()?))
    }
}

fn all_different<'a>(names: impl IntoIterator<Item = &'a String>) -> Result<()> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(Error::Shape(format!("the name `{name}` is there twice")));
        }
    }
    Ok(())
}
