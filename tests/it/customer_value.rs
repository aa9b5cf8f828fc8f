//! What customers are worth: expected spend, a number or a column.

use winback::answer::Answer;
use winback::churn::{ScoreOptions, Value};
use winback::labels::State;
use winback::log::{AttributeValue, IdSlice, NewTransaction, TransactionSlices};
use winback::{CandidateOptions, ChurnModel, Error, EventLog, Timestamp};

use crate::common;

const AT: &str = "2025-01-01";

fn by(value: Value) -> CandidateOptions {
    CandidateOptions::default().value(value)
}

fn column(name: &str) -> Value {
    Value::Column(name.into())
}

/// The longest time between purchases of a customer.
fn longest(customer: usize) -> usize {
    40 + customer % 200
}

/// Customers who buy at odd times and spend `check` each time, by the numbers of customer and
/// purchase.
fn regulars(check: impl Fn(usize, usize) -> f64) -> EventLog {
    let start: Timestamp = "2023-01-01".parse().unwrap();
    let (mut ids, mut times, mut amounts) = (Vec::new(), Vec::new(), Vec::new());
    for customer in 0..400_usize {
        let stops = 300 + customer * 37 % 831;
        let (mut day, mut number) = (customer % 50, 0);
        while day < stops.min(731) {
            ids.push(customer as i64);
            times.push(start.add(winback::Span::days(day as u32)).unwrap());
            amounts.push(check(customer, number));
            number += 1;
            day += 5 + (customer * 7_919 + number * 104_729) % longest(customer);
        }
    }
    let orders = TransactionSlices {
        customer_id: IdSlice::Int(&ids),
        time: &times,
        amount: Some(&amounts),
        ..TransactionSlices::default()
    };
    let builder = EventLog::builder().transactions([orders.to_batch().unwrap()]);
    builder.observed_until(AT).unwrap().build().unwrap()
}

#[test]
fn one_customer_is_worth_the_same_as_in_the_batch_to_the_bit() {
    let shop = common::simulated(300);
    let schema = shop.transactions.schema();
    let places = ["customer_id", "time", "amount"].map(|name| schema.index_of(name).unwrap());
    let log = EventLog::builder()
        .transactions([shop.transactions.project(&places).unwrap()])
        .observed_until(AT)
        .unwrap()
        .build()
        .unwrap();
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let now = log.at(AT).unwrap();
    for value in [Value::ExpectedSpend, Value::Number(12.5), column("check_trend")] {
        let options = ScoreOptions::default().value(Some(value.clone()));
        let scores = model.score_with(&now, &options).unwrap();
        let values = scores.values().unwrap();
        assert_eq!(values.len(), now.customers().len());
        for (&customer, batch) in now.customers().iter().zip(values) {
            let mut alone = model.customer_history();
            for line in now.history(customer).lines() {
                let order = NewTransaction::at(Timestamp::from_micros(line.time).unwrap().into());
                alone
                    .push_transaction(NewTransaction { amount: Some(line.amount), ..order })
                    .unwrap();
            }
            let found = model.value_customer(&alone, AT, &value).unwrap().unwrap();
            assert_eq!(found.expected_value.to_bits(), batch.expected_value.to_bits());
            assert_eq!(found.purchases_if_any.to_bits(), batch.purchases_if_any.to_bits());
            assert_eq!(found.missing, batch.missing);
        }
    }
}

#[test]
fn the_spend_is_learned_from_what_was_known_at_the_latest_training_cutoff() {
    let shop = common::simulated(1_000);
    let log = common::log_of(&shop);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let last = model.training().cutoffs.last().unwrap().cutoff;
    let spend = model.spend().unwrap();
    assert_eq!(spend.at(), last);
    let known = ChurnModel::builder().fit(&log, last).unwrap();
    assert!(known.spend().unwrap().at() < last);
    // What a model fitted to these customers says, by the public models.
    let table = winback::timing::BuyerTable::of_snapshot(
        &log.at(last).unwrap(),
        winback::timing::TimeUnit::Day,
    )
    .unwrap();
    let fitted = winback::timing::ModifiedBetaGeo::default().fit(table.buyers()).unwrap();
    assert_eq!(spend.purchases(), Some(&fitted));
}

#[test]
fn a_column_is_the_value_and_counts_as_nothing_where_it_is_missing() {
    let log = common::simulated_log(1_500);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let now = log.at(AT).unwrap();
    let old = model.candidates(&now, &by(column("average_check"))).unwrap();
    for row in old.rows() {
        assert_eq!(row.expected_value, row.return_probability * row.average_check);
        assert!(row.purchases_if_any.is_nan());
    }
    assert!(old.main_table().unwrap().column_by_name("expected_check").is_none());
    // Not defined for customers with one purchase.
    let gaps = model.candidates(&now, &by(column("mean_gap_days"))).unwrap();
    let missing = gaps.report().without_value;
    assert!(missing > 0 && missing < gaps.lapsed());
    assert!(gaps.to_string().contains(" without a value, which counts as 0"));
    assert_eq!(gaps.rows().iter().filter(|row| row.expected_value == 0.0).count(), missing);
    for wrong in ["no_such", "region_of_nobody"] {
        let error = model.candidates(&now, &by(column(wrong))).unwrap_err();
        assert!(matches!(error, Error::Argument { name: "value", .. }), "{error}");
    }
    let error = model.candidates(&now, &by(column("region"))).unwrap_err();
    assert!(error.to_string().contains("customers.region"), "{error}");
    let mut alone = model.customer_history();
    let order = NewTransaction::at("2024-06-05".parse().unwrap());
    alone.push_transaction(NewTransaction { amount: Some(35.0), ..order }).unwrap();
    let value = |customer: &_| model.value_customer(customer, AT, &column("margin")).unwrap();
    assert!(value(&alone).unwrap().missing);
    // A column that the model does not read cannot be set; the service says the number.
    assert!(alone.set_attribute("margin", AttributeValue::Number(7.0)).is_err());
    let score = model.score_customer(&alone, AT).unwrap().unwrap();
    assert_eq!(score.state, State::Lost);
    let given = model.value_customer(&alone, AT, &Value::Number(7.0)).unwrap().unwrap();
    assert_eq!(given.expected_value, 7.0 * score.purchase_probability);
}

