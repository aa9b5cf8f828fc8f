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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{EventSlices, IdSlice, TransactionSlices};
    use crate::time::Span;

    #[test]
    fn the_only_kind_of_activity_and_all_others_are_no_kinds_of_their_own() {
        let time = vec!["2024-01-01".parse::<Timestamp>().unwrap(); 4];
        let kind = ["buy", "rent", "view", OTHER];
        let events = EventSlices {
            customer_id: IdSlice::Int(&[1; 4]),
            time: &time,
            kind: &kind,
            ..EventSlices::default()
        };
        let found = |activity: &[&str]| {
            let log = EventLog::builder()
                .events([events.to_batch().unwrap()])
                .activity(activity.iter().copied())
                .event_role(EventRole::Visit, ["view"])
                .observed_until("2024-06-01")
                .unwrap()
                .build()
                .unwrap();
            most_frequent(&log, "2024-02-01".parse().unwrap(), 5, 1)
        };
        assert_eq!(found(&["buy"]), ["rent", "view"]);
        assert_eq!(found(&["buy", "rent"]), ["buy", "rent", "view"]);
    }

    /// More customers than are counted at once. Of them 700 have seen something once, and 50 have called
    /// 20 times; at the cutoff another one calls.
    #[test]
    fn kinds_are_counted_over_all_customers() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (start, cutoff) = (at("2024-01-01"), at("2024-02-01"));
        let all: Vec<i64> = (0..1_500).collect();
        let times = vec![start; all.len()];
        let orders = TransactionSlices {
            customer_id: IdSlice::Int(&all),
            time: &times,
            ..TransactionSlices::default()
        };
        let (mut ids, mut time, mut kind) = (Vec::new(), Vec::new(), Vec::new());
        let mut add = |id: i64, at: Timestamp, what: &'static str| {
            ids.push(id);
            time.push(at);
            kind.push(what);
        };
        (0..600).chain(1_100..1_200).for_each(|id| add(id, start, "view"));
        for id in 1_000..1_050 {
            (0..20).for_each(|day| add(id, start.add(Span::days(day)).unwrap(), "call"));
        }
        add(700, start, "once");
        add(1_498, cutoff, "late");
        add(1_499, cutoff, "call");
        let events = EventSlices {
            customer_id: IdSlice::Int(&ids),
            time: &time,
            kind: &kind,
            ..EventSlices::default()
        };
        let log = EventLog::builder()
            .transactions([orders.to_batch().unwrap()])
            .events([events.to_batch().unwrap()])
            .observed_until("2024-06-01")
            .unwrap()
            .build()
            .unwrap();
        let shared = |customers: usize| shared_kinds(&log, cutoff, customers);
        assert_eq!(shared(0), ["call", "once", "view"]);
        assert_eq!(shared(1), ["call", "once", "view"]);
        assert_eq!(shared(2), ["call", "view"]);
        assert_eq!(shared(50), ["call", "view"]);
        assert_eq!(shared(51), ["view"]);
        assert_eq!(shared(700), ["view"]);
        assert!(shared(701).is_empty());
        // 1,000 calls and 700 views.
        assert_eq!(most_frequent(&log, cutoff, 2, 50), ["call", "view"]);
        assert_eq!(most_frequent(&log, cutoff, 1, 50), ["call"]);
        assert_eq!(most_frequent(&log, cutoff, 2, 51), ["view"]);
        assert!(most_frequent(&log, cutoff, 0, 1).is_empty());
    }
}
