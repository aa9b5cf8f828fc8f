//! Explanations, drift, calibration and the model card, from outside.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use winback::answer::Answer;
use winback::churn::{ExplainOptions, ScoreOptions};
use winback::evaluation::BacktestOptions;
use winback::explain::{Group, Language, ReasonOptions};
use winback::hazard::TimeToPurchase;
use winback::labels::State;
use winback::metrics::Stability;
use winback::{CandidateOptions, ChurnModel, Error, Estimator, EventLog};

use crate::common;

const UNTIL: &str = "2024-10-01";
const AT: &str = "2025-01-01";

fn estimators() -> [Estimator; 4] {
    ["average", "logistic", "tree", "boosting"].map(|name| name.parse().unwrap())
}

fn fitted(log: &EventLog, estimator: Estimator) -> ChurnModel {
    let attributes = vec!["region".to_owned()];
    let builder =
        ChurnModel::builder().estimator(estimator).unwrap().calibration("none".parse().unwrap());
    let known = log.attribute_names().any(|name| name == "region");
    let builder = if known { builder.attributes(attributes) } else { builder };
    builder.fit(log, UNTIL).unwrap()
}

#[test]
fn base_and_contributions_are_the_log_odds() {
    let log = common::simulated_log(1_000);
    for estimator in estimators() {
        let model = fitted(&log, estimator);
        let found = model.explain(&log.at(AT).unwrap(), &ExplainOptions::default()).unwrap();
        let groups = found.group_contributions();
        assert!(found.scores().len() > 900);
        for (row, score) in found.scores().iter().enumerate() {
            let p = score.purchase_probability;
            let log_odds = p.ln() - (-p).ln_1p();
            assert!((found.log_odds(row) - log_odds).abs() < 1e-9, "row {row}");
            let by_group = found.base()[row] + groups.row(row).sum();
            assert!((by_group - log_odds).abs() < 1e-9, "row {row}");
        }
    }
}

#[test]
fn customers_are_compared_with_the_training_rows_of_their_state() {
    let log = common::simulated_log(1_000);
    for estimator in estimators() {
        let model = ChurnModel::builder()
            .estimator(estimator)
            .unwrap()
            .cutoffs(1)
            .calibration("none".parse().unwrap())
            .fit(&log, UNTIL)
            .unwrap();
        // The only training cutoff: its customers are the training rows.
        let at = model.training().cutoffs[0].cutoff;
        let found = model.explain(&log.at(at).unwrap(), &ExplainOptions::default()).unwrap();
        for state in [State::Lapsed, State::Lost] {
            let scores = found.scores().iter().enumerate();
            let rows: Vec<usize> =
                scores.filter(|(_, score)| score.state == state).map(|(row, _)| row).collect();
            assert!(rows.len() > 50);
            for column in found.contributions().columns() {
                let sum: f64 = rows.iter().map(|&row| column[row]).sum();
                assert!((sum / rows.len() as f64).abs() < 1e-9, "{state}");
            }
        }
    }
}

/// Rows and counts of every background in a model file.
fn counts_of(value: &serde_json::Value) -> Vec<(u64, u64)> {
    use serde_json::Value;
    let inside = |value: &Value| -> Vec<(u64, u64)> {
        match value {
            Value::Array(values) => values.iter().flat_map(counts_of).collect(),
            Value::Object(fields) => fields.values().flat_map(counts_of).collect(),
            _ => Vec::new(),
        }
    };
    let (Some(rows), Some(trees)) = (value["rows"].as_u64(), value["ways"].as_array()) else {
        return inside(value);
    };
    let leaves = trees.iter().flat_map(|tree| tree.as_array().unwrap());
    // In each leaf's list, every second number is a count.
    let counts = leaves.flat_map(|ways| ways.as_array().unwrap().iter().skip(1).step_by(2));
    counts.map(|count| (rows, count.as_u64().unwrap())).collect()
}

#[test]
fn no_count_in_a_model_file_is_of_fewer_than_twenty_rows() {
    let log = common::simulated_log(1_000);
    let learning = |name: &str| ChurnModel::builder().cutoffs(2).estimator(name).unwrap();
    let mut files = Vec::new();
    for name in ["average", "tree", "boosting"] {
        files.push(learning(name).fit(&log, UNTIL).unwrap().to_bytes().unwrap());
    }
    let hazards = TimeToPurchase::builder().learning(learning("boosting").cutoffs(6));
    let hazards = hazards.max_horizon("3mo").unwrap().fit(&log, UNTIL).unwrap();
    files.push(hazards.to_bytes().unwrap());
    for file in files {
        let body = file.splitn(2, |&byte| byte == b'\n').nth(1).unwrap();
        let counts = counts_of(&serde_json::from_slice(body).unwrap());
        assert!(counts.len() > 20, "{}", counts.len());
        assert!(counts.iter().all(|&(rows, count)| rows >= 20 && count >= 20), "{counts:?}");
    }
}

