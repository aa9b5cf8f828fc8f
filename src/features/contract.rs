//! Contracts and paid periods: until when what was bought is valid.

use super::feature::{Family::Contract, Feature, Needs, Unit, says};
use super::reason_group::ReasonGroup;
use crate::log::History;
use crate::time::MICROS_PER_DAY;

pub(super) const FEATURES: [Feature; 1] = [Feature {
    name: "days_to_renewal",
    family: Contract,
    unit: Unit::Days,
    needs: Needs::ValidUntil,
    empty: f64::NAN,
    expected_sign: 0,
    group: ReasonGroup::Contract,
    meaning: "Latest end of what was bought − cutoff; below 0 when it is over; not defined where the last \
         purchase has no end.",
    words: says("time until the contract ends: {}", "до окончания договора: {}")
        .missing("no contract", "договора нет"),
}];

pub(super) fn compute(history: &History<'_>) -> [f64; FEATURES.len()] {
    let days = |end: i64| (end - history.cutoff().micros()) as f64 / MICROS_PER_DAY as f64;
    [history.valid_until().map_or(f64::NAN, days)]
}
