//! Shares of counts and their precision.

use super::normal::Z95;

/// Wilson's 95 % interval of a share, for `successes` in `n` independent trials.
///
/// With p = successes / n and z = 1.96 its ends are (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 +
/// z²/n). They lie between 0 and 1, and make sense even where nobody or everybody succeeded (Wilson
/// 1927, "Probable inference, the law of succession, and statistical inference", JASA 22).
///
/// None for `n` = 0, or if there are more successes than trials.
///
/// ```
/// use winback::stats::wilson_interval;
/// let (low, high) = wilson_interval(3, 10).unwrap();
/// assert!((low - 0.1078).abs() < 1e-4 && (high - 0.6032).abs() < 1e-4);
/// assert_eq!(wilson_interval(0, 0), None);
/// ```
pub fn wilson_interval(successes: u64, n: u64) -> Option<(f64, f64)> {
    if n == 0 || successes > n {
        return None;
    }
    Some(wilson_of_share(successes as f64 / n as f64, n as f64))
}

/// The same for a share p of so many trials; no whole number of them where trials depend on each
/// other and so are worth fewer independent ones.
pub(crate) fn wilson_of_share(p: f64, trials: f64) -> (f64, f64) {
    wilson_at(p, trials, Z95)
}

/// The same of another level, by how many standard errors it reaches.
pub(super) fn wilson_at(p: f64, trials: f64, z: f64) -> (f64, f64) {
    let z2 = z * z;
    let middle = p + z2 / (2.0 * trials);
    let reach = z * (p * (1.0 - p) / trials + z2 / (4.0 * trials * trials)).sqrt();
    let scale = 1.0 + z2 / trials;
    // Of none and of all, rounding must not move the end that is known.
    let low = if p == 0.0 { 0.0 } else { ((middle - reach) / scale).max(0.0) };
    let high = if p == 1.0 { 1.0 } else { ((middle + reach) / scale).min(1.0) };
    (low, high)
}

/// As how many independent values `n` values of so many customers count, where those of one customer
/// are alike: `variance` is that of a value, `between` that of their mean by what differs between
/// customers. At most `n`; the number of customers where nothing differs, or there is one only.
pub(crate) fn effective_number(n: f64, customers: f64, variance: f64, between: f64) -> f64 {
    /// Of a variance; less of it is rounding.
    const NOTHING: f64 = 1e-12;
    if customers == n || customers <= 1.0 || between <= NOTHING * variance {
        return customers;
    }
    (variance / between * (customers - 1.0) / customers).clamp(1.0, n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// statsmodels 0.15.0, `proportion_confint(method="wilson")`.
    #[test]
    fn wilson_intervals_of_statsmodels() {
        for (successes, n, low, high) in [
            (0, 10, 0.0, 0.27753279986288926),
            (3, 10, 0.10779126740630104, 0.6032218525388546),
            (10, 10, 0.7224672001371106, 1.0),
            (517, 2266, 0.2113457084027746, 0.2458851060171493),
        ] {
            let found = wilson_interval(successes, n).unwrap();
            assert!((found.0 - low).abs() < 1e-12 && (found.1 - high).abs() < 1e-12, "{found:?}");
        }
        assert_eq!(wilson_interval(0, 0), None);
        assert_eq!(wilson_interval(2, 1), None);
    }

    proptest! {
        #[test]
        fn prop_an_interval_holds_its_share_and_mirrors(n in 1u64..10_000, part in 0.0..=1.0) {
            let successes = (n as f64 * part) as u64;
            let (low, high) = wilson_interval(successes, n).unwrap();
            let share = successes as f64 / n as f64;
            prop_assert!(0.0 <= low && low <= share && share <= high && high <= 1.0);
            prop_assert!(low < high);
            let (mirrored, _) = wilson_interval(n - successes, n).unwrap();
            prop_assert!((mirrored - (1.0 - high)).abs() < 1e-12);
        }
    }
}
