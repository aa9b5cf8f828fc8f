//! The way to a purchase: visits, carts and checkouts that were broken off.

use super::feature::{Family::Paths, Feature, Needs, Unit, Words, says};
use super::reason_group::ReasonGroup;
use crate::log::{EventRole, History, Purchase};
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

/// Of the times of visits and of the rows that fill carts or break checkouts off, in their order.
pub(super) fn compute(
    history: &History<'_>,
    visits: &[i64],
    attempts: &[(i64, u8)],
) -> [f64; FEATURES.len()] {
    let year_ago = history.cutoff().micros() - YEAR;
    let purchases = history.purchases();
    let bought = purchases.last().map_or(i64::MIN, |purchase| purchase.time);
    let of_year = purchases.iter().rev().take_while(|p| p.time >= year_ago).count();
    let visits_of_year = visits.len() - visits.partition_point(|&time| time < year_ago);
    let visits_since = visits.len() - visits.partition_point(|&time| time <= bought);
    let open = &attempts[attempts.partition_point(|&(time, _)| time <= bought)..];
    let count = |role: EventRole| open.iter().filter(|(_, bits)| bits & role.bit() != 0).count();
    [
        if of_year == 0 { NAN } else { visits_of_year as f64 / of_year as f64 },
        visits_since as f64,
        way(purchases, visits),
        count(EventRole::Cart) as f64,
        count(EventRole::Abandoned) as f64,
    ]
}

/// The mean time from the first visit after a purchase to the next purchase.
fn way(purchases: &[Purchase], visits: &[i64]) -> f64 {
    let (mut next_purchase, mut next_visit) = (0, 0);
    // The first visit since the last purchase.
    let mut first = i64::MAX;
    let (mut sum, mut count) = (0, 0);
    // Visits and purchases in the order of time, without a branch that depends on which comes next.
    while next_purchase < purchases.len() {
        let bought = purchases[next_purchase].time;
        let visit = visits.get(next_visit).copied().unwrap_or(i64::MAX);
        let is_visit = visit <= bought;
        let ends = !is_visit && first < i64::MAX;
        sum += if ends { bought - first } else { 0 };
        count += i64::from(ends);
        first = if is_visit { first.min(visit) } else { i64::MAX };
        next_visit += usize::from(is_visit);
        next_purchase += usize::from(!is_visit);
    }
    if count > 0 { sum as f64 / (count * MICROS_PER_DAY) as f64 } else { NAN }
}
