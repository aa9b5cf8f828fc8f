//! Fits boosted trees, one after the other.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::binning::Binned;
use super::boosting::Boosting;
use super::ensemble::TreeEnsemble;
use super::gradients::{Gradients, total};
use super::grow::{Grower, GrownNode, Spare};
use super::histogram::{Statistics, Sums};
use super::sample;
use super::split::{Bounds, Criterion};
use super::tree::{Schema, Tree};
use crate::error::Result;
use crate::progress::Stop;

/// Rows that one task works on.
const BLOCK: usize = 1 << 14;
/// Added to the hessian when levels of a category are ordered, so that rare ones stay in the middle;
/// levels of fewer rows are not ordered.
const CAT_SMOOTH: f64 = 10.0;
/// Added to λ where levels of a category are divided, in the gain and in the sides' values.
const CAT_L2: f64 = 10.0;
/// Up to so many levels there are few ways to divide them, and nothing is added.
const FEW_LEVELS: usize = 4;

/// Draws of rows and columns in a row that give no split, after which nothing is left to learn.
const EMPTY_DRAWS: usize = 20;

/// A second-order approximation of the loss (Friedman 2000; Chen and Guestrin 2016).
#[derive(Debug)]
struct Newton {
    lambda_l2: f64,
    min_child_weight: f64,
}

impl Newton {
    /// λ for the sides of a choice among levels.
    fn lambda_of(&self, levels: usize) -> f64 {
        if levels > FEW_LEVELS { self.lambda_l2 + CAT_L2 } else { self.lambda_l2 }
    }

    fn admits(&self, node: Sums) -> bool {
        node.second >= self.min_child_weight
    }

    /// Twice the loss that `value` saves on rows of these sums, with a penalty of `lambda`/2 · value².
    fn saved(node: Sums, value: f64, lambda: f64) -> f64 {
        -(2.0 * node.first * value + (node.second + lambda) * value * value)
    }

    fn best_value(node: Sums, lambda: f64, bounds: Bounds) -> f64 {
        (-node.first / (node.second + lambda)).clamp(bounds.low, bounds.high)
    }

    fn best_saved(node: Sums, lambda: f64, bounds: Bounds) -> f64 {
        Self::saved(node, Self::best_value(node, lambda, bounds), lambda)
    }
}

impl Criterion for Newton {
    fn fit(&self, node: Sums, bounds: Bounds) -> f64 {
        Self::best_saved(node, self.lambda_l2, bounds)
    }

    fn sides(&self, left: Sums, right: Sums) -> f64 {
        let (a, b) = (left.second + self.lambda_l2, right.second + self.lambda_l2);
        // G² / H of both sides over one denominator: divisions are slow.
        let fit = (left.first * left.first * b + right.first * right.first * a) / (a * b);
        if left.second.min(right.second) >= self.min_child_weight { fit } else { f64::NEG_INFINITY }
    }

    fn bounded_sides(&self, left: Sums, right: Sums, bounds: Bounds, direction: i8) -> f64 {
        if !(self.admits(left) && self.admits(right)) {
            return f64::NEG_INFINITY;
        }
        let lambda = self.lambda_l2;
        let (a, b) =
            (Self::best_value(left, lambda, bounds), Self::best_value(right, lambda, bounds));
        if (b - a) * f64::from(direction) < 0.0 {
            return f64::NEG_INFINITY;
        }
        Self::saved(left, a, lambda) + Self::saved(right, b, lambda)
    }

    fn level_sides(&self, left: Sums, right: Sums, bounds: Bounds, levels: usize) -> f64 {
        if !(self.admits(left) && self.admits(right)) {
            return f64::NEG_INFINITY;
        }
        let lambda = self.lambda_of(levels);
        Self::best_saved(left, lambda, bounds) + Self::best_saved(right, lambda, bounds)
    }

    fn is_rare(&self, level: Sums, node: Sums, node_rows: usize) -> bool {
        // Rows in proportion to the hessian; rounding must not decide.
        level.second * (node_rows as f64) < CAT_SMOOTH * node.second * (1.0 - 1e-6)
    }

    fn value(&self, node: Sums, bounds: Bounds, levels: usize) -> f64 {
        Self::best_value(node, self.lambda_of(levels), bounds)
    }

    fn divisible(&self, node: Sums) -> bool {
        node.second >= 2.0 * self.min_child_weight
    }

    fn level_key(&self, level: Sums, _node: Sums) -> f64 {
        level.first / (level.second + CAT_SMOOTH)
    }
}

