//! One test per error of boosting and of what it makes.

use super::*;
use crate::error::Error;
use linfa::Dataset;
use linfa::traits::{Fit, Predict};
use ndarray::{Array1, array};
use serde_json::{Value, json};

const Y: [bool; 4] = [true, false, true, false];

fn x() -> Array2<f64> {
    array![[1.0], [2.0], [3.0], [4.0]]
}

fn fit(x: Array2<f64>, y: &[bool], weights: Option<&[f64]>) -> Result<TreeEnsemble, Error> {
    small().fit_weighted(x.view(), y, weights, &[])
}

#[test]
fn parameters_out_of_range() {
    let default = Boosting::lightgbm;
    assert!(default().validate().is_ok());
    for (name, params) in [
        ("n_estimators", default().n_estimators(0)),
        ("n_estimators", default().n_estimators(100_001)),
        ("learning_rate", default().learning_rate(0.0)),
        ("learning_rate", default().learning_rate(1.1)),
        ("learning_rate", default().learning_rate(f64::NAN)),
        ("num_leaves", default().num_leaves(1)),
        ("num_leaves", default().num_leaves(65_537)),
        ("max_depth", default().max_depth(0)),
        ("max_depth", default().max_depth(65)),
        ("min_child_samples", default().min_child_samples(0)),
        ("min_child_samples", default().min_child_samples(usize::MAX)),
        ("min_child_weight", default().min_child_weight(-1e-9)),
        ("min_child_weight", default().min_child_weight(f64::INFINITY)),
        ("min_split_gain", default().min_split_gain(-1.0)),
        ("min_split_gain", default().min_split_gain(f64::NAN)),
        ("lambda_l2", default().lambda_l2(-0.1)),
        ("lambda_l2", default().lambda_l2(f64::INFINITY)),
        ("max_bin", default().max_bin(1)),
        ("max_bin", default().max_bin(256)),
        ("subsample", default().subsample(0.0)),
        ("subsample", default().subsample(1.5)),
        ("colsample_bytree", default().colsample_bytree(-0.5)),
        ("colsample_bytree", default().colsample_bytree(f64::NAN)),
        ("monotone_constraints", default().monotone_constraints(vec![2])),
        ("monotone_constraints", default().monotone_constraints(vec![0, 0, i8::MIN])),
    ] {
        for error in [
            params.validate().unwrap_err(),
            params.fit_weighted(x().view(), &Y, None, &[]).unwrap_err(),
        ] {
            let is_named = matches!(error, Error::Argument { name: found, .. } if found == name);
            assert!(is_named, "{error}");
        }
    }
}

#[test]
fn the_ends_of_the_ranges_are_allowed() {
    for params in [
        small().n_estimators(1).num_leaves(2).max_depth(1).max_bin(2),
        small().n_estimators(3).num_leaves(65_536).max_depth(64).max_bin(255),
        small().learning_rate(1.0).subsample(1.0).colsample_bytree(1.0),
        small().learning_rate(5e-324).subsample(5e-324).colsample_bytree(5e-324),
        small().lambda_l2(f64::MAX),
        small().min_split_gain(f64::MAX).min_child_weight(f64::MAX),
        small().min_child_samples(i32::MAX as usize),
        small().early_stopping_rounds(usize::MAX).seed(u64::MAX),
        small().monotone_constraints(vec![-1]),
    ] {
        let held_out = [false, false, true, true];
        for held_out in [&[][..], &held_out] {
            let model = params.fit_held_out(x().view(), &Y, None, &[], held_out).unwrap();
            model.check().unwrap();
            assert!(
                model.probabilities(x().view()).unwrap().iter().all(|p| (0.0..=1.0).contains(p))
            );
        }
    }
}

