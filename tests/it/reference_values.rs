//! Values computed outside the project (polars 2.1, statsmodels 0.15, scikit-learn 1.9) or
//! published, on real logs.

use approx::assert_relative_eq;
use ndarray::Array2;
use winback::features::FeatureTable;
use winback::labels::{LifecycleLimits, State};
use winback::metrics::{brier_score, log_loss, roc_auc};
use winback::time::{Span, Timestamp, Window};
use winback::{EventLog, Logistic};

use crate::common;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn column<'a>(table: &'a FeatureTable, name: &str) -> &'a [f64] {
    table.numbers(name).unwrap()
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn cdnow_counts_and_features() {
    let log = common::cdnow();
    let report = log.report();
    assert_eq!(report.transactions.rows_read, 69_659);
    assert_eq!(report.transactions.zero_amount, 80);
    assert_eq!(report.exact_duplicates, 255);
    assert_eq!(report.customers, 23_570);
    assert_eq!(report.customers_with_purchase, 23_502);
    assert_eq!(report.purchases, 67_511);

    let last = FeatureTable::extract(&log, [at("1998-07-01")], &[]).unwrap();
    let net: f64 = column(&last, "total_spend").iter().sum();
    assert_relative_eq!(net, 2_500_315.63, max_relative = 1e-12);

    let table = FeatureTable::extract(&log, [at("1998-01-01")], &[]).unwrap();
    for (id, expected) in [
        ("00001", [365.0, 1.0, 11.77, 365.0]),
        ("00004", [20.0, 4.0, 25.125, 365.0]),
        ("00021", [353.0, 2.0, 37.555, 365.0]),
    ] {
        let customer = log.customers().position(id.into()).unwrap();
        let row = table.customers().iter().position(|&c| c == customer).unwrap();
        let names = ["days_since_last_purchase", "purchase_count", "average_check", "tenure_days"];
        for (name, expected) in names.into_iter().zip(expected) {
            assert_relative_eq!(column(&table, name)[row], expected, max_relative = 1e-12);
        }
    }
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn cdnow_states_and_shares_that_purchase() {
    let log = common::cdnow();
    let cutoff = at("1998-04-01");
    let limits = LifecycleLimits::default().at(cutoff).unwrap();
    let window = Window { start: cutoff, end: at("1998-06-30") };
    let mut counts = [(0u32, 0u32); 3];
    for customer in log.customers().indices() {
        let history = log.history(customer, cutoff);
        let Some(last) = history.purchases().last() else { continue };
        let state = limits.state(Timestamp::from_micros(last.time).unwrap());
        let bought = log.outcome(customer, window, log.observed_until()).unwrap().purchased();
        let count = &mut counts[state as usize];
        count.0 += 1;
        count.1 += u32::from(bought);
    }
    let share = |state: State| {
        let (all, bought) = counts[state as usize];
        (all, f64::from(bought) / f64::from(all))
    };
    for (state, customers, purchasing) in [
        // The share of the active that purchases; the others are gone.
        (State::Active, 3_794, 0.460464),
        (State::Lapsed, 2_269, 0.257823),
        (State::Lost, 17_439, 0.055622),
    ] {
        let (all, rate) = share(state);
        assert_eq!(all, customers, "{state}");
        approx::assert_abs_diff_eq!(rate, purchasing, epsilon = 5e-7);
    }
}

/// Columns ln(1 + days since last purchase), ln purchase_count, ln(1 + average check),
/// ln(1 + tenure) of the customers silent for less than 181 days, and who did not purchase in the
/// 91 days after the cutoff.
fn cdnow_table(log: &EventLog, cutoff: Timestamp) -> (Array2<f64>, Vec<bool>) {
    let table = FeatureTable::extract(log, [cutoff], &[]).unwrap();
    let [days, count, check, tenure] =
        ["days_since_last_purchase", "purchase_count", "average_check", "tenure_days"]
            .map(|name| column(&table, name));
    let rows: Vec<usize> = (0..table.len()).filter(|&row| days[row] < 181.0).collect();
    let window = Window { start: cutoff, end: cutoff.add(Span::days(91)).unwrap() };
    let x = Array2::from_shape_fn((rows.len(), 4), |(i, j)| {
        let row = rows[i];
        [days[row].ln_1p(), count[row].ln(), check[row].ln_1p(), tenure[row].ln_1p()][j]
    });
    let churned = |&row: &usize| {
        let customer = table.customers()[row];
        !log.outcome(customer, window, log.observed_until()).unwrap().purchased()
    };
    let y = rows.iter().map(churned).collect();
    (x, y)
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn cdnow_logit() {
    let log = common::cdnow();
    let (x, y) = cdnow_table(&log, at("1997-12-31"));
    assert_eq!(y.len(), 6_342);
    let rate = y.iter().filter(|&&y| y).count() as f64 / y.len() as f64;
    approx::assert_abs_diff_eq!(rate, 0.5947651, epsilon = 5e-8);
    let fitted = Logistic::default().c(f64::INFINITY).fit_weighted(x.view(), &y, None).unwrap();
    assert_relative_eq!(fitted.intercept(), -3.16419525, max_relative = 1e-5);
    let expected = [0.23964243, -1.16115408, -0.15893431, 0.83269155];
    for (coefficient, expected) in fitted.coefficients().iter().zip(expected) {
        assert_relative_eq!(*coefficient, expected, max_relative = 1e-5);
    }
    assert_relative_eq!(fitted.log_likelihood(), -3848.8458204, max_relative = 1e-9);

    let (x, y) = cdnow_table(&log, at("1998-04-01"));
    assert_eq!(y.len(), 6_055);
    let p = fitted.probabilities(x.view()).unwrap().to_vec();
    approx::assert_abs_diff_eq!(roc_auc(&y, &p, None).unwrap(), 0.721651885, epsilon = 1e-8);
    approx::assert_abs_diff_eq!(brier_score(&y, &p, None).unwrap(), 0.2014745050, epsilon = 1e-8);
    approx::assert_abs_diff_eq!(log_loss(&y, &p, None).unwrap(), 0.5889494644, epsilon = 1e-8);
}
