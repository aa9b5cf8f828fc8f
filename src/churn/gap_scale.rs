//! How long the gaps between purchases are, and a silence measured by them.

use crate::log::History;
use crate::time::MICROS_PER_DAY;

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

/// The logarithms of some gaps: their number, sum and sum of squares.
pub(super) struct LogGaps {
    pub(super) count: f64,
    pub(super) sum: f64,
    pub(super) squares: f64,
}

impl LogGaps {
    pub(super) fn of(history: &History<'_>) -> LogGaps {
        let day = |time: i64| time.div_euclid(MICROS_PER_DAY);
        let mut gaps = LogGaps { count: 0.0, sum: 0.0, squares: 0.0 };
        for pair in history.purchases().windows(2) {
            let days = day(pair[1].time) - day(pair[0].time);
            if days > 0 {
                let ln = (days as f64).ln();
                gaps.count += 1.0;
                gaps.sum += ln;
                gaps.squares += ln * ln;
            }
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
    /// gap; NaN without a purchase.
    pub(crate) fn z(&self, history: &History<'_>, more: f64) -> f64 {
        let Some(last) = history.last_purchase() else { return f64::NAN };
        let GapScale { mean, sd } = *self;
        let own = LogGaps::of(history);
        let usual = (own.sum + PRIOR_OF_MEAN * mean) / (own.count + PRIOR_OF_MEAN);
        let squares = own.squares - 2.0 * usual * own.sum + own.count * usual * usual;
        let variance =
            (squares.max(0.0) + PRIOR_OF_VARIANCE * sd * sd) / (own.count + PRIOR_OF_VARIANCE);
        let silence = (history.cutoff().days_since(last) + more).max(SHORTEST_DAYS);
        (silence.ln() - usual) / variance.sqrt()
    }
}
