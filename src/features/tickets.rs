//! Support tickets. What happened to a ticket at or after the cutoff is not known.

use super::feature::{Family::Tickets, Feature, Needs, Unit, Words, says};
use super::reason_group::ReasonGroup;
use crate::log::{History, Ticket};
use crate::time::{MICROS_PER_DAY, MICROS_PER_HOUR};

const NAN: f64 = f64::NAN;
/// Lengths of the windows, in days.
const DAYS: [i64; 3] = [30, 90, 365];
/// A first answer after more than so long is slow.
const SLOW: i64 = 24 * MICROS_PER_HOUR;

const fn count(name: &'static str, meaning: &'static str, words: Words) -> Feature {
    Feature {
        name,
        family: Tickets,
        unit: Unit::Count,
        needs: Needs::Tickets,
        empty: 0.0,
        expected_sign: 0,
        group: ReasonGroup::Tickets,
        meaning,
        words,
    }
}

pub(super) const FEATURES: [Feature; 17] = [
    count(
        "ticket_count",
        "Tickets opened.",
        says("support tickets in all: {}", "обращений в поддержку всего: {}"),
    ),
    count(
        "ticket_count_30d",
        "Tickets opened in the last 30 days.",
        says(
            "support tickets in the last 30 days: {}",
            "обращений в поддержку за последние 30 дней: {}",
        ),
    ),
    count(
        "ticket_count_90d",
        "Tickets opened in the last 90 days.",
        says(
            "support tickets in the last 90 days: {}",
            "обращений в поддержку за последние 90 дней: {}",
        ),
    ),
    count(
        "ticket_count_365d",
        "Tickets opened in the last 365 days.",
        says(
            "support tickets in the last 365 days: {}",
            "обращений в поддержку за последние 365 дней: {}",
        ),
    ),
    Feature {
        name: "open_ticket_count",
        family: Tickets,
        unit: Unit::Count,
        needs: Needs::Resolution,
        empty: 0.0,
        expected_sign: -1,
        group: ReasonGroup::Service,
        meaning: "Tickets opened and not resolved before the cutoff.",
        words: says("open support tickets: {}", "открытых обращений: {}"),
    },
    Feature {
        name: "days_since_last_ticket",
        family: Tickets,
        unit: Unit::Days,
        needs: Needs::Tickets,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Tickets,
        meaning: "Cutoff − opening of the last ticket.",
        words: says("time since the last ticket: {}", "с последнего обращения: {}")
            .missing("no ticket so far", "обращений не было"),
    },
    Feature {
        name: "mean_resolution_hours",
        family: Tickets,
        unit: Unit::Hours,
        needs: Needs::Resolution,
        empty: NAN,
        expected_sign: -1,
        group: ReasonGroup::Service,
        meaning: "Mean time from opening to resolution of the tickets resolved before the cutoff.",
        words: says(
            "mean time to a ticket's resolution: {}",
            "среднее время решения обращения: {}",
        )
        .missing("no resolved ticket so far", "решённых обращений не было"),
    },
    Feature {
        name: "mean_first_response_hours",
        family: Tickets,
        unit: Unit::Hours,
        needs: Needs::Response,
        empty: NAN,
        expected_sign: -1,
        group: ReasonGroup::Service,
        meaning: "Mean time from opening to first answer of the tickets answered before the cutoff.",
        words: says("mean time to a ticket's first answer: {}", "среднее время первого ответа: {}")
            .missing("no answered ticket so far", "обращений с ответом не было"),
    },
    Feature {
        name: "reopened_ticket_count",
        family: Tickets,
        unit: Unit::Count,
        needs: Needs::Reopened,
        empty: 0.0,
        expected_sign: -1,
        group: ReasonGroup::Service,
        meaning: "Tickets resolved before the cutoff that were reopened at least once.",
        words: says("reopened tickets: {}", "повторно открытых обращений: {}"),
    },
    Feature {
        name: "tickets_per_purchase",
        family: Tickets,
        unit: Unit::Ratio,
        needs: Needs::Tickets,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Tickets,
        meaning: "ticket_count / purchase_count.",
        words: says("tickets per purchase: {}", "обращений на покупку: {}"),
    },
    Feature {
        name: "last_ticket_satisfaction",
        family: Tickets,
        unit: Unit::Score,
        needs: Needs::Satisfaction,
        empty: NAN,
        expected_sign: 1,
        group: ReasonGroup::Service,
        meaning: "Rating of the ticket resolved last among those with a rating; of several resolved at one \
         instant the one opened last.",
        words: says("rating of the last ticket: {}", "оценка последнего обращения: {}"),
    },
    Feature {
        name: "slow_ticket_count",
        family: Tickets,
        unit: Unit::Count,
        needs: Needs::Response,
        empty: 0.0,
        expected_sign: -1,
        group: ReasonGroup::Service,
        meaning: "Tickets that waited more than 24 hours for their first answer, or without one for their \
         resolution, or at the cutoff have been waiting so long.",
        words: says(
            "tickets that waited more than a day for an answer: {}",
            "обращений, ждавших ответа больше суток: {}",
        ),
    },
    Feature {
        name: "longest_first_response_hours",
        family: Tickets,
        unit: Unit::Hours,
        needs: Needs::Response,
        empty: NAN,
        expected_sign: -1,
        group: ReasonGroup::Service,
        meaning: "Longest time from opening to first answer, or without one to resolution; a ticket that \
         has neither waits up to the cutoff.",
        words: says(
            "longest wait for a ticket's first answer: {}",
            "самое долгое ожидание ответа на обращение: {}",
        )
        .missing("no ticket so far", "обращений не было"),
    },
    Feature {
        name: "longest_resolution_hours",
        family: Tickets,
        unit: Unit::Hours,
        needs: Needs::Resolution,
        empty: NAN,
        expected_sign: -1,
        group: ReasonGroup::Service,
        meaning: "Longest time from opening to resolution; a ticket not resolved is open up to the cutoff.",
        words: says(
            "longest time that a ticket was open: {}",
            "дольше всего обращение было открыто: {}",
        )
        .missing("no ticket so far", "обращений не было"),
    },
    Feature {
        name: "lowest_ticket_satisfaction",
        family: Tickets,
        unit: Unit::Score,
        needs: Needs::Satisfaction,
        empty: NAN,
        expected_sign: 1,
        group: ReasonGroup::Service,
        meaning: "Lowest rating of the tickets resolved before the cutoff.",
        words: says("lowest rating of a ticket: {}", "самая низкая оценка обращения: {}")
            .missing("no rated ticket so far", "оценённых обращений не было"),
    },
    Feature {
        name: "days_since_slow_ticket",
        family: Tickets,
        unit: Unit::Days,
        needs: Needs::Response,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Service,
        meaning: "Cutoff − opening of the last of the tickets that slow_ticket_count counts.",
        words: says(
            "time since the last ticket that waited more than a day: {}",
            "с последнего обращения, ждавшего больше суток: {}",
        )
        .missing("no slow ticket so far", "долгих обращений не было"),
    },
    Feature {
        name: "purchases_since_slow_ticket",
        family: Tickets,
        unit: Unit::Count,
        needs: Needs::Response,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Service,
        meaning: "Purchases after the opening of the last of the tickets that slow_ticket_count counts: \
         who goes on buying has got over it.",
        words: says(
            "purchases since the last ticket that waited more than a day: {}",
            "покупок после последнего обращения, ждавшего больше суток: {}",
        )
        .missing("no slow ticket so far", "долгих обращений не было"),
    },
];

