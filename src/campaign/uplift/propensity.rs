//! Chances of arms that nobody planned, or that were not the same for all: learned from the columns.

use ndarray::{Array2, Axis, concatenate};
use serde::{Deserialize, Serialize};

use super::regression::Regression;
use super::sample::Sample;
use crate::churn::Estimator;
use crate::error::{Error, Result};
use crate::hash;
use crate::models::logistic::Logistic;
use crate::models::rows::selected;

/// A chance below this counts as this: what is divided by it would drown all others.
const LEAST_CHANCE: f64 = 0.01;
/// At least this share of the customers must be able to be in each arm.
const LEAST_OVERLAP: f64 = 0.5;
/// Penalised like outcomes, chances of arms that never overlap would look as if they did.
const LITTLE_PENALTY: f64 = 100.0;
/// Parts, where the effects themselves have none.
const PARTS: usize = 5;

/// How far the arms overlap: whether customers of each kind were in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Overlap {
    /// The lowest chance of a customer to be in an arm.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
    /// Customers who could hardly be in one of the arms (a chance below 0.01), and count as if they
    /// could by 0.01.
    pub outside: u64,
}

/// The chance of each customer to be in each arm, customers × arms, by logistic regressions of each
/// arm on the columns that have not seen him; they are made to sum to 1.
///
/// # Errors
/// [`Error::TooLittleData`] where the arms hardly overlap.
pub(super) fn estimated(
    sample: &Sample<'_>,
    parts: usize,
    seed: u64,
) -> Result<(Vec<f64>, Overlap)> {
    let (n, arms) = (sample.len(), sample.arms);
    let filled = filled(&sample.x);
    let of_arms = Estimator::Logistic(Logistic::default().c(LITTLE_PENALTY));
    let mut chances = Array2::zeros((n, arms));
    // Other parts than those of the effects.
    let parts = sample.parts(parts.max(PARTS), hash::draw(seed ^ 1));
    for (own, others) in parts {
        let (learned, asked) = (selected(filled.view(), &others), selected(filled.view(), &own));
        // Of two arms one chance tells the other.
        for arm in usize::from(arms == 2)..arms {
            let is_in: Vec<bool> =
                others.iter().map(|&row| sample.arm[row] as usize == arm).collect();
            let model = Regression::of_yes(&of_arms, learned.view(), &is_in, None, sample.stop)?;
            for (&row, chance) in own.iter().zip(model.predict(asked.view())?) {
                chances[[row, arm]] = chance;
                if arms == 2 {
                    chances[[row, 0]] = 1.0 - chance;
                }
            }
        }
    }
    let mut overlap = Overlap { lowest: 1.0, highest: 0.0, outside: 0 };
    for mut row in chances.rows_mut() {
        let sum = row.sum();
        row.mapv_inplace(|chance| chance / sum);
        let lowest = row.fold(1.0_f64, |low, &chance| low.min(chance));
        overlap.lowest = overlap.lowest.min(lowest);
        overlap.highest = row.fold(overlap.highest, |high, &chance| high.max(chance));
        if lowest < LEAST_CHANCE {
            overlap.outside += 1;
            row.mapv_inplace(|chance| chance.max(LEAST_CHANCE));
            let sum = row.sum();
            row.mapv_inplace(|chance| chance / sum);
        }
    }
    if (overlap.outside as f64) > (1.0 - LEAST_OVERLAP) * n as f64 {
        return Err(Error::TooLittleData(format!(
            "the arms hardly overlap: {} of {n} customers could not be in one of them, by their columns \
             (a chance below {LEAST_CHANCE}); of such arms nobody can say what an offer changes",
            overlap.outside
        )));
    }
    Ok((chances.iter().copied().collect(), overlap))
}

/// The columns without gaps: each by its mean, and beside it whether it was missing.
fn filled(x: &Array2<f64>) -> Array2<f64> {
    let mut all = x.clone();
    for (place, column) in x.columns().into_iter().enumerate() {
        if !column.iter().any(|value| value.is_nan()) {
            continue;
        }
        let known: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
        let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
        let gaps = column.mapv(|value| f64::from(u8::from(value.is_nan())));
        all.column_mut(place).mapv_inplace(|value| if value.is_nan() { mean } else { value });
        let gaps = gaps.insert_axis(Axis(1));
        if let Ok(wider) = concatenate(Axis(1), &[all.view(), gaps.view()]) {
            all = wider;
        }
    }
    all
}
