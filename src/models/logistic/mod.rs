//! Logistic regression: the log-odds of a yes are a weighted sum of the columns.
//!
//! P(y = 1 | x) = 1 / (1 + exp(−(b + x·w))), with w and b that minimise ½ |w|² + c Σ sᵢ lossᵢ, as
//! scikit-learn writes it: s are row weights, the loss of a row is −ln P(its own label), and the
//! intercept b is not penalised.

mod fitted;
mod lbfgs;
mod newton;
mod objective;
mod solver;
mod summary;
mod table;
#[cfg(test)]
mod tests;

use linfa::DatasetBase;
use linfa::dataset::AsSingleTargets;
use linfa::traits::Fit;
use ndarray::{ArrayBase, ArrayView2, Data, Ix2};
use serde::{Deserialize, Serialize};

pub use fitted::FittedLogistic;
pub use solver::Solver;
pub use summary::{Summary, SummaryRow};

use crate::error::{Error, Result};
use crate::progress::Stop;
use lbfgs::WIDE;
use table::Table;

/// Parameters of a logistic regression.
///
/// ```
/// use linfa::prelude::*;
/// use ndarray::array;
/// use winback::models::Logistic;
///
/// let x = array![[1.0, 30.0], [2.0, 10.0], [3.0, 80.0], [4.0, 20.0], [5.0, 90.0], [6.0, 70.0]];
/// let churned = array![false, false, true, false, true, true];
/// let dataset = Dataset::new(x, churned).with_feature_names(vec!["silence", "age"]);
/// let fitted = Logistic::default().c(10.0).fit(&dataset)?;
/// println!("{}", fitted.summary());                                  // coefficients, odds ratios
/// assert!(fitted.probability_row(&[6.0, 90.0])? > 0.5);
/// assert_eq!(fitted.predict(&dataset)[0], false);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logistic {
    /// Inverse of the penalty, scikit-learn's `C`: small values shrink the coefficients towards 0.
    /// Above 0; default 0.1; [`f64::INFINITY`] (in JSON: null) for no penalty.
    #[serde(with = "infinity_as_null")]
    pub c: f64,
    /// Whether there is an intercept; default true. It is never penalised.
    pub fit_intercept: bool,
    /// Default [`Solver::Auto`].
    pub solver: Solver,
    /// When to stop; between 0 and 1, default 3e-6.
    ///
    /// `newton-cholesky` stops when the Newton decrement √(gᵀH⁻¹g) of the loss of an average row is
    /// not above it (the distance to the optimum, measured in standard errors of a sample of one
    /// row) and the step that follows moves no row's log-odds by more than 1e-4. That step is still
    /// taken and leaves about the square: 1e-11 by default. `lbfgs` stops by the largest component
    /// of the gradient, for an average row and columns of about unit deviation; for it, a `tol`
    /// smaller than 1e-6 counts as 1e-6.
    pub tol: f64,
    /// Maximum number of steps; at least 1, default 1000. Newton's method takes 5 to 10 on most
    /// tables.
    pub max_iter: usize,
}

/// For small and noisy tables, such as customers at several cutoffs; a churn model starts from these.
/// Out of time, on five logs of real customers and five simulated ones, the mean log loss was lower
/// than with `c` 1 by 0.003 (active), 0.009 (lapsed) and 0.008 (lost customers); the mean AUC
/// differed by +0.002, -0.001 and +0.007.
impl Default for Logistic {
    fn default() -> Self {
        Self { c: 0.1, fit_intercept: true, solver: Solver::Auto, tol: 3e-6, max_iter: 1000 }
    }
}

impl Logistic {
    /// The defaults of scikit-learn's `LogisticRegression`, which the scikit-learn estimator starts
    /// from: `c` 1.
    ///
    /// ```
    /// use winback::models::Logistic;
    /// assert!(Logistic::default().c < Logistic::scikit_learn().c);
    /// ```
    #[must_use]
    pub fn scikit_learn() -> Self {
        Logistic { c: 1.0, ..Logistic::default() }
    }

    /// Sets [`Logistic::c`].
    ///
    /// ```
    /// use ndarray::array;
    /// use winback::models::Logistic;
    /// let (x, y) = (array![[0.0], [1.0], [2.0], [3.0]], [false, false, true, true]);
    /// assert!(Logistic::default().c(0.0).fit_weighted(x.view(), &y, None).is_err());
    /// // These classes are separable: only a penalty keeps the coefficient finite.
    /// assert!(Logistic::default().c(f64::INFINITY).fit_weighted(x.view(), &y, None).is_err());
    /// assert!(Logistic::default().c(1e6).fit_weighted(x.view(), &y, None).is_ok());
    /// ```
    #[must_use]
    pub fn c(mut self, c: f64) -> Self {
        self.c = c;
        self
    }

    /// Sets [`Logistic::fit_intercept`].
    #[must_use]
    pub fn fit_intercept(mut self, fit_intercept: bool) -> Self {
        self.fit_intercept = fit_intercept;
        self
    }

    /// Sets [`Logistic::solver`].
    #[must_use]
    pub fn solver(mut self, solver: Solver) -> Self {
        self.solver = solver;
        self
    }