#[test]
fn checks_that_no_model_fits_are_shrunken_means_and_told() {
    let log = regulars(|_, _| 20.0);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    assert!(model.spend().unwrap().checks().is_none());
    let found = model.candidates(&log.at(AT).unwrap(), &CandidateOptions::default()).unwrap();
    assert!(found.rows().iter().all(|row| row.expected_check == 20.0));
    assert!(found.to_string().contains("note: no Gamma-Gamma model fits the checks"), "{found}");
    // A value of the user's has nothing to do with it.
    let plain = model.candidates(&log.at(AT).unwrap(), &by(Value::Number(20.0))).unwrap();
    assert!(!plain.to_string().contains("Gamma-Gamma"));
}

#[test]
fn checks_that_depend_on_their_number_are_told() {
    let varied =
        |customer: usize, number: usize| 20.0 + (customer * 7 % 11 * 4 + number * 13 % 5) as f64;
    let apart = ChurnModel::builder().fit(&regulars(varied), "2024-10-01").unwrap();
    assert!(apart.spend().unwrap().notes().is_empty(), "{:?}", apart.spend());
    let log = regulars(|customer, number| {
        let often = 100.0 / longest(customer) as f64;
        often * varied(customer, number)
    });
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    assert!(model.spend().unwrap().correlation().is_some_and(|r| r > 0.2));
    let found = model.candidates(&log.at(AT).unwrap(), &CandidateOptions::default()).unwrap();
    let note = "customers who buy more often spend more at a purchase (correlation 0.";
    assert!(found.to_string().contains(note), "{found}");
}

#[test]
fn a_model_without_amounts_ranks_by_the_chance_and_says_so() {
    let shop = common::simulated(1_000);
    let orders = shop.transactions.project(&[0, 1]).unwrap();
    let log =
        EventLog::builder().transactions([orders]).observed_until(AT).unwrap().build().unwrap();
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    assert!(model.spend().is_none());
    let now = log.at(AT).unwrap();
    let found = model.candidates(&now, &CandidateOptions::default()).unwrap();
    assert!(found.rows().iter().all(|row| row.expected_value.is_nan()));
    let valued = model.candidates(&now, &by(Value::Number(10.0))).unwrap();
    assert_eq!(valued.rows()[0].expected_value, valued.rows()[0].return_probability * 10.0);
    let options = ScoreOptions::default().value(Some(Value::ExpectedSpend));
    let error = model.score_with(&now, &options).unwrap_err();
    assert!(matches!(error, Error::Argument { name: "value", .. }), "{error}");
    // When they buy can be told, but not for how much.
    let timed = model.candidates(&now, &CandidateOptions::default().timing(true)).unwrap();
    let dated = |row: &winback::campaign::Candidate| row.timing.unwrap().alarm_date.is_some();
    assert!(timed.rows().iter().any(dated));
    assert!(timed.rows().iter().all(|row| row.timing.unwrap().lifetime_value.is_nan()));
    let scores = model.score_with(&now, &ScoreOptions::default().timing(true)).unwrap();
    for notes in [timed.notes(), scores.notes()] {
        assert!(notes.iter().any(|note| note.contains("there is no lifetime_value")), "{notes:?}");
    }
}

#[test]
fn times_on_request_are_those_of_the_model_of_purchases() {
    let log = common::simulated_log(1_000);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let now = log.at(AT).unwrap();
    let scores = model.score_with(&now, &ScoreOptions::default().timing(true)).unwrap();
    let batch = scores.main_table().unwrap();
    let names = ["next_purchase", "alarm_date", "lifetime_value"];
    let columns = names.map(|name| batch.column_by_name(name).unwrap().clone());
    let table =
        winback::timing::BuyerTable::of_snapshot(&now, winback::timing::TimeUnit::Day).unwrap();
    let fitted = model.spend().unwrap().purchases().unwrap();
    let next = fitted.next_purchase_of(&table).unwrap().main_table().unwrap();
    assert_eq!(next.column_by_name("next_purchase").unwrap(), &columns[0]);
    let options = winback::timing::LeavesOptions::default();
    let leaves = fitted.leaves_of(&table, &options).unwrap().main_table().unwrap();
    assert_eq!(leaves.column_by_name("alarm_date").unwrap(), &columns[1]);
    let found = model.candidates(&now, &CandidateOptions::default().timing(true)).unwrap();
    let first = found.rows()[0].timing.unwrap();
    assert!(first.lifetime_value > 0.0 && first.alarm_date.is_some());
    assert!(found.main_table().unwrap().column_by_name("alarm_date").is_some());
}
