//! Support tickets. What happened to a ticket at or after the cutoff is not known.

use super::catalogue::{Family::Tickets, Feature, Needs, Unit, feature};
use crate::log::{History, Ticket};
use crate::time::{MICROS_PER_DAY, MICROS_PER_HOUR};

const NAN: f64 = f64::NAN;
/// Lengths of the windows, in days.
const DAYS: [i64; 3] = [30, 90, 365];

const fn count(name: &'static str, meaning: &'static str) -> Feature {
    feature(Tickets, name, Unit::Count, Needs::Tickets, 0.0, meaning)
}

pub(super) const FEATURES: [Feature; 11] = [
    count("ticket_count", "Tickets opened."),
    count("ticket_count_30d", "Tickets opened in the last 30 days."),
    count("ticket_count_90d", "Tickets opened in the last 90 days."),
    count("ticket_count_365d", "Tickets opened in the last 365 days."),
    feature(
        Tickets,
        "open_ticket_count",
        Unit::Count,
        Needs::Resolution,
        0.0,
        "Tickets opened and not resolved before the cutoff.",
    ),
    feature(
        Tickets,
        "days_since_last_ticket",
        Unit::Days,
        Needs::Tickets,
        NAN,
        "Cutoff − opening of the last ticket.",
    ),
    feature(
        Tickets,
        "mean_resolution_hours",
        Unit::Hours,
        Needs::Resolution,
        NAN,
        "Mean time from opening to resolution of the tickets resolved before the cutoff.",
    ),
    feature(
        Tickets,
        "mean_first_response_hours",
        Unit::Hours,
        Needs::Response,
        NAN,
        "Mean time from opening to first answer of the tickets answered before the cutoff.",
    ),
    feature(
        Tickets,
        "reopened_ticket_count",
        Unit::Count,
        Needs::Reopened,
        0.0,
        "Tickets resolved before the cutoff that were reopened at least once.",
    ),
    feature(
        Tickets,
        "tickets_per_purchase",
        Unit::Ratio,
        Needs::Tickets,
        NAN,
        "ticket_count / purchase_count.",
    ),
    feature(
        Tickets,
        "last_ticket_satisfaction",
        Unit::Score,
        Needs::Satisfaction,
        NAN,
        "Rating of the ticket resolved last among those with a rating; of several resolved at one \
         instant the one opened last.",
    ),
];

pub(super) fn compute(history: &History<'_>, out: &mut [f64]) {
    let Some(tickets) = history.tickets() else {
        out.fill(NAN);
        return;
    };
    let cutoff = history.cutoff().micros();
    let (mut count, mut open, mut reopened) = (0.0, 0.0, 0.0);
    let mut in_window = [0.0; DAYS.len()];
    let mut resolution = Mean::default();
    let mut response = Mean::default();
    let mut last_opened = None;
    let mut rated: Option<Ticket> = None;
    for ticket in tickets {
        count += 1.0;
        last_opened = Some(ticket.opened_at);
        for (number, days) in in_window.iter_mut().zip(DAYS) {
            if ticket.opened_at >= cutoff - days * MICROS_PER_DAY {
                *number += 1.0;
            }
        }
        if let Some(at) = ticket.first_response_at {
            response.add((at - ticket.opened_at) as f64 / MICROS_PER_HOUR as f64);
        }
        let Some(at) = ticket.resolved_at else {
            open += 1.0;
            continue;
        };
        resolution.add((at - ticket.opened_at) as f64 / MICROS_PER_HOUR as f64);
        if ticket.reopened_count.is_some_and(|count| count > 0.0) {
            reopened += 1.0;
        }
        // Tickets come by opening and, at one instant, by rating: later ones win ties.
        if ticket.satisfaction.is_some() && rated.is_none_or(|r| r.resolved_at <= Some(at)) {
            rated = Some(ticket);
        }
    }
    out[0] = count;
    out[1..4].copy_from_slice(&in_window);
    out[4] = open;
    out[5] = last_opened.map_or(NAN, |at| (cutoff - at) as f64 / MICROS_PER_DAY as f64);
    out[6] = resolution.value();
    out[7] = response.value();
    out[8] = reopened;
    let purchases = history.purchases().len();
    out[9] = if purchases == 0 { NAN } else { count / purchases as f64 };
    out[10] = rated.and_then(|ticket| ticket.satisfaction).unwrap_or(NAN);
}

/// A mean that is not defined for nothing.
#[derive(Default)]
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
