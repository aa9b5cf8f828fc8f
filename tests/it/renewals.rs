//! Renewals of contracts, beside a slow twin that walks through the rows of each customer.

use std::collections::BTreeMap;

use proptest::prelude::*;
use winback::Error;
use winback::answer::Answer;
use winback::log::{EventLog, IdSlice, TransactionSlices};
use winback::time::{Moment, Span, Timestamp};
use winback::timing::{RenewalOptions, Renewals, ShiftedBetaGeometric};

const DAY: i64 = 86_400_000_000;

/// Customer, day bought, amount, end in days; none: no end.
type Row = (i64, i64, f64, Option<i64>);

fn log_of(rows: &[Row], observed: i64) -> EventLog {
    let at = |day: i64| Timestamp::from_micros(day * DAY).unwrap();
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let time: Vec<Timestamp> = rows.iter().map(|row| at(row.1)).collect();
    let amount: Vec<f64> = rows.iter().map(|row| row.2).collect();
    let end: Vec<Option<Timestamp>> = rows.iter().map(|row| row.3.map(at)).collect();
    let columns = TransactionSlices {
        customer_id: IdSlice::Int(&ids),
        time: &time,
        amount: Some(&amount),
        valid_until: Some(&end),
        ..TransactionSlices::default()
    };
    let log = EventLog::builder().transactions([columns.to_batch().unwrap()]);
    log.observed_until(at(observed)).unwrap().build().unwrap()
}

/// Due, renewed and open by age.
fn counts(found: &Renewals) -> Vec<(u64, u64, u64)> {
    found.groups[0].ages.iter().map(|age| (age.due, age.renewed, age.open)).collect()
}

fn grace(days: u32) -> RenewalOptions {
    RenewalOptions::default().grace(Span::days(days))
}

#[test]
fn periods_are_renewed_end_or_are_open() {
    // Of a year each; 1 renews twice, once early and once late, and is open; 2 ends; 3 comes back
    // after a pause; 4 has just begun; 5 has no end.
    let rows = [
        (1, 0, 9.0, Some(365)),
        (1, 300, 9.0, Some(730)),
        (1, 735, 9.0, Some(1095)),
        (2, 10, 9.0, Some(375)),
        (3, 20, 9.0, Some(385)),
        (3, 500, 9.0, Some(865)),
        (4, 900, 9.0, Some(1265)),
        (5, 30, 9.0, None),
        // Something beside the contract.
        (1, 400, 1.0, Some(500)),
    ];
    let found = Renewals::new(&log_of(&rows, 1000), &grace(7)).unwrap();
    assert_eq!(counts(&found), [(4, 1, 2), (1, 1, 0), (0, 0, 1)]);
    assert_eq!(found.groups[0].contracts, 6);
    // Without a grace, the late renewal begins a new contract.
    let found = Renewals::new(&log_of(&rows, 1000), &grace(0)).unwrap();
    assert_eq!(counts(&found), [(4, 1, 3), (1, 0, 0)]);
    assert!(found.notes().iter().any(|note| note.starts_with("2 contracts of customers who had")));
}

#[test]
fn what_becomes_of_a_period_counts_when_its_grace_is_over() {
    let rows = [(1, 0, 9.0, Some(100)), (1, 50, 9.0, Some(200)), (2, 0, 9.0, Some(100))];
    for (observed, expected) in [
        // The renewal is known early, the end is not yet: neither counts.
        (105, vec![(0, 0, 2)]),
        (107, vec![(0, 0, 2)]),
        (108, vec![(2, 1, 0), (0, 0, 1)]),
    ] {
        let found = Renewals::new(&log_of(&rows, observed), &grace(7)).unwrap();
        assert_eq!(counts(&found), expected, "{observed}");
        // Only what was known before `until` counts.
        let until: Moment = Timestamp::from_micros(observed * DAY).unwrap().into();
        let before = grace(7).until(Some(until));
        assert_eq!(counts(&Renewals::new(&log_of(&rows, 900), &before).unwrap()), expected);
    }
}

#[test]
fn a_return_ends_a_contract_early() {
    let rows = [
        (1, 0, 9.0, Some(365)),
        (1, 100, -5.0, Some(110)), // ends on day 110
        (2, 0, 9.0, Some(365)),
        (2, 100, -5.0, None), // money back, no word on the end
    ];
    let found = Renewals::new(&log_of(&rows, 200), &grace(7)).unwrap();
    assert_eq!(counts(&found), [(1, 0, 1)]);
}

