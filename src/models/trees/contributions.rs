//! What each column adds to the log-odds, summed over branches and trees.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::background::{Background, Counts};
use super::batch::{BLOCK, BatchWalker, Room};
use super::branches::{Bound, Branch, Branches};
use super::paths::answer;
use super::shap;
use super::tree::{MAX_DEPTH, Schema, Tree};
use super::vectorized::vectorized;

/// Rows whose ways are added up in registers.
const LANES: usize = 64;
/// Blocks of rows that a thread counts at least.
const BLOCKS_A_COUNT: usize = 16;

/// Trees in branches, and with whom rows are compared: a background, or the covers of the fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Explainer<'a> {
    pub(super) schema: &'a Schema,
    pub(super) trees: &'a [Tree],
    pub(super) branches: &'a Branches,
    pub(super) background: Option<&'a Background>,
    /// What every way through a branch adds to each of its columns.
    pub(super) cells: &'a [f64],
}

/// What every way through a branch adds.
pub(super) fn cells(branches: &Branches, background: Option<&Background>) -> Vec<f64> {
    let mut cells = vec![0.0; branches.cells];
    let mut parts = Vec::new();
    // A single leaf has no columns.
    for branch in branches.all.iter().filter(|branch| branch.ways > 0 && !branch.columns.is_empty())
    {
        let width = branch.columns.len();
        let cells = &mut cells[branch.first_cell..][..branch.ways * width];
        for (place, &leaf) in branch.leaves.iter().enumerate() {
            let path = &branches.paths[branch.tree][leaf];
            let slot = |column| branches.slot(column);
            let columns = &branches.columns[branch.columns.clone()];
            let places: Vec<usize> = path
                .steps
                .iter()
                .filter_map(|step| columns.iter().position(|&known| known == slot(step.column)))
                .collect();
            let follows = branch.follows(place, path);
            parts.resize(path.steps.len() * follows.different.len(), 0.0);
            let each = follows.different.iter().zip(parts.chunks_exact_mut(path.steps.len()));
            each.for_each(|(&followed, parts)| {
                part(branches, background, branch.tree, leaf, followed, parts);
            });
            for (cells, &at) in cells.chunks_exact_mut(width).zip(&follows.of_way) {
                let parts = &parts[usize::from(at) * path.steps.len()..];
                places.iter().zip(parts).for_each(|(&place, part)| cells[place] += part);
            }
        }
    }
    cells
}

/// The contributions to one leaf of a row that follows some of its path's steps.
fn part(
    branches: &Branches,
    background: Option<&Background>,
    tree: usize,
    leaf: usize,
    followed: u64,
    out: &mut [f64],
) {
    let path = &branches.paths[tree][leaf];
    match background {
        None => shap::path_dependent(path, followed, out),
        Some(Background { rows, ways, .. }) => {
            shap::interventional(path, followed, &ways[tree][leaf], *rows as f64, out);
        }
    }
}

