//! All features of a made log of corner cases, beside those of slow twins in Python, which know nothing of
//! this crate (`tests/python/test_feature_values.py`).

use std::path::{Path, PathBuf};

use winback::features::FeatureTable;
use winback::log::EventRole;
use winback::{EventLog, Timestamp};

/// The kinds of events that have columns of their own.
const KINDS: [&str; 3] = ["visit", "letter", "review"];

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/data/features").join(name)
}

fn log() -> EventLog {
    let kinds = [
        (EventRole::Visit, "visit"),
        (EventRole::Cart, "cart"),
        (EventRole::Abandoned, "abandoned"),
        (EventRole::Opened, "opened"),
    ];
    let builder = EventLog::builder()
        .transactions_path(place("transactions.csv"))
        .and_then(|builder| builder.tickets_path(place("tickets.csv")))
        .and_then(|builder| builder.surveys_path(place("surveys.csv")))
        .and_then(|builder| builder.events_path(place("events.csv")))
        .and_then(|builder| builder.observed_until("2024-06-01"))
        .unwrap();
    let builder =
        kinds.iter().fold(builder, |builder, (role, kind)| builder.event_role(*role, [*kind]));
    builder.contacts(["letter"]).build().unwrap()
}

#[test]
fn features_of_corner_cases_are_those_of_the_slow_twins() {
    let log = log();
    let mut compared = 0;
    for (at, file) in [
        ("2023-09-15T13:45:30", "expected_0.csv"),
        ("2024-02-29T00:00:00.000001", "expected_1.csv"),
        ("2024-01-01T00:00:00", "expected_2.csv"),
    ] {
        let at: Timestamp = at.parse().unwrap();
        let found = FeatureTable::extract(&log, [at], &[]).unwrap();
        let found = found.with_kinds(&log, &KINDS.map(str::to_owned)).unwrap();
        let expected = std::fs::read_to_string(place(file)).unwrap();
        let mut lines = expected.lines().map(|line| line.split(',').collect::<Vec<&str>>());
        let names = lines.next().unwrap();
        let mut told = 0;
        for (row, line) in lines.enumerate() {
            let id = log.customers().get(found.customers()[row]).to_string();
            assert_eq!(id, line[0]);
            for (name, text) in names.iter().zip(&line).skip(1) {
                let (ours, theirs) =
                    (found.numbers(name).unwrap()[row], text.parse::<f64>().unwrap());
                let same = ours.is_nan() && theirs.is_nan();
                let close = (ours - theirs).abs() <= 1e-9 * (1.0 + theirs.abs());
                assert!(same || close, "{name} of {id} at {at}: {ours}, not {theirs}");
                compared += 1;
            }
            told += 1;
        }
        assert_eq!(found.len(), told);
        assert_eq!(found.columns().len() + 1, names.len());
    }
    assert!(compared > 5_000, "{compared}");
}