pub(super) fn compute(history: &History<'_>) -> [f64; FEATURES.len()] {
    let Some(tickets) = history.tickets() else { return [NAN; FEATURES.len()] };
    let cutoff = history.cutoff().micros();
    let (mut count, mut open, mut reopened) = (0.0, 0.0, 0.0);
    let mut in_window = [0.0; DAYS.len()];
    let mut resolution = Mean::default();
    let mut response = Mean::default();
    let mut last_opened = None;
    let mut rated: Option<Ticket> = None;
    let (mut slow, mut last_slow) = (0.0, None);
    // A maximum or minimum with NaN is the other.
    let (mut longest_wait, mut longest_open, mut lowest) = (NAN, NAN, NAN);
    for ticket in tickets {
        count += 1.0;
        last_opened = Some(ticket.opened_at);
        for (number, days) in in_window.iter_mut().zip(DAYS) {
            if ticket.opened_at >= cutoff - days * MICROS_PER_DAY {
                *number += 1.0;
            }
        }
        let hours = |end: i64| (end - ticket.opened_at) as f64 / MICROS_PER_HOUR as f64;
        let end = ticket.resolved_at.unwrap_or(cutoff);
        longest_open = hours(end).max(longest_open);
        let answered = ticket.first_response_at.unwrap_or(end);
        longest_wait = hours(answered).max(longest_wait);
        if answered - ticket.opened_at > SLOW {
            slow += 1.0;
            last_slow = Some(ticket.opened_at);
        }
        if let Some(at) = ticket.first_response_at {
            response.add(hours(at));
        }
        let Some(at) = ticket.resolved_at else {
            open += 1.0;
            continue;
        };
        resolution.add(hours(at));
        if ticket.reopened_count.is_some_and(|count| count > 0.0) {
            reopened += 1.0;
        }
        lowest = ticket.satisfaction.unwrap_or(NAN).min(lowest);
        // Tickets come by opening and, at one instant, by rating: later ones win ties.
        if ticket.satisfaction.is_some() && rated.is_none_or(|r| r.resolved_at <= Some(at)) {
            rated = Some(ticket);
        }
    }
    let [in_30, in_90, in_365] = in_window;
    let purchases = history.purchases().len();
    let days_since = |at: i64| (cutoff - at) as f64 / MICROS_PER_DAY as f64;
    let bought_since = |at: i64| history.purchases().iter().filter(|p| p.time > at).count() as f64;
    [
        count,
        in_30,
        in_90,
        in_365,
        open,
        last_opened.map_or(NAN, days_since),
        resolution.value(),
        response.value(),
        reopened,
        if purchases == 0 { NAN } else { count / purchases as f64 },
        rated.and_then(|ticket| ticket.satisfaction).unwrap_or(NAN),
        slow,
        longest_wait,
        longest_open,
        lowest,
        last_slow.map_or(NAN, days_since),
        last_slow.map_or(NAN, bought_since),
    ]
}

/// A mean that is not defined for nothing.
#[derive(Debug, Default)]
pub(super) struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    pub(super) fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1.0;
    }

    pub(super) fn value(&self) -> f64 {
        if self.count > 0.0 { self.sum / self.count } else { NAN }
    }
}
