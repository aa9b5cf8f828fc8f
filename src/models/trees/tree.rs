//! A tree laid flat, for prediction.

use serde::{Deserialize, Serialize};

use super::binning::{Binned, MISSING, bin_of_level, level_of};
use super::grow::GrownNode;
use super::split::{BinSet, Question};
use crate::error::{Error, Result};

/// The deepest a tree can be, so that paths through it stay short whatever a file says.
pub(crate) const MAX_DEPTH: usize = 64;

/// Most columns of a matrix, so that no file can make a reader ask for endless memory.
pub(crate) const MAX_COLUMNS: usize = 1 << 20;

/// The columns of the matrix that trees are asked about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Schema {
    /// Columns of the matrix.
    pub(crate) columns: usize,
    /// Kept levels, rising, of every categorical column, by rising column.
    pub(crate) categories: Vec<(usize, Vec<u32>)>,
}

/// One node; 24 bytes. A split's right child follows its left one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Node {
    /// An end, with the value of its rows.
    Leaf { value: f64 },
    /// Numbers below the threshold go left.
    Number { column: u32, missing_left: bool, left: u32, threshold: f64 },
    /// Levels whose bin is in set `set` go left; unknown ones are missing values.
    Category { column: u32, category: u32, set: u32, left: u32 },
}

/// A tree laid flat. Parents come before their children.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    /// Bins that go left, one set per split by levels.
    pub(crate) sets: Vec<BinSet>,
    /// Weight of the rows that came to each node.
    pub(crate) cover: Vec<f64>,
    /// What each node's split gained; 0 at leaves.
    pub(crate) gain: Vec<f64>,
}

impl Node {
    /// The column that it asks; none at a leaf.
    pub(crate) fn column(&self) -> Option<usize> {
        match *self {
            Node::Leaf { .. } => None,
            Node::Number { column, .. } | Node::Category { column, .. } => Some(column as usize),
        }
    }
}

impl Schema {
    pub(crate) fn of(binned: &Binned, columns: usize) -> Self {
        Schema { columns, categories: binned.levels.clone() }
    }

    /// Place of a categorical column among the categories.
    pub(crate) fn category_of(&self, column: usize) -> Option<usize> {
        self.categories.binary_search_by_key(&column, |(column, _)| *column).ok()
    }

    /// Rising columns within the matrix, rising levels, as many as there are bins at most.
    pub(crate) fn check(&self) -> Result<()> {
        let broken = |what: &str| Err(Error::model_file(format!("tree: {what}")));
        if !(1..=MAX_COLUMNS).contains(&self.columns) {
            return broken("the number of columns is 0 or too large");
        }
        if !self.categories.windows(2).all(|pair| pair[0].0 < pair[1].0)
            || self.categories.last().is_some_and(|(column, _)| *column >= self.columns)
        {
            return broken("the categorical columns do not rise or lie outside the matrix");
        }
        for (_, levels) in &self.categories {
            if levels.len() > usize::from(MISSING) || !levels.windows(2).all(|w| w[0] < w[1]) {
                return broken("the levels of a category do not rise or are too many");
            }
        }
        Ok(())
    }
}

impl Tree {
    /// Lays a grown tree flat. `value` gives a node's value from its place and that of its parent's.
    pub(crate) fn new(
        grown: &[GrownNode],
        binned: &Binned,
        schema: &Schema,
        value: impl Fn(&GrownNode, Option<f64>) -> f64,
        output: impl Fn(f64) -> f64,
        cover: Vec<f64>,
    ) -> Self {
        let mut values = vec![0.0; grown.len()];
        values[0] = value(&grown[0], None);
        let mut sets = Vec::new();
        let mut nodes = Vec::with_capacity(grown.len());
        for (i, node) in grown.iter().enumerate() {
            let Some((split, left)) = &node.split else {
                nodes.push(Node::Leaf { value: output(values[i]) });
                continue;
            };
            for child in [*left, left + 1] {
                values[child] = value(&grown[child], Some(values[i]));
            }
            let feature = binned.columns[split.column].feature;
            let (column, left) = (feature as u32, *left as u32);
            nodes.push(match split.question {
                Question::Below(threshold) => {
                    let missing_left = split.left_bins.contains(MISSING);
                    Node::Number { column, missing_left, left, threshold }
                }
                Question::Level => {
                    sets.push(split.left_bins);
                    let category = schema.category_of(feature).unwrap_or(0) as u32;
                    Node::Category { column, category, set: sets.len() as u32 - 1, left }
                }
            });
        }
        let gain =
            grown.iter().map(|node| node.split.as_ref().map_or(0.0, |(s, _)| s.gain)).collect();
        Tree { nodes, sets, cover, gain }
    }

    /// The child of node `at` that `row` goes to; `None` at a leaf.
    #[inline]
    pub(crate) fn next(&self, schema: &Schema, at: usize, row: &[f64]) -> Option<usize> {
        Some(match &self.nodes[at] {
            Node::Leaf { .. } => return None,
            Node::Number { column, missing_left, left, threshold } => {
                let value = row[*column as usize];
                let goes_left = value < *threshold || (*missing_left && value.is_nan());
                *left as usize + usize::from(!goes_left)
            }
            Node::Category { column, category, set, left } => {
                let levels = &schema.categories[*category as usize].1;
                let bin = level_of(row[*column as usize]).and_then(|l| bin_of_level(levels, l));
                let goes_left = self.sets[*set as usize].contains(bin.unwrap_or(MISSING));
                *left as usize + usize::from(!goes_left)
            }
        })
    }

