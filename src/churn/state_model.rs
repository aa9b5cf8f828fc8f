//! A model of one kind of customers: the chance of a purchase in the outcome window.

use super::calibration::{CalibrationChoice, StateCalibration};
use super::early::Early;
use super::estimator::Estimator;
use super::fitted::FittedEstimator;
use super::learner::Learner;
use super::recipe::Recipe;
use super::training_rows::{MIN_OUTCOMES, OutcomeCounts, TrainingRows};
use crate::error::{Error, Result};

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct StateModel {
    pub(crate) estimator: FittedEstimator,
    /// None: not wanted, or too few outcomes to judge by.
    pub(crate) calibration: Option<StateCalibration>,
}

impl StateModel {
    /// `whom`: of which customers the rows are, for an error.
    pub(crate) fn fit(
        whom: &str,
        learner: &Learner<'_>,
        rows: &TrainingRows,
        calibration: CalibrationChoice,
    ) -> Result<StateModel> {
        let estimator = learner.estimator;
        let TrainingRows { x, purchased, times, .. } = rows;
        let mut counts = OutcomeCounts::default();
        purchased.iter().for_each(|&p| counts.add(p));
        if counts.least() < MIN_OUTCOMES {
            return Err(Error::TooLittleData(format!(
                "of the {whom} customers' rows at the training cutoffs {} purchased and {} did \
                 not; at least {MIN_OUTCOMES} of each are needed: train on more cutoffs or up \
                 to a later time, or with another horizon or limits",
                counts.purchased, counts.not_purchased
            )));
        }
        let calibrates = calibration != CalibrationChoice::None;
        let stops = matches!(estimator, Estimator::Boosting(params) if params.stops_early());
        let early = match times.iter().map(|time| time.cutoff).max() {
            Some(latest) if calibrates || stops => Early::fit(learner, rows, latest)?,
            _ => None,
        };
        let fitted = match (estimator, early.as_ref().and_then(|early| early.trees)) {
            (Estimator::Boosting(boosting), Some(trees)) => {
                let boosting = boosting.clone().n_estimators(trees);
                let trees = learner.boosted(&boosting, x.view(), purchased)?;
                FittedEstimator::Boosting { trees, chosen: true }
            }
            _ => learner.fit(x.view(), purchased)?,
        };
        let calibration = match early {
            Some(latest) if calibrates => {
                let asked = Early::chain(learner, rows, latest)?;
                Some(StateCalibration::choose(calibration, &asked)?)
            }
            _ => None,
        };
        Ok(StateModel { estimator: fitted, calibration })
    }

    /// How many boosted trees there are, and whether that number was chosen at the latest cutoff.
    pub(crate) fn boosted_trees(&self) -> Option<(usize, bool)> {
        match &self.estimator {
            FittedEstimator::Boosting { trees, chosen } => Some((trees.tree_count(), *chosen)),
            _ => None,
        }
    }

    /// The chance of a purchase for one row, calibrated; `buffer` is kept from row to row.
    pub(crate) fn purchase_probability(&self, row: &[f64], buffer: &mut Vec<f64>) -> Result<f64> {
        let probability = self.estimator.probability(row, buffer)?;
        let calibration = self.calibration.as_ref();
        Ok(calibration.map_or(probability, |calibration| calibration.apply(probability)))
    }

    /// Refuses a model that does not fit its recipe, as of a damaged file.
    pub(crate) fn check(&self, recipe: &Recipe) -> Result<()> {
        let columns = self.estimator.checked_columns()?;
        if columns != recipe.width() {
            return Err(Error::model_file("model and recipe differ in their columns"));
        }
        Ok(())
    }
}
