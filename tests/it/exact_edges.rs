//! What is at the very edge of a rule: amounts of nearly nothing, times of the exact instant. Expected
//! values are worked out by hand.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use winback::churn::ChurnModelBuilder;
use winback::features::FeatureTable;
use winback::log::{
    AttributeValue, CustomerHistory, EventLogBuilder, EventRole, EventSlices, IdSlice, LogColumns,
    NewTransaction, PurchaseRules, ZeroAmounts,
};
use winback::panel::{Panel, PanelOptions};
use winback::time::{Span, Timestamp};
use winback::{ChurnModel, Error, EventLog};

use crate::common;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A log of one CSV file of transactions, known until June 2024.
pub(crate) fn log(
    rows: &str,
    options: impl FnOnce(EventLogBuilder) -> EventLogBuilder,
) -> EventLog {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, rows).unwrap();
    let builder = EventLog::builder().transactions_path(path).unwrap();
    options(builder.observed_until("2024-06-01").unwrap()).build().unwrap()
}

/// A feature of all customers at a cutoff.
pub(crate) fn feature(log: &EventLog, cutoff: &str, name: &str) -> Vec<f64> {
    let table = FeatureTable::extract_some(log, [cutoff], &[name], &[]).unwrap();
    table.numbers(name).unwrap().to_vec()
}

/// Models that are learned quickly.
pub(crate) fn plain_trees() -> ChurnModelBuilder {
    let builder = ChurnModel::builder().estimator("tree").unwrap();
    builder.calibration("none".parse().unwrap())
}

#[test]
fn at_midnight_the_day_before_is_the_last_that_was_observed() {
    let log = log("customer_id,time\n1,2024-01-01T09:00\n1,2024-01-11T18:00\n", |builder| builder);
    // Ten days and ten days: as even as can be.
    for cutoff in ["2024-01-21", "2024-01-20T00:00:00.000001", "2024-01-20T13:00"] {
        let found = feature(&log, cutoff, "clumpiness");
        assert!(found[0].abs() < 1e-12, "{found:?} at {cutoff}");
    }
    for cutoff in ["2024-01-20", "2024-01-21T00:00:00.000001"] {
        let found = feature(&log, cutoff, "clumpiness");
        assert!(found[0] > 1e-6, "{found:?} at {cutoff}");
    }
}

#[test]
fn a_year_and_the_month_after_it_count_to_their_last_instant() {
    let log = log("customer_id,time\n1,2023-01-01\n", |builder| builder);
    assert_eq!(feature(&log, "2024-01-01", "purchases_a_year_ago"), [1.0]);
    assert!(feature(&log, "2023-12-31T23:59:59.999999", "purchases_a_year_ago")[0].is_nan());
    // 365 days, and 30 more.
    assert_eq!(feature(&log, "2024-01-31", "anniversary_due"), [1.0]);
    assert_eq!(feature(&log, "2024-01-31T00:00:00.000001", "anniversary_due"), [0.0]);
}

#[test]
fn an_amount_of_nearly_nothing_is_a_purchase_and_not_a_return() {
    let rows = "customer_id,time,amount,category\n\
                1,2024-01-01,0.5,tea\n\
                1,2024-01-02,2,cup\n\
                1,2024-01-03,-0.25,pot\n\
                2,2024-01-01,0.00001,tea\n";
    let log = log(rows, |builder| builder);
    assert_eq!(feature(&log, "2024-02-01", "category_count"), [2.0, 1.0]);
    assert_eq!(feature(&log, "2024-02-01", "purchase_count"), [2.0, 1.0]);
    assert_eq!(feature(&log, "2024-02-01", "return_share"), [0.1, 0.0]);
}

#[test]
fn a_return_of_an_order_that_cost_nothing_ends_that_order_only() {
    let rows = "customer_id,time,amount,order_id,valid_until\n\
                1,2024-01-01,0,1,2024-03-01\n\
                1,2024-01-02,9,2,2024-04-01\n\
                1,2024-01-03,-2,1,2024-02-01\n";
    let log = log(rows, |builder| builder.zero_amounts(ZeroAmounts::Purchase));
    // From January 11 to April 1.
    assert_eq!(feature(&log, "2024-01-11", "days_to_renewal"), [81.0]);
}

