//! One customer in a service gives the features and the score of a batch, to the bit.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use winback::answer::Answer;
use winback::churn::ExplainOptions;
use winback::explain::ReasonOptions;
use winback::labels::State;
use winback::log::{
    AttributeValue, CustomerHistory, LogColumns, NewAnswer, NewEvent, NewTicket, NewTransaction,
    PurchaseBy, PurchaseRules, Pushed, ZeroAmounts,
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
pub(crate) fn replay(shop: &Simulated, id: i64, customer: &mut CustomerHistory) {
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
                ..NewTransaction::at(time(t, "time", row).unwrap().into())
            })
            .unwrap();
    }
    let t = &shop.tickets;
    for row in rows_of(t, id).into_iter().rev() {
        customer
            .push_ticket(NewTicket {
                first_response_at: time(t, "first_response_at", row).map(Into::into),
                resolved_at: time(t, "resolved_at", row).map(Into::into),
                reopened_count: number(t, "reopened_count", row),
                satisfaction: number(t, "satisfaction", row),
                ..NewTicket::opened(time(t, "opened_at", row).unwrap().into())
            })
            .unwrap();
    }
    let s = &shop.surveys;
    for row in rows_of(s, id).into_iter().rev() {
        let score = number(s, "score", row).unwrap();
        customer.push_answer(NewAnswer::at(time(s, "time", row).unwrap().into(), score)).unwrap();
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
                ..NewEvent::at(time(e, "time", row).unwrap().into(), &kind)
            };
            customer.push_event(event).unwrap();
        }
    }
    let row = rows_of(&shop.customers, id)[0];
    let region = text(&shop.customers, "region", row).unwrap();
    // A model that does not read an attribute refuses it.
    customer.set_attribute("region", AttributeValue::Text(region.into())).ok();
    let age = number(&shop.customers, "age", row).unwrap();
    customer.set_attribute("age", AttributeValue::Number(age)).ok();
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
            .unwrap()
            .attributes(["region", "age"])
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
fn reasons_of_one_customer_are_those_of_the_batch_to_the_bit() {
    let shop = common::simulated(500);
    let log = common::log_of(&shop);
    let at: Timestamp = "2024-12-15T07:30:00".parse().unwrap();
    let now = log.at(at).unwrap();
    let options = ReasonOptions::default().count(4).currency("EUR");
    for name in ["average", "logistic", "tree", "boosting"] {
        let model = ChurnModel::builder()
            .estimator(name)
            .unwrap()
            .attributes(["region", "age"])
            .fit(&log, "2024-10-01")
            .unwrap();
        let all = ExplainOptions::default().reasons(options.clone());
        let explained = model.explain(&now, &all).unwrap();
        for (row, &customer) in explained.customers().iter().enumerate().step_by(3) {
            let id = log.customers().get(customer).integer().unwrap();
            let mut history = model.customer_history();
            replay(&shop, id, &mut history);
            let one = model.explain_customer(&history, at, &options).unwrap().unwrap();
            assert_eq!(one.score, explained.scores()[row]);
            assert_eq!(one.base.to_bits(), explained.base()[row].to_bits());
            let bits = |parts: &[f64]| parts.iter().map(|part| part.to_bits()).collect::<Vec<_>>();
            let expected = explained.contributions().row(row).to_vec();
            assert_eq!(bits(&one.contributions), bits(&expected), "{name}, customer {id}");
            assert_eq!(one.reasons, explained.reasons()[row], "{name}, customer {id}");
            let largest = one.largest(3);
            assert!(largest.is_sorted_by(|a, b| a.contribution.abs() >= b.contribution.abs()));
        }
        assert_eq!(model.explain_customer(&model.customer_history(), at, &options).unwrap(), None);
    }
}

