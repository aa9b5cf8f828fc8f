//! One of the models whose mean log-odds a churn model tells.

use super::fitted::FittedEstimator;
use super::whom::Whom;

/// What one estimator learned from some of the customers.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Member {
    pub(crate) whom: Whom,
    pub(crate) estimator: FittedEstimator,
}

impl Member {
    /// How many boosted trees there are, and whether that number was chosen at the latest cutoff.
    pub(crate) fn boosted_trees(&self) -> Option<(usize, bool)> {
        match &self.estimator {
            FittedEstimator::Boosting { trees, chosen } => Some((trees.tree_count(), *chosen)),
            _ => None,
        }
    }
}
