//! Two means compared, of samples whose variances may differ.

use super::exact_sum::exact_sum;
use super::student::{student_quantile, student_two_sided};

/// A mean, its variance, and the degrees of freedom of that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mean {
    pub(crate) mean: f64,
    /// Of the mean, not of a value.
    pub(crate) variance: f64,
    pub(crate) degrees: f64,
}

impl Mean {
    /// Of a sample of two or more; sums are exact, so their order does not matter.
    pub(crate) fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let n = values.clone().count() as f64;
        let mean = exact_sum(values.clone()) / n;
        let squares = exact_sum(values.map(|value| (value - mean).powi(2)));
        Mean { mean, variance: squares / (n - 1.0) / n, degrees: n - 1.0 }
    }
}

/// The difference of two means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MeanDifference {
    pub(crate) difference: f64,
    pub(crate) standard_error: f64,
    /// By Welch and Satterthwaite; no whole number.
    pub(crate) degrees: f64,
}

impl MeanDifference {
    /// Of two samples with variances of their own (Welch 1947).
    pub(crate) fn new(one: Mean, zero: Mean) -> Self {
        let variance = one.variance + zero.variance;
        let own = |of: Mean| of.variance * of.variance / of.degrees;
        let degrees = match variance > 0.0 {
            true => variance * variance / (own(one) + own(zero)),
            false => one.degrees + zero.degrees,
        };
        MeanDifference {
            difference: one.mean - zero.mean,
            standard_error: variance.sqrt(),
            degrees,
        }
    }

    pub(crate) fn p_value(&self) -> f64 {
        match self.standard_error > 0.0 {
            true => student_two_sided(self.difference / self.standard_error, self.degrees),
            // No value differs from its arm's mean.
            false => f64::from(u8::from(self.difference == 0.0)),
        }
    }

    /// How many standard errors the interval that misses with the chance `level` reaches.
    pub(crate) fn reach(&self, level: f64) -> f64 {
        student_quantile(level, self.degrees)
    }
}

/// The interval of the ratio of two means − 1 by Fieller (1954); none where the denominator may be 0,
/// for then there is no end to it.
pub(crate) fn fieller_lift_interval(one: Mean, zero: Mean, reach: f64) -> Option<(f64, f64)> {
    let square = reach * reach;
    let a = zero.mean * zero.mean - square * zero.variance;
    if a <= 0.0 {
        return None;
    }
    let b = one.mean * zero.mean;
    let c = one.mean * one.mean - square * one.variance;
    let root = (b * b - a * c).max(0.0).sqrt();
    Some(((b - root) / a - 1.0, (b + root) / a - 1.0))
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::super::normal::Z95;
    use super::*;

    fn hillstrom(mean: f64, sd: f64, n: f64) -> Mean {
        Mean { mean, variance: sd * sd / n, degrees: n - 1.0 }
    }

    /// Spend of Hillstrom's e-mail test: statsmodels 0.15 (`CompareMeans`, `usevar="unequal"`).
    #[test]
    fn spend_of_hillstrom() {
        let one = hillstrom(1.4226165110, 17.7542051037, 21_307.0);
        let zero = hillstrom(0.6527893551, 11.5881996813, 21_306.0);
        let found = MeanDifference::new(one, zero);
        assert_relative_eq!(found.difference, 0.769827155895, max_relative = 1e-9);
        assert_relative_eq!(found.standard_error, 0.145246560249, max_relative = 1e-9);
        assert_relative_eq!(found.degrees, 36671.157977, max_relative = 1e-9);
        assert_relative_eq!(found.p_value(), 1.1638149682e-07, max_relative = 1e-7);
        let half = found.reach(0.05) * found.standard_error;
        assert_relative_eq!(found.difference - half, 0.4851397325684067, max_relative = 1e-8);
        let (low, high) = fieller_lift_interval(one, zero, Z95).unwrap();
        assert_relative_eq!(low, 0.6436904379, max_relative = 1e-8);
        assert_relative_eq!(high, 1.9774473611, max_relative = 1e-8);
    }

    #[test]
    fn a_mean_that_may_be_0_has_no_lift() {
        let one = hillstrom(1.0, 1.0, 100.0);
        let zero = hillstrom(0.1, 10.0, 100.0);
        assert_eq!(fieller_lift_interval(one, zero, Z95), None);
        let same = Mean { variance: 0.0, ..one };
        assert_eq!(MeanDifference::new(same, same).p_value(), 1.0);
        assert_eq!(MeanDifference::new(same, Mean { mean: 2.0, ..same }).p_value(), 0.0);
    }

    proptest! {
        /// Fieller's interval leaves out "no lift" exactly where the test of a difference rejects.
        #[test]
        fn prop_lift_and_difference_agree(a in 0.5..3.0f64, b in 0.5..3.0f64, v in 1e-4..0.1f64, w in 1e-4..0.02f64) {
            let (one, zero) =
                (Mean { mean: a, variance: v, degrees: 50.0 }, Mean { mean: b, variance: w, degrees: 50.0 });
            let found = MeanDifference::new(one, zero);
            let reach = found.reach(0.05);
            if let Some((low, high)) = fieller_lift_interval(one, zero, reach) {
                let outside = low > 0.0 || high < 0.0;
                prop_assert_eq!(outside, found.difference.abs() > reach * found.standard_error);
            }
        }

        #[test]
        fn prop_order_does_not_matter(mut values in prop::collection::vec(-1e6..1e6f64, 2..50)) {
            let before = Mean::of(values.iter().copied());
            values.reverse();
            prop_assert_eq!(before, Mean::of(values.iter().copied()));
        }
    }
}
