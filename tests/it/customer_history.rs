//! One customer in a service gives the features and the score of a batch, to the bit.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use winback::answer::Answer;
use winback::labels::State;
use winback::log::{
    AttributeValue, CustomerHistory, LogColumns, NewEvent, NewTicket, NewTransaction, PurchaseBy,
    PurchaseRules, ZeroAmounts,
};
use winback::simulate::Simulated;
use winback::{ChurnModel, DecisionTree, Estimator, Logistic, Timestamp};

use crate::common;

fn rows_of(batch: &RecordBatch, id: i64) -> Vec<usize> {
    let ids = batch.column_by_name("customer_id").unwrap().as_primitive::<Int64Type>();
    (0..batch.num_rows()).filter(|&row| ids.value(row) == id).collect()
}

fn time(batch: &RecordBatch, name: &str, row: usize) -> Option<Timestamp> {
    let column = batch.column_by_name(name).unwrap().as_primitive::<TimestampMicrosecondType>();
    column.is_valid(row).then(|| Timestamp::from_micros(column.value(row)).unwrap())
}

fn number(batch: &RecordBatch, name: &str, row: usize) -> Option<f64> {
    let column =
        arrow_cast::cast(batch.column_by_name(name).unwrap(), &arrow_schema::DataType::Float64)
            .unwrap();
    column.is_valid(row).then(|| column.as_primitive::<Float64Type>().value(row))
}

fn text(batch: &RecordBatch, name: &str, row: usize) -> Option<String> {
    let column =
        arrow_cast::cast(batch.column_by_name(name).unwrap(), &arrow_schema::DataType::Utf8)
            .unwrap();
    column.is_valid(row).then(|| column.as_string::<i32>().value(row).to_owned())
}

/// Appends one customer's events, the latest first: a service may learn of them in any order.
fn replay(shop: &Simulated, id: i64, customer: &mut CustomerHistory) {
    let t = &shop.transactions;
    for row in rows_of(t, id).into_iter().rev() {
        let order = number(t, "order_id", row).unwrap() as i64;
        let (category, channel) = (text(t, "category", row), text(t, "channel", row));
        customer
            .push_transaction(NewTransaction {
                amount: number(t, "amount", row),
                order_id: Some(order.into()),
                category: category.as_deref(),
                channel: channel.as_deref(),
                discount: number(t, "discount", row),
                ..NewTransaction::at(time(t, "time", row).unwrap())
            })
            .unwrap();
    }
    let t = &shop.tickets;
    for row in rows_of(t, id).into_iter().rev() {
        customer
            .push_ticket(NewTicket {
                first_response_at: time(t, "first_response_at", row),
                resolved_at: time(t, "resolved_at", row),
                reopened_count: number(t, "reopened_count", row),
                satisfaction: number(t, "satisfaction", row),
                ..NewTicket::opened(time(t, "opened_at", row).unwrap())
            })
            .unwrap();
    }
    let s = &shop.surveys;
    for row in rows_of(s, id).into_iter().rev() {
        let score = number(s, "score", row).unwrap();
        customer.push_answer(time(s, "time", row).unwrap(), score, None).unwrap();
    }
    if let Some(e) = &shop.events {
        // Casting columns as a whole takes long of many rows.
        let rows = rows_of(e, id);
        let e = &e.slice(rows.first().copied().unwrap_or(0), rows.len());
        for row in (0..rows.len()).rev() {
            let (kind, channel) = (text(e, "kind", row).unwrap(), text(e, "channel", row));
            let event = NewEvent {
                value: number(e, "value", row),
                channel: channel.as_deref(),
                ..NewEvent::at(time(e, "time", row).unwrap(), &kind)
            };
            customer.push_event(event).unwrap();
        }
    }
    let row = rows_of(&shop.customers, id)[0];
    let region = text(&shop.customers, "region", row).unwrap();
    customer.set_attribute("region", AttributeValue::Text(region.into()));
    let age = number(&shop.customers, "age", row).unwrap();
    customer.set_attribute("age", AttributeValue::Number(age));
}

