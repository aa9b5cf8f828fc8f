//! One of the models whose mean log-odds a churn model tells.

use super::fitted::FittedEstimator;
use super::whom::Whom;
use crate::error::{Error, Result};
use crate::labels::State;

/// What one estimator learned from some of the customers.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Member {
    pub(crate) whom: Whom,
    pub(crate) estimator: FittedEstimator,
    /// How much it counts in the mean.
    pub(crate) weight: f64,
}

impl Member {
    /// The number of the background of the customers in a state: each of its states has one, in order.
    pub(crate) fn background(&self, state: State) -> usize {
        State::ALL[..state as usize].iter().filter(|&&before| self.whom.includes(before)).count()
    }

    /// Refuses trees that lack backgrounds, or have too many.
    pub(crate) fn check(&self) -> Result<()> {
        if !(self.weight > 0.0 && self.weight.is_finite()) {
            return Err(Error::model_file("a model counts nothing"));
        }
        let states = State::ALL.into_iter().filter(|&state| self.whom.includes(state)).count();
        match self.estimator.background_count() {
            Some(count) if count != states => {
                Err(Error::model_file(format!("{count} backgrounds of {states} states")))
            }
            _ => Ok(()),
        }
    }

    /// How many boosted trees there are, and whether that number was chosen at the latest cutoff.
    pub(crate) fn boosted_trees(&self) -> Option<(usize, bool)> {
        match &self.estimator {
            FittedEstimator::Boosting { trees, chosen } => Some((trees.tree_count(), *chosen)),
            _ => None,
        }
    }
}

/// The sum of what members count.
pub(crate) fn sum_of_weights<'a>(members: impl Iterator<Item = &'a Member>) -> f64 {
    members.map(|member| member.weight).sum()
}