/// What a fit reads, checked.
pub(super) struct Input<'a> {
    pub(super) x: ArrayView2<'a, f64>,
    pub(super) y: &'a [bool],
    /// Weights of the rows; those of no weight and those held out are told by `used`.
    pub(super) weights: Option<&'a [f64]>,
    pub(super) categories: &'a [(usize, usize)],
    /// Rows that trees are grown from, rising.
    pub(super) used: Vec<u32>,
    /// Rows that only tell when to stop.
    pub(super) held_out: Vec<u32>,
    /// Whether to end before all trees are grown.
    pub(super) stop: Stop<'a>,
}

/// Fits `params` to checked input.
pub(super) fn boost(params: &Boosting, input: &Input<'_>) -> Result<TreeEnsemble> {
    let Input { x, y, used, held_out, .. } = input;
    let binned = Binned::new(*x, input.categories, used, params.max_bin, input.stop)?;
    let schema = Schema::of(&binned, x.ncols());
    let weights = weights_of_used(input);
    let units = WeightUnits::new(weights.as_deref());
    let positive = used.iter().copied().filter(|&row| y[row as usize]);
    let share = units.sum(positive) / units.sum(used.iter().copied());
    let base = share.ln() - (-share).ln_1p();

    let mut margins = vec![base; x.nrows()];
    let mut gradients = Gradients::new(y, weights.as_deref());
    let mut statistics = Statistics::blank(x.nrows());
    let criterion = Newton {
        lambda_l2: params.lambda_l2,
        min_child_weight: params.min_child_weight.max(f64::MIN_POSITIVE),
    };
    let directions = directions(params, &binned);
    let is_sampled = params.subsample < 1.0 || params.colsample_bytree < 1.0;
    let mut spare = Spare::default();
    let mut rows = Vec::with_capacity(used.len());
    let mut trees: Vec<Tree> = Vec::new();
    let mut stopping = Stopping::new(input, params.early_stopping_rounds);
    stopping.goes_on(0, &margins);

    let (mut draw, mut empty_draws) = (0, 0);
    while trees.len() < params.n_estimators {
        let most_units = gradients.refresh(&margins, &mut statistics);
        let left_out = sample::rows(params, draw, used, &mut rows);
        let allowed = &sample::columns(params, draw, &binned);
        draw += 1;
        let grower = Grower {
            binned: &binned,
            statistics: &statistics,
            criterion: &criterion,
            max_depth: params.max_depth,
            max_leaves: Some(params.num_leaves),
            min_gain: params.min_split_gain,
            min_rows: params.min_child_samples,
            most_units,
            directions: &directions,
            allowed,
            stop: input.stop,
        };
        let nodes = grower.grow(&mut rows, &mut spare);
        input.stop.check()?;
        if nodes.len() == 1 {
            empty_draws += 1;
            if !is_sampled || empty_draws == EMPTY_DRAWS {
                break; // nothing is left to learn
            }
            continue; // too little was drawn to learn from
        }
        empty_draws = 0;
        let value = |node: &GrownNode| {
            params.learning_rate * criterion.value(node.sums, node.bounds, node.levels)
        };
        add_to_grown(&nodes, &rows, value, &mut margins);
        add_to_others(&nodes, &binned, &left_out, value, &mut margins);
        add_to_others(&nodes, &binned, held_out, value, &mut margins);
        let covers = covers(&nodes, &rows, &units);
        trees.push(Tree::new(&nodes, &binned, &schema, |node, _| value(node), |v| v, covers));
        if !stopping.goes_on(trees.len(), &margins) {
            break;
        }
    }
    trees.truncate(stopping.best());
    Ok(TreeEnsemble::new(schema, base, trees))
}

/// The weights, 0 for rows that trees are not grown from; none when all rows count 1.
fn weights_of_used(input: &Input<'_>) -> Option<Vec<f64>> {
    if input.weights.is_none() && input.held_out.is_empty() {
        return None;
    }
    let mut weights = vec![0.0; input.y.len()];
    for &row in &input.used {
        weights[row as usize] = input.weights.map_or(1.0, |weights| weights[row as usize]);
    }
    Some(weights)
}

/// Of every column in bins, whether values must rise (1) or fall (-1) with it; empty when all are
/// free.
fn directions(params: &Boosting, binned: &Binned) -> Vec<i8> {
    let of = |feature: usize| params.monotone_constraints.get(feature).copied().unwrap_or(0);
    let directions: Vec<i8> = binned.columns.iter().map(|column| of(column.feature)).collect();
    if directions.iter().all(|&d| d == 0) { Vec::new() } else { directions }
}

/// Sums of weights as whole numbers, so that they do not depend on the order of rows.
struct WeightUnits<'a> {
    weights: Option<&'a [f64]>,
    per_one: f64,
}

