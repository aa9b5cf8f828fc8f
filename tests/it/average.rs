//! The default model: its members, its seasons, and what it knows of all customers together.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, UInt32Array};
use winback::churn::{Average, ExplainOptions, Fitted};
use winback::labels::State;
use winback::models::Logistic;
use winback::models::trees::Boosting;
use winback::timing::{Buyer, SpendModel};
use winback::{ChurnModel, Estimator, EventLog};

use crate::common;

const UNTIL: &str = "2024-10-01";
const AT: &str = "2025-01-01";
const CALENDAR: [&str; 2] = ["season_sine", "season_cosine"];

/// A mean of few trees, to be quick.
fn quick() -> Average {
    let boosting = Boosting::default().n_estimators(20).early_stopping_rounds(0);
    Average { boosting, ..Average::default() }
}

fn fitted(log: &EventLog, cutoffs: usize) -> ChurnModel {
    ChurnModel::builder().estimator(quick()).unwrap().cutoffs(cutoffs).fit(log, UNTIL).unwrap()
}

#[test]
fn seasons_enter_where_training_covers_a_year_and_a_half() {
    let log = common::simulated_log(800);
    let of_season = |name: &String| name.contains("season") || name.contains("year");
    let short = fitted(&log, 12).columns();
    assert!(!short.iter().any(of_season), "{short:?}");
    let long = fitted(&log, 19).columns();
    assert_eq!(long[long.len() - 2..], CALENDAR.map(String::from));
    assert!(long.contains(&"purchases_a_year_ago".to_owned()));
    // A log has them all, whatever a model reads; the calendar belongs to models.
    let now = log.at(AT).unwrap();
    let table = now.features().unwrap();
    assert!(table.column("purchases_a_year_ago").is_ok() && table.column(CALENDAR[0]).is_err());
}

#[test]
fn the_time_of_the_year_is_that_of_the_middle_of_the_outcome_window() {
    let log = common::simulated_log(800);
    let model = fitted(&log, 24);
    let of = |at: &str| {
        let table = model.features(&log.at(at).unwrap()).unwrap();
        CALENDAR.map(|name| {
            let values = table.numbers(name).unwrap();
            assert!(values.iter().all(|value| *value == values[0]));
            values[0]
        })
    };
    // From 2024-10-01 on, 92 days: the middle is 2024-11-16, day 320 of a year of 366.
    let [sine, cosine] = of("2024-10-01");
    let angle = 320.0 / 366.0 * std::f64::consts::TAU;
    assert!((sine - angle.sin()).abs() < 0.02 && (cosine - angle.cos()).abs() < 0.02);
    assert!((sine * sine + cosine * cosine - 1.0).abs() < 1e-12);
    let [before, _] = of("2023-10-01");
    assert!((before - sine).abs() < 0.02);
}

#[test]
fn the_chance_by_purchases_is_mbg_nbds_at_the_latest_training_cutoff() {
    let log = common::simulated_log(800);
    let model = fitted(&log, 3);
    let latest = model.training().cutoffs.last().unwrap().cutoff;
    let spend = SpendModel::fit(&log.at(latest).unwrap()).unwrap();
    let purchases = spend.purchases().unwrap();
    let now = log.at(AT).unwrap();
    let table = model.features(&now).unwrap();
    let values = table.numbers("mbg_nbd_log_odds").unwrap();
    let mut clipped = 0;
    for (&customer, value) in table.customers().iter().zip(values) {
        let history = now.history(customer);
        let day = |time: i64| time.div_euclid(86_400_000_000);
        let mut days: Vec<i64> = history.purchases().iter().map(|p| day(p.time)).collect();
        days.dedup();
        let (first, last) = (days[0], days[days.len() - 1]);
        let times = [last - first, day(history.cutoff().micros()) - first].map(|t| t as f64);
        let buyer = Buyer::new((days.len() - 1) as f64, times[0], times[1]).unwrap();
        let p = purchases.purchase_probability(buyer, 90.0).unwrap();
        let log_odds = (p / (1.0 - p)).ln().clamp(-4.0, 4.0);
        clipped += usize::from(log_odds.abs() == 4.0);
        assert!((value - log_odds).abs() < 1e-9, "{customer}: {value} for {log_odds}");
    }
    assert!(clipped < values.len());
}

#[test]
fn silences_and_gaps_are_told_by_all_customers() {
    let log = common::simulated_log(800);
    let model = fitted(&log, 3);
    let now = log.at(AT).unwrap();
    let table = model.features(&now).unwrap();
    let [silence, chance, z] = ["days_since_last_purchase", "silence_end_log_odds", "log_gap_z"]
        .map(|name| table.numbers(name).unwrap());
    let count = table.numbers("purchase_count").unwrap();
    let lately = |row: &usize| silence[*row] < 15.0 && count[*row] > 5.0;
    let long_ago = |row: &usize| silence[*row] > 300.0;
    let mean = |values: &[f64], which: &dyn Fn(&usize) -> bool| {
        let rows: Vec<usize> = (0..values.len()).filter(which).collect();
        assert!(rows.len() > 20);
        rows.iter().map(|&row| values[row]).sum::<f64>() / rows.len() as f64
    };
    assert!(mean(chance, &lately) > mean(chance, &long_ago) + 2.0);
    assert!(mean(z, &lately) < 0.0 && mean(z, &long_ago) > 1.0);
    assert!(chance.iter().chain(z).all(|value| value.is_finite()));
}

