//! Walks single rows through many trees.

use super::binning::bin_of_value;
use super::split::BinSet;
use super::tree::{Node, Schema, Tree};

/// Trees walked at once: while one waits for its next node the others go on.
const LANES: usize = 8;

/// Bits of a step's column: a category is asked, missing values go left, all values go left.
const CATEGORY: u32 = 1 << 29;
const MISSING_LEFT: u32 = 1 << 30;
const ALL_LEFT: u32 = 1 << 31;
const COLUMN: u32 = CATEGORY - 1;

/// A node of 16 bytes. A leaf is its own left child, and every row goes left there.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    /// Numbers below go left; of a leaf its value; of a category the places of its levels and set.
    threshold: f64,
    /// The column, and what kind of question it is.
    column: u32,
    left: u32,
}

/// All trees in one piece.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Walker {
    steps: Vec<Step>,
    roots: Vec<u32>,
    sets: Vec<BinSet>,
    has_categories: bool,
}

impl Walker {
    pub(crate) fn new(trees: &[Tree]) -> Self {
        let mut walker = Walker::default();
        for tree in trees {
            walker.push(tree);
        }
        walker
    }

    fn push(&mut self, tree: &Tree) {
        let root = self.steps.len() as u32;
        let first_set = self.sets.len() as u32;
        for (at, node) in tree.nodes.iter().enumerate() {
            let own = root + at as u32;
            let step = match *node {
                Node::Leaf { value } => Step { threshold: value, column: ALL_LEFT, left: own },
                Node::Number { column, missing_left, left, threshold } => {
                    let column = column | if missing_left { MISSING_LEFT } else { 0 };
                    Step { threshold, column, left: root + left }
                }
                Node::Category { column, category, set, left } => {
                    self.has_categories = true;
                    let places = u64::from(category) << 32 | u64::from(first_set + set);
                    let threshold = f64::from_bits(places);
                    Step { threshold, column: column | CATEGORY, left: root + left }
                }
            };
            self.steps.push(step);
        }
        self.sets.extend_from_slice(&tree.sets);
        self.roots.push(root);
    }

    /// `start` and the values of the leaves that `row`, a row of finite or missing numbers, comes to,
    /// added in the order of the trees.
    pub(crate) fn add(&self, schema: &Schema, row: &[f64], start: f64) -> f64 {
        if self.has_categories {
            self.add_lanes(row, start, |step, value| self.is_left_of_any(schema, step, value))
        } else {
            self.add_lanes(row, start, is_left)
        }
    }

    #[inline]
    fn add_lanes(&self, row: &[f64], start: f64, is_left: impl Fn(Step, f64) -> bool) -> f64 {
        let (groups, rest) = self.roots.as_chunks::<LANES>();
        let mut sum = start;
        for roots in groups {
            let mut at = *roots;
            loop {
                let mut moved = 0;
                for at in &mut at {
                    let step = self.steps[*at as usize];
                    let value = row[(step.column & COLUMN) as usize];
                    let next = step.left + u32::from(!is_left(step, value));
                    moved |= next ^ *at;
                    *at = next;
                }
                if moved == 0 {
                    break;
                }
            }
            for at in at {
                sum += self.steps[at as usize].threshold;
            }
        }
        for &root in rest {
            let mut at = root;
            loop {
                let step = self.steps[at as usize];
                let value = row[(step.column & COLUMN) as usize];
                let next = step.left + u32::from(!is_left(step, value));
                if next == at {
                    break;
                }
                at = next;
            }
            sum += self.steps[at as usize].threshold;
        }
        sum
    }

    #[inline]
    fn is_left_of_any(&self, schema: &Schema, step: Step, value: f64) -> bool {
        if step.column & CATEGORY == 0 {
            return is_left(step, value);
        }
        let places = step.threshold.to_bits();
        let levels = &schema.categories[(places >> 32) as usize].1;
        self.sets[places as u32 as usize].contains(bin_of_value(levels, value))
    }
}

#[inline]
fn is_left(step: Step, value: f64) -> bool {
    // No short cut: what a row answers cannot be guessed.
    let missing_left = value.is_nan() & (step.column & MISSING_LEFT != 0);
    (value < step.threshold) | missing_left | (step.column & ALL_LEFT != 0)
}
