//! What the customer does besides buying: all events but contacts by the business, and but those that
//! stand in place of purchases.
//!
//! Days are of 24 hours and counted back from the cutoff, so that the last one is complete.

use super::feature::{Family::Activity, Feature, Needs, Unit, Words, says};
use super::reason_group::ReasonGroup;
use super::wanted::ln;
use crate::log::{Act, EventRole, History};
use crate::time::{MICROS_PER_DAY, MICROS_PER_HOUR};

const NAN: f64 = f64::NAN;
pub(crate) const DAYS_SINCE_LAST_EVENT: &str = "days_since_last_event";
pub(crate) const MEAN_EVENT_GAP_DAYS: &str = "mean_event_gap_days";
/// A gap of so many days is added to the customer's own.
const PRIOR_GAP_DAYS: f64 = 30.0;
const NO_EVENT: [&str; 2] = ["no event so far", "событий не было"];

const fn feature(name: &'static str, unit: Unit, meaning: &'static str, words: Words) -> Feature {
    let words = words.missing(NO_EVENT[0], NO_EVENT[1]);
    Feature {
        name,
        family: Activity,
        unit,
        needs: Needs::Events,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Activity,
        meaning,
        words,
    }
}

const fn count(name: &'static str, meaning: &'static str, words: Words) -> Feature {
    Feature { empty: 0.0, expected_sign: 1, ..feature(name, Unit::Count, meaning, words) }
}

pub(super) const FEATURES: [Feature; 13] = [
    feature(
        DAYS_SINCE_LAST_EVENT,
        Unit::Days,
        "Cutoff − last event that is no contact.",
        says("time since the last event: {}", "с последнего события: {}"),
    ),
    count(
        "event_count_30d",
        "Events of the last 30 days, without contacts.",
        says("events in the last 30 days: {}", "событий за последние 30 дней: {}"),
    ),
    count(
        "event_count_90d",
        "Events of the last 90 days, without contacts.",
        says("events in the last 90 days: {}", "событий за последние 90 дней: {}"),
    ),
    count(
        "active_days_30d",
        "Of the last 30 days those with an event that is no contact.",
        says("active days of the last 30: {}", "активных дней из последних 30: {}"),
    ),
    count(
        "active_days_90d",
        "Of the last 90 days those with an event that is no contact.",
        says("active days of the last 90: {}", "активных дней из последних 90: {}"),
    ),
    feature(
        "active_day_share",
        Unit::Share,
        "Days with an event that is no contact / days since the first one, its own included.",
        says("share of active days: {}", "доля активных дней: {}"),
    ),
    feature(
        MEAN_EVENT_GAP_DAYS,
        Unit::Days,
        "Mean number of days between successive active days; not defined with fewer than two.",
        says("usual gap between active days: {}", "обычный промежуток между активными днями: {}")
            .missing("only one active day so far", "пока один активный день"),
    ),
    feature(
        "event_overdue_ratio",
        Unit::Ratio,
        "Days since the last event / ((sum of gaps between active days + 30) / (number of gaps + 1)).",
        says(
            "silence relative to the usual gap between active days: {}",
            "тишина относительно обычного промежутка между активными днями: {}",
        )
        .missing(NO_EVENT[0], NO_EVENT[1])
        .as_multiple(),
    ),
    feature(
        "longest_event_pause_days",
        Unit::Days,
        "Longest time between two successive events that are no contacts; not defined with fewer \
         than two.",
        says("longest pause between events: {}", "самая долгая пауза между событиями: {}"),
    ),
    Feature {
        empty: 0.0,
        ..feature(
            "event_trend",
            Unit::LogRatio,
            "ln(1 + events of the last 30 days) − ln(1 + events of the 30 days before them), without \
             contacts.",
            says("events over the last two months: {}", "число событий за два месяца: {}"),
        )
    },
    feature(
        "event_hour_entropy",
        Unit::Nats,
        "−Σ p ln p over the shares p of the hours of the day in the events that are no contacts.",
        says("spread over the hours of the day: {}", "разброс по часам дня: {}").compared(
            ["is active at any hour", "активен в любое время дня"],
            ["is active at the same hours", "активен в одни и те же часы"],
        ),
    ),
    feature(
        "event_weekday_entropy",
        Unit::Nats,
        "−Σ p ln p over the shares p of the days of the week in the events that are no contacts.",
        says("spread over the days of the week: {}", "разброс по дням недели: {}").compared(
            ["is active on any day of the week", "активен в любой день недели"],
            ["is active on the same days of the week", "активен в одни и те же дни недели"],
        ),
    ),
    Feature {
        empty: 0.0,
        ..feature(
            "events_since_purchase",
            Unit::Count,
            "Events after the last purchase, without contacts.",
            says("events since the last purchase: {}", "событий с последней покупки: {}"),
        )
    },
];

