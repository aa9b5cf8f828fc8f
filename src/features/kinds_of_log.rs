//! The kinds of events of a log, which are learned in training.

use super::kinds::{MOST, OTHER};
use crate::log::{CustomerIndices, EventLog, EventRole, over_customers};
use crate::time::Timestamp;

/// The kinds with most events known at a cutoff, at most `count` of those that at least so many
/// customers had, the most frequent first; of equal ones the first by name. The only kind that stands
/// in place of purchases is told as such already.
pub(crate) fn most_frequent(
    log: &EventLog,
    cutoff: Timestamp,
    count: usize,
    customers: usize,
) -> Vec<String> {
    let mut of_activity = log.event_roles().iter().filter(|(role, _)| *role == EventRole::Activity);
    let only = of_activity.next().filter(|_| of_activity.next().is_none());
    let mut kinds = counted(log, cutoff);
    kinds.retain(|(count, kind)| {
        let is_told = *kind == OTHER || only.is_some_and(|(_, own)| *kind == own);
        count.customers >= customers && !is_told
    });
    kinds.sort_by(|a, b| b.0.events.cmp(&a.0.events).then(a.1.cmp(b.1)));
    kinds.into_iter().take(count.min(MOST)).map(|(_, kind)| kind.to_owned()).collect()
}

/// The kinds of events that at least so many customers had as known at a cutoff, by name.
pub(crate) fn shared_kinds(log: &EventLog, cutoff: Timestamp, customers: usize) -> Vec<String> {
    let kinds = counted(log, cutoff).into_iter().filter(|(count, _)| count.customers >= customers);
    let mut kinds: Vec<String> = kinds.map(|(_, kind)| kind.to_owned()).collect();
    kinds.sort_unstable();
    kinds
}

/// How many events of a kind there are, and how many customers had one.
#[derive(Clone, Copy, Default)]
struct Count {
    events: u64,
    customers: usize,
}

/// The kinds of the events known at a cutoff, each with its counts.
fn counted(log: &EventLog, cutoff: Timestamp) -> Vec<(Count, &str)> {
    let texts = log.event_texts();
    let part = |customers: CustomerIndices| {
        let mut counts = vec![Count::default(); texts.len()];
        let mut last = vec![None; texts.len()];
        for customer in customers {
            let history = log.history(customer, cutoff);
            for act in history.acts().into_iter().flatten() {
                let kind = usize::from(act.kind);
                let is_new = last[kind].replace(customer) != Some(customer);
                counts[kind].events += 1;
                counts[kind].customers += usize::from(is_new);
            }
        }
        counts
    };
    let add = |all: &mut Vec<Count>, other: Vec<Count>| {
        for (own, other) in all.iter_mut().zip(other) {
            own.events += other.events;
            own.customers += other.customers;
        }
    };
    let counts = over_customers(log, 2 * texts.len(), part, add);
    counts.into_iter().zip(texts.iter()).filter(|(count, _)| count.events > 0).collect()
}
