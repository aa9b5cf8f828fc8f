//! Resampling customers, each with all rows, to find how precise the figures of a backtest are.

use hashbrown::HashMap;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use super::backtest_report::ScoreKind;
use super::group_scores::GroupScores;
use super::quality::entropy;
use crate::error::Result;
use crate::hash;
use crate::labels::State;
use crate::log::CustomerIndex;
use crate::metrics::{Measure, Measures, Sample};
use crate::progress::Progress;
use crate::time::Timestamp;

/// The customers of one state at one test cutoff.
pub(crate) struct Tested {
    pub(crate) at: Timestamp,
    pub(crate) state: State,
    pub(crate) outcome: Vec<bool>,
    customers: Vec<CustomerIndex>,
    model: Vec<f64>,
    mean_recency: f64,
    silence: Vec<f64>,
    /// By a model of purchases; none where it could not be fitted.
    mbg_nbd: Option<Vec<f64>>,
    /// By the oracle of simulated customers.
    oracle: Option<Vec<f64>>,
    of_model: Sample,
    of_recency: Sample,
    of_silence: Sample,
    of_mbg_nbd: Option<Sample>,
    of_oracle: Option<Sample>,
}

impl Tested {
    pub(crate) fn new(
        at: Timestamp,
        state: State,
        customers: Vec<CustomerIndex>,
        group: &GroupScores,
        mbg_nbd: Option<Vec<f64>>,
        oracle: Option<Vec<f64>>,
    ) -> Result<Self> {
        let GroupScores { outcome, model, recency, silence, .. } = group;
        let sample =
            |p: &Option<Vec<f64>>| p.as_ref().map(|p| Sample::new(outcome, p, true)).transpose();
        Ok(Tested {
            at,
            state,
            of_model: Sample::new(outcome, model, true)?,
            of_recency: Sample::new(outcome, recency, true)?,
            of_silence: Sample::new(outcome, silence, false)?,
            of_mbg_nbd: sample(&mbg_nbd)?,
            of_oracle: sample(&oracle)?,
            outcome: outcome.clone(),
            customers,
            model: model.clone(),
            mean_recency: mean(recency),
            silence: silence.clone(),
            mbg_nbd,
            oracle,
        })
    }

    pub(crate) fn customers(&self) -> usize {
        self.customers.len()
    }

    pub(crate) fn base_rate(&self) -> f64 {
        self.outcome.iter().filter(|&&outcome| outcome).count() as f64 / self.outcome.len() as f64
    }

    pub(crate) fn mean_probability(&self, score: ScoreKind) -> Option<f64> {
        match score {
            ScoreKind::Model => Some(mean(&self.model)),
            ScoreKind::Recency => Some(self.mean_recency),
            ScoreKind::MbgNbd => self.mbg_nbd.as_deref().map(mean),
            ScoreKind::Oracle => self.oracle.as_deref().map(mean),
        }
    }

    /// What a score ranks by.
    pub(crate) fn ranking(&self, score: ScoreKind) -> &[f64] {
        match score {
            ScoreKind::Model => &self.model,
            ScoreKind::Recency => &self.silence,
            ScoreKind::MbgNbd => self.mbg_nbd.as_deref().unwrap_or_default(),
            ScoreKind::Oracle => self.oracle.as_deref().unwrap_or_default(),
        }
    }

    /// Whether there is such a score of the customers, or might be.
    pub(crate) fn has(&self, score: ScoreKind) -> bool {
        score != ScoreKind::Oracle || self.oracle.is_some()
    }

    /// The log loss of a constant at the true rate.
    pub(crate) fn constant_log_loss(&self, weights: Option<&[f64]>) -> f64 {
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let (mut came, mut all) = (0.0, 0.0);
        for (row, &outcome) in self.outcome.iter().enumerate() {
            came += if outcome { weight(row) } else { 0.0 };
            all += weight(row);
        }
        entropy(came / all)
    }

    pub(crate) fn measures(&self, score: ScoreKind, weights: Option<&[f64]>) -> Measures {
        let of = |sample: &Option<Sample>| {
            sample.as_ref().map_or(Measures::UNDEFINED, |sample| sample.measures(weights))
        };
        match score {
            ScoreKind::Model => self.of_model.measures(weights),
            ScoreKind::MbgNbd => of(&self.of_mbg_nbd),
            ScoreKind::Oracle => of(&self.of_oracle),
            ScoreKind::Recency => {
                // It ranks by the days themselves; its probabilities are those of a regression.
                let mut measures = self.of_silence.measures(weights);
                let probabilities = self.of_recency.measures(weights);
                for measure in [
                    Measure::LogLoss,
                    Measure::BrierScore,
                    Measure::CalibrationSlope,
                    Measure::CalibrationIntercept,
                    Measure::ExpectedCalibrationError,
                ] {
                    measures.0[measure as usize] = probabilities.0[measure as usize];
                }
                measures
            }
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The measures of every group and score in every draw.
pub(crate) struct Draws {
    measures: Vec<Vec<Measures>>,
    /// The log loss of a constant of every group in every draw.
    constants: Vec<Vec<f64>>,
}

impl Draws {
    /// Draws as many customers as there are, with replacement, so many times. A draw depends on the
    /// seed and its number alone.
    pub(crate) fn of(
        tested: &[Tested],
        draws: usize,
        seed: u64,
        progress: &Progress,
    ) -> Result<Self> {
        let told = progress.pieces("drawing customers", draws as u64);
        let mut number_of: HashMap<CustomerIndex, u32> = HashMap::new();
        let numbers: Vec<Vec<u32>> = tested
            .iter()
            .map(|group| {
                let number = |customer: &CustomerIndex| {
                    let next = number_of.len() as u32;
                    *number_of.entry(*customer).or_insert(next)
                };
                group.customers.iter().map(number).collect()
            })
            .collect();
        let all = number_of.len();
        let (measures, constants) = (0..draws as u64)
            .into_par_iter()
            .map(|draw| {
                let mut rng = Xoshiro256PlusPlus::seed_from_u64(hash::spread(seed) ^ draw);
                let mut counts = vec![0.0; all];
                (0..all).for_each(|_| counts[rng.random_range(0..all)] += 1.0);
                let of_group = |(group, numbers): (&Tested, &Vec<u32>)| {
                    let weights: Vec<f64> =
                        numbers.iter().map(|&number| counts[number as usize]).collect();
                    // What only shares of an oracle's skill need.
                    let constant = match group.has(ScoreKind::Oracle) {
                        true => group.constant_log_loss(Some(&weights)),
                        false => f64::NAN,
                    };
                    (ScoreKind::ALL.map(|score| group.measures(score, Some(&weights))), constant)
                };
                let (found, constants): (Vec<_>, Vec<_>) =
                    tested.iter().zip(&numbers).map(of_group).unzip();
                told.add(1).map(|()| (found.into_iter().flatten().collect(), constants))
            })
            .collect::<Result<Vec<(Vec<Measures>, Vec<f64>)>>>()?
            .into_iter()
            .unzip();
        Ok(Draws { measures, constants })
    }

    pub(crate) fn constant_log_loss(&self, draw: usize, group: usize) -> f64 {
        self.constants[draw][group]
    }

    pub(crate) fn count(&self) -> usize {
        self.measures.len()
    }

    pub(crate) fn measures(&self, draw: usize, group: usize, score: ScoreKind) -> Measures {
        self.measures[draw][group * ScoreKind::ALL.len() + score as usize]
    }
}
