//! Walks blocks of rows through many trees at once, by bits of their leaves.
//!
//! After QuickScorer (Lucchese et al. 2015): leaves are numbered from left to right, a row starts
//! with the set of all of them, and every question that it answers with "right" removes the leaves
//! on the question's left side; the row falls into the first leaf that remains. All questions are
//! asked, but of many rows at once and without branching. The sets lie in planes of 8 leaves, one
//! byte per row, so that a question touches only the planes of its left side, and each plane asks its
//! questions by itself, with the sets of many rows in registers.

use std::ops::Range;

use ndarray::ArrayView2;

use super::binning::{MAX_BIN, MISSING, Search, bin_of_value};
use super::split::BinSet;
use super::tree::{Node, Schema, Tree};
use super::vectorized::vectorized;

/// Rows of a block; what is known of them, their contributions too, fits into a core's second cache.
pub(crate) const BLOCK: usize = 1_024;
/// Rows whose leaves are sought in registers.
const LANES: usize = 128;
/// With more leaves than this rows are faster walked one by one.
const MAX_LEAVES: usize = 256;

/// One byte for every row of a block.
type Bytes = [u8; BLOCK];

/// How the values of a column become bins.
#[derive(Debug, Clone, PartialEq)]
enum Coding {
    /// The thresholds that trees ask about, ascending.
    Number(Vec<f64>),
    /// The place among the categories.
    Category(usize),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Question {
    /// Bins up to `last` go left, `shift` added to all of them: one more makes missing values, the
    /// highest bin, the lowest.
    UpTo {
        shift: u8,
        last: u8,
    },
    Among(BinSet),
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Asked {
    question: Question,
    /// Place among the columns that trees ask.
    slot: usize,
}

/// A question about a number as a plane asks it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Removal {
    slot: usize,
    /// As in [`Question::UpTo`].
    shift: u8,
    last: u8,
    /// The leaves of the plane that are not on its left side.
    kept: u8,
}

/// The questions that remove some of 8 leaves; in which order they do does not matter.
#[derive(Debug, Clone, PartialEq, Default)]
struct Plane {
    numbers: Vec<Removal>,
    /// Column, bins that go left, and the leaves that are not on the left side.
    sets: Vec<(usize, BinSet, u8)>,
}

#[derive(Debug, Clone, PartialEq)]
struct BitTree {
    questions: Vec<Asked>,
    /// A multiple of four.
    planes: Vec<Plane>,
    /// The values of the leaves, from left to right.
    values: Vec<f64>,
}

/// Trees that ask bins. Bins are of the thresholds themselves, so the answers are those of numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BatchWalker {
    columns: Vec<(usize, Coding)>,
    trees: Vec<BitTree>,
}

/// Memory for one block, kept from block to block.
#[derive(Debug, Default)]
pub(crate) struct Room {
    codes: Vec<Bytes>,
}

impl Room {
    /// The bins of one of the columns that trees ask.
    #[inline(always)]
    pub(crate) fn codes(&self, slot: usize) -> &Bytes {
        &self.codes[slot]
    }
}

impl BatchWalker {
    /// None when a column is asked more thresholds than there are bins, or a tree has many leaves.
    pub(crate) fn new(schema: &Schema, trees: &[Tree]) -> Option<Self> {
        let mut thresholds: Vec<Option<Vec<f64>>> = vec![None; schema.columns];
        for node in trees.iter().flat_map(|tree| &tree.nodes) {
            match node {
                Node::Number { column, threshold, .. } => {
                    thresholds[*column as usize].get_or_insert_default().push(*threshold);
                }
                Node::Category { column, .. } => {
                    thresholds[*column as usize].get_or_insert_default();
                }
                Node::Leaf { .. } => {}
            }
        }
        let mut columns = Vec::new();
        let mut slots = vec![0; schema.columns];
        for (column, thresholds) in thresholds.into_iter().enumerate() {
            let Some(mut thresholds) = thresholds else { continue };
            slots[column] = columns.len();
            let coding = match schema.category_of(column) {
                Some(category) => Coding::Category(category),
                None => {
                    thresholds.sort_unstable_by(f64::total_cmp);
                    thresholds.dedup();
                    Coding::Number(thresholds)
                }
            };
            if matches!(&coding, Coding::Number(thresholds) if thresholds.len() >= MAX_BIN) {
                return None;
            }
            columns.push((column, coding));
        }
        let mut walker = BatchWalker { columns, trees: Vec::with_capacity(trees.len()) };
        for tree in trees {
            let tree = walker.bit_tree(tree, &slots);
            if tree.values.len() > MAX_LEAVES {
                return None;
            }
            walker.trees.push(tree);
        }
        Some(walker)
    }

