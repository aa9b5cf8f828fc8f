//! What customers have bought: sets of categories.

use hashbrown::HashMap;
use rayon::prelude::*;

use crate::groups::PurchaseText;
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
    let of_each: Vec<Vec<u32>> = snapshot
        .customers()
        .par_iter()
        .map(|&c| PurchaseText::Category.distinct(&snapshot.history(c), i64::MIN))
        .collect();
    let mut found = PurchaseText::Category.by_buyers(snapshot.log(), &of_each);
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
