//! Backtests: what they see, what stands beside the model, and what they warn of.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use winback::churn::ChurnModelBuilder;
use winback::evaluation::{BacktestOptions, Part, ScoreKind};
use winback::labels::State;
use winback::log::CustomerIndex;
use winback::metrics::{Measure, log_loss, roc_auc};
use winback::simulate::Simulation;
use winback::timing::{Buyer, Buyers, ModifiedBetaGeo};
use winback::{ChurnModel, EventLog, Span, Timestamp};

fn log(customers: usize) -> EventLog {
    let shop = Simulation::default().customers(customers).run().unwrap();
    EventLog::builder()
        .transactions([shop.transactions])
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap()
}

fn builder() -> ChurnModelBuilder {
    ChurnModel::builder().cutoffs(3)
}

fn options(tests: usize, draws: usize) -> BacktestOptions {
    BacktestOptions::default().tests(tests).test_stride(Span::days(30)).unwrap().draws(draws)
}

#[test]
fn a_cutoff_of_a_backtest_is_a_model_trained_before_it_and_judged_after() {
    let log = log(800);
    let backtest = builder().backtest(&log, &options(3, 0)).unwrap();
    let expected: Vec<Timestamp> =
        ["2024-08-02", "2024-09-01", "2024-10-01"].map(|at| at.parse().unwrap()).into();
    assert_eq!(backtest.cutoffs, expected);
    for &at in &backtest.cutoffs {
        let report = builder().fit(&log, at).unwrap().evaluate(&log.at(at).unwrap()).unwrap();
        for group in &report.groups {
            for (score, quality) in
                [(ScoreKind::Model, &group.model), (ScoreKind::Recency, &group.recency)]
            {
                let row = backtest.row(Part::Cutoff(at), group.state, score).unwrap();
                assert_eq!(row.customers, quality.n as f64);
                assert_eq!(row.base_rate, quality.base_rate);
                for (measure, value) in [
                    (Measure::RocAuc, Some(quality.roc_auc)),
                    (Measure::AveragePrecision, Some(quality.average_precision)),
                    (Measure::Lift10, Some(quality.lift_10)),
                    (Measure::BrierScore, quality.brier),
                    (Measure::LogLoss, quality.log_loss),
                ] {
                    let found = row.measures.get(measure).unwrap();
                    assert!((found - value.unwrap()).abs() < 1e-9, "{measure:?}");
                }
            }
        }
    }
    for state in State::ALL {
        for score in ScoreKind::USUAL {
            let at = |part| backtest.row(part, state, score).unwrap().measures;
            let all: Vec<f64> = backtest
                .cutoffs
                .iter()
                .filter_map(|&cutoff| at(Part::Cutoff(cutoff)).get(Measure::RocAuc))
                .collect();
            let mean = all.iter().sum::<f64>() / all.len() as f64;
            assert!((at(Part::Mean).get(Measure::RocAuc).unwrap() - mean).abs() < 1e-12);
            let worst = all.iter().copied().fold(f64::INFINITY, f64::min);
            assert_eq!(at(Part::Worst).get(Measure::RocAuc), Some(worst));
        }
    }
}

#[test]
fn the_baseline_of_purchases_is_mbg_nbd_fitted_at_the_cutoff() {
    let log = log(600);
    let at: Timestamp = "2024-10-01".parse().unwrap();
    let backtest = builder().backtest(&log, &options(1, 0)).unwrap();
    let now = log.at(at).unwrap();
    let mut days: Vec<(CustomerIndex, Vec<i64>)> = Vec::new();
    for customer in log.customers().indices() {
        let history = log.history(customer, at);
        let mut own: Vec<i64> =
            history.purchases().iter().map(|p| p.time.div_euclid(86_400_000_000)).collect();
        own.dedup();
        if !own.is_empty() {
            days.push((customer, own));
        }
    }
    let cutoff = at.micros() / 86_400_000_000;
    let buyer = |days: &[i64]| {
        let (first, last) = (days[0], days[days.len() - 1]);
        let times = [last - first, cutoff - first].map(|days| days as f64);
        Buyer::new((days.len() - 1) as f64, times[0], times[1]).unwrap()
    };
    let all: Vec<Buyer> = days.iter().map(|(_, days)| buyer(days)).collect();
    let column = |of: fn(&Buyer) -> f64| all.iter().map(of).collect::<Vec<f64>>();
    let frequency = column(|buyer| buyer.frequency() as f64);
    let buyers = Buyers::new(&frequency, &column(Buyer::recency), &column(Buyer::t)).unwrap();
    let model = ModifiedBetaGeo::default().fit(&buyers).unwrap();
    let window = winback::labels::outcome_window(at, Span::ZERO, Span::months(3)).unwrap();
    let (mut y, mut p) = (Vec::new(), Vec::new());
    for ((customer, _), buyer) in days.iter().zip(&all) {
        if now.history(*customer).last_purchase().unwrap() > "2024-07-01".parse().unwrap() {
            y.push(!log.outcome(*customer, window, log.observed_until()).unwrap().purchased());
            p.push(1.0 - model.purchase_probability(*buyer, 92.0).unwrap());
        }
    }
    let row = backtest.row(Part::Mean, State::Active, ScoreKind::MbgNbd).unwrap();
    let found = |measure| row.measures.get(measure).unwrap();
    assert!((found(Measure::RocAuc) - roc_auc(&y, &p, None).unwrap()).abs() < 1e-12);
    assert!((found(Measure::LogLoss) - log_loss(&y, &p, None).unwrap()).abs() < 1e-12);
}

