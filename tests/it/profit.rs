//! What contacting active customers would have earned: outcomes, scores and figures that enter.

use winback::answer::Answer;
use winback::campaign::{Clv, ProfitOptions, ProfitReport};
use winback::features::FeatureTable;
use winback::labels::{State, outcome_window};
use winback::metrics::{AcceptRate, Economics, PerCustomer, empc, mpc, profit_curve};
use winback::simulate::Simulation;
use winback::{ChurnModel, Error, Estimator, EventLog, Span, Timestamp};

use crate::common;

const AT: &str = "2024-10-01";

fn log_and_model() -> (EventLog, ChurnModel) {
    let log = common::simulated_log(900);
    let model = ChurnModel::builder().cutoffs(3).fit(&log, AT).unwrap();
    (log, model)
}

fn usual() -> ProfitOptions {
    ProfitOptions {
        clv: Clv::All(200.0),
        incentive_cost: 10.0,
        contact_cost: 1.0,
        accept_rate: 0.3.into(),
    }
}

/// The active customers at the cutoff: whether each churned, his churn probability, the days since his
/// last purchase and his spend of a year.
#[derive(Default)]
struct Active {
    churned: Vec<bool>,
    probability: Vec<f64>,
    days: Vec<f64>,
    spend: Vec<f64>,
}

fn active(log: &EventLog, model: &ChurnModel) -> Active {
    let at: Timestamp = AT.parse().unwrap();
    let window = outcome_window(at, Span::ZERO, Span::months(3)).unwrap();
    let table = FeatureTable::extract(log, [at], &[]).unwrap();
    let spend = table.numbers("total_spend_365d").unwrap();
    let scores = model.score(&log.at(at).unwrap()).unwrap();
    let mut active = Active::default();
    for (row, score) in scores.rows().iter().enumerate() {
        if score.state == State::Active {
            let customer = table.customers()[row];
            let outcome = log.outcome(customer, window, log.observed_until()).unwrap();
            active.churned.push(!outcome.purchased());
            active.probability.push(score.churn_probability);
            active.days.push(score.days_since_last_purchase);
            active.spend.push(spend[row]);
        }
    }
    active
}

#[test]
fn a_report_holds_the_profit_of_active_customers() {
    let (log, model) = log_and_model();
    let report = model.profit(&log.at(AT).unwrap(), &usual()).unwrap();
    let active = active(&log, &model);
    assert_eq!(report.customers, active.churned.len());
    assert_eq!(report.churners, active.churned.iter().filter(|&&y| y).count());
    let economics = Economics {
        clv: 200.0.into(),
        incentive_cost: 10.0.into(),
        contact_cost: 1.0.into(),
        accept_rate: 0.3.into(),
    };
    let curve = profit_curve(&active.churned, &active.probability, &economics).unwrap();
    assert_eq!(report.curve, curve);
    assert_eq!(report.model, curve.best());
    assert_eq!(report.everybody.customers, report.customers);
    let days = profit_curve(&active.churned, &active.days, &economics).unwrap();
    assert_eq!(report.recency, days.best());
    assert_eq!((report.expected, report.alpha, report.worthless), (None, None, 0));
    assert_eq!((report.accept_rate, report.mean_clv), (0.3, 200.0));
    let quality = model.evaluate(&log.at(AT).unwrap()).unwrap();
    assert_eq!(quality.groups[0].model.n, report.customers);
    assert_eq!(quality.groups[0].model.positives, report.churners);
}

#[test]
fn an_accept_rate_by_its_distribution_gives_the_expected_maximum_too() {
    let (log, model) = log_and_model();
    let accept_rate = AcceptRate::Beta { alpha: 6.0, beta: 14.0 };
    let report =
        model.profit(&log.at(AT).unwrap(), &ProfitOptions { accept_rate, ..usual() }).unwrap();
    let Active { churned, probability, .. } = active(&log, &model);
    let economics = Economics {
        clv: 200.0.into(),
        incentive_cost: 10.0.into(),
        contact_cost: 1.0.into(),
        accept_rate,
    };
    assert_eq!(report.expected.unwrap(), empc(&churned, &probability, &economics).unwrap());
    assert!(report.expected.unwrap().profit >= report.model.profit);
    let known = model.profit(&log.at(AT).unwrap(), &usual()).unwrap();
    assert!((report.model.profit - known.model.profit).abs() < 1e-9); // 6 / 20 = 0.3
    assert_eq!((report.alpha, report.beta), (Some(6.0), Some(14.0)));
    let said = report.to_string();
    assert!(said.contains("accept rate Beta(6, 14), 0.3000 in the mean"), "{said}");
    assert!(said.contains("Expected maximum profit"), "{said}");
}

