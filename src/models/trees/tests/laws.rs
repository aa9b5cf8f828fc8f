//! What must not change a fit.

use super::*;
use ndarray::concatenate;

#[test]
fn the_number_of_threads_changes_nothing() {
    let (x, y) = large(140_000, 5);
    let fit = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let tree = DecisionTree::default().fit_weighted(x.view(), &y, None, &[]).unwrap();
            let p = tree.probabilities(x.view()).unwrap();
            (tree, p)
        })
    };
    let one = fit(1);
    assert!(one.0.leaf_count() > 10);
    assert_eq!(one, fit(2));
    assert_eq!(one, fit(4));
}

#[test]
fn a_batch_and_its_rows_are_equal_to_the_bit_whatever_the_layout() {
    let (x, y) = large(5_000, 5);
    let tree = DecisionTree::default().fit_weighted(x.view(), &y, None, &[]).unwrap();
    let p = tree.probabilities(x.view()).unwrap();
    for (row, p) in x.rows().into_iter().zip(&p) {
        assert_eq!(tree.probability_row(&row.to_vec()).unwrap().to_bits(), p.to_bits());
    }
    let by_column = x.t().as_standard_layout().into_owned().reversed_axes();
    assert!(by_column.as_slice().is_none());
    assert_eq!(tree.probabilities(by_column.view()).unwrap(), p);
    let again = DecisionTree::default().fit_weighted(by_column.view(), &y, None, &[]).unwrap();
    assert_eq!(again, tree);
}

#[test]
fn a_wide_table_is_fitted_and_its_one_telling_column_found() {
    let (mut x, _) = large(300, 2_000);
    let y: Vec<bool> = (0..300).map(|i| i % 3 == 0).collect();
    x.column_mut(1_234).iter_mut().zip(&y).for_each(|(value, &y)| *value = f64::from(u8::from(y)));
    let tree = DecisionTree::default().fit_weighted(x.view(), &y, None, &[]).unwrap();
    let counts = tree.split_counts();
    assert_eq!((counts[1_234], counts.iter().sum::<usize>()), (1, 1));
    assert!(tree.gain_importances()[1_234] > 100.0);
}

#[test]
fn extreme_values_split_and_predict() {
    let values =
        [f64::MIN, -1e300, -1.0, -5e-324, 0.0, 5e-324, 1e-310, 1.0, 1e300, f64::MAX, f64::NAN];
    for cut in 1..values.len() {
        let x = Array2::from_shape_fn((values.len(), 1), |(i, _)| values[i]);
        let y: Vec<bool> = (0..values.len()).map(|i| i >= cut).collect();
        let params = loose().min_child_samples(1).smoothing(0.0);
        let tree = params.fit_weighted(x.view(), &y, None, &[]).unwrap();
        let p = tree.probabilities(x.view()).unwrap();
        assert!(p.iter().zip(&y).all(|(&p, &y)| (p >= 0.5) == y), "cut {cut}: {tree}");
        assert_eq!(tree.leaf_count(), 2);
        let text = serde_json::to_string(&tree).unwrap();
        assert_eq!(serde_json::from_str::<TreeEnsemble>(&text).unwrap(), tree);
    }
}

#[test]
fn duplicate_rows_with_both_outcomes_make_one_leaf() {
    let x = Array2::from_elem((50, 3), 4.0);
    let y: Vec<bool> = (0..50).map(|i| i % 5 == 0).collect();
    let tree = loose().fit_weighted(x.view(), &y, None, &[]).unwrap();
    assert_eq!(tree.leaf_count(), 1);
    approx::assert_relative_eq!(tree.probability_row(&[1.0; 3]).unwrap(), 0.2, epsilon = 1e-12);
    assert_eq!(tree.to_string(), "probability 0.2000 [50]\n");
}

#[test]
fn unknown_levels_are_missing_values_and_so_are_rare_ones() {
    // 300 levels, the upper 45 of them with one row; low levels are positive, missing ones too.
    let mut levels: Vec<f64> = (0..255).flat_map(|level| [f64::from(level); 4]).collect();
    levels.extend((255..300).map(f64::from));
    levels.extend([f64::NAN; 5]);
    let x = Array2::from_shape_fn((levels.len(), 1), |(i, _)| levels[i]);
    let y: Vec<bool> = levels.iter().map(|&level| !(100.0..255.0).contains(&level)).collect();
    let tree = loose().smoothing(0.0).fit_weighted(x.view(), &y, None, &[(0, 300)]).unwrap();
    assert_eq!(tree.leaf_count(), 2);
    let p = |level: f64| tree.probability_row(&[level]).unwrap();
    assert!(p(99.0) > 0.99 && p(100.0) < 0.01);
    for unknown in [255.0, 299.0, 300.0, 1e12, -1.0, 0.5, f64::NAN] {
        assert_eq!(p(unknown), p(f64::NAN));
    }
    assert!(p(f64::NAN) > 0.99);
}

proptest! {
    #[test]
    fn prop_the_order_of_rows_is_irrelevant(table in tables(), seed in any::<u64>()) {
        prop_assume!(mixed(&table.y));
        let mut rows: Vec<usize> = (0..table.y.len()).collect();
        rows.sort_by_key(|&row| (row as u64 + 1).wrapping_mul(seed | 1));
        prop_assert_eq!(table.select(&rows).fit(&loose()), table.fit(&loose()));
    }

    #[test]
    fn prop_a_rising_transform_of_a_column_changes_no_prediction(table in tables()) {
        prop_assume!(mixed(&table.y));
        let mut moved = table.clone();
        moved.x.column_mut(0).mapv_inplace(|v| (0.3 * v).exp() - 5.0);
        let before = table.fit(&loose()).probabilities(table.x.view()).unwrap();
        let after = moved.fit(&loose()).probabilities(moved.x.view()).unwrap();
        prop_assert_eq!(before, after);
    }

    #[test]
    fn prop_a_weight_counts_rows(table in tables()) {
        let rows: Vec<usize> = (0..table.y.len())
            .flat_map(|row| vec![row; table.weights[row] as usize])
            .collect();
        let repeated = table.select(&rows);
        prop_assume!(mixed(&repeated.y));
        let weighted = loose()
            .fit_weighted(table.x.view(), &table.y, Some(&table.weights), &CATEGORIES)
            .unwrap();
        prop_assert_eq!(weighted, repeated.fit(&loose()));
    }

    #[test]
    fn prop_constant_and_empty_columns_are_never_used(table in tables(), value in -9.0..9.0) {
        prop_assume!(mixed(&table.y));
        let rows = table.y.len();
        let constant = Array2::from_elem((rows, 1), value);
        let empty = Array2::from_elem((rows, 1), f64::NAN);
        let wider = concatenate![Axis(1), table.x, constant, empty];
        let tree = loose().fit_weighted(wider.view(), &table.y, None, &CATEGORIES).unwrap();
        prop_assert_eq!(&tree.split_counts()[4..], &[0, 0]);
        let narrow = table.fit(&loose());
        prop_assert_eq!(&tree.trees, &narrow.trees);
        prop_assert_eq!(
            tree.probabilities(wider.view()).unwrap(),
            narrow.probabilities(table.x.view()).unwrap()
        );
    }

    #[test]
    fn prop_probabilities_lie_between_0_and_1(table in tables(), smoothing in 0.0..2.0) {
        prop_assume!(mixed(&table.y));
        let tree = table.fit(&loose().min_child_samples(1).smoothing(smoothing));
        let p = tree.probabilities(table.x.view()).unwrap();
        prop_assert!(p.iter().all(|p| 0.0 < *p && *p < 1.0));
    }
}
