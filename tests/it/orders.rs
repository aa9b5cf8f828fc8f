//! Which rows of an order are its check, at a cutoff that divides the order and after it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use winback::answer::output::write_table;
use winback::groups::GroupBy;
use winback::labels::Label;
use winback::log::{
    CustomerHistory, IdSlice, NewTransaction, PartitionOptions, Purchase, PurchaseBy,
    TransactionSlices,
};
use winback::retention::{Retention, RetentionOptions};
use winback::time::{Timestamp, Window};
use winback::{Error, EventLog};

const HOUR: i64 = 3_600_000_000;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A row: hours since the start, cents, order.
type Row = (i64, i64, i64);

fn hour(hours: i64) -> Timestamp {
    Timestamp::from_micros(at("2024-01-01").micros() + hours * HOUR).unwrap()
}

fn batch(rows: &[Row]) -> arrow_array::RecordBatch {
    let ids = vec![1; rows.len()];
    let times: Vec<Timestamp> = rows.iter().map(|row| hour(row.0)).collect();
    let amounts: Vec<f64> = rows.iter().map(|row| row.1 as f64 / 100.0).collect();
    let orders: Vec<i64> = rows.iter().map(|row| row.2).collect();
    let rows = TransactionSlices {
        customer_id: IdSlice::Int(&ids),
        time: &times,
        amount: Some(&amounts),
        order_id: Some(IdSlice::Int(&orders)),
        ..TransactionSlices::default()
    };
    rows.to_batch().unwrap()
}

fn log(rows: &[Row], by: PurchaseBy) -> EventLog {
    let builder = EventLog::builder().transactions([batch(rows)]).purchase_by(by);
    builder.observed_until(hour(1_000)).unwrap().build().unwrap()
}

/// Hours and cents of the purchases.
fn said(purchases: &[Purchase]) -> Vec<(i64, i64)> {
    let hours = |purchase: &Purchase| (purchase.time - hour(0).micros()) / HOUR;
    purchases.iter().map(|p| (hours(p), (p.check * 100.0).round() as i64)).collect()
}

#[test]
fn the_check_is_that_of_the_rows_within_24_hours_of_the_first() {
    for (rows, expected) in [
        // A voucher an hour before the goods.
        (&[(0, -500, 1), (1, 3_000, 1)][..], vec![(0, 2_500)]),
        (&[(0, 500, 1), (23, 200, 1), (24, 900, 1)], vec![(0, 700)]),
        // A refund on the next day leaves the check, one within 24 hours does not.
        (&[(0, 500, 1), (30, -500, 1)], vec![(0, 500)]),
        (&[(0, 500, 1), (2, -500, 1)], vec![]),
        (&[(0, -500, 1), (30, 900, 1)], vec![]),
        // By time, then by check; orders go on beside each other.
        (&[(5, 100, 2), (5, 300, 1), (6, 50, 2), (7, 10, 3)], vec![(5, 150), (5, 300), (7, 10)]),
    ] {
        let log = log(rows, PurchaseBy::Order);
        assert_eq!(said(log.history(0.into(), hour(1_000)).purchases()), expected, "{rows:?}");
        assert_eq!(log.report().purchases, expected.len() as u64);
    }
    let by_time = log(&[(0, -500, 1), (1, 3_000, 1)], PurchaseBy::Timestamp);
    assert_eq!(said(by_time.history(0.into(), hour(1_000)).purchases()), [(1, 3_000)]);
}

#[test]
fn a_cutoff_may_divide_an_order() {
    let rows = [(0, 100, 1), (10, 700, 2), (12, 300, 2), (20, -50, 2), (40, 900, 2), (50, 10, 3)];
    let log = log(&rows, PurchaseBy::Order);
    let known = |cutoff: i64| said(log.history(0.into(), hour(cutoff)).purchases());
    assert_eq!(known(10), [(0, 100)]);
    assert_eq!(known(11), [(0, 100), (10, 700)]);
    assert_eq!(known(13), [(0, 100), (10, 1_000)]);
    assert_eq!(known(45), [(0, 100), (10, 950)]);
    // The rows that follow are no purchase of their own.
    let window = |start: i64, end: i64| Window { start: hour(start), end: hour(end) };
    let later = |start: i64, end: i64| {
        said(log.outcome(0.into(), window(start, end), hour(1_000)).unwrap().purchases())
    };
    assert_eq!(later(11, 50), []);
    assert_eq!(later(11, 51), [(50, 10)]);
    assert_eq!(later(1, 13), [(10, 1_000)]);
    assert!(!log.outcome(0.into(), window(12, 45), hour(1_000)).unwrap().purchased());
}

#[test]
fn a_purchase_has_the_category_of_its_largest_row() {
    let csv = "customer_id,time,amount,order_id,category\n\
               1,2024-01-01T10:00,-5,7,voucher\n1,2024-01-01T10:01,30,7,tea\n\
               2,2024-01-01,1,9,cups\n2,2024-01-01T09:00,30,9,jam\n2,2024-01-02,90,9,pot\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, csv).unwrap();
    let log = EventLog::builder()
        .transactions_path(&path)
        .unwrap()
        .observed_until("2024-06-01")
        .unwrap()
        .build()
        .unwrap();
    let options = RetentionOptions::default().group_by(Some(GroupBy::Category));
    let found = Retention::by_period(&log, &options).unwrap();
    let names: BTreeSet<_> = found.rows.iter().filter_map(|row| row.group.as_deref()).collect();
    assert_eq!(names, BTreeSet::from(["jam", "tea"]));
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((0..90i64, prop_oneof![3 => 1..900i64, 1 => -900..0i64], 0..6i64), 1..30)
}

