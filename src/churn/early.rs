//! A model of the past alone, tested at a later training cutoff: how many trees help there, and how
//! well calibrated its probabilities are there. Rows are never split at random.

use super::estimator::Estimator;
use super::fitted::FittedEstimator;
use super::learner::Learner;
use super::member::Member;
use super::outcome_counts::{MIN_OUTCOMES, OutcomeCounts};
use super::training_rows::TrainingRows;
use super::whom::Whom;
use crate::error::Result;
use crate::labels::State;
use crate::models::odds::sigmoid;
use crate::time::Timestamp;

/// What an early model said of the customers at a cutoff, and what they did.
#[derive(Debug)]
pub(crate) struct Early {
    at: Timestamp,
    /// How many boosted trees were best there, where rows held out decide on that.
    pub(crate) trees: Option<usize>,
    /// How much it counts in the mean.
    weight: f64,
    states: Vec<State>,
    purchased: Vec<bool>,
    log_odds: Vec<f64>,
}

/// What early models together said of the customers of one kind at a cutoff, and what they did.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) purchased: Vec<bool>,
    pub(crate) probability: Vec<f64>,
}

/// Cutoffs at which early models are asked so that a calibration can be judged twice.
const ASKED: usize = 3;

impl Judged {
    /// At every cutoff at which all members were asked, the latest first.
    pub(crate) fn of(kind: Whom, asked: &[&[Early]]) -> Vec<Judged> {
        let Some((first, others)) = asked.split_first() else { return Vec::new() };
        let at_cutoff = |early: &Early| {
            let same = |others: &[Early]| others.iter().position(|other| other.at == early.at);
            let others: Option<Vec<&Early>> =
                others.iter().map(|other| Some(&other[same(other)?])).collect();
            let mut purchased = Vec::new();
            let mut sums: Vec<f64> = Vec::new();
            let others = others?;
            let mut weights = 0.0;
            for (i, early) in std::iter::once(&early).chain(&others).enumerate() {
                weights += early.weight;
                let rows = (0..early.states.len()).filter(|&row| kind.includes(early.states[row]));
                for (place, row) in rows.enumerate() {
                    if i == 0 {
                        purchased.push(early.purchased[row]);
                        sums.push(early.weight * early.log_odds[row]);
                    } else {
                        *sums.get_mut(place)? += early.weight * early.log_odds[row];
                    }
                }
            }
            let probability = sums.into_iter().map(|sum| sigmoid(sum / weights)).collect();
            Some(Judged { purchased, probability })
        };
        first.iter().map_while(at_cutoff).collect()
    }

    /// How many purchased and how many did not.
    pub(crate) fn outcomes(&self) -> OutcomeCounts {
        let all: Vec<usize> = (0..self.purchased.len()).collect();
        OutcomeCounts::of(&all, &self.purchased)
    }
}

impl Early {
    /// At the latest cutoff, at the latest one whose outcomes were known there, and so on, three times
    /// at most; `latest` is what was said at the first.
    pub(crate) fn chain(
        learner: &Learner<'_>,
        rows: &TrainingRows,
        latest: Early,
    ) -> Result<Vec<Early>> {
        let mut at = Some(latest.at);
        let mut asked = vec![latest];
        while asked.len() < ASKED {
            let known = rows.times.iter().filter(|time| Some(time.window_end) <= at);
            at = known.map(|time| time.cutoff).max();
            let Some(at) = at else { break };
            let Some(early) = Early::fit(learner, rows, at)? else { break };
            asked.push(early);
        }
        Ok(asked)
    }

    /// Learns from the rows whose outcome windows end by the cutoff `at`, and judges its rows.
    ///
    /// None when there are too few outcomes to learn from or to judge by.
    pub(crate) fn fit(
        learner: &Learner<'_>,
        rows: &TrainingRows,
        at: Timestamp,
    ) -> Result<Option<Early>> {
        let TrainingRows { x, purchased, times, weights, .. } = rows;
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
                let weight = |row: usize| weights.as_ref().map_or(1.0, |weights| weights[row]);
                let used = |row: usize| learns[row] || judges[row];
                let weights: Vec<f64> =
                    (0..times.len()).map(|row| if used(row) { weight(row) } else { 0.0 }).collect();
                let (categories, weights) = (&learner.inputs.categories, Some(&weights[..]));
                let (x, go_on) = (x.view(), || !learner.stop.asked());
                let trees =
                    boosting.fit_while(x, purchased, weights, categories, &judges, &go_on)?;
                let count = trees.tree_count().max(1);
                (FittedEstimator::Boosting { trees, chosen: true }, Some(count))
            }
            _ => (learner.fit(&rows.select(&past))?, None),
        };
        Early::of(&model, learner.weight, rows, &judge, at)
            .map(|early| Some(Early { trees, ..early }))
    }

    /// What a member that learns from no rows says at the cutoffs at which another was asked.
    pub(crate) fn beside(
        member: &Member,
        rows: &TrainingRows,
        other: &[Early],
    ) -> Result<Vec<Early>> {
        let at = |other: &Early| {
            let judges = |row: &usize| rows.times[*row].cutoff == other.at;
            let judge: Vec<usize> = (0..rows.times.len()).filter(judges).collect();
            Early::of(&member.estimator, member.weight, rows, &judge, other.at)
        };
        other.iter().map(at).collect()
    }

    /// What a model says of the rows of a cutoff.
    fn of(
        model: &FittedEstimator,
        weight: f64,
        rows: &TrainingRows,
        judge: &[usize],
        at: Timestamp,
    ) -> Result<Early> {
        let mut buffer = Vec::new();
        let log_odds = |&row: &usize| {
            model.log_odds(rows.x.row(row).as_slice().unwrap_or_default(), &mut buffer)
        };
        Ok(Early {
            at,
            trees: None,
            weight,
            states: judge.iter().map(|&row| rows.states[row]).collect(),
            purchased: judge.iter().map(|&row| rows.purchased[row]).collect(),
            log_odds: judge.iter().map(log_odds).collect::<Result<_>>()?,
        })
    }
}
