//! What explanations need of the rows that others are compared with: sums, never the rows.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::branches::Branches;
use super::paths::{Path, paths};
use super::tree::Tree;
use crate::error::{Error, Result};

/// Which steps of a path rows follow, the first in the lowest bit, and how many rows do, rising.
pub(crate) type Ways = Vec<(u64, u64)>;

/// Ways as a list of numbers, short in text: how far the steps are from those before, and the count.
mod flat {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::{Serialize, Serializer};

    use super::Ways;

    type Numbers = Vec<Vec<Vec<u64>>>;

    pub(super) fn serialize<S: Serializer>(
        trees: &[Vec<Ways>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let numbers = |ways: &Ways| {
            let mut before = 0;
            let step =
                |&(followed, count)| [followed - std::mem::replace(&mut before, followed), count];
            ways.iter().flat_map(step).collect()
        };
        let of_tree = |leaves: &Vec<Ways>| leaves.iter().map(numbers).collect();
        let all: Numbers = trees.iter().map(of_tree).collect();
        all.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Vec<Ways>>, D::Error> {
        let way = |before: &mut u64, pair: &[u64]| {
            *before = before.checked_add(pair[0])?;
            Some((*before, pair[1]))
        };
        let ways = |numbers: Vec<u64>| {
            let (pairs, []) = numbers.as_chunks::<2>() else { return None };
            let mut before = 0;
            pairs.iter().map(|pair| way(&mut before, pair)).collect::<Option<Ways>>()
        };
        let all: Numbers = Numbers::deserialize(deserializer)?;
        all.into_iter()
            .map(|leaves| leaves.into_iter().map(ways).collect::<Option<Vec<Ways>>>())
            .collect::<Option<_>>()
            .ok_or_else(|| D::Error::custom("trees: the background is not one of pairs"))
    }
}

/// How the rows of a background follow the path to each leaf of each tree.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Background {
    pub(super) rows: u64,
    /// By tree and leaf.
    #[serde(with = "flat")]
    pub(super) ways: Vec<Vec<Ways>>,
    /// What every way through a branch adds, once an explanation is asked for.
    #[serde(skip)]
    pub(super) cells: OnceLock<Vec<f64>>,
    #[serde(skip)]
    mean: OnceLock<f64>,
}

impl PartialEq for Background {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows && self.ways == other.ways
    }
}

/// How many rows go each way through the branches.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    /// Of the branches whose ways are few, way by way.
    pub(super) few: Vec<u64>,
    /// Of each other branch, which is a path, by the steps that are followed.
    pub(super) many: Vec<BTreeMap<u64, u64>>,
}

impl Counts {
    pub(super) fn none(branches: &Branches) -> Self {
        let many = branches.all.iter().filter(|branch| branch.ways == 0).count();
        Counts { few: vec![0; branches.ways], many: vec![BTreeMap::new(); many] }
    }

    pub(super) fn and(mut self, other: Counts) -> Self {
        self.few.iter_mut().zip(other.few).for_each(|(count, more)| *count += more);
        for (counts, more) in self.many.iter_mut().zip(other.many) {
            more.into_iter().for_each(|(way, count)| *counts.entry(way).or_default() += count);
        }
        self
    }
}

impl Background {
    /// Ways to a leaf that fewer rows go than `least` are counted with the nearest of the others.
    pub(super) fn new(branches: &Branches, rows: usize, mut counts: Counts, least: u64) -> Self {
        let leaves = |paths: &Vec<_>| vec![BTreeMap::<u64, u64>::new(); paths.len()];
        let mut found: Vec<Vec<BTreeMap<u64, u64>>> = branches.paths.iter().map(leaves).collect();
        let mut many = counts.many.iter_mut();
        for branch in &branches.all {
            let found = &mut found[branch.tree];
            if branch.ways == 0 {
                found[branch.leaves[0]] = many.next().map(std::mem::take).unwrap_or_default();
                continue;
            }
            let counts = &counts.few[branch.first_way..][..branch.ways];
            for (place, &leaf) in branch.leaves.iter().enumerate() {
                let follows = branch.follows(place, &branches.paths[branch.tree][leaf]);
                let mut sums = vec![0; follows.different.len()];
                counts.iter().zip(&follows.of_way).for_each(|(count, &at)| {
                    sums[usize::from(at)] += count;
                });
                let some = follows.different.into_iter().zip(sums).filter(|(_, sum)| *sum > 0);
                found[leaf].extend(some);
            }
        }
        let ways = |ways: BTreeMap<u64, u64>| joined(&ways, least);
        let of_tree = |leaves: Vec<_>| leaves.into_iter().map(ways).collect();
        let ways = found.into_iter().map(of_tree).collect();
        let (cells, mean) = (OnceLock::new(), OnceLock::new());
        Background { rows: rows as u64, ways, cells, mean }
    }

