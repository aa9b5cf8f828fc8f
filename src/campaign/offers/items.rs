//! What customers have bought: sets of categories.

use hashbrown::HashMap;
use rayon::prelude::*;

use crate::groups::PurchaseText;
use crate::log::EventLog;
use crate::snapshot::Snapshot;

/// Categories by number of buyers, the most frequent first; of equal ones the first by name.
pub(super) struct Items {
    pub(super) names: Vec<String>,
    /// Customers who have bought each.
    pub(super) buyers: Vec<u64>,
    places: HashMap<u32, u32>,
}

/// Each customer's categories, ascending, each once.
pub(super) type Sets = Vec<Vec<u32>>;

/// The categories that customers had bought before the cutoff of a snapshot, at most so many, and
/// those of each customer.
pub(super) fn bought(snapshot: &Snapshot, most: usize) -> (Items, Sets) {
    let log = snapshot.log();
    let of_each: Vec<Vec<u32>> = snapshot
        .customers()
        .par_iter()
        .map(|&customer| codes(log, snapshot, customer as usize, i64::MIN))
        .collect();
    let mut counts: HashMap<u32, u64> = HashMap::new();
    of_each.iter().flatten().for_each(|&code| *counts.entry(code).or_default() += 1);
    let mut found: Vec<(u64, &str, u32)> = counts
        .into_iter()
        .map(|(code, count)| (count, PurchaseText::Category.name_of(log, code), code))
        .collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    found.truncate(most);
    let items = Items {
        names: found.iter().map(|(_, name, _)| (*name).to_owned()).collect(),
        buyers: found.iter().map(|(count, ..)| *count).collect(),
        places: found.iter().zip(0..).map(|((.., code), place)| (*code, place)).collect(),
    };
    let sets = of_each.into_par_iter().map(|codes| items.places_of(&codes)).collect();
    (items, sets)
}

impl Items {
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// Ascending, each once.
    pub(super) fn places_of(&self, codes: &[u32]) -> Vec<u32> {
        let mut places: Vec<u32> =
            codes.iter().filter_map(|code| self.places.get(code).copied()).collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// The numbers of the categories that a customer bought from an instant on, each once.
pub(super) fn codes(log: &EventLog, snapshot: &Snapshot, customer: usize, from: i64) -> Vec<u32> {
    let history = log.history(customer, snapshot.at());
    let first = history.times().partition_point(|&time| time < from);
    let mut codes: Vec<u32> = PurchaseText::Category
        .of_rows(&history)
        .filter(|(row, _)| *row >= first)
        .map(|(_, code)| code)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}