#[test]
fn a_clv_may_be_a_multiple_of_a_feature() {
    let (log, model) = log_and_model();
    let clv: Clv = "0.25 * total_spend_365d".parse().unwrap();
    assert_eq!(clv.to_string(), "0.25*total_spend_365d");
    let report = model.profit(&log.at(AT).unwrap(), &ProfitOptions { clv, ..usual() }).unwrap();
    let Active { churned, probability, spend, .. } = active(&log, &model);
    let clv: Vec<f64> =
        spend.iter().map(|&spend| if spend > 0.0 { 0.25 * spend } else { 0.0 }).collect();
    assert_eq!(report.worthless, clv.iter().filter(|&&clv| clv == 0.0).count());
    assert!((report.mean_clv - clv.iter().sum::<f64>() / clv.len() as f64).abs() < 1e-9);
    let economics = Economics {
        clv: PerCustomer::Each(&clv),
        incentive_cost: 10.0.into(),
        contact_cost: 1.0.into(),
        accept_rate: 0.3.into(),
    };
    let best = mpc(&churned, &probability, &economics).unwrap();
    assert_eq!((report.model.profit, report.model.share), (best.profit, best.share));
}

#[test]
fn customers_whose_feature_is_0_or_missing_are_worth_nothing_and_counted() {
    let (log, model) = log_and_model();
    let report = |clv: &str| {
        let economics = ProfitOptions { clv: clv.parse().unwrap(), ..usual() };
        model.profit(&log.at(AT).unwrap(), &economics)
    };
    for feature in ["open_ticket_count", "last_survey_score"] {
        let found = report(&format!("30*{feature}")).unwrap();
        assert!(found.worthless > 0 && found.worthless < found.customers, "{feature}");
        let note = format!(
            "clv 30*{feature} is missing or not above 0 for {} of the {} customers",
            found.worthless, found.customers
        );
        assert!(found.notes[0].starts_with(&note), "{:?}", found.notes);
    }
}

#[test]
fn a_report_says_what_is_unexpected() {
    let (log, model) = log_and_model();
    let dear =
        ProfitOptions { clv: Clv::All(30.0), incentive_cost: 25.0, contact_cost: 2.0, ..usual() };
    let report = model.profit(&log.at(AT).unwrap(), &dear).unwrap();
    assert!(report.notes[0].starts_with("to contact nobody earns most"), "{:?}", report.notes);
    assert!(report.model.customers == 0 && report.everybody.profit < 0.0);
    // A tree of two leaves: both hold churners enough to pay.
    let stump = "tree".parse::<Estimator>().unwrap().with_param("max_depth", "1").unwrap();
    let stump = ChurnModel::builder().cutoffs(3).estimator(stump).unwrap().fit(&log, AT).unwrap();
    let cheap = ProfitOptions { incentive_cost: 0.0, ..usual() };
    let report = stump.profit(&log.at(AT).unwrap(), &cheap).unwrap();
    assert!(report.notes[0].starts_with("to contact everybody earns most"), "{:?}", report.notes);
    assert_eq!((report.curve.points().len(), report.model), (3, report.everybody));
    // A ranking that knows no more than its baseline: what it says of itself fits its figures.
    let report = model.profit(&log.at(AT).unwrap(), &usual()).unwrap();
    let said = report.notes.iter().any(|note| note.contains("alone earn no less"));
    let between = (1..report.customers).contains(&report.model.customers);
    assert_eq!(said, between && report.recency.profit >= report.model.profit);
}