    fn bit_tree(&self, tree: &Tree, slots: &[usize]) -> BitTree {
        // Children come after their parents: leaves are counted upwards, then numbered downwards.
        let mut leaves = vec![1; tree.nodes.len()];
        for at in (0..tree.nodes.len()).rev() {
            if let Some(left) = tree.left_child(at) {
                leaves[at] = leaves[left] + leaves[left + 1];
            }
        }
        let mut first = vec![0; tree.nodes.len()];
        let mut questions = Vec::with_capacity(tree.nodes.len() / 2);
        let mut values = vec![0.0; leaves[0]];
        let mut planes = vec![Plane::default(); leaves[0].div_ceil(32) * 4];
        for (at, node) in tree.nodes.iter().enumerate() {
            let (question, column, left) = match *node {
                Node::Leaf { value } => {
                    values[first[at]] = value;
                    continue;
                }
                Node::Number { column, missing_left, left, threshold } => {
                    let place = self.place(slots[column as usize], threshold);
                    let shift = u8::from(missing_left);
                    let question = Question::UpTo { shift, last: place + shift };
                    (question, column, left as usize)
                }
                Node::Category { column, set, left, .. } => {
                    (Question::Among(tree.sets[set as usize]), column, left as usize)
                }
            };
            first[left] = first[at];
            first[left + 1] = first[at] + leaves[left];
            let asked = Asked { question, slot: slots[column as usize] };
            questions.push(asked);
            let left_side = first[left]..first[left + 1];
            let (first_plane, last_plane) = (left_side.start / 8, (left_side.end - 1) / 8);
            for (place, plane) in
                planes.iter_mut().enumerate().take(last_plane + 1).skip(first_plane)
            {
                plane.push(asked, !bits_of(place, &left_side));
            }
        }
        BitTree { questions, planes, values }
    }

    /// The last bin below a threshold of a column.
    fn place(&self, slot: usize, threshold: f64) -> u8 {
        match &self.columns[slot].1 {
            Coding::Number(thresholds) => thresholds.partition_point(|t| *t < threshold) as u8,
            Coding::Category(_) => 0, // no tree asks a category for a number
        }
    }

    /// Adds the values of the leaves that the rows of `x` come to, in the order of the trees, to `out`,
    /// one number per row; at most [`BLOCK`] rows.
    pub(crate) fn add(
        &self,
        schema: &Schema,
        x: ArrayView2<'_, f64>,
        out: &mut [f64],
        room: &mut Room,
    ) {
        vectorized(
            #[inline(always)]
            || {
                self.code_block(schema, x, room);
                for tree in &self.trees {
                    tree.add(&room.codes, out);
                }
            },
        );
    }

    /// The lowest bin of a threshold of a column or, of a category, the bin itself; that of missing values
    /// for infinity.
    pub(crate) fn code_from(&self, slot: usize, from: f64) -> u8 {
        match &self.columns[slot].1 {
            _ if from == f64::INFINITY => MISSING,
            Coding::Number(_) => self.place(slot, from) + 1,
            Coding::Category(_) => from as u8,
        }
    }

    /// Sets `answers` to the answers of the coded rows to every question of a tree: all bits where a
    /// row goes left, else none.
    pub(crate) fn answer(&self, tree: usize, room: &Room, answers: &mut Vec<Bytes>) {
        let questions = &self.trees[tree].questions;
        answers.resize(questions.len(), [0; BLOCK]);
        for (asked, answers) in questions.iter().zip(answers) {
            asked.answer(&room.codes[asked.slot], answers);
        }
    }

    /// Puts the rows of `x` into bins, column by column.
    pub(crate) fn code(&self, schema: &Schema, x: ArrayView2<'_, f64>, room: &mut Room) {
        vectorized(
            #[inline(always)]
            || self.code_block(schema, x, room),
        );
    }

