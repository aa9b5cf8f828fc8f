//! Rows of results as JSON: each under the names of its documented fields.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use winback::campaign::CandidateOptions;
use winback::churn::{ScoreOptions, Value as Worth};
use winback::evaluation::BacktestOptions;
use winback::explain::ReasonOptions;
use winback::log::{AttributeValue, CustomerId, NewTransaction};
use winback::retention::{Retention, RetentionOptions};
use winback::segments::{RfmOptions, RfmSegments};
use winback::{ChurnModel, Timestamp};

use crate::common;

/// Structs with public fields that are no results, and why.
const NO_RESULTS: [(&str, &str); 16] = [
    ("Adopted", "a history, which `to_bytes` writes"),
    ("TransactionSlices", "what is given"),
    ("TicketSlices", "what is given"),
    ("SurveySlices", "what is given"),
    ("EventSlices", "what is given"),
    ("ProfitOptions", "what is given"),
    ("Trial", "what is given"),
    ("Offer", "what is given"),
    ("Economics", "what is given"),
    ("PolicyTest", "what is given"),
    ("CampaignAnswers", "what is given"),
    ("AnswerParts", "an answer, whose tables can be written"),
    ("Simulated", "tables"),
    ("FeatureColumn", "a column of a table"),
    ("SummaryColumns", "names of columns"),
    ("Flow", "an answer, whose tables can be written"),
];

/// A struct of the sources: its name, what stands above it, and its fields, each with whether it is
/// public.
struct Struct {
    name: String,
    above: String,
    fields: Vec<(String, bool)>,
}

/// The structs that are public by themselves, those with options aside, which a macro makes.
fn structs() -> Vec<Struct> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.extend(structs_of(&fs::read_to_string(path).unwrap()));
            }
        }
    }
    found
}

fn structs_of(source: &str) -> Vec<Struct> {
    let lines: Vec<&str> = source.lines().collect();
    let begun = |(place, line): (usize, &&str)| {
        let name = line.strip_prefix("pub struct ")?.strip_suffix(" {")?;
        let name = name.split('<').next()?.to_owned();
        let above = lines[..place].iter().rev().take_while(|line| !line.is_empty());
        let field = |line: &&&str| {
            let line = line.strip_prefix("    ")?;
            let is_public = line.starts_with("pub ");
            let name = line.split_once(": ")?.0.rsplit(' ').next()?;
            let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            let is_field = !line.starts_with([' ', '/', '#']) && name.chars().all(is_name);
            is_field.then(|| (name.to_owned(), is_public))
        };
        let fields = lines[place + 1..].iter().take_while(|line| **line != "}");
        Some(Struct {
            name,
            above: above.copied().collect(),
            fields: fields.filter_map(|line| field(&line)).collect(),
        })
    };
    lines.iter().enumerate().filter_map(begun).collect()
}

#[test]
fn all_rows_of_results_can_be_written_as_json() {
    let (mut rows, mut silent) = (0, BTreeSet::new());
    for found in structs() {
        let is_row = !found.fields.is_empty() && found.fields.iter().all(|(_, public)| *public);
        if is_row {
            rows += 1;
            if !found.above.contains("Serialize") {
                silent.insert(found.name);
            }
        }
    }
    assert!(rows > 100, "{rows} structs looked at");
    let known = NO_RESULTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(silent, known);
}

fn fields_of(name: &str) -> Vec<String> {
    let found = structs().into_iter().find(|found| found.name == name).unwrap();
    found.fields.into_iter().map(|(field, _)| field).collect()
}

fn json_of(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

/// The row as JSON, which has the fields of this struct.
fn row(name: &str, row: &impl serde::Serialize) -> Value {
    let json = json_of(row);
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(keys, fields_of(name).iter().collect::<Vec<_>>(), "{name}");
    json
}

#[test]
fn rows_have_the_fields_that_are_documented() {
    let log = common::simulated_log(600);
    let model =
        ChurnModel::builder().estimator("logistic").unwrap().fit(&log, "2024-10-01").unwrap();
    let now = log.at("2025-01-01").unwrap();

    let reasons = ReasonOptions::default().count(2).currency("EUR");
    let options = ScoreOptions::default().reasons(reasons).value(Worth::ExpectedSpend);
    let scores = model.score_with(&now, &options).unwrap();
    let score = row("CustomerScore", &scores.rows()[0]);
    assert_eq!(score["state"], json!(scores.rows()[0].state.name()));
    assert_eq!(score["churn_probability"], json!(scores.rows()[0].churn_probability));
    row("CustomerValue", &scores.values().unwrap()[0]);
    let reason = &scores.reasons()[0][0];
    let told = row("Reason", reason);
    assert_eq!(
        (&told["text"], &told["group"]),
        (&json!(reason.text), &json!(reason.group.to_string()))
    );
    row("ScoreReport", scores.report());

    let options = CandidateOptions::default().top(3).control_share(0.5).timing(true);
    let candidates = model.candidates(&now, &options).unwrap();
    let candidate = row("Candidate", &candidates.rows()[0]);
    assert_eq!(candidate["arm"], json!(candidates.rows()[0].arm.name()));
    assert_eq!(candidate["customer"], json!(u32::from(candidates.rows()[0].customer)));
    row("CustomerTiming", candidates.rows()[0].timing.as_ref().unwrap());

    let quality = model.evaluate(&log.at("2024-10-01").unwrap()).unwrap();
    row("QualityReport", &quality);
    let tests = BacktestOptions::default().tests(1).draws(0);
    let builder = ChurnModel::builder().estimator("logistic").unwrap();
    let backtest = builder.backtest(&log, &tests).unwrap();
    let tested = row("BacktestRow", &backtest.rows[0]);
    assert!(tested["measures"]["roc_auc"].is_number(), "{tested}");

    let scores = RfmSegments::fit(&now, &RfmOptions::default()).unwrap().score(&now).unwrap();
    row("RfmRow", &scores.rows().next().unwrap());
    let retention = Retention::by_period(&log, &RetentionOptions::default()).unwrap();
    row("RetentionRow", &retention.rows[0]);

    let history = now.history(0.into());
    row("Purchase", &history.purchases()[0]);
    row("Line", &history.lines().next().unwrap());
    let ticket = now.customers().iter().find_map(|&c| now.history(c).tickets()?.next());
    row("Ticket", &ticket.unwrap());
}

#[test]
fn ids_and_values_are_what_they_stand_for() {
    assert_eq!(json_of(&CustomerId::Int(7)), json!(7));
    assert_eq!(json_of(&CustomerId::Text("C-7")), json!("C-7"));
    assert_eq!(json_of(&AttributeValue::Missing), json!(null));
    assert_eq!(json_of(&AttributeValue::Number(2.5)), json!(2.5));
    assert_eq!(json_of(&AttributeValue::Text("plus".into())), json!("plus"));
    let at: Timestamp = "2024-02-01T10:00:00".parse().unwrap();
    let order =
        NewTransaction { amount: Some(12.5), key: Some("line 1"), ..NewTransaction::at(at.into()) };
    let order = row("NewTransaction", &order);
    assert_eq!((&order["time"], &order["amount"]), (&json!("2024-02-01T10:00:00"), &json!(12.5)));
    assert_eq!((&order["key"], &order["discount"]), (&json!("line 1"), &json!(null)));
}
