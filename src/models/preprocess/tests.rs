use approx::assert_relative_eq;
use ndarray::{Array2, Axis, ShapeBuilder, array};
use proptest::prelude::*;

use super::*;

const NAN: f64 = f64::NAN;

fn specs() -> Vec<ColumnSpec> {
    let levels = ["red", "green", "blue", "never"].map(String::from).to_vec();
    vec![
        ColumnSpec::new("age", ColumnKind::Number),
        ColumnSpec::new("spend", ColumnKind::Skewed),
        ColumnSpec::new("colour", ColumnKind::Category { levels }),
    ]
}

fn table() -> Array2<f64> {
    array![
        [20.0, 0.0, 1.0],
        [40.0, -9.0, 1.0],
        [NAN, 99.0, 0.0],
        [30.0, 999.0, NAN],
        [60.0, 9.0, 2.0]
    ]
}

#[test]
fn columns_are_written_as_defined() {
    let fitted = Preprocess::fit(table().view(), &specs(), None).unwrap();
    assert_eq!(
        fitted.names(),
        ["age", "age_missing", "spend", "colour=red", "colour=blue", "colour_missing"]
    );
    let sources: Vec<_> = (0..7).map(|j| fitted.source(j)).collect();
    assert_eq!(sources, [Some(0), Some(0), Some(1), Some(2), Some(2), Some(2), None]);
    assert_eq!((fitted.n_inputs(), fitted.n_outputs()), (3, 6));

    let out = fitted.transform(table().view()).unwrap();
    // Present ages 20 30 40 60: median 35, and of the five imputed values mean 37, variance 176.
    let ages = [20.0, 40.0, 35.0, 30.0, 60.0].map(|v: f64| (v - 37.0) / 176f64.sqrt());
    assert_relative_eq!(out.column(0).to_vec()[..], ages[..], max_relative = 1e-14);
    assert_eq!(out.column(1).to_vec(), [0.0, 0.0, 1.0, 0.0, 0.0]);
    let logs: [f64; 5] = [1.0, 0.1, 100.0, 1000.0, 10.0].map(|v: f64| v.ln());
    let mean = logs.iter().sum::<f64>() / 5.0;
    let deviation = (logs.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 5.0).sqrt();
    let spends = logs.map(|v| (v - mean) / deviation);
    assert_relative_eq!(
        out.column(2).to_vec()[..],
        spends[..],
        max_relative = 1e-13,
        epsilon = 1e-15
    );
    assert_eq!(out.column(3).to_vec(), [0.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(out.column(4).to_vec(), [0.0, 0.0, 0.0, 0.0, 1.0]);
    assert_eq!(out.column(5).to_vec(), [0.0, 0.0, 0.0, 1.0, 0.0]);
}

#[test]
fn what_was_not_there_in_training_is_neutral() {
    let fitted = Preprocess::fit(table().view(), &specs(), None).unwrap();
    let mut out = [9.0; 6];
    for colour in [3.0, 4.0, -1.0, 0.5, 1e300, f64::MAX] {
        fitted.transform_row(&[37.0, 0.0, colour], &mut out).unwrap();
        assert_eq!(out[3..], [0.0; 3], "{colour}");
    }
    // Spend was never missing: the median, ln(1 + 9), and no column that says so.
    let mut median = [0.0; 6];
    fitted.transform_row(&[37.0, NAN, 3.0], &mut out).unwrap();
    fitted.transform_row(&[37.0, 9.0, 3.0], &mut median).unwrap();
    assert_eq!(out, median);
}

#[test]
fn empty_constant_and_huge_columns_stay_finite() {
    let numbers =
        ["empty", "constant", "huge", "offset"].map(|n| ColumnSpec::new(n, ColumnKind::Number));
    let mut columns = numbers.to_vec();
    columns.push(ColumnSpec::new("none", ColumnKind::Category { levels: vec![] }));
    let x = array![
        [NAN, 0.1, 1e300, 1e9 + 1.0, NAN],
        [NAN, 0.1, -1e300, 1e9, NAN],
        [NAN, 0.1, 0.0, 1e9 - 1.0, NAN]
    ];
    let fitted = Preprocess::fit(x.view(), &columns, None).unwrap();
    fitted.check().unwrap();
    assert_eq!(
        fitted.names(),
        ["empty", "empty_missing", "constant", "huge", "offset", "none_missing"]
    );
    let out = fitted.transform(x.view()).unwrap();
    let unit = 1.5f64.sqrt();
    let want = array![
        [0.0, 1.0, 0.0, unit, unit, 1.0],
        [0.0, 1.0, 0.0, -unit, 0.0, 1.0],
        [0.0, 1.0, 0.0, 0.0, -unit, 1.0]
    ];
    assert_relative_eq!(out, want, max_relative = 1e-12);
}

#[test]
fn a_table_without_columns_is_written_too() {
    let fitted = Preprocess::fit(Array2::zeros((3, 0)).view(), &[], None).unwrap();
    assert_eq!(fitted.transform(Array2::zeros((2, 0)).view()).unwrap().dim(), (2, 0));
    // A category with one level gives no column at all, but its values are still checked.
    let columns = [ColumnSpec::new("a", ColumnKind::Category { levels: vec!["only".into()] })];
    let fitted = Preprocess::fit(Array2::zeros((3, 1)).view(), &columns, None).unwrap();
    assert_eq!(fitted.transform(Array2::zeros((2, 1)).view()).unwrap().dim(), (2, 0));
    assert!(fitted.transform(array![[0.0], [f64::INFINITY]].view()).is_err());
}

#[test]
fn ties_between_levels_make_the_first_the_reference() {
    let levels = ["a", "b", "c"].map(String::from).to_vec();
    let columns = [ColumnSpec::new("k", ColumnKind::Category { levels })];
    let x = array![[2.0], [1.0], [1.0], [2.0]];
    let fitted = Preprocess::fit(x.view(), &columns, None).unwrap();
    assert_eq!(fitted.names(), ["k=c"]);
    let fitted = Preprocess::fit(x.view(), &columns, Some(&[5.0, 1.0, 1.0, 1.0])).unwrap();
    assert_eq!(fitted.names(), ["k=b"]);
}

#[test]
fn bad_input_is_named() {
    let fit = |x: Array2<f64>, columns: &[ColumnSpec]| Preprocess::fit(x.view(), columns, None);
    let shape = |result: Result<FittedPreprocess>, what: &str| {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Shape(_)), "{error}");
        assert!(error.to_string().contains(what), "{error}");
    };
    for (column, name) in [(0, "age"), (1, "spend"), (2, "colour")] {
        for bad in [f64::INFINITY, f64::NEG_INFINITY, 1e301] {
            let mut x = table();
            x[[3, column]] = bad;
            shape(fit(x, &specs()), &format!("x[3, {column}] (`{name}`)"));
        }
    }
    for bad in [4.0, -1.0, 0.5] {
        let mut x = table();
        x[[1, 2]] = bad;
        shape(fit(x, &specs()), "x[1, 2]");
    }
    shape(fit(table(), &specs()[1..]), "2 column descriptions for 3 columns");
    let mut twice = specs();
    twice[1].name = "age".into();
    shape(fit(table(), &twice), "`age`");
    twice = specs();
    twice[2].kind = ColumnKind::Category { levels: vec!["x".into(), "x".into()] };
    shape(fit(table(), &twice), "`x`");
    assert!(matches!(fit(Array2::zeros((0, 3)), &specs()), Err(Error::TooLittleData(_))));
    for weights in [[-1.0; 5], [0.0; 5], [NAN; 5]] {
        let result = Preprocess::fit(table().view(), &specs(), Some(&weights));
        assert!(matches!(result, Err(Error::Argument { name: "weights", .. })));
    }
    shape(Preprocess::fit(table().view(), &specs(), Some(&[1.0])), "1 weights for 5 rows");

    let fitted = fit(table(), &specs()).unwrap();
    let mut out = [0.0; 6];
    assert!(fitted.transform_row(&[0.0; 2], &mut out).is_err());
    assert!(fitted.transform_row(&[0.0; 3], &mut out[1..]).is_err());
    assert!(fitted.transform(Array2::zeros((2, 4)).view()).is_err());
    for column in 0..3 {
        for bad in [f64::INFINITY, f64::NEG_INFINITY] {
            let mut x = Array2::zeros((3, 3));
            x[[2, column]] = bad;
            let error = fitted.transform(x.view()).unwrap_err().to_string();
            assert!(error.contains("row 2") && error.contains(&specs()[column].name), "{error}");
        }
    }
}

