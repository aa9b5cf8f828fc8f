//! Models that learn from a log in parts, and are judged by it, on a share of its customers.

use std::path::Path;

use tempfile::TempDir;
use winback::answer::output::write_table;
use winback::evaluation::BacktestOptions;
use winback::hazard::TimeToPurchase;
use winback::log::{PartitionOptions, PartitionedLog, SampleOptions};
use winback::simulate::Simulation;
use winback::{ChurnModel, Error, EventLog, Timestamp};

use crate::common::says;
use crate::partitioned::{UNTIL, builder, in_parts, shop, write_shop};

const TRAINED_UNTIL: &str = "2024-10-01";

fn share(share: f64) -> SampleOptions {
    SampleOptions::default().share(Some(share))
}

/// Orders alone, of many customers.
fn orders(customers: usize, folder: &Path, options: &PartitionOptions) -> PartitionedLog {
    let path = folder.join("orders.parquet");
    if !path.exists() {
        let shop = Simulation::default().customers(customers).run().unwrap();
        write_table(&shop.transactions, &path).unwrap();
    }
    let builder = EventLog::builder().transactions_path(&path).unwrap();
    builder.observed_until(UNTIL).unwrap().partition(options).unwrap()
}

#[test]
fn models_of_all_customers_of_parts_are_those_of_one_log() {
    for (seed, text_ids, parts) in [(1, false, 1), (2, true, 5), (3, false, 30)] {
        let folder = TempDir::new().unwrap();
        write_shop(&shop(seed, text_ids), folder.path());
        let whole = builder(folder.path()).build().unwrap();
        let log = builder(folder.path()).partition(&in_parts(parts)).unwrap();
        let at = TRAINED_UNTIL;
        for estimator in ["average", "boosting"] {
            let learning = ChurnModel::builder().estimator(estimator).unwrap().cutoffs(6);
            let learning = learning.attributes(["segment"]);
            let model = learning.fit(&whole, at).unwrap();
            let of_parts = learning.fit_on_parts(&log, at, &share(1.0)).unwrap();
            assert_eq!(of_parts.to_bytes().unwrap(), model.to_bytes().unwrap());
            assert_eq!(model.training().share, 1.0);
            // With memory for all of them, all are taken.
            let of_parts = learning.fit_on_parts(&log, at, &SampleOptions::default()).unwrap();
            assert_eq!(of_parts.to_bytes().unwrap(), model.to_bytes().unwrap());
            assert_eq!(
                model.evaluate_on_parts(&log.at(at).unwrap(), &SampleOptions::default()).unwrap(),
                model.evaluate(&whole.at(at).unwrap()).unwrap()
            );
        }
        assert_eq!(log.known_report(), Some(whole.report()));
        let learning = ChurnModel::builder().estimator("logistic").unwrap().cutoffs(4);
        let tests = BacktestOptions::default().tests(2).draws(20);
        let of_parts = learning.backtest_on_parts(&log, &tests, &share(1.0)).unwrap();
        assert_eq!(of_parts.to_string(), learning.backtest(&whole, &tests).unwrap().to_string());
        let times = TimeToPurchase::builder().learning(learning.cutoffs(24));
        let (one, other) =
            (times.fit(&whole, at).unwrap(), times.fit_on_parts(&log, at, &share(1.0)).unwrap());
        assert_eq!(one.to_bytes().unwrap(), other.to_bytes().unwrap());
        let all = log.sample(1.0, "").unwrap();
        assert_eq!((all.report(), all.notes()), (whole.report(), whole.notes()));
    }
}

