//! Purchases and net spend in windows that end at the cutoff: [cutoff − w, cutoff).

use super::feature::{Family::Windows, Feature, Needs, Unit, Words, place, says};
use super::reason_group::ReasonGroup;
use super::spend::{self, DAYS, start};
use super::wanted::Wanted;
use crate::log::History;
use crate::stats::ln;

const NAN: f64 = f64::NAN;
/// The features that take longest: those of spend.
const FIRST_SPEND: usize = place(&FEATURES, "total_spend_30d");
const CHECK_TREND: usize = place(&FEATURES, "check_trend");

const fn count(name: &'static str, meaning: &'static str, words: Words) -> Feature {
    Feature {
        name,
        family: Windows,
        unit: Unit::Count,
        needs: Needs::Nothing,
        empty: 0.0,
        expected_sign: 1,
        group: ReasonGroup::Frequency,
        meaning,
        words,
    }
}

const fn spend(name: &'static str, meaning: &'static str, words: Words) -> Feature {
    Feature { unit: Unit::Currency, needs: Needs::Amount, ..count(name, meaning, words) }
}

pub(super) const FEATURES: [Feature; 10] = [
    count(
        "purchase_count_30d",
        "Purchases in the last 30 days.",
        says("purchases in the last 30 days: {}", "покупок за последние 30 дней: {}"),
    ),
    count(
        "purchase_count_90d",
        "Purchases in the last 90 days.",
        says("purchases in the last 90 days: {}", "покупок за последние 90 дней: {}"),
    ),
    count(
        "purchase_count_180d",
        "Purchases in the last 180 days.",
        says("purchases in the last 180 days: {}", "покупок за последние 180 дней: {}"),
    ),
    count(
        "purchase_count_365d",
        "Purchases in the last 365 days.",
        says("purchases in the last 365 days: {}", "покупок за последние 365 дней: {}"),
    ),
    spend(
        "total_spend_30d",
        "Net spend of the last 30 days.",
        says("spent in the last 30 days: {}", "потрачено за последние 30 дней: {}"),
    ),
    spend(
        "total_spend_90d",
        "Net spend of the last 90 days.",
        says("spent in the last 90 days: {}", "потрачено за последние 90 дней: {}"),
    ),
    spend(
        "total_spend_180d",
        "Net spend of the last 180 days.",
        says("spent in the last 180 days: {}", "потрачено за последние 180 дней: {}"),
    ),
    spend(
        "total_spend_365d",
        "Net spend of the last 365 days.",
        says("spent in the last 365 days: {}", "потрачено за последние 365 дней: {}"),
    ),
    Feature {
        name: "purchase_trend",
        family: Windows,
        unit: Unit::LogRatio,
        needs: Needs::Nothing,
        empty: 0.0,
        expected_sign: 0,
        group: ReasonGroup::Frequency,
        meaning: "ln(1 + purchases of the last 90 days) − ln(1 + purchases of the 90 days before them).",
        words: says("purchases over the last half year: {}", "число покупок за полгода: {}"),
    },
    Feature {
        name: "check_trend",
        family: Windows,
        unit: Unit::LogRatio,
        needs: Needs::Amount,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Check,
        meaning: "ln(1 + net spend per purchase of the last 180 days) − ln(1 + average_check), a negative \
         value counted as 0; not defined without a purchase in 180 days.",
        words: says("average check lately: {}", "чек в последнее время: {}")
            .missing("no purchase in half a year", "полгода без покупок"),
    },
];

pub(super) fn compute(
    history: &History<'_>,
    wanted: Wanted,
    total_spend: f64,
) -> [f64; FEATURES.len()] {
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
    let [month, quarter, half_year, year] = counts;
    let has_spend = wanted.after(FIRST_SPEND).any(DAYS.len()) || wanted.has(CHECK_TREND);
    let spend = if has_spend { spend::in_windows(history) } else { [NAN; DAYS.len()] };
    let [spend_month, spend_quarter, spend_half_year, spend_year] = spend;
    let check_trend = if half_year == 0 || !wanted.has(CHECK_TREND) {
        NAN
    } else {
        let recent_check = spend_half_year / half_year as f64;
        let average_check = total_spend / purchases.len() as f64;
        recent_check.max(0.0).ln_1p() - average_check.max(0.0).ln_1p()
    };
    [
        month as f64,
        quarter as f64,
        half_year as f64,
        year as f64,
        spend_month,
        spend_quarter,
        spend_half_year,
        spend_year,
        ln(1 + quarter) - ln(1 + half_year - quarter),
        check_trend,
    ]
}