#[test]
fn a_report_is_printed_in_words_and_reads_as_json() {
    let (log, model) = log_and_model();
    let report: ProfitReport = model.profit(&log.at(AT).unwrap(), &usual()).unwrap();
    let said = report.to_string();
    for part in [
        "Profit of contacting active customers by the average model at 2024-10-01\noutcomes in \
         [2024-10-01, 2025-01-01)",
        "clv 200, incentive cost 10, contact cost 1, accept rate 0.3\n",
        "\nmodel, best share ",
        "\ndays since last purchase, best ",
        "\neverybody ",
        "\nnobody ",
        "churn probability from 0.",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["at"], AT);
    assert_eq!((&json["clv"], &json["expected"]), (&200.0.into(), &serde_json::Value::Null));
    assert_eq!(json["model"]["customers"], report.model.customers);
    assert_eq!(report.main_table().unwrap().num_rows(), report.curve.points().len());
}

#[test]
fn economics_that_cannot_be_used_are_refused() {
    let (log, model) = log_and_model();
    let error = |economics: ProfitOptions| {
        let error = model.profit(&log.at(AT).unwrap(), &economics).unwrap_err();
        assert!(matches!(error, Error::Argument { .. }), "{error}");
        error.to_string()
    };
    let clv = |text: &str| ProfitOptions { clv: text.parse().unwrap(), ..usual() };
    assert!(error(clv("0")).starts_with("clv: expected above 0, at most 1e100, got 0"));
    assert!(common::says(&error(clv("-20")), "clv: … got -20"));
    assert!(common::says(&error(clv("nan")), "clv: … got NaN"));
    assert!(error(clv("0*total_spend")).contains("a factor above 0"));
    assert!(error(clv("inf*total_spend")).contains("a factor above 0"));
    assert!(error(clv("2*shoe_size")).contains("a feature of the catalogue that the model reads"));
    assert!(error(ProfitOptions { incentive_cost: 201.0, ..usual() }).contains("at most clv"));
    assert!(common::says(
        &error(ProfitOptions { contact_cost: -1.0, ..usual() }),
        "contact_cost: … got -1"
    ));
    assert!(common::says(
        &error(ProfitOptions { accept_rate: 2.0.into(), ..usual() }),
        "accept_rate: … got 2"
    ));
    let each = AcceptRate::Known(PerCustomer::Each(&[0.3]));
    assert!(error(ProfitOptions { accept_rate: each, ..usual() }).contains("one rate for all"));
    for text in ["", "dear", "total_spend", "*total_spend", "0.3*", "0.3*  ", "x*total_spend"] {
        let error = text.parse::<Clv>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("clv: expected a number, or a number times a feature, as 0.3*total_spend_365d, got \"{text}\"")), "{error}");
    }
}

#[test]
fn cutoffs_without_a_profit_to_judge_are_refused() {
    let (log, model) = log_and_model();
    let error =
        |log: &EventLog, at: &str| model.profit(&log.at(at).unwrap(), &usual()).unwrap_err();
    assert!(
        error(&log, "2024-09-01").to_string().contains("up to which the training saw outcomes")
    );
    assert!(error(&log, "2024-11-01").to_string().contains("outcome window ends by 2025-01-01"));
    let shop = common::simulated(900);
    let silent = EventLog::builder()
        .transactions([shop.transactions])
        .tickets([shop.tickets])
        .surveys([shop.surveys])
        .customers([shop.customers])
        .observed_until("2026-01-01")
        .unwrap()
        .build()
        .unwrap();
    let error = error(&silent, "2025-01-02"); // nobody purchases any more
    assert!(matches!(error, Error::TooLittleData(_)), "{error}");
    assert!(
        error.to_string().contains("among the active customers at 2025-01-02 not both"),
        "{error}"
    );
}

#[test]
fn customers_of_whom_none_is_worth_anything_are_refused() {
    let shop = Simulation::default().customers(900).return_share(0.0).run().unwrap();
    let log = EventLog::builder()
        .transactions([shop.transactions])
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap();
    let model = ChurnModel::builder().cutoffs(3).fit(&log, AT).unwrap();
    let economics = ProfitOptions { clv: "50*return_share".parse().unwrap(), ..usual() };
    let error = model.profit(&log.at(AT).unwrap(), &economics).unwrap_err();
    assert!(matches!(error, Error::TooLittleData(_)), "{error}");
    assert!(error.to_string().contains("clv 50*return_share is above 0 for none"), "{error}");
}