    /// Sets [`Logistic::tol`].
    #[must_use]
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// Sets [`Logistic::max_iter`].
    #[must_use]
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
        self
    }

    /// Checks the parameters; every fit does this first.
    ///
    /// # Errors
    /// [`Error::Argument`] for a value outside its range.
    pub fn validate(&self) -> Result<()> {
        // Smaller values have lost digits, and their inverse overflows.
        if self.c.is_nan() || self.c < f64::MIN_POSITIVE {
            return Err(Error::argument("c", self.c, "a number above 0, or infinity"));
        }
        if !(self.tol > 0.0 && self.tol < 1.0) {
            return Err(Error::argument("tol", self.tol, "a number above 0 and below 1"));
        }
        if self.max_iter == 0 {
            return Err(Error::argument("max_iter", self.max_iter, "1 or more"));
        }
        Ok(())
    }

    /// Fits to the rows of `x` (rows × columns, any memory layout), where `y` says yes or no.
    ///
    /// `weights` counts row i `weights[i]` times; a row of weight 0 is ignored. The result is
    /// bit-identical on any number of threads.
    ///
    /// A column with a single value gets the coefficient 0. With `c` infinite, a column that is a
    /// combination of columns before it also gets 0 and is listed by [`FittedLogistic::aliased`],
    /// as in R's `glm`.
    ///
    /// # Errors
    /// - [`Error::Argument`]: see [`Logistic::validate`]; a weight that is negative or not finite,
    ///   weights that are all 0, unequal weights with `lbfgs`.
    /// - [`Error::Shape`]: lengths differ, or `x` holds a value that is NaN, infinite or beyond
    ///   1e306.
    /// - [`Error::TooLittleData`]: no rows, or rows of one class only.
    /// - [`Error::NotConverged`]: the classes are separable and `c` is infinite; or `max_iter` was
    ///   reached. A Newton fit that stopped within 1e-5 of the optimum (the measure of `tol`) is
    ///   returned, with [`FittedLogistic::converged`] false.
    pub fn fit_weighted(
        &self,
        x: ArrayView2<'_, f64>,
        y: &[bool],
        weights: Option<&[f64]>,
    ) -> Result<FittedLogistic> {
        self.fit_stoppable(x, y, weights, Stop::NEVER)
    }

    /// As [`Logistic::fit_weighted`], until `go_on`, which is called often and from any thread,
    /// returns false; the steps of `lbfgs` are linfa's and cannot be interrupted.
    ///
    /// # Errors
    /// As [`Logistic::fit_weighted`], and [`Error::Interrupted`] once `go_on` has returned false.
    ///
    /// ```
    /// use ndarray::array;
    /// use winback::{Error, models::Logistic};
    ///
    /// let (x, y) = (array![[1.0], [2.0]], [false, true]);
    /// let stopped = Logistic::default().fit_while(x.view(), &y, None, &|| false);
    /// assert!(matches!(stopped, Err(Error::Interrupted)));
    /// ```
    pub fn fit_while(
        &self,
        x: ArrayView2<'_, f64>,
        y: &[bool],
        weights: Option<&[f64]>,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<FittedLogistic> {
        self.fit_stoppable(x, y, weights, Stop::unless(go_on))
    }

    fn fit_stoppable(
        &self,
        x: ArrayView2<'_, f64>,
        y: &[bool],
        weights: Option<&[f64]>,
        stop: Stop<'_>,
    ) -> Result<FittedLogistic> {
        self.validate()?;
        let mut table = Table::new(x.reborrow(), y, weights, self.fit_intercept, self.c)?;
        table.stop = stop;
        let solver = self.choose(&table)?;
        let aliased = if table.penalised { Vec::new() } else { newton::drop_dependent(&mut table) };
        let optimum = match solver {
            Solver::Lbfgs => lbfgs::lbfgs(&table, self.c, self.tol, self.max_iter),
            _ => newton::newton(&table, self.tol, self.max_iter),
        };
        // First, for sums that were not finished have no optimum.
        stop.check()?;
        FittedLogistic::new(&table, &optimum?, solver, aliased)
    }

    fn choose(&self, table: &Table<'_>) -> Result<Solver> {
        let wide = table.columns.len() > WIDE;
        match self.solver {
            Solver::Auto if wide && table.penalised && !table.weights_differ() => Ok(Solver::Lbfgs),
            Solver::Auto => Ok(Solver::NewtonCholesky),
            Solver::Lbfgs if table.weights_differ() => Err(Error::argument(
                "solver",
                self.solver,
                "newton-cholesky or auto where rows have unequal weights",
            )),
            Solver::Lbfgs if wide && !table.penalised => Err(Error::argument(
                "c",
                self.c,
                format!("a finite number for lbfgs with more than {WIDE} columns"),
            )),
            solver => Ok(solver),
        }
    }
}

impl<D, T> Fit<ArrayBase<D, Ix2>, T, Error> for Logistic
where
    D: Data<Elem = f64>,
    T: AsSingleTargets<Elem = bool>,
{
    type Object = FittedLogistic;

    /// [`Logistic::fit_weighted`] with the weights and the feature names of the dataset.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<FittedLogistic> {
        let labels = dataset.targets().as_single_targets().to_vec();
        let weights: Option<Vec<f64>> =
            dataset.weights().map(|w| w.iter().map(|&v| f64::from(v)).collect());
        let fitted = self.fit_weighted(dataset.records().view(), &labels, weights.as_deref())?;
        match dataset.feature_names() {
            [] => Ok(fitted),
            names => fitted.with_names(names.to_vec()),
        }
    }
}

/// JSON has no infinity.
mod infinity_as_null {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(c: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        c.is_finite().then_some(*c).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(d)?.unwrap_or(f64::INFINITY))
    }
}
