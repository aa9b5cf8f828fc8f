//! Events: what is read, what is refused, and what is known of them at a cutoff.

use std::path::{Path, PathBuf};

use winback::answer::output::write_table;
use winback::log::{
    BadRows, Event, EventLogBuilder, EventRole, EventRoles, EventSlices, IdSlice, NewEvent,
    PartitionOptions, TransactionSlices,
};
use winback::{CandidateOptions, ChurnModel, EventLog, Timestamp};

use crate::common;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn orders() -> EventLogBuilder {
    let times = [at("2024-01-05"), at("2024-03-01"), at("2024-02-10")];
    let orders = TransactionSlices {
        customer_id: IdSlice::Int(&[7, 7, 3]),
        time: &times,
        amount: Some(&[20.0, 35.5, 12.0]),
        ..TransactionSlices::default()
    };
    EventLog::builder()
        .transactions([orders.to_batch().unwrap()])
        .observed_until("2024-04-01")
        .unwrap()
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// The events of customer 7 known at a cutoff, in words.
fn told(log: &EventLog, cutoff: &str) -> Vec<String> {
    let history = log.history(1.into(), at(cutoff));
    let word = |event: Event| {
        let channel = event.channel.and_then(|code| log.event_channel(code));
        format!("{} {:?} {channel:?}", log.event_kind(event.kind).unwrap(), event.value)
    };
    history.events().into_iter().flatten().map(word).collect()
}

#[test]
fn events_are_known_once_they_happened_and_were_learned_of() {
    let folder = tempfile::tempdir().unwrap();
    let text = "customer_id,time,kind,value,channel,known_at\n\
                7,1969-12-31T23:00,visit,-2.5,web,\n\
                7,2024-01-04,visit,3,app,2024-02-01\n\
                7,2024-01-03, cart ,,,\n\
                99,2024-01-03,visit,1,web,\n\
                7,2024-02-01,visit,,web,\n";
    let log = orders().events_path(write(folder.path(), "e.csv", text)).unwrap().build().unwrap();
    let report = log.report().events.unwrap();
    assert_eq!((report.rows_read, report.unknown_customer, report.rows_kept), (5, 1, 4));
    // They move neither the span of the log nor who its customers are.
    assert_eq!((log.customers().len(), log.first_event()), (2, at("2024-01-05")));
    let old = "visit Some(-2.5) Some(\"web\")";
    assert_eq!(told(&log, "2024-01-03"), [old]);
    assert_eq!(told(&log, "2024-02-01"), [old, "cart None None"]);
    let late = "visit Some(3.0) Some(\"app\")";
    assert_eq!(told(&log, "2024-02-02"), [old, "cart None None", late, "visit None Some(\"web\")"]);
    assert!(log.columns().events.is_some_and(|columns| columns.value));
    assert!(orders().build().unwrap().history(0.into(), at("2024-02-01")).events().is_none());
}

#[test]
fn a_plain_table_of_log_ins_needs_no_kind() {
    let folder = tempfile::tempdir().unwrap();
    let text = "user,at\n7,2024-01-03\n7,2024-01-04\n";
    let csv = write(folder.path(), "logins.csv", text);
    let named = |builder: EventLogBuilder| {
        let builder = builder.column("events.kind", "'log in'").unwrap();
        builder.column("events.customer_id", "user").unwrap().column("events.time", "at").unwrap()
    };
    let log = named(orders().events_path(csv).unwrap()).build().unwrap();
    assert_eq!(told(&log, "2024-02-01"), ["log in None None"; 2]);

    let times = [at("2024-01-03"), at("2024-01-04")];
    let ids = IdSlice::Int(&[7, 7]);
    let rows = TransactionSlices { customer_id: ids, time: &times, ..Default::default() };
    let (rows, all) = (rows.to_batch().unwrap(), orders());
    let place = |name: &str| folder.path().join(name);
    write_table(&rows, place("logins.parquet")).unwrap();
    let kind = |builder: EventLogBuilder| builder.column("events.kind", "'log in'").unwrap();
    let log = kind(all.events([rows])).build().unwrap();
    assert_eq!(told(&log, "2024-02-01"), ["log in None None"; 2]);
    let log = kind(orders().events_path(place("logins.parquet")).unwrap()).build().unwrap();
    assert_eq!(told(&log, "2024-02-01"), ["log in None None"; 2]);

    for (place, input) in [("events.time", "'2024-01-01'"), ("events.kind", "''")] {
        let error = orders().column(place, input).unwrap_err().to_string();
        assert!(common::says(&error, "columns: expected the name of a column for"), "{error}");
    }
}

#[test]
fn what_cannot_be_an_event_is_refused_or_left_out() {
    let folder = tempfile::tempdir().unwrap();
    for (rows, expected) in [
        ("7,2024-01-03,visit,many\n", "events.value, row 1: "),
        ("7,2024-01-03,visit,1\n7,2024-01-03,,1\n", "events.kind, row 2: is missing"),
        ("7,2024-01-03,visit,1\n7,,visit,1\n", "events.time, row 2: is missing"),
        ("7,2024-01-03,visit,inf\n", "events.value, row 1: "),
        (",2024-01-03,visit,1\n", "row 1: has no customer id"),
    ] {
        let path = write(folder.path(), "e.csv", &format!("customer_id,time,kind,value\n{rows}"));
        let builder = || orders().events_path(&path).unwrap();
        let error = builder().build().unwrap_err().to_string();
        assert!(common::says(&error, expected), "{error}");
        if !rows.starts_with(',') {
            let log = builder().bad_rows(BadRows::Drop).build().unwrap();
            assert_eq!(log.report().events.unwrap().bad_rows, 1);
            assert_eq!(log.report().dropped[0].table, "events");
        }
    }
    let path = write(folder.path(), "e.csv", "customer_id,time\n7,2024-01-03\n");
    let error = orders().events_path(&path).unwrap().build().unwrap_err().to_string();
    assert!(common::says(&error, "events.kind: no such column"), "{error}");
}

#[test]
fn addresses_in_place_of_kinds_are_told_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let count = 100_000;
    let kinds: Vec<String> = (0..count).map(|i| format!("/page/{i}")).collect();
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    let (ids, times) = (vec![7; count], vec![at("2024-01-03"); count]);
    let events = EventSlices {
        customer_id: IdSlice::Int(&ids),
        time: &times,
        kind: &kinds,
        ..EventSlices::default()
    };
    let events = events.to_batch().unwrap();
    let place = |name: &str| folder.path().join(name);
    let batches = (0..20).map(|i| events.slice(i * 5_000, 5_000));
    let in_memory = orders().events(batches).bad_rows(BadRows::Drop).build().unwrap_err();
    let transactions = TransactionSlices {
        customer_id: IdSlice::Int(&[7]),
        time: &times[..1],
        ..TransactionSlices::default()
    };
    write_table(&transactions.to_batch().unwrap(), place("t.parquet")).unwrap();
    write_table(&events, place("e.parquet")).unwrap();
    let builder = EventLog::builder().transactions_path(place("t.parquet")).unwrap();
    let builder = builder.events_path(place("e.parquet")).unwrap();
    let builder = builder.observed_until("2024-04-01").unwrap();
    let in_parts = builder.partition(&PartitionOptions::new(1 << 30)).unwrap_err();
    for error in [in_memory.to_string(), in_parts.to_string()] {
        let expected = "events.kind: holds more than 10000 different texts, such as \"/page/";
        assert!(error.starts_with(expected), "{error}");
        assert!(error.ends_with("give all rows one kind, as in kind='visit'"), "{error}");
    }
    // As many are kinds of an application.
    let few = events.slice(0, 10_000);
    let log = orders().events([few]).build().unwrap();
    let more = EventLog::builder().events([events.slice(10_000, 1)]);
    let more = more.observed_until("2024-04-01").unwrap().append_to(&log).unwrap_err();
    assert!(more.to_string().starts_with("events.kind: holds more than"), "{more}");
}

