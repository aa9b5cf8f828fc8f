//! One test per error.

use super::*;
use crate::error::Error;
use linfa::Dataset;
use linfa::traits::{Fit, Predict};
use ndarray::{Array1, array};

fn fit(x: Array2<f64>, y: &[bool], weights: Option<&[f64]>) -> Result<TreeEnsemble, Error> {
    loose().fit_weighted(x.view(), y, weights, &[])
}

const Y: [bool; 4] = [true, false, true, false];

fn x() -> Array2<f64> {
    array![[1.0], [2.0], [3.0], [4.0]]
}

#[test]
fn lengths_that_differ() {
    assert!(matches!(fit(x(), &Y[..3], None), Err(Error::Shape(_))));
    assert!(matches!(fit(x(), &Y, Some(&[1.0; 5])), Err(Error::Shape(_))));
    assert!(matches!(fit(Array2::zeros((4, 0)), &Y, None), Err(Error::Shape(_))));
}

#[test]
fn weights_that_are_none() {
    for bad in [f64::NAN, f64::INFINITY, -1.0] {
        let error = fit(x(), &Y, Some(&[1.0, 1.0, bad, 1.0])).unwrap_err();
        assert!(matches!(&error, Error::Shape(message) if message.contains("row 2")), "{error}");
    }
    for bad in [[0.0; 4], [f64::MAX; 4]] {
        assert!(matches!(fit(x(), &Y, Some(&bad)), Err(Error::Shape(_))));
    }
}

#[test]
fn too_few_rows_or_outcomes() {
    let few = |result| assert!(matches!(result, Err(Error::TooLittleData(_))));
    few(fit(Array2::zeros((0, 1)), &[], None));
    few(fit(array![[1.0]], &[true], None));
    few(fit(x(), &[false; 4], None));
    few(fit(x(), &Y, Some(&[1.0, 0.0, 1.0, 0.0])));
}

#[test]
fn infinite_values_are_named() {
    let mut bad = Array2::zeros((4, 3));
    bad[[2, 1]] = f64::NEG_INFINITY;
    let error = fit(bad.clone(), &Y, None).unwrap_err().to_string();
    assert!(error.starts_with("row 2, column 1"), "{error}");
    let tree = fit(Array2::zeros((4, 3)), &Y, None).unwrap();
    let error = tree.probabilities(bad.view()).unwrap_err().to_string();
    assert!(error.starts_with("row 2, column 1"), "{error}");
    assert!(tree.contributions_row(&[0.0, 0.0, f64::INFINITY], &mut [0.0; 3]).is_err());
}

#[test]
fn another_number_of_columns() {
    let tree = fit(x(), &Y, None).unwrap();
    assert!(matches!(tree.probability_row(&[1.0, 2.0]), Err(Error::Shape(_))));
    assert!(matches!(tree.probabilities(Array2::zeros((3, 2)).view()), Err(Error::Shape(_))));
    assert!(matches!(tree.contributions_row(&[1.0], &mut []), Err(Error::Shape(_))));
    assert!(matches!(tree.text(&["a", "b"], None), Err(Error::Shape(_))));
    assert!(matches!(tree.graphviz(&["a", "b"], 0), Err(Error::Shape(_))));
}

#[test]
fn categories_out_of_range() {
    for bad in [&[(1, 3)][..], &[(0, 0)], &[(0, 3), (0, 3)], &[(0, usize::MAX)]] {
        let result = loose().fit_weighted(x().view(), &Y, None, bad);
        assert!(matches!(result, Err(Error::Argument { name: "categories", .. })), "{bad:?}");
    }
}

#[test]
fn parameters_out_of_range() {
    let default = DecisionTree::default;
    for (name, params) in [
        ("max_depth", default().max_depth(65)),
        ("min_child_samples", default().min_child_samples(0)),
        ("min_gain", default().min_gain(-0.1)),
        ("max_bin", default().max_bin(1)),
        ("max_bin", default().max_bin(256)),
        ("smoothing", default().smoothing(f64::INFINITY)),
    ] {
        let error = params.fit_weighted(x().view(), &Y, None, &[]).unwrap_err();
        assert!(matches!(error, Error::Argument { name: found, .. } if found == name), "{error}");
    }
}

#[test]
fn weights_of_a_linfa_dataset_count() {
    let data = Dataset::new(x(), Array1::from(Y.to_vec()));
    let weighted = data.clone().with_weights(array![1.0, 1.0, 1.0, 9.0]);
    let params = loose().max_depth(0);
    assert_eq!(params.fit(&data).unwrap().predict(&data), Array1::from_elem(4, true));
    assert_eq!(params.fit(&weighted).unwrap().predict(&data), Array1::from_elem(4, false));
}

#[test]
fn damaged_trees_are_refused() {
    let x = array![[1.0, 0.0], [2.0, 1.0], [3.0, 2.0], [4.0, 0.0], [5.0, 1.0], [6.0, 1.0]];
    let y = [false, true, true, false, true, false];
    let params = loose().min_child_samples(1);
    let tree = params.fit_weighted(x.view(), &y, None, &[(1, 3)]).unwrap();
    let json = serde_json::to_string(&tree).unwrap();
    assert_eq!(serde_json::from_str::<TreeEnsemble>(&json).unwrap(), tree);
    let mut changes = 0;
    for (from, to) in [
        ("\"left\":1", "\"left\":0"),
        ("\"left\":1", "\"left\":3"),
        ("\"left\":1", "\"left\":4294967295"),
        ("\"left\":3", "\"left\":1"),
        ("\"column\":0", "\"column\":7"),
        ("\"category\":0", "\"category\":1"),
        ("\"set\":0", "\"set\":9"),
        ("\"cover\":[6.0", "\"cover\":[0.0"),
        ("\"cover\":[6.0", "\"cover\":[60.0"),
        ("\"cover\":[6.0", "\"cover\":[6.0,6.0"),
        ("\"gain\":[", "\"gain\":[-"),
        ("\"value\":", "\"value\":1e3"),
        ("\"columns\":2", "\"columns\":0"),
        ("\"columns\":2", "\"columns\":4000000000"),
        ("[1,[0,1,2]]", "[1,[0,2,1]]"),
        ("[1,[0,1,2]]", "[2,[0,1,2]]"),
    ] {
        assert!(json.contains(from), "{from} is not in {json}");
        let bad = json.replacen(from, to, 1);
        assert!(serde_json::from_str::<TreeEnsemble>(&bad).is_err(), "{bad}");
        changes += 1;
    }
    assert_eq!(changes, 16);
}
