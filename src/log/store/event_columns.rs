//! The events table, read and stored by column: what customers do, and what is done to reach them.

use std::cmp::Ordering;
use std::ops::Range;

use super::columns::{Columns, names_of};
use super::event_roles::{EventRole, KindRoles};
use super::log_columns::EventLogColumns;
use super::pool::NO_CODE;
use super::transactions::{append, take};

/// Most different kinds and channels. More are no kinds but addresses, ids or free text.
pub(crate) const MOST_KINDS: usize = 10_000;
/// Stands for no channel.
pub(crate) const NO_CHANNEL: u16 = u16::MAX;

/// Events by column. Optional columns are absent, not empty. Kinds and channels are numbers of the
/// texts of the table, of which there are few.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventColumns {
    pub(crate) time: Vec<i64>,
    pub(crate) kind: Vec<u16>,
    /// NaN: not given.
    pub(crate) value: Option<Vec<f64>>,
    pub(crate) channel: Option<Vec<u16>>,
    pub(crate) known_at: Option<Vec<i64>>,
}

impl Columns for EventColumns {
    fn optional(&self) -> Vec<&'static str> {
        names_of(&[
            ("value", self.value.is_some()),
            ("channel", self.channel.is_some()),
            ("known_at", self.known_at.is_some()),
        ])
    }

    fn time(&self) -> &[i64] {
        &self.time
    }

    fn take(&self, order: &[u32]) -> EventColumns {
        EventColumns {
            time: take(&self.time, order),
            kind: take(&self.kind, order),
            value: self.value.as_ref().map(|c| take(c, order)),
            channel: self.channel.as_ref().map(|c| take(c, order)),
            known_at: self.known_at.as_ref().map(|c| take(c, order)),
        }
    }

    /// Codes of kinds depend on the order of the input, so they do not enter: no feature depends on
    /// the order of kinds at one instant.
    fn compare(&self, a: usize, b: usize) -> Ordering {
        let value = |row: usize| self.value.as_ref().map_or(0.0, |c| c[row]);
        let known = |row: usize| self.known_at.as_ref().map(|c| c[row]);
        self.time[a]
            .cmp(&self.time[b])
            .then_with(|| value(a).total_cmp(&value(b)))
            .then_with(|| known(a).cmp(&known(b)))
    }

    fn append(&mut self, other: &Self, texts: Option<&[u32]>) {
        let code = |&code: &u16| match texts {
            Some(texts) if code != NO_CHANNEL => narrow(texts[usize::from(code)]),
            _ => code,
        };
        self.time.extend_from_slice(&other.time);
        self.kind.extend(other.kind.iter().map(code));
        append(&mut self.value, &other.value);
        if let (Some(own), Some(other)) = (&mut self.channel, &other.channel) {
            own.extend(other.iter().map(code));
        }
        append(&mut self.known_at, &other.known_at);
    }
}

impl EventColumns {
    /// No rows, with the optional columns of a log and those that one customer's events may have.
    pub(crate) fn with(columns: EventLogColumns) -> Self {
        EventColumns {
            value: columns.value.then(Vec::new),
            channel: Some(Vec::new()),
            known_at: Some(Vec::new()),
            ..EventColumns::default()
        }
    }

    /// Of some rows, of events before `cutoff`, those that are known before it.
    fn known_rows(
        &self,
        range: Range<usize>,
        cutoff: i64,
    ) -> impl DoubleEndedIterator<Item = usize> + '_ {
        // NO_TIME, the smallest number, stands for "when it happened".
        range.filter(move |&row| self.known_at.as_ref().is_none_or(|known| known[row] < cutoff))
    }

    /// The events in some rows that are known before `cutoff`.
    pub(crate) fn known_in(
        &self,
        range: Range<usize>,
        cutoff: i64,
    ) -> impl DoubleEndedIterator<Item = Event> + '_ {
        self.known_rows(range, cutoff).map(|row| Event {
            time: self.time[row],
            kind: self.kind[row].into(),
            value: self.value.as_ref().map(|c| c[row]).filter(|value| !value.is_nan()),
            channel: self
                .channel
                .as_ref()
                .map(|c| c[row])
                .filter(|&code| code != NO_CHANNEL)
                .map(u32::from),
        })
    }

    pub(crate) fn log_columns(&self, kinds: &KindRoles) -> EventLogColumns {
        EventLogColumns {
            value: self.value.is_some(),
            contacts: kinds.has(EventRole::Contact),
            visits: kinds.has(EventRole::Visit),
            carts: kinds.has(EventRole::Cart),
            abandoned: kinds.has(EventRole::Abandoned),
            opened: kinds.has(EventRole::Opened),
            activity: kinds.has(EventRole::Activity),
        }
    }

    /// The rows of kinds that stand in place of purchases.
    pub(crate) fn activity<'a>(&'a self, kinds: &'a KindRoles) -> impl Iterator<Item = u32> + 'a {
        let is_activity =
            |&row: &u32| kinds.bits(self.kind[row as usize]) & EventRole::Activity.bit() != 0;
        (0..self.kind.len() as u32).filter(is_activity)
    }

    /// As [`EventColumns::known_in`], with all that features take.
    pub(crate) fn acts_in<'a>(
        &'a self,
        range: Range<usize>,
        cutoff: i64,
        kinds: &'a KindRoles,
    ) -> impl DoubleEndedIterator<Item = Act> + 'a {
        self.known_rows(range, cutoff).map(move |row| Act {
            time: self.time[row],
            kind: self.kind[row],
            roles: kinds.bits(self.kind[row]),
            value: self.value.as_ref().map_or(f64::NAN, |c| c[row]),
        })
    }
}

/// One event. The time is in microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Event {
    /// When it happened.
    pub time: i64,
    /// Its kind as a number of the log's kinds.
    pub kind: u32,
    /// Its value, where there is one.
    pub value: Option<f64>,
    /// Its channel as a number of the log's channels of events, where there is one.
    pub channel: Option<u32>,
}

/// One event as features see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Act {
    pub(crate) time: i64,
    pub(crate) kind: u16,
    /// The bits of its roles.
    pub(crate) roles: u8,
    /// NaN: not given.
    pub(crate) value: f64,
}

impl Act {
    pub(crate) fn is(&self, role: EventRole) -> bool {
        self.roles & role.bit() != 0
    }
}

/// Codes of at most [`MOST_KINDS`] texts.
pub(crate) fn narrow(code: u32) -> u16 {
    if code == NO_CODE { NO_CHANNEL } else { code as u16 }
}
