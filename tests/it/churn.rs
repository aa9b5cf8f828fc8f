//! The churn model end to end.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use winback::answer::Answer;
use winback::campaign::Arm;
use winback::churn::{Fitted, MIN_OUTCOMES};
use winback::labels::{LifecycleLimits, State};
use winback::log::{IdSlice, PurchaseBy, TransactionSlices};
use winback::time::Span;
use winback::{CandidateOptions, ChurnModel, DecisionTree, Error, Estimator, EventLog, Timestamp};

use crate::common;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn tree() -> Estimator {
    Estimator::Tree(DecisionTree::default())
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let shop = common::simulated(1_500);
    for estimator in [Estimator::default(), tree()] {
        let run = |threads: usize| {
            common::on_threads(threads, || {
                let log = common::log_of(&shop);
                let model = ChurnModel::builder()
                    .estimator(estimator.clone())
                    .unwrap()
                    .fit(&log, "2024-07-01")
                    .unwrap();
                let scores = model.score(&log.at("2024-10-01").unwrap()).unwrap();
                let bits: Vec<u64> =
                    scores.rows().iter().map(|row| row.purchase_probability.to_bits()).collect();
                let options = CandidateOptions::default().control_share(0.2);
                let candidates =
                    model.candidates(&log.at("2024-10-01").unwrap(), &options).unwrap();
                let report = model.evaluate(&log.at("2024-10-01").unwrap()).unwrap();
                (model.to_bytes().unwrap(), bits, candidates.rows().to_vec(), report)
            })
        };
        let one = run(1);
        assert!(one.2.len() > 50);
        assert!(one == run(2) && one == run(4));
    }
}

#[test]
fn candidates_are_the_lapsed_by_falling_expected_value() {
    let log = common::simulated_log(1_500);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let all =
        model.candidates(&log.at("2025-01-01").unwrap(), &CandidateOptions::default()).unwrap();
    let scores = model.score(&log.at("2025-01-01").unwrap()).unwrap();
    let lapsed = scores.rows().iter().filter(|row| row.state == State::Lapsed).count();
    assert_eq!(all.rows().len(), lapsed);
    assert_eq!(all.lapsed(), lapsed);
    for (i, row) in all.rows().iter().enumerate() {
        assert_eq!(row.rank, i as u64 + 1);
        let value = row.purchases_if_any * row.expected_check;
        assert_eq!(row.expected_value, row.return_probability * value);
        assert!(row.purchases_if_any > 1.0 && row.expected_check > 0.0);
        assert!(i == 0 || row.expected_value <= all.rows()[i - 1].expected_value);
        assert!((92.0..=184.0).contains(&row.days_since_last_purchase));
        assert_eq!(row.arm, Arm::Contact);
        assert_eq!(row.reasons.len(), 3);
        assert!(row.reasons[0].contribution.abs() >= row.reasons[1].contribution.abs());
    }
    let options = CandidateOptions::default().top(Some(7)).control_share(0.5).salt("x");
    let top = model.candidates(&log.at("2025-01-01").unwrap(), &options).unwrap();
    let ids =
        |rows: &[winback::campaign::Candidate]| rows.iter().map(|r| r.customer).collect::<Vec<_>>();
    assert_eq!(ids(top.rows()), ids(&all.rows()[..7]));
    assert_eq!(top.lapsed(), lapsed);
    assert!(top.rows().iter().any(|row| row.arm == Arm::Control));
    let batch = top.main_table().unwrap();
    let names: Vec<String> = batch.schema().fields().iter().map(|f| f.name().clone()).collect();
    assert_eq!(
        names,
        [
            "customer_id",
            "rank",
            "last_purchase",
            "days_since_last_purchase",
            "purchase_count",
            "average_check",
            "return_probability",
            "purchases_if_any",
            "expected_check",
            "expected_value",
            "arm",
            "reason_1",
            "reason_2",
            "reason_3"
        ]
    );
    for wrong in [
        CandidateOptions::default().top(Some(0)),
        CandidateOptions::default().control_share(1.0),
        CandidateOptions::default().control_share(f64::NAN),
    ] {
        let error = model.candidates(&log.at("2025-01-01").unwrap(), &wrong).unwrap_err();
        assert!(matches!(error, Error::Argument { .. }), "{error}");
    }
}

