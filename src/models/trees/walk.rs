//! Walks single rows through many trees.

use super::binning::bin_of_value;
use super::bits::BitWalker;
use super::split::BinSet;
use super::tree::{Node, Schema, Tree};

/// Trees walked at once: while one waits for its next node the others go on.
const LANES: usize = 8;

/// Bit of a step's place: a category is asked.
const CATEGORY: u32 = 1 << 31;

/// Where an answer stands that is always "left".
const ALWAYS_LEFT: u32 = 0;

/// A node of 16 bytes. A leaf is its own left child, and every row goes left there.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    /// Numbers below go left; of a leaf its value; of a category the place of its set.
    threshold: f64,
    /// The place among the answers of a row.
    place: u32,
    left: u32,
}

/// The way in which single rows are scored: by the questions of all trees where these are small, as those
/// of the default parameters are, else down each tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RowWalker {
    Bits(BitWalker),
    Steps(Walker),
}

impl Default for RowWalker {
    fn default() -> Self {
        RowWalker::Steps(Walker::default())
    }
}

impl RowWalker {
    pub(crate) fn new(schema: &Schema, trees: &[Tree]) -> Self {
        let steps = || RowWalker::Steps(Walker::new(schema, trees));
        BitWalker::new(trees).map_or_else(steps, RowWalker::Bits)
    }

    /// `start` and the values of the leaves that `row`, a row of finite or missing numbers, comes to,
    /// added in the order of the trees.
    pub(crate) fn add(&self, schema: &Schema, row: &[f64], start: f64) -> f64 {
        match self {
            RowWalker::Bits(walker) => walker.add(schema, row, start),
            RowWalker::Steps(walker) => walker.add(schema, row, start),
        }
    }
}

/// All trees in one piece.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Walker {
    steps: Vec<Step>,
    roots: Vec<u32>,
    sets: Vec<BinSet>,
    /// The columns that trees ask, and of categories the place among them.
    columns: Vec<(u32, Option<u32>)>,
    has_categories: bool,
}

impl Walker {
    fn new(schema: &Schema, trees: &[Tree]) -> Self {
        let mut places = vec![None; schema.columns];
        let mut walker = Walker::default();
        for tree in trees {
            walker.push(tree, &mut places);
        }
        // Leaves that add nothing fill the last group.
        let none = walker.steps.len() as u32;
        walker.steps.push(Step { threshold: -0.0, place: ALWAYS_LEFT, left: none });
        walker.roots.resize(trees.len().next_multiple_of(LANES), none);
        walker
    }

    fn push(&mut self, tree: &Tree, places: &mut [Option<u32>]) {
        let root = self.steps.len() as u32;
        let first_set = self.sets.len() as u32;
        for (at, node) in tree.nodes.iter().enumerate() {
            let mut place = |column: u32, category: Option<u32>| {
                *places[column as usize].get_or_insert_with(|| {
                    self.columns.push((column, category));
                    2 * self.columns.len() as u32 - 1
                })
            };
            let step = match *node {
                Node::Leaf { value } => {
                    Step { threshold: value, place: ALWAYS_LEFT, left: root + at as u32 }
                }
                Node::Number { column, missing_left, left, threshold } => {
                    let place = place(column, None) + u32::from(!missing_left);
                    Step { threshold, place, left: root + left }
                }
                Node::Category { column, category, set, left } => {
                    let place = place(column, Some(category)) | CATEGORY;
                    self.has_categories = true;
                    Step { threshold: f64::from(first_set + set), place, left: root + left }
                }
            };
            self.steps.push(step);
        }
        self.sets.extend_from_slice(&tree.sets);
        self.roots.push(root);
    }

    /// As [`RowWalker::add`].
    fn add(&self, schema: &Schema, row: &[f64], start: f64) -> f64 {
        // Only rows of very many columns need room that is not at hand.
        match 2 * self.columns.len() + 1 {
            0..=128 => self.add_with(&mut [f64::NEG_INFINITY; 128], schema, row, start),
            129..=2048 => self.add_with(&mut [f64::NEG_INFINITY; 2048], schema, row, start),
            size => self.add_with(&mut vec![f64::NEG_INFINITY; size], schema, row, start),
        }
    }

    /// As [`Walker::add`], with room for the answers of the row.
    #[inline]
    fn add_with(&self, answers: &mut [f64], schema: &Schema, row: &[f64], start: f64) -> f64 {
        // Every number stands here twice, a missing one below all thresholds and above them.
        for (answer, &(column, category)) in answers[1..].chunks_exact_mut(2).zip(&self.columns) {
            let value = row[column as usize];
            match category {
                None if value.is_nan() => answer[1] = f64::INFINITY,
                None => answer.fill(value),
                Some(category) => {
                    let levels = &schema.categories[category as usize].1;
                    answer[0] = f64::from(bin_of_value(levels, value));
                }
            }
        }
        if self.has_categories {
            self.add_lanes(answers, start, |step, answer| {
                if step.place & CATEGORY == 0 {
                    return answer < step.threshold;
                }
                self.sets[step.threshold as usize].contains(answer as u8)
            })
        } else {
            self.add_lanes(answers, start, |step, answer| answer < step.threshold)
        }
    }

    #[inline]
    fn add_lanes(&self, answers: &[f64], start: f64, is_left: impl Fn(Step, f64) -> bool) -> f64 {
        let next = |at: u32| {
            let step = self.steps[at as usize];
            step.left + u32::from(!is_left(step, answers[(step.place & !CATEGORY) as usize]))
        };
        let (groups, _) = self.roots.as_chunks::<LANES>();
        let mut sum = start;
        for roots in groups {
            let mut at = *roots;
            loop {
                let mut moved = 0;
                for at in &mut at {
                    let next = next(*at);
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
        sum
    }
}
