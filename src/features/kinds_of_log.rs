//! The kinds of events of a log, which are learned in training.

use super::kinds::{MOST, OTHER};
use crate::log::{EventLog, EventRole, over_customers};
use crate::time::Timestamp;

/// The kinds with most events known at a cutoff, at most so many, the most frequent first; of equal
/// ones the first by name. The only kind that stands in place of purchases is told as such already.
pub(crate) fn most_frequent(log: &EventLog, cutoff: Timestamp, count: usize) -> Vec<String> {
    let mut of_activity = log.event_roles().iter().filter(|(role, _)| *role == EventRole::Activity);
    let only = of_activity.next().filter(|_| of_activity.next().is_none());
    let mut kinds = counted(log, cutoff);
    kinds.retain(|(_, kind)| *kind != OTHER && only.is_none_or(|(_, own)| *kind != own));
    kinds.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    kinds.into_iter().take(count.min(MOST)).map(|(_, kind)| kind.to_owned()).collect()
}

/// All kinds of the events known at a cutoff, by name.
pub(crate) fn known_kinds(log: &EventLog, cutoff: Timestamp) -> Vec<String> {
    let kinds = counted(log, cutoff).into_iter();
    let mut kinds: Vec<String> = kinds.map(|(_, kind)| kind.to_owned()).collect();
    kinds.sort_unstable();
    kinds
}

/// The kinds of the events known at a cutoff, and how many of each there are.
fn counted(log: &EventLog, cutoff: Timestamp) -> Vec<(u64, &str)> {
    let texts = log.event_texts();
    let part = |customers: std::ops::Range<usize>| {
        let mut counts = vec![0u64; texts.len()];
        for customer in customers {
            let history = log.history(customer, cutoff);
            for act in history.acts().into_iter().flatten() {
                counts[usize::from(act.kind)] += 1;
            }
        }
        counts
    };
    let add = |all: &mut Vec<u64>, other: Vec<u64>| {
        all.iter_mut().zip(other).for_each(|(own, other)| *own += other);
    };
    let counts = over_customers(log, texts.len(), part, add);
    counts.into_iter().zip(texts.iter()).filter(|(count, _)| *count > 0).collect()
}
