//! The support tickets table, read and stored by column.

use std::cmp::Ordering;
use std::ops::Range;

use super::columns::{Columns, names_of};
use super::log_columns::TicketLogColumns;
use super::pool::NO_CODE;
use super::transactions::{append, append_codes, take};
use super::values::NO_TIME;

/// Tickets by column. Optional columns are absent, not empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct TicketColumns {
    pub(crate) opened_at: Vec<i64>,
    pub(crate) first_response_at: Option<Vec<i64>>,
    pub(crate) resolved_at: Option<Vec<i64>>,
    pub(crate) topic: Option<Vec<u32>>,
    pub(crate) reopened_count: Option<Vec<f64>>,
    pub(crate) satisfaction: Option<Vec<f64>>,
    pub(crate) known_at: Option<Vec<i64>>,
}

impl Columns for TicketColumns {
    fn optional(&self) -> Vec<&'static str> {
        names_of(&[
            ("first_response_at", self.first_response_at.is_some()),
            ("resolved_at", self.resolved_at.is_some()),
            ("topic", self.topic.is_some()),
            ("reopened_count", self.reopened_count.is_some()),
            ("satisfaction", self.satisfaction.is_some()),
            ("known_at", self.known_at.is_some()),
        ])
    }

    fn time(&self) -> &[i64] {
        &self.opened_at
    }

    fn take(&self, order: &[u32]) -> TicketColumns {
        TicketColumns {
            opened_at: take(&self.opened_at, order),
            first_response_at: self.first_response_at.as_ref().map(|c| take(c, order)),
            resolved_at: self.resolved_at.as_ref().map(|c| take(c, order)),
            topic: self.topic.as_ref().map(|c| take(c, order)),
            reopened_count: self.reopened_count.as_ref().map(|c| take(c, order)),
            satisfaction: self.satisfaction.as_ref().map(|c| take(c, order)),
            known_at: self.known_at.as_ref().map(|c| take(c, order)),
        }
    }

    /// By all that enters a feature, so that the order of the input does not matter.
    fn compare(&self, a: usize, b: usize) -> Ordering {
        fn time(column: &Option<Vec<i64>>, row: usize) -> Option<i64> {
            column.as_ref().map(|c| c[row])
        }
        fn number(column: &Option<Vec<f64>>, row: usize) -> f64 {
            column.as_ref().map_or(0.0, |c| c[row])
        }
        self.opened_at[a]
            .cmp(&self.opened_at[b])
            .then_with(|| time(&self.resolved_at, a).cmp(&time(&self.resolved_at, b)))
            .then_with(|| time(&self.first_response_at, a).cmp(&time(&self.first_response_at, b)))
            .then_with(|| number(&self.satisfaction, a).total_cmp(&number(&self.satisfaction, b)))
            .then_with(|| {
                number(&self.reopened_count, a).total_cmp(&number(&self.reopened_count, b))
            })
            .then_with(|| time(&self.known_at, a).cmp(&time(&self.known_at, b)))
    }

    fn append(&mut self, other: &Self, topics: Option<&[u32]>) {
        self.opened_at.extend_from_slice(&other.opened_at);
        append(&mut self.first_response_at, &other.first_response_at);
        append(&mut self.resolved_at, &other.resolved_at);
        append_codes(&mut self.topic, &other.topic, topics);
        append(&mut self.reopened_count, &other.reopened_count);
        append(&mut self.satisfaction, &other.satisfaction);
        append(&mut self.known_at, &other.known_at);
    }
}

impl TicketColumns {
    /// What of one ticket, which was opened before `cutoff`, is known before it; none when nothing is.
    pub(crate) fn known(&self, row: usize, cutoff: i64) -> Option<Ticket> {
        let before = |column: &Option<Vec<i64>>| {
            column.as_ref().map(|c| c[row]).filter(|&at| at != NO_TIME && at < cutoff)
        };
        if self.known_at.as_ref().is_some_and(|known| known[row] >= cutoff) {
            return None;
        }
        let resolved_at = before(&self.resolved_at);
        let after_resolution = |column: &Option<Vec<f64>>| {
            resolved_at.and(column.as_ref().map(|c| c[row])).filter(|value| !value.is_nan())
        };
        Some(Ticket {
            opened_at: self.opened_at[row],
            first_response_at: before(&self.first_response_at),
            resolved_at,
            topic: self.topic.as_ref().map(|c| c[row]).filter(|&topic| topic != NO_CODE),
            reopened_count: after_resolution(&self.reopened_count),
            satisfaction: after_resolution(&self.satisfaction),
        })
    }

    pub(crate) fn known_in(
        &self,
        range: Range<usize>,
        cutoff: i64,
    ) -> impl DoubleEndedIterator<Item = Ticket> + '_ {
        range.filter_map(move |row| self.known(row, cutoff))
    }
}

/// What is known about one ticket at a cutoff. Times are in microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Ticket {
    /// When it was opened.
    pub opened_at: i64,
    /// When it was first answered, if that was before the cutoff.
    pub first_response_at: Option<i64>,
    /// When it was resolved, if that was before the cutoff; otherwise the ticket is open.
    pub resolved_at: Option<i64>,
    /// Its topic as a number of the log's topics, if it has one.
    pub topic: Option<u32>,
    /// How often it was reopened; known once it is resolved.
    pub reopened_count: Option<f64>,
    /// The customer's rating; known once it is resolved.
    pub satisfaction: Option<f64>,
}

impl TicketColumns {
    pub(crate) fn log_columns(&self) -> TicketLogColumns {
        TicketLogColumns {
            first_response_at: self.first_response_at.is_some(),
            resolved_at: self.resolved_at.is_some(),
            reopened_count: self.reopened_count.is_some(),
            satisfaction: self.satisfaction.is_some(),
        }
    }
}
