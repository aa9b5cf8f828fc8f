//! A snapshot computes each thing once, and the same as anyone who computes it directly.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use winback::features::{ColumnValues, FeatureTable, catalogue, of_history};
use winback::labels::LifecycleLimits;
use winback::log::CustomerIndex;
use winback::time::{IntoTimestamp, Span, Timestamp};
use winback::{ChurnModel, Error, EventLog};

use crate::common;
use crate::exact_edges::plain_trees;

const AT: &str = "2024-10-01";

/// Names, and values to the bit, of all columns of numbers.
fn bits(table: &FeatureTable) -> Vec<(String, Vec<u64>)> {
    let columns = table.columns().iter().filter_map(|column| match &column.values {
        ColumnValues::Numbers(values) => {
            Some((column.name.clone(), values.values().iter().map(|v| v.to_bits()).collect()))
        }
        ColumnValues::Texts { .. } => None,
    });
    columns.collect()
}

/// All features of every customer with a purchase, one customer after the other.
fn directly(log: &EventLog, at: Timestamp) -> (Vec<CustomerIndex>, Vec<(String, Vec<u64>)>) {
    let mut customers = Vec::new();
    let mut columns: Vec<(String, Vec<u64>)> = catalogue()
        .filter(|feature| feature.available(&log.columns()))
        .map(|feature| (feature.name.to_owned(), Vec::new()))
        .collect();
    for customer in log.customers().indices() {
        let history = log.history(customer, at);
        if history.last_purchase().is_none() {
            continue;
        }
        customers.push(customer);
        for (column, (_, value)) in columns.iter_mut().zip(of_history(&history)) {
            column.1.push(value.to_bits());
        }
    }
    (customers, columns)
}

#[test]
fn columns_are_the_same_however_they_are_asked_for() {
    let log = common::simulated_log(300);
    let at: Timestamp = AT.parse().unwrap();
    let (customers, expected) = directly(&log, at);
    let names: Vec<&str> = expected.iter().map(|(name, _)| name.as_str()).collect();

    let at_once = log.at(at).unwrap();
    assert_eq!(bits(&at_once.features().unwrap()), expected);
    assert_eq!(at_once.customers(), customers);
    assert_eq!(at_once.features().unwrap().customers(), customers);

    let one_by_one = log.at(at).unwrap();
    for (name, column) in expected.iter().rev() {
        let table = one_by_one.some_features(&[name], &[]).unwrap();
        assert_eq!(bits(&table), [(name.clone(), column.clone())]);
    }
    // What is there stays there: the same memory, not only the same numbers.
    let table = one_by_one.features().unwrap();
    assert_eq!(bits(&table), expected);
    let place = |table: &FeatureTable, name: &str| table.numbers(name).unwrap().as_ptr();
    for name in &names {
        let again = one_by_one.clone().some_features(&[name], &[]).unwrap();
        assert_eq!(place(&again, name), place(&table, name), "{name}");
    }
    let attributes: Vec<String> = log.attribute_names().map(str::to_owned).collect();
    let table = at_once.features_with(&attributes).unwrap();
    let direct = FeatureTable::extract(&log, [at], &attributes).unwrap();
    assert_eq!(table.to_batch(&log).unwrap().schema(), direct.to_batch(&log).unwrap().schema());
    assert_eq!(bits(&table), bits(&direct));
}