#[test]
fn json_gives_back_the_columns_and_damaged_ones_are_refused() {
    let fitted = Preprocess::fit(table().view(), &specs(), None).unwrap();
    let text = serde_json::to_string(&fitted).unwrap();
    let again: FittedPreprocess = serde_json::from_str(&text).unwrap();
    assert_eq!(again, fitted);

    let value = serde_json::to_value(&fitted).unwrap();
    let damages = [
        ("/columns/0/encoding/number/scale", serde_json::json!(0.0)),
        ("/columns/0/encoding/number/scale", serde_json::json!(-1.0)),
        ("/columns/0/encoding/number/mean", serde_json::json!(1e305)),
        ("/columns/1/encoding/number/median", serde_json::json!(-1e305)),
        ("/columns/2/encoding/category/shown", serde_json::json!([2, 0])),
        ("/columns/2/encoding/category/shown", serde_json::json!([0, 0])),
        ("/columns/2/encoding/category/shown", serde_json::json!([0, 4])),
        ("/columns/2/encoding/category/levels", serde_json::json!([])),
    ];
    for (path, damage) in damages {
        let mut value = value.clone();
        *value.pointer_mut(path).unwrap() = damage;
        let error = serde_json::from_value::<FittedPreprocess>(value).unwrap_err().to_string();
        assert!(error.starts_with("column `"), "{path}: {error}");
    }
}

