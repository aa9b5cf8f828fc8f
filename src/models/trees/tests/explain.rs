//! Contributions against enumerated Shapley values, and in all the ways they are computed.

use super::slow_twins::{shapley, value_of};
use super::*;
use crate::models::trees::tree::{Node, Schema, Tree};

/// Path-dependent Shapley values by their definition, summed over trees.
fn by_covers(model: &TreeEnsemble, row: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; row.len()];
    for tree in &model.trees {
        let of_tree = shapley(row.len() as u32, |set| value_of(tree, &model.schema, 0, row, set));
        sums.iter_mut().zip(of_tree).for_each(|(sum, value)| *sum += value);
    }
    sums
}

/// Shapley values of the game in which unknown columns are a background row's, averaged.
fn by_background(model: &TreeEnsemble, row: &[f64], background: &Array2<f64>) -> Vec<f64> {
    let game = |set: u32| {
        let of_other = |other: ndarray::ArrayView1<'_, f64>| {
            let known = |(j, &value): (usize, &f64)| if set >> j & 1 == 1 { row[j] } else { value };
            let mixed: Vec<f64> = other.iter().enumerate().map(known).collect();
            log_odds_by_steps(model, &mixed)
        };
        background.rows().into_iter().map(of_other).sum::<f64>() / background.nrows() as f64
    };
    shapley(row.len() as u32, game)
}

proptest! {
    #[test]
    fn prop_contributions_are_shapley_values_and_add_up(table in tables()) {
        prop_assume!(table.is_mixed_by_weight());
        let model = table.boost_weighted(&small().num_leaves(9));
        let mut out = [f64::NAN; 4];
        for row in (0..table.y.len()).step_by(3).map(|row| table.row(row)) {
            model.contributions_row(&row, &mut out).unwrap();
            approx::assert_abs_diff_eq!(out[..], by_covers(&model, &row)[..], epsilon = 1e-9);
            let sum = out.iter().sum::<f64>() + model.base();
            approx::assert_abs_diff_eq!(sum, model.log_odds_row(&row).unwrap(), epsilon = 1e-9);
        }
    }

    #[test]
    fn prop_interventional_contributions_are_shapley_values_and_add_up(
        table in tables(),
        rows in 1..7usize,
    ) {
        prop_assume!(mixed(&table.y));
        let background = rows_of(&table.x, 0..rows).to_owned();
        let model = table.boost(&small().num_leaves(9)).with_background(background.view()).unwrap();
        let base = model.interventional_base(0).unwrap();
        let mut out = [f64::NAN; 4];
        for row in (0..table.y.len()).step_by(5).map(|row| table.row(row)) {
            model.interventional_contributions_row(0, &row, &mut out).unwrap();
            let expected = by_background(&model, &row, &background);
            approx::assert_abs_diff_eq!(out[..], expected[..], epsilon = 1e-10);
            let sum = out.iter().sum::<f64>() + base;
            approx::assert_abs_diff_eq!(sum, model.log_odds_row(&row).unwrap(), epsilon = 1e-9);
        }
    }

    #[test]
    fn prop_the_base_is_the_mean_of_the_rows_of_the_fit(table in tables()) {
        prop_assume!(table.is_mixed_by_weight());
        let model = table.boost_weighted(&small());
        let weights = table.weights.iter();
        let log_odds = model.log_odds(table.x.view()).unwrap();
        let sum: f64 = log_odds.iter().zip(weights.clone()).map(|(value, weight)| value * weight).sum();
        let mean = sum / weights.sum::<f64>();
        approx::assert_abs_diff_eq!(model.base(), mean, epsilon = 1e-9);
    }
}

/// A tree that goes down one side: question k is about column k modulo `columns`, and goes on where
/// bit k of `turns` says (0 left). A share of 1/`divisor` of the rows goes on.
fn chain(columns: usize, depth: usize, turns: u64, divisor: f64) -> TreeEnsemble {
    let (mut nodes, mut cover, mut at, mut rows) = (Vec::new(), vec![1.0], 0, 1.0);
    nodes.push(Node::Leaf { value: 1.0 });
    for k in 0..depth {
        let (column, left) = ((k % columns) as u32, nodes.len() as u32);
        let threshold = (k / columns) as f64 * if turns >> k & 1 == 1 { 1.0 } else { -1.0 };
        nodes[at] = Node::Number { column, missing_left: k % 3 == 0, left, threshold };
        let turn = (turns >> k & 1) as usize;
        let end = Node::Leaf { value: (k as f64 * 0.7).sin() };
        nodes.extend([end.clone(), end]);
        let on = rows / divisor;
        let both = [on, rows - on];
        cover.extend([both[turn], both[1 - turn]]);
        at = left as usize + turn;
        nodes[at] = Node::Leaf { value: 9.0 };
        rows = on;
    }
    let gain = vec![0.0; nodes.len()];
    let tree = Tree { nodes, sets: Vec::new(), cover, gain };
    let model = TreeEnsemble::new(Schema { columns, categories: Vec::new() }, 0.5, vec![tree]);
    model.check().unwrap();
    model
}

