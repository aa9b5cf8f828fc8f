//! Thresholds that divide a figure into scores.

use rayon::prelude::*;

use crate::error::{Error, Result};

/// Scores are one digit each.
pub(super) const MOST_SCORES: usize = 9;

/// The thresholds of the three figures, ascending; one fewer than there are scores.
///
/// With thresholds c₁ ≤ … ≤ cₖ₋₁ a value x lies in interval number 1 + #{cᵢ < x}: intervals are
/// closed on the right, (cᵢ₋₁, cᵢ], as in `pandas.qcut`. That number is the score of frequency and
/// of monetary value; for recency, where low is good, the score is k + 1 minus that number. Equal
/// values always get equal scores. If many customers share a value, several thresholds coincide,
/// and nobody gets the scores between them.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RfmCuts {
    /// Days since the last purchase.
    pub recency: Vec<f64>,
    /// Numbers of purchases.
    pub frequency: Vec<f64>,
    /// In the log's currency.
    pub monetary: Vec<f64>,
}

impl RfmCuts {
    /// How many scores each figure has.
    pub(super) fn scores(&self) -> [usize; 3] {
        [&self.recency, &self.frequency, &self.monetary].map(|cuts| cuts.len() + 1)
    }

    /// The scores of a customer, each from 1 (worst).
    pub(super) fn score(&self, recency: f64, frequency: f64, monetary: f64) -> [u8; 3] {
        let below = |cuts: &[f64], value: f64| cuts.partition_point(|&cut| cut < value);
        let r = self.recency.len() + 1 - below(&self.recency, recency);
        let f = below(&self.frequency, frequency) + 1;
        let m = below(&self.monetary, monetary) + 1;
        [r, f, m].map(|score| score as u8)
    }
}

/// Refuses thresholds that part nothing; those of a user must rise.
pub(super) fn check(name: &'static str, cuts: &[f64], may_coincide: bool) -> Result<()> {
    let shown = || {
        let cuts: Vec<String> = cuts.iter().take(MOST_SCORES).map(f64::to_string).collect();
        format!("[{}]", cuts.join(", "))
    };
    if !(1..MOST_SCORES).contains(&cuts.len()) {
        let expected = format!("1 to {} thresholds", MOST_SCORES - 1);
        return Err(Error::argument(name, shown(), expected));
    }
    let rises = |pair: &[f64]| pair[0] < pair[1] || may_coincide && pair[0] == pair[1];
    if !cuts.iter().all(|cut| cut.is_finite()) || !cuts.windows(2).all(rises) {
        return Err(Error::argument(name, shown(), "finite thresholds, each above the one before"));
    }
    Ok(())
}

/// The thresholds between so many parts of equal size: the quantiles i / parts by linear
/// interpolation, as `numpy.quantile` has them by default (type 7 of Hyndman and Fan 1996).
pub(super) fn quantiles(values: &[f64], parts: usize) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.par_sort_unstable_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return Vec::new() };
    let quantile = |i: usize| {
        // In whole numbers, so that a quantile that is a value is that value to the bit.
        let (place, rest) = (last * i / parts, last * i % parts);
        let (low, high) = (sorted[place], sorted[(place + 1).min(last)]);
        match rest as f64 / parts as f64 {
            0.0 => low,
            part if part < 0.5 => low + (high - low) * part,
            part => high - (high - low) * (1.0 - part),
        }
    };
    (1..parts).map(quantile).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NumPy 2: `numpy.quantile([...], [.2, .4, .6, .8])` and quartiles.
    #[test]
    fn quantiles_are_those_of_numpy() {
        let values = [12.0, 1.0, 7.5, 3.0, 3.0, 40.0, 8.0];
        let expected = [3.0, 4.8, 7.8, 11.2];
        for (found, expected) in quantiles(&values, 5).into_iter().zip(expected) {
            approx::assert_relative_eq!(found, expected, max_relative = 1e-14);
        }
        assert_eq!(quantiles(&values, 4), [3.0, 7.5, 10.0]);
        assert_eq!(quantiles(&[5.0], 3), [5.0, 5.0]);
        assert_eq!(quantiles(&[], 3), [0.0; 0]);
    }

    #[test]
    fn intervals_are_closed_on_the_right() {
        let cuts = RfmCuts {
            recency: vec![30.0, 90.0],
            frequency: vec![1.0, 1.0, 4.0],
            monetary: vec![0.0],
        };
        assert_eq!(cuts.score(30.0, 1.0, 0.0), [3, 1, 1]);
        assert_eq!(cuts.score(30.5, 2.0, 0.01), [2, 3, 2]);
        assert_eq!(cuts.score(91.0, 5.0, -3.0), [1, 4, 1]);
    }

    #[test]
    fn thresholds_that_part_nothing_are_refused() {
        for cuts in [&[][..], &[0.0; 9], &[2.0, 1.0], &[1.0, 1.0], &[f64::NAN], &[f64::INFINITY]] {
            let error = check("recency_cuts", cuts, false).unwrap_err();
            assert!(error.to_string().starts_with("recency_cuts: expected "), "{error}");
        }
        assert!(check("recency_cuts", &[1.0, 1.0], true).is_ok());
    }
}
