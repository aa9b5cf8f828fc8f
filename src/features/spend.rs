//! Net spend, in all and in windows that end at the cutoff.

use crate::log::History;
use crate::stats::ExactSum;
use crate::time::{MICROS_PER_DAY, Timestamp};

/// Lengths of the windows, in days.
pub(super) const DAYS: [i64; 4] = [30, 90, 180, 365];

/// When a window starts, in microseconds since 1970-01-01 UTC.
pub(super) fn start(cutoff: Timestamp, window: usize) -> i64 {
    cutoff.micros() - DAYS[window] * MICROS_PER_DAY
}

/// Of all rows.
pub(super) fn total(history: &History<'_>) -> ExactSum {
    let mut sum = ExactSum::default();
    sum.add_all(history.amounts().unwrap_or_default());
    sum
}

/// Of the rows in each of the windows.
pub(super) fn in_windows(history: &History<'_>) -> [f64; DAYS.len()] {
    let times = history.times();
    let Some(amounts) = history.amounts() else { return [0.0; DAYS.len()] };
    // From the latest row back, window by window.
    let (mut sum, mut first) = (ExactSum::default(), times.len());
    std::array::from_fn(|window| {
        let start = start(history.cutoff(), window);
        let from = times[..first].partition_point(|&time| time < start);
        sum.add_all(&amounts[from..first]);
        first = from;
        sum.value()
    })
}
