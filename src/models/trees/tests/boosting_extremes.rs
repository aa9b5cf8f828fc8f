//! Large, wide and extreme tables.

use super::*;
use crate::models::trees::tree::Node;

#[test]
fn a_wide_table_is_fitted_and_its_one_telling_column_found() {
    let (mut x, _) = large(300, 2_000);
    let y: Vec<bool> = (0..300).map(|i| i % 3 == 0).collect();
    x.column_mut(1_234).iter_mut().zip(&y).for_each(|(value, &y)| *value = f64::from(u8::from(y)));
    let params = Boosting::lightgbm().n_estimators(3).num_leaves(2);
    let model = params.fit_weighted(x.view(), &y, None, &[]).unwrap();
    let counts = model.split_counts();
    assert_eq!((counts[1_234], counts.iter().sum::<usize>()), (3, 3));
    assert!(model.gain_importances()[1_234] > 100.0);
    let p = model.probabilities(x.view()).unwrap();
    assert!(p.iter().zip(&y).all(|(&p, &y)| (p > 1.0 / 3.0) == y));
}

#[test]
fn extreme_values_split_and_predict() {
    let values =
        [f64::MIN, -1e300, -1.0, -5e-324, 0.0, 5e-324, 1e-310, 1.0, 1e300, f64::MAX, f64::NAN];
    for cut in 1..values.len() {
        let x = Array2::from_shape_fn((values.len(), 1), |(i, _)| values[i]);
        let y: Vec<bool> = (0..values.len()).map(|i| i >= cut).collect();
        let params = small().min_child_samples(1).num_leaves(2).learning_rate(1.0);
        let model = params.fit_weighted(x.view(), &y, None, &[]).unwrap();
        let p = model.probabilities(x.view()).unwrap();
        assert!(p.iter().zip(&y).all(|(&p, &y)| (p >= 0.5) == y), "cut {cut}: {model}");
        let text = serde_json::to_string(&model).unwrap();
        assert_eq!(serde_json::from_str::<TreeEnsemble>(&text).unwrap(), model);
    }
}

#[test]
fn tiny_and_huge_weights_side_by_side() {
    // Half of the rows weigh next to nothing and say the contrary.
    let x = Array2::from_shape_fn((100, 1), |(i, _)| (i % 10) as f64);
    let y: Vec<bool> = (0..100).map(|i| (i % 10 > 4) == (i < 50)).collect();
    for (heavy, light) in [(1.0, 1e-90), (1e90, 1.0), (1e-90, 1e-92), (1e90, 1e-90)] {
        let weights: Vec<f64> = (0..100).map(|i| if i < 50 { heavy } else { light }).collect();
        let params = small().n_estimators(20);
        let model = params.fit_weighted(x.view(), &y, Some(&weights), &[]).unwrap();
        model.check().unwrap();
        assert!(model.tree_count() > 0);
        for value in 0..10 {
            let p = model.probability_row(&[f64::from(value)]).unwrap();
            assert!(p.is_finite() && (p > 0.5) == (value > 4), "{heavy} and {light}: {p}");
        }
    }
}

/// Follows all rows of a fit of one tree: covers and leaves' values must be theirs.
fn is_the_tree_of_its_rows(model: &TreeEnsemble, x: &Array2<f64>, y: &[bool], rate: f64) {
    let base = y.iter().filter(|&&y| y).count() as f64 / y.len() as f64;
    let tree = &model.trees[0];
    let mut counts = vec![(0usize, 0usize); tree.nodes.len()];
    let mut buffer = vec![0.0; x.ncols()];
    for (row, &y) in x.rows().into_iter().zip(y) {
        buffer.iter_mut().zip(row).for_each(|(to, from)| *to = *from);
        let leaf = &mut counts[leaf_of(model, 0, &buffer)];
        leaf.0 += 1;
        leaf.1 += usize::from(y);
    }
    for at in (0..counts.len()).rev() {
        if let Some(left) = tree.left_child(at) {
            let [a, b] = [counts[left], counts[left + 1]];
            counts[at] = (a.0 + b.0, a.1 + b.1);
        }
        let (rows, positive) = (counts[at].0 as f64, counts[at].1 as f64);
        assert_eq!(tree.cover[at], rows);
        if let Node::Leaf { value } = tree.nodes[at] {
            let step = rate * (positive - rows * base) / (rows * base * (1.0 - base));
            // Gradients are rounded to units of 2⁻²⁹ of their sum at most, all of an outcome alike.
            let rounding = 1.1 * rate * y.len() as f64 / 2f64.powi(29) + 1e-9;
            approx::assert_abs_diff_eq!(value, step, epsilon = rounding);
        }
    }
    assert_eq!(tree.cover[0], y.len() as f64);
}

#[test]
fn the_leaves_of_a_large_table_hold_their_rows() {
    let (x, y) = large(140_000, 5);
    let params = Boosting::lightgbm().n_estimators(1);
    let model = params.fit_weighted(x.view(), &y, None, &[]).unwrap();
    assert_eq!(model.leaf_count(), 31);
    is_the_tree_of_its_rows(&model, &x, &y, 0.1);
}

#[test]
fn repeated_rows_are_as_good_as_a_weight() {
    let (x, y) = large(35_000, 4);
    let params = Boosting::lightgbm().n_estimators(2).num_leaves(8).min_child_samples(1);
    let few = params.fit_weighted(x.view(), &y, Some(&[4.0; 35_000]), &[]).unwrap();
    let rows: Vec<usize> = (0..140_000).map(|i| i % 35_000).collect();
    let many = x.select(Axis(0), &rows);
    let outcomes: Vec<bool> = rows.iter().map(|&row| y[row]).collect();
    let many = params.fit_weighted(many.view(), &outcomes, None, &[]).unwrap();
    assert_eq!(few.split_counts(), many.split_counts());
    let (few, many) = (few.log_odds(x.view()).unwrap(), many.log_odds(x.view()).unwrap());
    // Gradients are rounded before a weight multiplies them, or after.
    approx::assert_abs_diff_eq!(few, many, epsilon = 2e-4);
}

/// With the table it takes 9 seconds of processor time in the test profile, and 0.7 GB.
#[test]
fn a_tall_table_is_fitted() {
    let (x, y) = large(5_000_000, 10);
    let params = Boosting::lightgbm().n_estimators(1).num_leaves(8);
    let model = params.fit_weighted(x.view(), &y, None, &[]).unwrap();
    assert_eq!(model.leaf_count(), 8);
    is_the_tree_of_its_rows(&model, &x, &y, 0.1);
}
