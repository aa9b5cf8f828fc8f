//! Recency, frequency, monetary value.

use super::feature::{Family::Rfm, Feature, Needs, Unit, says};
use super::reason_group::ReasonGroup;
use crate::log::History;
use crate::time::MICROS_PER_DAY;

const NAN: f64 = f64::NAN;

/// Name of a feature that sentences know.
pub(crate) const DAYS_SINCE_LAST_PURCHASE: &str = "days_since_last_purchase";

pub(super) const FEATURES: [Feature; 7] = [
    Feature {
        name: DAYS_SINCE_LAST_PURCHASE,
        family: Rfm,
        unit: Unit::Days,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Recency,
        meaning: "Cutoff − last purchase: recency, low is good.",
        words: says("last purchase {} ago", "последняя покупка {} назад"),
    },
    Feature {
        name: "purchase_count",
        family: Rfm,
        unit: Unit::Count,
        needs: Needs::Nothing,
        empty: 0.0,
        expected_sign: 1,
        group: ReasonGroup::Frequency,
        meaning: "All purchases before the cutoff: frequency.",
        words: says("purchases in all: {}", "покупок всего: {}"),
    },
    Feature {
        name: "average_check",
        family: Rfm,
        unit: Unit::Currency,
        needs: Needs::Amount,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Check,
        meaning: "Net spend per purchase: total_spend / purchase_count.",
        words: says("average check: {}", "средний чек: {}"),
    },
    Feature {
        name: "total_spend",
        family: Rfm,
        unit: Unit::Currency,
        needs: Needs::Amount,
        empty: 0.0,
        expected_sign: 1,
        group: ReasonGroup::Frequency,
        meaning: "Net spend: the sum of all rows, returns subtracted.",
        words: says("spent in all: {}", "потрачено всего: {}"),
    },
    Feature {
        name: "tenure_days",
        family: Rfm,
        unit: Unit::Days,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Recency,
        meaning: "Cutoff − first purchase.",
        words: says("first purchase {} ago", "первая покупка {} назад"),
    },
    Feature {
        name: "last_check",
        family: Rfm,
        unit: Unit::Currency,
        needs: Needs::Amount,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Check,
        meaning: "Check of the last purchase: what the rows of the order sum to, within 24 hours of its first; \
         of several purchases at one instant the largest.",
        words: says("last check: {}", "последний чек: {}"),
    },
    Feature {
        name: "max_check",
        family: Rfm,
        unit: Unit::Currency,
        needs: Needs::Amount,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Check,
        meaning: "Largest check of all purchases; a check is what the rows of an order sum to, within 24 hours \
         of its first.",
        words: says("largest check: {}", "самый большой чек: {}"),
    },
];

pub(super) fn compute(
    history: &History<'_>,
    total_spend: f64,
    max_check: f64,
) -> [f64; FEATURES.len()] {
    let cutoff = history.cutoff().micros();
    let days_since = |time: i64| (cutoff - time) as f64 / MICROS_PER_DAY as f64;
    let purchases = history.purchases();
    let count = purchases.len() as f64;
    let last = purchases.last();
    [
        last.map_or(NAN, |purchase| days_since(purchase.time)),
        count,
        if purchases.is_empty() { NAN } else { total_spend / count },
        total_spend,
        purchases.first().map_or(NAN, |purchase| days_since(purchase.time)),
        last.map_or(NAN, |purchase| purchase.check),
        max_check,
    ]
}
