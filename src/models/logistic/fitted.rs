//! A fitted logistic regression.

use ndarray::{Array1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::newton::Optimum;
use super::solver::Solver;
use super::table::Table;
use crate::error::{Error, Result};
use crate::models::odds::sigmoid;
use crate::models::rows::for_each_row;

/// A fitted logistic regression: coefficients, their standard errors, and probabilities for new
/// rows.
///
/// Log-odds are computed as base + Σ coefficient × (value − mean). This is the intercept form, but
/// it keeps the digits that a large offset would cost (a year, a timestamp).
///
/// ```
/// use ndarray::array;
/// use winback::models::Logistic;
///
/// let x = array![[0.0], [1.0], [2.0], [3.0]];
/// let fitted = Logistic::default().fit_weighted(x.view(), &[false, true, false, true], None)?;
/// let p = fitted.probability_row(&[2.5])?;
/// assert_eq!(fitted.probabilities(array![[2.5]].view())?[0], p);       // to the bit
/// assert!(fitted.probability_row(&[f64::NAN]).is_err());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct FittedLogistic {
    names: Vec<String>,
    coefficients: Vec<f64>,
    intercept: f64,
    base: f64,
    means: Vec<f64>,
    standard_errors: Vec<Option<f64>>,
    intercept_standard_error: Option<f64>,
    aliased: Vec<usize>,
    log_likelihood: f64,
    iterations: Option<usize>,
    converged: bool,
    solver: Solver,
}

crate::model_file::checked_serde!(FittedLogistic);

impl FittedLogistic {
    pub(super) fn new(
        table: &Table<'_>,
        optimum: &Optimum,
        solver: Solver,
        aliased: Vec<usize>,
    ) -> Result<Self> {
        let width = table.means.len();
        let first = usize::from(table.intercept);
        let mut coefficients = vec![0.0; width];
        for (column, u) in table.columns.iter().zip(&optimum.point[first..]) {
            coefficients[column.source] = u * column.factor;
        }
        let at_means: f64 = coefficients.iter().zip(&table.means).map(|(w, m)| w * m).sum();
        // The columns of a fit with an intercept are centred: its constant is the base.
        let (base, intercept) = if table.intercept {
            (optimum.point[0], optimum.point[0] - at_means)
        } else {
            (at_means, 0.0)
        };

        let mut standard_errors = vec![None; width];
        let mut intercept_standard_error = None;
        if let Some(factor) = &optimum.factor {
            let finite = |variance: f64, unit: f64| {
                Some((variance / table.total_weight).sqrt() * unit).filter(|v| v.is_finite())
            };
            let variances = factor.inverse_diagonal();
            for (column, variance) in table.columns.iter().zip(&variances[first..]) {
                standard_errors[column.source] = finite(*variance, column.factor);
            }
            if table.intercept {
                // intercept = base − Σ coefficient × centre, a linear function of the unknowns.
                let mut parts: Vec<f64> = std::iter::once(1.0)
                    .chain(table.columns.iter().map(|c| -c.centre * c.factor))
                    .collect();
                factor.forward(&mut parts);
                intercept_standard_error = finite(parts.iter().map(|v| v * v).sum(), 1.0);
            }
        }

        let fitted = Self {
            names: (0..width).map(|j| format!("x{j}")).collect(),
            coefficients,
            intercept,
            base,
            means: table.means.clone(),
            standard_errors,
            intercept_standard_error,
            aliased,
            log_likelihood: -optimum.log_loss * table.total_weight,
            iterations: optimum.iterations,
            converged: optimum.converged,
            solver,
        };
        fitted.check().map_err(|_| {
            Error::NotConverged("a coefficient is beyond f64; rescale the columns".into())
        })?;
        Ok(fitted)
    }

    /// Names the columns; without names they are `x0`, `x1` and so on.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of names than columns.
    pub fn with_names(mut self, names: Vec<String>) -> Result<Self> {
        if names.len() != self.coefficients.len() {
            return Err(Error::Shape(format!(
                "{} names for {} columns",
                names.len(),
                self.coefficients.len()
            )));
        }
        self.names = names;
        Ok(self)
    }