/// Days before the cutoff, counted from 0, on which something happened.
pub(super) fn days_back(cutoff: i64, time: i64) -> i64 {
    (cutoff - 1 - time) / MICROS_PER_DAY
}

/// What is counted of one customer's events, from the first on.
pub(super) struct Tally {
    cutoff: i64,
    /// The last purchase.
    bought: i64,
    all: usize,
    since_purchase: usize,
    /// In the last 30, 60 and 90 days.
    counts: [usize; 3],
    /// In the last 30 and 90 days, and in all.
    active_days: [usize; 3],
    first: i64,
    last: i64,
    /// Days back of the last event.
    last_back: i64,
    longest: i64,
    hours: [usize; 24],
    weekdays: [usize; 7],
}

impl Tally {
    pub(super) fn new(history: &History<'_>) -> Self {
        Tally {
            cutoff: history.cutoff().micros(),
            bought: history.purchases().last().map_or(i64::MIN, |purchase| purchase.time),
            all: 0,
            since_purchase: 0,
            counts: [0; 3],
            active_days: [0; 3],
            first: 0,
            last: 0,
            last_back: i64::MAX,
            longest: 0,
            hours: [0; 24],
            weekdays: [0; 7],
        }
    }

    #[inline]
    pub(super) fn add(&mut self, act: &Act) {
        if act.is(EventRole::Contact) || act.is(EventRole::Activity) {
            return;
        }
        let time = act.time;
        let back = days_back(self.cutoff, time);
        if self.all == 0 {
            (self.first, self.last) = (time, time);
        }
        self.all += 1;
        self.since_purchase += usize::from(time > self.bought);
        for (count, days) in self.counts.iter_mut().zip([30, 60, 90]) {
            *count += usize::from(back < days);
        }
        if back < self.last_back {
            for (count, days) in self.active_days.iter_mut().zip([30, 90, i64::MAX]) {
                *count += usize::from(back < days);
            }
        }
        self.longest = self.longest.max(time - self.last);
        (self.last, self.last_back) = (time, back);
        let day = time.div_euclid(MICROS_PER_DAY);
        self.hours[((time - day * MICROS_PER_DAY) / MICROS_PER_HOUR) as usize] += 1;
        self.weekdays[day.rem_euclid(7) as usize] += 1;
    }

    pub(super) fn values(mut self) -> [f64; FEATURES.len()] {
        let [in_30, in_60, in_90] = self.counts;
        let [active_30, active_90, active] = self.active_days;
        let days = |micros: i64| micros as f64 / MICROS_PER_DAY as f64;
        let (any, several) = (self.all > 0, self.all > 1);
        let silence = if any { days(self.cutoff - self.last) } else { NAN };
        let first_back = days_back(self.cutoff, self.first);
        let since_first = if any { (first_back + 1) as f64 } else { NAN };
        let between = if any { (first_back - self.last_back) as f64 } else { NAN };
        let gaps = active.saturating_sub(1) as f64;
        [
            silence,
            in_30 as f64,
            in_90 as f64,
            active_30 as f64,
            active_90 as f64,
            active as f64 / since_first,
            if active > 1 { between / gaps } else { NAN },
            silence / ((between + PRIOR_GAP_DAYS) / (gaps + 1.0)),
            if several { days(self.longest) } else { NAN },
            ln(1 + in_30) - ln(1 + in_60 - in_30),
            entropy(&mut self.hours, self.all),
            entropy(&mut self.weekdays, self.all),
            self.since_purchase as f64,
        ]
    }
}

/// Shannon's, of counts in any order.
fn entropy(counts: &mut [usize], all: usize) -> f64 {
    if all == 0 {
        return NAN;
    }
    // Sorted, so that the sum does not depend on which hour or day is which.
    counts.sort_unstable();
    let n_ln_n = |&count: &usize| count as f64 * ln(count.max(1));
    let sum: f64 = counts.iter().map(n_ln_n).sum();
    (ln(all) - sum / all as f64).max(0.0)
}
