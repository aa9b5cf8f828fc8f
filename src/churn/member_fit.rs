//! How the members of a churn model learn.

use super::average::Average;
use super::early::Early;
use super::estimator::Estimator;
use super::fitted::FittedEstimator;
use super::learner::Learner;
use super::member::Member;
use super::training_rows::TrainingRows;
use super::whom::Whom;
use crate::error::Result;
use crate::time::Timestamp;

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
        Ok((Member { whom, estimator }, asked))
    }
}
