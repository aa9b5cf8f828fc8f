//! The default estimator: the mean of three models' log-odds.

use crate::models::logistic::Logistic;
use crate::models::trees::Boosting;

/// The mean of the log-odds of three models: a logistic regression of the customers' kind, active or
/// silent, and a logistic regression and boosted trees of all customers.
///
/// Regressions and trees err in different ways, and so do models of few rows that are alike and of many
/// that are less so: their mean is better than each. In training, cutoffs count the less the older they
/// are (half after 180 days), unless they cover the seasons.
///
/// Trees count the more the more customers they learn from: 1 + customers / 6,000 times as much as a
/// regression, 4 times at most.
///
/// Where training is too short for seasons, a year and a half, a fourth counts half as much as a
/// regression: the model of all customers' purchases (`mbg_nbd_log_odds`), which learns from whole histories
/// rather than from a few outcome windows.
///
/// Out of time, on public logs of shops, donors and groceries, it beat each of its members and the
/// estimators of one kind; `make quality` tells by how much.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Average {
    /// Parameters of the regressions; their `c` is 0.03 unless it is set.
    #[serde(flatten)]
    pub logistic: Logistic,
    /// Parameters of the trees.
    #[serde(flatten)]
    pub boosting: Boosting,
}

impl Default for Average {
    fn default() -> Self {
        // Of more cutoffs than a regression alone had when its own was chosen, with the same customers.
        Average { logistic: Logistic::default().c(0.03), boosting: Boosting::default() }
    }
}
