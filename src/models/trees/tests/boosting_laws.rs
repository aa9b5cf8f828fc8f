//! What must not change a boosted fit, and what must hold of every one.

use super::*;
use ndarray::concatenate;
use std::collections::BTreeSet;

/// The places of a table's rows in another order.
fn shuffled(rows: usize, seed: u64) -> Vec<usize> {
    let mut places: Vec<usize> = (0..rows).collect();
    places.sort_by_key(|&row| (row as u64 + 1).wrapping_mul(seed | 1));
    places
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let (x, y) = large(140_000, 5);
    let held_out: Vec<bool> = (0..y.len()).map(|row| row % 10 == 0).collect();
    for (subsample, colsample) in [(0.8, 0.6), (1.0, 1.0)] {
        let params =
            Boosting::lightgbm().n_estimators(3).subsample(subsample).colsample_bytree(colsample);
        let fit = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let model = params.fit_held_out(x.view(), &y, None, &[], &held_out).unwrap();
                let log_odds = model.log_odds(x.view()).unwrap();
                (model, log_odds)
            })
        };
        let one = fit(1);
        assert_eq!((one.0.tree_count(), one.0.leaf_count()), (3, 93));
        assert_eq!(one, fit(2));
        assert_eq!(one, fit(4));
    }
}

#[test]
fn fractional_weights_may_come_in_any_order() {
    // In one order these sum to a little more than 4 in floats, in the other to a little less.
    let weights: [f64; 10] = [0.9, 0.4, 0.7, 0.1, 0.4, 0.1, 0.7, 0.3, 0.1, 0.3];
    let mut sorted: Vec<usize> = (0..10).collect();
    sorted.sort_by(|&a, &b| weights[a].total_cmp(&weights[b]));
    let in_order = |places: &[usize]| {
        let weights: Vec<f64> = places.iter().map(|&place| weights[place]).collect();
        let x = Array2::from_shape_fn((10, 1), |(i, _)| places[i] as f64);
        let y: Vec<bool> = places.iter().map(|place| place % 3 == 0).collect();
        let params = small().min_child_samples(1);
        (
            weights.iter().sum::<f64>(),
            params.fit_weighted(x.view(), &y, Some(&weights), &[]).unwrap(),
        )
    };
    let (one, other) = (in_order(&(0..10).collect::<Vec<_>>()), in_order(&sorted));
    assert!(one.0 != other.0);
    assert_eq!(one.1, other.1);
}

#[test]
fn the_seed_draws_rows_and_columns() {
    let (x, y) = large(20_000, 10);
    let params = Boosting::lightgbm().n_estimators(20);
    let sampled = params.clone().subsample(0.7).colsample_bytree(0.25);
    let fit = |params: &Boosting| params.fit_weighted(x.view(), &y, None, &[]).unwrap();
    let model = fit(&sampled);
    assert_eq!(model, fit(&sampled.clone().seed(0)));
    for one in [params.clone().subsample(0.7), params.clone().colsample_bytree(0.25)] {
        assert_ne!(fit(&one), fit(&one.clone().seed(1)));
    }
    assert_eq!(fit(&params), fit(&params.clone().seed(1)));
    let mut columns_of_all = BTreeSet::new();
    let mut covers = BTreeSet::new();
    for tree in &model.trees {
        let drawn = tree.cover[0] / 20_000.0;
        assert!((drawn - 0.7).abs() < 0.02, "{drawn} of the rows");
        covers.insert(tree.cover[0] as u64);
        let one = TreeEnsemble::new(model.schema.clone(), 0.0, vec![tree.clone()]);
        let counts = one.split_counts();
        let columns: Vec<usize> = (0..10).filter(|&column| counts[column] > 0).collect();
        assert_eq!(columns.len(), 3, "{columns:?}"); // 2.5 rounds to 3
        columns_of_all.extend(columns);
    }
    assert!(columns_of_all.len() == 10 && covers.len() > 10);
}

#[test]
fn rows_that_were_not_drawn_learn_from_the_tree_nevertheless() {
    let (x, y) = large(2_000, 4);
    let params = Boosting::lightgbm().n_estimators(1).subsample(0.5).learning_rate(1.0);
    let two = params.clone().n_estimators(2).fit_weighted(x.view(), &y, None, &[]).unwrap();
    let one = params.fit_weighted(x.view(), &y, None, &[]).unwrap();
    assert_eq!(one.trees[0], two.trees[0]);
    // The second tree is grown on the rows of the second draw, with the margins of the first model.
    let used: Vec<u32> = (0..2_000).collect();
    let mut drawn = Vec::new();
    let others = crate::models::trees::sample::rows(&params, 1, &used, &mut drawn);
    assert_eq!(drawn.len() + others.len(), 2_000);
    let p = one.probabilities(x.view()).unwrap();
    let mut sums = vec![(0.0, 0.0, 0.0); two.trees[1].nodes.len()];
    for row in drawn {
        let row = row as usize;
        let sum = &mut sums[leaf_of(&two, 1, &x.row(row).to_vec())];
        sum.0 += p[row] - f64::from(u8::from(y[row]));
        sum.1 += p[row] * (1.0 - p[row]);
        sum.2 += 1.0;
    }
    for (at, (g, h, rows)) in sums.into_iter().enumerate() {
        if let Some(value) = two.trees[1].leaf_value(at) {
            approx::assert_relative_eq!(value, -g / h, max_relative = 1e-5, epsilon = 1e-6);
            assert_eq!(rows, two.trees[1].cover[at]);
        }
    }
}

