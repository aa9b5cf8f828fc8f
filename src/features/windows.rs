//! Purchases and net spend in windows that end at the cutoff: [cutoff − w, cutoff).

use super::catalogue::{Family::Windows, Feature, Needs, Unit, feature};
use super::{Spend, Wanted, ln};
use crate::log::History;
use crate::time::{MICROS_PER_DAY, Timestamp};

/// Lengths of the windows, in days.
pub(super) const DAYS: [i64; 4] = [30, 90, 180, 365];

const NAN: f64 = f64::NAN;
/// Place of the feature that takes longest.
const CHECK_TREND: usize = 9;

const fn count(name: &'static str, meaning: &'static str) -> Feature {
    feature(Windows, name, Unit::Count, Needs::Nothing, 0.0, meaning)
}

const fn spend(name: &'static str, meaning: &'static str) -> Feature {
    feature(Windows, name, Unit::Currency, Needs::Amount, 0.0, meaning)
}

pub(super) const FEATURES: [Feature; 10] = [
    count("purchase_count_30d", "Purchases in the last 30 days."),
    count("purchase_count_90d", "Purchases in the last 90 days."),
    count("purchase_count_180d", "Purchases in the last 180 days."),
    count("purchase_count_365d", "Purchases in the last 365 days."),
    spend("total_spend_30d", "Net spend of the last 30 days."),
    spend("total_spend_90d", "Net spend of the last 90 days."),
    spend("total_spend_180d", "Net spend of the last 180 days."),
    spend("total_spend_365d", "Net spend of the last 365 days."),
    feature(
        Windows,
        "purchase_trend",
        Unit::LogRatio,
        Needs::Nothing,
        0.0,
        "ln(1 + purchases of the last 90 days) − ln(1 + purchases of the 90 days before them).",
    ),
    feature(
        Windows,
        "check_trend",
        Unit::LogRatio,
        Needs::Amount,
        NAN,
        "ln(1 + net spend per purchase of the last 180 days) − ln(1 + average_check), a negative \
         value counted as 0; not defined without a purchase in 180 days.",
    ),
];

/// When a window starts, in microseconds since 1970-01-01 UTC.
pub(super) fn start(cutoff: Timestamp, window: usize) -> i64 {
    cutoff.micros() - DAYS[window] * MICROS_PER_DAY
}

pub(super) fn compute(history: &History<'_>, wanted: Wanted, spend: &Spend, out: &mut [f64]) {
    let purchases = history.purchases();
    // Few purchases lie in the windows: counted from the last one back.
    let mut before = purchases.len();
    let mut counts = [0; DAYS.len()];
    for (window, count) in counts.iter_mut().enumerate() {
        let start = start(history.cutoff(), window);
        while before > 0 && purchases[before - 1].time >= start {
            before -= 1;
        }
        *count = purchases.len() - before;
    }
    for (i, count) in counts.into_iter().enumerate() {
        out[i] = count as f64;
        out[4 + i] = spend.windows[i];
    }
    let [_, recent, half_year, _] = counts;
    out[8] = ln(1 + recent) - ln(1 + half_year - recent);
    if !wanted.has(CHECK_TREND) {
        return;
    }
    out[CHECK_TREND] = if half_year == 0 {
        NAN
    } else {
        let recent_check = spend.windows[2] / half_year as f64;
        let average_check = spend.total / purchases.len() as f64;
        recent_check.max(0.0).ln_1p() - average_check.max(0.0).ln_1p()
    };
}