#[test]
fn tables_of_strangers_are_told() {
    let events = EventSlices {
        customer_id: IdSlice::Int(&[70]),
        time: &[at("2024-01-03")],
        kind: &["visit"],
        ..EventSlices::default()
    };
    let log = orders().events([events.to_batch().unwrap()]).build().unwrap();
    assert!(log.report().notes()[0].starts_with("events: none of 1 row is of a customer"));
    assert!(log.report().to_string().contains("events: 1 row read, 1 left out of customers"));
    // Who comes to buy later has a past.
    let order = TransactionSlices {
        customer_id: IdSlice::Int(&[70]),
        time: &[at("2024-03-03")],
        amount: Some(&[5.0]),
        ..TransactionSlices::default()
    };
    let more = EventLog::builder().transactions([order.to_batch().unwrap()]);
    let log = more.observed_until("2024-04-01").unwrap().append_to(&log).unwrap();
    assert_eq!(log.history(2.into(), at("2024-01-04")).events().unwrap().count(), 1);
}

#[test]
fn a_service_refuses_what_a_table_does() {
    let events = EventSlices {
        customer_id: IdSlice::Int(&[7]),
        time: &[at("2024-01-03")],
        kind: &["visit"],
        value: Some(&[1.0]),
        ..EventSlices::default()
    };
    let log = orders().events([events.to_batch().unwrap()]).build().unwrap();
    let mut customer = winback::log::CustomerHistory::new(log.columns(), log.purchase_rules());
    let visit = NewEvent::at(at("2024-01-03").into(), " visit ");
    assert!(customer.push_event(NewEvent { kind: " ", ..visit }).is_err());
    assert!(customer.push_event(NewEvent { value: Some(f64::INFINITY), ..visit }).is_err());
    customer.push_event(NewEvent { known_at: Some(at("2024-02-03").into()), ..visit }).unwrap();
    customer.push_event(NewEvent { value: Some(2.0), ..visit }).unwrap();
    let seen = |cutoff| customer.history(at(cutoff)).events().unwrap().count();
    assert_eq!([seen("2024-01-03"), seen("2024-01-04"), seen("2024-02-04")], [0, 1, 2]);
    // A log without events takes none.
    let model = ChurnModel::builder().fit(&common::simulated_log(400), "2024-10-01").unwrap();
    let mut customer = model.customer_history();
    customer.push_event(visit).unwrap();
    assert!(customer.history(at("2024-02-01")).events().is_none());
}

