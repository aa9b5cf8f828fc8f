//! Prediction and explanation of trees that LightGBM grew, against LightGBM.
//!
//! `data/lightgbm_trees.json` was made once with LightGBM 4.7.0 and numpy 2.4.6: 300 rows of 5 normal
//! columns rounded to 3 digits, 12 % missing (`default_rng(7)`), the outcome drawn from a logistic
//! model of the first four; `lgb.train` with objective binary, 5 rounds, num_leaves 8,
//! min_data_in_leaf 5, learning_rate 0.3, seed 1, deterministic. The trees of `dump_model()` were
//! numbered breadth first. LightGBM asks x <= t, so the threshold here is the next number above t;
//! missing values go left where `default_left` says so; covers are `internal_count` and
//! `leaf_count`. The rows are the first 17 of the fit, one of values equal to LightGBM's thresholds,
//! one of the next numbers above, and one of missing values alone, with
//! `predict(raw_score=True)` and `predict(pred_contrib=True)`.
//!
//! `interventional` was made with shap 0.51.0: `TreeExplainer({"trees": ...}, data=rows,
//! feature_perturbation="interventional")` on the same trees, whose thresholds are the numbers next below
//! for its x <= t. Background and rows are the 18 that lie beside the thresholds, not on them: shap
//! computes with values of 32 bits.

use approx::assert_abs_diff_eq;
use ndarray::Array2;
use serde::Deserialize;
use winback::models::trees::TreeEnsemble;

#[derive(Deserialize)]
struct Reference {
    model: TreeEnsemble,
    rows: Vec<Vec<Option<f64>>>,
    raw_scores: Vec<f64>,
    /// The last number of a row is LightGBM's expected value.
    contributions: Vec<Vec<f64>>,
    interventional: Vec<Vec<f64>>,
    interventional_base: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("data/lightgbm_trees.json")).unwrap()
}

#[test]
fn scores_and_contributions_are_those_of_lightgbm() {
    let reference = reference();
    let model = reference.model;
    assert_eq!((model.tree_count(), model.leaf_count(), reference.rows.len()), (5, 40, 20));
    let value = |(i, j): (usize, usize)| reference.rows[i][j].unwrap_or(f64::NAN);
    let x = Array2::from_shape_fn((20, 5), value);
    let mut out = [0.0; 5];
    for (i, row) in x.rows().into_iter().enumerate() {
        let row = row.to_vec();
        let log_odds = model.log_odds_row(&row).unwrap();
        assert_abs_diff_eq!(log_odds, reference.raw_scores[i], epsilon = 1e-9);
        model.contributions_row(&row, &mut out).unwrap();
        assert_abs_diff_eq!(out[..], reference.contributions[i][..5], epsilon = 1e-9);
        assert_abs_diff_eq!(model.base(), reference.contributions[i][5], epsilon = 1e-9);
    }
    // Many rows go another way than few.
    let many = Array2::from_shape_fn((1200, 5), |(i, j)| x[[i % 20, j]]);
    let (log_odds, contributions) =
        (model.log_odds(many.view()).unwrap(), model.contributions(many.view()).unwrap());
    for i in 0..many.nrows() {
        assert_abs_diff_eq!(log_odds[i], reference.raw_scores[i % 20], epsilon = 1e-9);
        let expected = &reference.contributions[i % 20][..5];
        assert_abs_diff_eq!(contributions.row(i).to_vec()[..], expected[..], epsilon = 1e-9);
    }
}

#[test]
fn contributions_against_a_background_are_those_of_shap() {
    let Reference { model, rows, interventional, interventional_base, .. } = reference();
    let beside: Vec<_> = (0..20).filter(|row| ![17, 18].contains(row)).collect();
    let value = |(i, j): (usize, usize)| rows[beside[i]][j].unwrap_or(f64::NAN);
    let x = Array2::from_shape_fn((beside.len(), 5), value);
    let model = model.with_background(x.view()).unwrap();
    let base = model.interventional_base(0).unwrap();
    assert_abs_diff_eq!(base, interventional_base, epsilon = 1e-7);
    let many = Array2::from_shape_fn((1080, 5), |(i, j)| x[[i % 18, j]]);
    for x in [x, many] {
        let found = model.interventional_contributions(0, x.view()).unwrap();
        for (i, row) in found.rows().into_iter().enumerate() {
            let expected = &interventional[i % 18][..];
            assert_abs_diff_eq!(row.to_vec()[..], expected[..], epsilon = 1e-7);
        }
    }
}
