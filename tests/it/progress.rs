//! Long work tells how far it is, and ends when it is told to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use winback::answer::Answer;
use winback::campaign::{CandidateOptions, Propensity, Trial, Uplift, UpliftOptions};
use winback::churn::ExplainOptions;
use winback::evaluation::{BacktestOptions, PurchaseBacktest, PurchaseBacktestOptions};
use winback::segments::{ClusterOptions, Clusters};
use winback::timing::{Forecast, ForecastOptions, PurchaseModelKind};
use winback::{ChurnModel, Error, EventLog, Snapshot, Step};

use crate::common;

const AT: &str = "2024-10-01";

fn backtest(
    log: &EventLog,
    tell: impl Fn(Step) -> bool + Send + Sync + 'static,
) -> Result<(), Error> {
    let options = BacktestOptions::default().tests(2).draws(20);
    let builder = ChurnModel::builder().estimator("boosting").unwrap();
    builder.backtest(&log.on_progress(tell), &options).map(drop)
}

#[test]
fn each_piece_is_told_and_nothing_is_told_of_more_than_there_is() {
    let log = common::simulated_log(600);
    let seen: Arc<Mutex<BTreeMap<&str, u64>>> = Arc::default();
    let told = Arc::clone(&seen);
    let tell = move |step: Step| {
        assert!(step.done <= step.of, "{step:?}");
        let mut seen = told.lock().unwrap();
        let most = seen.entry(step.what).or_default();
        *most = (*most).max(step.of);
        true
    };
    let model = ChurnModel::builder().fit(&log.on_progress(tell.clone()), AT).unwrap();
    let of = |what: &str| seen.lock().unwrap().get(what).copied();
    assert_eq!(of("computing features"), Some(24 * 600));
    assert_eq!(of("looking at outcomes"), Some(24));
    assert!(of("learning from active customers").is_some());
    // Neither the log nor what was learned from it tells anybody of its own accord.
    seen.lock().unwrap().clear();
    let now = log.at(AT).unwrap();
    model.score(&now).unwrap();
    assert!(seen.lock().unwrap().is_empty());
    model.explain(&now.on_progress(tell.clone()), &ExplainOptions::default()).unwrap();
    let all = of("scoring").unwrap();
    assert_eq!((of("finding contributions"), of("finding reasons")), (Some(all), Some(all)));
    backtest(&log, tell).unwrap();
    assert_eq!((of("testing cutoffs"), of("drawing customers")), (Some(2), Some(20)));
}

#[test]
fn work_ends_where_it_is_told_to() {
    let log = common::simulated_log(600);
    let model = ChurnModel::builder().fit(&log, AT).unwrap();
    let expected = model.score(&log.at(AT).unwrap()).unwrap().main_table().unwrap();
    for stop_at in [0, 1, 3, 10, 50, 200] {
        let asked = AtomicUsize::new(0);
        let tell = move |_: Step| asked.fetch_add(1, Ordering::Relaxed) < stop_at;
        assert!(matches!(backtest(&log, tell), Err(Error::Interrupted)), "{stop_at}");
    }
    let stubborn = log.on_progress(|step| step.what == "computing features");
    let now = stubborn.at(AT).unwrap();
    let ended = |result: Result<(), Error>| assert!(matches!(result, Err(Error::Interrupted)));
    ended(model.score(&now).map(drop));
    ended(model.explain(&now, &ExplainOptions::default()).map(drop));
    ended(model.evaluate(&now).map(drop));
    ended(model.drift(&now, 0.05).map(drop));
    ended(model.candidates(&now, &CandidateOptions::default()).map(drop));
    ended(model.card(&stubborn, &BacktestOptions::default()).map(drop));
    ended(ChurnModel::builder().fit(&stubborn, AT).map(drop));
    // Whoever listens changes nothing.
    let heard = log.at(AT).unwrap().on_progress(|_| true);
    assert_eq!(model.score(&heard).unwrap().main_table().unwrap(), expected);
}

