//! The fit against a search of every split, TreeSHAP against enumerated Shapley values.

use super::*;
use crate::models::trees::tree::{Node, Schema, Tree};

/// Log loss of the best single probability.
fn loss(rows: &[usize], y: &[bool]) -> f64 {
    let all = rows.len() as f64;
    let positive = rows.iter().filter(|&&row| y[row]).count() as f64;
    [positive, all - positive].iter().filter(|&&n| n > 0.0).map(|n| -n * (n / all).ln()).sum()
}

/// The greatest gain of any question about any column, at least `min` rows on either side.
fn best_gain(table: &Table, rows: &[usize], min: usize) -> Option<f64> {
    let base = rows.iter().filter(|&&row| table.y[row]).count() as f64 / rows.len().max(1) as f64;
    let mut best: Option<f64> = None;
    for column in 0..4 {
        let value = |row: usize| table.x[[row, column]];
        let mut values: Vec<f64> =
            rows.iter().map(|&row| value(row)).filter(|v| !v.is_nan()).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        if column == 3 {
            let rate = |level: f64| {
                let of: Vec<_> = rows.iter().filter(|&&row| value(row) == level).collect();
                let positive = of.iter().filter(|&&&row| table.y[row]).count() as f64;
                (positive + 10.0 * base) / (of.len() as f64 + 10.0)
            };
            values.sort_by(|a, b| rate(*a).total_cmp(&rate(*b)));
        }
        for taken in 0..=values.len() {
            for missing_left in [false, true] {
                let goes_left = |row: &usize| match value(*row) {
                    v if v.is_nan() => missing_left,
                    v => values[..taken].contains(&v),
                };
                let (left, right): (Vec<usize>, Vec<usize>) =
                    rows.iter().partition(|r| goes_left(r));
                if left.len() >= min && right.len() >= min {
                    let gain =
                        loss(rows, &table.y) - loss(&left, &table.y) - loss(&right, &table.y);
                    best = Some(best.map_or(gain, |best| best.max(gain)));
                }
            }
        }
    }
    best
}

/// Value of tree `tree` at `row` from node `at` on when only the columns of `known` are, the others
/// averaged by cover.
pub(super) fn value_of(tree: &Tree, schema: &Schema, at: usize, row: &[f64], known: u32) -> f64 {
    let (column, left) = match tree.nodes[at] {
        Node::Leaf { value } => return value,
        Node::Number { column, left, .. } | Node::Category { column, left, .. } => {
            (column, left as usize)
        }
    };
    if known >> column & 1 == 1 {
        return value_of(tree, schema, tree.next(schema, at, row).unwrap(), row, known);
    }
    let part =
        |child| tree.cover[child] / tree.cover[at] * value_of(tree, schema, child, row, known);
    part(left) + part(left + 1)
}

fn factorial(n: u32) -> f64 {
    (1..=n).map(f64::from).product()
}

/// Shapley values of `columns` players by their definition, over all sets of them.
pub(super) fn shapley(columns: u32, game: impl Fn(u32) -> f64) -> Vec<f64> {
    let values: Vec<f64> = (0..1u32 << columns).map(game).collect();
    (0..columns)
        .map(|column| {
            (0..1u32 << columns)
                .filter(|set| set >> column & 1 == 0)
                .map(|set| {
                    let size = set.count_ones();
                    let share =
                        factorial(size) * factorial(columns - size - 1) / factorial(columns);
                    share * (values[(set | 1 << column) as usize] - values[set as usize])
                })
                .sum()
        })
        .collect()
}

proptest! {
    #[test]
    fn prop_every_split_is_the_best_and_every_leaf_its_smoothed_rate(table in tables()) {
        prop_assume!(mixed(&table.y));
        let fitted = table.fit(&loose());
        fitted.check().unwrap();
        let tree = &fitted.trees[0];
        let rows = (0..table.y.len()).collect::<Vec<_>>();
        let base = rows.iter().filter(|&&row| table.y[row]).count() as f64 / rows.len() as f64;
        let mut open = vec![(0, 0, rows, base)];
        let mut visited = 0;
        while let Some((at, depth, rows, parent)) = open.pop() {
            visited += 1;
            let positive = rows.iter().filter(|&&row| table.y[row]).count() as f64;
            let p = (positive + 3.0 * parent) / (rows.len() as f64 + 3.0);
            prop_assert_eq!(tree.cover[at], rows.len() as f64);
            let best = best_gain(&table, &rows, 2);
            match tree.nodes[at] {
                Node::Leaf { value } => {
                    approx::assert_abs_diff_eq!(value, (p / (1.0 - p)).ln(), epsilon = 1e-12);
                    prop_assert!(depth == 4 || best.is_none_or(|gain| gain < 1e-9));
                }
                Node::Number { left, .. } | Node::Category { left, .. } => {
                    approx::assert_abs_diff_eq!(tree.gain[at], best.unwrap(), epsilon = 1e-9);
                    for child in [left as usize, left as usize + 1] {
                        let side = rows.iter().copied().filter(|&row| {
                            tree.next(&fitted.schema, at, &table.x.row(row).to_vec()) == Some(child)
                        });
                        open.push((child, depth + 1, side.collect(), p));
                    }
                }
            }
        }
        prop_assert_eq!(visited, tree.nodes.len());
    }

    #[test]
    fn prop_contributions_are_shapley_values_and_add_up(table in tables()) {
        prop_assume!(mixed(&table.y));
        let tree = table.fit(&loose().max_depth(6));
        let mut out = [0.0; 4];
        for row in table.x.rows() {
            let row = row.to_vec();
            tree.contributions_row(&row, &mut out).unwrap();
            let expected = shapley(4, |set| value_of(&tree.trees[0], &tree.schema, 0, &row, set));
            approx::assert_abs_diff_eq!(out[..], expected[..], epsilon = 1e-9);
            let sum = out.iter().sum::<f64>() + tree.base();
            approx::assert_abs_diff_eq!(sum, tree.log_odds_row(&row).unwrap(), epsilon = 1e-9);
        }
    }
}
