//! Logistic regression: the log-odds of a yes are a weighted sum of the columns.
//!
//! P(y = 1 | x) = 1 / (1 + exp(−(b + x·w))), with w and b that minimise ½ |w|² + c Σ sᵢ lossᵢ, as
//! scikit-learn writes it: s are row weights, the loss of a row is −ln P(its own label), and the
//! intercept b is not penalised.

#[cfg(feature = "train")]
mod fit;
mod fitted;
#[cfg(feature = "train")]
mod lbfgs;
mod newton;
mod objective;
mod solver;
mod summary;
mod table;
#[cfg(all(test, feature = "train"))]
mod tests;

use serde::{Deserialize, Serialize};

pub use fitted::FittedLogistic;
pub use solver::Solver;
pub use summary::{Summary, SummaryRow};

use crate::error::{Error, Result};

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