#[test]
fn models_are_those_of_the_counts_and_say_why_there_is_none() {
    // 40 of 100 leave at the first end, 10 of 60 at the second.
    let mut rows = Vec::new();
    for customer in 0..100 {
        let periods = if customer < 40 {
            1
        } else if customer < 50 {
            2
        } else {
            3
        };
        rows.extend((0..periods).map(|p| (customer, p * 30, 9.0, Some(p * 30 + 30))));
    }
    let found = Renewals::new(&log_of(&rows, 80), &grace(7)).unwrap();
    assert_eq!(counts(&found), [(100, 60, 0), (60, 50, 0), (0, 0, 50)]);
    let model = ShiftedBetaGeometric::fit_renewals(&[100.0, 60.0], &[60.0, 50.0]).unwrap();
    assert_eq!(found.groups[0].model, Some(model));
    let table = found.table("ages").unwrap();
    assert_eq!(table.num_rows(), 3);
    assert!((found.groups[0].ages[1].survival.unwrap() - 0.5).abs() < 1e-12);
    assert_eq!(found.table("models").unwrap().num_rows(), 1);
    let early: Moment = Timestamp::from_micros(20 * DAY).unwrap().into();
    let young = Renewals::new(&log_of(&rows, 80), &grace(7).until(Some(early))).unwrap();
    assert_eq!(young.groups[0].remark.as_deref(), Some("no contract is over yet"));
    assert!(young.notes[0].ends_with("no model: no contract is over yet"), "{young}");
}

#[test]
fn what_cannot_be_counted_is_refused() {
    let log = log_of(&[(1, 0, 9.0, Some(100))], 200);
    let at = |day: i64| Some(Timestamp::from_micros(day * DAY).unwrap().into());
    let options = RenewalOptions::default;
    for (options, name) in [
        (options().until(at(300)), "until"),
        (options().start(at(50)).end(at(50)), "end"),
        (options().group_by(Some("plan".parse().unwrap())), "group_by"),
    ] {
        let error = Renewals::new(&log, &options).unwrap_err();
        assert!(matches!(error, Error::Argument { name: own, .. } if own == name), "{error}");
    }
    let error = Renewals::new(&log, &options().start(at(50))).unwrap_err();
    assert!(matches!(error, Error::TooLittleData(_)), "{error}");
    // An end that is not after the beginning is none.
    let void = Renewals::new(&log_of(&[(1, 9, 9.0, Some(9))], 200), &options()).unwrap_err();
    assert!(matches!(void, Error::TooLittleData(_)), "{void}");
}

/// Walks day by day through what each customer bought, returns left out.
fn slow_twin(rows: &[Row], observed: i64, grace: i64) -> BTreeMap<usize, (u64, u64, u64)> {
    let mut by_age: BTreeMap<usize, (u64, u64, u64)> = BTreeMap::new();
    for customer in 0..5 {
        let mut days: BTreeMap<i64, i64> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.0 == customer && row.1 < observed) {
            let end = row.3.unwrap();
            let latest = days.entry(row.1).or_insert(end);
            *latest = end.max(*latest);
        }
        let mut left: Vec<(i64, i64)> = days.into_iter().collect();
        let (mut age, mut end) = (1, None);
        while !left.is_empty() || end.is_some() {
            let Some(until) = end else {
                (age, end) = (1, Some(left.remove(0).1));
                continue;
            };
            let next = left.iter().position(|(_, other)| *other > until);
            left.drain(..next.unwrap_or(left.len()));
            let counts = by_age.entry(age).or_default();
            if until + grace >= observed {
                counts.2 += 1;
                break;
            }
            counts.0 += 1;
            end = None;
            if left.first().is_some_and(|(start, _)| *start <= until + grace) {
                counts.1 += 1;
                (age, end) = (age + 1, Some(left.remove(0).1));
            }
        }
    }
    by_age
}

proptest! {
    #[test]
    fn prop_counts_are_those_of_the_slow_twin(
        rows in prop::collection::vec((0..5i64, 0..300i64, 1..90i64), 1..60),
        grace_days in 0..20u32,
        observed in 301..420i64,
    ) {
        let rows: Vec<Row> =
            rows.into_iter().map(|(id, day, days)| (id, day, 9.0, Some(day + days))).collect();
        let found = Renewals::new(&log_of(&rows, observed), &grace(grace_days)).unwrap();
        let expected = slow_twin(&rows, observed, grace_days.into());
        prop_assert_eq!(counts(&found), expected.into_values().collect::<Vec<_>>());
        // The order of the rows does not matter.
        let turned: Vec<Row> = rows.iter().rev().copied().collect();
        prop_assert_eq!(Renewals::new(&log_of(&turned, observed), &grace(grace_days)).unwrap(), found);
    }
}
