//! Boosting against a search of every split, in plain floats.

use super::*;
use crate::models::trees::tree::{Node, Tree};

/// How far gains and values in whole units may be from those in floats.
fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 + 1e-5 * a.abs().max(b.abs())
}

struct Twin<'a> {
    table: &'a Table,
    weights: &'a [f64],
    /// Log-odds of every row so far.
    margins: Vec<f64>,
    min_rows: usize,
    min_hessian: f64,
    lambda: f64,
}

impl Twin<'_> {
    /// G and H.
    fn sums(&self, rows: &[usize]) -> (f64, f64) {
        let p = |row: usize| 1.0 / (1.0 + (-self.margins[row]).exp());
        let gradient =
            |&row: &usize| self.weights[row] * (p(row) - f64::from(u8::from(self.table.y[row])));
        let hessian = |&row: &usize| self.weights[row] * p(row) * (1.0 - p(row));
        (rows.iter().map(gradient).sum(), rows.iter().map(hessian).sum())
    }

    fn fit(&self, rows: &[usize], extra: f64) -> f64 {
        let (g, h) = self.sums(rows);
        g * g / (h + self.lambda + extra)
    }

    fn value(&self, rows: &[usize], extra: f64) -> f64 {
        let (g, h) = self.sums(rows);
        -g / (h + self.lambda + extra)
    }

    /// The levels with about 10 rows or more, of the column of categories.
    fn frequent_levels(&self, rows: &[usize]) -> Vec<f64> {
        let hessian = self.sums(rows).1;
        let is_frequent = |level: &f64| {
            let of = |row: &usize| self.table.x[[*row, 3]] == *level;
            let h = self.sums(&rows.iter().copied().filter(of).collect::<Vec<_>>()).1;
            h * rows.len() as f64 >= 10.0 * hessian * (1.0 - 1e-6)
        };
        distinct(rows.iter().map(|&row| self.table.x[[row, 3]]))
            .into_iter()
            .filter(is_frequent)
            .collect()
    }

    /// What is added to λ where levels are divided.
    fn extra(&self, rows: &[usize]) -> f64 {
        if self.frequent_levels(rows).len() > 4 { 10.0 } else { 0.0 }
    }

    /// The greatest gain of dividing `values` of a column, in this order, in two; other values go
    /// with the missing ones.
    fn best_of_order(&self, rows: &[usize], column: usize, values: &[f64]) -> f64 {
        let extra = if column == 3 { self.extra(rows) } else { 0.0 };
        let mut best = f64::NEG_INFINITY;
        for taken in 0..=values.len() {
            for missing_left in [false, true] {
                let goes_left = |row: &usize| match self.table.x[[*row, column]] {
                    value if !values.contains(&value) => missing_left,
                    value => values[..taken].contains(&value),
                };
                let (left, right): (Vec<usize>, Vec<usize>) =
                    rows.iter().partition(|r| goes_left(r));
                let enough = |side: &[usize]| {
                    side.len() >= self.min_rows && self.sums(side).1 >= self.min_hessian
                };
                if enough(&left) && enough(&right) {
                    let gain =
                        self.fit(&left, extra) + self.fit(&right, extra) - self.fit(rows, 0.0);
                    best = best.max(gain);
                }
            }
        }
        best
    }

    /// The greatest gain of any question about any column. Levels that stand equal may come in any
    /// order, so there may be several answers.
    fn best_gains(&self, rows: &[usize]) -> Vec<f64> {
        let values = |column: usize| distinct(rows.iter().map(|&row| self.table.x[[row, column]]));
        let numbers = (0..3)
            .map(|column| self.best_of_order(rows, column, &values(column)))
            .fold(f64::NEG_INFINITY, f64::max);
        let key = |level: f64| {
            let of = |row: &usize| self.table.x[[*row, 3]] == level;
            let (g, h) = self.sums(&rows.iter().copied().filter(of).collect::<Vec<_>>());
            g / (h + 10.0)
        };
        let keyed: Vec<(f64, f64)> =
            self.frequent_levels(rows).into_iter().map(|level| (key(level), level)).collect();
        let mut gains: Vec<f64> = orders(keyed)
            .iter()
            .filter(|order| order.windows(2).all(|w| w[0].0 <= w[1].0 + 1e-7))
            .map(|order| order.iter().map(|(_, level)| *level).collect::<Vec<f64>>())
            .map(|order| self.best_of_order(rows, 3, &order).max(numbers))
            .collect();
        gains.dedup();
        gains
    }

    /// Compares one tree with the best one, node by node, and adds its values to the margins.
    fn follow(
        &mut self,
        fitted: &TreeEnsemble,
        tree: &Tree,
        params: &Boosting,
    ) -> Result<(), TestCaseError> {
        let count = tree.nodes.len();
        let used = (0..self.table.y.len()).filter(|&row| self.weights[row] > 0.0);
        let mut rows: Vec<Vec<usize>> = vec![Vec::new(); count];
        rows[0] = used.collect();
        let mut depth = vec![0; count];
        let mut extra = vec![0.0; count];
        let mut least_best = vec![f64::NEG_INFINITY; count];
        let mut splits = Vec::new();
        for at in 0..count {
            let cover: f64 = rows[at].iter().map(|&row| self.weights[row]).sum();
            prop_assert_eq!(tree.cover[at], cover);
            let best = self.best_gains(&rows[at]);
            match tree.nodes[at] {
                Node::Leaf { value } => {
                    let expected = params.learning_rate * self.value(&rows[at], extra[at]);
                    prop_assert!(is_near(value, expected), "{value}, not {expected}");
                    if depth[at] < params.max_depth {
                        least_best[at] = best.iter().copied().fold(f64::INFINITY, f64::min);
                    }
                }
                Node::Number { left, .. } | Node::Category { left, .. } => {
                    let gain = tree.gain[at];
                    prop_assert!(best.iter().any(|b| is_near(*b, gain)), "{gain}, not {best:?}");
                    prop_assert!(gain > params.min_split_gain && depth[at] < params.max_depth);
                    least_best[at] = gain;
                    splits.push((left as usize, at));
                    for child in [left as usize, left as usize + 1] {
                        depth[child] = depth[at] + 1;
                        if matches!(tree.nodes[at], Node::Category { .. }) {
                            extra[child] = self.extra(&rows[at]);
                        }
                        rows[child] = rows[at]
                            .iter()
                            .copied()
                            .filter(|&row| {
                                tree.next(&fitted.schema, at, &self.table.row(row)) == Some(child)
                            })
                            .collect();
                        prop_assert!(rows[child].len() >= self.min_rows);
                    }
                }
            }
        }

        // Always the split that gains most: the children of split k are nodes 2k + 1 and 2k + 2.
        splits.sort_unstable();
        prop_assert!(splits.len() < params.num_leaves);
        let mut split_at = vec![usize::MAX; count];
        for (k, &(left, at)) in splits.iter().enumerate() {
            prop_assert_eq!(left, 2 * k + 1);
            split_at[at] = k;
        }
        for (k, &(_, split)) in splits.iter().enumerate() {
            for other in (0..=2 * k).filter(|&other| split_at[other] >= k) {
                let (gain, open) = (tree.gain[split], least_best[other]);
                prop_assert!(gain > open || is_near(gain, open), "split {k}: {gain} before {open}");
            }
        }
        if splits.len() + 1 < params.num_leaves {
            for at in (0..count).filter(|&at| split_at[at] == usize::MAX) {
                prop_assert!(least_best[at] < params.min_split_gain + 1e-6, "leaf {at} is open");
            }
        }
        for at in (0..count).filter(|&at| split_at[at] == usize::MAX) {
            let value = params.learning_rate * self.value(&rows[at], extra[at]);
            rows[at].iter().for_each(|&row| self.margins[row] += value);
        }
        Ok(())
    }
}