impl Explainer<'_> {
    /// Adds every column's contribution for one row to `out`.
    pub(super) fn add(&self, row: &[f64], out: &mut [f64]) {
        let branches = self.branches;
        let mut values = Vec::with_capacity(branches.asked.len());
        branches.read(self.schema, row, &mut values);
        // All ways first, so that memory is asked for many cells at a time.
        let ways: Vec<usize> =
            branches.all.iter().map(|branch| branches.way(branch, &values)).collect();
        for (branch, way) in branches.all.iter().zip(ways) {
            if branch.ways == 0 {
                let followed = followed(branches, branch, self.trees, self.schema, row);
                self.add_path(branch, followed, |column, part| out[column] += part);
                continue;
            }
            let columns = &branches.columns[branch.columns.clone()];
            let first = branch.first_cell + way * columns.len();
            for (&slot, part) in columns.iter().zip(&self.cells[first..]) {
                out[branches.asked[slot].0] += part;
            }
        }
    }

    /// Hands on what a row adds to a path that has too many ways to be worked out ahead.
    fn add_path(&self, branch: &Branch, followed: u64, mut add: impl FnMut(usize, f64)) {
        let mut parts = [0.0; MAX_DEPTH];
        let (leaf, path) = (branch.leaves[0], &self.branches.paths[branch.tree][branch.leaves[0]]);
        let parts = &mut parts[..path.steps.len()];
        part(self.branches, self.background, branch.tree, leaf, followed, parts);
        path.steps.iter().zip(parts).for_each(|(step, part)| add(step.column, *part));
    }

    /// Every column's contribution for every row, to the bit what [`Explainer::add`] adds.
    pub(super) fn table(&self, walker: &BatchWalker, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut out = Array2::zeros(x.dim());
        let parts = x.axis_chunks_iter(Axis(0), BLOCK);
        let parts: Vec<_> = parts.zip(out.axis_chunks_iter_mut(Axis(0), BLOCK)).collect();
        parts.into_par_iter().for_each_init(Block::default, |block, (x, mut out)| {
            walker.code(self.schema, x, &mut block.room);
            block.sums.clear();
            block.sums.resize(self.branches.asked.len(), [0.0; BLOCK]);
            for branch in &self.branches.all {
                self.add_block(walker, branch, x.nrows(), block);
            }
            for (sums, &(column, _)) in block.sums.iter().zip(&self.branches.asked) {
                out.column_mut(column).iter_mut().zip(sums).for_each(|(out, sum)| *out = *sum);
            }
        });
        out
    }

    fn add_block(&self, walker: &BatchWalker, branch: &Branch, rows: usize, block: &mut Block) {
        let Block { room, ways, sums, answers } = block;
        if branch.ways == 0 {
            walker.answer(branch.tree, room, answers);
            let path = &self.branches.paths[branch.tree][branch.leaves[0]];
            (0..rows).for_each(|row| {
                self.add_path(branch, path.followed_in(answers, row), |column, part| {
                    sums[self.branches.slot(column)][row] += part;
                });
            });
            return;
        }
        self.branches.ways_of_block(branch, room, ways);
        let columns = &self.branches.columns[branch.columns.clone()];
        let cells = &self.cells[branch.first_cell..][..branch.ways * columns.len()];
        let some = BranchRows { cells, width: columns.len(), ways: &ways[..rows] };
        let (fours, rest) = columns.as_chunks::<4>();
        for (i, &slots) in fours.iter().enumerate() {
            some.add(4 * i, slots, sums);
        }
        let first = 4 * fours.len();
        match *rest {
            [a] => some.add(first, [a], sums),
            [a, b] => some.add(first, [a, b], sums),
            [a, b, c] => some.add(first, [a, b, c], sums),
            _ => {}
        }
    }
}

/// Rows that go through a branch, and what its ways add.
struct BranchRows<'a> {
    cells: &'a [f64],
    /// Number of the branch's columns.
    width: usize,
    ways: &'a [u16],
}

impl BranchRows<'_> {
    /// Adds the parts of neighbouring columns of the branch from the `first` on, a row at a time: they
    /// stand beside each other.
    fn add<const N: usize>(&self, first: usize, slots: [usize; N], sums: &mut [[f64; BLOCK]]) {
        // Columns of a branch rise.
        let Ok(mut sums) = sums.get_disjoint_mut(slots) else { return };
        for (row, &way) in self.ways.iter().enumerate() {
            let parts = &self.cells[usize::from(way) * self.width + first..][..N];
            for (sum, part) in sums.iter_mut().zip(parts) {
                sum[row] += part;
            }
        }
    }
}

/// How the rows of `x` go through the branches.
pub(super) fn counts(
    branches: &Branches,
    schema: &Schema,
    trees: &[Tree],
    walker: Option<&BatchWalker>,
    x: ArrayView2<'_, f64>,
) -> Counts {
    let blocks: Vec<_> = x.axis_chunks_iter(Axis(0), BLOCK).collect();
    let start = || (Counts::none(branches), Block::default());
    let counted = blocks.into_par_iter().with_min_len(BLOCKS_A_COUNT).fold(
        start,
        |(mut counts, mut block), x| {
            match walker {
                Some(walker) => {
                    walker.code(schema, x, &mut block.room);
                    count_block(branches, walker, x.nrows(), &mut block, &mut counts);
                }
                None => count_rows(branches, schema, trees, x, &mut counts),
            }
            (counts, block)
        },
    );
    counted.map(|(counts, _)| counts).reduce(|| Counts::none(branches), Counts::and)
}

