//! Whether the share of vulnerable customers rose by more than chance explains.

use crate::stats::{ShareChange, upper_tail, wilson_interval};

/// The shares of vulnerable customers at two cutoffs, and whether the second is higher by more than
/// chance explains.
///
/// Most customers are in both bases, so the shares are compared with their covariance. With the
/// share in both bases together, p = (V₁ + V₂) / (n₁ + n₂), and x = 1 for vulnerable, the rise d =
/// V₂/n₂ − V₁/n₁ has, if nothing changed, the variance p (1 − p) (1/n₁ + 1/n₂) − 2 Σ (x₁ − p)(x₂ −
/// p) / (n₁ n₂), with the sum over the customers in both bases. The test is one-sided, z = d / its
/// root. If the same customers are in both bases, it is McNemar's test (1947) without correction;
/// if nobody is, the test of two independent shares; in between, that of Derrick et al. (2015) for
/// partially overlapping samples.
///
/// A rise beyond chance need not be a large one: among millions of customers any rise is beyond
/// chance. Read its interval, and compare with the same months a year before, because customer
/// bases have seasons.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Alarm {
    /// Customers of the base at the first cutoff, and how many of them are vulnerable.
    pub before: (u64, u64),
    /// The same at the second cutoff.
    pub after: (u64, u64),
    /// Customers in both bases who became vulnerable in between.
    pub became: u64,
    /// Customers in both bases who are no longer vulnerable.
    pub recovered: u64,
    /// The rise of the share, d.
    pub rise: f64,
    /// Its 95 % interval by Wald, from each base's own share; where that has no width (nobody
    /// differs or changed), as far as Wilson's intervals of none in each base allow.
    pub rise_interval: (f64, f64),
    /// z = d / its standard error if nothing changed; 0 if there is no variance.
    pub z: f64,
    /// Probability of a z this high or higher if nothing changed.
    pub p_value: f64,
    /// The level: the alarm goes off if the p-value is below it.
    pub level: f64,
}

impl Alarm {
    /// All figures of the alarm, by name.
    pub(super) fn figures(&self) -> serde_json::Value {
        let ((before, before_ends), (after, after_ends)) =
            (self.share_before(), self.share_after());
        serde_json::json!({
            "rings": self.rings(),
            "customers_before": self.before.0,
            "customers_after": self.after.0,
            "vulnerable_before": self.before.1,
            "vulnerable_after": self.after.1,
            "became": self.became,
            "recovered": self.recovered,
            "share_before": before,
            "share_before_low": before_ends.0,
            "share_before_high": before_ends.1,
            "share_after": after,
            "share_after_low": after_ends.0,
            "share_after_high": after_ends.1,
            "rise": self.rise,
            "rise_low": self.rise_interval.0,
            "rise_high": self.rise_interval.1,
            "z": self.z,
            "p_value": self.p_value,
            "level": self.level,
        })
    }

    /// Whether the rise is more than chance explains.
    pub fn rings(&self) -> bool {
        self.p_value < self.level
    }

    /// Share of vulnerable customers at the first cutoff, with its 95 % Wilson interval.
    pub fn share_before(&self) -> (f64, (f64, f64)) {
        share(self.before)
    }

    /// Share of vulnerable customers at the second cutoff, with its 95 % Wilson interval.
    pub fn share_after(&self) -> (f64, (f64, f64)) {
        share(self.after)
    }

    /// From every customer's vulnerability at both cutoffs; none: not in the base then. None
    /// where a base is empty.
    pub(super) fn new(
        customers: impl Iterator<Item = ((Option<bool>, Option<bool>), u64)>,
        level: f64,
    ) -> Option<Self> {
        let (mut before, mut after) = ((0, 0), (0, 0));
        // Of those in both bases, by vulnerability then and now.
        let mut both = [[0u64; 2]; 2];
        for ((then, now), n) in customers {
            if let Some(vulnerable) = then {
                before = (before.0 + n, before.1 + u64::from(vulnerable) * n);
            }
            if let Some(vulnerable) = now {
                after = (after.0 + n, after.1 + u64::from(vulnerable) * n);
            }
            if let (Some(then), Some(now)) = (then, now) {
                both[usize::from(then)][usize::from(now)] += n;
            }
        }
        if before.0 == 0 || after.0 == 0 {
            return None;
        }
        let change = ShareChange::new(before, after, both);
        let [[_, became], [recovered, _]] = both;
        Some(Alarm {
            before,
            after,
            became,
            recovered,
            rise: change.rise,
            rise_interval: change.interval,
            z: change.z,
            p_value: upper_tail(change.z),
            level,
        })
    }
}