#[test]
fn several_customers_and_a_log_of_histories_score_as_the_batch() {
    let shop = common::simulated(400);
    let log = common::log_of(&shop);
    let at: Timestamp = "2024-12-15".parse().unwrap();
    let model =
        ChurnModel::builder().attributes(["region", "age"]).fit(&log, "2024-10-01").unwrap();
    let ids: Vec<i64> = log
        .customers()
        .indices()
        .map(|customer| log.customers().get(customer).integer().unwrap())
        .collect();
    let mut histories: Vec<CustomerHistory> = Vec::new();
    for &id in &ids {
        let mut history = model.customer_history();
        replay(&shop, id, &mut history);
        histories.push(history);
    }
    let batch = model.score(&log.at(at).unwrap()).unwrap();
    let one_by_one: Vec<_> =
        model.score_customers(&histories, at).unwrap().filter_map(|score| score.unwrap()).collect();
    assert_eq!(one_by_one, batch.rows());
    let again = winback::EventLog::builder()
        .histories(ids.iter().map(|&id| id.into()).zip(&histories))
        .unwrap()
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap();
    assert_eq!(model.score(&again.at(at).unwrap()).unwrap().rows(), batch.rows());
    // Trained on the histories, it is the same model.
    let builder = ChurnModel::builder().attributes(["region", "age"]);
    let same = builder.fit(&again, "2024-10-01").unwrap();
    assert_eq!(same.score(&again.at(at).unwrap()).unwrap().rows(), batch.rows());
    // One that cannot be scored does not keep the others from it.
    histories[3].forget_before("2024-06-01").unwrap();
    let found = model.score_customers(&histories, at).unwrap();
    assert_eq!(found.filter(Result::is_err).count(), 1);
    let refused = winback::EventLog::builder()
        .histories(ids.iter().map(|&id| id.into()).zip(&histories))
        .unwrap_err();
    assert!(refused.to_string().contains("forgot rows before 2024-06-01"), "{refused}");
    let mixed = [("a".into(), &histories[0]), (2.into(), &histories[1])];
    assert!(winback::EventLog::builder().histories(mixed).is_err());
}

#[test]
fn a_customer_without_a_purchase_has_no_score() {
    let model = ChurnModel::builder().fit(&common::simulated_log(400), "2024-10-01").unwrap();
    let mut customer = model.customer_history();
    let at: Timestamp = "2024-12-01".parse().unwrap();
    assert_eq!(model.score_customer(&customer, at).unwrap(), None);
    let row = NewTransaction { amount: Some(-5.0), ..NewTransaction::at(at.into()) };
    customer.push_transaction(row).unwrap();
    assert_eq!(model.score_customer(&customer, "2024-12-02").unwrap(), None);
}

#[test]
fn what_cannot_be_is_refused() {
    let model = ChurnModel::builder()
        .attributes(["age"])
        .fit(&common::simulated_log(400), "2024-10-01")
        .unwrap();
    let mut customer = model.customer_history();
    let at: Timestamp = "2024-12-01".parse().unwrap();
    let row = NewTransaction::at(at.into());
    assert!(customer.push_transaction(row).is_err(), "no amount");
    assert!(customer.push_transaction(NewTransaction { amount: Some(f64::NAN), ..row }).is_err());
    let earlier: Timestamp = "2024-11-01".parse().unwrap();
    let ticket = NewTicket { resolved_at: Some(earlier.into()), ..NewTicket::opened(at.into()) };
    let error = customer.push_ticket(ticket).unwrap_err().to_string();
    assert!(common::says(&error, "tickets.resolved_at: … got 2024-11-01"), "{error}");
    assert!(customer.push_answer(NewAnswer::at(at.into(), 10.5)).is_err());
    customer
        .push_transaction(NewTransaction {
            amount: Some(9.0),
            ..NewTransaction::at(earlier.into())
        })
        .unwrap();
    customer.set_attribute("age", AttributeValue::Text("forty".into())).unwrap();
    let error = model.score_customer(&customer, at).unwrap_err().to_string();
    assert_eq!(error, "customers.age: the model was trained on numbers");
}

/// As it was before rows were put in order lazily: each row goes to its place at once.
fn in_time_order(rows: &[(i64, f64)]) -> Vec<(i64, f64)> {
    let mut sorted: Vec<(i64, f64)> = Vec::new();
    for &row in rows {
        let place = sorted.partition_point(|&(t, a)| (t, a) <= row);
        sorted.insert(place, row);
    }
    sorted
}

