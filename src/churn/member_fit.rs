//! How the members of a churn model learn.

use ndarray::ArrayView2;

use super::average::Average;
use super::early::Early;
use super::estimator::Estimator;
use super::fitted::FittedEstimator;
use super::learner::Learner;
use super::member::Member;
use super::training_rows::{FEWEST_COMPARED, TrainingRows};
use super::whom::Whom;
use crate::error::Result;
use crate::labels::State;
use crate::models::rows::selected;
use crate::models::trees::TreeEnsemble;
use crate::time::Timestamp;

/// How much a model of purchases counts beside regressions and trees.
const PURCHASES_COUNT: f64 = 0.5;

/// So many customers make trees count as much again.
const TREES_LEARN_OF: f64 = 6_000.0;
/// Trees count no more than this: regressions steady them where customers change.
const TREES_COUNT: f64 = 4.0;

/// The models whose mean log-odds an estimator tells, and of which customers each is: one of the active and
/// one of the silent ones, or those of an average.
pub(crate) fn members(estimator: &Estimator) -> Vec<(Whom, Estimator)> {
    match estimator {
        Estimator::Average(Average { logistic, boosting }) => {
            let logistic = || Estimator::Logistic(logistic.clone());
            vec![
                (Whom::Active, logistic()),
                (Whom::Silent, logistic()),
                (Whom::All, logistic()),
                (Whom::All, Estimator::Boosting(boosting.clone())),
            ]
        }
        own => Whom::KINDS.map(|kind| (kind, own.clone())).to_vec(),
    }
}

/// How much the trees of an average of so many customers count beside a regression. What a regression cannot
/// tell stays the same however many there are, while trees learn from each.
pub(crate) fn trees_count(customers: usize) -> f64 {
    (1.0 + customers as f64 / TREES_LEARN_OF).min(TREES_COUNT)
}

impl Member {
    /// Learns from these rows. What is to be judged by later ones, such as the number of trees, is judged
    /// at the cutoff `latest`, which is one of theirs; with `asks`, it is also found what models of the
    /// past alone say at later cutoffs, by which to calibrate.
    pub(crate) fn fit(
        whom: Whom,
        learner: &Learner<'_>,
        rows: &TrainingRows,
        latest: Option<Timestamp>,
        asks: bool,
    ) -> Result<(Member, Vec<Early>)> {
        let stops = matches!(learner.estimator, Estimator::Boosting(b) if b.stops_early());
        let early = match latest {
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
        Ok((Member { whom, estimator, weight: learner.weight }, asked))
    }

    /// The log-odds of all customers by a column, one of so many.
    pub(crate) fn of_column(column: usize, columns: usize) -> Self {
        let estimator = FittedEstimator::Column { column, columns };
        Member { whom: Whom::All, estimator, weight: PURCHASES_COUNT }
    }

    /// The same, whose trees know the training rows of each state, each of which counts once.
    pub(crate) fn with_backgrounds(mut self, rows: &TrainingRows) -> Result<Member> {
        for state in State::ALL.into_iter().filter(|&state| self.whom.includes(state)) {
            if self.estimator.background_count().is_some() {
                let x = selected(rows.x.view(), &rows.compared_with(state));
                self.estimator = self.estimator.with_background(x.view())?;
            }
        }
        Ok(self)
    }
}

impl FittedEstimator {
    /// The same model, which counts these rows as its next background if it has trees.
    fn with_background(self, x: ArrayView2<'_, f64>) -> Result<Self> {
        let knows = |trees: TreeEnsemble| trees.with_background_of(x, FEWEST_COMPARED as u64);
        Ok(match self {
            FittedEstimator::Logistic { .. } | FittedEstimator::Column { .. } => self,
            FittedEstimator::Tree(trees) => FittedEstimator::Tree(knows(trees)?),
            FittedEstimator::Boosting { trees, chosen } => {
                FittedEstimator::Boosting { trees: knows(trees)?, chosen }
            }
        })
    }
}
