//! Learned effects.

use std::fmt;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::effects::{Effects, outcomes, robust};
use super::options::Uplift;
use super::propensity::{Overlap, estimated};
use super::sample::Sample;
use super::trial::{Propensity, Trial, check_columns};
use crate::churn::Estimator;
use crate::error::{Error, Result};
use crate::log::grouped;
use crate::progress::Stop;

/// The effect of each offer on each customer, as a test taught it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FittedUplift {
    pub(super) how: Uplift,
    pub(super) arms: Vec<String>,
    pub(super) columns: usize,
    /// Of the columns, where they have any.
    #[serde(default)]
    pub(super) names: Vec<String>,
    pub(super) customers: usize,
    pub(super) is_yes_or_no: bool,
    pub(super) effects: Effects,
    /// None without parts.
    pub(super) unseen: Option<Unseen>,
    /// Where the chances of the arms were learned.
    #[serde(default)]
    pub(super) estimated: Option<Estimated>,
}

/// Chances of arms that were learned.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Estimated {
    /// Customers × arms.
    pub(super) chances: Vec<f64>,
    pub(super) overlap: Overlap,
}

/// What is known of the customers of the test by models that have not seen them; row by row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Unseen {
    /// Customers × arms but the control.
    pub(super) uplift: Vec<f64>,
    /// Doubly robust scores of the outcome, customers × arms.
    pub(super) scores: Vec<f64>,
    /// Outcomes expected, customers × arms.
    pub(super) expected: Vec<f64>,
}

impl Uplift {
    /// Learns from a trial: effects by all customers, and beside them, for each part of the customers,
    /// by the others alone.
    ///
    /// ```
    /// use ndarray::Array2;
    /// use winback::campaign::{Propensity, Trial, Uplift, UpliftOptions};
    /// // Letters work on the second half of the customers only.
    /// let x = Array2::from_shape_fn((400, 1), |(i, _)| i as f64);
    /// let arm: Vec<u32> = (0..400).map(|i| i % 2).collect();
    /// let y: Vec<f64> = (0..400).map(|i| f64::from(i % 6 == 0 || (i >= 200 && i % 2 == 1))).collect();
    /// let trial = Trial {
    ///     x: x.view(),
    ///     arm: &arm,
    ///     arms: &["control", "letter"],
    ///     y: &y,
    ///     propensity: Propensity::Shares,
    ///     customer_ids: None,
    /// };
    /// let fitted = Uplift::new("logistic".parse()?, UpliftOptions::default())?.fit(&trial)?;
    /// let uplift = fitted.predict(x.view())?;
    /// assert!(uplift[[350, 0]] > uplift[[50, 0]] + 0.5);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] when lengths differ or a column has a value that the estimator does not take;
    /// [`Error::Argument`] for arms, outcomes or propensities that cannot be; [`Error::TooLittleData`] for
    /// an arm without customers, or in which all have the same outcome, and for arms that hardly overlap
    /// where chances are to be estimated; [`Error::NotConverged`] where a
    /// regression does not.
    pub fn fit(&self, trial: &Trial<'_>) -> Result<FittedUplift> {
        FittedUplift::fit(self.clone(), trial, Stop::NEVER)
    }

    /// As [`Uplift::fit`], until `go_on`, which is called often and from any thread, returns false.
    ///
    /// # Errors
    /// As [`Uplift::fit`], and [`Error::Interrupted`] once `go_on` has returned false.
    pub fn fit_while(
        &self,
        trial: &Trial<'_>,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<FittedUplift> {
        FittedUplift::fit(self.clone(), trial, Stop::unless(go_on))
    }
}

impl FittedUplift {
    fn fit(how: Uplift, trial: &Trial<'_>, stop: Stop<'_>) -> Result<Self> {
        let mut sample = trial.sample(takes_gaps(&how.estimator), stop)?;
        let named = |error| match error {
            Error::TooLittleData(text) => {
                Error::TooLittleData(format!("{text}, in one of the arms or of their parts"))
            }
            error => error,
        };
        let estimated = match trial.propensity {
            Propensity::Estimated => {
                let (chances, overlap) = estimated(&sample, how.options.folds, how.options.seed)?;
                sample.propensity.clone_from(&chances);
                Some(Estimated { chances, overlap })
            }
            _ => None,
        };
        let effects = how
            .nuisance(&sample)
            .and_then(|nuisance| how.effects(&sample, &nuisance))
            .map_err(named)?;
        let unseen = match how.options.folds {
            1 => None,
            _ => Some(Unseen::of(&how, &sample).map_err(named)?),
        };
        Ok(FittedUplift {
            arms: trial.arms.iter().map(|&arm| arm.to_owned()).collect(),
            columns: sample.x.ncols(),
            names: Vec::new(),
            customers: sample.len(),
            is_yes_or_no: sample.is_yes_or_no,
            how,
            effects,
            unseen,
            estimated,
        })
    }