/// Work at a cutoff that a model of all customers or a search takes its time for.
#[test]
fn fits_at_a_cutoff_end_where_they_are_told_to() {
    let log = common::simulated_log(600);
    let pareto = ForecastOptions::default().model(PurchaseModelKind::ParetoNbd);
    for stop_at in [0, 1, 5, 20] {
        let now = |cutoff: &str| {
            let asked = AtomicUsize::new(0);
            let tell = move |step: Step| {
                let is_fit = step.what != "computing features";
                !is_fit || asked.fetch_add(1, Ordering::Relaxed) < stop_at
            };
            log.at(cutoff).unwrap().on_progress(tell)
        };
        let ended = |result: Result<(), Error>| assert!(matches!(result, Err(Error::Interrupted)));
        ended(Clusters::build(&now(AT), &ClusterOptions::default()).map(drop));
        ended(Forecast::build(&now(AT), &pareto).map(drop));
        ended(Forecast::build(&now(AT), &ForecastOptions::default()).map(drop));
        let options = PurchaseBacktestOptions::default();
        ended(PurchaseBacktest::build(&now("2024-04-01"), &options, None, None).map(drop));
    }
    // Whoever listens changes nothing.
    let (now, heard) = (log.at(AT).unwrap(), log.at(AT).unwrap().on_progress(|_| true));
    let of = |now: &Snapshot| Forecast::build(now, &pareto).unwrap().main_table().unwrap();
    assert_eq!(of(&now), of(&heard));
    let of = |now: &Snapshot| Clusters::build(now, &ClusterOptions::default()).unwrap().members;
    assert_eq!(of(&now), of(&heard));
}

#[test]
fn an_uplift_fit_ends_where_it_is_told_to() {
    let x = ndarray::Array2::from_shape_fn((400, 2), |(i, j)| ((i * 7 + j * 3) % 50) as f64);
    let arm: Vec<u32> = (0..400).map(|i| i % 2).collect();
    let y: Vec<f64> = (0..400).map(|i| f64::from(i % 3 == 0)).collect();
    let trial = Trial {
        x: x.view(),
        arm: &arm,
        arms: &["control", "letter"],
        y: &y,
        propensity: Propensity::Shares,
        customer_ids: None,
    };
    for estimator in ["boosting", "logistic"] {
        let uplift = Uplift::new(estimator.parse().unwrap(), UpliftOptions::default()).unwrap();
        for stop_at in [0, 1, 10] {
            let asked = AtomicUsize::new(0);
            let go_on = || asked.fetch_add(1, Ordering::Relaxed) < stop_at;
            assert!(matches!(uplift.fit_while(&trial, &go_on), Err(Error::Interrupted)));
        }
        let (free, heard) = (uplift.fit(&trial).unwrap(), uplift.fit_while(&trial, &|| true));
        assert_eq!(free.to_bytes().unwrap(), heard.unwrap().to_bytes().unwrap());
    }
}

#[test]
fn threads_that_share_a_model_and_a_log_are_not_ended_by_one_another() {
    let log = common::simulated_log(600);
    let model = ChurnModel::builder().estimator("logistic").unwrap().fit(&log, AT).unwrap();
    let now = log.at(AT).unwrap();
    let expected = model.score(&now).unwrap().main_table().unwrap();
    std::thread::scope(|scope| {
        let asked = (0..8).map(|number| {
            let (model, now) = (&model, &now);
            scope.spawn(move || match number % 2 {
                0 => model.score(&now.on_progress(|_| false)),
                _ => model.score(now),
            })
        });
        for (number, thread) in asked.collect::<Vec<_>>().into_iter().enumerate() {
            match thread.join().unwrap() {
                Ok(scores) => assert!(number % 2 == 1 && scores.main_table().unwrap() == expected),
                Err(error) => assert!(number % 2 == 0 && matches!(error, Error::Interrupted)),
            }
        }
    });
}
