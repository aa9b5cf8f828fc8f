//! Rows as a history stores them, refused where they cannot be.

use super::new_rows::{NewAnswer, NewEvent, NewTicket, NewTransaction};
use crate::error::{Error, Result};
use crate::log::read::meant::meant;
use crate::log::read::schema::{EVENTS, SURVEYS, TICKETS, TRANSACTIONS};
use crate::log::store::options::{PurchaseRules, ZeroAmounts};
use crate::log::store::order_id::OrderId;
use crate::log::store::values::{MAX_AMOUNT, NO_ORDER, NO_TIME, is_count, order_number};
use crate::time::{Moment, TimeZone, Unread};

/// A transaction row that may be stored; its texts have no codes yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct CheckedTransaction<'a> {
    pub(super) time: i64,
    pub(super) amount: f64,
    pub(super) order: i64,
    pub(super) category: Option<&'a str>,
    pub(super) channel: Option<&'a str>,
    pub(super) discount: f64,
    pub(super) valid_until: i64,
    pub(super) known_at: i64,
}

/// A ticket that may be stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct CheckedTicket<'a> {
    pub(super) opened_at: i64,
    pub(super) first_response_at: i64,
    pub(super) resolved_at: i64,
    pub(super) topic: Option<&'a str>,
    pub(super) reopened_count: f64,
    pub(super) satisfaction: f64,
    pub(super) known_at: i64,
}

/// An answer that may be stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct CheckedAnswer<'a> {
    pub(super) time: i64,
    pub(super) score: f64,
    pub(super) topic: Option<&'a str>,
    pub(super) known_at: i64,
}

/// An event that may be stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct CheckedEvent<'a> {
    pub(super) time: i64,
    pub(super) kind: &'a str,
    pub(super) value: f64,
    pub(super) channel: Option<&'a str>,
    pub(super) known_at: i64,
}

impl<'a> CheckedTransaction<'a> {
    /// None for a row that is left out because its amount is zero.
    pub(super) fn of(
        row: NewTransaction<'a>,
        has_amounts: bool,
        rules: PurchaseRules,
    ) -> Result<Option<Self>> {
        let mut amount = 0.0;
        if has_amounts {
            amount = row.amount.map_or_else(
                || Err(Error::value(TRANSACTIONS.name, "amount", "nothing", "a finite number")),
                |amount| finite(TRANSACTIONS.name, "amount", amount),
            )?;
            if amount.abs() > MAX_AMOUNT {
                let expected = "at most 1e15 in absolute value";
                return Err(Error::value(TRANSACTIONS.name, "amount", amount, expected));
            }
        }
        let discount = optional(TRANSACTIONS.name, "discount", row.discount)?;
        let order = match row.order_id {
            None => NO_ORDER,
            Some(OrderId::Int(NO_ORDER)) => {
                let expected = "-2^63 + 1 or more";
                return Err(Error::value(TRANSACTIONS.name, "order_id", NO_ORDER, expected));
            }
            Some(OrderId::Int(id)) => id,
            Some(OrderId::Text(id)) => meant(id).map_or(NO_ORDER, |id| order_number(id, false)),
        };
        let clock = Clock(TRANSACTIONS.name, rules.time_zone);
        let checked = CheckedTransaction {
            time: clock.time("time", row.time)?,
            amount,
            order,
            category: row.category.and_then(meant),
            channel: row.channel.and_then(meant),
            discount,
            valid_until: clock.optional("valid_until", row.valid_until)?,
            known_at: clock.optional("known_at", row.known_at)?,
        };
        let ignored = has_amounts && amount == 0.0 && rules.zero_amounts == ZeroAmounts::Ignore;
        Ok((!ignored).then_some(checked))
    }
}

impl<'a> CheckedTicket<'a> {
    pub(super) fn of(ticket: NewTicket<'a>, zone: TimeZone) -> Result<Self> {
        let clock = Clock(TICKETS.name, zone);
        let opened_at = clock.time("opened_at", ticket.opened_at)?;
        let later = |name, time: Option<Moment>| {
            let at = clock.optional(name, time)?;
            match time.filter(|_| at < opened_at) {
                None => Ok(at),
                Some(time) => {
                    let expected = "a time not before the ticket is opened";
                    Err(Error::value(TICKETS.name, name, time, expected))
                }
            }
        };
        Ok(CheckedTicket {
            opened_at,
            first_response_at: later("first_response_at", ticket.first_response_at)?,
            resolved_at: later("resolved_at", ticket.resolved_at)?,
            topic: ticket.topic.and_then(meant),
            reopened_count: match ticket.reopened_count {
                Some(count) if !is_count(count) => {
                    let expected = "a whole number from 0 on";
                    return Err(Error::value(TICKETS.name, "reopened_count", count, expected));
                }
                count => count.unwrap_or(f64::NAN),
            },
            satisfaction: optional(TICKETS.name, "satisfaction", ticket.satisfaction)?,
            known_at: clock.optional("known_at", ticket.known_at)?,
        })
    }
}

impl<'a> CheckedAnswer<'a> {
    pub(super) fn of(answer: NewAnswer<'a>, zone: TimeZone) -> Result<Self> {
        let clock = Clock(SURVEYS.name, zone);
        if !(0.0..=10.0).contains(&answer.score) {
            return Err(Error::value(SURVEYS.name, "score", answer.score, "0 to 10"));
        }
        Ok(CheckedAnswer {
            time: clock.time("time", answer.time)?,
            score: answer.score,
            topic: answer.topic.and_then(meant),
            known_at: clock.optional("known_at", answer.known_at)?,
        })
    }
}

impl<'a> CheckedEvent<'a> {
    pub(super) fn of(event: NewEvent<'a>, zone: TimeZone) -> Result<Self> {
        let clock = Clock(EVENTS.name, zone);
        let Some(kind) = meant(event.kind) else {
            return Err(Error::value(EVENTS.name, "kind", event.kind, "what happened, as visit"));
        };
        Ok(CheckedEvent {
            time: clock.time("time", event.time)?,
            kind,
            value: optional(EVENTS.name, "value", event.value)?,
            channel: event.channel.and_then(meant),
            known_at: clock.optional("known_at", event.known_at)?,
        })
    }
}

fn finite(table: &'static str, column: &'static str, value: f64) -> Result<f64> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Error::value(table, column, value, "a finite number"))
    }
}

/// NaN where there is none.
fn optional(table: &'static str, column: &'static str, value: Option<f64>) -> Result<f64> {
    value.map_or(Ok(f64::NAN), |value| finite(table, column, value))
}

/// By whose clock the times of a table are kept.
#[derive(Clone, Copy)]
struct Clock(&'static str, TimeZone);

impl Clock {
    /// A time in microseconds.
    fn time(self, column: &'static str, time: Moment) -> Result<i64> {
        let refused = |unread: Unread| {
            Error::value(self.0, column, time, &format!("a time; it {}", unread.why("")))
        };
        Ok(time.row(self.1).map_err(refused)?.micros())
    }

    /// [`NO_TIME`] where there is none.
    fn optional(self, column: &'static str, time: Option<Moment>) -> Result<i64> {
        time.map_or(Ok(NO_TIME), |time| self.time(column, time))
    }
}
