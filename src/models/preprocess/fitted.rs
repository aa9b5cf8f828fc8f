//! Applies what was learned to rows.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::column::FittedColumn;
use crate::error::{Error, Result, number};
use crate::models::rows::for_each_row;

/// What [`Preprocess::fit`](super::Preprocess::fit) learned; writes rows for a model.
///
/// Derived columns come in the order of the input columns: for a number its value, for a category
/// its levels, and then whether it is missing, if that occurred in training. A value that is
/// missing now but never was in training gets the median (a category: zeros). A level that was not
/// seen in training, or a number that is not a level, becomes zeros.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct FittedPreprocess {
    columns: Vec<FittedColumn>,
}

crate::model_file::checked_serde!(FittedPreprocess);

impl FittedPreprocess {
    pub(super) fn new(columns: Vec<FittedColumn>) -> Self {
        Self { columns }
    }

    /// Number of input columns.
    pub fn n_inputs(&self) -> usize {
        self.columns.len()
    }

    /// Number of derived columns.
    pub fn n_outputs(&self) -> usize {
        self.columns.iter().map(FittedColumn::width).sum()
    }

    /// Names of the derived columns: `<name>`, `<name>=<level>`, `<name>_missing`.
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().flat_map(FittedColumn::names).collect()
    }

    /// The input column, from 0, that derived column `derived` comes from; `None` when there is no
    /// such derived column.
    pub fn source(&self, derived: usize) -> Option<usize> {
        let mut end = 0;
        self.columns.iter().position(|column| {
            end += column.width();
            derived < end
        })
    }

    /// The input column of each derived column, in their order.
    pub(crate) fn sources(&self) -> impl Iterator<Item = usize> + '_ {
        let columns = self.columns.iter().enumerate();
        columns.flat_map(|(input, column)| std::iter::repeat_n(input, column.width()))
    }

    /// Writes the derived columns of one row to `out`.
    ///
    /// # Errors
    /// [`Error::Shape`] when `row` is not [`FittedPreprocess::n_inputs`] or `out` not
    /// [`FittedPreprocess::n_outputs`] long, and for a value that is infinite or so large that it
    /// overflows; `out` is then partly written.
    pub fn transform_row(&self, row: &[f64], out: &mut [f64]) -> Result<()> {
        self.check_width(row.len())?;
        if out.len() != self.n_outputs() {
            return Err(Error::Shape(format!(
                "{} places for {} derived columns",
                out.len(),
                self.n_outputs()
            )));
        }
        self.write_row(row, out)
    }

    /// The same into room of the right length.
    fn write_row(&self, row: &[f64], out: &mut [f64]) -> Result<()> {
        let mut out = out.iter_mut();
        self.derive(row, |value| {
            if let Some(cell) = out.next() {
                *cell = value;
            }
        })
    }

    /// Sets `out` to the derived columns of one row.
    pub(crate) fn derive_row(&self, row: &[f64], out: &mut Vec<f64>) -> Result<()> {
        out.clear();
        self.derive(row, |value| out.push(value))
    }

    fn derive(&self, row: &[f64], mut put: impl FnMut(f64)) -> Result<()> {
        self.check_width(row.len())?;
        for (column, value) in self.columns.iter().zip(row) {
            if !column.derive(*value, &mut put) {
                return Err(Error::Shape(format!(
                    "column `{}` is {}; NaN or a finite number is needed",
                    column.name,
                    number(*value)
                )));
            }
        }
        Ok(())
    }

    /// Derived columns of every row of `x` (rows × inputs, any memory layout) as rows × outputs, on
    /// all threads; each row bit-identical to [`FittedPreprocess::transform_row`].
    ///
    /// # Errors
    /// As [`FittedPreprocess::transform_row`], with the number of the first row concerned.
    pub fn transform(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.check_width(x.ncols())?;
        let width = self.n_outputs();
        let mut out = vec![0.0; x.nrows() * width];
        for_each_row(x, width, &mut out, |i, row, out| {
            self.write_row(row, out).map_err(|e| Error::Shape(format!("row {i}: {e}")))
        })?;
        Array2::from_shape_vec((x.nrows(), width), out).map_err(|e| Error::Shape(e.to_string()))
    }

    /// Checks what was read from a file: every number finite, every scale above 0, every level
    /// there.
    ///
    /// # Errors
    /// [`Error::ModelFile`] naming the column.
    pub(super) fn check(&self) -> Result<()> {
        for column in &self.columns {
            column
                .check()
                .map_err(|why| Error::model_file(format!("column `{}`: {why}", column.name)))?;
        }
        Ok(())
    }

    fn check_width(&self, width: usize) -> Result<()> {
        if width == self.n_inputs() {
            return Ok(());
        }
        Err(Error::Shape(format!("{width} columns for {} inputs", self.n_inputs())))
    }
}
