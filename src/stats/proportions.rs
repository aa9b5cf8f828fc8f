//! Two shares compared: their difference, how surely it is one, and their ratio.

use super::normal::upper_tail;
use super::rates::wilson_at;

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Share {
    pub(crate) successes: f64,
    pub(crate) n: f64,
}

impl Share {
    pub(crate) fn share(self) -> f64 {
        self.successes / self.n
    }

    /// The variance of the share, with its own p.
    pub(crate) fn variance(self) -> f64 {
        self.share() * (1.0 - self.share()) / self.n
    }
}

/// Newcombe's interval of p₁ − p₀ (1998, method 10): from Wilson's of each, so that it makes sense
/// even where nobody or everybody did. `z` is how many standard errors it reaches.
pub(crate) fn newcombe_interval(one: Share, zero: Share, z: f64) -> (f64, f64) {
    let (p1, p0) = (one.share(), zero.share());
    let ((low1, high1), (low0, high0)) = (wilson_at(p1, one.n, z), wilson_at(p0, zero.n, z));
    let d = p1 - p0;
    (d - (p1 - low1).hypot(high0 - p0), d + (high1 - p1).hypot(p0 - low0))
}

/// The p value of the test that both shares are one, with the variance of the common share.
pub(crate) fn pooled_p_value(one: Share, zero: Share) -> f64 {
    let p = (one.successes + zero.successes) / (one.n + zero.n);
    let variance = p * (1.0 - p) * (1.0 / one.n + 1.0 / zero.n);
    if variance <= 0.0 {
        return 1.0; // nobody or everybody: nothing differs
    }
    (2.0 * upper_tail(((one.share() - zero.share()) / variance.sqrt()).abs())).min(1.0)
}

/// The interval of p₁ / p₀ − 1 by the logarithm of the ratio (Katz and others 1978); none where
/// nobody did in one of both.
pub(crate) fn log_lift_interval(one: Share, zero: Share, z: f64) -> Option<(f64, f64)> {
    if one.successes <= 0.0 || zero.successes <= 0.0 {
        return None;
    }
    let ratio = one.share() / zero.share();
    let of = |share: Share| 1.0 / share.successes - 1.0 / share.n;
    let reach = z * (of(one) + of(zero)).sqrt();
    Some((ratio * (-reach).exp() - 1.0, ratio * reach.exp() - 1.0))
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::super::normal::Z95;
    use super::*;

    const MENS: Share = Share { successes: 3_894.0, n: 21_307.0 };
    const NONE: Share = Share { successes: 2_262.0, n: 21_306.0 };

    /// Visits of Hillstrom's e-mail test: statsmodels 0.15 (`confint_proportions_2indep` with
    /// `newcomb` and `log`, `proportions_ztest`).
    #[test]
    fn values_agree_with_statsmodels() {
        let buyers =
            [Share { successes: 267.0, n: 21_307.0 }, Share { successes: 122.0, n: 21_306.0 }];
        for (one, zero, newcombe, p, lift) in [
            (MENS, NONE, (0.0699533081, 0.0832267413), 5.685165e-112, (0.6403848885, 0.8064259647)),
            (
                buyers[0],
                buyers[1],
                (0.0050143447, 0.0086407234),
                1.523224e-13,
                (0.7679840780, 1.7088424427),
            ),
        ] {
            let found = newcombe_interval(one, zero, Z95);
            assert!((found.0 - newcombe.0).abs() < 1e-10 && (found.1 - newcombe.1).abs() < 1e-10);
            assert!((pooled_p_value(one, zero) / p - 1.0).abs() < 1e-6);
            let found = log_lift_interval(one, zero, Z95).unwrap();
            assert!((found.0 - lift.0).abs() < 1e-9 && (found.1 - lift.1).abs() < 1e-9);
        }
        let wald = Z95 * (MENS.variance() + NONE.variance()).sqrt();
        assert_relative_eq!(0.076589563652 - wald, 0.0699535012, max_relative = 1e-8);
    }

    #[test]
    fn nobody_is_no_reason_for_a_difference() {
        let none = Share { successes: 0.0, n: 50.0 };
        assert_eq!(pooled_p_value(none, none), 1.0);
        assert_eq!(log_lift_interval(none, MENS, Z95), None);
        let (low, high) = newcombe_interval(none, none, Z95);
        assert!(low < 0.0 && high > 0.0);
    }

    proptest! {
        #[test]
        fn prop_arms_exchanged_change_the_sign(a in 0u32..200, b in 0u32..300) {
            let one = Share { successes: f64::from(a), n: 200.0 };
            let zero = Share { successes: f64::from(b), n: 300.0 };
            let (low, high) = newcombe_interval(one, zero, Z95);
            let (other_low, other_high) = newcombe_interval(zero, one, Z95);
            prop_assert!((low + other_high).abs() < 1e-12 && (high + other_low).abs() < 1e-12);
            prop_assert!(low <= one.share() - zero.share() && high >= one.share() - zero.share());
            prop_assert!((pooled_p_value(one, zero) - pooled_p_value(zero, one)).abs() < 1e-15);
        }
    }
}
