//! Contacts by the business: how many, and what followed them. What follows is observed, not caused:
//! customers are seldom contacted at random.

use super::feature::{Family::Contacts, Feature, Needs, Unit, Words, says};
use super::reason_group::ReasonGroup;
use crate::log::{EventRole, History, Purchase};
use crate::time::MICROS_PER_DAY;

const NAN: f64 = f64::NAN;
const WEEK: i64 = 7 * MICROS_PER_DAY;

const fn feature(
    name: &'static str,
    unit: Unit,
    needs: Needs,
    meaning: &'static str,
    words: Words,
) -> Feature {
    let words = words.missing("not contacted so far", "контактов не было");
    Feature {
        name,
        family: Contacts,
        unit,
        needs,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Contacts,
        meaning,
        words,
    }
}

pub(super) const FEATURES: [Feature; 6] = [
    Feature {
        empty: 0.0,
        ..feature(
            "contact_count_30d",
            Unit::Count,
            Needs::Contacts,
            "Contacts of the last 30 days.",
            says("contacts in the last 30 days: {}", "контактов за последние 30 дней: {}"),
        )
    },
    Feature {
        empty: 0.0,
        ..feature(
            "contact_count_90d",
            Unit::Count,
            Needs::Contacts,
            "Contacts of the last 90 days.",
            says("contacts in the last 90 days: {}", "контактов за последние 90 дней: {}"),
        )
    },
    feature(
        "days_since_last_contact",
        Unit::Days,
        Needs::Contacts,
        "Cutoff − last contact.",
        says("time since the last contact: {}", "с последнего контакта: {}"),
    ),
    Feature {
        expected_sign: 1,
        ..feature(
            "contact_answered_share",
            Unit::Share,
            Needs::Answers,
            "Of the contacts at least 7 days before the cutoff after which something was opened \
             within 7 days.",
            says("share of contacts answered: {}", "доля контактов с ответом: {}"),
        )
    },
    Feature {
        expected_sign: 1,
        ..feature(
            "contact_purchase_share",
            Unit::Share,
            Needs::Contacts,
            "Of the contacts at least 7 days before the cutoff those that a purchase followed within 7 \
             days.",
            says("share of contacts before a purchase: {}", "доля контактов перед покупкой: {}"),
        )
    },
    feature(
        "contact_purchase_difference",
        Unit::Ratio,
        Needs::Contacts,
        "Purchases a week within 7 days after such a contact − purchases a week in the other time \
         since the first of them, up to the first contact that is younger; not defined without other \
         time.",
        says(
            "purchases a week after contacts, more than otherwise: {}",
            "покупок в неделю после контактов сверх обычного: {}",
        ),
    ),
];

/// Of the times of contacts and of answers, with the bits of their roles, in their order.
pub(super) fn compute(history: &History<'_>, acts: &[(i64, u8)]) -> [f64; FEATURES.len()] {
    let cutoff = history.cutoff().micros();
    let purchases = history.purchases();
    let mut counts = [0usize; 2];
    let mut last = None;
    let (mut old, mut answered, mut followed) = (0usize, 0usize, 0usize);
    // From the last event back: the next time that something was opened, and the one after it.
    let mut opened = [i64::MAX; 2];
    let mut until = Place { at: cutoff, before: purchases.len() };
    let (mut from, mut to) = (until, until);
    let mut weeks = Weeks::default();
    for &(time, roles) in acts.iter().rev() {
        let is = |role: EventRole| roles & role.bit() != 0;
        if is(EventRole::Opened) && time < opened[0] {
            opened = [time, opened[0]];
        }
        if !is(EventRole::Contact) {
            continue;
        }
        for (count, days) in counts.iter_mut().zip([30, 90]) {
            *count += usize::from(time >= cutoff - days * MICROS_PER_DAY);
        }
        last = last.or(Some(time));
        from.back(purchases, time);
        if time > cutoff - WEEK {
            until = from;
            continue;
        }
        to.back(purchases, time + WEEK);
        old += 1;
        let next_opened = if opened[0] > time { opened[0] } else { opened[1] };
        answered += usize::from(next_opened < time + WEEK);
        followed += usize::from(to.before > from.before);
        weeks.add(from, if to.at < until.at { to } else { until });
    }
    let share = |count: usize| if old == 0 { NAN } else { count as f64 / old as f64 };
    [
        counts[0] as f64,
        counts[1] as f64,
        last.map_or(NAN, |last| (cutoff - last) as f64 / MICROS_PER_DAY as f64),
        share(answered),
        share(followed),
        weeks.difference(until),
    ]
}

/// An instant, and how many purchases come before it.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: i64,
    before: usize,
}

impl Place {
    /// Goes back to an instant that is not later.
    fn back(&mut self, purchases: &[Purchase], at: i64) {
        self.at = at;
        while self.before > 0 && purchases[self.before - 1].time >= at {
            self.before -= 1;
        }
    }
}

/// The time within a week of contacts, and purchases in it.
#[derive(Default)]
struct Weeks {
    /// What lies after the stretch of time that may still grow.
    time: i64,
    purchases: usize,
    /// The earliest stretch.
    stretch: Option<(Place, Place)>,
}

impl Weeks {
    /// Adds the week after a contact, as far as it counts; contacts come from the last one back.
    fn add(&mut self, contact: Place, to: Place) {
        self.stretch = match self.stretch {
            Some((from, last)) if from.at <= to.at => Some((contact, last)),
            _ => {
                self.close();
                Some((contact, to))
            }
        };
    }

    fn close(&mut self) {
        if let Some((from, to)) = self.stretch {
            self.time += to.at - from.at;
            self.purchases += to.before - from.before;
        }
    }

    /// Purchases a week in this time less those in the other time up to `end`.
    fn difference(mut self, end: Place) -> f64 {
        let Some((first, _)) = self.stretch else { return NAN };
        self.close();
        let other = end.at - first.at - self.time;
        if other <= 0 {
            return NAN;
        }
        let otherwise = end.before - first.before - self.purchases;
        let a_week = |count: usize, time: i64| count as f64 * (WEEK as f64 / time as f64);
        a_week(self.purchases, self.time) - a_week(otherwise, other)
    }
}
