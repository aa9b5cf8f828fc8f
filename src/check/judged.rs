//! A log under judgement, and how findings are made.

use super::cases::{Cases, Place};
use super::facts::Facts;
use super::finding::{Finding, Verdict};
use crate::error::shown;
use crate::log::counted;
use crate::log::{EventLog, grouped};
use crate::time::{MICROS_PER_DAY, Timestamp};

/// A log and what was counted of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged<'a> {
    pub(super) log: &'a EventLog,
    pub(super) facts: &'a Facts,
}

impl Judged<'_> {
    /// The finding of these cases out of so many, if there are any; it is made from their share.
    pub(super) fn cases(
        &self,
        cases: Cases,
        of: u64,
        finding: impl FnOnce(f64) -> Finding,
    ) -> Verdict {
        if cases.count == 0 {
            return Verdict::Fine;
        }
        let share = cases.count as f64 / of.max(1) as f64;
        let example = cases.first.map(|place| self.shown(place));
        Verdict::Found(Finding {
            count: cases.count,
            share: Some(share),
            example,
            ..finding(share)
        })
    }

    /// That there are too few to tell.
    pub(super) fn too_few(&self, count: u64, one: &str, several: &str, needed: u64) -> Verdict {
        Verdict::TooFew(format!("{}, {} needed", counted(count, one, several), grouped(needed)))
    }

    /// Customer and time of a row.
    pub(super) fn shown(&self, place: Place) -> String {
        let id = self.log.customers().get(place.customer).to_string();
        format!("customer {}, {}", shown(&id), at(place.time))
    }

    pub(super) fn number(&self, count: u64) -> String {
        grouped(count)
    }
}

/// A time of the log in words.
pub(super) fn at(time: i64) -> String {
    Timestamp::from_micros(time).map_or_else(|_| "-".to_owned(), |at| at.to_string())
}

/// A day in words.
pub(super) fn date(day: i64) -> String {
    at(day * MICROS_PER_DAY)
}