    #[inline(always)]
    fn code_block(&self, schema: &Schema, x: ArrayView2<'_, f64>, room: &mut Room) {
        let codes = &mut room.codes;
        let mut values = [0.0; BLOCK];
        let values = &mut values[..x.nrows()];
        codes.resize(self.columns.len(), [0; BLOCK]);
        for ((column, coding), codes) in self.columns.iter().zip(codes) {
            values.iter_mut().zip(x.column(*column)).for_each(|(value, given)| *value = *given);
            match coding {
                Coding::Number(thresholds) => Search::new(thresholds).codes(values, codes),
                Coding::Category(category) => {
                    let levels = &schema.categories[*category].1;
                    for (code, &value) in codes.iter_mut().zip(&*values) {
                        *code = bin_of_value(levels, value);
                    }
                }
            }
        }
    }
}

impl BitTree {
    #[inline(always)]
    fn add(&self, codes: &[Bytes], out: &mut [f64]) {
        let mut values = [0.0; MAX_LEAVES];
        values[..self.values.len()].copy_from_slice(&self.values);
        let (groups, _) = self.planes.as_chunks::<4>();
        for (at, out) in out.chunks_mut(LANES).enumerate() {
            // The last planes first, so that the first leaf that remains has the last word.
            let mut leaves = [0_u8; LANES];
            for (group, planes) in groups.iter().enumerate().rev() {
                let [a, b, c, d] = planes;
                let (a, b) = (a.remaining(codes, at), b.remaining(codes, at));
                let (c, d) = (c.remaining(codes, at), d.remaining(codes, at));
                let first = 32 * group as u32;
                for (row, leaf) in leaves.iter_mut().enumerate() {
                    let word = u32::from_le_bytes([a[row], b[row], c[row], d[row]]);
                    let found = first.wrapping_add(lowest_bit(word)) as u8;
                    *leaf = if word == 0 { *leaf } else { found };
                }
            }
            for (out, &leaf) in out.iter_mut().zip(&leaves) {
                *out += values[usize::from(leaf)];
            }
        }
    }
}

impl Plane {
    fn push(&mut self, asked: Asked, kept: u8) {
        let slot = asked.slot;
        match asked.question {
            Question::UpTo { shift, last } => {
                self.numbers.push(Removal { slot, shift, last, kept });
            }
            Question::Among(bins) => self.sets.push((slot, bins, kept)),
        }
    }

    /// The leaves that the rows of a part of the block may come to.
    #[inline(always)]
    fn remaining(&self, codes: &[Bytes], part: usize) -> [u8; LANES] {
        let codes = |slot: usize| &codes[slot].as_chunks::<LANES>().0[part];
        let all = |yes: bool| if yes { u8::MAX } else { 0 };
        let mut remaining = [u8::MAX; LANES];
        for &Removal { slot, shift, last, kept } in &self.numbers {
            for (leaves, code) in remaining.iter_mut().zip(codes(slot)) {
                *leaves &= all(code.wrapping_add(shift) <= last) | kept;
            }
        }
        for &(slot, bins, kept) in &self.sets {
            for (leaves, &code) in remaining.iter_mut().zip(codes(slot)) {
                *leaves &= all(bins.contains(code)) | kept;
            }
        }
        remaining
    }
}

/// Those of some leaves that lie in a plane.
fn bits_of(plane: usize, leaves: &Range<usize>) -> u8 {
    let below = |leaf: usize| match leaf.saturating_sub(8 * plane) {
        within @ 0..8 => (1 << within) - 1,
        _ => u8::MAX,
    };
    below(leaves.end) & !below(leaves.start)
}

/// The place of the lowest bit that is set; of zero it means nothing.
#[inline(always)]
fn lowest_bit(word: u32) -> u32 {
    // The exponent of a float, which unlike counting zeros is found for several words at once.
    let float = (word & word.wrapping_neg()) as i32 as f32;
    (float.to_bits() >> 23 & 0xff).wrapping_sub(127)
}

impl Asked {
    /// Sets every bit of `is_left` for the rows that go left, and none for the others.
    #[inline(always)]
    fn answer(&self, codes: &Bytes, is_left: &mut Bytes) {
        let answers = is_left.iter_mut().zip(codes);
        let all = |yes: bool| if yes { u8::MAX } else { 0 };
        match self.question {
            Question::UpTo { shift, last } => {
                answers.for_each(|(left, &code)| *left = all(code.wrapping_add(shift) <= last))
            }
            Question::Among(bins) => {
                answers.for_each(|(left, &code)| *left = all(bins.contains(code)));
            }
        }
    }
}
