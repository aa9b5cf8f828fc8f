//! How tickets went, and the rows of the report.

use crate::followup::Afterwards;
use crate::log::Ticket;
use crate::time::MICROS_PER_HOUR;

/// How a ticket went, as known when it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handling {
    /// Resolved within the hours that count as fast, and never reopened.
    ResolvedFast,
    /// Resolved later, and never reopened.
    ResolvedSlowly,
    /// Resolved, and reopened at least once.
    Reopened,
    /// Not resolved yet.
    Unresolved,
}

impl Handling {
    /// All.
    pub const ALL: [Handling; 4] = [
        Handling::ResolvedFast,
        Handling::ResolvedSlowly,
        Handling::Reopened,
        Handling::Unresolved,
    ];

    /// `resolved_fast`, `resolved_slowly`, `reopened` or `unresolved`.
    pub const fn name(self) -> &'static str {
        match self {
            Handling::ResolvedFast => "resolved_fast",
            Handling::ResolvedSlowly => "resolved_slowly",
            Handling::Reopened => "reopened",
            Handling::Unresolved => "unresolved",
        }
    }

    /// How a ticket went up to before `judged`.
    pub(super) fn of(ticket: &Ticket, fast_hours: f64, judged: i64) -> Self {
        match ticket.resolved_at.filter(|&at| at < judged) {
            None => Handling::Unresolved,
            Some(_) if ticket.reopened_count.is_some_and(|count| count > 0.0) => Handling::Reopened,
            Some(at) if hours(ticket.opened_at, at) <= fast_hours => Handling::ResolvedFast,
            Some(_) => Handling::ResolvedSlowly,
        }
    }
}

/// How a ticket went, and the band of its first response.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HowItWent {
    pub(super) handling: Handling,
    pub(super) band: usize,
}

fn hours(from: i64, to: i64) -> f64 {
    (to - from) as f64 / MICROS_PER_HOUR as f64
}

/// The band of a ticket's first answer before `judged`; the last one is for none.
pub(super) fn band(ticket: &Ticket, limits: &[f64], judged: i64) -> usize {
    match ticket.first_response_at.filter(|&at| at < judged) {
        None => limits.len() + 1,
        Some(at) => {
            let waited = hours(ticket.opened_at, at);
            limits.partition_point(|&limit| limit < waited)
        }
    }
}

/// The names of the bands.
pub(super) fn band_names(limits: &[f64]) -> Vec<String> {
    let mut names = Vec::with_capacity(limits.len() + 2);
    for (i, limit) in limits.iter().enumerate() {
        names.push(match i.checked_sub(1).and_then(|before| limits.get(before)) {
            None => format!("within {limit}h"),
            Some(before) => format!("{before}h to {limit}h"),
        });
    }
    names.extend(limits.last().map(|last| format!("after {last}h")));
    names.push("not answered".into());
    names
}

/// What customers did after tickets of one group.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ServiceRow {
    /// The tickets' topic; none for all tickets.
    pub topic: Option<String>,
    /// `handling` or `first_response`.
    pub grouping: &'static str,
    /// `no_ticket` (the matched customers) or a [`Handling`]; or a first-response band.
    pub group: String,
    /// What they did.
    pub afterwards: Afterwards,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(first: Option<i64>, resolved: Option<i64>, reopened: f64) -> Ticket {
        Ticket {
            opened_at: 0,
            first_response_at: first.map(|hour| hour * MICROS_PER_HOUR),
            resolved_at: resolved.map(|hour| hour * MICROS_PER_HOUR),
            topic: None,
            reopened_count: resolved.map(|_| reopened),
            satisfaction: None,
        }
    }

    #[test]
    fn a_ticket_is_judged_by_what_was_known_then() {
        let judged = 100 * MICROS_PER_HOUR;
        let of = |resolved, reopened| Handling::of(&ticket(None, resolved, reopened), 24.0, judged);
        assert_eq!(of(Some(24), 0.0), Handling::ResolvedFast);
        assert_eq!(of(Some(25), 0.0), Handling::ResolvedSlowly);
        assert_eq!(of(Some(99), 0.0), Handling::ResolvedSlowly);
        assert_eq!(of(Some(100), 0.0), Handling::Unresolved);
        assert_eq!(of(Some(2), 1.0), Handling::Reopened);
        assert_eq!(of(Some(101), 1.0), Handling::Unresolved);
        assert_eq!(of(None, 0.0), Handling::Unresolved);
    }

    #[test]
    fn bands_hold_their_upper_limit() {
        let limits = [1.0, 8.0, 24.0];
        let names = band_names(&limits);
        assert_eq!(names, ["within 1h", "1h to 8h", "8h to 24h", "after 24h", "not answered"]);
        let judged = 100 * MICROS_PER_HOUR;
        let of = |first| names[band(&ticket(first, None, 0.0), &limits, judged)].as_str();
        for (first, name) in [
            (Some(0), "within 1h"),
            (Some(1), "within 1h"),
            (Some(2), "1h to 8h"),
            (Some(24), "8h to 24h"),
            (Some(99), "after 24h"),
            (Some(100), "not answered"),
            (None, "not answered"),
        ] {
            assert_eq!(of(first), name, "{first:?}");
        }
    }
}