    /// The mean of the trees' values.
    pub(super) fn mean(&self, branches: &Branches) -> f64 {
        let part = |(path, ways): (&Path, &Ways)| {
            let last = ways.last().filter(|(followed, _)| *followed == path.all());
            last.map_or(0.0, |(_, count)| *count as f64 / self.rows as f64 * path.value)
        };
        let leaves = branches.paths.iter().flatten().zip(self.ways.iter().flatten());
        *self.mean.get_or_init(|| leaves.map(part).sum())
    }

    /// Whether a background that was read fits the trees.
    pub(super) fn check(&self, trees: &[Tree]) -> Result<()> {
        let fits = |(tree, leaves): (&Tree, &Vec<Ways>)| {
            let paths = paths(tree);
            let fits = |(path, ways): (&Path, &Ways)| {
                let sum = ways.iter().try_fold(0_u64, |sum, (_, count)| sum.checked_add(*count));
                let within = ways.last().is_some_and(|(followed, _)| *followed <= path.all());
                let rises = ways.is_sorted_by(|a, b| a.0 < b.0);
                within && rises && sum == Some(self.rows) && ways.iter().all(|way| way.1 > 0)
            };
            paths.len() == leaves.len() && paths.iter().zip(leaves).all(fits)
        };
        if trees.len() == self.ways.len() && self.rows > 0 && trees.iter().zip(&self.ways).all(fits)
        {
            return Ok(());
        }
        Err(Error::model_file("trees: the background does not fit the trees"))
    }
}

/// Ways that fewer rows go than `least`, each counted with the nearest of the others: the one with the
/// fewest steps followed otherwise, of several the most frequent. Where there are no others, all are
/// counted with the most frequent.
fn joined(ways: &BTreeMap<u64, u64>, least: u64) -> Ways {
    let (mut found, rare): (Ways, Ways) =
        ways.iter().map(|(&followed, &count)| (followed, count)).partition(|way| way.1 >= least);
    if found.is_empty() {
        found.extend(rare.iter().copied().max_by_key(|way| (way.1, Reverse(way.0))));
        let rows = rare.iter().map(|way| way.1).sum();
        found.iter_mut().for_each(|way| way.1 = rows);
        return found;
    }
    let frequent = found.clone();
    for (followed, count) in rare {
        let near = |&at: &usize| {
            let (other, rows) = frequent[at];
            ((other ^ followed).count_ones(), Reverse(rows), other)
        };
        if let Some(at) = (0..frequent.len()).min_by_key(near) {
            found[at].1 += count;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rare_ways_are_counted_with_the_nearest() {
        let ways = |ways: &[(u64, u64)]| ways.iter().copied().collect::<BTreeMap<_, _>>();
        let some = ways(&[(0b000, 40), (0b001, 3), (0b011, 30), (0b110, 19), (0b111, 20)]);
        // 001 is one step from 000 and from 011, and 000 has more rows; 110 is one step from 111.
        assert_eq!(joined(&some, 20), [(0b000, 43), (0b011, 30), (0b111, 39)]);
        assert_eq!(joined(&some, 1), some.into_iter().collect::<Vec<_>>());
        assert_eq!(joined(&ways(&[(1, 4), (2, 4), (3, 2)]), 20), [(1, 10)]);
    }

    proptest! {
        #[test]
        fn prop_no_count_is_below_the_least_and_no_row_is_lost(
            ways in prop::collection::btree_map(0..64_u64, 1..60_u64, 1..30),
            least in 1..50_u64,
        ) {
            let rows: u64 = ways.values().sum();
            let found = joined(&ways, least);
            prop_assert!(found.is_sorted_by(|a, b| a.0 < b.0));
            prop_assert_eq!(found.iter().map(|way| way.1).sum::<u64>(), rows);
            prop_assert!(found.iter().all(|way| way.1 >= least.min(rows)));
        }
    }
}
