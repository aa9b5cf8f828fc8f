//! Laws, slow twins and bad input of whole fits.

mod bad_input;
mod laws;
mod slow_twins;

use ndarray::Array2;
use proptest::prelude::*;

use super::{DecisionTree, TreeEnsemble};

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

impl Table {
    fn fit(&self, params: &DecisionTree) -> TreeEnsemble {
        params.fit_weighted(self.x.view(), &self.y, None, &CATEGORIES).unwrap()
    }

    fn select(&self, rows: &[usize]) -> Table {
        Table {
            x: self.x.select(ndarray::Axis(0), rows),
            y: rows.iter().map(|&row| self.y[row]).collect(),
            weights: rows.iter().map(|&row| self.weights[row]).collect(),
        }
    }
}