#[test]
fn the_model_beats_recency_on_simulated_customers() {
    let log = common::simulated_log(3_000);
    for (estimator, margin) in [(Estimator::default(), 0.02), (tree(), 0.005)] {
        let model =
            ChurnModel::builder().estimator(estimator).unwrap().fit(&log, "2024-07-01").unwrap();
        let report = model.evaluate(&log.at("2024-10-01").unwrap()).unwrap();
        let active = &report.groups[0];
        assert_eq!((active.state, active.outcome), (State::Active, "churned"));
        assert!(active.model.roc_auc > active.recency.roc_auc + margin, "{report}");
        assert!(active.model.log_loss < active.recency.log_loss, "{report}");
        let lapsed = &report.groups[1];
        assert_eq!((lapsed.state, lapsed.outcome), (State::Lapsed, "returned"));
        assert_eq!(report.main_table().unwrap().num_rows(), 2 * report.groups.len());
    }
}

#[test]
fn training_uses_only_outcomes_that_end_by_until() {
    let log = common::simulated_log(800);
    let until = at("2024-08-15");
    let model = ChurnModel::builder()
        .lead(Span::days(7))
        .unwrap()
        .horizon(Span::months(2))
        .unwrap()
        .cutoffs(4)
        .fit(&log, until)
        .unwrap();
    let cutoffs = &model.training().cutoffs;
    assert_eq!(cutoffs.len(), 4);
    for cutoff in cutoffs {
        let end = cutoff.cutoff.add(Span::days(7)).unwrap().add(Span::months(2)).unwrap();
        assert!(end <= until);
    }
    assert_eq!(cutoffs[3].cutoff, at("2024-06-08"));
    assert!(model.training().rows(State::Active).purchased > MIN_OUTCOMES);
    assert!(model.training().rows(State::Lapsed).not_purchased > MIN_OUTCOMES);
    assert!(model.to_string().contains("trained at 4 cutoffs"));

    // What happens from `until` on does not matter.
    let shop = common::simulated(800).transactions;
    let times = shop.column(1).as_primitive::<TimestampMicrosecondType>();
    let fit = |end: i64| {
        let rows: Vec<usize> = (0..shop.num_rows()).filter(|&i| times.value(i) < end).collect();
        let ids = shop.column(0).as_primitive::<Int64Type>();
        let amounts = shop.column_by_name("amount").unwrap().as_primitive::<Float64Type>();
        let ids: Vec<i64> = rows.iter().map(|&i| ids.value(i)).collect();
        let amounts: Vec<f64> = rows.iter().map(|&i| amounts.value(i)).collect();
        let times: Vec<Timestamp> =
            rows.iter().map(|&i| Timestamp::from_micros(times.value(i)).unwrap()).collect();
        let orders = TransactionSlices {
            customer_id: IdSlice::Int(&ids),
            time: &times,
            amount: Some(&amounts),
            ..TransactionSlices::default()
        };
        let log = EventLog::builder()
            .transactions([orders.to_batch().unwrap()])
            .observed_until("2025-01-01")
            .unwrap()
            .build()
            .unwrap();
        (rows.len(), ChurnModel::builder().fit(&log, until).unwrap().to_bytes().unwrap())
    };
    let (cut, whole) = (fit(until.micros()), fit(i64::MAX));
    assert!(cut.0 < whole.0);
    assert_eq!(cut.1, whole.1);
}

#[test]
fn too_little_data_says_what_would_be_enough() {
    let log = common::simulated_log(60);
    let error = ChurnModel::builder().cutoffs(1).fit(&log, "2024-10-01").unwrap_err();
    assert!(matches!(error, Error::TooLittleData(_)), "{error}");
    assert!(error.to_string().contains("at least 30 of each are needed"), "{error}");
}