#[test]
fn draws_are_seeded_and_do_not_depend_on_threads() {
    let log = log(500);
    let run = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let options = options(2, 60).seed(seed);
        pool.install(|| builder().backtest(&log, &options).unwrap())
    };
    let text = |threads, seed| {
        let backtest = run(threads, seed);
        format!("{:?}", backtest.rows)
    };
    assert_eq!(text(1, 5), text(4, 5));
    assert_ne!(text(1, 5), text(1, 6));
}

#[test]
fn an_interval_holds_its_figure_and_narrows_with_customers() {
    let width = |customers: usize| {
        let backtest = builder().backtest(&log(customers), &options(2, 200)).unwrap();
        let row = backtest.row(Part::Mean, State::Active, ScoreKind::Model).unwrap();
        let of = |measures: &winback::metrics::Measures| measures.get(Measure::RocAuc).unwrap();
        assert!(of(&row.low) < of(&row.measures) && of(&row.measures) < of(&row.high));
        of(&row.high) - of(&row.low)
    };
    let (few, many) = (width(400), width(3_600));
    // Nine times the customers make a third of the width.
    assert!((0.2..0.5).contains(&(many / few)), "{many} and {few}");
}

#[test]
fn the_bootstrap_of_one_cutoff_agrees_with_delong() {
    let backtest = builder().backtest(&log(2_000), &options(1, 400)).unwrap();
    let at = Part::Cutoff(backtest.cutoffs[0]);
    let row = backtest.row(at, State::Active, ScoreKind::Model).unwrap();
    let width = row.high.get(Measure::RocAuc).unwrap() - row.low.get(Measure::RocAuc).unwrap();
    let delong = 2.0 * 1.96 * row.roc_auc_se.unwrap();
    assert!((0.85..1.15).contains(&(width / delong)), "{width} and {delong}");
}

#[test]
fn a_column_that_tells_the_outcome_is_named() {
    let shop = Simulation::default().customers(1_500).run().unwrap();
    let at: Timestamp = "2024-10-01".parse().unwrap();
    // A status as it is when the log ends: who has purchased since is a customer, others are gone.
    let plain = EventLog::builder().transactions([shop.transactions.clone()]);
    let plain = plain.observed_until("2025-01-01").unwrap().build().unwrap();
    let ids: Vec<i64> = plain
        .customers()
        .indices()
        .map(|customer| plain.customers().get(customer).to_string().parse().unwrap())
        .collect();
    let status: Vec<&str> = plain
        .customers()
        .indices()
        .map(|customer| {
            let last = plain.history(customer, plain.observed_until()).last_purchase();
            if last.is_some_and(|last| last >= at) { "customer" } else { "gone" }
        })
        .collect();
    let columns = [
        ("customer_id", Arc::new(Int64Array::from(ids)) as ArrayRef),
        ("status", Arc::new(StringArray::from(status))),
    ];
    let log = EventLog::builder()
        .transactions([shop.transactions])
        .customers([RecordBatch::try_from_iter(columns).unwrap()])
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap();
    let backtest = builder().attributes(["status"]).backtest(&log, &options(1, 0)).unwrap();
    let said = backtest.notes.join("\n");
    assert!(said.contains("active: `status` alone tells who churned too well"), "{said}");
    let clean = builder().backtest(&log, &options(1, 0)).unwrap();
    assert!(!clean.notes.iter().any(|note| note.contains("too well")), "{:?}", clean.notes);
}