#[test]
fn a_draw_without_rows_does_no_harm() {
    let x = Array2::from_shape_fn((6, 1), |(i, _)| i as f64);
    let y = [false, false, true, false, true, true];
    for subsample in [1e-9, 0.2, 0.5] {
        let params = small().n_estimators(50).learning_rate(1.0).subsample(subsample);
        let model = params.min_child_samples(1).fit_weighted(x.view(), &y, None, &[]).unwrap();
        model.check().unwrap();
        assert!(model.log_odds(x.view()).unwrap().iter().all(|l| l.is_finite()), "{model}");
    }
}

#[test]
fn rows_fitted_perfectly_do_no_harm() {
    // Log-odds run to where p is 1 in double precision, and gradients to where nothing is left.
    let x = Array2::from_shape_fn((40, 2), |(i, j)| ((i * (j + 1)) % 40) as f64);
    let y: Vec<bool> = (0..40).map(|i| i >= 20).collect();
    for (subsample, min_child_weight) in [(1.0, 0.0), (0.5, 0.0), (0.5, 1e-3), (1.0, 1e-3)] {
        for size in [1.0, 1e-90, 1e90] {
            let params = small()
                .n_estimators(1_000)
                .learning_rate(1.0)
                .min_child_weight(min_child_weight * size)
                .subsample(subsample);
            let weights = [size; 40];
            let model = params.fit_weighted(x.view(), &y, Some(&weights), &[]).unwrap();
            model.check().unwrap();
            for (row, &y) in y.iter().enumerate() {
                let log_odds = model.log_odds_row(&x.row(row).to_vec()).unwrap();
                let is_fitted = log_odds.is_finite() && (log_odds > 3.0) == y;
                assert!(is_fitted, "weight {size}, row {row}: {log_odds}");
            }
        }
    }
}

#[test]
fn missing_values_that_no_row_has_go_with_the_greater_part() {
    for cut in [3, 7] {
        let x = Array2::from_shape_fn((100, 2), |(i, _)| (i % 10) as f64);
        let y: Vec<bool> = (0..100).map(|i| i % 10 >= cut).collect();
        for categories in [&[][..], &[(0, 10), (1, 10)]] {
            let params = small().n_estimators(1).num_leaves(2);
            let model = params.fit_weighted(x.view(), &y, None, categories).unwrap();
            assert_eq!(model.leaf_count(), 2);
            let log_odds = |value: f64| model.log_odds_row(&[value, value]).unwrap();
            let greater = if cut == 3 { 9.0 } else { 0.0 };
            assert_eq!(log_odds(f64::NAN), log_odds(greater));
            assert_ne!(log_odds(f64::NAN), log_odds(9.0 - greater));
        }
    }
}

#[test]
fn duplicate_rows_with_both_outcomes_leave_the_base_rate() {
    let x = Array2::from_elem((50, 3), 4.0);
    let y: Vec<bool> = (0..50).map(|i| i % 5 == 0).collect();
    for subsample in [1.0, 0.5] {
        let params = Boosting::lightgbm().min_child_samples(1).subsample(subsample);
        let model = params.fit_weighted(x.view(), &y, None, &[]).unwrap();
        let p = model.probability_row(&[f64::NAN, 1.0, 4.0]).unwrap();
        approx::assert_relative_eq!(p, 0.2, epsilon = 1e-12);
        approx::assert_relative_eq!(model.base(), (0.25f64).ln(), epsilon = 1e-12);
    }
}

