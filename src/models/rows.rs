//! Rows and columns of a table of any memory layout, on all threads.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::error::{Error, Result};

/// Rows handed to a thread at once.
const ROWS: usize = 1024;
/// Columns read together: alone, each value of a table that lies in rows waits for memory.
const COLUMNS: usize = 4;

/// Some rows, in this order.
pub(crate) fn selected(x: ArrayView2<'_, f64>, rows: &[usize]) -> Array2<f64> {
    let mut cells = Vec::with_capacity(rows.len() * x.ncols());
    for &row in rows {
        let row = x.row(row);
        match row.as_slice() {
            Some(row) => cells.extend_from_slice(row),
            None => cells.extend(row),
        }
    }
    // There are as many cells as rows times columns.
    Array2::from_shape_vec((rows.len(), x.ncols()), cells).unwrap_or_default()
}

/// What is found in each column, in order.
pub(crate) fn of_columns<T: Send>(
    x: ArrayView2<'_, f64>,
    found: impl Fn(usize, &[f64]) -> T + Sync,
) -> Vec<T> {
    let firsts: Vec<usize> = (0..x.ncols()).step_by(COLUMNS).collect();
    let of_some = |first: usize| {
        let some = first..(first + COLUMNS).min(x.ncols());
        let mut columns: Vec<Vec<f64>> =
            some.clone().map(|_| Vec::with_capacity(x.nrows())).collect();
        for row in x.rows() {
            for (values, column) in columns.iter_mut().zip(some.clone()) {
                values.push(row[column]);
            }
        }
        some.zip(columns).map(|(column, values)| found(column, &values)).collect::<Vec<T>>()
    };
    firsts.into_par_iter().flat_map_iter(of_some).collect()
}

/// Calls `each(row number, row, its part of out)` for every row; `out` holds `width` values a row.
///
/// Rows are handed over as slices whatever the layout of `x`, so that a batch does the arithmetic
/// of a single row. Of several errors the one of the first row is returned.
pub(super) fn for_each_row<F>(
    x: ArrayView2<'_, f64>,
    width: usize,
    out: &mut [f64],
    each: F,
) -> Result<()>
where
    F: Fn(usize, &[f64], &mut [f64]) -> Result<()> + Sync,
{
    if width == 0 {
        let mut buffer = vec![0.0; x.ncols()];
        for (i, row) in x.rows().into_iter().enumerate() {
            buffer.iter_mut().zip(row).for_each(|(b, v)| *b = *v);
            each(i, &buffer, &mut [])?;
        }
        return Ok(());
    }
    let results: Vec<Result<()>> = out
        .par_chunks_mut(width * ROWS)
        .enumerate()
        .map(|(chunk, out)| {
            let mut buffer = vec![0.0; x.ncols()];
            for (k, out) in out.chunks_exact_mut(width).enumerate() {
                let i = chunk * ROWS + k;
                let row = x.row(i);
                match row.as_slice() {
                    Some(row) => each(i, row, out)?,
                    None => {
                        buffer.iter_mut().zip(row).for_each(|(b, v)| *b = *v);
                        each(i, &buffer, out)?;
                    }
                }
            }
            Ok(())
        })
        .collect();
    results.into_iter().collect()
}

/// Refuses weights that cannot count rows.
///
/// # Errors
/// [`Error::Shape`] for another number of weights than rows; [`Error::Argument`] for a weight
/// that is negative or not finite, and when no weight is above zero.
pub(super) fn check_weights(weights: Option<&[f64]>, rows: usize) -> Result<()> {
    const ALLOWED: &str = "finite numbers of 0 or more that are not all 0";
    let Some(weights) = weights else { return Ok(()) };
    if weights.len() != rows {
        return Err(Error::Shape(format!("{} weights for {rows} rows", weights.len())));
    }
    for (i, &weight) in weights.iter().enumerate() {
        if !(weight.is_finite() && weight >= 0.0) {
            return Err(Error::argument("weights", format!("{weight} (row {i})"), ALLOWED));
        }
    }
    let total: f64 = weights.iter().sum();
    if rows > 0 && !(total.is_finite() && total >= f64::MIN_POSITIVE) {
        return Err(Error::argument("weights", format!("a sum of {total}"), ALLOWED));
    }
    Ok(())
}
