//! What is known at the very instant of a cutoff, and a microsecond later. Expected values are worked
//! out by hand.

use std::path::PathBuf;

use winback::labels::LifecycleLimits;
use winback::log::{History, PurchaseBy};
use winback::panel::{Panel, PanelOptions, training_cutoffs, training_cutoffs_of};
use winback::periods::PeriodOptions;
use winback::time::{Span, Timestamp, Window};
use winback::{Error, EventLog};

use crate::exact_edges::{at, feature, log};

/// The instant, and the first one after it.
fn around(time: &str) -> [Timestamp; 2] {
    [at(time), Timestamp::from_micros(at(time).micros() + 1).unwrap()]
}

/// Another table of the log, as a CSV file.
fn table(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("{name}.csv"));
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

/// What the history of the only customer tells at an instant and just after it.
fn told<T>(log: &EventLog, time: &str, tell: impl Fn(&History<'_>) -> T) -> [T; 2] {
    around(time).map(|cutoff| tell(&log.history(0.into(), cutoff)))
}

#[test]
fn a_row_is_known_after_its_instant_and_that_of_its_becoming_known() {
    let rows = "customer_id,time,amount,known_at\n\
                1,2024-01-01,5,\n\
                1,2024-01-02,7,2024-02-01\n\
                1,2024-03-01,9,\n";
    let log = log(rows, |builder| builder);
    for (time, counts) in [
        ("2024-01-01", [0, 1]),
        ("2024-01-02", [1, 1]),
        ("2024-02-01", [1, 2]),
        ("2024-03-01", [2, 3]),
    ] {
        assert_eq!(told(&log, time, |history| history.purchases().len()), counts, "{time}");
        assert_eq!(told(&log, time, |history| history.lines().count()), counts, "{time}");
    }
    assert_eq!(told(&log, "2024-02-01", |history| history.has_amounts()), [true; 2]);
    let without = self::log("customer_id,time\n1,2024-01-01\n", |builder| builder);
    assert_eq!(told(&without, "2024-02-01", |history| history.has_amounts()), [false; 2]);
    assert_eq!(feature(&log, "2024-02-01", "total_spend"), [5.0]);
    assert_eq!(feature(&log, "2024-02-01T00:00:00.000001", "total_spend"), [12.0]);
}

#[test]
fn what_is_found_at_one_cutoff_serves_no_other_where_rows_became_known_between() {
    let rows = "customer_id,time,amount,known_at\n\
                1,2024-01-01,5,\n\
                1,2024-01-02,7,2024-02-01\n\
                1,2024-01-03,9,2024-03-01\n\
                1,2024-01-04,1,2024-04-01\n";
    let log = log(rows, |builder| builder);
    let cutoffs = ["2024-01-20", "2024-02-20", "2024-03-20", "2024-04-20"];
    let spent = ["total_spend"];
    let table = winback::features::FeatureTable::extract_some(&log, cutoffs, &spent, &[]).unwrap();
    assert_eq!(table.numbers("total_spend").unwrap(), [5.0, 12.0, 21.0, 22.0]);
}

#[test]
fn each_time_of_a_ticket_is_known_after_its_instant() {
    let (_folder, path) = table(
        "tickets",
        "customer_id,opened_at,first_response_at,resolved_at,topic,reopened_count,satisfaction,known_at\n\
         1,2024-01-10,2024-01-11,2024-01-12,price,2,3,\n\
         1,2024-02-01,,,,,,2024-03-01\n\
         1,2024-02-02,,2024-03-02,,,,2024-02-20\n",
    );
    let log = log("customer_id,time\n1,2024-01-01\n", |b| b.tickets_path(&path).unwrap());
    let tickets = |history: &History<'_>| history.tickets().unwrap().collect::<Vec<_>>();
    for (time, counts) in [
        ("2024-01-10", [0, 1]),
        ("2024-02-01", [1, 1]),
        ("2024-02-02", [1, 1]),
        ("2024-02-20", [1, 2]),
        ("2024-03-01", [2, 3]),
    ] {
        assert_eq!(told(&log, time, |history| tickets(history).len()), counts, "{time}");
    }
    let first = |time: &str| told(&log, time, |history| tickets(history)[0]);
    let answered = first("2024-01-11").map(|ticket| ticket.first_response_at);
    assert_eq!(answered, [None, Some(at("2024-01-11").micros())]);
    let resolved = first("2024-01-12").map(|ticket| ticket.resolved_at);
    assert_eq!(resolved, [None, Some(at("2024-01-12").micros())]);
    let said = first("2024-01-12").map(|ticket| (ticket.reopened_count, ticket.satisfaction));
    assert_eq!(said, [(None, None), (Some(2.0), Some(3.0))]);
    assert_eq!(first("2024-01-12").map(|ticket| ticket.topic), [Some(0); 2]);
    // What was not told is not there, whenever it is asked for.
    let last = |time: &str| told(&log, time, |history| tickets(history).pop().unwrap())[1];
    let second = told(&log, "2024-03-01", |history| tickets(history)[1])[1];
    assert_eq!((second.resolved_at, second.topic, second.satisfaction), (None, None, None));
    let third = last("2024-03-02");
    assert_eq!(third.resolved_at, Some(at("2024-03-02").micros()));
    assert_eq!((third.first_response_at, third.satisfaction), (None, None));
}

#[test]
fn answers_are_known_after_their_instant() {
    let (_folder, path) = table(
        "surveys",
        "customer_id,time,score,topic,known_at\n\
         1,2024-01-10,9,price,\n1,2024-01-20,3,,2024-02-01\n1,2024-03-01,7,,2024-02-10\n",
    );
    let log = log("customer_id,time\n1,2024-01-01\n", |b| b.surveys_path(&path).unwrap());
    let scores = |history: &History<'_>| {
        history.answers().unwrap().map(|answer| (answer.score, answer.topic)).collect::<Vec<_>>()
    };
    let [first, second, third] = [(9.0, Some(0)), (3.0, None), (7.0, None)];
    for (time, expected) in [
        ("2024-01-10", [vec![], vec![first]]),
        ("2024-01-20", [vec![first], vec![first]]),
        ("2024-02-01", [vec![first], vec![first, second]]),
        ("2024-03-01", [vec![first, second], vec![first, second, third]]),
    ] {
        assert_eq!(told(&log, time, scores), expected, "{time}");
    }
}