#[test]
fn times_outside_the_log_are_refused() {
    let log = common::simulated_log(800);
    let builder = ChurnModel::builder();
    for (until, expected) in [
        ("2021-06-01", "a time after the first transaction"),
        ("2025-02-01", "a time up to 2025-01-01, where the log ends"),
        ("2022-02-01", "expected a time that leaves a cutoff"),
    ] {
        let error = builder.fit(&log, until).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert!(builder.clone().cutoffs(0).fit(&log, "2024-10-01").is_err());
    assert!(builder.clone().stride(Span::ZERO).unwrap().fit(&log, "2024-10-01").is_err());
    assert!(builder.clone().horizon(Span::ZERO).unwrap().fit(&log, "2024-10-01").is_err());
    let model = builder.fit(&log, "2024-10-01").unwrap();
    assert!(log.at("2025-01-02").is_err());
    let error = model.evaluate(&log.at("2024-09-01").unwrap()).unwrap_err().to_string();
    assert!(error.contains("a time from 2024-10-01 on, up to which the training saw"), "{error}");
    let error = model.evaluate(&log.at("2024-11-01").unwrap()).unwrap_err().to_string();
    assert!(error.contains("outcome window ends by 2025-01-01 (observed_until)"), "{error}");
}

#[test]
fn a_log_that_the_model_cannot_read_is_refused() {
    let shop = common::simulated(800);
    let model = ChurnModel::builder().fit(&common::log_of(&shop), "2024-10-01").unwrap();
    let builder = || EventLog::builder().transactions([shop.transactions.clone()]);
    let log = builder().observed_until("2025-01-01").unwrap().build().unwrap();
    let error = model.score(&log.at("2025-01-01").unwrap()).unwrap_err().to_string();
    assert!(error.contains("the log lacks a ticket log"), "{error}");
    let log = builder()
        .purchase_by(PurchaseBy::Day)
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap();
    let error = model.score(&log.at("2025-01-01").unwrap()).unwrap_err().to_string();
    assert_eq!(error, "purchase_by: expected \"order\", as in training, got day");
}

#[test]
fn without_amounts_money_is_absent_not_zero() {
    let shop = common::simulated(800);
    let bare = shop.transactions.project(&[0, 1]).unwrap();
    let log = EventLog::builder()
        .transactions([bare])
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap();
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    assert!(!model.columns().iter().any(|name| name.contains("check") || name.contains("spend")));
    let candidates =
        model.candidates(&log.at("2025-01-01").unwrap(), &CandidateOptions::default()).unwrap();
    let batch = candidates.main_table().unwrap();
    assert!(batch.column_by_name("expected_value").is_none());
    assert!(batch.column_by_name("average_check").is_none());
    let p: Vec<f64> = candidates.rows().iter().map(|row| row.return_probability).collect();
    assert!(p.is_sorted_by(|a, b| a >= b));
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn recency_alone_misleads_for_yearly_givers() {
    let log = common::donations();
    // By months, silence tells nothing about people who give once a year.
    let model = ChurnModel::builder().cutoffs(24).fit(&log, "2015-10-01").unwrap();
    let report = model.evaluate(&log.at("2015-10-01").unwrap()).unwrap();
    println!("{report}");
    let said = |text: &str| report.notes.iter().any(|note| note.contains(text));
    assert!(said("active: recency alone says nothing"), "{report}");
    assert!(report.groups[0].model.roc_auc > 0.7, "{report}");
    // By years, it says the opposite of what one would think: who gave long ago gives next.
    let limits = LifecycleLimits::default()
        .lapsed_after(Span::months(12))
        .unwrap()
        .lost_after(Span::months(24))
        .unwrap();
    let builder = ChurnModel::builder().limits(limits).cutoffs(24);
    let report =
        builder.fit(&log, "2015-07-01").unwrap().evaluate(&log.at("2015-07-01").unwrap()).unwrap();
    println!("{report}");
    assert!(report.notes[0].contains("active: recency alone misleads"), "{report}");
    assert!(report.groups[0].model.roc_auc > 0.6, "{report}");
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn candidates_of_a_real_shop() {
    let log = online_retail();
    let report = log.report();
    assert_eq!(report.transactions.rows_read, 541_909);
    assert_eq!(report.transactions.missing_id, 135_080);
    assert_eq!(report.customers, 4_372);
    let model = ChurnModel::builder().fit(&log, "2011-09-01").unwrap();
    let candidates =
        model.candidates(&log.at("2011-09-01").unwrap(), &CandidateOptions::default()).unwrap();
    println!("{report}\n{model}\n{}", candidates.report());
    assert!(candidates.rows().len() > 300);
    let best = &candidates.rows()[0];
    assert!(best.return_probability > 0.0 && best.expected_value > 0.0);
    let report = model.evaluate(&log.at("2011-09-01").unwrap()).unwrap();
    println!("{report}");
    assert!(report.groups[0].model.roc_auc > report.groups[0].recency.roc_auc, "{report}");
}

/// Item lines with quantity and price; an invoice is a purchase.
fn online_retail() -> EventLog {
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    let path = common::data("online_retail/year_2010_2011.parquet");
    let file = std::fs::File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let batches = reader.map(|batch| {
        let batch = batch.unwrap();
        let number = |name: &str| {
            let column = batch.column_by_name(name).unwrap();
            arrow_cast::cast(column, &arrow_schema::DataType::Float64).unwrap()
        };
        let (quantity, price) = (number("quantity"), number("price"));
        let amount = arrow_array::Float64Array::from_iter_values(
            quantity
                .as_primitive::<Float64Type>()
                .values()
                .iter()
                .zip(price.as_primitive::<Float64Type>().values())
                .map(|(quantity, price)| quantity * price),
        );
        let column = |name: &str| batch.column_by_name(name).unwrap().clone();
        arrow_array::RecordBatch::try_from_iter_with_nullable([
            ("customer_id", column("customer_id"), true),
            ("time", column("invoice_date"), true),
            ("order_id", column("invoice"), true),
            ("category", column("stock_code"), true),
            ("channel", column("country"), true),
            ("amount", std::sync::Arc::new(amount) as _, true),
        ])
        .unwrap()
    });
    EventLog::builder()
        .transactions(batches)
        .missing_ids(winback::log::MissingIds::Drop)
        .observed_until("2011-12-10")
        .unwrap()
        .build()
        .unwrap()
}

#[test]
fn a_fitted_model_can_be_looked_into() {
    let log = common::simulated_log(800);
    let logistic = ChurnModel::builder().estimator("logistic").unwrap();
    let model = logistic.fit(&log, "2024-10-01").unwrap();
    let [(Fitted::Logistic { logistic, .. }, _)] = model.fitted(State::Active)[..] else {
        panic!("not logistic")
    };
    assert!(logistic.summary().to_string().contains("purchase_count"));
    let model = ChurnModel::builder().estimator(tree()).unwrap().fit(&log, "2024-10-01").unwrap();
    let [(Fitted::Tree(tree), _)] = model.fitted(State::Lapsed)[..] else { panic!("not a tree") };
    let names = model.columns();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert!(tree.text(&names, None).unwrap().contains('<'));
}

#[test]
fn what_tells_persons_apart_is_no_attribute_of_a_model() {
    let shop = common::simulated(300);
    let table = &shop.customers;
    let ids = arrow_cast::cast(table.column(0), &arrow_schema::DataType::Utf8).unwrap();
    let ids: Vec<String> =
        ids.as_string::<i32>().iter().map(|id| id.unwrap_or_default().to_owned()).collect();
    let fit = |texts: Vec<String>| {
        let text: ArrayRef = Arc::new(StringArray::from(texts));
        let customers = [("customer_id", table.column(0).clone()), ("mark", text)];
        let log = EventLog::builder()
            .transactions([shop.transactions.clone()])
            .customers([RecordBatch::try_from_iter(customers).unwrap()])
            .observed_until("2025-01-01")
            .unwrap()
            .build()
            .unwrap();
        let builder = ChurnModel::builder().attributes(["mark"]).estimator("tree").unwrap();
        builder.fit(&log, "2024-10-01")
    };
    let error = fit(ids.iter().map(|id| format!("{id}@mail.example")).collect()).unwrap_err();
    assert!(matches!(error, Error::Column { .. }), "{error}");
    let text = error.to_string();
    assert!(text.starts_with("customers.mark: ") && text.contains("has one of its own"), "{text}");
    // Towns of a few customers each are groups.
    fit((0..ids.len()).map(|i| format!("town {}", i / 3)).collect()).unwrap();
}

/// A log of 400 customers whose towns are 3 large ones, and one each for the first customers.
fn log_with_villages(villages: usize, called: &str) -> EventLog {
    let shop = common::simulated(400);
    let town = |i| if i < villages { format!("{called} {i}") } else { format!("town {}", i % 3) };
    let towns: ArrayRef = Arc::new(StringArray::from_iter_values((0..400).map(town)));
    let customers = [("customer_id", shop.customers.column(0).clone()), ("town", towns)];
    EventLog::builder()
        .transactions([shop.transactions])
        .customers([RecordBatch::try_from_iter(customers).unwrap()])
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap()
}

#[test]
fn rare_texts_count_as_one_with_those_that_training_did_not_see() {
    let log = log_with_villages(12, "village");
    let later = log_with_villages(12, "hamlet").at("2024-10-01").unwrap();
    for estimator in ["average", "logistic", "tree", "boosting"] {
        let builder = ChurnModel::builder().attributes(["town"]).estimator(estimator).unwrap();
        let model = builder.clone().fit(&log, "2024-10-01").unwrap();
        let [("town", towns)] = model.categories().collect::<Vec<_>>()[..] else { panic!() };
        assert_eq!(towns, ["town 0", "town 1", "town 2"]);
        let [("town", pooled)] = model.pooled_levels().collect::<Vec<_>>()[..] else { panic!() };
        assert!((8..=12).contains(&pooled), "villages whose customers had bought: {pooled}");
        let told = format!("town: {pooled} texts of fewer than 5 customers each count as one");
        assert!(model.to_string().contains(&told), "{model}");
        let bytes = model.to_bytes().unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("village"), "a rare text is in the file of {estimator}");
        let again = ChurnModel::from_bytes(&bytes).unwrap();
        assert_eq!(again.pooled_levels().collect::<Vec<_>>(), [("town", pooled)]);

        // Other villages at the time of scoring are as these.
        let scores = model.score(&log.at("2024-10-01").unwrap()).unwrap();
        let scores_later = again.score(&later).unwrap();
        assert_eq!(scores.main_table().unwrap(), scores_later.main_table().unwrap());
        let all = builder.min_level(0).fit(&log, "2024-10-01").unwrap();
        assert_eq!(all.categories().next().unwrap().1.len(), 3 + pooled);
        assert_eq!(all.pooled_levels().count(), 0);
    }
}

#[test]
fn trees_name_columns_and_texts() {
    let shop = common::simulated(1_000);
    let log = EventLog::builder()
        .transactions([shop.transactions])
        .customers([shop.customers])
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap();
    let builder = ChurnModel::builder().attributes(["segment", "age"]);
    let model = builder.clone().estimator("boosting").unwrap().fit(&log, "2024-10-01").unwrap();
    let categories: Vec<_> = model.categories().collect();
    let [("segment", texts)] = categories[..] else { panic!("{categories:?}") };
    assert!(texts.is_sorted() && texts.len() > 1);

    let text = model.tree_text(State::Active, None).unwrap();
    assert!(texts.iter().any(|name| text.contains(&format!("\"{name}\""))), "{text}");
    let count = model.trees(State::Active).unwrap().tree_count();
    let parts = (0..count).map(|tree| {
        format!("tree {tree}:\n{}", model.tree_text(State::Active, Some(tree)).unwrap())
    });
    assert_eq!(text.split_once('\n').unwrap().1, parts.collect::<String>());
    let error = model.tree_text(State::Active, Some(count)).unwrap_err().to_string();
    assert!(
        error.starts_with(&format!(
            "tree: expected a number below {count}, that of the trees, got {count}"
        )),
        "{error}"
    );
    assert!(model.graphviz(State::Active, count).is_err());

    assert_eq!(
        model.tree_text(State::Lost, None).unwrap(),
        model.tree_text(State::Lapsed, None).unwrap()
    );
    let logistic = builder.estimator("logistic").unwrap().fit(&log, "2024-10-01").unwrap();
    let error = logistic.tree_text(State::Active, None).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "estimator: expected \"tree\" or \"boosting\", which have trees, got \"logistic\""
        ),
        "{error}"
    );
}

#[test]
fn few_returns_of_lost_customers_are_told() {
    let log = common::simulated_log(600);
    let model = ChurnModel::builder().cutoffs(2).fit(&log, "2024-10-01").unwrap();
    let lost = model.training().rows(State::Lost);
    assert!(lost.purchased < 30 && !model.training().has_enough(State::Lost));
    let report = model.evaluate(&log.at("2024-10-01").unwrap()).unwrap();
    let note = format!("lost: training had few of them ({} rows with a purchase", lost.purchased);
    assert!(report.notes.iter().any(|told| told.starts_with(&note)), "{:?}", report.notes);

    let log = common::simulated_log(3_000);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    assert!(State::ALL.into_iter().all(|state| model.training().has_enough(state)));
    let report = model.evaluate(&log.at("2024-10-01").unwrap()).unwrap();
    assert!(!report.notes.iter().any(|told| told.contains("training had few")));
}

#[test]
fn states_are_read_by_their_names() {
    for state in [State::Active, State::Lapsed, State::Lost] {
        assert_eq!(state.name().parse::<State>().unwrap(), state);
    }
    let error = "gone".parse::<State>().unwrap_err().to_string();
    assert!(error.starts_with("state: expected \"active\", "), "{error}");
}
