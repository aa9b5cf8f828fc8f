//! What explanations need of the rows that others are compared with: sums, never the rows.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::branches::Branches;
use super::paths::paths;
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
    pub(super) fn new(branches: &Branches, rows: usize, mut counts: Counts) -> Self {
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
            for (way, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                for (place, &leaf) in branch.leaves.iter().enumerate() {
                    let path = &branches.paths[branch.tree][leaf];
                    *found[leaf].entry(branch.followed(way, place, path)).or_default() += count;
                }
            }
        }
        let ways = |ways: BTreeMap<u64, u64>| ways.into_iter().collect();
        let of_tree = |leaves: Vec<_>| leaves.into_iter().map(ways).collect();
        let ways = found.into_iter().map(of_tree).collect();
        Background { rows: rows as u64, ways, cells: OnceLock::new() }
    }

    /// The mean of the trees' values.
    pub(super) fn mean(&self, trees: &[Tree]) -> f64 {
        let (mut sum, rows) = (0.0, self.rows as f64);
        for (tree, leaves) in trees.iter().zip(&self.ways) {
            for (path, ways) in paths(tree).iter().zip(leaves) {
                let last = ways.last().filter(|(followed, _)| *followed == path.all());
                sum += last.map_or(0.0, |(_, count)| *count as f64 / rows * path.value);
            }
        }
        sum
    }

    /// Whether a background that was read fits the trees.
    pub(super) fn check(&self, trees: &[Tree]) -> Result<()> {
        let fits = |(tree, leaves): (&Tree, &Vec<Ways>)| {
            let paths = paths(tree);
            let fits = |(path, ways): (&super::paths::Path, &Ways)| {
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