#[test]
fn threads_share_what_is_computed() {
    let log = common::simulated_log(300);
    let at: Timestamp = AT.parse().unwrap();
    let (_, expected) = directly(&log, at);
    let snapshot = log.at(at).unwrap();
    let found: Vec<(FeatureTable, _)> = std::thread::scope(|scope| {
        let ask = |i: usize| {
            let (snapshot, expected) = (snapshot.clone(), &expected);
            scope.spawn(move || {
                for (name, column) in expected.iter().cycle().skip(i * 5).take(expected.len()) {
                    let table = snapshot.some_features(&[name], &[]).unwrap();
                    assert_eq!(bits(&table)[0].1, *column, "{name}");
                }
                let states = snapshot.states(LifecycleLimits::default()).unwrap();
                (snapshot.features().unwrap(), states)
            })
        };
        let threads: Vec<_> = (0..4).map(ask).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (table, states) in &found {
        assert_eq!(bits(table), expected);
        assert_eq!(states, &found[0].1);
        for (name, _) in &expected {
            let place = |table: &FeatureTable| table.numbers(name).unwrap().as_ptr();
            assert_eq!(place(table), place(&found[0].0), "{name}");
        }
    }
    // Workers of a pool of one thread, which must not wait for themselves.
    common::on_threads(1, || {
        use rayon::prelude::*;
        let snapshot = log.at(at).unwrap();
        (0..8)
            .into_par_iter()
            .for_each(|_| assert_eq!(bits(&snapshot.features().unwrap()), expected));
    });
}

#[test]
fn a_snapshot_serves_one_customer_as_it_serves_all() {
    let log = common::simulated_log(300);
    let model = plain_trees().fit(&log, "2024-07-01").unwrap();
    let options = |customers| winback::churn::ExplainOptions::default().customers(customers);
    let cold = log.at(AT).unwrap();
    let warm = log.at(AT).unwrap();
    warm.features().unwrap();
    let some = || Some([250, 3, 17, 42].map(CustomerIndex::from).to_vec());
    let [cold, warm] = [cold, warm].map(|s| model.explain(&s, &options(some())).unwrap());
    assert_eq!(cold.customers(), warm.customers());
    assert_eq!(cold.contributions(), warm.contributions());
    assert_eq!(cold.to_string(), warm.to_string());
}

#[test]
fn states_are_those_of_the_histories() {
    let log = common::simulated_log(400);
    let at: Timestamp = AT.parse().unwrap();
    let snapshot = log.at(at).unwrap();
    for (lapsed, lost) in [("3mo", "6mo"), ("10d", "1y"), ("3mo", "6mo"), ("1y", "3y")] {
        let limits = LifecycleLimits::default()
            .lapsed_after(lapsed)
            .and_then(|limits| limits.lost_after(lost))
            .unwrap();
        let states = snapshot.states(limits).unwrap();
        assert_eq!(states.len(), snapshot.customers().len());
        for (&customer, &state) in snapshot.customers().iter().zip(states.iter()) {
            let last = log.history(customer, at).last_purchase().unwrap();
            assert_eq!(state, limits.at(at).unwrap().state(last));
        }
        assert!(Arc::ptr_eq(&states, &snapshot.clone().states(limits).unwrap()));
    }
    let wrong = LifecycleLimits::default().lapsed_after(Span::ZERO).unwrap();
    assert!(snapshot.states(wrong).is_err());
}

#[test]
fn a_cutoff_outside_the_log_is_refused_by_one_message() {
    let log = common::simulated_log(60);
    let early =
        format!("at: expected a time after the first transaction, {0}, got {0}", log.first_event());
    for (cutoff, message) in [
        (log.first_event().to_string(), early.as_str()),
        (
            "2025-01-01T00:00:01".to_owned(),
            "at: expected a time up to 2025-01-01, where the log ends (observed_until), got \
             2025-01-01T00:00:01",
        ),
        (
            "someday".to_owned(),
            "at: expected an ISO date or time such as 2011-09-01 or 2011-09-01T12:30:00, got \"someday\"",
        ),
    ] {
        let error = log.at(&cutoff).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
    assert!(log.at(log.observed_until()).is_ok());
}

#[test]
fn what_is_interrupted_is_computed_anew() {
    let log = common::simulated_log(300);
    let (_, expected) = directly(&log, AT.parse().unwrap());
    let model = ChurnModel::builder().fit(&log, "2024-07-01").unwrap();
    let snapshot = log.at(AT).unwrap();
    let impatient = snapshot.on_progress(|step| step.what != "computing features");
    assert!(matches!(model.score(&impatient), Err(Error::Interrupted)));
    assert!(matches!(model.score(&impatient), Err(Error::Interrupted)));
    assert!(matches!(impatient.features(), Err(Error::Interrupted)));
    assert_eq!(bits(&snapshot.features().unwrap()), expected);
    // Now there is nothing left to interrupt.
    let scores = model.score(&impatient).unwrap();
    assert_eq!(scores.rows(), model.score(&log.at(AT).unwrap()).unwrap().rows());
}

#[test]
fn a_report_computes_the_features_once() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let log = common::simulated_log(400);
    let model = ChurnModel::builder().fit(&log, AT).unwrap();
    let begun = Arc::new(AtomicUsize::new(0));
    let count = begun.clone();
    let now = log.at(AT).unwrap().on_progress(move |step| {
        if step.what == "computing features" && step.done == step.of {
            count.fetch_add(1, Ordering::Relaxed);
        }
        true
    });
    let options = winback::report::ReportOptions::default().tests(0);
    model.report(&now, &options).unwrap();
    assert_eq!(begun.load(Ordering::Relaxed), 1);
}

#[test]
fn whatever_stands_for_an_instant_is_the_same_instant() {
    let at: Timestamp = "2024-10-01T02:30:00.000001".parse().unwrap();
    let text = at.to_string();
    let clock = SystemTime::UNIX_EPOCH + Duration::from_micros(at.micros() as u64);
    let all = [
        at.into_timestamp(),
        (&at).into_timestamp(),
        text.as_str().into_timestamp(),
        (&text).into_timestamp(),
        text.into_timestamp(),
        (&clock).into_timestamp(),
        clock.into_timestamp(),
        // A clock is finer than an instant.
        (clock + Duration::from_nanos(999)).into_timestamp(),
    ];
    for found in all {
        assert_eq!(found.unwrap(), at);
    }
    let before = SystemTime::UNIX_EPOCH - Duration::from_nanos(1);
    assert_eq!(before.into_timestamp().unwrap(), Timestamp::from_micros(-1).unwrap());
    let far = SystemTime::UNIX_EPOCH + Duration::from_secs(300 * 366 * 86_400);
    assert!(far.into_timestamp().is_err() && "soon".into_timestamp().is_err());
}

proptest! {
    #[test]
    fn prop_instants_are_text_where_people_read(micros in Timestamp::MIN.micros()..=Timestamp::MAX.micros()) {
        let at = Timestamp::from_micros(micros).unwrap();
        let json = serde_json::to_string(&at).unwrap();
        prop_assert_eq!(&json, &format!("\"{at}\""));
        prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), at);
    }
}

#[test]
fn what_is_no_instant_is_refused_in_json() {
    for json in ["0", "\"yesterday\"", "null", "\"2300-01-01\""] {
        assert!(serde_json::from_str::<Timestamp>(json).is_err(), "{json}");
    }
}
