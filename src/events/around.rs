//! Events in the weeks around the last purchase of customers who bought no more.

use crate::log::{CustomerIndices, EventLog, over_customers};
use crate::time::{MICROS_PER_DAY, Timestamp};

/// Weeks that are looked at on either side.
pub const WEEKS: i64 = 12;
const WEEK: i64 = 7 * MICROS_PER_DAY;

/// Events of each kind by week from the last purchase on: those of customers whose last purchase was
/// at least [`WEEKS`] weeks before the end of the log.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct AroundPurchase {
    /// Customers that are looked at.
    pub customers: u64,
    /// Of each kind, in the order of the summary, the events of weeks −12 to 11.
    pub events: Vec<[u64; 2 * WEEKS as usize]>,
}

/// Of kinds with these codes, by what was known before an instant.
pub(super) fn around(log: &EventLog, until: Timestamp, codes: &[u16]) -> AroundPurchase {
    let mut places = vec![usize::MAX; log.event_texts().len()];
    codes.iter().enumerate().for_each(|(place, &code)| places[usize::from(code)] = place);
    let end = until.micros();
    let none =
        || AroundPurchase { customers: 0, events: vec![[0; 2 * WEEKS as usize]; codes.len()] };
    let part = |customers: CustomerIndices| {
        let mut found = none();
        for customer in customers {
            let history = log.history(customer, until);
            let last = history.purchases().last().map(|purchase| purchase.time);
            let Some(last) = last.filter(|last| last + WEEKS * WEEK <= end) else { continue };
            found.customers += 1;
            for act in history.acts().into_iter().flatten() {
                let week = (act.time - last).div_euclid(WEEK) + WEEKS;
                let counts = found.events.get_mut(places[usize::from(act.kind)]);
                if let (Some(counts), Ok(week)) = (counts, usize::try_from(week))
                    && let Some(count) = counts.get_mut(week)
                {
                    *count += 1;
                }
            }
        }
        found
    };
    over_customers(log, 24 * codes.len(), part, |all, other| {
        all.customers += other.customers;
        for (own, other) in all.events.iter_mut().zip(other.events) {
            own.iter_mut().zip(other).for_each(|(own, other)| *own += other);
        }
    })
}
