//! How many bytes the rows of each customer of a part take, to cut the part anew.

use std::collections::BTreeMap;

use super::splits::{Sample, Splits};
use crate::log::store::customer_id::CustomerId;

/// Customers that are counted at most.
const MOST_CUSTOMERS: usize = 1 << 17;

/// Bytes by customer. Where there are too many customers, a share of them is counted, drawn by their
/// ids, each with all its rows.
#[derive(Debug)]
pub(crate) struct Weights {
    integers: BTreeMap<i64, u64>,
    texts: BTreeMap<String, u64>,
    /// Of `2^halvings` customers one is counted.
    halvings: u32,
    most_customers: usize,
}

impl Default for Weights {
    fn default() -> Self {
        Weights {
            integers: BTreeMap::new(),
            texts: BTreeMap::new(),
            halvings: 0,
            most_customers: MOST_CUSTOMERS,
        }
    }
}

fn is_drawn(id: CustomerId<'_>, halvings: u32) -> bool {
    id.key() & ((1 << halvings) - 1) == 0
}

impl Weights {
    /// Counts a row of a customer. All ids are of one type.
    pub(crate) fn add(&mut self, id: CustomerId<'_>, bytes: u64) {
        if !is_drawn(id, self.halvings) {
            return;
        }
        match id {
            CustomerId::Int(id) => *self.integers.entry(id).or_default() += bytes,
            CustomerId::Text(id) => match self.texts.get_mut(id) {
                Some(own) => *own += bytes,
                None => drop(self.texts.insert(id.to_owned(), bytes)),
            },
        }
        while self.integers.len() + self.texts.len() > self.most_customers {
            self.halvings += 1;
            let halvings = self.halvings;
            self.integers.retain(|&id, _| is_drawn(CustomerId::Int(id), halvings));
            self.texts.retain(|id, _| is_drawn(CustomerId::Text(id), halvings));
        }
    }

    /// The customer with the most bytes, if these are more than `most`, and how many they are.
    pub(crate) fn alone(&self, most: u64) -> Option<(String, u64)> {
        let integers = self.integers.iter().map(|(id, &bytes)| (bytes, id.to_string()));
        let texts = self.texts.iter().map(|(id, &bytes)| (bytes, id.clone()));
        let (bytes, id) = integers.chain(texts).max()?;
        (bytes > most).then_some((id, bytes))
    }

    /// Cuts the customers into parts of at most so many bytes, about so where not all are counted; into
    /// two at least if as many are counted.
    pub(crate) fn splits(&self, most: u64) -> Splits {
        let all: u64 = self.integers.values().chain(self.texts.values()).sum();
        let most = (most >> self.halvings).min(all.saturating_sub(1));
        let firsts = match self.texts.is_empty() {
            true => Sample::Int(firsts(&self.integers, most)),
            false => Sample::Text(firsts(&self.texts, most)),
        };
        Splits::at(firsts)
    }
}

/// The first id of every part but the first.
fn firsts<T: Clone>(weights: &BTreeMap<T, u64>, most: u64) -> Vec<T> {
    let (mut firsts, mut filled) = (Vec::new(), 0);
    for (id, &bytes) in weights {
        if filled > 0 && filled + bytes > most {
            firsts.push(id.clone());
            filled = 0;
        }
        filled += bytes;
    }
    firsts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn weights(rows: &[(i64, u64)], most_customers: usize) -> Weights {
        let mut weights = Weights { most_customers, ..Weights::default() };
        rows.iter().for_each(|&(id, bytes)| weights.add(id.into(), bytes));
        weights
    }

    proptest! {
        #[test]
        fn parts_are_within_the_limit_or_one_customer_is_above_it(
            rows in proptest::collection::vec((-30i64..30, 1u64..50), 1..200),
            most in 20u64..400,
        ) {
            let weights = weights(&rows, 1_000);
            let splits = weights.splits(most);
            let mut parts = vec![(0, std::collections::BTreeSet::new()); splits.parts()];
            for &(id, bytes) in &rows {
                let part = &mut parts[splits.part(id.into()) as usize];
                part.0 += bytes;
                part.1.insert(id);
            }
            prop_assert!(parts.iter().all(|(bytes, ids)| *bytes <= most || ids.len() == 1));
            let largest = parts.iter().map(|(bytes, _)| *bytes).max().unwrap();
            prop_assert_eq!(weights.alone(most).is_some(), largest > most);
        }

        #[test]
        fn cutting_ends_though_few_customers_are_counted(
            rows in proptest::collection::vec((any::<i64>(), 1u64..50), 40..200),
        ) {
            let (mut pending, mut cuts) = (vec![rows], 0);
            while let Some(rows) = pending.pop() {
                let weights = weights(&rows, 16);
                let splits = weights.splits(60);
                if rows.iter().map(|(_, bytes)| bytes).sum::<u64>() <= 60 {
                    continue;
                }
                cuts += 1;
                if splits.parts() == 1 {
                    // Hardly ever, and refused: of many, not two were drawn.
                    prop_assert!(weights.halvings > 0 && weights.integers.len() < 2);
                    continue;
                }
                let mut parts = vec![Vec::new(); splits.parts()];
                rows.into_iter().for_each(|row| parts[splits.part(row.0.into()) as usize].push(row));
                prop_assert!(parts.iter().all(|part| !part.is_empty()));
                pending.extend(parts);
            }
            prop_assert!(cuts > 0);
        }
    }

    #[test]
    fn a_customer_alone_is_named() {
        let mut weights = Weights::default();
        for (id, bytes) in [("a", 5), ("guest", 60), ("b", 7), ("guest", 60)] {
            weights.add(id.into(), bytes);
        }
        assert_eq!(weights.alone(100), Some(("guest".into(), 120)));
        assert_eq!(weights.alone(120), None);
        assert_eq!(weights.splits(100).parts(), 2);
    }
}
