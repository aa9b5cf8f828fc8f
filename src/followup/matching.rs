//! Whom a case is compared with: the customer who was most like its own one, and to whom nothing of
//! the kind had happened lately.

use super::{Case, Seen};
use crate::hash;
use crate::log::{CustomerIndex, EventLog, History, OwnedId};

/// A customer is matched to one whose last purchase was at most so many days earlier or later.
pub(crate) const MATCH_DAYS: i64 = 7;

/// For which case a customer is sought.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Sought {
    /// When the case happened.
    pub(super) at: i64,
    /// The last purchase before it of its own customer.
    pub(super) last: i64,
    /// That customer's purchases in the horizon before it.
    pub(super) purchases: u32,
    /// The hash of that customer's id.
    pub(super) hash: u64,
}

impl Sought {
    /// By the purchases of the case's own customer; none where there was none before it.
    pub(super) fn new(case: &Case, times: &[i64], hash: u64) -> Option<Self> {
        let before = times.partition_point(|&time| time < case.at);
        let last = *times[..before].last()?;
        let purchases = count_in(times, case.before, case.at);
        Some(Sought { at: case.at, last, purchases, hash })
    }

    /// For a check sum.
    pub(super) fn bytes(&self) -> [[u8; 8]; 4] {
        let Sought { at, last, purchases, hash } = *self;
        [
            at.to_le_bytes(),
            last.to_le_bytes(),
            u64::from(purchases).to_le_bytes(),
            hash.to_le_bytes(),
        ]
    }
}

/// How unlike a customer is, the least first: the difference in the number of purchases, how far
/// apart in time the last purchases are, whether it was the later one, and the way from the hash of
/// the one id to that of the other, by which customers of the same day are not all matched to one.
pub(super) type Unlike = (u32, i64, bool, u64);

/// The customer of some who is least unlike, and what was seen of this one.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Match {
    pub(super) unlike: Unlike,
    pub(super) customer: OwnedId,
    pub(super) seen: Seen,
}

impl Match {
    /// Of those found among some customers and among others.
    pub(super) fn of_both(one: Option<Match>, other: Option<Match>) -> Option<Match> {
        let order = |found: &Match| (found.unlike, found.customer.clone());
        one.into_iter().chain(other).min_by_key(order)
    }
}

pub(super) fn hash_of(log: &EventLog, customer: CustomerIndex) -> u64 {
    hash::of_bytes(log.customers().get(customer).to_string().bytes())
}

/// How many of ascending times lie in [`from`, `to`).
fn count_in(times: &[i64], from: i64, to: i64) -> u32 {
    let before = |end: i64| times.partition_point(|&time| time < end);
    before(to).saturating_sub(before(from)) as u32
}

/// The times of a customer's purchases.
pub(super) fn times_of<'a>(history: &'a History<'_>) -> impl Iterator<Item = i64> + 'a {
    history.purchases().iter().map(|purchase| purchase.time)
}
