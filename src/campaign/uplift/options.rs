//! How effects are learned.

use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::churn::Estimator;
use crate::error::{Error, Result, named_choice};

/// How effects are put together from regressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Learner {
    /// One regression of the outcome on the columns, the arm and their products. Its penalty is on
    /// the arm and the products too, and so draws effects towards 0.
    S,
    /// A regression for each arm; the effect is the difference.
    T,
    /// Effects imputed for each arm by the other arm's regression, and regressed on the columns
    /// (Künzel et al. 2019).
    X,
    /// Doubly robust scores, regressed on the columns (Kennedy 2023).
    #[default]
    Dr,
    /// Whether the outcome is as the arm wants it, for yes or no only (Jaskowski and Jaroszewicz
    /// 2012).
    Class,
}

named_choice!(Learner, "learner": S = "s", T = "t", X = "x", Dr = "dr", Class = "class");

/// The estimators of effects.
pub(super) const EXPECTED: &str = "logistic, boosting or average";

options! {
    /// How effects are learned from a test.
    pub struct UpliftOptions {
        /// How effects are put together from regressions. s: one regression on the columns, the arm
        /// and their products, whose penalty (c of a logistic one) draws effects towards 0, since the
        /// arm is a column like others; t: one for each arm; x: effects imputed by the other arm's regression;
        /// dr: doubly robust scores, regressed on the columns; class: whether the outcome is as the
        /// arm wants it, for yes or no only
        #[value(value_name = "NAME", value_parser = value::<Learner>)]
        learner: Learner = Learner::Dr,
        /// Parts of the customers, each of which is predicted by what the others teach; 1 for none,
        /// which leaves out what is judged by them
        #[value(value_name = "N")]
        folds: usize = 5,
        /// Whether a doubly robust score is made by regressions that have not seen its customer
        #[value(value_name = "BOOL", action = clap::ArgAction::Set)]
        cross_fit: bool = true,
        /// Whether s gives its regression the products of columns and arms. Without them its effect
        /// has the same sign for all, in log-odds, and ranks by the base rate
        #[value(value_name = "BOOL", action = clap::ArgAction::Set)]
        interactions: bool = true,
        /// Number that decides who is in which part
        #[value(value_name = "N")]
        seed: u64 = 0,
    }
}

/// Learns the effect of each offer on each customer from a [`Trial`](super::Trial).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Uplift {
    pub(super) estimator: Estimator,
    pub(super) options: UpliftOptions,
}

impl Uplift {
    /// With regressions by `estimator`: `logistic` (least squares for amounts), on standardised
    /// columns, `boosting`, which takes missing values, or `average`, the mean of both, which does not.
    ///
    /// # Errors
    /// [`Error::Argument`] for another estimator, or options out of range.
    pub fn new(estimator: Estimator, options: UpliftOptions) -> Result<Self> {
        match &estimator {
            Estimator::Logistic(_) | Estimator::Boosting(_) | Estimator::Average(_) => {
                estimator.validate()?;
            }
            other => return Err(Error::text_argument("estimator", other.name(), EXPECTED)),
        }
        if !(1..=100).contains(&options.folds) {
            return Err(Error::argument("folds", options.folds, "1 to 100"));
        }
        Ok(Uplift { estimator, options })
    }
}
