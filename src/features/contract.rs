//! Contracts and paid periods: until when what was bought is valid.

use super::feature::{Family::Contract, Feature, Needs, Unit, says};
use super::reason_group::ReasonGroup;
use crate::log::History;
use crate::time::MICROS_PER_DAY;

/// The feature that an end written afterwards gives away.
pub(crate) const DAYS_TO_RENEWAL: &str = "days_to_renewal";

pub(super) const FEATURES: [Feature; 1] = [Feature {
    name: DAYS_TO_RENEWAL,
    family: Contract,
    unit: Unit::Days,
    needs: Needs::ValidUntil,
    empty: f64::NAN,
    expected_sign: 0,
    group: ReasonGroup::Contract,
    meaning: "Latest end of what was bought − cutoff; below 0 when it is over; not defined where the last \
         purchase has no end.",
    words: says("end of the contract: {}", "окончание договора: {}")
        .missing("no contract", "договора нет")
        .as_moment(),
}];

pub(super) fn compute(history: &History<'_>) -> [f64; FEATURES.len()] {
    let days = |end: i64| (end - history.cutoff().micros()) as f64 / MICROS_PER_DAY as f64;
    [history.valid_until().map_or(f64::NAN, days)]
}
