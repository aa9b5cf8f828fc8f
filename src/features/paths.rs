//! The way to a purchase: visits, carts and checkouts that were broken off.

use super::feature::{Family::Paths, Feature, Needs, Unit, Words, says};
use super::reason_group::ReasonGroup;
use super::tickets::Mean;
use crate::log::{Act, EventRole, History};
use crate::time::MICROS_PER_DAY;

const NAN: f64 = f64::NAN;
const YEAR: i64 = 365 * MICROS_PER_DAY;

const fn count(name: &'static str, needs: Needs, meaning: &'static str, words: Words) -> Feature {
    Feature {
        name,
        family: Paths,
        unit: Unit::Count,
        needs,
        empty: 0.0,
        expected_sign: 0,
        group: ReasonGroup::Paths,
        meaning,
        words,
    }
}

pub(super) const FEATURES: [Feature; 5] = [
    Feature {
        unit: Unit::Ratio,
        empty: NAN,
        ..count(
            "visits_per_purchase",
            Needs::Visits,
            "Visits of the last 365 days / purchases of the last 365 days; not defined without a \
             purchase in them.",
            says("visits for each purchase: {}", "визитов на покупку: {}")
                .missing("no purchase in a year", "год без покупок"),
        )
    },
    count(
        "visits_since_purchase",
        Needs::Visits,
        "Visits after the last purchase.",
        says("visits since the last purchase: {}", "визитов с последней покупки: {}"),
    ),
    Feature {
        unit: Unit::Days,
        empty: NAN,
        ..count(
            "days_visit_to_purchase",
            Needs::Visits,
            "Mean time from the first visit after a purchase to the next purchase, over the purchases \
             with such a visit; of the first purchase, from the first visit of all.",
            says("time from the first visit to a purchase: {}", "от первого визита до покупки: {}")
                .missing("no purchase after a visit", "покупок после визита не было"),
        )
    },
    count(
        "open_carts",
        Needs::Carts,
        "Carts filled after the last purchase.",
        says("carts left without a purchase: {}", "корзин без покупки: {}"),
    ),
    count(
        "abandoned_since_purchase",
        Needs::Abandoned,
        "Checkouts broken off after the last purchase.",
        says(
            "checkouts broken off since the last purchase: {}",
            "прерванных оформлений с последней покупки: {}",
        ),
    ),
];

pub(super) fn compute(history: &History<'_>) -> [f64; FEATURES.len()] {
    let Some(acts) = history.acts() else { return [NAN; FEATURES.len()] };
    let cutoff = history.cutoff().micros();
    let purchases = history.purchases();
    let bought = purchases.last().map(|purchase| purchase.time);
    let (mut visits, mut visits_since, mut carts, mut abandoned) = (0usize, 0usize, 0usize, 0usize);
    let (mut way, mut next, mut first_visit) = (Mean::default(), 0, None::<i64>);
    for act in acts {
        let Act { time, .. } = act;
        let since = usize::from(bought.is_none_or(|bought| time > bought));
        carts += since * usize::from(act.is(EventRole::Cart));
        abandoned += since * usize::from(act.is(EventRole::Abandoned));
        if !act.is(EventRole::Visit) {
            continue;
        }
        visits += usize::from(time >= cutoff - YEAR);
        visits_since += since;
        // Purchases before this visit end their ways.
        while let Some(purchase) = purchases.get(next).filter(|purchase| purchase.time < time) {
            if let Some(from) = first_visit.take() {
                way.add((purchase.time - from) as f64 / MICROS_PER_DAY as f64);
            }
            next += 1;
        }
        first_visit = first_visit.or(Some(time));
    }
    if let (Some(from), Some(purchase)) = (first_visit, purchases.get(next)) {
        way.add((purchase.time - from) as f64 / MICROS_PER_DAY as f64);
    }
    let of_year = purchases.iter().rev().take_while(|p| p.time >= cutoff - YEAR).count();
    [
        if of_year == 0 { NAN } else { visits as f64 / of_year as f64 },
        visits_since as f64,
        way.value(),
        carts as f64,
        abandoned as f64,
    ]
}
