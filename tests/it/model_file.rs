//! The model file: what is loaded equals what was saved; damaged and hostile files give an error.

use proptest::prelude::*;
use winback::models::{Calibrator, FittedLogistic};
use winback::{ChurnModel, DecisionTree, Error, Estimator, Logistic};

use crate::common;

const VERSION: u32 = 5;

fn models() -> Vec<ChurnModel> {
    let log = common::simulated_log(500);
    [Estimator::default(), Estimator::Tree(DecisionTree::default())]
        .into_iter()
        .map(|estimator| {
            let attributes = ["region"];
            let builder =
                ChurnModel::builder().estimator(estimator).unwrap().attributes(attributes);
            builder.fit(&log, "2024-10-01").unwrap()
        })
        .collect()
}

/// The file with another body and a header that fits it.
fn with_body(bytes: &[u8], change: impl Fn(&str) -> String) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    let body = change(text.split_once('\n').unwrap().1);
    let crc = crc32fast::hash(body.as_bytes());
    format!(
        "{{\"format\":\"winback model\",\"version\":{VERSION},\"crc32\":{crc},\"bytes\":{}}}\n{body}",
        body.len()
    )
    .into_bytes()
}

#[test]
fn a_loaded_model_equals_the_saved_one_to_the_bit() {
    let log = common::simulated_log(500);
    let folder = tempfile::tempdir().unwrap();
    for model in models() {
        let path = folder.path().join("churn.winback");
        model.save(&path).unwrap();
        let loaded = ChurnModel::load(&path).unwrap();
        assert_eq!(loaded.estimator(), model.estimator());
        assert_eq!(loaded.to_bytes().unwrap(), model.to_bytes().unwrap());
        let bits = |model: &ChurnModel| -> Vec<u64> {
            let scores = model.score(&log.at("2025-01-01").unwrap()).unwrap();
            scores.rows().iter().map(|row| row.purchase_probability.to_bits()).collect()
        };
        assert_eq!(bits(&loaded), bits(&model));
    }
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1, "only the model is left: {files:?}");
}

#[test]
fn an_infinite_parameter_survives_json() {
    let unpenalised = Estimator::Logistic(Logistic::default().c(f64::INFINITY));
    let text = serde_json::to_string(&unpenalised).unwrap();
    assert_eq!(serde_json::from_str::<Estimator>(&text).unwrap(), unpenalised, "{text}");
}

#[test]
fn a_model_that_cannot_be_written_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let model = &models()[0];
    let error = model.save(folder.path().join("no/such/folder")).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    let error = model.save(folder.path()).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_is_no_model_is_refused() {
    let good = models()[0].to_bytes().unwrap();
    let written = format!(":{VERSION},");
    let version = String::from_utf8(good.clone()).unwrap().replacen(&written, ":99,", 1);
    for (bytes, expected) in [
        (Vec::new(), "not a winback model"),
        (b"customer_id,time\n1,2011-01-01\n".to_vec(), "not a winback model"),
        (good[..good.len() - 10].to_vec(), "damaged or cut short"),
        (version.into_bytes(), "of version 99; this release reads version"),
        (with_body(&good, |_| "{}".into()), "missing field"),
        (
            with_body(&good, |b| b.replacen("purchase_count", "purchase_cuont", 1)),
            "there is no feature",
        ),
        (with_body(&good, |b| b.replacen("\"3mo\"", "\"0d\"", 1)), "horizon"),
        (with_body(&good, |b| b.replacen("\"tenure_days\",", "", 1)), "columns"),
    ] {
        let error = ChurnModel::from_bytes(&bytes).unwrap_err();
        assert!(matches!(error, Error::ModelFile { .. }), "{error}");
        assert!(error.in_full().contains(expected), "{} lacks {expected}", error.in_full());
    }
}

#[test]
fn no_change_of_a_byte_goes_unseen_or_panics() {
    for model in models() {
        let good = model.to_bytes().unwrap();
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(500));
        runner
            .run(&(0..good.len(), 1..=255u8), |(place, change)| {
                let mut bytes = good.clone();
                bytes[place] ^= change;
                // Behind a checksum that fits, a change may give another model, never a panic.
                if let Ok(text) = String::from_utf8(bytes.clone())
                    && place > text.find('\n').unwrap_or(usize::MAX)
                {
                    let _ = ChurnModel::from_bytes(&with_body(&bytes, str::to_owned));
                }
                match ChurnModel::from_bytes(&bytes) {
                    Err(Error::ModelFile { .. }) => Ok(()),
                    Ok(_) if place < 100 => Ok(()), // a header may be written in other ways
                    other => Err(TestCaseError::fail(format!("byte {place}: {other:?}"))),
                }
            })
            .unwrap();
    }
}

#[test]
fn what_serde_reads_from_any_format_is_checked() {
    let refused = |text: &str| serde_json::from_str::<Calibrator>(text).unwrap_err().to_string();
    for text in [
        r#"{"isotonic":{"p":[],"q":[]}}"#,
        r#"{"isotonic":{"p":[0.1,0.5],"q":[0.5]}}"#,
        r#"{"isotonic":{"p":[0.5,0.1],"q":[0.1,0.5]}}"#,
        r#"{"platt":{"a":-1.0,"b":0.0}}"#,
        r#"{"beta":{"a":0.0,"b":0.0,"c":1.0}}"#,
    ] {
        assert!(refused(text).contains("its calibration is no increasing map"), "{text}");
    }
    let model = &models()[0];
    let whole = serde_json::to_value(model).unwrap();
    assert_eq!(
        serde_json::from_value::<ChurnModel>(whole.clone()).unwrap().to_bytes().unwrap(),
        model.to_bytes().unwrap()
    );
    let mut other = whole;
    other["recipe"]["features"] = serde_json::json!([]);
    assert!(serde_json::from_value::<ChurnModel>(other).is_err());

    let x = ndarray::array![[0.0], [1.0], [2.0], [3.0]];
    let y = [false, true, false, true];
    let fitted = Logistic::default().fit_weighted(x.view(), &y, None).unwrap();
    let mut value = serde_json::to_value(&fitted).unwrap();
    assert_eq!(serde_json::from_value::<FittedLogistic>(value.clone()).unwrap(), fitted);
    value["coefficients"] = serde_json::json!([]);
    assert!(serde_json::from_value::<FittedLogistic>(value).is_err());
}