fn share((n, vulnerable): (u64, u64)) -> (f64, (f64, f64)) {
    // A base is never empty.
    let interval = wilson_interval(vulnerable, n).unwrap_or((0.0, 1.0));
    (vulnerable as f64 / n as f64, interval)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    type Customer = (Option<bool>, Option<bool>);

    fn alarm(groups: &[(Customer, usize)]) -> Alarm {
        Alarm::new(groups.iter().map(|&(of, n)| (of, n as u64)), 0.01).unwrap()
    }

    const NO: Option<bool> = Some(false);
    const YES: Option<bool> = Some(true);

    /// statsmodels 0.15, `mcnemar([[50, 30], [12, 28]], exact=False, correction=False)`: statistic
    /// 7.714285714285714, two-sided p .00547855324254737; the interval by `OLS(...).fit(
    /// cov_type="cluster", cov_kwds={"groups": customer, "use_correction": False}, use_t=False)`.
    #[test]
    fn the_same_customers_are_mcnemar_s_test() {
        let found = alarm(&[((NO, NO), 50), ((NO, YES), 30), ((YES, NO), 12), ((YES, YES), 28)]);
        assert_relative_eq!(found.z * found.z, 7.714285714285714, max_relative = 1e-12);
        assert_relative_eq!(found.p_value, 0.00547855324254737 / 2.0, max_relative = 1e-10);
        assert_relative_eq!(found.rise, 0.15, max_relative = 1e-12);
        assert_relative_eq!(found.rise_interval.0, 0.04760868511044836, max_relative = 1e-9);
        assert_relative_eq!(found.rise_interval.1, 0.25239131488954925, max_relative = 1e-9);
        assert!(found.rings());
        assert_eq!((found.became, found.recovered), (30, 12));
    }

    /// statsmodels 0.15, `proportions_ztest([55, 40], [150, 150], alternative="larger")`.
    #[test]
    fn different_customers_are_the_test_of_two_shares() {
        let found =
            alarm(&[((NO, None), 110), ((YES, None), 40), ((None, NO), 95), ((None, YES), 55)]);
        assert_relative_eq!(found.z, 1.8617148085142723, max_relative = 1e-12);
        assert_relative_eq!(found.p_value, 0.03132165006131204, max_relative = 1e-10);
        assert!(!found.rings());
    }

    /// The interval by statsmodels as above; z from the formula in `Alarm`, in numpy.
    #[test]
    fn bases_may_overlap_in_part() {
        let found = alarm(&[
            ((NO, NO), 50),
            ((NO, YES), 30),
            ((YES, NO), 12),
            ((YES, YES), 28),
            ((None, NO), 25),
            ((None, YES), 5),
            ((YES, None), 4),
        ]);
        assert_relative_eq!(found.rise, 0.06516129032257952, max_relative = 1e-10);
        assert_relative_eq!(found.rise_interval.0, -0.03392588646345639, max_relative = 1e-9);
        assert_relative_eq!(found.rise_interval.1, 0.1642484671086154, max_relative = 1e-9);
        assert_relative_eq!(found.z, 1.267531995040014, max_relative = 1e-10);
        assert!(!found.rings());
    }

    #[test]
    fn a_base_in_which_nobody_changes_does_not_ring() {
        let found = alarm(&[((NO, NO), 20), ((YES, YES), 7)]);
        assert_eq!((found.rise, found.z, found.p_value), (0.0, 0.0, 0.5));
        assert!(Alarm::new([((None, YES), 1)].into_iter(), 0.01).is_none());
    }

    proptest! {
        #[test]
        fn prop_a_fall_is_a_rise_backwards(
            counts in proptest::collection::vec(0usize..60, 8),
        ) {
            let kinds = [
                (NO, NO), (NO, YES), (YES, NO), (YES, YES),
                (None, NO), (None, YES), (NO, None), (YES, None),
            ];
            let groups: Vec<_> = kinds.into_iter().zip(counts).collect();
            let backwards: Vec<_> =
                groups.iter().map(|&((then, now), n)| ((now, then), n)).collect();
            let of = |groups: &[(Customer, usize)]| {
                Alarm::new(groups.iter().map(|&(of, n)| (of, n as u64)), 0.01)
            };
            let (Some(there), Some(back)) = (of(&groups), of(&backwards)) else { return Ok(()) };
            prop_assert!((there.z + back.z).abs() < 1e-9);
            prop_assert!((there.p_value + back.p_value - 1.0).abs() < 1e-9);
            prop_assert!(there.rise_interval.0 <= there.rise + 1e-12);
            prop_assert!(there.rise <= there.rise_interval.1 + 1e-12);
        }
    }
}