#[test]
fn reasons_are_the_largest_groups_of_either_direction() {
    let log = common::simulated_log(1_000);
    let model = fitted(&log, "boosting".parse().unwrap());
    let reasons = ReasonOptions::default().count(2).min_contribution(0.1);
    let options = ExplainOptions::default().customers(None).reasons(reasons);
    let found = model.explain(&log.at(AT).unwrap(), &options).unwrap();
    let groups = found.group_contributions();
    let mut told = 0;
    for (row, reasons) in found.reasons().iter().enumerate() {
        let of = |group: &Group| {
            groups[[row, found.groups().iter().position(|known| known == group).unwrap()]]
        };
        for (sign, reasons) in [(1.0, &reasons.up), (-1.0, &reasons.down)] {
            let parts: Vec<f64> = reasons.iter().map(|reason| reason.contribution * sign).collect();
            assert!(parts.len() <= 2 && parts.iter().all(|part| *part >= 0.1));
            assert!(parts.windows(2).all(|pair| pair[0] >= pair[1]));
            for reason in reasons {
                assert!((of(&reason.group) - reason.contribution).abs() < 1e-12);
                assert!(!reason.text.is_empty() && !reason.text.contains("{}"));
                told += 1;
            }
        }
    }
    assert!(told > 1_000, "{told}");
    // What is told agrees with the signs that common sense knows.
    for reasons in found.reasons() {
        for reason in reasons.up.iter().chain(&reasons.down) {
            assert_ne!(reason.value, reason.typical, "{reason}");
        }
    }
}

#[test]
fn one_customer_is_explained_as_in_the_batch() {
    let log = common::simulated_log(500);
    let model = fitted(&log, "boosting".parse().unwrap());
    let all = model.explain(&log.at(AT).unwrap(), &ExplainOptions::default()).unwrap();
    let chosen = vec![all.customers()[40], all.customers()[7]];
    let options = ExplainOptions::default().customers(Some(chosen.clone()));
    let some = model.explain(&log.at(AT).unwrap(), &options).unwrap();
    assert_eq!(some.customers(), chosen);
    for (row, place) in [40, 7].into_iter().enumerate() {
        assert_eq!(some.contributions().row(row), all.contributions().row(place));
        assert_eq!(some.reasons()[row], all.reasons()[place]);
    }
    let unknown = ExplainOptions::default().customers(Some(vec![9_999.into()]));
    let error = model.explain(&log.at(AT).unwrap(), &unknown).unwrap_err();
    assert!(matches!(error, Error::Argument { name: "customers", .. }), "{error}");
}

#[test]
fn the_tables_agree_with_each_other() {
    let log = common::simulated_log(800);
    let model = fitted(&log, "logistic".parse().unwrap());
    let found = model.explain(&log.at(AT).unwrap(), &ExplainOptions::default()).unwrap();
    let wide = found.table("contributions").unwrap();
    assert_eq!(wide.num_columns(), 5 + model.columns().len());
    assert_eq!(wide.num_rows(), found.scores().len());
    let main = found.table("main_reasons").unwrap();
    let customers: i64 = main["customers"].as_primitive::<Int64Type>().values().iter().sum();
    assert_eq!(customers as usize, found.scores().len());
    let share: f64 = main["share"].as_primitive::<Float64Type>().values().iter().sum();
    assert!((share - 3.0).abs() < 1e-9, "one for each state: {share}");
    let importance = found.table("importance").unwrap();
    let rows = 3 * (found.groups().len() + model.columns().len());
    assert_eq!(importance.num_rows(), rows);
    let reasons = found.table("reasons").unwrap();
    let told: usize = found.reasons().iter().map(|r| r.up.len() + r.down.len()).sum();
    assert_eq!(reasons.num_rows(), told);
}

#[test]
fn scores_and_candidates_carry_reasons_in_the_language_asked_for() {
    let log = common::simulated_log(800);
    let model = fitted(&log, "boosting".parse().unwrap());
    let reasons = ReasonOptions::default().count(2).language(Language::Russian);
    let options = ScoreOptions::default().reasons(reasons.clone());
    let scores = model.score_with(&log.at(AT).unwrap(), &options).unwrap();
    let plain = model.score(&log.at(AT).unwrap()).unwrap();
    assert_eq!(scores.rows(), plain.rows());
    assert!(plain.main_table().unwrap().column_by_name("reason_1").is_none());
    let batch = scores.main_table().unwrap();
    let first = batch["reason_1"].as_string::<i64>();
    assert!(first.iter().flatten().all(|text| text.ends_with("шанс покупки")), "{first:?}");
    assert!(batch.column_by_name("reason_3").is_none());
    let options = CandidateOptions::default().reasons(reasons);
    let candidates = model.candidates(&log.at(AT).unwrap(), &options).unwrap();
    assert!(candidates.rows().iter().all(|row| row.reasons.len() <= 2));
    assert!(candidates.main_table().unwrap().column_by_name("reason_2").is_some());
    for reasons in
        [ReasonOptions::default().min_contribution(-1.0), ReasonOptions::default().count(1_000)]
    {
        let options = ScoreOptions::default().reasons(reasons.clone());
        assert!(matches!(
            model.score_with(&log.at(AT).unwrap(), &options),
            Err(Error::Argument { .. })
        ));
        let options = ExplainOptions::default().customers(None).reasons(reasons);
        assert!(matches!(
            model.explain(&log.at(AT).unwrap(), &options),
            Err(Error::Argument { .. })
        ));
    }
}

