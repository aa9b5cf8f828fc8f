//! Activity in place of purchases: a log of events alone tells what a log of the same rows as
//! transactions tells.

use proptest::prelude::*;
use winback::answer::of_activity;
use winback::arrow_array::RecordBatch;
use winback::log::{
    CustomerHistory, EventLogBuilder, EventSlices, History, IdSlice, LogColumns, NewEvent,
    NewTransaction, PartitionOptions, PurchaseBy, Pushed, TransactionSlices,
};
use winback::retention::{Flow, FlowOptions};
use winback::simulate::Simulation;
use winback::{CandidateOptions, ChurnModel, Error, EventLog, Timestamp};

const UNTIL: &str = "2025-01-01";
const KINDS: [&str; 3] = ["login", "use", "email"];

/// Customer, day of the first year, kind, and days until it was known.
type Row = (i64, i64, usize, i64);

fn at(day: i64) -> Timestamp {
    Timestamp::from_micros((19_723 + day) * 86_400_000_000 + day % 7 * 3_600_000_000).unwrap()
}

fn events(rows: &[Row]) -> RecordBatch {
    let time: Vec<Timestamp> = rows.iter().map(|row| at(row.1)).collect();
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let kind: Vec<&str> = rows.iter().map(|row| KINDS[row.2]).collect();
    let known: Vec<Option<Timestamp>> =
        rows.iter().map(|row| (row.3 > 0).then(|| at(row.1 + row.3))).collect();
    EventSlices {
        customer_id: IdSlice::Int(&ids),
        time: &time,
        kind: &kind,
        known_at: Some(&known),
        ..EventSlices::default()
    }
    .to_batch()
    .unwrap()
}

/// The rows of activity as transactions.
fn transactions(rows: &[Row]) -> RecordBatch {
    let rows: Vec<&Row> = rows.iter().filter(|row| row.2 < 2).collect();
    let time: Vec<Timestamp> = rows.iter().map(|row| at(row.1)).collect();
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let known: Vec<Option<Timestamp>> =
        rows.iter().map(|row| (row.3 > 0).then(|| at(row.1 + row.3))).collect();
    TransactionSlices {
        customer_id: IdSlice::Int(&ids),
        time: &time,
        known_at: Some(&known),
        ..TransactionSlices::default()
    }
    .to_batch()
    .unwrap()
}

fn builder(batches: impl IntoIterator<Item = RecordBatch>) -> EventLogBuilder {
    EventLog::builder().events(batches).activity(["login", "use"]).observed_until(UNTIL).unwrap()
}

fn features(log: &EventLog, cutoff: &str) -> RecordBatch {
    log.at(cutoff).unwrap().features().unwrap().to_batch(log).unwrap()
}