#[test]
fn events_are_known_after_their_instant_to_histories_and_features() {
    let (_folder, path) = table(
        "events",
        "customer_id,time,kind,value,channel,known_at\n\
         1,2024-01-10,visit,2,web,\n1,2024-01-20,visit,,,2024-02-01\n1,2024-03-01,visit,,,2024-02-10\n",
    );
    let log = log("customer_id,time\n1,2024-01-01\n", |b| b.events_path(&path).unwrap());
    for (time, counts) in [
        ("2024-01-10", [0, 1]),
        ("2024-01-20", [1, 1]),
        ("2024-02-01", [1, 2]),
        ("2024-03-01", [2, 3]),
    ] {
        let count = |history: &History<'_>| history.events().unwrap().count();
        assert_eq!(told(&log, time, count), counts, "{time}");
        let counted = around(time)
            .map(|cutoff| feature(&log, &cutoff.to_string(), "events_since_purchase")[0] as usize);
        assert_eq!(counted, counts, "{time}");
    }
    let value = |history: &History<'_>| {
        let events = history.events().unwrap();
        events.map(|event| (event.value, event.channel.is_some())).collect::<Vec<_>>()
    };
    assert_eq!(told(&log, "2024-02-01", value)[1], [(Some(2.0), true), (None, false)]);
}

#[test]
fn an_outcome_holds_its_first_instant_and_what_is_known_before_the_end() {
    let rows = "customer_id,time,known_at\n\
                1,2024-01-01,\n1,2024-02-01,\n1,2024-02-10,2024-03-01\n1,2024-02-20,\n";
    let log = log(rows, |builder| builder);
    let bought = |start: Timestamp, end: Timestamp, known: Timestamp| {
        let outcome = log.outcome(0.into(), Window { start, end }, known).unwrap();
        assert_eq!(outcome.purchased(), !outcome.purchases().is_empty());
        outcome.purchases().iter().map(|p| p.time).collect::<Vec<_>>()
    };
    let [first, hidden, last] = ["2024-02-01", "2024-02-10", "2024-02-20"].map(|t| at(t).micros());
    let june = at("2024-06-01");
    let [exact, later] = around("2024-02-01");
    assert_eq!(bought(exact, june, june), [first, hidden, last]);
    assert_eq!(bought(later, june, june), [hidden, last]);
    let [exact, later] = around("2024-02-20");
    assert_eq!(bought(at("2024-01-15"), exact, june), [first, hidden]);
    assert_eq!(bought(at("2024-01-15"), later, june), [first, hidden, last]);
    let [exact, later] = around("2024-03-01");
    assert_eq!(bought(at("2024-01-15"), june, exact), [first, last]);
    assert_eq!(bought(at("2024-01-15"), june, later), [first, hidden, last]);
    assert!(bought(at("2024-01-02"), at("2024-02-01"), june).is_empty());
    assert!(bought(at("2024-03-02"), june, june).is_empty());
}