/// The values that are there, rising.
fn distinct(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}

/// All orders of some things.
fn orders<T: Copy>(things: Vec<T>) -> Vec<Vec<T>> {
    if things.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for i in 0..things.len() {
        let mut rest = things.clone();
        let first = rest.remove(i);
        for mut order in orders(rest) {
            order.insert(0, first);
            all.push(order);
        }
    }
    all
}

proptest! {
    #[test]
    fn prop_every_split_is_the_best_one_and_every_leaf_a_newton_step(
        table in tables(),
        is_weighted in any::<bool>(),
        is_by_level in any::<bool>(),
        lambda in 0..2u8,
        min_split_gain in prop_oneof![Just(0.0), Just(0.3)],
        max_depth in prop_oneof![Just(2usize), Just(64)],
    ) {
        let mut table = table;
        if is_by_level {
            // Only levels tell, so that they are asked.
            (0..3).for_each(|column| table.x.column_mut(column).fill(1.0));
        }
        let weights = if is_weighted { table.weights.clone() } else { vec![1.0; table.y.len()] };
        let total: f64 = weights.iter().sum();
        let positive: f64 = (0..weights.len()).filter(|&i| table.y[i]).map(|i| weights[i]).sum();
        prop_assume!(positive > 0.0 && positive < total);
        // A least hessian that no sum of hessians hits.
        let (lambda, min_hessian) = (f64::from(lambda), 0.371_234_5);
        let params = small()
            .min_child_weight(min_hessian)
            .lambda_l2(lambda)
            .min_split_gain(min_split_gain)
            .max_depth(max_depth);
        let given = is_weighted.then_some(&weights[..]);
        let fitted = params.fit_weighted(table.x.view(), &table.y, given, &CATEGORIES).unwrap();
        fitted.check().unwrap();
        let margins = vec![(positive / (total - positive)).ln(); weights.len()];
        let (weights, min_rows) = (&weights[..], 2);
        let mut twin = Twin { table: &table, weights, margins, min_rows, min_hessian, lambda };
        for tree in &fitted.trees {
            twin.follow(&fitted, tree, &params)?;
        }
        if fitted.tree_count() < params.n_estimators {
            let rows: Vec<usize> = (0..weights.len()).filter(|&row| weights[row] > 0.0).collect();
            let best = twin.best_gains(&rows).into_iter().fold(f64::INFINITY, f64::min);
            prop_assert!(best < min_split_gain + 1e-6, "another tree would gain {best}");
        }
        for (row, &weight) in weights.iter().enumerate() {
            let log_odds = fitted.log_odds_row(&table.row(row)).unwrap();
            // Rows of weight come to the leaves whose values their margins were given.
            prop_assert!(weight == 0.0 || is_near(log_odds, twin.margins[row]));
        }
    }
}
