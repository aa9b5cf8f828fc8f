//! Does what a model sees still look like what it was trained on?

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::stats::chi_squared_quantile;

/// Added to the count of every bin, so that no share is 0.
const PRIOR: f64 = 0.5;

/// How to read a population stability index by the usual thresholds (Siddiqi 2006, "Credit Risk
/// Scorecards"), if it is larger than chance explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stability {
    /// Below 0.1, or within chance.
    Stable,
    /// From 0.1 to below 0.25: look into it.
    Moderate,
    /// 0.25 or more: the model sees another population.
    Major,
}

impl Stability {
    /// `stable`, `moderate` or `major`.
    pub const fn name(self) -> &'static str {
        match self {
            Stability::Stable => "stable",
            Stability::Moderate => "moderate",
            Stability::Major => "major",
        }
    }
}

impl fmt::Display for Stability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How far a distribution has moved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StabilityIndex {
    /// Σ (aᵢ − eᵢ) ln(aᵢ / eᵢ) over bins with shares eᵢ then and aᵢ now: 0 when nothing moved.
    pub psi: f64,
    /// The value it stays below, with the stated confidence, when nothing moved and rows are
    /// independent: (1/n + 1/m)·χ², with one degree of freedom fewer than there are bins (Yurdakul
    /// and Naranjo 2020, "Statistical properties of the population stability index", J. Risk Model
    /// Validation 14).
    pub critical_value: f64,
    /// How to read it.
    pub stability: Stability,
}

/// The population stability index of counts in the same bins, then (`expected`) and now (`actual`).
///
/// Half a row is added to every bin before shares are computed, so empty bins count and nothing is
/// infinite; bins that are empty in both do not count. `level` is the probability of reporting a
/// distribution as moved when it has not, above 0 and below 1 (usually 0.01).
///
/// ```
/// use winback::metrics::{Stability, population_stability_index};
/// let then = [100, 100, 100, 100];
/// let found = population_stability_index(&then, &[110, 90, 105, 95], 0.01)?;
/// assert_eq!(found.stability, Stability::Stable);
/// let found = population_stability_index(&then, &[10, 90, 100, 200], 0.01)?;
/// assert_eq!(found.stability, Stability::Major);
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] for different numbers of bins; [`Error::TooLittleData`] when all counts on one
/// side are 0; [`Error::Argument`] for a `level` that is not a probability.
pub fn population_stability_index(
    expected: &[u64],
    actual: &[u64],
    level: f64,
) -> Result<StabilityIndex> {
    if expected.len() != actual.len() {
        let (n, m) = (expected.len(), actual.len());
        return Err(Error::Shape(format!("expected has {n} bins, actual has {m}")));
    }
    if !(level > 0.0 && level < 1.0) {
        return Err(Error::argument("level", level, "above 0 and below 1 (0.01 is usual)"));
    }
    let sum = |counts: &[u64]| counts.iter().map(|&count| count as f64).sum::<f64>();
    let (n, m) = (sum(expected), sum(actual));
    if n == 0.0 || m == 0.0 {
        return Err(Error::TooLittleData("a distribution of no rows cannot be compared".into()));
    }
    let bins: Vec<(f64, f64)> = expected
        .iter()
        .zip(actual)
        .filter(|(e, a)| **e + **a > 0)
        .map(|(&e, &a)| (e as f64 + PRIOR, a as f64 + PRIOR))
        .collect();
    let count = bins.len() as f64;
    let psi = bins.iter().map(|(e, a)| {
        let (e, a) = (e / (n + PRIOR * count), a / (m + PRIOR * count));
        (a - e) * (a / e).ln()
    });
    let psi: f64 = psi.sum();
    let critical_value =
        (1.0 / n + 1.0 / m) * chi_squared_quantile(1.0 - level, bins.len().saturating_sub(1));
    let stability = match psi {
        psi if psi <= critical_value || psi < 0.1 => Stability::Stable,
        psi if psi < 0.25 => Stability::Moderate,
        _ => Stability::Major,
    };
    Ok(StabilityIndex { psi, critical_value, stability })
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_index_is_the_sum_over_bins() {
        // By hand, of shares with half a row added: (10.5, 20.5, 0.5)/31.5 and (30.5, 10.5, 5.5)/46.5;
        // the critical value by scipy's chi2.ppf(.99, 2) = 9.21034037197618.
        let found = population_stability_index(&[10, 20, 0, 0], &[30, 10, 5, 0], 0.01).unwrap();
        let term = |e: f64, a: f64| (a - e) * (a / e).ln();
        let by_hand = term(10.5 / 31.5, 30.5 / 46.5)
            + term(20.5 / 31.5, 10.5 / 46.5)
            + term(0.5 / 31.5, 5.5 / 46.5);
        assert_relative_eq!(found.psi, by_hand, max_relative = 1e-12);
        let critical = (1.0 / 30.0 + 1.0 / 45.0) * 9.210_340_371_976_18;
        assert_relative_eq!(found.critical_value, critical, max_relative = 1e-10);
        assert_eq!(found.stability, Stability::Major);
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        let refused = |e: &[u64], a: &[u64], level| population_stability_index(e, a, level);
        assert!(matches!(refused(&[1], &[1, 2], 0.01), Err(Error::Shape(_))));
        assert!(matches!(refused(&[0, 0], &[1, 2], 0.01), Err(Error::TooLittleData(_))));
        for level in [0.0, 1.0, f64::NAN] {
            let error = refused(&[1, 2], &[1, 2], level);
            assert!(matches!(error, Err(Error::Argument { name: "level", .. })));
        }
    }

    /// Chance alone passes the critical value about as often as stated.
    #[test]
    fn chance_passes_the_critical_value_as_often_as_stated() {
        let draw = |seed: u64, rows: u64| {
            let mut counts = [0; 10];
            (0..rows)
                .for_each(|i| counts[(crate::hash::draw(seed * 1_000_003 + i) % 10) as usize] += 1);
            counts
        };
        let passed = (0..2_000)
            .filter(|&i| {
                let (then, now) = (draw(2 * i, 2_000), draw(2 * i + 1, 1_000));
                let found = population_stability_index(&then, &now, 0.05).unwrap();
                found.psi > found.critical_value
            })
            .count();
        // 100 ± 4 standard deviations of 9.7.
        assert!((61..=139).contains(&passed), "{passed} of 2,000");
    }

    proptest! {
        #[test]
        fn prop_the_index_is_never_negative_and_0_only_when_nothing_moved(
            then in proptest::collection::vec(1u64..1_000, 2..12),
            factor in 1u64..5,
        ) {
            let same = population_stability_index(&then, &then, 0.01).unwrap();
            prop_assert!(same.psi == 0.0);
            let mut moved = then.clone();
            moved[0] += 1_000 * factor;
            let moved = population_stability_index(&then, &moved, 0.01).unwrap();
            prop_assert!(moved.psi > 0.0);
        }
    }
}
