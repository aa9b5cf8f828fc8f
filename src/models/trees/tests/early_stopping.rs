//! Where fitting stops, by the log losses of the models on the way.

use super::*;
use std::collections::BTreeSet;

/// The log loss of held-out rows after 0, 1, 2, … trees.
fn losses(model: &TreeEnsemble, x: &Array2<f64>, y: &[bool], weights: &[f64]) -> Vec<f64> {
    let mut margins = vec![model.start; y.len()];
    let loss = |margins: &[f64]| {
        let of_row = |row: usize| {
            let p = 1.0 / (1.0 + (-margins[row]).exp());
            -weights[row] * if y[row] { p.ln() } else { (-p).ln_1p() }
        };
        (0..y.len()).map(of_row).sum::<f64>()
    };
    let mut losses = vec![loss(&margins)];
    for tree in &model.trees {
        for (row, margin) in margins.iter_mut().enumerate() {
            *margin += tree.value(&model.schema, &x.row(row).to_vec());
        }
        losses.push(loss(&margins));
    }
    losses
}

/// The number of trees kept: the best one met before `rounds` trees have brought nothing.
fn kept(losses: &[f64], rounds: usize) -> usize {
    let mut best = 0;
    for (trees, &loss) in losses.iter().enumerate() {
        if loss < losses[best] {
            best = trees;
        } else if trees - best >= rounds {
            break;
        }
    }
    best
}

#[test]
fn trees_are_counted_and_not_draws() {
    // Noise: most draws of a column give no split, which is neither a tree nor forever.
    let (x, _) = large(300, 6);
    let y: Vec<bool> = (0..300usize).map(|i| i.wrapping_mul(0x9E37_79B9) >> 7 & 1 == 1).collect();
    let params = small().num_leaves(4).colsample_bytree(0.2).min_split_gain(2.0);
    let fit = |trees: usize| {
        params.clone().n_estimators(trees).fit_weighted(x.view(), &y, None, &[]).unwrap()
    };
    let all = fit(5_000);
    assert!((3..400).contains(&all.tree_count()), "{}", all.tree_count());
    for trees in 1..=all.tree_count() {
        assert_eq!(fit(trees).trees, all.trees[..trees]);
    }
}

#[test]
fn the_trees_up_to_the_lowest_log_loss_are_kept() {
    let (x, _) = large(600, 3);
    let noise = |i: usize| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 60;
    let y: Vec<bool> =
        (0..600).map(|i| x[[i, 0]] > 40_000.0 && noise(i) < 11 || noise(i) < 4).collect();
    let weights: Vec<f64> = (0..600).map(|i| (i % 3) as f64 + 0.5).collect();
    let held_out: Vec<bool> = (0..600).map(|i| i >= 400).collect();
    let params = small().n_estimators(60).learning_rate(0.2).subsample(0.3).num_leaves(3);
    let later = rows_of(&x, 400..600).to_owned();
    let (mut by_rounds, mut by_weights) = (BTreeSet::new(), BTreeSet::new());
    for (seed, weights) in [(0, None), (0, Some(&weights[..])), (1, None), (2, None), (3, None)] {
        let fit = |rounds: usize| {
            let params = params.clone().early_stopping_rounds(rounds).seed(seed);
            params.fit_held_out(x.view(), &y, weights, &[], &held_out).unwrap()
        };
        let all = fit(0);
        assert!(all.tree_count() > 50);
        let of_later = weights.map_or(vec![1.0; 200], |weights| weights[400..].to_vec());
        let losses = losses(&all, &later, &y[400..], &of_later);
        for rounds in [1, 2, 5, 50, usize::MAX] {
            let model = fit(rounds);
            assert_eq!(model.tree_count(), kept(&losses, rounds), "{rounds} rounds: {losses:?}");
            assert_eq!(model.trees[..], all.trees[..model.tree_count()]);
            if seed == 0 {
                by_weights.insert(model.tree_count());
            }
            if model.tree_count() != kept(&losses, 1) {
                by_rounds.insert(seed);
            }
        }
    }
    // Else it would not matter when fitting stops, nor what rows weigh.
    assert!(!by_rounds.is_empty() && by_weights.len() > 1, "{by_rounds:?} {by_weights:?}");
}

#[test]
fn no_tree_is_kept_when_the_first_one_harms() {
    // What the early rows teach is wrong of the later ones.
    let x = Array2::from_shape_fn((80, 1), |(i, _)| (i % 2) as f64);
    let y: Vec<bool> = (0..80).map(|i| (i % 2 == 0) == (i < 40)).collect();
    let held_out: Vec<bool> = (0..80).map(|i| i >= 40).collect();
    let model = small().fit_held_out(x.view(), &y, None, &[], &held_out).unwrap();
    assert_eq!((model.tree_count(), model.leaf_count()), (0, 0));
    assert_eq!(model.probability_row(&[1.0]).unwrap(), 0.5);
    assert_eq!(model.contributions(x.view()).unwrap(), Array2::<f64>::zeros((80, 1)));
    let all = small().early_stopping_rounds(0).fit_held_out(x.view(), &y, None, &[], &held_out);
    assert_eq!(all.unwrap().tree_count(), 3);
}

#[test]
fn held_out_rows_of_one_outcome_or_unseen_values_are_allowed() {
    let x = Array2::from_shape_fn((60, 2), |(i, j)| match (i, j) {
        (0..50, 0) => i as f64,
        (0..50, _) => (i % 4) as f64,
        (_, 0) => {
            if i % 2 == 0 {
                1e300
            } else {
                f64::NAN
            }
        }
        _ => i as f64, // levels that no tree knows
    });
    let y: Vec<bool> = (0..60).map(|i| i > 30).collect();
    let held_out: Vec<bool> = (0..60).map(|i| i >= 50).collect();
    let model = small().fit_held_out(x.view(), &y, None, &[(1, 100)], &held_out).unwrap();
    assert!((1..=3).contains(&model.tree_count()));
    model.check().unwrap();
    // All rows held out leave nothing to learn from.
    assert!(small().fit_held_out(x.view(), &y, None, &[], &[true; 60]).is_err());
}
