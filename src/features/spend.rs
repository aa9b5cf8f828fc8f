//! Net spend in windows that end at the cutoff.

use crate::log::History;
use crate::stats::ExactSum;
use crate::time::{MICROS_PER_DAY, Timestamp};

/// Lengths of the windows, in days.
pub(super) const DAYS: [i64; 4] = [30, 90, 180, 365];

/// When a window starts, in microseconds since 1970-01-01 UTC.
pub(super) fn start(cutoff: Timestamp, window: usize) -> i64 {
    cutoff.micros() - DAYS[window] * MICROS_PER_DAY
}

/// Net spend, in all and in windows that end at the cutoff.
#[derive(Debug, Default)]
pub(super) struct Spend {
    pub(super) total: f64,
    pub(super) windows: [f64; DAYS.len()],
}

impl Spend {
    pub(super) fn of(history: &History<'_>) -> Spend {
        let mut spend = Spend::default();
        let Some(amounts) = history.amounts() else { return spend };
        // What lies in each window and in no shorter one, and before all of them.
        let mut sums: [ExactSum; DAYS.len() + 1] = Default::default();
        // The longest window starts first; from its start on a row counts for it, too.
        let mut open = DAYS.len();
        let mut next_start = start(history.cutoff(), open - 1);
        for (&time, &amount) in history.times().iter().zip(amounts) {
            while open > 0 && time >= next_start {
                open -= 1;
                next_start = match open {
                    0 => i64::MAX,
                    _ => start(history.cutoff(), open - 1),
                };
            }
            sums[open].add(amount);
        }
        let mut sum = ExactSum::default();
        for (window, own) in sums.iter().enumerate() {
            sum.merge(own);
            if let Some(window) = spend.windows.get_mut(window) {
                *window = sum.value();
            }
        }
        spend.total = sum.value();
        spend
    }
}
