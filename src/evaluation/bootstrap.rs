//! Resampling customers, each with all rows, to find how precise the figures of a backtest are.

use hashbrown::HashMap;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use super::backtest_report::ScoreKind;
use super::quality::GroupScores;
use crate::error::Result;
use crate::hash;
use crate::labels::State;
use crate::metrics::{Measure, Measures, Sample};
use crate::progress::Progress;
use crate::time::Timestamp;

/// The customers of one state at one test cutoff.
pub(crate) struct Tested {
    pub(crate) at: Timestamp,
    pub(crate) state: State,
    pub(crate) outcome: Vec<bool>,
    customers: Vec<u32>,
    model: Vec<f64>,
    mean_recency: f64,
    silence: Vec<f64>,
    /// By a model of purchases; none where it could not be fitted.
    mbg_nbd: Option<Vec<f64>>,
    of_model: Sample,
    of_recency: Sample,
    of_silence: Sample,
    of_mbg_nbd: Option<Sample>,
}

impl Tested {
    pub(crate) fn new(
        at: Timestamp,
        state: State,
        customers: Vec<u32>,
        group: &GroupScores,
        mbg_nbd: Option<Vec<f64>>,
    ) -> Result<Self> {
        let GroupScores { outcome, model, recency, silence, .. } = group;
        let of_mbg_nbd = mbg_nbd.as_ref().map(|p| Sample::new(outcome, p, true)).transpose()?;
        Ok(Tested {
            at,
            state,
            of_model: Sample::new(outcome, model, true)?,
            of_recency: Sample::new(outcome, recency, true)?,
            of_silence: Sample::new(outcome, silence, false)?,
            of_mbg_nbd,
            outcome: outcome.clone(),
            customers,
            model: model.clone(),
            mean_recency: mean(recency),
            silence: silence.clone(),
            mbg_nbd,
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
        }
    }

    /// What a score ranks by.
    pub(crate) fn ranking(&self, score: ScoreKind) -> &[f64] {
        match score {
            ScoreKind::Model => &self.model,
            ScoreKind::Recency => &self.silence,
            ScoreKind::MbgNbd => self.mbg_nbd.as_deref().unwrap_or_default(),
        }
    }

    pub(crate) fn measures(&self, score: ScoreKind, weights: Option<&[f64]>) -> Measures {
        match score {
            ScoreKind::Model => self.of_model.measures(weights),
            ScoreKind::MbgNbd => {
                let sample = self.of_mbg_nbd.as_ref();
                sample.map_or(Measures::UNDEFINED, |sample| sample.measures(weights))
            }
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
        let mut number_of: HashMap<u32, u32> = HashMap::new();
        let numbers: Vec<Vec<u32>> = tested
            .iter()
            .map(|group| {
                let number = |customer: &u32| {
                    let next = number_of.len() as u32;
                    *number_of.entry(*customer).or_insert(next)
                };
                group.customers.iter().map(number).collect()
            })
            .collect();
        let all = number_of.len();
        let measures = (0..draws as u64)
            .into_par_iter()
            .map(|draw| {
                let mut rng = Xoshiro256PlusPlus::seed_from_u64(hash::spread(seed) ^ draw);
                let mut counts = vec![0.0; all];
                (0..all).for_each(|_| counts[rng.random_range(0..all)] += 1.0);
                let of_group = |(group, numbers): (&Tested, &Vec<u32>)| {
                    let weights: Vec<f64> =
                        numbers.iter().map(|&number| counts[number as usize]).collect();
                    ScoreKind::ALL.map(|score| group.measures(score, Some(&weights)))
                };
                let found = tested.iter().zip(&numbers).flat_map(of_group).collect();
                told.add(1).map(|()| found)
            })
            .collect::<Result<_>>()?;
        Ok(Draws { measures })
    }

    pub(crate) fn count(&self) -> usize {
        self.measures.len()
    }

    pub(crate) fn measures(&self, draw: usize, group: usize, score: ScoreKind) -> Measures {
        self.measures[draw][group * ScoreKind::ALL.len() + score as usize]
    }
}