/// Rows that follow a chain, leave it early or late, or lack values.
fn rows_along(columns: usize, rows: usize, turns: u64) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(i, j)| {
        let on = if turns >> (j % 64) & 1 == 1 { 50.0 } else { -50.0 };
        match (i * 31 + j * 17).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 59 {
            0 => f64::NAN,
            1 if i % 4 > 0 => -on,
            2 => (i % 3) as f64 - 1.0,
            _ => on,
        }
    })
}

#[test]
fn long_paths_are_shapley_values() {
    for (columns, depth, turns, divisor) in
        [(12, 12, 0b1011_0010_1101, 1.5), (11, 30, 0x2F0F_1357, 1.1), (12, 13, 0, 50.0)]
    {
        let model = chain(columns, depth, turns, divisor);
        let x = rows_along(columns, 20, turns);
        let background = rows_of(&x, 12..15).to_owned();
        let with_background = model.clone().with_background(background.view()).unwrap();
        let mut out = vec![0.0; columns];
        for row in rows_of(&x, 0..3).rows() {
            let row = row.to_vec();
            model.contributions_row(&row, &mut out).unwrap();
            approx::assert_abs_diff_eq!(out[..], by_covers(&model, &row)[..], epsilon = 1e-9);
            with_background.interventional_contributions_row(0, &row, &mut out).unwrap();
            let expected = by_background(&model, &row, &background);
            approx::assert_abs_diff_eq!(out[..], expected[..], epsilon = 1e-9);
        }
    }
}

#[test]
fn contributions_of_deep_trees_add_up() {
    for (columns, depth) in [(20, 20), (33, 33), (64, 64), (3, 64), (1, 40)] {
        for divisor in [1.01, 2.0, 30.0] {
            let turns = 0x9E37_79B9_7F4A_7C15;
            let model = chain(columns, depth, turns, divisor);
            let x = rows_along(columns, 100, turns);
            let model = model.with_background(rows_of(&x, 60..x.nrows())).unwrap();
            let log_odds = model.log_odds(x.view()).unwrap();
            let by_cover = model.contributions(x.view()).unwrap().sum_axis(Axis(1)) + model.base();
            approx::assert_abs_diff_eq!(by_cover, log_odds, epsilon = 1e-9);
            let base = model.interventional_base(0).unwrap();
            let by_rows =
                model.interventional_contributions(0, x.view()).unwrap().sum_axis(Axis(1));
            approx::assert_abs_diff_eq!(by_rows + base, log_odds, epsilon = 1e-9);
        }
    }
}

/// Batch contributions must be those of single rows to the bit, for all numbers of rows.
fn assert_batches_are_rows(model: &TreeEnsemble, x: &Array2<f64>) {
    let mut by_row = Array2::<f64>::zeros(x.dim());
    let mut against = by_row.clone();
    for (i, row) in x.rows().into_iter().enumerate() {
        let mut out = vec![f64::NAN; x.ncols()];
        model.contributions_row(&row.to_vec(), &mut out).unwrap();
        by_row.row_mut(i).assign(&ndarray::aview1(&out));
        model.interventional_contributions_row(0, &row.to_vec(), &mut out).unwrap();
        against.row_mut(i).assign(&ndarray::aview1(&out));
    }
    let bits = |a: Array2<f64>| a.mapv(f64::to_bits);
    for rows in [0, 1, 63, 64, 65, 600, x.nrows()] {
        let part = rows_of(x, 0..rows);
        let expected = rows_of(&by_row, 0..rows).to_owned();
        assert_eq!(bits(model.contributions(part).unwrap()), bits(expected), "{rows} rows");
        let expected = rows_of(&against, 0..rows).to_owned();
        assert_eq!(bits(model.interventional_contributions(0, part).unwrap()), bits(expected));
    }
}