#[test]
fn threads_and_memory_layout_do_not_change_a_bit() {
    let rows = 3000;
    let x = Array2::from_shape_fn((rows, 3), |(i, j)| match (i * 7919 + j * 104_729) % 97 {
        v if v % 11 == 0 => NAN,
        v if j == 2 => (v % 4) as f64,
        v => v as f64 * 1.7 - 30.0,
    });
    let mut columns_first = Array2::zeros(x.raw_dim().f());
    columns_first.assign(&x);
    let run = |threads: usize, x: ArrayView2<'_, f64>| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let fitted = Preprocess::fit(x, &specs(), None).unwrap();
            let out = fitted.transform(x).unwrap();
            (fitted, out)
        })
    };
    let one = run(1, x.view());
    assert_eq!(one, run(2, x.view()));
    assert_eq!(one, run(4, columns_first.view()));
    let mut row = vec![0.0; one.0.n_outputs()];
    for i in 0..rows {
        one.0.transform_row(x.row(i).as_slice().unwrap(), &mut row).unwrap();
        assert_eq!(one.1.row(i).to_vec(), row);
    }
}

fn values() -> impl Strategy<Value = Vec<[f64; 3]>> {
    let number = prop_oneof![4 => -1e4f64..1e4, 1 => Just(NAN)];
    let code = prop_oneof![4 => (0u8..4).prop_map(f64::from), 1 => Just(NAN)];
    prop::collection::vec((number.clone(), number, code).prop_map(|(a, b, c)| [a, b, c]), 1..40)
}

proptest! {
    #[test]
    fn training_columns_have_mean_0_and_deviation_1(rows in values()) {
        let x = Array2::from(rows);
        let fitted = Preprocess::fit(x.view(), &specs(), None).unwrap();
        fitted.check().unwrap();
        let out = fitted.transform(x.view()).unwrap();
        prop_assert!(out.iter().all(|v| v.is_finite()));
        for (j, name) in fitted.names().iter().enumerate() {
            if name == "age" || name == "spend" {
                let column = out.column(j);
                prop_assert!(column.mean().unwrap().abs() < 1e-9);
                let deviation = column.std(0.0);
                prop_assert!(deviation == 0.0 || (deviation - 1.0).abs() < 1e-9);
            } else {
                prop_assert!(out.column(j).iter().all(|v| *v == 0.0 || *v == 1.0));
            }
        }
    }

    #[test]
    fn weight_2_is_a_row_twice_and_weight_0_none(rows in values()) {
        let x = Array2::from(rows);
        let times: Vec<usize> = (0..x.nrows()).map(|i| (i + 1) % 3).collect();
        let long: Vec<usize> = (0..x.nrows()).flat_map(|i| std::iter::repeat_n(i, times[i])).collect();
        let weights: Vec<f64> = times.iter().map(|t| *t as f64).collect();
        let a = Preprocess::fit(x.view(), &specs(), Some(&weights)).unwrap();
        let b = Preprocess::fit(x.select(Axis(0), &long).view(), &specs(), None).unwrap();
        prop_assert_eq!(a.names(), b.names());
        let (a, b) = (a.transform(x.view()).unwrap(), b.transform(x.view()).unwrap());
        for (a, b) in a.iter().zip(&b) {
            prop_assert!((a - b).abs() <= 1e-9 * a.abs().max(1.0), "{} {}", a, b);
        }
    }

    #[test]
    fn row_order_is_irrelevant(rows in values()) {
        let x = Array2::from(rows.clone());
        let mut reversed = rows;
        reversed.reverse();
        let a = Preprocess::fit(x.view(), &specs(), None).unwrap();
        let b = Preprocess::fit(Array2::from(reversed).view(), &specs(), None).unwrap();
        prop_assert_eq!(a.names(), b.names());
        let (a, b) = (a.transform(x.view()).unwrap(), b.transform(x.view()).unwrap());
        for (a, b) in a.iter().zip(&b) {
            prop_assert!((a - b).abs() <= 1e-9 * a.abs().max(1.0));
        }
    }
}
