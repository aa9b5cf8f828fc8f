//! The gaps between purchase days: what of the rhythm follows from the purchases alone, whatever the
//! cutoff.

use crate::stats::ln;

const NAN: f64 = f64::NAN;

/// NaN where there are too few days.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gaps {
    /// Number of purchase days.
    pub(super) days: usize,
    pub(super) first_day: i64,
    pub(super) last_day: i64,
    pub(super) mean: f64,
    /// Coefficient of variation.
    pub(super) cv: f64,
    pub(super) last: f64,
    pub(super) longest: f64,
    /// The sum of gap · ln gap, if clumpiness is wanted.
    gap_ln_gap: f64,
}

impl Gaps {
    /// Of some days, rising.
    pub(super) fn between(days: &[i64], for_clumpiness: bool) -> Self {
        let (first_day, last_day) =
            (days.first().copied().unwrap_or(0), days.last().copied().unwrap_or(0));
        let gaps = || days.windows(2).map(|pair| pair[1] - pair[0]);
        let count = gaps().len() as f64;
        let mean = (last_day - first_day) as f64 / count;
        let (mut squares, mut gap_ln_gap, mut longest) = (0.0, 0.0, 0);
        for gap in gaps() {
            squares += (gap as f64 - mean).powi(2);
            longest = longest.max(gap);
            if for_clumpiness {
                gap_ln_gap += gap as f64 * ln(gap as usize);
            }
        }
        let (mean, longest) = if days.len() > 1 { (mean, longest as f64) } else { (NAN, NAN) };
        Gaps {
            days: days.len(),
            first_day,
            last_day,
            mean,
            cv: if days.len() > 2 { (squares / (count - 1.0)).sqrt() / mean } else { NAN },
            last: gaps().next_back().map_or(NAN, |gap| gap as f64),
            longest,
            gap_ln_gap,
        }
    }

    /// Zhang, Bradlow and Small (2015) on the purchase days after the first; `end` is the first day
    /// after the observed ones.
    pub(super) fn clumpiness(&self, end: i64) -> f64 {
        if self.days < 2 {
            return NAN;
        }
        // 1 + Σ s ln s / ln n with the shares s = d / D is 1 + (Σ d ln d / D − ln D) / ln n.
        let (last, whole) = (end - self.last_day, end - self.first_day);
        let sum = self.gap_ln_gap + last as f64 * ln(last as usize);
        1.0 + (sum / whole as f64 - ln(whole as usize)) / ln(self.days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the formula in Zhang, Bradlow and Small (2015), `N` = 99: the origin is day 0.
    #[test]
    fn clumpiness_of_published_patterns() {
        let h = |events: &[i64]| {
            let days: Vec<i64> = std::iter::once(0).chain(events.iter().copied()).collect();
            Gaps::between(&days, true).clumpiness(100)
        };
        let even: Vec<i64> = (1..10).map(|i| i * 10).collect();
        approx::assert_abs_diff_eq!(h(&even), 0.0, epsilon = 1e-12);
        let early: Vec<i64> = (1..10).collect();
        approx::assert_relative_eq!(h(&early), 0.7827276670, max_relative = 1e-9);
        approx::assert_relative_eq!(
            h(&[10, 11, 12, 70, 71, 72]),
            0.4414760269,
            max_relative = 1e-9
        );
    }
}
