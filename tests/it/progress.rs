//! Long work tells how far it is, and ends when it is told to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use winback::answer::Answer;
use winback::campaign::CandidateOptions;
use winback::churn::ExplainOptions;
use winback::evaluation::BacktestOptions;
use winback::{ChurnModel, Error, EventLog, Step};

use crate::common;

const AT: &str = "2024-10-01";

fn backtest(
    log: &EventLog,
    tell: impl Fn(Step) -> bool + Send + Sync + 'static,
) -> Result<(), Error> {
    let options = BacktestOptions::default().tests(2).draws(20);
    let builder = ChurnModel::builder().estimator("boosting").unwrap().on_progress(tell);
    builder.backtest(log, &options).map(drop)
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
    let model = ChurnModel::builder().on_progress(tell.clone()).fit(&log, AT).unwrap();
    let of = |what: &str| seen.lock().unwrap().get(what).copied();
    assert_eq!(of("computing features"), Some(24 * 600));
    assert_eq!(of("looking at outcomes"), Some(24));
    assert!(of("learning from active customers").is_some());
    // A fitted model tells nobody of its own accord.
    seen.lock().unwrap().clear();
    model.score(&log.at(AT).unwrap()).unwrap();
    assert!(seen.lock().unwrap().is_empty());
    let model = model.on_progress(tell.clone());
    model.explain(&log.at(AT).unwrap(), &ExplainOptions::default()).unwrap();
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
    let stubborn = model.clone().on_progress(|step| step.what == "computing features");
    let ended = |result: Result<(), Error>| assert!(matches!(result, Err(Error::Interrupted)));
    ended(stubborn.score(&log.at(AT).unwrap()).map(drop));
    ended(stubborn.explain(&log.at(AT).unwrap(), &ExplainOptions::default()).map(drop));
    ended(stubborn.evaluate(&log.at(AT).unwrap()).map(drop));
    ended(stubborn.drift(&log.at(AT).unwrap(), 0.05).map(drop));
    ended(stubborn.candidates(&log.at(AT).unwrap(), &CandidateOptions::default()).map(drop));
    ended(stubborn.card(&log, &BacktestOptions::default()).map(drop));
    // Whoever listens changes nothing, and is not kept in the file.
    let loaded = ChurnModel::from_bytes(&stubborn.to_bytes().unwrap()).unwrap();
    assert_eq!(loaded.score(&log.at(AT).unwrap()).unwrap().main_table().unwrap(), expected);
    assert_eq!(stubborn.to_bytes().unwrap(), model.to_bytes().unwrap());
}