#[test]
fn one_customer_scores_as_in_a_batch_to_the_bit() {
    let shop = common::simulated_with_events(600);
    let log = common::log_of(&shop);
    let at: Timestamp = "2024-12-15T07:30:00".parse().unwrap();
    for estimator in
        [Estimator::Logistic(Logistic::default()), Estimator::Tree(DecisionTree::default())]
    {
        let model = ChurnModel::builder()
            .estimator(estimator)
            .attributes(vec!["region".into(), "age".into()])
            .most_kinds(3)
            .fit(&log, "2024-10-01")
            .unwrap();
        let scores = model.score(&log.at(at).unwrap()).unwrap();
        let batch = scores.main_table().unwrap();
        let mut states = [0; 3];
        for (row, expected) in scores.rows().iter().enumerate() {
            let id = batch.column(0).as_primitive::<Int64Type>().value(row);
            let mut customer = model.customer_history();
            replay(&shop, id, &mut customer);
            let score = model.score_customer(&customer, at).unwrap().unwrap();
            assert_eq!(score, *expected, "customer {id}");
            assert_eq!(
                score.purchase_probability.to_bits(),
                expected.purchase_probability.to_bits()
            );
            states[score.state as usize] += 1;
        }
        assert!(states.iter().all(|&count| count > 20), "{states:?}");
        assert_eq!(scores.report().lost, states[State::Lost as usize]);
    }
}

#[test]
fn a_customer_without_a_purchase_has_no_score() {
    let model = ChurnModel::builder().fit(&common::simulated_log(400), "2024-10-01").unwrap();
    let mut customer = model.customer_history();
    let at: Timestamp = "2024-12-01".parse().unwrap();
    assert_eq!(model.score_customer(&customer, at).unwrap(), None);
    let row = NewTransaction { amount: Some(-5.0), ..NewTransaction::at(at) };
    customer.push_transaction(row).unwrap();
    assert_eq!(model.score_customer(&customer, "2024-12-02").unwrap(), None);
}

#[test]
fn what_cannot_be_is_refused() {
    let model = ChurnModel::builder()
        .attributes(vec!["age".into()])
        .fit(&common::simulated_log(400), "2024-10-01")
        .unwrap();
    let mut customer = model.customer_history();
    let at: Timestamp = "2024-12-01".parse().unwrap();
    let row = NewTransaction::at(at);
    assert!(customer.push_transaction(row).is_err(), "no amount");
    assert!(customer.push_transaction(NewTransaction { amount: Some(f64::NAN), ..row }).is_err());
    let earlier: Timestamp = "2024-11-01".parse().unwrap();
    let ticket = NewTicket { resolved_at: Some(earlier), ..NewTicket::opened(at) };
    let error = customer.push_ticket(ticket).unwrap_err().to_string();
    assert!(common::says(&error, "tickets.resolved_at: … got 2024-11-01"), "{error}");
    assert!(customer.push_answer(at, 10.5, None).is_err());
    customer
        .push_transaction(NewTransaction { amount: Some(9.0), ..NewTransaction::at(earlier) })
        .unwrap();
    customer.set_attribute("age", AttributeValue::Text("forty".into()));
    let error = model.score_customer(&customer, at).unwrap_err().to_string();
    assert_eq!(error, "customers.age: the model was trained on numbers");
}

#[test]
fn a_history_of_another_shape_than_the_models_is_refused() {
    let shop = common::simulated(400);
    let model = ChurnModel::builder().fit(&common::log_of(&shop), "2024-10-01").unwrap();
    let own = model.customer_history();
    let (columns, rules) = (own.columns(), own.purchase_rules());
    let at: Timestamp = "2024-12-01".parse().unwrap();
    let refused = |columns: LogColumns, rules: PurchaseRules| {
        let mut customer = CustomerHistory::new(columns, rules);
        let row = NewTransaction::at("2024-11-01".parse().unwrap());
        customer.push_transaction(NewTransaction { amount: Some(9.0), ..row }).unwrap();
        model.score_customer(&customer, at).unwrap_err().to_string()
    };
    let bare = LogColumns { amount: false, tickets: None, ..columns };
    for (columns, expected) in [
        (
            bare,
            "transactions: the model reads `average_check`, and the history lacks transactions.amount",
        ),
        (LogColumns { tickets: None, ..columns }, "and the history lacks a ticket log"),
        (LogColumns { surveys: false, ..columns }, "and the history lacks survey answers"),
        (LogColumns { order_id: !columns.order_id, ..columns }, "transactions.order_id: "),
    ] {
        let error = refused(columns, rules);
        assert!(error.contains(expected), "{error}");
    }
    let error = refused(columns, PurchaseRules { purchase_by: PurchaseBy::Day, ..rules });
    assert_eq!(error, "purchase_by: expected \"order\", as in training, got day");
    let zeros = PurchaseRules { zero_amounts: ZeroAmounts::Purchase, ..rules };
    assert!(refused(columns, zeros).starts_with("zero_amounts: "));
    // What the model does not read may be there besides.
    let more = LogColumns { discount: true, channel: true, ..columns };
    let mut customer = CustomerHistory::new(more, rules);
    let row = NewTransaction::at("2024-11-01".parse().unwrap());
    customer.push_transaction(NewTransaction { amount: Some(9.0), ..row }).unwrap();
    assert!(model.score_customer(&customer, at).unwrap().is_some());
}
