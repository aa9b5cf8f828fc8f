//! Least squares: the mean of an amount is a weighted sum of the columns.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::cholesky::Cholesky;
use crate::error::{Error, Result};

/// Rows that are summed up at once, so that no sum depends on the number of threads.
const ROWS: usize = 1 << 12;
/// A column of which less than this is not told by the columns before it gets the coefficient 0.
const LEAST_PIVOT: f64 = 1e-11;

/// A fitted regression.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct FittedLinear {
    intercept: f64,
    coefficients: Vec<f64>,
}

impl FittedLinear {
    /// Minimises ½ |w|² + c Σ ½ (y − b − x·w)² over w and b; an infinite `c` is no penalty. `x` is
    /// finite.
    pub(crate) fn fit(x: ArrayView2<'_, f64>, y: &[f64], c: f64) -> Result<Self> {
        let (n, width) = x.dim();
        if n == 0 {
            return Err(Error::TooLittleData("no rows to fit a regression to".to_owned()));
        }
        let sums = |of: &(dyn Fn(usize, &mut [f64]) + Sync), size: usize| -> Vec<f64> {
            let parts: Vec<Vec<f64>> = (0..n.div_ceil(ROWS))
                .into_par_iter()
                .map(|part| {
                    let mut sum = vec![0.0; size];
                    (part * ROWS..((part + 1) * ROWS).min(n)).for_each(|row| of(row, &mut sum));
                    sum
                })
                .collect();
            parts.into_iter().fold(vec![0.0; size], |mut sum, part| {
                sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
                sum
            })
        };
        let totals = sums(
            &|row, sum| {
                (0..width).for_each(|j| sum[j] += x[[row, j]]);
                sum[width] += y[row];
            },
            width + 1,
        );
        let means: Vec<f64> = totals.iter().map(|total| total / n as f64).collect();
        // The lower triangle of the centred columns' products, then their products with y.
        let products = sums(
            &|row, sum| {
                let centred = |j: usize| x[[row, j]] - means[j];
                let left = y[row] - means[width];
                for i in 0..width {
                    let value = centred(i);
                    (0..=i).for_each(|j| sum[i * width + j] += value * centred(j));
                    sum[width * width + i] += value * left;
                }
            },
            width * (width + 1),
        );
        let (gram, moments) = products.split_at(width * width);
        let mut gram = gram.to_vec();
        (0..width).for_each(|i| gram[i * width + i] += 1.0 / c);
        let mut coefficients = moments.to_vec();
        Cholesky::new(gram, width, LEAST_PIVOT).solve(&mut coefficients);
        let centre: f64 = coefficients.iter().zip(&means).map(|(w, mean)| w * mean).sum();
        let fitted = FittedLinear { intercept: means[width] - centre, coefficients };
        match fitted.is_finite() {
            true => Ok(fitted),
            false => Err(Error::NotConverged("a sum is beyond f64; rescale the columns".into())),
        }
    }

    /// The mean that each row has.
    pub(crate) fn predict(&self, x: ArrayView2<'_, f64>) -> Vec<f64> {
        let of_row = |row: ndarray::ArrayView1<'_, f64>| {
            row.iter().zip(&self.coefficients).fold(self.intercept, |sum, (x, w)| sum + x * w)
        };
        x.rows().into_iter().map(of_row).collect()
    }

    pub(crate) fn width(&self) -> usize {
        self.coefficients.len()
    }

    pub(crate) fn is_finite(&self) -> bool {
        self.intercept.is_finite() && self.coefficients.iter().all(|w| w.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use ndarray::array;

    use super::*;

    #[test]
    fn coefficients_are_those_of_numpy() {
        // numpy.linalg.lstsq of [1, x] on y.
        let x = array![[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [4.0, 3.0], [5.0, 8.0]];
        let y = [1.0, 3.0, 2.0, 5.0, 4.0];
        let fitted = FittedLinear::fit(x.view(), &y, f64::INFINITY).unwrap();
        let left: Vec<f64> =
            fitted.predict(x.view()).iter().zip(y).map(|(fit, y)| y - fit).collect();
        // What is left is orthogonal to all columns: the normal equations.
        assert_relative_eq!(left.iter().sum::<f64>(), 0.0, epsilon = 1e-12);
        for j in 0..2 {
            let product: f64 = left.iter().zip(x.column(j)).map(|(left, x)| left * x).sum();
            assert_relative_eq!(product, 0.0, epsilon = 1e-12);
        }
        for (found, expected) in [fitted.intercept, fitted.coefficients[0], fitted.coefficients[1]]
            .into_iter()
            .zip([0.37857142857142867, 1.575, -0.5535714285714286])
        {
            assert_relative_eq!(found, expected, max_relative = 1e-12);
        }
    }

    #[test]
    fn a_copy_of_a_column_gets_no_coefficient_and_a_penalty_shrinks() {
        let x = array![[1.0, 1.0], [2.0, 2.0], [4.0, 4.0]];
        let fitted = FittedLinear::fit(x.view(), &[1.0, 2.0, 4.0], f64::INFINITY).unwrap();
        assert_eq!(fitted.coefficients[1], 0.0);
        assert_relative_eq!(fitted.coefficients[0], 1.0, epsilon = 1e-12);
        let small = FittedLinear::fit(x.view(), &[1.0, 2.0, 4.0], 0.1).unwrap();
        assert!(small.coefficients.iter().sum::<f64>() < 0.9);
    }
}
