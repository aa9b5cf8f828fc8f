//! One of the models whose mean log-odds a churn model tells.

use super::early::Early;
use super::estimator::Estimator;
use super::fitted::FittedEstimator;
use super::learner::Learner;
use super::training_rows::TrainingRows;
use crate::error::Result;
use crate::labels::State;

/// The customers that a model learns from and speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Whom {
    Active,
    /// Lapsed and lost.
    Silent,
    All,
}

impl Whom {
    /// Active and silent.
    pub(crate) const KINDS: [Whom; 2] = [Whom::Active, Whom::Silent];

    /// The kind of customers in a state.
    pub(crate) const fn of(state: State) -> Whom {
        match state {
            State::Active => Whom::Active,
            State::Lapsed | State::Lost => Whom::Silent,
        }
    }

    /// Whether customers in a state are among them.
    pub(crate) fn includes(self, state: State) -> bool {
        self == Whom::All || self == Whom::of(state)
    }

    /// In an error.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Whom::Active => "active",
            Whom::Silent => "silent (lapsed or lost)",
            Whom::All => "all",
        }
    }

    /// What is told meanwhile.
    pub(crate) const fn learning(self) -> &'static str {
        match self {
            Whom::Active => "learning from active customers",
            Whom::Silent => "learning from silent customers",
            Whom::All => "learning from all customers",
        }
    }
}

/// What one estimator learned from some of the customers.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Member {
    pub(crate) whom: Whom,
    pub(crate) estimator: FittedEstimator,
}

impl Member {
    /// Learns from these rows; with `asks`, also what models of the past alone say at later cutoffs, by
    /// which to calibrate.
    pub(crate) fn fit(
        whom: Whom,
        learner: &Learner<'_>,
        rows: &TrainingRows,
        asks: bool,
    ) -> Result<(Member, Vec<Early>)> {
        let stops = matches!(learner.estimator, Estimator::Boosting(b) if b.stops_early());
        let early = match rows.times.iter().map(|time| time.cutoff).max() {
            Some(latest) if asks || stops => Early::fit(learner, rows, latest)?,
            _ => None,
        };
        let estimator = match (learner.estimator, early.as_ref().and_then(|early| early.trees)) {
            (Estimator::Boosting(boosting), Some(trees)) => {
                let boosting = boosting.clone().n_estimators(trees);
                FittedEstimator::Boosting { trees: learner.boosted(&boosting, rows)?, chosen: true }
            }
            _ => learner.fit(rows)?,
        };
        let asked = match early {
            Some(latest) if asks => Early::chain(learner, rows, latest)?,
            _ => Vec::new(),
        };
        Ok((Member { whom, estimator }, asked))
    }

    /// How many boosted trees there are, and whether that number was chosen at the latest cutoff.
    pub(crate) fn boosted_trees(&self) -> Option<(usize, bool)> {
        match &self.estimator {
            FittedEstimator::Boosting { trees, chosen } => Some((trees.tree_count(), *chosen)),
            _ => None,
        }
    }
}