impl<'a> WeightUnits<'a> {
    /// `weights` are 0 for rows that take no part.
    fn new(weights: Option<&'a [f64]>) -> Self {
        let per_one = weights.map_or(1.0, |weights| (51.0 - total(weights).log2().ceil()).exp2());
        WeightUnits { weights, per_one }
    }

    fn units(&self, rows: impl Iterator<Item = u32>) -> u64 {
        match self.weights {
            None => rows.count() as u64,
            // A row of next to no weight still is a row.
            Some(w) => {
                rows.map(|row| ((w[row as usize] * self.per_one).round() as u64).max(1)).sum()
            }
        }
    }

    fn sum(&self, rows: impl Iterator<Item = u32>) -> f64 {
        self.units(rows) as f64 / self.per_one
    }
}

/// Weight of the rows that came to every node.
fn covers(nodes: &[GrownNode], rows: &[u32], weights: &WeightUnits<'_>) -> Vec<f64> {
    let mut units = vec![0; nodes.len()];
    for (i, node) in nodes.iter().enumerate().rev() {
        units[i] = match node.split {
            Some((_, left)) => units[left] + units[left + 1],
            None => weights.units(rows[node.rows.clone()].iter().copied()),
        };
    }
    units.into_iter().map(|units| units as f64 / weights.per_one).collect()
}

/// Adds the leaves' values to the rows that the tree was grown from.
fn add_to_grown(
    nodes: &[GrownNode],
    rows: &[u32],
    value: impl Fn(&GrownNode) -> f64,
    margins: &mut [f64],
) {
    let leaves: Vec<(&[u32], f64)> = nodes
        .iter()
        .filter(|node| node.split.is_none())
        .map(|node| (&rows[node.rows.clone()], value(node)))
        .collect();
    margins.par_chunks_mut(BLOCK).enumerate().for_each(|(block, margins)| {
        let start = block * BLOCK;
        // The rows of a leaf rise, so those of a block lie together.
        for (rows, value) in &leaves {
            let from = rows.partition_point(|&row| (row as usize) < start);
            let to = rows.partition_point(|&row| (row as usize) < start + margins.len());
            for &row in &rows[from..to] {
                margins[row as usize - start] += value;
            }
        }
    });
}

/// Adds the leaves' values to `others`, rising rows that the tree was not grown from.
fn add_to_others(
    nodes: &[GrownNode],
    binned: &Binned,
    others: &[u32],
    value: impl Fn(&GrownNode) -> f64 + Sync,
    margins: &mut [f64],
) {
    let leaf = |row: usize| {
        let mut node = &nodes[0];
        while let Some((split, left)) = &node.split {
            let bin = binned.columns[split.column].codes[row];
            node = &nodes[left + usize::from(!split.left_bins.contains(bin))];
        }
        node
    };
    let values: Vec<f64> =
        others.par_iter().with_min_len(1024).map(|&row| value(leaf(row as usize))).collect();
    for (&row, value) in others.iter().zip(values) {
        margins[row as usize] += value;
    }
}

/// Decides when more trees no longer help the rows held out.
struct Stopping<'a> {
    y: &'a [bool],
    weights: Option<&'a [f64]>,
    held_out: &'a [u32],
    rounds: usize,
    trees: usize,
    best: Option<(usize, f64)>,
}

impl<'a> Stopping<'a> {
    fn new(input: &'a Input<'_>, rounds: usize) -> Self {
        let Input { y, weights, held_out, .. } = input;
        Stopping { y, weights: *weights, held_out, rounds, trees: 0, best: None }
    }

    /// Looks at the margins after `trees` trees; false when the log loss of the rows held out has not
    /// fallen for the set number of rounds.
    fn goes_on(&mut self, trees: usize, margins: &[f64]) -> bool {
        self.trees = trees;
        if self.held_out.is_empty() || self.rounds == 0 {
            return true;
        }
        let loss = |&row: &u32| {
            let row = row as usize;
            let margin = if self.y[row] { -margins[row] } else { margins[row] };
            // ln(1 + e^margin), which does not overflow.
            let loss = margin.max(0.0) + (-margin.abs()).exp().ln_1p();
            self.weights.map_or(1.0, |weights| weights[row]) * loss
        };
        let loss: f64 = self.held_out.iter().map(loss).sum();
        if self.best.is_none_or(|(_, best)| loss < best) {
            self.best = Some((trees, loss));
        }
        self.best.is_none_or(|(best, _)| trees - best < self.rounds)
    }

    /// The number of trees that was best, or all.
    fn best(&self) -> usize {
        self.best.map_or(self.trees, |(trees, _)| trees)
    }
}