#[test]
fn parameters_survive_serde_and_unknown_ones_are_refused() {
    let params = small().monotone_constraints(vec![1, 0]).seed(3);
    let text = serde_json::to_string(&params).unwrap();
    assert_eq!(serde_json::from_str::<Boosting>(&text).unwrap(), params);
    assert_eq!(serde_json::from_str::<Boosting>("{}").unwrap(), Boosting::default());
    assert!(serde_json::from_str::<Boosting>(r#"{"num_leafs": 3}"#).is_err());
}

#[test]
fn constraints_that_do_not_fit_the_columns() {
    let params = |constraints| small().monotone_constraints(constraints);
    for (params, categories) in
        [(params(vec![0, 0]), &[][..]), (params(vec![1, 1]), &[]), (params(vec![1]), &[(0, 5)])]
    {
        let error = params.fit_weighted(x().view(), &Y, None, categories).unwrap_err();
        let named = matches!(error, Error::Argument { name: "monotone_constraints", .. });
        assert!(named, "{error}");
    }
    assert!(params(vec![0]).fit_weighted(x().view(), &Y, None, &[(0, 5)]).is_ok());
}

#[test]
fn lengths_that_differ() {
    assert!(matches!(fit(x(), &Y[..3], None), Err(Error::Shape(_))));
    assert!(matches!(fit(x(), &Y, Some(&[1.0; 5])), Err(Error::Shape(_))));
    assert!(matches!(fit(Array2::zeros((4, 0)), &Y, None), Err(Error::Shape(_))));
    for held_out in [&[true][..], &[false; 5]] {
        let error = small().fit_held_out(x().view(), &Y, None, &[], held_out).unwrap_err();
        assert!(matches!(&error, Error::Shape(m) if m.contains("held out")), "{error}");
    }
}

#[test]
fn weights_that_are_none_or_sum_to_too_little_or_too_much() {
    for bad in [f64::NAN, f64::INFINITY, -1.0] {
        let error = fit(x(), &Y, Some(&[1.0, 1.0, bad, 1.0])).unwrap_err();
        assert!(matches!(&error, Error::Shape(message) if message.contains("row 2")), "{error}");
    }
    for bad in [[0.0; 4], [f64::MAX; 4], [1e-101; 4], [1e100; 4]] {
        let error = fit(x(), &Y, Some(&bad)).unwrap_err();
        assert!(matches!(&error, Error::Shape(m) if m.contains("sum to")), "{error}");
    }
    for good in [[2.6e-101; 4], [2.4e99; 4]] {
        assert!(fit(x(), &Y, Some(&good)).is_ok());
    }
}

#[test]
fn too_few_rows_or_outcomes() {
    let few = |result| assert!(matches!(result, Err(Error::TooLittleData(_))));
    few(fit(Array2::zeros((0, 1)), &[], None));
    few(fit(array![[1.0]], &[true], None));
    few(fit(x(), &[false; 4], None));
    few(fit(x(), &[true; 4], None));
    few(fit(x(), &Y, Some(&[1.0, 0.0, 1.0, 0.0])));
    for held_out in [[true, false, true, false], [true; 4]] {
        few(small().fit_held_out(x().view(), &Y, None, &[], &held_out));
    }
}

#[test]
fn infinite_values_are_named() {
    let mut bad = Array2::zeros((700, 3));
    bad[[650, 1]] = f64::NEG_INFINITY;
    bad[[651, 0]] = f64::INFINITY;
    let y: Vec<bool> = (0..700).map(|i| i % 2 == 0).collect();
    let mut held_out = vec![false; 700];
    held_out[600..].fill(true);
    // In columns that cannot split and rows that are held out, too.
    let mut one = bad.clone();
    one[[651, 0]] = 0.0;
    for held_out in [&[][..], &held_out] {
        let error = small().fit_held_out(one.view(), &y, None, &[], held_out).unwrap_err();
        assert!(error.to_string().starts_with("row 650, column 1"), "{error}");
    }
    let model = fit(Array2::from_shape_fn((700, 3), |(i, _)| i as f64), &y, None).unwrap();
    let model = model.with_background(array![[1.0, 2.0, 3.0]].view()).unwrap();
    for error in [
        model.log_odds(bad.view()).unwrap_err(),
        model.probabilities(bad.view()).unwrap_err(),
        model.contributions(bad.view()).unwrap_err(),
        model.interventional_contributions(0, bad.view()).unwrap_err(),
        model.clone().with_background(rows_of(&bad, 500..700)).unwrap_err(),
    ] {
        let text = error.to_string();
        let named = ["row 650, column 1", "row 150, column 1"].iter().any(|n| text.starts_with(n));
        assert!(named, "{error}");
    }
    let row = [0.0, f64::INFINITY, 0.0];
    for error in [
        model.log_odds_row(&row).unwrap_err(),
        model.probability_row(&row).unwrap_err(),
        model.contributions_row(&row, &mut [0.0; 3]).unwrap_err(),
        model.interventional_contributions_row(0, &row, &mut [0.0; 3]).unwrap_err(),
    ] {
        assert!(error.to_string().starts_with("row 0, column 1"), "{error}");
    }
}

#[test]
fn another_number_of_columns() {
    let model = fit(x(), &Y, None).unwrap().with_background(x().view()).unwrap();
    let (wide, mut one) = (Array2::zeros((3, 2)), [0.0]);
    let shape = |error: Error| assert!(matches!(error, Error::Shape(_)), "{error}");
    shape(model.probability_row(&[1.0, 2.0]).unwrap_err());
    shape(model.log_odds_row(&[]).unwrap_err());
    shape(model.log_odds(wide.view()).unwrap_err());
    shape(model.probabilities(wide.view()).unwrap_err());
    shape(model.contributions_row(&[1.0], &mut []).unwrap_err());
    shape(model.contributions_row(&[1.0, 2.0], &mut one).unwrap_err());
    shape(model.interventional_contributions_row(0, &[1.0, 2.0], &mut one).unwrap_err());
    shape(model.contributions(wide.view()).unwrap_err());
    shape(model.interventional_contributions(0, wide.view()).unwrap_err());
    shape(model.clone().with_background(wide.view()).unwrap_err());
    shape(model.text(&["a", "b"], None).unwrap_err());
    shape(model.graphviz(&[], 0).unwrap_err());
    let error = model.graphviz(&["a"], model.tree_count()).unwrap_err();
    assert!(matches!(error, Error::Argument { name: "tree", .. }), "{error}");
}

#[test]
fn backgrounds_of_no_row_and_none() {
    let model = fit(x(), &Y, None).unwrap();
    for error in [
        model.interventional_base(0).unwrap_err(),
        model.interventional_contributions(0, x().view()).unwrap_err(),
        model.interventional_contributions_row(0, &[1.0], &mut [0.0]).unwrap_err(),
    ] {
        assert!(matches!(error, Error::Argument { name: "background", .. }), "{error}");
    }
    let error = model.clone().with_background(Array2::zeros((0, 1)).view()).unwrap_err();
    assert!(matches!(error, Error::Argument { name: "background rows", .. }), "{error}");
    let model = model.with_background(Array2::zeros((1, 1)).view()).unwrap();
    assert!(model.interventional_base(0).is_ok() && model.interventional_base(1).is_err());
}

#[test]
fn categories_out_of_range() {
    for bad in [&[(1, 3)][..], &[(0, 0)], &[(0, 3), (0, 3)], &[(0, usize::MAX)]] {
        let result = small().fit_weighted(x().view(), &Y, None, bad);
        assert!(matches!(result, Err(Error::Argument { name: "categories", .. })), "{bad:?}");
    }
}

#[test]
fn damaged_ensembles_are_refused() {
    let x = array![[1.0, 0.0], [2.0, 1.0], [3.0, 2.0], [4.0, 0.0], [5.0, 1.0], [6.0, 1.0]];
    let y = [false, true, true, false, true, false];
    let params = small().min_child_samples(1).n_estimators(2);
    let model = params.fit_weighted(x.view(), &y, None, &[(1, 3)]).unwrap();
    let model = model.with_background(x.view()).unwrap();
    let good = serde_json::to_value(&model).unwrap();
    let read = |value: &Value| serde_json::from_str::<TreeEnsemble>(&value.to_string());
    assert_eq!(read(&good).unwrap(), model);
    assert_eq!(model.tree_count(), 2);
    let number = |column: u32| json!({"Number": {"column": column, "missing_left": true, "left": 1, "threshold": 2.0}});
    let level = |column: u32, category: u32, set: u32| json!({"Category": {"column": column, "category": category, "set": set, "left": 1}});
    let leaf = json!({"Leaf": {"value": 1e308}});
    let tree = |node: &Value, end: &Value| {
        let nodes = json!([node, end, end]);
        json!({"nodes": nodes, "sets": [[1, 0, 0, 0]], "cover": [2, 1, 1], "gain": [1, 0, 0]})
    };
    let end = json!({"Leaf": {"value": 1.0}});
    // What is put in these places can be read as long as it is whole.
    let mut whole = good.clone();
    whole["trees"] = json!([tree(&number(0), &end), tree(&level(1, 0, 0), &end), tree(&end, &end)]);
    whole["trees"][2] = json!({"nodes": [end], "sets": [], "cover": [2], "gain": [0]});
    whole["backgrounds"] = json!([]);
    read(&whole).unwrap();
    for (place, bad) in [
        ("/start", json!(null)),
        ("/start", json!("0")),
        ("/trees", json!([tree(&number(1), &end)])), // a number asked of a category
        ("/trees", json!([tree(&number(2), &end)])),
        ("/trees", json!([tree(&level(0, 0, 0), &end)])), // a level asked of a number
        ("/trees", json!([tree(&level(1, 1, 0), &end)])),
        ("/trees", json!([tree(&level(1, 0, 1), &end)])),
        ("/trees", json!([tree(&number(0), &leaf), tree(&number(0), &leaf)])), // overflow
        ("/trees", json!([{"nodes": [], "sets": [], "cover": [], "gain": []}])),
        ("/trees", json!(null)),
        ("/trees/1/nodes/0", json!({"Leaf": {"value": 1.0}})),
        ("/trees/1/cover/0", json!(0.0)),
        ("/trees/1/gain/0", json!(-1.0)),
        ("/trees/1/gain", json!([1.0])),
        ("/schema/columns", json!(0)),
        ("/schema/columns", json!(1)),
        ("/schema/categories/0/1", json!([0, 2, 1])),
        ("/schema/categories/0/1", json!((0..256).collect::<Vec<u32>>())),
        ("/backgrounds/0/rows", json!(0)),
        ("/backgrounds/0/rows", json!(5)), // another number than was counted
        ("/backgrounds/0/ways", json!([])),
        ("/backgrounds/0/ways/0", json!([])),
        ("/backgrounds/0/ways/0/0", json!([])),
        ("/backgrounds/0/ways/0/0", json!([0])),
        ("/backgrounds/0/ways/0/0", json!([1, 3, u64::MAX, 3])),
        ("/backgrounds/0/ways/0/0", json!([0, 3, 0, 3])),
        ("/backgrounds/0/ways/0/0", json!([0, 0, 1, 6])),
        ("/backgrounds/0/ways/0/0", json!([1_u64 << 60, 6])), // steps that the path does not have
    ] {
        let mut value = good.clone();
        if place.starts_with("/trees") {
            value["backgrounds"] = json!([]); // it would not fit
        }
        *value.pointer_mut(place).unwrap() = bad.clone();
        assert!(read(&value).is_err(), "{place} {bad}");
    }
    let text = good.to_string();
    let at = format!("\"start\":{}", good["start"]);
    assert!(text.contains(&at));
    assert!(
        serde_json::from_str::<TreeEnsemble>(&text.replacen(&at, "\"start\":1e999", 1)).is_err()
    );
    let unknown = text.replacen(&at, &format!("{at},\"shrinkage\":1"), 1);
    assert!(serde_json::from_str::<TreeEnsemble>(&unknown).is_err());
}

#[test]
fn too_many_trees_are_refused() {
    let tree = r#"{"nodes":[{"Leaf":{"value":0.0}}],"sets":[],"cover":[1.0],"gain":[0.0]}"#;
    let of = |trees: usize| {
        let trees = vec![tree; trees].join(",");
        let text = format!(
            r#"{{"schema":{{"columns":1,"categories":[]}},"start":0.0,"trees":[{trees}]}}"#
        );
        serde_json::from_str::<TreeEnsemble>(&text)
    };
    assert_eq!(of(100_000).unwrap().tree_count(), 100_000);
    assert!(of(100_001).is_err());
}

#[test]
fn a_start_that_is_no_number_does_not_pass_the_check() {
    // JSON cannot say so, other formats can.
    for start in [f64::NAN, f64::INFINITY] {
        let schema = fit(x(), &Y, None).unwrap().schema;
        assert!(TreeEnsemble::new(schema, start, Vec::new()).check().is_err());
    }
}

#[test]
fn weights_of_a_linfa_dataset_count() {
    let data = Dataset::new(x(), Array1::from(Y.to_vec()));
    let weighted = data.clone().with_weights(array![1.0, 1.0, 1.0, 9.0]);
    let params = small().min_split_gain(1e9);
    assert_eq!(params.fit(&data).unwrap().predict(&data), Array1::from_elem(4, true));
    assert_eq!(params.fit(&weighted).unwrap().predict(&data), Array1::from_elem(4, false));
    assert!(params.fit(&Dataset::new(x(), Array1::from_elem(4, true))).is_err());
    let model = small().min_child_samples(1).n_estimators(30).fit(&data).unwrap();
    assert_eq!(model.predict(&data), Array1::from(Y.to_vec()));
}
