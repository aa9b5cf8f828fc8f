//! How many events of each kind there are, and of whom.

use crate::error::Result;
use crate::log::{CustomerIndex, CustomerIndices, EventLog, over_customers};
use crate::time::Timestamp;

/// The events of one kind.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct KindCounts {
    /// The kind.
    pub kind: String,
    /// What it stands for, as `contact` or `visit, cart`; empty if for nothing.
    pub roles: String,
    /// Its events.
    pub events: u64,
    /// Customers with one.
    pub customers: u64,
    /// Their share of all customers.
    pub share: f64,
    /// The first and the last one.
    pub span: (Timestamp, Timestamp),
}

#[derive(Clone, Copy)]
struct Count {
    events: u64,
    customers: u64,
    first: i64,
    last: i64,
    /// The customer who was counted last.
    seen: Option<CustomerIndex>,
}

const NONE: Count = Count { events: 0, customers: 0, first: i64::MAX, last: i64::MIN, seen: None };

/// Of the events known before an instant, the kinds by falling number of events; equal ones by name.
/// Each with its code.
pub(super) fn counted(log: &EventLog, until: Timestamp) -> Result<Vec<(u16, KindCounts)>> {
    let texts = log.event_texts();
    let part = |customers: CustomerIndices| {
        let mut counts = vec![NONE; texts.len()];
        for customer in customers {
            for act in log.history(customer, until).acts().into_iter().flatten() {
                let count = &mut counts[usize::from(act.kind)];
                count.events += 1;
                count.customers += u64::from(count.seen.replace(customer) != Some(customer));
                (count.first, count.last) = (count.first.min(act.time), count.last.max(act.time));
            }
        }
        counts
    };
    let counts = over_customers(log, 5 * texts.len(), part, |all, other| {
        for (own, other) in all.iter_mut().zip(other) {
            own.events += other.events;
            own.customers += other.customers;
            (own.first, own.last) = (own.first.min(other.first), own.last.max(other.last));
        }
    });
    let n = log.customers().len() as f64;
    let mut kinds = Vec::new();
    for (code, (count, kind)) in counts.into_iter().zip(texts.iter()).enumerate() {
        if count.events == 0 {
            continue;
        }
        let roles = log.event_roles().iter().filter(|(_, own)| *own == kind);
        let roles: Vec<&str> = roles.map(|(role, _)| role.name()).collect();
        let counts = KindCounts {
            kind: kind.to_owned(),
            roles: roles.join(", "),
            events: count.events,
            customers: count.customers,
            share: count.customers as f64 / n,
            span: (Timestamp::from_micros(count.first)?, Timestamp::from_micros(count.last)?),
        };
        kinds.push((code as u16, counts));
    }
    kinds.sort_by(|a, b| b.1.events.cmp(&a.1.events).then_with(|| a.1.kind.cmp(&b.1.kind)));
    Ok(kinds)
}