    /// Names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Change of the log-odds per unit of each column; 0 for constant and aliased columns.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// Log-odds of a row of zeros; 0 without an intercept.
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// Log-odds of a row of means: intercept + Σ coefficient × mean.
    pub fn base(&self) -> f64 {
        self.base
    }

    /// Weighted mean of each training column.
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// Standard error of each coefficient: the root of the diagonal of (XᵀWX + I/c)⁻¹, where W
    /// holds s p (1 − p). It is the classical one if there is no penalty; with a penalty, it
    /// describes the spread around the penalised optimum, not around the truth.
    ///
    /// Computed at the point before the last step, which is within
    /// [`Logistic::tol`](super::Logistic::tol) of the optimum: correct to about five digits by
    /// default.
    ///
    /// `None` for constant and aliased columns, where the matrix is singular in floating point, and
    /// from `lbfgs` with more than 1,000 columns.
    pub fn standard_errors(&self) -> &[Option<f64>] {
        &self.standard_errors
    }

    /// Standard error of the intercept; `None` as for coefficients, and without an intercept.
    pub fn intercept_standard_error(&self) -> Option<f64> {
        self.intercept_standard_error
    }

    /// Columns, counted from 0, that are combinations of columns before them; only with `c`
    /// infinite.
    pub fn aliased(&self) -> &[usize] {
        &self.aliased
    }

    /// exp(coefficient): the factor by which the odds change per unit of each column.
    pub fn odds_ratios(&self) -> Vec<f64> {
        self.coefficients.iter().map(|w| w.exp()).collect()
    }

    /// Weighted Σ ln P(label) of the training rows, without the penalty.
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// Steps the solver took; `None` from `lbfgs`, which does not report them.
    pub fn n_iter(&self) -> Option<usize> {
        self.iterations
    }

    /// Whether the solver met its tolerance; if not, it is within 1e-5 of the optimum.
    pub fn converged(&self) -> bool {
        self.converged
    }

    /// The solver that was used, never [`Solver::Auto`].
    pub fn solver(&self) -> Solver {
        self.solver
    }

    /// Log-odds of one row; columns as in training.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of columns, for a value that is NaN or infinite, and
    /// for values so large that the log-odds overflow.
    pub fn log_odds_row(&self, row: &[f64]) -> Result<f64> {
        self.check_width(row.len())?;
        let mut sum = self.base;
        for ((value, mean), coefficient) in row.iter().zip(&self.means).zip(&self.coefficients) {
            sum += coefficient * (value - mean);
        }
        // A value that is not finite never leaves a finite sum, not even with a coefficient of 0.
        if sum.is_finite() {
            return Ok(sum);
        }
        Err(Error::Shape(match row.iter().position(|v| !v.is_finite()) {
            Some(j) => format!(
                "column {j} (`{}`) is {}; a finite value is needed",
                self.names.get(j).map_or("", String::as_str),
                row[j]
            ),
            None => "the values are so large that the log-odds overflow".into(),
        }))
    }

    /// Log-odds of a yes for every row of `x` (rows × columns, any memory layout), on all threads;
    /// each bit-identical to [`FittedLogistic::log_odds_row`].
    ///
    /// # Errors
    /// As [`FittedLogistic::log_odds_row`], with the number of the first row concerned.
    ///
    /// ```
    /// # use ndarray::array;
    /// # use winback::models::Logistic;
    /// # let x = array![[0.0], [1.0], [2.0], [3.0]];
    /// let fitted = Logistic::default().fit_weighted(x.view(), &[false, true, false, true], None)?;
    /// assert_eq!(fitted.log_odds(x.view())?[3], fitted.log_odds_row(&[3.0])?);
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn log_odds(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        self.of_rows(x, Self::log_odds_row)
    }

    /// Probability of a yes for one row, 1 / (1 + exp(−log-odds)).
    ///
    /// # Errors
    /// As [`FittedLogistic::log_odds_row`].
    pub fn probability_row(&self, row: &[f64]) -> Result<f64> {
        Ok(sigmoid(self.log_odds_row(row)?))
    }

