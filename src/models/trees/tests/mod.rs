//! Laws, slow twins and bad input of whole fits.

mod bad_input;
mod batches;
mod boosting_bad_input;
mod boosting_extremes;
mod boosting_laws;
mod boosting_twin;
mod early_stopping;
mod explain;
mod laws;
mod monotone;
mod slow_twins;

use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis};
use proptest::prelude::*;

use super::{Boosting, DecisionTree, TreeEnsemble};

/// A small table: columns 0 to 2 are numbers with few values and some missing, column 3 is a
/// category of 5 levels.
#[derive(Debug, Clone)]
struct Table {
    x: Array2<f64>,
    y: Vec<bool>,
    weights: Vec<f64>,
}

const CATEGORIES: [(usize, usize); 1] = [(3, 5)];

fn tables() -> impl Strategy<Value = Table> {
    let cell = prop_oneof![4 => (0..12i32).prop_map(f64::from), 1 => Just(f64::NAN)];
    let level = prop_oneof![6 => (0..5i32).prop_map(f64::from), 1 => Just(f64::NAN)];
    let row = ([cell.clone(), cell.clone(), cell], level, any::<bool>(), 0..4i32);
    proptest::collection::vec(row, 8..80).prop_map(|rows| Table {
        x: Array2::from_shape_fn((rows.len(), 4), |(i, j)| match j {
            3 => rows[i].1,
            _ => rows[i].0[j],
        }),
        // The outcome leans on the first column, so that there is something to find.
        y: rows.iter().map(|row| row.2 && row.0[0] < 6.0 || row.0[1] > 8.0).collect(),
        weights: rows.iter().map(|row| f64::from(row.3)).collect(),
    })
}

fn mixed(y: &[bool]) -> bool {
    y.contains(&true) && y.contains(&false)
}

fn loose() -> DecisionTree {
    DecisionTree::default().max_depth(4).min_child_samples(2).min_gain(0.0).smoothing(3.0)
}

/// A few small trees, that may overfit.
fn small() -> Boosting {
    Boosting::lightgbm()
        .min_split_gain(0.0)
        .n_estimators(3)
        .learning_rate(0.5)
        .num_leaves(5)
        .min_child_samples(2)
        .min_child_weight(0.0)
}

/// A table large enough to be worked on by several threads, in blocks of rows.
fn large(rows: usize, columns: usize) -> (Array2<f64>, Vec<bool>) {
    let cell = |i: usize, j: usize| {
        let mixed = (i * 31 + j * 17 + 7).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
        if mixed.is_multiple_of(11) { f64::NAN } else { (mixed % 100_003) as f64 }
    };
    let x = Array2::from_shape_fn((rows, columns), |(i, j)| cell(i, j));
    let y = (0..rows).map(|i| cell(i, 0) + cell(i, 1) > 90_000.0 || i % 7 == 0).collect();
    (x, y)
}

fn rows_of(x: &Array2<f64>, rows: Range<usize>) -> ArrayView2<'_, f64> {
    x.slice_axis(Axis(0), rows.into())
}

/// The value of the leaf that `row` comes to, tree by tree, in the order of the trees.
fn log_odds_by_steps(model: &TreeEnsemble, row: &[f64]) -> f64 {
    model.trees.iter().fold(model.start, |sum, tree| sum + tree.value(&model.schema, row))
}

/// The leaf of a tree that `row` comes to.
fn leaf_of(model: &TreeEnsemble, tree: usize, row: &[f64]) -> usize {
    let mut at = 0;
    while let Some(child) = model.trees[tree].next(&model.schema, at, row) {
        at = child;
    }
    at
}

impl Table {
    fn boost(&self, params: &Boosting) -> TreeEnsemble {
        params.fit_weighted(self.x.view(), &self.y, None, &CATEGORIES).unwrap()
    }

    /// With the weights, of which some are 0.
    fn boost_weighted(&self, params: &Boosting) -> TreeEnsemble {
        params.fit_weighted(self.x.view(), &self.y, Some(&self.weights), &CATEGORIES).unwrap()
    }

    /// Whether rows of weight have both outcomes.
    fn is_mixed_by_weight(&self) -> bool {
        let weight_of =
            |y| (0..self.y.len()).filter(|&i| self.y[i] == y).map(|i| self.weights[i]).sum::<f64>();
        weight_of(true) > 0.0 && weight_of(false) > 0.0
    }

    fn row(&self, row: usize) -> Vec<f64> {
        self.x.row(row).to_vec()
    }

    fn fit(&self, params: &DecisionTree) -> TreeEnsemble {
        params.fit_weighted(self.x.view(), &self.y, None, &CATEGORIES).unwrap()
    }

    fn select(&self, rows: &[usize]) -> Table {
        Table {
            x: self.x.select(Axis(0), rows),
            y: rows.iter().map(|&row| self.y[row]).collect(),
            weights: rows.iter().map(|&row| self.weights[row]).collect(),
        }
    }
}
