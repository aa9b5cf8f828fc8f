//! Scores single rows by the questions of all trees, column by column.
//!
//! Every tree has a bit a leaf, from left to right. A question that sends the row to the right takes the
//! bits of the leaves to its left; once all are asked, the lowest bit that is left is the leaf of the row
//! (QuickScorer, Lucchese et al. 2015). The thresholds of a column rise, so that those above the value are
//! not looked at, and no question waits for the answer to another, as it does on the way down a tree.

use std::collections::BTreeMap;

use super::binning::bin_of_value;
use super::split::BinSet;
use super::tree::{Node, Schema, Tree};

/// Most leaves of a tree.
const LEAVES: usize = 16;

/// Most trees, for whose bits there is room at hand.
const TREES: usize = 512;

/// The leaves of a tree that are left where a question sends the row to the right.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Right {
    tree: u16,
    leaves: u16,
}

/// The questions that ask a column of numbers.
#[derive(Debug, Clone, PartialEq)]
struct Numbers {
    column: u32,
    /// Rising.
    thresholds: Vec<f64>,
    rights: Vec<Right>,
    /// Of those that send a missing value to the right.
    missing: Vec<Right>,
}

/// The questions that ask a column of levels: which bins go left.
#[derive(Debug, Clone, PartialEq)]
struct Levels {
    column: u32,
    category: u32,
    sets: Vec<(BinSet, Right)>,
}

/// The questions of all trees, and the values of their leaves from left to right.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BitWalker {
    numbers: Vec<Numbers>,
    levels: Vec<Levels>,
    values: Vec<[f64; LEAVES]>,
}

impl BitWalker {
    /// None of trees that are too many or have too many leaves.
    pub(crate) fn new(trees: &[Tree]) -> Option<Self> {
        if trees.len() > TREES || trees.iter().any(|tree| tree.nodes.len() > 2 * LEAVES - 1) {
            return None;
        }
        let mut questions =
            Questions { values: vec![[0.0; LEAVES]; trees.len()], ..Questions::default() };
        for (number, tree) in trees.iter().enumerate() {
            questions.take(tree, number as u16, 0, 0);
        }
        let levels = questions.levels.into_iter();
        Some(BitWalker {
            numbers: questions.numbers.into_iter().map(Numbers::of).collect(),
            levels: levels
                .map(|((column, category), sets)| Levels { column, category, sets })
                .collect(),
            values: questions.values,
        })
    }

    /// `start` and the values of the leaves that `row`, a row of finite or missing numbers, comes to,
    /// added in the order of the trees.
    pub(crate) fn add(&self, schema: &Schema, row: &[f64], start: f64) -> f64 {
        let mut left = [u16::MAX; TREES];
        // The remainder changes nothing, and spares a check.
        let mut take = |right: Right| left[usize::from(right.tree) % TREES] &= right.leaves;
        for Numbers { column, thresholds, rights, missing } in &self.numbers {
            let value = row[*column as usize];
            if value.is_nan() {
                missing.iter().for_each(|right| take(*right));
                continue;
            }
            for (threshold, right) in thresholds.iter().zip(rights) {
                if value < *threshold {
                    break;
                }
                take(*right);
            }
        }
        for Levels { column, category, sets } in &self.levels {
            let levels = &schema.categories[*category as usize].1;
            let bin = bin_of_value(levels, row[*column as usize]);
            sets.iter().filter(|(set, _)| !set.contains(bin)).for_each(|(_, right)| take(*right));
        }
        let leaves = self.values.iter().zip(&left);
        leaves.fold(start, |sum, (values, left)| {
            sum + values[left.trailing_zeros() as usize % LEAVES]
        })
    }
}

/// Questions as they come, tree by tree.
#[derive(Default)]
struct Questions {
    /// By column: the threshold, whether a missing value goes left, and what is left else.
    numbers: BTreeMap<u32, Vec<(f64, bool, Right)>>,
    /// By column and category.
    levels: BTreeMap<(u32, u32), Vec<(BinSet, Right)>>,
    values: Vec<[f64; LEAVES]>,
}

impl Questions {
    /// Takes a node and all below it, whose leaves come behind the first `before` of the tree; returns
    /// how many leaves there are then.
    fn take(&mut self, tree: &Tree, number: u16, at: usize, before: usize) -> usize {
        let left = match tree.nodes[at] {
            Node::Leaf { value } => {
                self.values[usize::from(number)][before] = value;
                return before + 1;
            }
            Node::Number { left, .. } | Node::Category { left, .. } => left as usize,
        };
        let middle = self.take(tree, number, left, before);
        let right = Right { tree: number, leaves: !((1 << middle) - (1 << before)) };
        match tree.nodes[at] {
            Node::Leaf { .. } => {}
            Node::Number { column, missing_left, threshold, .. } => {
                self.numbers.entry(column).or_default().push((threshold, missing_left, right));
            }
            Node::Category { column, category, set, .. } => {
                let sets = self.levels.entry((column, category)).or_default();
                sets.push((tree.sets[set as usize], right));
            }
        }
        self.take(tree, number, left + 1, middle)
    }
}

impl Numbers {
    fn of((column, mut questions): (u32, Vec<(f64, bool, Right)>)) -> Self {
        questions.sort_by(|a, b| a.0.total_cmp(&b.0));
        let missing = questions.iter().filter(|(_, missing_left, _)| !missing_left);
        Numbers {
            column,
            thresholds: questions.iter().map(|(threshold, ..)| *threshold).collect(),
            missing: missing.map(|(.., right)| *right).collect(),
            rights: questions.iter().map(|(.., right)| *right).collect(),
        }
    }
}