#[test]
fn a_panel_counts_what_happens_at_the_instant_that_a_window_begins() {
    let rows = "customer_id,time\n1,2024-01-10\n1,2024-02-01\n";
    let log = log(rows, |builder| builder);
    let options = PanelOptions::default().horizon(Span::days(10)).unwrap();
    let cutoffs = ["2024-01-20", "2024-01-25", "2024-02-01"].map(at);
    let panel = Panel::build(&log, cutoffs, at("2024-06-01"), &options).unwrap();
    let days: Vec<Option<f64>> = panel.days_to_purchase().collect();
    assert_eq!(days, [Some(12.0), Some(7.0), Some(0.0)]);
    assert_eq!(panel.purchased(), [Some(false), Some(true), Some(true)]);
    // The outcome of the second reaches beyond the split.
    assert_eq!(panel.split(at("2024-02-01")), (vec![0], vec![2]));
    assert_eq!(panel.split(at("2024-01-30")), (vec![0], vec![2]));
    assert_eq!(panel.split(at("2024-01-25")), (vec![], vec![1, 2]));

    // A window that begins as the log ends has been seen for no time, but it has begun.
    let options = options.lead(Span::days(7)).unwrap();
    let cutoffs = ["2024-05-25", "2024-05-26"].map(at);
    let late = Panel::build(&log, cutoffs, at("2024-06-01"), &options).unwrap();
    assert_eq!(late.days_observed().collect::<Vec<_>>(), [Some(0.0), None]);

    let own = ["cutoff", "customer_id", "state", "purchased", "days_to_purchase", "days_observed"];
    let expected: Vec<&str> =
        own.into_iter().chain(panel.features().columns().iter().map(|c| c.name.as_str())).collect();
    let table = panel.to_batch(&log).unwrap();
    let schema = table.schema();
    let found: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_span_is_told_in_years_from_two_years_on() {
    let told = [1, 12, 23, 24, 25, 36].map(|months| Span::months(months).to_string());
    assert_eq!(told, ["1mo", "12mo", "23mo", "2y", "25mo", "3y"]);
}

#[test]
fn the_first_kind_of_activity_has_columns_and_the_others_count_as_purchases_only() {
    let time = ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"].map(at);
    let events = EventSlices {
        customer_id: IdSlice::Int(&[1; 4]),
        time: &time,
        kind: &["buy", "rent", "buy", "visit"],
        ..EventSlices::default()
    };
    let builder = EventLog::builder().events([events.to_batch().unwrap()]);
    let builder = builder.activity(["buy", "rent"]).event_role(EventRole::Visit, ["visit"]);
    let log = builder.observed_until("2024-06-01").unwrap().build().unwrap();
    let table = FeatureTable::extract(&log, ["2024-02-01"], &[]).unwrap();
    let table = table.with_kinds(&log, &["buy".to_owned()]).unwrap();
    let days = ["event_buy_days_since_last", "event_other_days_since_last"]
        .map(|name| table.numbers(name).unwrap()[0]);
    assert_eq!(days, [29.0, 28.0]);
    let counts = ["event_buy_count_365d", "event_other_count_365d"]
        .map(|name| table.numbers(name).unwrap()[0]);
    assert_eq!(counts, [2.0, 1.0]);
}

#[test]
fn a_model_knows_the_kinds_that_came_before_its_cutoff_be_it_once() {
    let shop = common::simulated_with_events(500);
    let events = shop.events.clone().unwrap();
    let times = events.column_by_name("time").unwrap().as_primitive::<TimestampMicrosecondType>();
    let (early, late) = (at("2024-09-01").micros(), at("2024-11-01").micros());
    let mut kinds = common::texts(std::slice::from_ref(&events), "kind");
    kinds[times.values().iter().position(|&time| time < early).unwrap()] = "before".to_owned();
    kinds[times.values().iter().position(|&time| time > late).unwrap()] = "after".to_owned();
    let schema = events.schema();
    let columns = schema.fields().iter().zip(events.columns()).map(|(field, column)| {
        let kinds = || Arc::new(StringArray::from(kinds.clone())) as ArrayRef;
        let column = if field.name() == "kind" { kinds() } else { column.clone() };
        (field.name().clone(), column)
    });
    let log = EventLog::builder()
        .transactions([shop.transactions.clone()])
        .events([RecordBatch::try_from_iter(columns).unwrap()])
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap();
    let builder = plain_trees().min_level(0);
    let model = builder.fit(&log, "2024-10-01").unwrap();
    assert!(!model.kinds().is_empty());
    let scores = model.score(&log.at("2025-01-01").unwrap()).unwrap();
    assert_eq!(scores.report().unseen_kinds, ["after"]);
}

#[test]
fn the_time_of_the_year_does_not_drift() {
    let log = common::simulated_log(150);
    let model = plain_trees().fit(&log, "2024-10-01").unwrap();
    let columns = model.columns();
    let season = |name: &str| name == "season_sine" || name == "season_cosine";
    assert_eq!(columns.iter().filter(|name| season(name)).count(), 2, "{columns:?}");
    let drift = model.drift(&log.at("2025-01-01").unwrap(), 0.01).unwrap();
    // All others, and the score.
    assert_eq!(drift.columns.len(), columns.len() - 2 + 1);
    assert!(!drift.columns.iter().any(|column| season(&column.column)));
}

#[test]
fn a_history_takes_the_attributes_that_its_model_reads_and_keeps_the_last_value() {
    let log = common::simulated_log(150);
    let builder = plain_trees().attributes(["region", "age"]);
    let mut customer = builder.fit(&log, "2024-10-01").unwrap().customer_history();
    for region in ["north", "south"] {
        customer.set_attribute("region", AttributeValue::Text(region.into())).unwrap();
    }
    customer.set_attribute("age", AttributeValue::Number(40.0)).unwrap();
    assert_eq!(customer.attribute("region"), &AttributeValue::Text("south".into()));
    assert_eq!(customer.attribute("age"), &AttributeValue::Number(40.0));
    let read = CustomerHistory::from_bytes(&customer.to_bytes()).unwrap();
    assert!(read.attributes().eq(customer.attributes()));
    for mut customer in [customer, read] {
        let error = customer.set_attribute("height", AttributeValue::Number(1.8)).unwrap_err();
        assert!(matches!(error, Error::Argument { name: "name", .. }), "{error}");
        assert!(customer.set_attribute("age", AttributeValue::Missing).is_ok());
    }
}

/// A history of transactions with amounts and channels, on consecutive days.
fn history(amounts: &[f64]) -> CustomerHistory {
    let columns = LogColumns { amount: true, channel: true, ..LogColumns::default() };
    let mut customer = CustomerHistory::new(columns, PurchaseRules::default());
    for (day, &amount) in amounts.iter().enumerate() {
        let time = at("2024-01-01").add(Span::days(day as u32)).unwrap();
        let row = NewTransaction {
            amount: Some(amount),
            channel: Some("web"),
            ..NewTransaction::at(time.into())
        };
        customer.push_transaction(row).unwrap();
    }
    customer
}

#[test]
fn a_history_without_rows_is_empty_also_after_it_had_some() {
    assert!(history(&[]).is_empty());
    let mut customer = history(&[5.0, 7.0]);
    assert!(!customer.is_empty());
    assert_eq!(customer.forget_before("2024-03-01").unwrap(), 2);
    assert!(customer.is_empty());
    assert_eq!(customer.len(), 0);
}

#[test]
fn amounts_of_whole_cents_take_few_bytes() {
    let bytes = |amount: f64| history(&[amount; 100]).to_bytes().len();
    // Two bytes or three in place of nine.
    assert!(bytes(12.34) + 600 <= bytes(12.345678), "{} {}", bytes(12.34), bytes(12.345678));
    assert_eq!(bytes(12.34), bytes(-43.21));
    let read = CustomerHistory::from_bytes(&history(&[12.34, 12.345678]).to_bytes()).unwrap();
    let amounts: Vec<Option<f64>> = read.transactions().map(|row| row.amount).collect();
    assert_eq!(amounts, [Some(12.34), Some(12.345678)]);
}

#[test]
fn parts_of_a_log_keep_ids_that_are_numbers_and_those_that_are_texts() {
    for ids in [["1", "2"], ["a", "b"]] {
        let part = |id: &str| {
            log(&format!("customer_id,time\n{id},2024-01-01\n{id},2024-01-03\n"), |builder| builder)
        };
        let whole = EventLog::from_parts(ids.map(|id| part(id).to_bytes())).unwrap();
        let found = ids.map(|id| whole.customers().find(id).is_ok());
        assert_eq!((whole.customers().len(), found), (2, [true; 2]));
        assert_eq!(feature(&whole, "2024-02-01", "purchase_count"), [2.0; 2]);
    }
}
