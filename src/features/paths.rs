//! The way to a purchase: visits, carts and checkouts that were broken off.

use super::feature::{Family::Paths, Feature, Needs, Unit, Words, says};
use super::reason_group::ReasonGroup;
use super::tickets::Mean;
use crate::log::{Act, EventRole, History, Purchase};
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

/// What is counted of one customer's way to purchases, from the first event on.
pub(super) struct Tally<'a> {
    purchases: &'a [Purchase],
    /// A year before the cutoff.
    year_ago: i64,
    /// The last purchase.
    bought: i64,
    visits: usize,
    visits_since: usize,
    carts: usize,
    abandoned: usize,
    way: Mean,
    /// The first purchase that no visit came after yet.
    next: usize,
    /// The first visit after the purchase before.
    first_visit: Option<i64>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(history: &'a History<'_>) -> Self {
        let purchases = history.purchases();
        Tally {
            purchases,
            year_ago: history.cutoff().micros() - YEAR,
            bought: purchases.last().map_or(i64::MIN, |purchase| purchase.time),
            visits: 0,
            visits_since: 0,
            carts: 0,
            abandoned: 0,
            way: Mean::default(),
            next: 0,
            first_visit: None,
        }
    }

    #[inline]
    pub(super) fn add(&mut self, act: &Act) {
        let time = act.time;
        let since = usize::from(time > self.bought);
        self.carts += since * usize::from(act.is(EventRole::Cart));
        self.abandoned += since * usize::from(act.is(EventRole::Abandoned));
        if !act.is(EventRole::Visit) {
            return;
        }
        self.visits += usize::from(time >= self.year_ago);
        self.visits_since += since;
        // Purchases before this visit end their ways.
        while let Some(purchase) = self.purchases.get(self.next).filter(|p| p.time < time) {
            self.arrive(purchase);
            self.next += 1;
        }
        self.first_visit = self.first_visit.or(Some(time));
    }

    fn arrive(&mut self, purchase: &Purchase) {
        if let Some(from) = self.first_visit.take() {
            self.way.add((purchase.time - from) as f64 / MICROS_PER_DAY as f64);
        }
    }

    pub(super) fn values(mut self) -> [f64; FEATURES.len()] {
        if let Some(purchase) = self.purchases.get(self.next) {
            self.arrive(purchase);
        }
        let of_year = self.purchases.iter().rev().take_while(|p| p.time >= self.year_ago).count();
        [
            if of_year == 0 { NAN } else { self.visits as f64 / of_year as f64 },
            self.visits_since as f64,
            self.way.value(),
            self.carts as f64,
            self.abandoned as f64,
        ]
    }
}