    /// The value of the leaf that `row` comes to, step by step.
    #[cfg(test)]
    pub(crate) fn value(&self, schema: &Schema, row: &[f64]) -> f64 {
        let mut at = 0;
        while let Some(child) = self.next(schema, at, row) {
            at = child;
        }
        self.leaf_value(at).unwrap_or(0.0) // only leaves have no child
    }

    /// The left child of node `at`; the right one follows it. `None` at a leaf.
    pub(crate) fn left_child(&self, at: usize) -> Option<usize> {
        match self.nodes[at] {
            Node::Leaf { .. } => None,
            Node::Number { left, .. } | Node::Category { left, .. } => Some(left as usize),
        }
    }

    pub(crate) fn leaf_value(&self, at: usize) -> Option<f64> {
        match self.nodes[at] {
            Node::Leaf { value } => Some(value),
            Node::Number { .. } | Node::Category { .. } => None,
        }
    }

    /// The nodes that are questions.
    pub(crate) fn questions(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|&at| self.left_child(at).is_some()).collect()
    }

    /// The leaves, by their places among all leaves, from left to right.
    pub(crate) fn leaves_from_left_to_right(&self) -> Vec<usize> {
        let mut places = vec![0; self.nodes.len()];
        let mut count = 0;
        for (at, place) in places.iter_mut().enumerate() {
            *place = count;
            count += usize::from(self.left_child(at).is_none());
        }
        let (mut open, mut leaves) = (vec![0], Vec::with_capacity(count));
        while let Some(at) = open.pop() {
            match self.left_child(at) {
                Some(left) => open.extend([left + 1, left]),
                None => leaves.push(places[at]),
            }
        }
        leaves
    }

    /// The largest absolute value of a leaf.
    pub(crate) fn largest(&self) -> f64 {
        (0..self.nodes.len()).filter_map(|at| self.leaf_value(at)).fold(0.0, |a, v| v.abs().max(a))
    }

    /// Mean of the leaves' values, weighted by cover.
    pub(crate) fn mean(&self) -> f64 {
        let part = |at| self.leaf_value(at).map(|value| value * (self.cover[at] / self.cover[0]));
        (0..self.nodes.len()).filter_map(part).sum()
    }

    /// Whether the tree can be walked: every node but the first has one parent, before it, and every
    /// place and number is in range.
    pub(crate) fn check(&self, schema: &Schema) -> Result<()> {
        let broken = |what: String| Err(Error::model_file(format!("tree: {what}")));
        let count = self.nodes.len();
        if count == 0 || count != self.cover.len() || count != self.gain.len() {
            return broken(format!(
                "{count} nodes, {} covers and {} gains; expected as many of each, at least 1",
                self.cover.len(),
                self.gain.len()
            ));
        }
        let mut depth: Vec<Option<usize>> = vec![None; count];
        depth[0] = Some(0);
        for (i, node) in self.nodes.iter().enumerate() {
            let (cover, gain) = (self.cover[i], self.gain[i]);
            if !(cover.is_finite() && cover > 0.0 && gain.is_finite() && gain >= 0.0) {
                return broken(format!("node {i} has cover {cover} and gain {gain}"));
            }
            let Some(own_depth) = depth[i] else {
                return broken(format!("node {i} has no parent before it"));
            };
            let (column, left) = match *node {
                Node::Leaf { value } if value.is_finite() => continue,
                Node::Leaf { value } => return broken(format!("leaf {i} has value {value}")),
                Node::Number { column, left, threshold, .. } => {
                    if !threshold.is_finite() {
                        return broken(format!("node {i} has threshold {threshold}"));
                    }
                    if schema.category_of(column as usize).is_some() {
                        return broken(format!("node {i} asks a category for a number"));
                    }
                    (column, left as usize)
                }
                Node::Category { column, category, set, left } => {
                    let known = schema.categories.get(category as usize);
                    if known.is_none_or(|known| known.0 != column as usize)
                        || set as usize >= self.sets.len()
                    {
                        return broken(format!("node {i} asks about levels that are not there"));
                    }
                    (column, left as usize)
                }
            };
            if column as usize >= schema.columns {
                return broken(format!("node {i} asks about column {column}"));
            }
            if left <= i || left + 1 >= count || depth[left].or(depth[left + 1]).is_some() {
                return broken(format!("node {i} has its children at {left}"));
            }
            if own_depth >= MAX_DEPTH {
                return broken(format!("node {i} lies deeper than {MAX_DEPTH}"));
            }
            let parts = self.cover[left] + self.cover[left + 1];
            if (parts - cover).abs() > 1e-6 * cover {
                return broken(format!("node {i} covers {cover}, its children {parts}"));
            }
            depth[left] = Some(own_depth + 1);
            depth[left + 1] = Some(own_depth + 1);
        }
        Ok(())
    }
}