#[test]
fn rows_pushed_in_any_order_and_read_in_between_are_in_order() {
    let columns = LogColumns { amount: true, ..LogColumns::default() };
    let mut customer = CustomerHistory::new(columns, PurchaseRules::default());
    let end: Timestamp = "2030-01-01".parse().unwrap();
    let (mut seed, mut rows) = (7u64, Vec::new());
    for i in 0..400 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let time = (seed >> 44) as i64 * 1_000_000;
        let amount = (seed >> 33) as f64 % 7.0 - 2.0;
        rows.push((time, if amount == 0.0 { 1.0 } else { amount }));
        let (time, amount) = rows[i];
        let row = NewTransaction::at(Timestamp::from_micros(time).unwrap().into());
        customer.push_transaction(NewTransaction { amount: Some(amount), ..row }).unwrap();
        // Sometimes the history is read between two pushes, so that it is put in order half-way.
        if i % 37 == 0 || i + 1 == 400 {
            let history = customer.history(end);
            let lines: Vec<(i64, f64)> = history.lines().map(|l| (l.time, l.amount)).collect();
            assert_eq!(lines, in_time_order(&rows));
            let mut all = CustomerHistory::new(columns, PurchaseRules::default());
            let again = customer.transactions().collect::<Vec<_>>().into_iter().rev();
            assert_eq!(all.extend_transactions(again).unwrap(), i + 1);
            assert_eq!(all.history(end).purchases(), history.purchases());
        }
    }
    assert_eq!(customer.len(), 400);
}

#[test]
fn many_rows_take_as_long_each_as_few() {
    // Each push that put all rows in order anew took minutes for these.
    let columns =
        LogColumns { amount: true, tickets: Some(Default::default()), ..LogColumns::default() };
    let mut customer = CustomerHistory::new(columns, PurchaseRules::default());
    for i in (0..100_000).rev() {
        let time = Timestamp::from_micros(i * 1_000_000).unwrap();
        let row = NewTransaction { amount: Some(1.0), ..NewTransaction::at(time.into()) };
        assert_eq!(customer.push_transaction(row).unwrap(), Pushed::Added);
        customer.push_ticket(NewTicket::opened(time.into())).unwrap();
    }
    let history = customer.history("2030-01-01".parse().unwrap());
    assert_eq!((history.purchases().len(), history.tickets().unwrap().count()), (100_000, 100_000));
}

#[test]
fn rows_are_added_together_or_not_at_all() {
    let columns = LogColumns { amount: true, ..LogColumns::default() };
    let mut customer = CustomerHistory::new(columns, PurchaseRules::default());
    let row = NewTransaction::at("2024-11-01".parse().unwrap());
    let rows = [Some(1.0), Some(0.0), None].map(|amount| NewTransaction { amount, ..row });
    let error = customer.extend_transactions(rows).unwrap_err();
    assert_eq!(error.row(), Some(3));
    assert_eq!((customer.len(), customer.zero_amounts()), (0, 0));
    assert_eq!(customer.extend_transactions(rows.into_iter().take(2)).unwrap(), 1);
    assert_eq!((customer.len(), customer.zero_amounts()), (1, 1));
    // Where zero is a purchase, it is a row.
    let rules = PurchaseRules { zero_amounts: ZeroAmounts::Purchase, ..PurchaseRules::default() };
    let mut customer = CustomerHistory::new(columns, rules);
    assert_eq!(customer.push_transaction(rows[1]).unwrap(), Pushed::Added);
    assert_eq!(customer.push_ticket(NewTicket::opened(row.time)).unwrap(), Pushed::NoTable);
}

