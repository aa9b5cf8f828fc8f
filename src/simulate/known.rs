//! What the tables show of a customer at a cutoff, as far as it tells what the customer is up to.

use super::customer::{Life, Ticket};
use super::draws::{log_normal_density, log_normal_tail};
use super::events::{ABANDONED, CART, LETTERS, OPENED, SENT, VISIT};
use super::process::{BAD, GOOD, Handling, TICKET_DAYS};
use super::simulation::Simulation;
use crate::time::MICROS_PER_DAY;

/// Something that the tables show, at a time in days since the start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sign {
    Purchase,
    /// A ticket, and the chance that it was handled badly.
    Ticket(f64),
    /// The score of a survey, known later but about this time.
    Answer(f64),
    /// A visit without a purchase.
    Visit,
    /// A letter that was opened, or not yet after so many days.
    Letter(Option<f64>),
}

/// What is known at a cutoff.
#[derive(Debug)]
pub(super) struct Known {
    /// When the first purchase was.
    pub(super) joined: f64,
    pub(super) cutoff: f64,
    /// Later signs, in order of time.
    pub(super) signs: Vec<(f64, Sign)>,
    /// The chance that a badly handled ticket is still to come of the last purchase.
    pub(super) to_come: f64,
}

impl Known {
    /// None before the first purchase.
    pub(super) fn of(life: &Life, simulation: &Simulation, cutoff: i64) -> Option<Known> {
        let start = simulation.start.micros();
        let days = |time: i64| (time - start) as f64 / MICROS_PER_DAY as f64;
        let mut orders: Vec<(i64, i64)> = life
            .lines
            .iter()
            .filter(|line| line.amount > 0.0 && line.time < cutoff)
            .map(|line| (line.order, line.time))
            .collect();
        orders.sort_unstable();
        orders.dedup();
        let bought: Vec<f64> = orders.iter().map(|&(_, time)| days(time)).collect();
        let (&joined, &last) = (bought.first()?, bought.last()?);
        let end = days(cutoff);
        let mut signs: Vec<(f64, Sign)> = bought.iter().map(|&t| (t, Sign::Purchase)).collect();
        // A survey is answered a day or more after the purchase that it is about.
        for survey in life.surveys.iter().filter(|survey| survey.time < cutoff) {
            let about = bought.partition_point(|&t| t <= days(survey.time) - 1.0).max(1);
            signs.push((bought[about - 1], Sign::Answer(survey.score as f64)));
        }
        let mut followed = false;
        for ticket in life.tickets.iter().filter(|ticket| ticket.opened_at < cutoff) {
            let bad = handled_badly(ticket, simulation.bad_service_share, cutoff);
            signs.push((days(ticket.opened_at), Sign::Ticket(bad)));
            followed |= days(ticket.opened_at) >= last;
        }
        let acts: Vec<(f64, i32)> = life
            .acts
            .iter()
            .filter(|act| act.time < cutoff)
            .map(|act| (days(act.time), act.kind))
            .collect();
        signs.extend(visits(&acts, &bought));
        signs.extend(letters(&acts, end));
        signs.retain(|&(t, _)| t >= joined);
        // Stable: purchases stand before what is said of them.
        signs.sort_by(|a, b| a.0.total_cmp(&b.0));
        signs.remove(0);
        let late = simulation.ticket_share * (-(end - last) / TICKET_DAYS).exp();
        let to_come = late / (1.0 - simulation.ticket_share + late) * simulation.bad_service_share;
        Some(Known { joined, cutoff: end, signs, to_come: if followed { 0.0 } else { to_come } })
    }
}

/// The chance that a ticket was handled badly, by what its row says at the cutoff.
fn handled_badly(ticket: &Ticket, share: f64, cutoff: i64) -> f64 {
    let [bad, good] = [&BAD, &GOOD].map(|handled| likelihood(ticket, handled, cutoff));
    let bad = share * bad;
    let all = bad + (1.0 - share) * good;
    if all > 0.0 { bad / all } else { share }
}

/// How likely the row is where tickets are handled so.
fn likelihood(ticket: &Ticket, handled: &Handling, cutoff: i64) -> f64 {
    let &Handling { answer, resolve, sigma, never_answered, never_resolved, reopened, .. } =
        handled;
    let known = |time: Option<i64>| time.filter(|&time| time < cutoff);
    // At least a second: times are whole ones.
    let days = |from: i64, to: i64| ((to - from) as f64 / MICROS_PER_DAY as f64).max(1e-5);
    let not_yet = |from: i64, median: f64, never: f64| {
        never + (1.0 - never) * log_normal_tail(days(from, cutoff), median, sigma)
    };
    let came = |from: i64, to: i64, median: f64, never: f64| {
        (1.0 - never) * log_normal_density(days(from, to), median, sigma)
    };
    let opened = ticket.opened_at;
    let Some(answered) = known(ticket.first_response_at) else {
        return not_yet(opened, answer, never_answered);
    };
    let own = came(opened, answered, answer, never_answered);
    let Some(resolved) = known(ticket.resolved_at) else {
        return own * not_yet(answered, resolve, never_resolved);
    };
    let own = own * came(answered, resolved, resolve, never_resolved);
    let reopened = if ticket.reopened_count > 0 { reopened } else { 1.0 - reopened };
    let rating = ticket.satisfaction;
    let can_be = rating.is_none_or(|rating| handled.ratings.contains(&(rating as i32)));
    if can_be { own * reopened } else { 0.0 }
}

/// Visits that did not end in a purchase: those that did fill a cart at once and buy within the hour.
fn visits(acts: &[(f64, i32)], bought: &[f64]) -> Vec<(f64, Sign)> {
    let is_near = |a: f64, b: f64| (a - b).abs() < 2.5e-5;
    let of_kind = |kind: i32| acts.iter().filter(move |act| act.1 == kind).map(|act| act.0);
    let carts: Vec<f64> = of_kind(CART).collect();
    let given_up: Vec<f64> = of_kind(ABANDONED).collect();
    let ends_in_purchase = |&t: &f64| {
        let next = bought[bought.partition_point(|&b| b < t)..].first();
        let has = |times: &[f64], at: f64| {
            let from = times.partition_point(|&other| other < at - 1e-4);
            times[from..].iter().take(3).any(|&other| is_near(other, at))
        };
        next.is_some_and(|next| next - t < 0.0401)
            && has(&carts, t + 0.01)
            && !(has(&carts, t + 0.005) && has(&given_up, t + 0.01))
    };
    of_kind(VISIT).filter(|t| !ends_in_purchase(t)).map(|t| (t, Sign::Visit)).collect()
}

/// Letters, each opened before the next one or not.
fn letters(acts: &[(f64, i32)], end: f64) -> Vec<(f64, Sign)> {
    let of_kind = |kind: i32| acts.iter().filter(move |act| act.1 == kind).map(|act| act.0);
    let opened: Vec<f64> = of_kind(OPENED).collect();
    let sign = |sent: f64| {
        let next = opened[opened.partition_point(|&t| t < sent)..].first();
        let is_opened = next.is_some_and(|next| next - sent < LETTERS);
        (sent, Sign::Letter((!is_opened).then_some(end - sent)))
    };
    of_kind(SENT).map(sign).collect()
}
