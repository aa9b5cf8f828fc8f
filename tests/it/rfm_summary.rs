//! The summary for buy-till-you-die models, by hand on a few rows.

use winback::answer::Answer;
use winback::log::{EventLog, IdSlice, TransactionSlices};
use winback::timing::{RfmSummary, RfmSummaryOptions, TimeUnit};
use winback::{Error, Timestamp};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Customer 1 buys on two days and gives something back on a third, customer 2 only takes a
/// present, customer 3 buys late.
fn log(amounts: Option<&[f64]>) -> EventLog {
    let time = ["2024-01-01", "2024-01-08T09:00", "2024-01-08T20:00", "2024-01-20", "2024-01-02"]
        .map(at)
        .into_iter()
        .chain([at("2024-01-30T23:59")])
        .collect::<Vec<_>>();
    let slices = TransactionSlices {
        customer_id: IdSlice::Int(&[1, 1, 1, 1, 2, 3]),
        time: &time,
        amount: amounts,
        ..TransactionSlices::default()
    };
    EventLog::builder()
        .transactions([slices.to_batch().unwrap()])
        .zero_amounts(winback::log::ZeroAmounts::Purchase)
        .observed_until("2024-02-01")
        .unwrap()
        .build()
        .unwrap()
}

const AMOUNTS: [f64; 6] = [10.0, 4.0, 2.5, -6.5, 0.0, 8.0];

fn figures(summary: &RfmSummary) -> Vec<(u64, f64, f64, Option<f64>)> {
    let rows = summary.rows().iter();
    rows.map(|row| (row.frequency, row.recency, row.t, row.monetary_value)).collect()
}

#[test]
fn every_row_counts_or_every_purchase_does() {
    let log = log(Some(&AMOUNTS));
    let options = RfmSummaryOptions::default();
    let rows = RfmSummary::of_rows(&log, None, &options).unwrap();
    assert_eq!(
        figures(&rows),
        [(2, 19.0, 29.0, Some(0.0)), (0, 0.0, 28.0, Some(0.0)), (0, 0.0, 0.0, Some(0.0)),]
    );
    let purchases = RfmSummary::of_purchases(&log.at("2024-02-01").unwrap(), &options).unwrap();
    assert_eq!(
        figures(&purchases),
        [(1, 7.0, 30.0, Some(6.5)), (0, 0.0, 29.0, Some(0.0)), (0, 0.0, 1.0, Some(0.0)),]
    );
    assert_eq!(purchases.main_table().unwrap().num_columns(), 5);
    let gaps = |summary: &RfmSummary| summary.rows()[0].log_gaps;
    approx::assert_relative_eq!(gaps(&rows), 7f64.ln() + 12f64.ln(), max_relative = 1e-12);
    approx::assert_relative_eq!(gaps(&purchases), 7f64.ln(), max_relative = 1e-12);
    assert_eq!(purchases.rows()[1].log_gaps, 0.0);
}

#[test]
fn periods_and_ends() {
    let log = log(None);
    let weeks = RfmSummaryOptions::default().time_unit(TimeUnit::Week).time_scaler(2.0);
    let summary = RfmSummary::of_rows(&log, Some(at("2024-01-10")), &weeks).unwrap();
    assert_eq!(figures(&summary), [(1, 0.5, 0.5, None), (0, 0.0, 0.5, None)]);
    assert_eq!(summary.main_table().unwrap().num_columns(), 4);
    let days = RfmSummaryOptions::default();
    // The end's own day counts as a whole; a cutoff ends before itself.
    let whole = RfmSummary::of_rows(&log, Some(at("2024-01-08")), &days).unwrap();
    assert_eq!(whole.rows()[0].frequency, 1);
    let before = RfmSummary::of_purchases(&log.at("2024-01-08").unwrap(), &days).unwrap();
    assert_eq!(figures(&before)[0], (0, 0.0, 6.0, None));
    let within = RfmSummary::of_purchases(&log.at("2024-01-08T12:00").unwrap(), &days).unwrap();
    assert_eq!(figures(&within)[0], (1, 7.0, 7.0, None));
}

#[test]
fn what_is_refused() {
    let options = RfmSummaryOptions::default();
    let log = log(Some(&[1.0; 6]));
    for scaler in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let options = options.time_scaler(scaler);
        let error = RfmSummary::of_rows(&log, None, &options).unwrap_err();
        assert!(matches!(error, Error::Argument { name: "time_scaler", .. }), "{error}");
    }
    let error = RfmSummary::of_rows(&log, Some(at("2023-12-31")), &options).unwrap_err();
    assert!(matches!(error, Error::Argument { name: "observation_period_end", .. }), "{error}");
    for until in ["2024-01-01", "2024-02-02"] {
        let error = log.at(at(until)).unwrap_err();
        assert!(matches!(error, Error::Argument { name: "at", .. }), "{error}");
    }
}