/// Visits and letters of customer 7 on days of January 2024.
fn january(rows: &[(&str, &str, f64)]) -> EventLogBuilder {
    let times: Vec<Timestamp> = rows.iter().map(|(time, ..)| at(time)).collect();
    let kinds: Vec<&str> = rows.iter().map(|(_, kind, _)| *kind).collect();
    let values: Vec<f64> = rows.iter().map(|(.., value)| *value).collect();
    let events = EventSlices {
        customer_id: IdSlice::Int(&vec![7; rows.len()]),
        time: &times,
        kind: &kinds,
        value: Some(&values),
        ..EventSlices::default()
    };
    orders().events([events.to_batch().unwrap()])
}

#[test]
fn features_worked_by_hand() {
    const NAN: f64 = f64::NAN;
    // Customer 7 bought on January 5 and on March 1; the cutoff is the end of March 10.
    let log = january(&[
        ("2024-01-01T12:00", "visit", 2.0),
        ("2024-01-04T12:00", "visit", 4.0),
        ("2024-01-04T13:00", "cart", NAN),
        ("2024-01-10", "letter", NAN),
        ("2024-01-16T23:59", "opened", NAN),
        ("2024-02-10", "letter", NAN),
        ("2024-02-25", "letter", NAN),
        ("2024-02-28T12:00", "visit", 1.0),
        ("2024-03-05T12:00", "visit", 6.0),
        ("2024-03-05T12:00", "cart", NAN),
        ("2024-03-06", "cart", NAN),
        ("2024-03-06T01:00", "abandoned", NAN),
        ("2024-03-07", "letter", NAN),
    ])
    .contacts(["letter"])
    .event_role(EventRole::Visit, ["visit"])
    .event_role(EventRole::Cart, ["cart"])
    .event_role(EventRole::Abandoned, ["abandoned"])
    .event_role(EventRole::Opened, ["opened"])
    .build()
    .unwrap();
    let table = log.at("2024-03-11").unwrap().features().unwrap();
    let table = table.with_kinds(&log, &["visit".into(), "letter".into()]).unwrap();
    // Three old letters, of January 10, February 10 and 25: one purchase in the 21 days after them,
    // none in the other 36 up to the young one of March 7. Five of nine events were at noon.
    let hours = 5.0 / 9.0 * (9f64 / 5.0).ln() + 4.0 / 9.0 * 9f64.ln();
    for (name, expected) in [
        ("days_since_last_event", 4.0 + 23.0 / 24.0),
        ("event_count_30d", 5.0),
        ("event_count_90d", 9.0),
        ("active_days_30d", 3.0),
        ("active_days_90d", 6.0),
        ("active_day_share", 6.0 / 70.0),
        ("mean_event_gap_days", 65.0 / 5.0),
        ("event_overdue_ratio", (4.0 + 23.0 / 24.0) / ((65.0 + 30.0) / 6.0)),
        ("longest_event_pause_days", 42.0 + 12.0 / 24.0 + 1.0 / 1440.0),
        ("event_trend", 6f64.ln() - 2f64.ln()),
        ("event_hour_entropy", hours),
        ("events_since_purchase", 4.0),
        ("visits_per_purchase", 4.0 / 2.0),
        ("visits_since_purchase", 1.0),
        ("days_visit_to_purchase", (3.5 + 1.5) / 2.0),
        ("open_carts", 2.0),
        ("abandoned_since_purchase", 1.0),
        ("contact_count_30d", 3.0),
        ("contact_count_90d", 4.0),
        ("days_since_last_contact", 4.0),
        ("contact_answered_share", 1.0 / 3.0),
        ("contact_purchase_share", 1.0 / 3.0),
        ("contact_purchase_difference", 7.0 / 21.0),
        ("event_visit_count_7d", 1.0),
        ("event_visit_count_90d", 4.0),
        ("event_visit_active_days_90d", 4.0),
        ("event_visit_days_since_last", 5.5),
        ("event_visit_trend", 3f64.ln() - 1f64.ln()),
        ("event_visit_mean_value", 13.0 / 4.0),
        ("event_visit_last_value", 6.0),
        ("event_letter_count_365d", 4.0),
        ("event_letter_mean_value", NAN),
        ("event_other_count_30d", 3.0),
    ] {
        let found = table.numbers(name).unwrap()[1];
        let same = found.is_nan() && expected.is_nan() || (found - expected).abs() < 1e-12;
        assert!(same, "{name}: {found}, expected {expected}");
    }
    // Customer 3 has done nothing.
    for (name, expected) in [("event_count_30d", 0.0), ("days_since_last_event", NAN)] {
        assert_eq!(table.numbers(name).unwrap()[0].to_bits(), expected.to_bits(), "{name}");
    }
}

