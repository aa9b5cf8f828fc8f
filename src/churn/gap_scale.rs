//! How long the gaps between purchases are, and a silence measured by them.

use rayon::prelude::*;

use crate::log::{EventLog, History};
use crate::stats::exact_sum;
use crate::time::{MICROS_PER_DAY, Timestamp};

/// A silence is at least so many days.
const SHORTEST_DAYS: f64 = 0.5;
/// Gaps of all customers that count with a customer's own, for the mean and for the variance.
const PRIOR_OF_MEAN: f64 = 1.0;
const PRIOR_OF_VARIANCE: f64 = 2.0;

/// Mean and standard deviation of the logarithms of all customers' gaps between purchase days.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct GapScale {
    mean: f64,
    sd: f64,
}

/// The logarithms of some gaps: their number, sum and sum of squares.
struct LogGaps {
    count: f64,
    sum: f64,
    squares: f64,
}

impl LogGaps {
    fn of(history: &History<'_>) -> LogGaps {
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
    /// Of the customers known at a cutoff; none where all gaps are equal, or there are none.
    pub(crate) fn of(log: &EventLog, at: Timestamp) -> Option<GapScale> {
        let all = (0..log.customers().len()).into_par_iter().with_min_len(1_024);
        let gaps: Vec<LogGaps> = all.map(|c| LogGaps::of(&log.history(c, at))).collect();
        let total = |of: fn(&LogGaps) -> f64| exact_sum(gaps.iter().map(of));
        let count = total(|gaps| gaps.count);
        let mean = total(|gaps| gaps.sum) / count;
        let sd = (total(|gaps| gaps.squares) / count - mean * mean).sqrt();
        Some(GapScale { mean, sd }).filter(|scale| scale.is_sound())
    }

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
