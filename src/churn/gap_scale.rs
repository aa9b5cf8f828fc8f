//! How long the gaps between purchases are, and a silence measured by them.

use crate::log::History;
use crate::stats::ln;

/// A silence is at least so many days.
const SHORTEST_DAYS: f64 = 0.5;
/// Gaps of all customers that count with a customer's own, for the mean and for the variance.
const PRIOR_OF_MEAN: f64 = 1.0;
const PRIOR_OF_VARIANCE: f64 = 2.0;

/// Mean and standard deviation of the logarithms of all customers' gaps between purchase days.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct GapScale {
    pub(super) mean: f64,
    pub(super) sd: f64,
}

/// The logarithms of the gaps between a customer's purchase days: their number, sum and sum of squares.
pub(super) struct LogGaps {
    pub(super) count: usize,
    pub(super) sum: f64,
    pub(super) squares: f64,
}

impl LogGaps {
    pub(super) fn of(mut purchase_days: impl Iterator<Item = i64>) -> LogGaps {
        let mut gaps = LogGaps { count: 0, sum: 0.0, squares: 0.0 };
        let Some(mut before) = purchase_days.next() else { return gaps };
        for day in purchase_days {
            let ln = ln((day - before) as usize);
            gaps.count += 1;
            gaps.sum += ln;
            gaps.squares += ln * ln;
            before = day;
        }
        gaps
    }
}

impl GapScale {
    /// Whether it can be measured by.
    pub(crate) fn is_sound(&self) -> bool {
        self.mean.is_finite() && self.sd.is_finite() && self.sd > 0.0
    }

    /// How many standard deviations the silence, gone on for so many more days, is longer than a usual
    /// gap of a customer with these gaps; NaN without a purchase.
    pub(super) fn z(&self, history: &History<'_>, own: &LogGaps, more: f64) -> f64 {
        let Some(last) = history.last_purchase() else { return f64::NAN };
        let GapScale { mean, sd } = *self;
        let count = own.count as f64;
        let usual = (own.sum + PRIOR_OF_MEAN * mean) / (count + PRIOR_OF_MEAN);
        let squares = own.squares - 2.0 * usual * own.sum + count * usual * usual;
        let variance =
            (squares.max(0.0) + PRIOR_OF_VARIANCE * sd * sd) / (count + PRIOR_OF_VARIANCE);
        let silence = (history.cutoff().days_since(last) + more).max(SHORTEST_DAYS);
        (silence.ln() - usual) / variance.sqrt()
    }
}