/// Rows by day: what comes before the cutoff on its day is a purchase of its own.
#[test]
fn a_cutoff_divides_a_day_only_between_two_rows_of_it() {
    let rows = "customer_id,time,amount\n1,2024-01-01T08:00,5\n1,2024-01-02T08:00,7\n1,2024-01-02T18:00,9\n";
    let log = log(rows, |builder| builder.purchase_by(PurchaseBy::Day));
    let checks = |cutoff: &str| {
        let history = log.history(0.into(), at(cutoff));
        history.purchases().iter().map(|purchase| purchase.check).collect::<Vec<f64>>()
    };
    assert_eq!(checks("2024-01-01T20:00"), [5.0]);
    assert_eq!(checks("2024-01-02T08:00"), [5.0]);
    assert_eq!(checks("2024-01-02T12:00"), [5.0, 7.0]);
    assert_eq!(checks("2024-01-02T18:00"), [5.0, 7.0]);
    assert_eq!(checks("2024-01-02T18:00:01"), [5.0, 16.0]);
}

#[test]
fn a_horizon_ends_before_its_last_instant_and_may_end_with_what_is_known() {
    let log = log("customer_id,time\n1,2024-01-01\n1,2024-01-31\n", |builder| builder);
    let options = |days: u32| PanelOptions::default().horizon(Span::days(days)).unwrap();
    let panel =
        |days, until| Panel::build(&log, [at("2024-01-11")], at(until), &options(days)).unwrap();
    // 20 days later is not within 20 days.
    assert_eq!(panel(20, "2024-06-01").purchased(), [Some(false)]);
    assert_eq!(panel(21, "2024-06-01").purchased(), [Some(true)]);
    let days = panel(20, "2024-06-01");
    assert_eq!(days.purchased_within(Span::days(20)).unwrap(), [Some(false)]);
    assert_eq!(days.purchased_within(Span::days(21)).unwrap(), [Some(true)]);
    // Known until the end, and until just before it.
    assert_eq!(panel(20, "2024-01-31").purchased(), [Some(false)]);
    assert_eq!(panel(20, "2024-01-30T23:59:59.999999").purchased(), [None]);
    assert_eq!(panel(20, "2024-01-31").split(at("2024-01-31")), (vec![0], vec![]));
    assert_eq!(panel(20, "2024-01-31").split(at("2024-01-30T23:59")), (vec![], vec![]));
    assert_eq!(panel(20, "2024-01-31").split(at("2024-01-11")), (vec![], vec![0]));
}

#[test]
fn training_cutoffs_lie_after_the_first_transaction() {
    let log = log("customer_id,time\n1,2024-01-01\n1,2024-02-01\n", |builder| builder);
    let of_log = |count, horizon| {
        training_cutoffs_of(&log, at("2024-04-01"), count, Span::months(1), Span::ZERO, horizon)
    };
    // January 1 is the instant of the first.
    assert_eq!(of_log(5, Span::months(1)).unwrap(), ["2024-02-01", "2024-03-01"].map(at));
    assert!(of_log(5, Span::months(3)).is_err());
    let cutoffs = |count: usize, stride: Span| {
        training_cutoffs(at("2024-04-01"), count, stride, Span::ZERO, Span::days(1))
    };
    assert_eq!(cutoffs(1, Span::ZERO).unwrap(), [at("2024-03-31")]);
    assert_eq!(cutoffs(10_000, Span::days(1)).unwrap().len(), 10_000);
    for (count, stride) in [(0, Span::days(1)), (10_001, Span::days(1)), (2, Span::ZERO)] {
        let refused = cutoffs(count, stride).unwrap_err();
        assert!(matches!(refused, Error::Argument { .. }), "{count} {stride}: {refused}");
    }
}

#[test]
fn periods_may_end_with_the_log_and_not_after_it() {
    let log = log("customer_id,time\n1,2024-01-01\n", |builder| builder);
    let ending = |end: Timestamp| PeriodOptions::default().end(end).unwrap().periods(&log);
    let [exact, later] = around("2024-06-01");
    assert!(ending(exact).is_ok());
    assert!(matches!(ending(later).unwrap_err(), Error::Argument { name: "end", .. }));
}

#[test]
fn each_limit_has_its_own_states() {
    let rows = "customer_id,time\n1,2024-01-01\n2,2024-03-01\n";
    let now = log(rows, |builder| builder).at("2024-06-01").unwrap();
    let names = |limits: LifecycleLimits| {
        now.states(limits).unwrap().iter().map(|state| state.name()).collect::<Vec<_>>()
    };
    let shorter = LifecycleLimits::default().lost_after("4mo").unwrap();
    assert_eq!(names(LifecycleLimits::default()), ["lapsed", "lapsed"]);
    assert_eq!(names(shorter), ["lost", "lapsed"]);
    assert_eq!(names(LifecycleLimits::default()), ["lapsed", "lapsed"]);
}
