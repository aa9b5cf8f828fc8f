//! The panel's outcome as days, against a slow twin that looks at one row after the other.

use proptest::prelude::*;
use winback::EventLog;
use winback::features::{FeatureColumn, FeatureTable};
use winback::labels::outcome_window;
use winback::log::{IdSlice, PurchaseBy, TransactionSlices};
use winback::panel::{Panel, PanelOptions};
use winback::time::{Span, Timestamp, Window};

use super::common::simulated_log;

const DAY: f64 = 86_400e6;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// For each row of the panel the state of things as `Panel` once had it: whether the outcome window
/// holds a purchase.
fn purchased_twin(
    log: &EventLog,
    panel: &Panel,
    until: Timestamp,
    window_of: impl Fn(Timestamp) -> Window,
) -> Vec<Option<bool>> {
    let known_until = until.min(log.observed_until());
    let rows = panel.features().row_cutoffs().zip(panel.features().customers());
    rows.map(|(cutoff, &customer)| {
        let window = window_of(cutoff);
        let is_known = window.end <= known_until;
        is_known.then(|| log.outcome(customer, window, until).unwrap().purchased())
    })
    .collect()
}

/// What was found of a customer's rows at one cutoff serves the next one, if there are no rows between.
#[test]
fn features_at_several_cutoffs_are_those_at_each_alone() {
    let log = simulated_log(400);
    let cutoffs =
        ["2024-06-01", "2024-06-02", "2024-05-31T12:00", "2024-06-01T07:00", "2023-01-10"].map(at);
    let together = FeatureTable::extract(&log, cutoffs, &[]).unwrap();
    let mut row = 0;
    for cutoff in cutoffs {
        let alone = FeatureTable::extract(&log, [cutoff], &[]).unwrap();
        let rows = row..row + alone.len();
        assert_eq!(together.customers()[rows.clone()], *alone.customers());
        for FeatureColumn { name, .. } in alone.columns() {
            let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            let (found, expected) =
                (&together.numbers(name).unwrap()[rows.clone()], alone.numbers(name).unwrap());
            assert_eq!(bits(found), bits(expected), "{name} at {cutoff}");
        }
        row = rows.end;
    }
    assert!(row == together.len() && row > 1_000, "{row} rows");
}

#[test]
fn days_and_labels_are_those_of_the_slow_twin() {
    let log = simulated_log(400);
    // The outcome of the last but one is not over, that of the last lies after all that is known.
    let cutoffs = ["2023-06-01", "2024-05-31", "2024-11-20", "2024-12-28"].map(at);
    for (until, lead) in [("2025-01-01", 0), ("2024-12-20T06:00", 0), ("2025-01-01", 7)] {
        let (until, lead) = (at(until), Span::days(lead));
        let count = if until < at("2025-01-01") { 3 } else { 4 };
        let cutoffs = &cutoffs[..count];
        let options = PanelOptions::default().lead(lead).unwrap();
        let panel = Panel::build(&log, cutoffs.iter().copied(), until, &options).unwrap();
        let days: Vec<Option<f64>> = panel.days_to_purchase().collect();
        let observed: Vec<Option<f64>> = panel.days_observed().collect();
        let (mut row, mut found, mut late) = (0, 0, 0);
        for (cutoff, &customer) in panel.features().row_cutoffs().zip(panel.features().customers())
        {
            let start = cutoff.add(lead).unwrap().micros();
            let length = until.micros() - start;
            let history = log.history(customer, until);
            let next = history.purchases().iter().find(|purchase| purchase.time >= start);
            let next = next.map(|purchase| (purchase.time - start) as f64 / DAY);
            assert_eq!(days[row], next);
            assert_eq!(observed[row], (length >= 0).then_some(length as f64 / DAY));
            found += usize::from(next.is_some());
            late += usize::from(next.is_some_and(|days| days > 92.0));
            row += 1;
        }
        assert_eq!((days.len(), observed.len()), (row, row));
        assert!(found > 100 && late > 10, "{found} {late}");
        let window = |cutoff: Timestamp| outcome_window(cutoff, lead, Span::months(3)).unwrap();
        let twin = purchased_twin(&log, &panel, until, window);
        assert_eq!(panel.purchased(), twin);
        assert_eq!(panel.purchased_within(Span::months(3)).unwrap(), twin);
        let mut censored = 0;
        for horizon in [Span::days(1), Span::months(1), Span::days(400)] {
            let window = |cutoff: Timestamp| outcome_window(cutoff, lead, horizon).unwrap();
            let twin = purchased_twin(&log, &panel, until, window);
            assert_eq!(panel.purchased_within(horizon).unwrap(), twin);
            let known = twin.iter().flatten().count();
            assert!(known > 100, "{known} of {}", twin.len());
            censored += twin.len() - known;
        }
        assert!(censored > 100, "{censored}");
        assert!(panel.purchased_within(Span::ZERO).is_err());

        let table = panel.to_batch(&log).unwrap();
        let names: Vec<String> =
            table.schema().fields().iter().map(|field| field.name().clone()).collect();
        let first = ["cutoff", "customer_id", "state", "purchased", "days_to_purchase"];
        assert_eq!(names[..5], first);
        assert_eq!(names[5], "days_observed");
        let nulls = days.iter().filter(|days| days.is_none()).count();
        assert_eq!(table.column_by_name("days_to_purchase").unwrap().null_count(), nulls);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Returns, orders of several rows, purchases by day, windows that begin and end within a day.
    #[test]
    fn prop_labels_are_those_of_the_outcome_window(
        rows in prop::collection::vec((0i64..4, 0i64..60, -500i64..900, 0i64..12), 1..60),
        by_day: bool, hour in 0i64..24,
    ) {
        let six_hours = 6 * 3_600_000_000_i64;
        let start = at("2024-01-01").micros();
        let time = |step: i64| Timestamp::from_micros(start + step * six_hours).unwrap();
        let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
        let times: Vec<Timestamp> = rows.iter().map(|row| time(row.1)).collect();
        let amounts: Vec<f64> = rows.iter().map(|row| row.2 as f64 / 100.0).collect();
        let orders: Vec<i64> = rows.iter().map(|row| row.3).collect();
        // Rows of nothing are left out, and a log needs one.
        prop_assume!(amounts.iter().any(|&amount| amount != 0.0));
        let transactions = TransactionSlices {
            customer_id: IdSlice::Int(&ids),
            time: &times,
            amount: Some(&amounts),
            order_id: Some(IdSlice::Int(&orders)),
            ..TransactionSlices::default()
        };
        let by = if by_day { PurchaseBy::Day } else { PurchaseBy::Order };
        let log = EventLog::builder()
            .transactions([transactions.to_batch().unwrap()])
            .purchase_by(by)
            .observed_until(time(61))
            .unwrap()
            .build()
            .unwrap();
        let cutoff = Timestamp::from_micros(time(20).micros() + hour * 3_600_000_000).unwrap();
        prop_assume!(cutoff > log.first_event());
        let options = PanelOptions::default().horizon(Span::days(4)).unwrap();
        let panel = Panel::build(&log, [cutoff], log.observed_until(), &options).unwrap();
        let window = |cutoff: Timestamp| outcome_window(cutoff, Span::ZERO, Span::days(4)).unwrap();
        let twin = purchased_twin(&log, &panel, log.observed_until(), window);
        prop_assert_eq!(panel.purchased(), twin);
    }
}
