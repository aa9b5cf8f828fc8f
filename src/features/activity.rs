//! What the customer does besides buying: all events but contacts by the business, and but those that
//! stand in place of purchases.
//!
//! Days are of 24 hours and counted back from the cutoff, so that the last one is complete.

use super::feature::{Family::Activity, Feature, Needs, Unit, Words, says};
use super::reason_group::ReasonGroup;
use crate::log::History;
use crate::stats::ln;
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
    ((cutoff - 1 - time) as u64 / MICROS_PER_DAY as u64) as i64
}

/// Of the times of events that are neither contacts nor stand in place of purchases, in their order.
pub(super) fn compute(history: &History<'_>, times: &[i64]) -> [f64; FEATURES.len()] {
    let cutoff = history.cutoff().micros();
    let all = times.len();
    let from = |days: i64| times.partition_point(|&time| time < cutoff - days * MICROS_PER_DAY);
    let [from_30, from_60, from_90] = [30, 60, 90].map(from);
    let [in_30, in_60, in_90] = [from_30, from_60, from_90].map(|from| all - from);
    // Days are counted back from the cutoff, so that 30 and 90 of them divide none.
    let mut last_day = i64::MAX;
    let [older, younger, active_30] =
        [&times[..from_90], &times[from_90..from_30], &times[from_30..]]
            .map(|times| different_days(times, cutoff, &mut last_day));
    let active_90 = younger + active_30;
    let active = older + active_90;
    let bought = history.purchases().last().map_or(i64::MIN, |purchase| purchase.time);
    let since_purchase = all - times.partition_point(|&time| time <= bought);
    let days = |micros: i64| micros as f64 / MICROS_PER_DAY as f64;
    let (silence, since_first, between) = match times {
        [first, .., last] | [first @ last] => {
            let first_back = days_back(cutoff, *first);
            let between = first_back - days_back(cutoff, *last);
            (days(cutoff - last), (first_back + 1) as f64, between as f64)
        }
        [] => (NAN, NAN, NAN),
    };
    let longest = times.windows(2).map(|pair| pair[1] - pair[0]).max();
    let (hours, weekdays) = clock(times);
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
        longest.map_or(NAN, days),
        ln(1 + in_30) - ln(1 + in_60 - in_30),
        entropy(&hours, all),
        entropy(&weekdays, all),
        since_purchase as f64,
    ]
}

/// How many days the times lie on, less the last one of the times before.
fn different_days(times: &[i64], cutoff: i64, last_day: &mut i64) -> usize {
    let mut count = 0;
    for &time in times {
        let day = days_back(cutoff, time);
        count += usize::from(day != *last_day);
        *last_day = day;
    }
    count
}

/// How many times lie in each hour of the day and on each day of the week.
fn clock(times: &[i64]) -> ([usize; 24], [usize; 7]) {
    // Whole weeks before all times, so that the division is one of unsigned numbers.
    const LONG_AGO: i64 = 1_000_000 * 7 * MICROS_PER_DAY;
    let (mut hours, mut weekdays) = ([0; 24], [0; 7]);
    for &time in times {
        let hour = ((time + LONG_AGO) as u64 / MICROS_PER_HOUR as u64) as u32;
        hours[(hour % 24) as usize] += 1;
        weekdays[(hour / 24 % 7) as usize] += 1;
    }
    (hours, weekdays)
}

/// Shannon's, of counts in any order.
fn entropy(counts: &[usize], all: usize) -> f64 {
    if all == 0 {
        return NAN;
    }
    // Of whole parts, as small as fit, so that the sum does not depend on which hour or day is which.
    let parts = (1u64 << (all.leading_zeros().saturating_sub(8))) as f64;
    let n_ln_n = |&count: &usize| (count as f64 * ln(count.max(1)) * parts) as i64;
    let sum: i64 = counts.iter().map(n_ln_n).sum();
    (ln(all) - sum as f64 / parts / all as f64).max(0.0)
}