fn by() -> impl Strategy<Value = PurchaseBy> {
    prop::sample::select(vec![PurchaseBy::Order, PurchaseBy::Timestamp])
}

/// Time and check of purchases, as bits.
fn bits(purchases: &[Purchase]) -> Vec<(i64, u64)> {
    purchases.iter().map(|purchase| (purchase.time, purchase.check.to_bits())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn prop_a_window_holds_the_purchases_that_a_later_history_has_in_it(
        rows in rows(), by in by(), start in 0..90i64, length in 1..60i64,
    ) {
        let log = log(&rows, by);
        let window = Window { start: hour(start), end: hour(start + length) };
        let history = log.history(0.into(), window.end);
        let from = history.purchases().partition_point(|purchase| purchase.time < window.start.micros());
        let outcome = log.outcome(0.into(), window, hour(1_000)).unwrap();
        prop_assert_eq!(bits(outcome.purchases()), bits(&history.purchases()[from..]));
        prop_assert_eq!(outcome.purchased(), from < history.purchases().len());
    }

    #[test]
    fn prop_built_appended_in_parts_and_in_a_service_checks_are_the_same(
        rows in rows(), by in by(), split in 1..29usize, cutoff in 1..100i64,
    ) {
        let whole = log(&rows, by);
        let expected = bits(whole.history(0.into(), hour(cutoff)).purchases());
        let mut service = CustomerHistory::new(whole.columns(), whole.purchase_rules());
        for &(time, cents, order) in rows.iter().rev() {
            let row = NewTransaction {
                amount: Some(cents as f64 / 100.0),
                order_id: Some(order.into()),
                ..NewTransaction::at(hour(time).into())
            };
            service.push_transaction(row).unwrap();
        }
        prop_assert_eq!(bits(service.history(hour(cutoff)).purchases()), expected.clone());
        if split < rows.len() {
            let builder = EventLog::builder().transactions([batch(&rows[split..])]);
            let until = builder.observed_until(hour(1_000)).unwrap();
            let appended = until.append_to(&log(&rows[..split], by)).unwrap();
            prop_assert_eq!(bits(appended.history(0.into(), hour(cutoff)).purchases()), expected.clone());
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.parquet");
        write_table(&batch(&rows), &path).unwrap();
        let builder = EventLog::builder().transactions_path(&path).unwrap().purchase_by(by);
        let builder = builder.observed_until(hour(1_000)).unwrap();
        let parts = builder.partition(&PartitionOptions::new(1 << 30)).unwrap();
        let part = parts.part(0).unwrap();
        prop_assert_eq!(bits(part.history(0.into(), hour(cutoff)).purchases()), expected);
    }
}

#[test]
fn what_is_returned_in_full_within_the_window_is_not_kept() {
    let window = Window { start: hour(100), end: hour(1_000) };
    let cases: [(&[Row], &[i64]); 7] = [
        (&[(200, 500, 1)], &[200]),
        (&[(200, 500, 1), (300, -500, 1)], &[]),
        (&[(200, 500, 1), (300, -200, 1)], &[200]),
        (&[(200, 500, 1), (300, -500, 1), (400, 700, 2)], &[400]),
        // After the window nobody knows of it.
        (&[(200, 500, 1), (1_000, -500, 1)], &[200]),
        // An order before the window, and its return in it, are no purchase in it.
        (&[(50, 500, 1), (200, -500, 1), (300, 10, 2)], &[300]),
        // Of two orders at one instant one is left.
        (&[(200, 500, 1), (200, 700, 2), (300, -700, 2)], &[200]),
    ];
    for (rows, expected) in cases {
        let log = log(rows, PurchaseBy::Order);
        let kept = log.outcome_by(Label::KeptPurchase, 0.into(), window, hour(2_000)).unwrap();
        let times: Vec<i64> = kept.purchases().iter().map(|p| p.time / 3_600_000_000).collect();
        let start = hour(0).micros() / 3_600_000_000;
        assert_eq!(times.iter().map(|time| time - start).collect::<Vec<_>>(), expected, "{rows:?}");
        let all = log.outcome_by(Label::Purchase, 0.into(), window, hour(2_000)).unwrap();
        assert_eq!(
            all.purchases(),
            log.outcome(0.into(), window, hour(2_000)).unwrap().purchases()
        );
    }
}

#[test]
fn what_is_not_seen_yet_is_not_told() {
    let log = log(&[(0, 500, 1), (10, 700, 2)], PurchaseBy::Order);
    let outcome = |end: i64| {
        let window = Window { start: hour(1), end: hour(end) };
        log.outcome(0.into(), window, log.observed_until()).map(|outcome| outcome.purchased())
    };
    assert_eq!(log.observed_until(), hour(1_000));
    assert!(outcome(1_000).unwrap());
    let error = outcome(1_001).unwrap_err();
    assert!(matches!(error, Error::Argument { name: "window", .. }), "{error}");
}