/// When purchases are.
fn times(history: &History<'_>) -> Vec<i64> {
    history.purchases().iter().map(|purchase| purchase.time).collect()
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((1..9i64, 0..360i64, 0..3usize, 0..20i64), 1..60)
        .prop_filter("some activity", |rows| rows.iter().any(|row| row.2 < 2 && row.1 < 200))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn prop_activity_is_what_transactions_of_its_rows_are(rows in rows()) {
        let log = builder([events(&rows)]).build().unwrap();
        // Features of events are about those that do not stand in place of purchases.
        let others: Vec<Row> = rows.iter().copied().filter(|row| row.2 >= 2).collect();
        let twin = EventLog::builder()
            .transactions([transactions(&rows)])
            .events([events(&others)])
            .observed_until(UNTIL)
            .unwrap()
            .build()
            .unwrap();
        prop_assert_eq!(log.customers(), twin.customers());
        prop_assert_eq!(log.first_event(), twin.first_event());
        for cutoff in ["2024-09-01", UNTIL] {
            prop_assert_eq!(features(&log, cutoff), features(&twin, cutoff));
        }
    }

    #[test]
    fn prop_appended_activity_is_activity_built_at_once(rows in rows(), split in 0.0..1.0) {
        let part = (rows.len() as f64 * split) as usize;
        let first = builder([events(&rows[..part])]).build();
        prop_assume!(first.is_ok());
        let more = EventLog::builder().events([events(&rows[part..])]);
        let appended = more.observed_until(UNTIL).unwrap().append_to(&first.unwrap()).unwrap();
        let whole = builder([events(&rows)]).build().unwrap();
        prop_assert_eq!(appended.customers(), whole.customers());
        prop_assert_eq!(features(&appended, UNTIL), features(&whole, UNTIL));
        prop_assert_eq!(appended.report().to_string(), whole.report().to_string());
    }

    #[test]
    fn prop_a_history_that_is_pushed_is_that_of_the_log(rows in rows()) {
        let log = builder([events(&rows)]).build().unwrap();
        for customer in log.customers().indices() {
            let id = log.customers().get(customer).integer().unwrap();
            let mut pushed = CustomerHistory::new(log.columns(), log.purchase_rules())
                .with_event_roles(log.event_roles().clone());
            for row in rows.iter().filter(|row| row.0 == id) {
                let known_at = (row.3 > 0).then(|| at(row.1 + row.3));
                let event = NewEvent { known_at: known_at.map(Into::into), ..NewEvent::at(at(row.1).into(), KINDS[row.2]) };
                prop_assert_eq!(pushed.push_event(event).unwrap(), Pushed::Added);
            }
            let kept = CustomerHistory::from_bytes(&pushed.to_bytes()).unwrap();
            for cutoff in [at(150), at(200), at(366)] {
                let own = times(&log.history(customer, cutoff));
                prop_assert_eq!(&own, &times(&pushed.history(cutoff)));
                prop_assert_eq!(&own, &times(&kept.history(cutoff)));
            }
            prop_assert_eq!(pushed.len(), kept.len());
            prop_assert_eq!(pushed.transactions().len(), 0);
            let row = NewTransaction::at(at(1).into());
            prop_assert_eq!(pushed.push_transaction(row).unwrap(), Pushed::NoTable);
        }
    }
}

/// Log-ins of simulated customers: their purchases, with others' kinds among them.
fn logins() -> (Vec<RecordBatch>, Vec<RecordBatch>) {
    let shop = Simulation::default().customers(500).events(true).run().unwrap();
    (vec![shop.transactions], shop.events.into_iter().collect())
}

fn service() -> EventLog {
    let (_, events) = logins();
    EventLog::builder()
        .events(events)
        .activity(["visit"])
        .contacts(["email_sent"])
        .purchase_by(PurchaseBy::Day)
        .observed_until(UNTIL)
        .unwrap()
        .build()
        .unwrap()
}

#[test]
fn a_model_of_activity_scores_customers_in_words_of_activity() {
    let log = service();
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let now = log.at(UNTIL).unwrap();
    let found = model.candidates(&now, &CandidateOptions::default()).unwrap();
    assert!(found.rows().len() > 5);
    let reasons: Vec<String> =
        found.rows().iter().flat_map(|row| row.reasons.iter().map(ToString::to_string)).collect();
    assert!(reasons.iter().any(|text| text.contains("the chance of activity")), "{reasons:?}");
    let report = model.report(&now, &Default::default()).unwrap();
    let flow = of_activity(&Flow::new(&log, &FlowOptions::default()).unwrap().to_string());
    let quality = model.evaluate(&log.at("2024-10-01").unwrap()).unwrap();
    let texts =
        [report.html().to_owned(), flow, of_activity(&quality.to_string()), reasons.join("\n")];
    for text in texts {
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        for wrong in ["purchase", "purchases", "Purchases", "bought", "buys", "buyers"] {
            let places: Vec<usize> = (0..words.len()).filter(|&i| words[i] == wrong).collect();
            let around =
                |i: &usize| words[i.saturating_sub(6)..(*i + 6).min(words.len())].join(" ");
            assert!(places.is_empty(), "{:?}", places.iter().map(around).collect::<Vec<_>>());
        }
    }

    // One customer in a service, to the bit.
    let scores = model.score(&now).unwrap();
    for (&customer, score) in scores.customers().iter().zip(scores.rows()).take(20) {
        let mut own = model.customer_history();
        for event in log.history(customer, log.observed_until()).events().unwrap() {
            let time = Timestamp::from_micros(event.time).unwrap();
            let kind = log.event_kind(event.kind).unwrap();
            own.push_event(NewEvent { value: event.value, ..NewEvent::at(time.into(), kind) })
                .unwrap();
        }
        let one = model.score_customer(&own, UNTIL).unwrap().unwrap();
        assert_eq!(one.churn_probability.to_bits(), score.churn_probability.to_bits());
    }
}