#[test]
fn texts_are_decoded_and_do_not_pile_up() {
    let columns = LogColumns {
        category: true,
        tickets: Some(Default::default()),
        surveys: true,
        ..LogColumns::default()
    };
    let mut customer = CustomerHistory::new(columns, PurchaseRules::default());
    let time: Timestamp = "2024-11-01".parse().unwrap();
    let row = NewTransaction::at(time.into());
    for category in [Some("books"), None, Some("toys")] {
        customer.push_transaction(NewTransaction { category, ..row }).unwrap();
    }
    for i in 0..10_000 {
        customer.clear_tickets();
        let topic = format!("a topic of a ticket, number {i}");
        customer
            .push_ticket(NewTicket { topic: Some(&topic), ..NewTicket::opened(time.into()) })
            .unwrap();
    }
    customer.push_ticket(NewTicket::opened(time.into())).unwrap();
    customer
        .push_answer(NewAnswer { topic: Some("price"), ..NewAnswer::at(time.into(), 9.0) })
        .unwrap();
    let history = customer.history("2025-01-01".parse().unwrap());
    let code = |line: winback::log::Line| line.category.and_then(|code| customer.category(code));
    let mut categories: Vec<_> = history.lines().map(code).collect();
    categories.sort_unstable();
    assert_eq!(categories, [None, Some("books"), Some("toys")]);
    let topics: Vec<_> = history.tickets().unwrap().map(|ticket| ticket.topic).collect();
    assert_eq!(topics.iter().flatten().count(), 1, "{topics:?}");
    let topic = topics.iter().flatten().next().and_then(|&code| customer.ticket_topic(code));
    assert_eq!(topic, Some("a topic of a ticket, number 9999"));
    let answer = history.answers().unwrap().next().unwrap();
    assert_eq!(answer.topic.and_then(|code| customer.survey_topic(code)), Some("price"));
    for code in [40, u32::MAX] {
        assert_eq!((customer.category(code), customer.ticket_topic(code)), (None, None));
        assert_eq!((customer.channel(code), customer.survey_topic(code)), (None, None));
    }
    // A few texts are kept, not ten thousand.
    assert_eq!(customer.ticket_topic(40), None);
}

#[test]
fn attributes_that_no_model_reads_are_refused() {
    let log = common::simulated_log(400);
    let model = ChurnModel::builder().attributes(["age"]).fit(&log, "2024-10-01").unwrap();
    let mut customer = model.customer_history();
    let error = customer.set_attribute("aeg", AttributeValue::Number(40.0)).unwrap_err();
    assert_eq!(error.to_string(), "name: expected one that the model reads, age, got \"aeg\"");
    let infinite = AttributeValue::Number(f64::INFINITY);
    assert!(customer.set_attribute("age", infinite).is_err());
    customer.set_attribute("age", AttributeValue::Number(f64::NAN)).unwrap();
    assert_eq!(customer.attribute("age"), &AttributeValue::Missing);
    let plain = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let error = plain.customer_history().set_attribute("age", AttributeValue::Missing);
    assert!(error.unwrap_err().to_string().starts_with("name: expected none, for the model"));
}

#[test]
fn a_customer_with_a_value_beyond_numbers_is_named_and_the_others_are_scored() {
    let shop = common::simulated(600);
    let ids = shop.customers.column_by_name("customer_id").unwrap().clone();
    let one = 3;
    let values = |first: f64| {
        let of = |row: usize| if row == one { first } else { row as f64 / 1e4 };
        let column = arrow_array::Float64Array::from_iter_values((0..ids.len()).map(of));
        let column = std::sync::Arc::new(column) as arrow_array::ArrayRef;
        RecordBatch::try_from_iter([("customer_id", ids.clone()), ("points", column)]).unwrap()
    };
    let log = |points: f64| {
        winback::EventLog::builder()
            .transactions([shop.transactions.clone()])
            .customers([values(points)])
            .observed_until("2025-01-01")
            .unwrap()
            .build()
            .unwrap()
    };
    let model = ChurnModel::builder().attributes(["points"]).fit(&log(0.03), "2024-10-01").unwrap();
    let (whole, with_one) = (log(0.03), log(1.7e308));
    let expected = model.score(&whole.at("2025-01-01").unwrap()).unwrap();
    let scores = model.score(&with_one.at("2025-01-01").unwrap()).unwrap();
    let report = scores.report();
    assert_eq!((report.scored(), report.unusable), (expected.report().scored() - 1, 1));
    let id = ids.as_primitive::<Int64Type>().value(one);
    let first = report.first_unusable.clone().unwrap();
    let told = format!("customers.points, customer {id}: expected a usable number, got 1.7e308");
    assert_eq!(first, told);
    assert!(scores.to_string().contains("1 not scored: values beyond numbers"), "{scores}");
    assert!(scores.to_string().contains(&format!("customer {id}")), "{scores}");
    let others = expected.rows().iter().filter(|row| !scores.rows().contains(row));
    assert_eq!(others.count(), 1);
    let now = with_one.at("2025-01-01").unwrap();
    let candidates = model.candidates(&now, &Default::default()).unwrap();
    assert_eq!(candidates.report().unusable, 1);
    // What needs all customers names the one.
    let error = model.evaluate(&with_one.at("2024-10-01").unwrap()).unwrap_err();
    assert_eq!(error.customer(), Some(id.to_string().as_str()));
    let mut customer = model.customer_history();
    replay(&shop, id, &mut customer);
    customer.set_attribute("points", AttributeValue::Number(1.7e308)).unwrap();
    let error = model.score_customer(&customer, "2025-01-01").unwrap_err().with_customer(id);
    assert_eq!(error.to_string(), told);
}

