//! What each column adds to the log-odds, summed over paths and trees.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::batch::{BLOCK, BatchWalker, Room};
use super::paths::{Path, answer, paths};
use super::shap;
use super::tree::{Schema, Tree};

/// Rows whose bins are kept at once.
const ROWS: usize = 1 << 16;
/// The most steps of a path for which all ways to follow it are worked out ahead.
const MAX_TABLE_STEPS: usize = 10;

/// Each way to follow a path that rows of the background take, with the share of them that do.
type Ways = Vec<(u64, f64)>;

/// The paths of all trees, and how the background follows them, if there is one.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Explainer {
    trees: Vec<Vec<Path>>,
    /// Of every tree's paths the ways in which rows of the background follow them.
    background: Option<Vec<Vec<Ways>>>,
}

impl Explainer {
    pub(crate) fn new(trees: &[Tree], schema: &Schema, background: Option<&[Vec<f64>]>) -> Self {
        let all_paths: Vec<Vec<Path>> = trees.iter().map(paths).collect();
        let background = background.map(|rows| {
            let of_tree = |(tree, paths): (&Tree, &Vec<Path>)| ways(tree, schema, paths, rows);
            trees.iter().zip(&all_paths).map(of_tree).collect()
        });
        Explainer { trees: all_paths, background }
    }

    /// Adds every column's contribution for one row to `out`.
    pub(crate) fn add(&self, trees: &[Tree], schema: &Schema, row: &[f64], out: &mut [f64]) {
        let mut answers = Vec::new();
        let mut parts = [0.0; super::tree::MAX_DEPTH];
        for (t, tree) in trees.iter().enumerate() {
            answer(tree, schema, row, &mut answers);
            for (p, path) in self.trees[t].iter().enumerate() {
                let parts = &mut parts[..path.steps.len()];
                self.part(t, p, path.followed(&answers), parts);
                for (step, part) in path.steps.iter().zip(parts) {
                    out[step.column] += *part;
                }
            }
        }
    }

    /// The contributions to one leaf of a row that follows some of the path's steps.
    fn part(&self, tree: usize, path: usize, followed: u64, out: &mut [f64]) {
        let steps = &self.trees[tree][path];
        match &self.background {
            None => shap::path_dependent(steps, followed, out),
            Some(ways) => shap::interventional(steps, followed, &ways[tree][path], out),
        }
    }

    /// Every column's contribution for every row, to the bit what [`Explainer::add`] adds.
    pub(crate) fn table(
        &self,
        walker: &BatchWalker,
        schema: &Schema,
        x: ArrayView2<'_, f64>,
    ) -> Array2<f64> {
        let mut out = Array2::zeros(x.dim());
        for (x, mut out) in
            x.axis_chunks_iter(Axis(0), ROWS).zip(out.axis_chunks_iter_mut(Axis(0), ROWS))
        {
            let parts: Vec<_> = x.axis_chunks_iter(Axis(0), BLOCK).collect();
            let mut blocks: Vec<Block> =
                parts.into_par_iter().map(|x| Block::new(walker, schema, x)).collect();
            for (t, paths) in self.trees.iter().enumerate() {
                let tables: Vec<Option<Vec<f64>>> = (0..paths.len())
                    .into_par_iter()
                    .map(|p| self.all_parts(t, p, x.nrows()))
                    .collect();
                blocks.par_iter_mut().for_each(|block| {
                    block.answer(walker, t);
                    for (p, path) in paths.iter().enumerate() {
                        let part = |followed, parts: &mut [f64]| self.part(t, p, followed, parts);
                        block.add(path, tables[p].as_deref(), part);
                    }
                });
            }
            let slots = walker.columns();
            for (block, mut out) in blocks.iter().zip(out.axis_chunks_iter_mut(Axis(0), BLOCK)) {
                for (sums, column) in block.sums.iter().zip(slots.clone()) {
                    let column = out.column_mut(column);
                    column.into_iter().zip(sums).for_each(|(out, sum)| *out = *sum);
                }
            }
        }
        out
    }

    /// The contributions of all ways to follow a path, where that is less work than all rows are.
    fn all_parts(&self, tree: usize, path: usize, rows: usize) -> Option<Vec<f64>> {
        let steps = self.trees[tree][path].steps.len();
        if steps > MAX_TABLE_STEPS || 1 << steps > rows {
            return None;
        }
        let mut parts = vec![0.0; steps << steps];
        for (followed, parts) in parts.chunks_exact_mut(steps.max(1)).enumerate() {
            self.part(tree, path, followed as u64, parts);
        }
        Some(parts)
    }
}

/// How the rows of the background follow the paths of a tree: each way once, with its share.
fn ways(tree: &Tree, schema: &Schema, paths: &[Path], rows: &[Vec<f64>]) -> Vec<Ways> {
    let answers: Vec<Vec<bool>> = rows
        .iter()
        .map(|row| {
            let mut answers = Vec::new();
            answer(tree, schema, row, &mut answers);
            answers
        })
        .collect();
    let of_path = |path: &Path| {
        let mut followed: Vec<u64> = answers.iter().map(|answers| path.followed(answers)).collect();
        followed.sort_unstable();
        let share = |same: &[u64]| (same[0], same.len() as f64 / rows.len() as f64);
        followed.chunk_by(|a, b| a == b).map(share).collect()
    };
    paths.iter().map(of_path).collect()
}

/// Some rows in bins, with their sums so far.
struct Block {
    room: Room,
    rows: usize,
    answers: Vec<[u8; BLOCK]>,
    /// Of every column that trees ask, one sum per row.
    sums: Vec<[f64; BLOCK]>,
    /// Place of a column among those that trees ask.
    slots: Vec<usize>,
}

impl Block {
    fn new(walker: &BatchWalker, schema: &Schema, x: ArrayView2<'_, f64>) -> Self {
        let mut room = Room::default();
        walker.code(schema, x, &mut room);
        let mut slots = vec![0; schema.columns];
        walker.columns().enumerate().for_each(|(slot, column)| slots[column] = slot);
        let sums = vec![[0.0; BLOCK]; walker.columns().count()];
        Block { room, rows: x.nrows(), answers: Vec::new(), sums, slots }
    }

    fn answer(&mut self, walker: &BatchWalker, tree: usize) {
        walker.answer(tree, &self.room, &mut self.answers);
    }

    fn add(&mut self, path: &Path, table: Option<&[f64]>, part: impl Fn(u64, &mut [f64])) {
        let steps = path.steps.len();
        if steps == 0 {
            return;
        }
        match table {
            Some(table) => {
                let mut followed = [0; BLOCK];
                path.followed_by_all(&self.answers, &mut followed);
                for (i, step) in path.steps.iter().enumerate() {
                    let sums = &mut self.sums[self.slots[step.column]][..self.rows];
                    for (sum, &followed) in sums.iter_mut().zip(&followed) {
                        *sum += table[usize::from(followed) * steps + i];
                    }
                }
            }
            None => {
                let mut parts = [0.0; super::tree::MAX_DEPTH];
                let parts = &mut parts[..steps];
                for row in 0..self.rows {
                    part(path.followed_in(&self.answers, row), parts);
                    for (step, part) in path.steps.iter().zip(&*parts) {
                        self.sums[self.slots[step.column]][row] += part;
                    }
                }
            }
        }
    }
}