#[test]
fn cutoffs_that_cannot_be_tested_are_refused_or_noted() {
    let log = log(800);
    let error =
        |options: &BacktestOptions| builder().backtest(&log, options).unwrap_err().to_string();
    let at =
        |texts: &[&str]| BacktestOptions::default().at(texts.iter().copied()).unwrap().draws(0);
    assert!(crate::common::says(&error(&at(&[])), "at: … got none"));
    assert!(error(&at(&["2024-11-01"])).contains("outcome window ends by 2025-01-01"));
    assert!(error(&at(&["2021-01-01"])).contains("expected a time after the first transaction"));
    assert!(crate::common::says(&error(&options(0, 0)), "tests: … got 0"));
    assert!(crate::common::says(&error(&options(1, 1_000_000)), "draws: … got 1000000"));
    let backtest = builder().backtest(&log, &at(&["2024-10-01", "2022-05-01"])).unwrap();
    assert_eq!(backtest.cutoffs.len(), 1);
    assert!(backtest.notes[0].starts_with("2022-05-01: not tested"), "{:?}", backtest.notes);
    assert!(error(&at(&["2022-05-01"])).contains("no cutoff could be tested"));
}

#[test]
fn an_oracle_says_which_share_of_attainable_skill_a_model_has() {
    let simulation = Simulation::default().customers(1_500);
    let shop = simulation.run().unwrap();
    let log = EventLog::builder()
        .transactions([shop.transactions])
        .tickets([shop.tickets])
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap();
    let builder = builder().estimator("logistic").unwrap();
    let found = builder.backtest_simulated(&simulation, &log, &options(2, 40)).unwrap();
    let plain = builder.backtest(&log, &options(2, 40)).unwrap();
    let usual = |row: &&winback::evaluation::BacktestRow| row.score != ScoreKind::Oracle;
    assert!(plain.rows.iter().all(|row| row.skill.is_none() && usual(&row)));
    for (row, other) in found.rows.iter().filter(usual).zip(&plain.rows) {
        assert_eq!(
            format!("{:?}{:?}", row.measures, row.low),
            format!("{:?}{:?}", other.measures, other.low)
        );
    }
    let get = |score, measure| {
        found.row(Part::Mean, State::Active, score).unwrap().measures.get(measure).unwrap()
    };
    let model = found.row(Part::Mean, State::Active, ScoreKind::Model).unwrap();
    let skill = model.skill.unwrap();
    let auc = |score| get(score, Measure::RocAuc) - 0.5;
    assert!((skill.roc_auc.share - auc(ScoreKind::Model) / auc(ScoreKind::Oracle)).abs() < 1e-9);
    // Of the log loss: what a constant at the true rate of each cutoff loses, less what is lost.
    let constant = found
        .rows
        .iter()
        .filter(|row| {
            matches!(row.part, Part::Cutoff(_))
                && (row.state, row.score) == (State::Active, ScoreKind::Model)
        })
        .map(|row| {
            let [came, not] = [row.base_rate, 1.0 - row.base_rate];
            -(came * came.ln() + not * not.ln())
        })
        .sum::<f64>()
        / 2.0;
    let gain = |score| constant - get(score, Measure::LogLoss);
    assert!((skill.log_loss.share - gain(ScoreKind::Model) / gain(ScoreKind::Oracle)).abs() < 1e-9);
    for (share, [low, high]) in
        [skill.roc_auc, skill.log_loss].map(|s| (s.share, s.interval.unwrap()))
    {
        assert!((0.2..1.1).contains(&share) && low < share && share < high, "{low} {share} {high}");
    }
    let oracle = found.row(Part::Mean, State::Active, ScoreKind::Oracle).unwrap().skill.unwrap();
    assert_eq!((oracle.roc_auc.share, oracle.log_loss.share), (1.0, 1.0));
    assert!(found.to_string().contains("of the skill that an oracle has: AUC "));
    assert!(found.to_string().contains("\noracle: by somebody who knows how these customers were"));
    let other = Simulation::default().customers(1_000);
    let refused = builder.backtest_simulated(&other, &log, &options(1, 0)).unwrap_err();
    assert!(refused.to_string().starts_with("oracle: expected a log of the customers 1 to 1000 "));
}
