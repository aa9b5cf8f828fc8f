//! Whether two shares differ, for samples that may have members in common.

use super::normal::Z95;
use super::rates::wilson_of_share;

/// A share at two times: how far it rose, and how surely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ShareChange {
    pub(crate) rise: f64,
    /// The rise's 95 % interval by Wald, from each sample's own share; where that has no width, for
    /// nobody differs or changed, the rise ± the root of the sum of the squared upper ends of
    /// Wilson's intervals of none in each sample.
    pub(crate) interval: (f64, f64),
    /// The rise in standard errors as they are if nothing changed; 0 where there is no variance.
    pub(crate) z: f64,
}

impl ShareChange {
    /// Of samples with so many members, and so many of them that count; neither is empty. `both`
    /// holds the members of both samples by whether they counted before and count after.
    ///
    /// With the common share p the rise has, if nothing changed, the variance
    /// p (1 − p) (1/n₁ + 1/n₂) − 2 Σ (x₁ − p)(x₂ − p) / (n₁ n₂), the sum over the members of both:
    /// McNemar's test (1947) of the same members, the usual test of two shares of different ones,
    /// that of Derrick et al. (2015) between the two.
    pub(crate) fn new(before: (u64, u64), after: (u64, u64), both: [[u64; 2]; 2]) -> Self {
        let (n1, n2) = (before.0 as f64, after.0 as f64);
        let (p1, p2) = (before.1 as f64 / n1, after.1 as f64 / n2);
        let [[none, became], [recovered, stayed]] = both;
        let covariance = |p1: f64, p2: f64| {
            let of = |count: u64, x1: f64, x2: f64| count as f64 * (x1 - p1) * (x2 - p2);
            (of(none, 0.0, 0.0)
                + of(became, 0.0, 1.0)
                + of(recovered, 1.0, 0.0)
                + of(stayed, 1.0, 1.0))
                / (n1 * n2)
        };
        let rise = p2 - p1;
        let p = (before.1 + after.1) as f64 / (n1 + n2);
        let unchanged = p * (1.0 - p) * (1.0 / n1 + 1.0 / n2) - 2.0 * covariance(p, p);
        let own = p1 * (1.0 - p1) / n1 + p2 * (1.0 - p2) / n2 - 2.0 * covariance(p1, p2);
        // Less than this is rounding: nobody changed.
        let rounding = 1e-15 / n1.min(n2);
        let of_none = |n: f64| wilson_of_share(0.0, n).1;
        let half = match own > rounding {
            true => Z95 * own.sqrt(),
            false => of_none(n1).hypot(of_none(n2)),
        };
        let varies = unchanged > rounding;
        ShareChange {
            rise,
            interval: ((rise - half).max(-1.0), (rise + half).min(1.0)),
            z: if varies { rise / unchanged.sqrt() } else { 0.0 },
        }
    }
}