#[test]
fn a_history_is_adopted_where_it_can_be() {
    let shop = common::simulated(400);
    let at: Timestamp = "2024-12-15".parse().unwrap();
    let full = ChurnModel::builder()
        .attributes(["region", "age"])
        .fit(&common::log_of(&shop), "2024-10-01")
        .unwrap();
    let bare_log = winback::EventLog::builder()
        .transactions([shop.transactions.project(&[0, 1, 2]).unwrap()])
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap();
    let bare = ChurnModel::builder().fit(&bare_log, "2024-10-01").unwrap();
    let scores = bare.score(&bare_log.at(at).unwrap()).unwrap();
    let ids = scores.main_table().unwrap();
    for (row, expected) in scores.rows().iter().enumerate().take(60) {
        let id = ids.column(0).as_primitive::<Int64Type>().value(row);
        let mut customer = full.customer_history();
        replay(&shop, id, &mut customer);
        assert!(bare.score_customer(&customer, at).is_err(), "other columns");
        let adopted = bare.adopt(&customer).unwrap();
        assert!(adopted.unset_attributes.is_empty());
        assert_eq!(bare.score_customer(&adopted.history, at).unwrap().unwrap(), *expected);
        let error = full.adopt(&adopted.history).unwrap_err().to_string();
        assert!(error.contains("transactions.order_id: "), "{error}");
        let own = full.adopt(&customer).unwrap().history;
        assert_eq!(
            full.score_customer(&own, at).unwrap(),
            full.score_customer(&customer, at).unwrap()
        );
    }
    // A history of nothing fits any model.
    assert!(full.adopt(&bare.customer_history()).unwrap().history.is_empty());
    // Amounts of zero that were left out cannot come back.
    let rules = full.purchase_rules();
    let zeros = PurchaseRules { zero_amounts: ZeroAmounts::Purchase, ..rules };
    let mut with_zeros = CustomerHistory::new(full.customer_history().columns(), zeros);
    let row = NewTransaction { amount: Some(0.0), ..NewTransaction::at(at.into()) };
    with_zeros.push_transaction(row).unwrap();
    let adopted = full.adopt(&with_zeros).unwrap().history;
    assert_eq!((adopted.len(), adopted.zero_amounts()), (0, 1));
    let berlin = PurchaseRules { time_zone: "Europe/Berlin".parse().unwrap(), ..rules };
    let elsewhere = CustomerHistory::new(full.customer_history().columns(), berlin);
    assert!(full.adopt(&elsewhere).unwrap_err().to_string().starts_with("time_zone: "));
}

