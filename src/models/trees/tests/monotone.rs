//! Monotone constraints hold everywhere.

use super::*;

/// A table whose constrained columns want to break their constraints, and constraints for them.
fn constrained() -> impl Strategy<Value = (Table, Vec<i8>)> {
    let directions = [-1..=1i8, -1..=1i8, -1..=1i8];
    (tables(), directions, any::<u64>()).prop_map(|(mut table, directions, noise)| {
        // Outcomes as the table has them, against the constraints, or noise.
        for row in 0..table.y.len() {
            let against = directions.iter().zip(table.row(row)).map(|(&d, v)| -f64::from(d) * v);
            let sum: f64 = against.filter(|v| !v.is_nan()).sum();
            table.y[row] = match (row as u64).wrapping_mul(noise | 1) >> 62 {
                0 => table.y[row],
                1 => noise >> (row % 64) & 1 == 1,
                _ => sum > 0.0,
            };
        }
        (table, [&directions[..], &[0]].concat())
    })
}

/// Whether the log-odds break a constraint anywhere between these rows.
fn is_broken(model: &TreeEnsemble, directions: &[i8], rows: &[Vec<f64>]) -> bool {
    let grid: Vec<f64> = (-3..30).map(|i| f64::from(i) * 0.5 + 0.1).collect();
    let mut is_broken = false;
    for row in rows {
        for (column, &direction) in directions.iter().enumerate().filter(|(_, d)| **d != 0) {
            let mut row = row.clone();
            let mut before = f64::NEG_INFINITY;
            for &value in &grid {
                row[column] = value;
                let log_odds = f64::from(direction) * model.log_odds_row(&row).unwrap();
                is_broken |= log_odds < before;
                before = log_odds;
            }
        }
    }
    is_broken
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn prop_log_odds_rise_and_fall_as_constrained_everywhere(
        (table, directions) in constrained(),
        extra in proptest::collection::vec(
            ([-2.0..15.0, -2.0..15.0, -2.0..15.0], 0..7u8, 0..8u8), 8),
        lambda in prop_oneof![Just(0.0), Just(0.5)],
    ) {
        prop_assume!(mixed(&table.y));
        let params = small()
            .n_estimators(4)
            .num_leaves(12)
            .lambda_l2(lambda)
            .monotone_constraints(directions.clone());
        let model = table.boost(&params);
        model.check().unwrap();
        let mut rows: Vec<Vec<f64>> = (0..table.y.len()).step_by(7).map(|r| table.row(r)).collect();
        rows.extend(extra.iter().map(|(numbers, level, missing)| {
            let value = |j: usize| if missing >> j & 1 == 1 { f64::NAN } else { numbers[j] };
            vec![value(0), value(1), value(2), f64::from(*level)]
        }));
        prop_assert!(!is_broken(&model, &directions, &rows));
    }
}

#[test]
fn without_constraints_they_are_broken() {
    // What the property above would find: the outcome falls with one column and waves with another.
    let x = Array2::from_shape_fn((400, 4), |(i, j)| {
        [i % 12, i / 12 % 12, i * 3 % 7, i % 5].map(|value| value as f64)[j]
    });
    let y: Vec<bool> = x.rows().into_iter().map(|row| row[0] < 6.0 || row[1] % 4.0 < 1.0).collect();
    let table = Table { x, weights: vec![1.0; 400], y };
    let rows: Vec<Vec<f64>> = (0..400).map(|row| table.row(row)).collect();
    let free = table.boost(&small());
    assert!(is_broken(&free, &[1, 0, 0, 0], &rows) && is_broken(&free, &[0, -1, 0, 0], &rows));
    assert!(!is_broken(&free, &[-1, 0, 0, 0], &rows));
    for directions in [vec![1, 0, 0, 0], vec![0, -1, 0, 0], vec![-1, 1, 0, 0]] {
        let model = table.boost(&small().monotone_constraints(directions.clone()));
        assert!(!is_broken(&model, &directions, &rows));
        assert!(model.tree_count() > 0);
    }
}

#[test]
fn a_constraint_that_the_table_keeps_costs_nothing() {
    let x = Array2::from_shape_fn((300, 1), |(i, _)| (i * 37 % 60) as f64);
    let y: Vec<bool> = x.column(0).iter().enumerate().map(|(i, v)| *v > (i % 50) as f64).collect();
    // One question: its sides' values are free in either case.
    let params = small().num_leaves(2).n_estimators(1);
    let free = params.fit_weighted(x.view(), &y, None, &[]).unwrap();
    let rising = params.clone().monotone_constraints(vec![1]);
    let bound = rising.fit_weighted(x.view(), &y, None, &[]).unwrap();
    assert_eq!(free.leaf_count(), 2);
    for value in [0.0, 59.0] {
        let (free, bound) = (free.log_odds_row(&[value]), bound.log_odds_row(&[value]));
        assert_eq!(free.unwrap(), bound.unwrap());
    }
    // Against the table, nothing can be asked.
    let falling = params.monotone_constraints(vec![-1]);
    assert_eq!(falling.fit_weighted(x.view(), &y, None, &[]).unwrap().tree_count(), 0);
}

#[test]
fn a_question_for_missing_values_alone_has_no_direction() {
    let x =
        Array2::from_shape_fn((90, 1), |(i, _)| if i % 3 == 0 { f64::NAN } else { (i % 2) as f64 });
    for flip in [false, true] {
        let y: Vec<bool> = (0..90).map(|i| (i % 3 == 0 || i % 9 == 1) != flip).collect();
        let params = small().n_estimators(2).num_leaves(2);
        let free = params.fit_weighted(x.view(), &y, None, &[]).unwrap();
        assert_eq!(free.leaf_count(), 4);
        for direction in [1, -1] {
            let bound = params.clone().monotone_constraints(vec![direction]);
            let bound = bound.fit_weighted(x.view(), &y, None, &[]).unwrap();
            assert_eq!(bound.trees.len(), 2);
            for value in [f64::NAN, 0.0, 1.0] {
                let (a, b) = (free.log_odds_row(&[value]), bound.log_odds_row(&[value]));
                approx::assert_relative_eq!(a.unwrap(), b.unwrap(), max_relative = 1e-12);
            }
        }
    }
}