#[test]
fn contributions_of_a_batch_are_those_of_its_rows_to_the_bit() {
    // Fitted trees: short paths, worked out ahead for many rows, and one of 300 leaves, never.
    let (mut x, y) = large(1_500, 14);
    x.column_mut(5).mapv_inplace(|value| value % 12.0);
    for (trees, leaves) in [(9, 31), (2, 300)] {
        let params = small().n_estimators(trees).num_leaves(leaves).min_child_samples(1);
        let model = params.colsample_bytree(0.9).fit_weighted(x.view(), &y, None, &[(5, 12)]);
        let model = model.unwrap().with_background(rows_of(&x, 0..9)).unwrap();
        assert!(model.leaf_count() > 8 * 20);
        assert_batches_are_rows(&model, &x);
    }
    // Paths too long to be worked out ahead beside short ones, and a tree of one leaf.
    let turns = 0x9E37_79B9_7F4A_7C15;
    let x = rows_along(14, 1_200, turns);
    let model = chain(14, 14, turns, 1.4);
    let mut trees = model.trees.clone();
    trees.push(Tree {
        nodes: vec![Node::Leaf { value: 2.0 }],
        sets: Vec::new(),
        cover: vec![1.0],
        gain: vec![0.0],
    });
    trees.extend(model.trees.clone());
    let model = TreeEnsemble::new(model.schema, 0.0, trees);
    let model = model.with_background(rows_of(&x, 1_000..1_100)).unwrap();
    assert_batches_are_rows(&model, &x);
}

#[test]
fn a_background_survives_serde() {
    let (x, y) = large(300, 3);
    let model = small().fit_weighted(x.view(), &y, None, &[]).unwrap();
    let plain = serde_json::to_string(&model).unwrap();
    assert!(!plain.contains("background"));
    let background = rows_of(&x, 0..256);
    assert!(background.iter().any(|value| value.is_nan()));
    let model = model.with_background(background).unwrap();
    let read: TreeEnsemble = serde_json::from_str(&serde_json::to_string(&model).unwrap()).unwrap();
    assert_eq!(read, model);
    assert_ne!(read, serde_json::from_str(&plain).unwrap());
    assert_eq!(read.interventional_base(0).unwrap(), model.interventional_base(0).unwrap());
    assert_eq!(
        read.interventional_contributions(0, x.view()).unwrap(),
        model.interventional_contributions(0, x.view()).unwrap()
    );
    // Another background stands beside it, in the order in which they were given.
    let model = model.with_background(rows_of(&x, 256..x.nrows())).unwrap();
    let mut out = [[0.0; 3]; 2];
    let row = x.row(0).to_vec();
    for (number, out) in out.iter_mut().enumerate() {
        model.interventional_contributions_row(number, &row, out).unwrap();
    }
    assert_ne!(out[0], out[1]);
    let before = read.interventional_contributions(0, x.view()).unwrap().row(0).to_vec();
    assert_eq!(before, out[0]);
}

#[test]
fn a_background_is_the_sum_of_its_rows() {
    // In blocks and row by row, whatever the order; a mean of the rows' own explanations.
    let (x, y) = large(1_300, 5);
    let model = small().num_leaves(40).fit_weighted(x.view(), &y, None, &[]).unwrap();
    let mut turned = x.view();
    turned.invert_axis(Axis(0));
    let model = model.with_background(x.view()).unwrap().with_background(turned).unwrap();
    let all = model.interventional_contributions(0, x.view()).unwrap();
    assert_eq!(all, model.interventional_contributions(1, x.view()).unwrap());
    // Whom a row is compared with is compared with it: over all rows nothing remains.
    approx::assert_abs_diff_eq!(
        all.mean_axis(Axis(0)).unwrap(),
        ndarray::Array1::zeros(5),
        epsilon = 1e-9
    );
    let mean = model.log_odds(x.view()).unwrap().mean().unwrap();
    approx::assert_abs_diff_eq!(model.interventional_base(0).unwrap(), mean, epsilon = 1e-9);
}

#[test]
fn trees_of_too_many_thresholds_for_bins_are_explained_row_by_row() {
    // With 300 thresholds a column has more than a byte can tell.
    let model = trees_of_thresholds(300);
    let x =
        Array2::from_shape_fn((200, 1), |(i, _)| if i == 7 { f64::NAN } else { i as f64 * 1.5 });
    let model = model.with_background(x.view()).unwrap();
    let out = model.interventional_contributions(0, x.view()).unwrap().sum_axis(Axis(1));
    let log_odds = model.log_odds(x.view()).unwrap();
    approx::assert_abs_diff_eq!(
        out + model.interventional_base(0).unwrap(),
        log_odds,
        epsilon = 1e-9
    );
}

/// A tree for each of so many thresholds of the only column.
fn trees_of_thresholds(count: usize) -> TreeEnsemble {
    let tree = |k: usize| Tree {
        nodes: vec![
            Node::Number {
                column: 0,
                missing_left: k.is_multiple_of(2),
                left: 1,
                threshold: k as f64,
            },
            Node::Leaf { value: (k as f64).sin() },
            Node::Leaf { value: (k as f64).cos() },
        ],
        sets: Vec::new(),
        cover: vec![2.0, 1.0, 1.0],
        gain: vec![0.0; 3],
    };
    let trees = (0..count).map(tree).collect();
    let model = TreeEnsemble::new(Schema { columns: 1, categories: Vec::new() }, 0.0, trees);
    model.check().unwrap();
    model
}
