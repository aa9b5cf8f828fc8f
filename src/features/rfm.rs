//! Recency, frequency, monetary value.

use super::Spend;
use super::catalogue::{Family::Rfm, Feature, Needs, Unit, feature};
use crate::log::History;
use crate::time::MICROS_PER_DAY;

const NAN: f64 = f64::NAN;

pub(super) const FEATURES: [Feature; 7] = [
    feature(
        Rfm,
        "days_since_last_purchase",
        Unit::Days,
        Needs::Nothing,
        NAN,
        "Cutoff − last purchase: recency, low is good.",
    ),
    feature(
        Rfm,
        "purchase_count",
        Unit::Count,
        Needs::Nothing,
        0.0,
        "All purchases before the cutoff: frequency.",
    ),
    feature(
        Rfm,
        "average_check",
        Unit::Currency,
        Needs::Amount,
        NAN,
        "Net spend per purchase: total_spend / purchase_count.",
    ),
    feature(
        Rfm,
        "total_spend",
        Unit::Currency,
        Needs::Amount,
        0.0,
        "Net spend: the sum of all rows, returns subtracted.",
    ),
    feature(Rfm, "tenure_days", Unit::Days, Needs::Nothing, NAN, "Cutoff − first purchase."),
    feature(
        Rfm,
        "last_check",
        Unit::Currency,
        Needs::Amount,
        NAN,
        "Check of the last purchase: what the rows of its first instant sum to; of several purchases \
         at one instant the largest.",
    ),
    feature(
        Rfm,
        "max_check",
        Unit::Currency,
        Needs::Amount,
        NAN,
        "Largest check of all purchases; a check is what the rows of an order's first instant sum to.",
    ),
];

pub(super) fn compute(history: &History<'_>, spend: &Spend, out: &mut [f64]) {
    let cutoff = history.cutoff().micros();
    let days_since = |time: i64| (cutoff - time) as f64 / MICROS_PER_DAY as f64;
    let purchases = history.purchases();
    let count = purchases.len() as f64;
    let last = purchases.last();
    out[0] = last.map_or(NAN, |purchase| days_since(purchase.time));
    out[1] = count;
    out[2] = if purchases.is_empty() { NAN } else { spend.total / count };
    out[3] = spend.total;
    out[4] = purchases.first().map_or(NAN, |purchase| days_since(purchase.time));
    out[5] = last.map_or(NAN, |purchase| purchase.check);
    out[6] = purchases.iter().fold(NAN, |max, purchase| max.max(purchase.check));
}
