//! Models of purchases on a test period that they have not seen.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use winback::answer::Answer;
use winback::evaluation::{PurchaseBacktest, PurchaseBacktestOptions};
use winback::hazard::TimeToPurchase;
use winback::{ChurnModel, Error, Span};

use crate::common;

fn half_year() -> PurchaseBacktestOptions {
    PurchaseBacktestOptions::default().horizon(Span::months(6)).unwrap()
}

#[test]
fn numbers_add_up_and_models_beat_the_mean() {
    let log = common::simulated_log(3_000);
    let now = log.at("2024-07-01").unwrap();
    let found = PurchaseBacktest::build(&now, &half_year(), None, None).unwrap();
    let [mbg, _, _, hiatus, mean] = found.models() else { panic!("{found}") };
    assert!(mbg.log_loss < hiatus.log_loss && hiatus.log_loss < mean.log_loss, "{found}");
    assert!(mbg.roc_auc.unwrap() > 0.7, "{found}");
    let sum = |name: &str, column: &str, model: &str| {
        let table = found.table(name).unwrap();
        let models = table.column_by_name("model").unwrap().as_string::<i64>();
        let values = table.column_by_name(column).unwrap().as_primitive::<Float64Type>();
        let own = models.iter().zip(values).filter(|(of, _)| *of == Some(model));
        own.map(|(_, value)| value.unwrap()).sum::<f64>()
    };
    assert_eq!(sum("tracking", "purchases", "beta_geo"), mbg.purchases);
    let expected = sum("tracking", "expected_purchases", "modified_beta_geo");
    assert!((expected - mbg.expected_purchases.unwrap()).abs() < 1e-6);
    let actual: usize = now
        .customers()
        .iter()
        .filter(|&&customer| {
            let window = winback::time::Window { start: now.at(), end: log.observed_until() };
            log.outcome(customer, window, log.observed_until()).unwrap().purchased()
        })
        .count();
    assert_eq!(mbg.buyers as usize, actual);
}

#[test]
fn a_churn_model_of_the_same_horizon_stands_beside_them() {
    let log = common::simulated_log(1_500);
    let now = log.at("2024-07-01").unwrap();
    let options = PurchaseBacktestOptions::default();
    let churn = ChurnModel::builder().fit(&log, "2024-07-01").unwrap();
    let found = PurchaseBacktest::build(&now, &options, Some(&churn), None).unwrap();
    let last = found.models().last().unwrap();
    assert_eq!((last.model, last.expected_purchases), ("churn", None));
    let refused = |options: &PurchaseBacktestOptions, churn: &ChurnModel, name: &str| {
        let error = PurchaseBacktest::build(&now, options, Some(churn), None).unwrap_err();
        assert!(matches!(error, Error::Argument { name: got, .. } if got == name), "{error}");
    };
    refused(&half_year(), &churn, "churn");
    let later = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    refused(&options, &later, "at");
    refused(&options.clone().horizon(Span::months(7)).unwrap(), &churn, "at");
    refused(&options.every(Span::ZERO).unwrap(), &churn, "every");
}

#[test]
fn rows_after_the_cutoff_do_not_move_what_was_said() {
    let shop = common::simulated(1_500);
    let log = common::log_of(&shop);
    let short = PurchaseBacktestOptions::default().horizon(Span::months(1)).unwrap();
    let now = log.at("2024-07-01").unwrap();
    let once = PurchaseBacktest::build(&now, &short, None, None).unwrap();
    let twice =
        common::on_threads(1, || PurchaseBacktest::build(&now, &short, None, None).unwrap());
    assert_eq!(once, twice);
}

/// Nine months after nine months, as published.
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn intervals_on_cdnow() {
    let now = common::cdnow().at("1997-10-01").unwrap();
    let options = PurchaseBacktestOptions::default().horizon(Span::months(9)).unwrap();
    let found = PurchaseBacktest::build(&now, &options, None, None).unwrap();
    println!("{found}");
    let mbg = &found.models()[0];
    assert!((mbg.expected_purchases.unwrap() / mbg.purchases - 0.85).abs() < 0.1, "{found}");
}

#[test]
fn a_hazard_model_stands_beside_them_as_far_as_it_reaches() {
    let log = common::simulated_log(1_500);
    let now = log.at("2024-07-01").unwrap();
    let fit = |until: &str| {
        let learning = ChurnModel::builder().estimator("logistic").unwrap();
        let builder = TimeToPurchase::builder().learning(learning).max_horizon("3mo").unwrap();
        builder.fit(&log, until).unwrap()
    };
    let hazard = fit("2024-07-01");
    let options = PurchaseBacktestOptions::default();
    let found = PurchaseBacktest::build(&now, &options, None, Some(&hazard)).unwrap();
    let (mbg, last) = (&found.models()[0], found.models().last().unwrap());
    assert_eq!((last.model, last.expected_purchases), ("hazard", None));
    // It knows of the seasons, and of tickets.
    assert!(last.log_loss < mbg.log_loss + 0.002, "{found}");
    assert!((last.expected_buyers / last.buyers as f64 - 1.0).abs() < 0.1, "{found}");
    let refused = |options: &PurchaseBacktestOptions, hazard: &TimeToPurchase, name: &str| {
        let error = PurchaseBacktest::build(&now, options, None, Some(hazard)).unwrap_err();
        assert!(matches!(error, Error::Argument { name: got, .. } if got == name), "{error}");
    };
    refused(&half_year(), &hazard, "hazard");
    refused(&options, &fit("2024-10-01"), "at");
}