    /// Probability of a yes for every row of `x` (rows × columns, any memory layout), on all
    /// threads; each bit-identical to [`FittedLogistic::probability_row`].
    ///
    /// # Errors
    /// As [`FittedLogistic::log_odds_row`], with the number of the first row concerned.
    pub fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        self.of_rows(x, Self::probability_row)
    }

    fn of_rows(
        &self,
        x: ArrayView2<'_, f64>,
        of_row: impl Fn(&Self, &[f64]) -> Result<f64> + Sync,
    ) -> Result<Array1<f64>> {
        self.check_width(x.ncols())?;
        let mut out = vec![0.0; x.nrows()];
        for_each_row(x, 1, &mut out, |i, row, out| {
            out[0] = of_row(self, row).map_err(|e| Error::Shape(format!("row {i}: {e}")))?;
            Ok(())
        })?;
        Ok(Array1::from(out))
    }

    /// Writes what each column adds to the log-odds of `row`, coefficient × (value − mean), to
    /// `out`, and returns the log-odds of a row of `means`; together they sum to the row's
    /// log-odds.
    ///
    /// `means` is what to compare with: [`FittedLogistic::means`], or the means of another group.
    ///
    /// ```
    /// # use ndarray::array;
    /// # use winback::models::Logistic;
    /// # let x = array![[0.0, 5.0], [1.0, 3.0], [2.0, 4.0], [3.0, 1.0]];
    /// let fitted = Logistic::default().fit_weighted(x.view(), &[false, true, false, true], None)?;
    /// let (row, mut parts) = ([3.0, 2.0], [0.0; 2]);
    /// let base = fitted.contributions_row(&row, fitted.means(), &mut parts)?;
    /// assert!((base + parts[0] + parts[1] - fitted.log_odds_row(&row)?).abs() < 1e-12);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`FittedLogistic::log_odds_row`], for `row` and `means`; [`Error::Shape`] when `out` has
    /// another length.
    pub fn contributions_row(&self, row: &[f64], means: &[f64], out: &mut [f64]) -> Result<f64> {
        self.check_width(out.len())?;
        self.log_odds_row(row)?;
        let base = self.log_odds_row(means)?;
        for (((out, value), mean), coefficient) in
            out.iter_mut().zip(row).zip(means).zip(&self.coefficients)
        {
            *out = coefficient * (value - mean);
        }
        Ok(base)
    }

    /// Checks a model that was read from a file: lengths, finite values, and that the base is the
    /// log-odds of the means.
    ///
    /// # Errors
    /// [`Error::ModelFile`] saying what is inconsistent.
    fn check(&self) -> Result<()> {
        let bad = |what: &str| Err(Error::model_file(format!("logistic regression: {what}")));
        let width = self.coefficients.len();
        if [self.names.len(), self.means.len(), self.standard_errors.len()] != [width; 3] {
            return bad("names, coefficients, means and standard errors differ in number");
        }
        let errors = self.standard_errors.iter().chain([&self.intercept_standard_error]).flatten();
        if !errors.clone().all(|v| v.is_finite() && *v >= 0.0) {
            return bad("a standard error is not a finite number of 0 or more");
        }
        let others = [self.intercept, self.base, self.log_likelihood];
        if !self.coefficients.iter().chain(&self.means).chain(&others).all(|v| v.is_finite()) {
            return bad("a number is not finite");
        }
        let products = || self.coefficients.iter().zip(&self.means).map(|(w, m)| w * m);
        let size = products().map(f64::abs).sum::<f64>() + self.intercept.abs();
        if !size.is_finite() {
            return bad("the log-odds of the means overflow");
        }
        if (self.intercept + products().sum::<f64>() - self.base).abs() > 1e-9 * size {
            return bad("the base is not the log-odds of the means");
        }
        if !self.aliased.iter().all(|&j| j < width && self.coefficients[j] == 0.0) {
            return bad("an aliased column does not exist or has a coefficient");
        }
        if self.solver == Solver::Auto {
            return bad("the solver is not known");
        }
        Ok(())
    }

    fn check_width(&self, width: usize) -> Result<()> {
        if width == self.coefficients.len() {
            return Ok(());
        }
        Err(Error::Shape(format!(
            "{width} columns for a model of {} columns",
            self.coefficients.len()
        )))
    }
}