#[test]
fn a_model_of_activity_refuses_a_log_of_purchases_and_the_other_way_round() {
    let log = service();
    let (transactions, events) = logins();
    let shop = EventLog::builder()
        .transactions(transactions.clone())
        .observed_until(UNTIL)
        .unwrap()
        .build()
        .unwrap();
    let other = EventLog::builder()
        .events(events)
        .activity(["cart"])
        .contacts(["email_sent"])
        .purchase_by(PurchaseBy::Day)
        .observed_until(UNTIL)
        .unwrap()
        .build()
        .unwrap();
    let of_activity = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let of_purchases = ChurnModel::builder().fit(&shop, "2024-10-01").unwrap();
    for (model, log) in [(&of_activity, &shop), (&of_activity, &other), (&of_purchases, &log)] {
        let error = model.score(&log.at(UNTIL).unwrap()).unwrap_err();
        assert!(matches!(error, Error::Argument { name: "roles", .. }), "{error}");
    }
    let mut customer = of_purchases.customer_history();
    customer
        .push_transaction(NewTransaction { amount: Some(1.0), ..NewTransaction::at(at(3).into()) })
        .unwrap();
    assert!(of_activity.adopt(&customer).is_err());
    assert!(of_activity.adopt(&of_purchases.customer_history()).is_ok());
}

#[test]
fn parts_of_a_log_of_activity_are_the_log() {
    let (_, events) = logins();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.parquet");
    winback::answer::output::write_table(&events[0], &path).unwrap();
    let builder = || {
        EventLog::builder()
            .events_path(&path)
            .unwrap()
            .activity(["cart"])
            .observed_until(UNTIL)
            .unwrap()
    };
    let whole = builder().build().unwrap();
    let parts = builder().partition(&PartitionOptions::new(1 << 30).least_parts(5)).unwrap();
    assert!(parts.parts() > 1 && parts.tells_activity());
    assert_eq!(parts.first_event(), whole.first_event());
    assert_eq!(parts.last_event(), whole.last_event());
    let (mut customers, mut purchases) = (whole.customers().indices(), 0);
    for part in 0..parts.parts() {
        let log = parts.part(part).unwrap();
        for own in log.customers().indices() {
            let customer = customers.next().unwrap();
            assert_eq!(log.customers().get(own), whole.customers().get(customer));
            let until = whole.observed_until();
            let (a, b) = (log.history(own, until), whole.history(customer, until));
            assert_eq!(times(&a), times(&b));
            purchases += a.purchases().len();
        }
    }
    assert_eq!(customers.next(), None);
    assert_eq!(purchases as u64, whole.report().purchases);
}

#[test]
fn what_is_no_log_of_activity_is_refused() {
    let rows = [(7, 3, 0, 0), (7, 9, 2, 0)];
    let error = |builder: EventLogBuilder| builder.build().unwrap_err().to_string();
    let nothing = EventLog::builder().observed_until(UNTIL).unwrap();
    assert!(error(nothing).starts_with("transactions: expected a table or a path, or activity"));
    let both = builder([events(&rows)]).transactions([transactions(&rows)]);
    assert!(error(both).contains("none where activity stands in place of purchases"));
    let none = EventLog::builder().events([events(&rows)]).activity(["visit"]);
    let none = error(none.observed_until(UNTIL).unwrap());
    assert_eq!(none, "events: has no usable row of the kinds of activity: visit");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.csv");
    std::fs::write(&path, "customer_id,time,kind\na,2024-01-05,login\n").unwrap();
    let none = EventLog::builder().events_path(&path).unwrap().activity(["logon"]);
    let none = error(none.observed_until(UNTIL).unwrap());
    assert_eq!(none, "events: has no usable row of the kinds of activity: logon");
    let contact = builder([events(&rows)]).contacts(["login"]);
    assert!(error(contact).contains("kinds that are no contacts"));
    let log = builder([events(&rows)]).build().unwrap();
    let more =
        EventLog::builder().transactions([transactions(&rows)]).observed_until(UNTIL).unwrap();
    let refused = more.append_to(&log).unwrap_err().to_string();
    assert!(refused.contains("is none of a log of activity"), "{refused}");
    let early = log.at("2024-01-01").unwrap_err().to_string();
    assert!(early.contains("a time after the first activity"), "{early}");
    assert_eq!(log.columns(), LogColumns { events: log.columns().events, ..LogColumns::default() });
}
