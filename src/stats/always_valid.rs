//! Intervals that may be looked at as often as one likes: the mixture sequential probability ratio
//! test (Robbins 1970; Johari and others 2022).
//!
//! The effect is thought of as drawn from a normal distribution around 0 with the variance τ². The
//! chance that an interval ever misses is at most the level, whatever τ; with a τ near the effect
//! it is narrow. τ is to be fixed before the outcomes are seen.

/// How far the interval reaches from an estimate with this variance.
pub(crate) fn always_valid_reach(variance: f64, tau: f64, level: f64) -> f64 {
    let (square, all) = (tau * tau, variance + tau * tau);
    (variance * all / square * ((all / variance).ln() - 2.0 * level.ln())).sqrt()
}

/// The p value that may be looked at at any time: the inverse of the likelihood ratio, at most 1.
pub(crate) fn always_valid_p_value(difference: f64, variance: f64, tau: f64) -> f64 {
    let (square, all) = (tau * tau, variance + tau * tau);
    let log_ratio =
        0.5 * (variance / all).ln() + square * difference * difference / (2.0 * variance * all);
    (-log_ratio).exp().min(1.0)
}

/// The τ whose interval of 95 % is narrowest when the estimate has this variance.
pub(crate) fn narrowest_tau(variance: f64) -> f64 {
    /// τ² / V at which the derivative of the reach at level 0.05 is 0.
    const RATIO: f64 = 8.211968062068253;
    (RATIO * variance).sqrt()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    /// Of the formulas, computed with numpy 2.2.6.
    #[test]
    fn values_of_the_reference() {
        for (difference, variance, square, p, half) in [
            (0.076589563652, 1.146369821679e-05, 1e-4, 6.4215802335e-100, 0.010277233474),
            (0.003111057511, 6.767658805806e-07, 4e-6, 5.8028600199e-03, 0.002504078942),
            (0.01, 1e-4, 1e-4, 1.0, 0.036563948714),
        ] {
            let tau = f64::sqrt(square);
            let found = always_valid_p_value(difference, variance, tau);
            assert!((found / p - 1.0).abs() < 1e-6, "{found}");
            let found = always_valid_reach(variance, tau, 0.05);
            assert_relative_eq!(found, half, max_relative = 1e-9);
        }
    }

    proptest! {
        #[test]
        fn prop_no_other_tau_is_narrower(variance in 1e-8..1e3f64, factor in 0.01..100.0f64) {
            let best = narrowest_tau(variance);
            let reach = |tau| always_valid_reach(variance, tau, 0.05);
            prop_assert!(reach(best) <= reach(best * factor) * (1.0 + 1e-9));
        }

        #[test]
        fn prop_the_p_value_meets_the_interval(d in 0.0..1.0f64, variance in 1e-4..0.1f64, tau in 0.01..1.0f64) {
            let outside = d > always_valid_reach(variance, tau, 0.05);
            let p = always_valid_p_value(d, variance, tau);
            prop_assert!(outside == (p < 0.05) || (p - 0.05).abs() < 1e-9);
        }
    }
}