fn count_block(
    branches: &Branches,
    walker: &BatchWalker,
    rows: usize,
    Block { room, ways, answers, .. }: &mut Block,
    counts: &mut Counts,
) {
    let mut many = counts.many.iter_mut();
    for branch in &branches.all {
        if branch.ways > 0 {
            branches.ways_of_block(branch, room, ways);
            let counts = &mut counts.few[branch.first_way..][..branch.ways];
            ways[..rows].iter().for_each(|&way| counts[usize::from(way)] += 1);
        } else if let Some(counts) = many.next() {
            walker.answer(branch.tree, room, answers);
            let path = &branches.paths[branch.tree][branch.leaves[0]];
            for row in 0..rows {
                *counts.entry(path.followed_in(answers, row)).or_default() += 1;
            }
        }
    }
}

fn count_rows(
    branches: &Branches,
    schema: &Schema,
    trees: &[Tree],
    x: ArrayView2<'_, f64>,
    counts: &mut Counts,
) {
    let mut values = Vec::new();
    for row in x.rows() {
        let row = row.to_vec();
        branches.read(schema, &row, &mut values);
        let mut many = counts.many.iter_mut();
        for branch in &branches.all {
            if branch.ways > 0 {
                counts.few[branch.first_way + branches.way(branch, &values)] += 1;
            } else if let Some(counts) = many.next() {
                let way = followed(branches, branch, trees, schema, &row);
                *counts.entry(way).or_default() += 1;
            }
        }
    }
}

/// The steps that a row follows of the only path of a branch.
fn followed(
    branches: &Branches,
    branch: &Branch,
    trees: &[Tree],
    schema: &Schema,
    row: &[f64],
) -> u64 {
    let mut answers = Vec::new();
    answer(&trees[branch.tree], schema, row, &mut answers);
    branches.paths[branch.tree][branch.leaves[0]].followed(&answers)
}

/// Room for some rows, kept from block to block.
struct Block {
    room: Room,
    /// Of one branch.
    ways: [u16; BLOCK],
    /// Of every column that trees ask, one sum per row.
    sums: Vec<[f64; BLOCK]>,
    answers: Vec<[u8; BLOCK]>,
}

impl Default for Block {
    fn default() -> Self {
        Block { room: Room::default(), ways: [0; BLOCK], sums: Vec::new(), answers: Vec::new() }
    }
}

impl Branches {
    /// The ways that the coded rows go through a branch.
    fn ways_of_block(&self, branch: &Branch, room: &Room, ways: &mut [u16; BLOCK]) {
        let bounds = &self.bounds[branch.bounds.clone()];
        vectorized(
            #[inline(always)]
            || {
                for (at, ways) in ways.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
                    let codes =
                        |bound: &Bound| &room.codes(bound.slot as usize).as_chunks::<LANES>().0[at];
                    if branch.ways > 1 << 8 {
                        *ways = [0; LANES];
                        for bound in bounds {
                            let (from, change) = (bound.from_code, bound.change);
                            for (way, &code) in ways.iter_mut().zip(codes(bound)) {
                                *way = way.wrapping_add(if code >= from { change } else { 0 });
                            }
                        }
                    } else {
                        // Sums modulo 2⁸ of the same changes, in registers half as wide.
                        let mut narrow = [0_u8; LANES];
                        for bound in bounds {
                            let (from, change) = (bound.from_code, bound.change as u8);
                            for (way, &code) in narrow.iter_mut().zip(codes(bound)) {
                                *way = way.wrapping_add(if code >= from { change } else { 0 });
                            }
                        }
                        ways.iter_mut().zip(narrow).for_each(|(way, n)| *way = u16::from(n));
                    }
                }
            },
        );
    }
}