    /// The effect of each arm but the control on each row, in units of the outcome.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of columns than in the fit, or a value that the estimator does
    /// not take.
    pub fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        if x.ncols() != self.columns {
            let (given, own) = (x.ncols(), self.columns);
            return Err(Error::Shape(format!("X has {given} columns; the fit had {own}")));
        }
        check_columns(x, takes_gaps(&self.how.estimator))?;
        self.effects.predict(x)
    }

    /// The names of the arms, the control first.
    pub fn arms(&self) -> &[String] {
        &self.arms
    }

    /// The effects on the customers of the test by models that have not seen them, customers × arms but
    /// the control; none for a single part.
    pub fn out_of_fold(&self) -> Option<ArrayView2<'_, f64>> {
        self.of_customers(&self.unseen.as_ref()?.uplift)
    }

    /// What is expected of the customers of the test in each arm, the control first, by models that have
    /// not seen them: with it, [`PolicyTest`](crate::metrics::PolicyTest) is doubly robust.
    pub fn expected(&self) -> Option<ArrayView2<'_, f64>> {
        self.of_customers(&self.unseen.as_ref()?.expected)
    }

    /// The chances of the customers of the test to be in each arm, the control first, where they were
    /// estimated.
    pub fn propensity(&self) -> Option<ArrayView2<'_, f64>> {
        self.of_customers(&self.estimated.as_ref()?.chances)
    }

    /// How far the arms overlap, where their chances were estimated.
    pub fn overlap(&self) -> Option<Overlap> {
        self.estimated.as_ref().map(|estimated| estimated.overlap)
    }

    fn of_customers<'a>(&self, values: &'a [f64]) -> Option<ArrayView2<'a, f64>> {
        let width = values.len() / self.customers.max(1);
        ArrayView2::from_shape((self.customers, width), values).ok()
    }
}

impl Unseen {
    fn of(how: &Uplift, sample: &Sample<'_>) -> Result<Self> {
        let (n, arms) = (sample.len(), sample.arms);
        let (mut uplift, mut expected) = (Array2::zeros((n, arms - 1)), Array2::zeros((n, arms)));
        for (own, others) in sample.parts(how.options.folds, how.options.seed) {
            let (own_sample, others) = (sample.select(&own), sample.select(&others));
            let nuisance = how.nuisance(&others)?;
            let effects = how.effects(&others, &nuisance)?.predict(own_sample.x.view())?;
            let found = outcomes(&nuisance, own_sample.x.view())?;
            for (i, &row) in own.iter().enumerate() {
                uplift.row_mut(row).assign(&effects.row(i));
                expected.row_mut(row).assign(&found.row(i));
            }
        }
        let scores =
            Array2::from_shape_fn((n, arms), |(row, arm)| robust(sample, &expected, row, arm));
        Ok(Unseen {
            uplift: uplift.iter().copied().collect(),
            scores: scores.iter().copied().collect(),
            expected: expected.iter().copied().collect(),
        })
    }
}

pub(super) fn takes_gaps(estimator: &Estimator) -> bool {
    matches!(estimator, Estimator::Boosting(_))
}

impl fmt::Display for FittedUplift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "effects of {} beside {}, learned from {} customers by {} columns ({} learner, {})",
            self.arms[1..].join(", "),
            self.arms[0],
            grouped(self.customers as u64),
            self.columns,
            self.how.options.learner.name(),
            self.how.estimator.name()
        )?;
        match self.overlap() {
            None => Ok(()),
            Some(Overlap { lowest, highest, outside }) => write!(
                f,
                "; chances of the arms estimated from the columns ({lowest:.3} to {highest:.3}, {} hardly \
                 in all arms)",
                grouped(outside)
            ),
        }
    }
}