#[test]
fn kinds_and_roles_that_cannot_be_are_refused() {
    let log = january(&[("2024-01-01", "visit", 1.0)]).contacts(["latter"]).build().unwrap();
    let told = "events: no event is of the kind latter, which has a role";
    assert!(log.notes().contains(&told.to_owned()), "{:?}", log.notes());
    let table = log.at("2024-03-11").unwrap().features().unwrap();
    for kinds in [vec!["other"], vec!["a", "a"], vec![" "]] {
        let kinds: Vec<String> = kinds.into_iter().map(str::to_owned).collect();
        let error = table.clone().with_kinds(&log, &kinds).unwrap_err().to_string();
        assert!(error.starts_with("kinds: expected kinds of events, each once"), "{error}");
    }
    let plain = orders().build().unwrap();
    let table = plain.at("2024-03-11").unwrap().features().unwrap();
    let error = table.with_kinds(&plain, &["visit".into()]).unwrap_err().to_string();
    assert!(error.starts_with("kinds: expected none, for the log has no events"), "{error}");
    let error = orders().contacts(["letter"]).build().unwrap_err().to_string();
    assert_eq!(error, "roles: expected none without a table of events, got \"letter\"");
    assert!("buyer".parse::<EventRole>().is_err());
}

#[test]
fn a_model_keeps_its_kinds_and_roles() {
    let shop = common::simulated_with_events(400);
    let log = common::log_of(&shop);
    let fit = |kinds| ChurnModel::builder().most_kinds(kinds).fit(&log, "2024-10-01").unwrap();
    let model = fit(2);
    assert_eq!(model.kinds(), ["email_sent", "visit"]);
    let model = ChurnModel::from_bytes(&model.to_bytes().unwrap()).unwrap();
    let now = log.at("2025-01-01").unwrap();
    let features = model.features(&now).unwrap();
    let names: Vec<&str> = features.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, model.columns());
    assert!(names.contains(&"event_other_trend"));
    assert!(!fit(0).columns().contains(&"event_other_trend".to_owned()));
    // A kind that training did not see counts as other, and is told.
    let later = EventSlices {
        customer_id: IdSlice::Int(&[1, 1]),
        time: &[at("2024-12-30"), at("2024-12-31")],
        kind: &["webinar", "visit"],
        value: Some(&[1.0, 2.0]),
        channel: Some(&[None, Some("app")]),
        ..EventSlices::default()
    };
    let more = EventLog::builder().events([later.to_batch().unwrap()]);
    let more = more.observed_until("2025-01-01").unwrap().append_to(&log).unwrap();
    let count = |log: &EventLog, name| {
        let features = model.features(&log.at("2025-01-01").unwrap()).unwrap();
        features.numbers(name).unwrap()[0]
    };
    for name in ["event_other_count_7d", "event_visit_count_7d"] {
        assert_eq!(count(&more, name), count(&log, name) + 1.0, "{name}");
    }
    let scores = model.score(&more.at("2025-01-01").unwrap()).unwrap();
    let told = "events of kinds that were new or rare in training count as other: webinar";
    let candidates =
        model.candidates(&more.at("2025-01-01").unwrap(), &CandidateOptions::default()).unwrap();
    for text in [scores.to_string(), candidates.to_string()] {
        assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(told), "{text}");
    }
    assert_eq!(candidates.report().unseen_kinds, ["webinar"]);
    assert!(!model.score(&now).unwrap().to_string().contains("count as other"));
    // A kind that fewer than five customers had is not kept, and told as one of the rare ones.
    let rare = EventSlices {
        customer_id: IdSlice::Int(&[1, 1, 2]),
        time: &[at("2024-02-01"), at("2024-02-02"), at("2024-02-03")],
        kind: &["call to Anna"; 3],
        value: Some(&[1.0; 3]),
        channel: Some(&[None; 3]),
        ..EventSlices::default()
    };
    let rare = EventLog::builder().events([rare.to_batch().unwrap()]);
    let with_rare = rare.observed_until("2025-01-01").unwrap().append_to(&log).unwrap();
    let kept = |min_level| {
        let builder = ChurnModel::builder().most_kinds(200).min_level(min_level);
        let model = builder.fit(&with_rare, "2024-10-01").unwrap();
        assert!(!model.kinds().is_empty());
        String::from_utf8_lossy(&model.to_bytes().unwrap()).contains("Anna")
    };
    assert!(!kept(5) && kept(2));
    // Other roles make other features.
    let other = EventLog::builder()
        .transactions([shop.transactions.clone()])
        .tickets([shop.tickets.clone()])
        .surveys([shop.surveys.clone()])
        .events(shop.events.clone())
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap();
    let error = model.score(&other.at("2025-01-01").unwrap()).unwrap_err().to_string();
    assert!(common::says(&error, "as in training, got no roles"), "{error}");
    let customer = model.customer_history().with_event_roles(EventRoles::default());
    let error = model.score_customer(&customer, "2025-01-01").unwrap_err().to_string();
    assert!(common::says(&error, "as in training, got no roles"), "{error}");
}

#[test]
fn a_number_that_is_none_of_a_log_has_no_text() {
    let log = common::simulated_log(400);
    assert_eq!(log.columns().events, None);
    assert_eq!((log.event_kind(0), log.event_channel(0)), (None, None));
}