#[test]
fn a_calibration_maps_the_probabilities_and_keeps_their_order() {
    let log = common::simulated_log(1_500);
    let plain = fitted(&log, "boosting".parse().unwrap());
    let scores = plain.score(&log.at(AT).unwrap()).unwrap();
    for method in ["platt", "isotonic", "beta"] {
        let builder = ChurnModel::builder().estimator("boosting").unwrap();
        let builder = builder.attributes(plain.attributes());
        let model = builder.calibration(method.parse().unwrap()).fit(&log, UNTIL).unwrap();
        let found = model.calibration(State::Active).unwrap();
        let map = found.calibrator.as_ref().unwrap();
        assert_eq!(map.method().to_string(), method);
        let calibrated = model.score(&log.at(AT).unwrap()).unwrap();
        for (before, after) in scores.rows().iter().zip(calibrated.rows()) {
            if before.state == State::Active {
                let expected = map.apply(before.purchase_probability);
                assert_eq!(after.purchase_probability.to_bits(), expected.to_bits());
            }
        }
        let reloaded = ChurnModel::from_bytes(&model.to_bytes().unwrap()).unwrap();
        assert_eq!(reloaded.score(&log.at(AT).unwrap()).unwrap().rows(), calibrated.rows());
        assert!(model.to_string().contains(&format!("calibrated by {method}")), "{model}");
    }
}

#[test]
fn nothing_drifts_where_nothing_moved_and_what_moved_is_named() {
    let log = common::simulated_log(1_500);
    let model = fitted(&log, "logistic".parse().unwrap());
    let trained_at = model.training().cutoffs.last().unwrap().cutoff;
    let same = model.drift(&log.at(trained_at).unwrap(), 0.01).unwrap();
    assert!(same.columns.iter().all(|column| column.index.psi == 0.0), "{same}");
    // The score is one more; the time of the year moves without anything having changed.
    let told = model
        .columns()
        .iter()
        .filter(|name| !name.starts_with("season_sine") && !name.starts_with("season_cosine"))
        .count();
    assert_eq!(same.columns.len(), told + 1);
    let later = model.drift(&log.at(AT).unwrap(), 0.01).unwrap();
    let tenure = later.columns.iter().find(|column| column.column == "tenure_days").unwrap();
    assert_eq!(tenure.index.stability, Stability::Major);
    assert!(tenure.median.1 > tenure.median.0);
    assert!(later.to_string().contains("tenure_days"), "{later}");
    assert_eq!(later.main_table().unwrap().num_rows(), later.columns.len());
    let error = model.drift(&log.at(AT).unwrap(), 1.5).unwrap_err();
    assert!(matches!(error, Error::Argument { name: "level", .. }), "{error}");
}

#[test]
fn a_card_tells_what_the_model_is() {
    let log = common::simulated_log(1_500);
    let model = fitted(&log, "boosting".parse().unwrap());
    let options = BacktestOptions::default().tests(2).draws(50);
    let card = model.card(&log, &options).unwrap();
    let text = card.to_string();
    for part in [
        "# Churn model: boosting",
        "## Data",
        "## Quality out of time",
        "### active customers: who churned",
        "## Calibration",
        "## Limits",
        "| days_since_last_purchase | rfm | days | Cutoff − last purchase",
        model.training().data_hash.as_str(),
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert_eq!(card.columns.len(), model.columns().len());
    assert_eq!(card.tested_at.len(), 2);
    let auc = card.metrics.iter().find(|metric| metric.measure == "roc_auc").unwrap();
    assert!(auc.low.unwrap() <= auc.mean && auc.mean <= auc.high.unwrap());
    let values = serde_json::to_value(&card).unwrap();
    assert_eq!(values["data"]["until"], UNTIL);
}

#[test]
fn the_fingerprint_changes_with_the_training_rows_and_nothing_else() {
    let hash = |customers, until| {
        // Built anew, each time on the threads given.
        let log = common::log_of(&common::simulated(customers));
        ChurnModel::builder().fit(&log, until).unwrap().training().data_hash.clone()
    };
    let first = hash(600, UNTIL);
    assert_eq!(first, hash(600, UNTIL));
    assert_eq!(first, common::on_threads(1, || hash(600, UNTIL)));
    assert_ne!(first, hash(601, UNTIL));
    assert_ne!(first, hash(600, "2024-09-01"));
}