#[test]
fn a_share_is_of_the_same_customers_however_many_parts_there_are() {
    let folder = TempDir::new().unwrap();
    write_shop(&shop(4, true), folder.path());
    let learning = ChurnModel::builder().estimator("boosting").unwrap().cutoffs(6);
    let mut models = Vec::new();
    let whole = builder(folder.path()).build().unwrap();
    for parts in [1, 7, 40] {
        let log = builder(folder.path()).partition(&in_parts(parts)).unwrap();
        let sample = log.sample(0.6, "winback").unwrap();
        assert!((150..210).contains(&sample.customers().len()), "{}", sample.customers().len());
        assert_eq!(sample.first_event(), whole.first_event());
        assert_eq!(sample.last_event(), whole.last_event());
        // All that is known of them is there.
        let now: Timestamp = UNTIL.parse().unwrap();
        for customer in sample.customers().indices() {
            let id = sample.customers().get(customer);
            let own = whole.customers().position(id).unwrap();
            let (sampled, known) = (sample.history(customer, now), whole.history(own, now));
            assert_eq!(sampled.purchases(), known.purchases());
            assert_eq!(
                sampled.tickets().map(Iterator::count),
                known.tickets().map(Iterator::count)
            );
        }
        let model = learning.fit_on_parts(&log, TRAINED_UNTIL, &share(0.6)).unwrap();
        assert_eq!(model.training().share, 0.6);
        assert!(model.to_string().contains("of a share of 0.6 of the customers"));
        let of_sample = learning.fit(&sample, TRAINED_UNTIL).unwrap();
        assert_eq!(model.to_bytes().unwrap(), of_sample.to_bytes().unwrap());
        let told = "a share of 0.6 of the customers, drawn by their ids";
        let quality =
            model.evaluate_on_parts(&log.at(TRAINED_UNTIL).unwrap(), &share(0.6)).unwrap();
        assert!(quality.notes.iter().any(|note| note.contains(told)), "{:?}", quality.notes);
        let others = log.sample(0.6, "spring").unwrap();
        assert_ne!(others.customers(), sample.customers());
        models.push(model.to_bytes().unwrap());
    }
    assert!(models.iter().all(|model| *model == models[0]));
    assert_eq!(ChurnModel::from_bytes(&models[0]).unwrap().training().share, 0.6);
}

#[test]
fn the_memory_decides_on_the_share_and_is_named_where_it_is_not_enough() {
    let folder = TempDir::new().unwrap();
    let little = PartitionOptions::new(256 << 20);
    let log = orders(6_000, folder.path(), &little);
    let learning = ChurnModel::builder().estimator("logistic").unwrap();
    let refused = |error: Error, expected: &str| {
        assert!(matches!(error, Error::Argument { .. }), "{error:?}");
        assert!(says(&error.to_string(), expected), "{error}");
    };
    let enough = "memory: expected at least … fits, got 268435456";
    let error = learning.fit_on_parts(&log, TRAINED_UNTIL, &share(1.0)).unwrap_err();
    refused(error, enough);
    let tests = BacktestOptions::default().tests(2).draws(20);
    refused(learning.backtest_on_parts(&log, &tests, &share(1.0)).unwrap_err(), enough);

    let model = learning.fit_on_parts(&log, TRAINED_UNTIL, &SampleOptions::default()).unwrap();
    let taken = model.training().share;
    assert!(taken > 0.05 && taken < 1.0, "{taken}");
    let again = learning.fit_on_parts(&log, TRAINED_UNTIL, &share(taken)).unwrap();
    assert_eq!(again.to_bytes().unwrap(), model.to_bytes().unwrap());
    // However it is cut, and the share that is told to fit does.
    let cut = orders(6_000, folder.path(), &little.clone().least_parts(9));
    let again = learning.fit_on_parts(&cut, TRAINED_UNTIL, &SampleOptions::default()).unwrap();
    assert_eq!(again.to_bytes().unwrap(), model.to_bytes().unwrap());
    let more = (taken * 1.02).min(1.0);
    refused(learning.fit_on_parts(&log, TRAINED_UNTIL, &share(more)).unwrap_err(), enough);
    // More memory takes more of them.
    let more = orders(6_000, folder.path(), &PartitionOptions::new(320 << 20));
    let more = learning.fit_on_parts(&more, TRAINED_UNTIL, &SampleOptions::default()).unwrap();
    assert!(more.training().share > 1.2 * taken, "{}", more.training().share);

    for wrong in [0.0, -0.1, 1.001, f64::NAN, f64::INFINITY] {
        for error in [
            learning.fit_on_parts(&log, TRAINED_UNTIL, &share(wrong)).unwrap_err(),
            log.sample(wrong, "winback").unwrap_err(),
            model.evaluate_on_parts(&log.at(TRAINED_UNTIL).unwrap(), &share(wrong)).unwrap_err(),
        ] {
            refused(error, "share: expected above 0, and 1 or less, got ");
        }
    }
    let nobody = log.sample(1e-9, "winback").unwrap_err();
    refused(nobody, "share: expected a share that some customers are in, got 0.000000001");
    refused(learning.fit_on_parts(&log, "2026-01-01", &share(0.1)).unwrap_err(), "until: ");
}