/// One model of the customer's kind, a regression and trees of all, and where training has no seasons half
/// as much the model of purchases: their log-odds are averaged.
#[test]
fn an_average_is_of_three_models_and_of_purchases_where_there_are_few_cutoffs() {
    let log = common::simulated_log(800);
    let now = log.at(AT).unwrap();
    for (cutoffs, expected) in [(6, 4), (19, 3)] {
        let model = fitted(&log, cutoffs);
        let (table, scores) = (model.features(&now).unwrap(), model.score(&now).unwrap());
        let columns: Vec<&[f64]> =
            model.columns().iter().map(|name| table.numbers(name).unwrap()).collect();
        let trees_count = 1.0 + model.training().customers as f64 / 6_000.0;
        for (place, score) in scores.rows().iter().enumerate() {
            let row: Vec<f64> = columns.iter().map(|column| column[place]).collect();
            let members = model.fitted(score.state);
            assert_eq!(members.len(), expected);
            let (mut sum, mut weights) = (0.0_f64, 0.0_f64);
            for (member, weight) in members {
                let (log_odds, expected) = match member {
                    Fitted::Logistic { preprocess, logistic } => {
                        let mut derived = vec![0.0; preprocess.n_outputs()];
                        preprocess.transform_row(&row, &mut derived).unwrap();
                        (logistic.log_odds_row(&derived).unwrap(), 1.0)
                    }
                    Fitted::Tree(trees) | Fitted::Boosting(trees) => {
                        (trees.log_odds_row(&row).unwrap(), trees_count)
                    }
                    Fitted::Column { column } => {
                        assert_eq!(model.columns()[column], "mbg_nbd_log_odds");
                        (row[column], 0.5)
                    }
                };
                assert_eq!(weight, expected);
                (sum, weights) = (sum + weight * log_odds, weights + weight);
            }
            let p = score.purchase_probability;
            assert!((sum / weights - (p / (1.0 - p)).ln()).abs() < 1e-9, "{place}");
        }
    }
}

/// Contributions are averaged as log-odds are.
#[test]
fn an_average_is_explained_by_all_its_models() {
    let log = common::simulated_log(800);
    let model = fitted(&log, 6);
    assert!(model.trees(State::Active).is_err());
    let found = model.explain(&log.at(AT).unwrap(), &ExplainOptions::default()).unwrap();
    for (row, score) in found.scores().iter().enumerate() {
        let p = score.purchase_probability;
        assert!((found.log_odds(row) - (p.ln() - (-p).ln_1p())).abs() < 1e-9, "row {row}");
    }
    let text = model.to_string();
    assert!(text.contains("average churn model") && text.contains("20 trees"), "{text}");
}

#[test]
fn an_average_has_the_parameters_of_its_members() {
    let average: Estimator = "average".parse().unwrap();
    assert_eq!(average, Estimator::default());
    let set = average.with_param("c", "0.5").unwrap().with_param("num_leaves", "7").unwrap();
    let expected = Average {
        logistic: Logistic::default().c(0.5),
        boosting: Boosting::default().num_leaves(7),
    };
    assert_eq!(set, Estimator::from(expected));
    assert!(average.with_param("c", "-1").is_err() && average.with_param("depth", "3").is_err());
}

/// By `auto` an average stays as it is; a named calibration is fitted to what early averages said.
#[test]
fn an_average_is_calibrated_by_name_only() {
    let log = common::simulated_log(1_500);
    let fit = |calibration: &str| {
        let builder = ChurnModel::builder().estimator(quick()).unwrap().cutoffs(12);
        builder.calibration(calibration.parse().unwrap()).fit(&log, UNTIL).unwrap()
    };
    assert!(fit("auto").calibration(State::Active).is_none());
    let model = fit("platt");
    let found = model.calibration(State::Active).unwrap();
    assert!(found.calibrator.is_some() && found.trials.len() > 1);
}

/// Purchases of nobody in particular: ids and times do not belong together.
#[test]
fn a_log_without_signal_cannot_be_ranked() {
    let shop = common::simulated(1_500);
    let some: UInt32Array = (0..shop.transactions.num_rows() as u32).step_by(8).collect();
    let times = arrow_select::take::take(shop.transactions.column(1), &some, None).unwrap();
    let random = |row: u64| (row + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    let ids: Int64Array = (0..some.len() as u64).map(|row| (random(row) % 1_000) as i64).collect();
    let columns: [(&str, ArrayRef); 2] = [("customer_id", Arc::new(ids)), ("time", times)];
    let log = EventLog::builder()
        .transactions([RecordBatch::try_from_iter(columns).unwrap()])
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap();
    let model = ChurnModel::builder().estimator(quick()).unwrap().fit(&log, UNTIL).unwrap();
    let report = model.evaluate(&log.at(UNTIL).unwrap()).unwrap();
    let active = &report.groups[0].model;
    let (ones, others) = (active.positives as f64, (active.n - active.positives) as f64);
    let error = ((ones + others + 1.0) / (12.0 * ones * others)).sqrt();
    assert!((active.roc_auc - 0.5).abs() < 4.0 * error, "{report}");
}