proptest! {
    #[test]
    fn prop_the_order_of_rows_is_irrelevant(table in tables(), seed in any::<u64>()) {
        prop_assume!(mixed(&table.y) && table.is_mixed_by_weight());
        let moved = table.select(&shuffled(table.y.len(), seed));
        prop_assert_eq!(moved.boost(&small()), table.boost(&small()));
        prop_assert_eq!(moved.boost_weighted(&small()), table.boost_weighted(&small()));
    }

    #[test]
    fn prop_rows_of_weight_0_and_rows_held_out_are_none(table in tables()) {
        prop_assume!(table.is_mixed_by_weight());
        let rows: Vec<usize> =
            (0..table.y.len()).filter(|&row| table.weights[row] > 0.0).collect();
        let kept = table.select(&rows).boost_weighted(&small());
        prop_assert_eq!(&table.boost_weighted(&small()), &kept);
        // Held out instead, with any outcome.
        let held_out: Vec<bool> = table.weights.iter().map(|&weight| weight == 0.0).collect();
        let weights: Vec<f64> = table.weights.iter().map(|weight| weight.max(1.0)).collect();
        let fit = |params: Boosting| {
            let x = table.x.view();
            params.fit_held_out(x, &table.y, Some(&weights), &CATEGORIES, &held_out).unwrap()
        };
        prop_assert_eq!(&fit(small().early_stopping_rounds(0)), &kept);
        let stopped = fit(small().early_stopping_rounds(1));
        prop_assert_eq!(&kept.trees[..stopped.tree_count()], &stopped.trees[..]);
    }

    #[test]
    fn prop_leaves_have_rows_enough_and_trees_leaves_and_depth_as_allowed(
        table in tables(),
        min_rows in 1..12usize,
        num_leaves in 2..9usize,
        max_depth in 1..4usize,
        tiny in prop_oneof![Just(1.0), Just(1e-3), Just(1e-14)],
    ) {
        // Rows of next to no weight are rows, even where sums no longer see them.
        let weights: Vec<f64> =
            table.weights.iter().map(|&w| if w == 1.0 { tiny } else { w }).collect();
        let table = Table { weights, ..table };
        prop_assume!(table.is_mixed_by_weight());
        let params = small()
            .min_child_samples(min_rows)
            .num_leaves(num_leaves)
            .max_depth(max_depth);
        let model = table.boost_weighted(&params);
        model.check().unwrap();
        prop_assert!(model.tree_count() <= 3);
        for tree in &model.trees {
            prop_assert!((2..=num_leaves).contains(&tree.nodes.len().div_ceil(2)));
            let mut rows = vec![0; tree.nodes.len()];
            for row in (0..table.y.len()).filter(|&row| table.weights[row] > 0.0) {
                let (row, mut at, mut depth) = (table.row(row), 0, 0);
                while let Some(child) = tree.next(&model.schema, at, &row) {
                    (at, depth) = (child, depth + 1);
                }
                rows[at] += 1;
                prop_assert!(depth <= max_depth);
            }
            for at in (0..rows.len()).filter(|&at| tree.leaf_value(at).is_some()) {
                prop_assert!(rows[at] >= min_rows, "leaf {at} has {} rows", rows[at]);
            }
        }
    }

    #[test]
    fn prop_constant_and_empty_columns_are_never_used(table in tables(), value in -9.0..9.0) {
        prop_assume!(mixed(&table.y));
        let rows = table.y.len();
        let constant = Array2::from_elem((rows, 1), value);
        let empty = Array2::from_elem((rows, 1), f64::NAN);
        let wider = concatenate![Axis(1), table.x, constant, empty];
        let categories = [(3, 5), (5, 5)];
        let model = small().fit_weighted(wider.view(), &table.y, None, &categories).unwrap();
        prop_assert_eq!(&model.split_counts()[4..], &[0, 0]);
        prop_assert_eq!(&model.trees, &table.boost(&small()).trees);
    }

    #[test]
    fn prop_a_rising_transform_of_a_column_changes_no_prediction(table in tables()) {
        prop_assume!(mixed(&table.y));
        let mut moved = table.clone();
        moved.x.column_mut(0).mapv_inplace(|v| (0.3 * v).exp() - 5.0);
        let before = table.boost(&small()).log_odds(table.x.view()).unwrap();
        let after = moved.boost(&small()).log_odds(moved.x.view()).unwrap();
        prop_assert_eq!(before, after);
    }

    #[test]
    fn prop_a_power_of_2_in_all_weights_changes_no_prediction(
        table in tables(),
        exponent in prop_oneof![Just(-300), Just(-1), Just(300)],
    ) {
        prop_assume!(table.is_mixed_by_weight());
        // Levels are smoothed by so many rows, and so depend on the weights' size: numbers only.
        let fit = |factor: f64| {
            let weights: Vec<f64> = table.weights.iter().map(|weight| weight * factor).collect();
            small().fit_weighted(table.x.view(), &table.y, Some(&weights), &[]).unwrap()
        };
        let (plain, scaled) = (fit(1.0), fit(2f64.powi(exponent)));
        scaled.check().unwrap();
        prop_assert_eq!(&plain.split_counts(), &scaled.split_counts());
        prop_assert_eq!(
            plain.log_odds(table.x.view()).unwrap(),
            scaled.log_odds(table.x.view()).unwrap()
        );
    }

    #[test]
    fn prop_boosting_lowers_the_log_loss_of_its_rows(table in tables()) {
        prop_assume!(mixed(&table.y));
        let model = table.boost(&small().learning_rate(0.3));
        let rate = table.y.iter().filter(|&&y| y).count() as f64 / table.y.len() as f64;
        let p = model.probabilities(table.x.view()).unwrap();
        let loss = |p: f64, y: bool| if y { -p.ln() } else { -(-p).ln_1p() };
        let (mut before, mut after) = (0.0, 0.0);
        for (p, &y) in p.iter().zip(&table.y) {
            before += loss(rate, y);
            after += loss(*p, y);
        }
        prop_assert!(after <= before + 1e-9, "{before} to {after}");
        prop_assert!(model.tree_count() == 0 || after < before);
    }
}
