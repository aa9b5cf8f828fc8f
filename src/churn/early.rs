//! A model of the past alone, tested at a later training cutoff: how many trees help there, and how
//! well calibrated its probabilities are there. Rows are never split at random.

use ndarray::Axis;

use super::estimator::Estimator;
use super::fitted::FittedEstimator;
use super::learner::Learner;
use super::training_rows::{MIN_OUTCOMES, OutcomeCounts, TrainingRows};
use crate::error::Result;
use crate::time::Timestamp;

/// What an early model said of the customers of one state at a cutoff, and what they did.
#[derive(Debug)]
pub(crate) struct Early {
    /// How many boosted trees were best there, where rows held out decide on that.
    pub(crate) trees: Option<usize>,
    pub(crate) purchased: Vec<bool>,
    pub(crate) probability: Vec<f64>,
}

/// Cutoffs at which early models are asked so that a calibration can be judged twice.
const ASKED: usize = 3;

impl Early {
    /// At the latest cutoff, at the latest one whose outcomes were known there, and so on, three times
    /// at most; `latest` is what was said at the first.
    pub(crate) fn chain(
        learner: &Learner<'_>,
        rows: &TrainingRows,
        latest: Early,
    ) -> Result<Vec<Early>> {
        let mut asked = vec![latest];
        let mut at = rows.times.iter().map(|time| time.cutoff).max();
        while asked.len() < ASKED {
            let known = rows.times.iter().filter(|time| Some(time.window_end) <= at);
            at = known.map(|time| time.cutoff).max();
            let Some(at) = at else { break };
            let Some(early) = Early::fit(learner, rows, at)? else { break };
            asked.push(early);
        }
        Ok(asked)
    }

    /// How many purchased and how many did not.
    pub(crate) fn outcomes(&self) -> OutcomeCounts {
        let all: Vec<usize> = (0..self.purchased.len()).collect();
        OutcomeCounts::of(&all, &self.purchased)
    }

    /// Learns from the rows whose outcome windows end by the cutoff `at`, and judges its rows.
    ///
    /// None when there are too few outcomes to learn from or to judge by.
    pub(crate) fn fit(
        learner: &Learner<'_>,
        rows: &TrainingRows,
        at: Timestamp,
    ) -> Result<Option<Early>> {
        let TrainingRows { x, purchased, times, .. } = rows;
        let learns: Vec<bool> = times.iter().map(|time| time.window_end <= at).collect();
        let judges: Vec<bool> = times.iter().map(|time| time.cutoff == at).collect();
        let chosen =
            |flags: &[bool]| -> Vec<usize> { (0..flags.len()).filter(|&row| flags[row]).collect() };
        let (past, judge) = (chosen(&learns), chosen(&judges));
        let enough = |rows: &[usize]| OutcomeCounts::of(rows, purchased).least() >= MIN_OUTCOMES;
        if !enough(&past) || !enough(&judge) {
            return Ok(None);
        }
        let (model, trees) = match learner.estimator {
            Estimator::Boosting(boosting) if boosting.stops_early() => {
                let weight = |(&learns, &judges)| f64::from(u8::from(learns || judges));
                let weights: Vec<f64> = learns.iter().zip(&judges).map(weight).collect();
                let (categories, weights) = (learner.recipe.categories(), Some(&weights[..]));
                let (x, go_on) = (x.view(), || !learner.stop.asked());
                let trees =
                    boosting.fit_while(x, purchased, weights, &categories, &judges, &go_on)?;
                let count = trees.tree_count().max(1);
                (FittedEstimator::Boosting { trees, chosen: true }, Some(count))
            }
            _ => {
                let outcomes: Vec<bool> = past.iter().map(|&row| purchased[row]).collect();
                let x = x.select(Axis(0), &past);
                (learner.fit(x.view(), &outcomes)?, None)
            }
        };
        let mut buffer = Vec::new();
        let probability = |&row: &usize| {
            model.probability(x.row(row).as_slice().unwrap_or_default(), &mut buffer)
        };
        Ok(Some(Early {
            trees,
            purchased: judge.iter().map(|&row| purchased[row]).collect(),
            probability: judge.iter().map(probability).collect::<Result<_>>()?,
        }))
    }
}