#[test]
fn attributes_that_a_history_was_not_told_are_named() {
    let shop = common::simulated(400);
    let (log, at) = (common::log_of(&shop), "2024-12-15");
    let fit = |names: &[&str]| {
        ChurnModel::builder().attributes(names.iter().copied()).fit(&log, "2024-10-01").unwrap()
    };
    let (one, both) = (fit(&["region"]), fit(&["region", "age"]));
    let mut customer = one.customer_history();
    replay(&shop, 7, &mut customer);
    let adopted = both.adopt(&customer).unwrap();
    assert_eq!(adopted.unset_attributes, ["age"]);
    // They are told again after the history was saved, until they are set.
    let saved = CustomerHistory::from_bytes(&adopted.history.to_bytes()).unwrap();
    assert_eq!(both.adopt(&saved).unwrap().unset_attributes, ["age"]);
    let mut own = both.customer_history();
    replay(&shop, 7, &mut own);
    let mut adopted = adopted.history;
    adopted.set_attribute("age", own.attribute("age")).unwrap();
    let score = |customer| both.score_customer(customer, at).unwrap();
    assert_eq!(score(&adopted), score(&own));
    adopted.set_attribute("age", AttributeValue::Missing).unwrap();
    assert!(both.adopt(&adopted).unwrap().unset_attributes.is_empty());

    let times = winback::hazard::TimeToPurchase::builder()
        .learning(ChurnModel::builder().attributes(["age"]));
    let times = times.fit(&log, "2024-10-01").unwrap();
    assert_eq!(times.adopt(&customer).unwrap().unset_attributes, ["age"]);
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

#[test]
fn amounts_that_the_training_had_not_make_other_purchases() {
    let shop = common::simulated(400);
    let log = |columns: &[usize]| {
        winback::EventLog::builder()
            .transactions([shop.transactions.project(columns).unwrap()])
            .observed_until("2025-01-01")
            .unwrap()
            .build()
            .unwrap()
    };
    let (rich, times) = (log(&[0, 1, 2]), log(&[0, 1]));
    let model = ChurnModel::builder().estimator("logistic").unwrap();
    let model = model.fit(&times, "2024-10-01").unwrap();
    let at: Timestamp = "2024-12-15".parse().unwrap();
    let told = "transactions.amount: the model was trained on purchases formed without it";
    let now = rich.at(at).unwrap();
    assert_eq!(model.score(&now).unwrap_err().to_string(), told);
    assert!(model.score(&times.at(at).unwrap()).is_ok());
    // A purchase and its return are two rows, and one purchase where there are amounts.
    let (mut own, columns) = (model.customer_history(), rich.columns());
    let mut with_amounts = CustomerHistory::new(columns, model.purchase_rules());
    for (day, amount) in [("2024-08-01", 20.0), ("2024-11-20", -20.0)] {
        let row = NewTransaction::at(day.parse().unwrap());
        own.push_transaction(row).unwrap();
        with_amounts.push_transaction(NewTransaction { amount: Some(amount), ..row }).unwrap();
    }
    assert_eq!(model.score_customer(&with_amounts, at).unwrap_err().to_string(), told);
    let adopted = model.adopt(&with_amounts).unwrap().history;
    // Without amounts the average check is not a number.
    let score = |customer| format!("{:?}", model.score_customer(customer, at).unwrap());
    assert_eq!(score(&adopted), score(&own));
    // A row of amount 0 that was left out is one to this model.
    let free = NewTransaction { amount: Some(0.0), ..NewTransaction::at(at.into()) };
    assert_eq!(with_amounts.push_transaction(free).unwrap(), Pushed::ZeroAmount);
    let error = model.adopt(&with_amounts).unwrap_err().to_string();
    assert!(error.contains("left out amounts of 0"), "{error}");
}

#[test]
fn keys_tell_rows_apart_and_customers_come_once() {
    let (columns, rules) = (LogColumns::default(), PurchaseRules::default());
    let mut customer = CustomerHistory::new(columns, rules);
    let row = NewTransaction::at("2024-11-01".parse().unwrap());
    for blank in ["", " \t"] {
        let error = customer.push_transaction(NewTransaction { key: Some(blank), ..row });
        assert!(error.unwrap_err().to_string().starts_with("transactions.key: "));
        let answer = NewAnswer::at("2024-11-01".parse().unwrap(), 9.0);
        assert!(customer.push_answer(NewAnswer { id: Some(blank), ..answer }).is_err());
    }
    assert!(customer.is_empty());
    customer.push_transaction(row).unwrap();
    for ids in [[1, 1], [1, 2]] {
        let pairs = ids.map(|id| (id.into(), &customer));
        let built = winback::EventLog::builder().histories(pairs);
        assert_eq!(built.is_err(), ids == [1, 1], "{ids:?}");
    }
}
