//! Campaigns: arms that are drawn, and what they changed, against values from elsewhere.

use std::sync::Arc;

use approx::assert_relative_eq;
use winback::answer::Answer;
use winback::arrow_array::cast::AsArray;
use winback::arrow_array::types::{Float64Type, Int64Type};
use winback::arrow_array::{ArrayRef, Float64Array, Int64Array, LargeStringArray, RecordBatch};
use winback::campaign::{AssignOptions, Assignment, Effect, EffectOptions, PlanFile};
use winback::log::CustomerTable;
use winback::{Error, EventLog};

use crate::common::data;

/// Columns by name.
pub(crate) type Columns = Vec<(String, ArrayRef)>;

fn numbers(name: &str, values: impl IntoIterator<Item = f64>) -> (String, ArrayRef) {
    (name.to_owned(), Arc::new(Float64Array::from_iter_values(values)))
}

fn whole(name: &str, values: impl IntoIterator<Item = i64>) -> (String, ArrayRef) {
    (name.to_owned(), Arc::new(Int64Array::from_iter_values(values)))
}

pub(crate) fn texts<'a>(
    name: &str,
    values: impl IntoIterator<Item = &'a str>,
) -> (String, ArrayRef) {
    (name.to_owned(), Arc::new(LargeStringArray::from_iter_values(values)))
}

pub(crate) fn table(columns: Columns) -> CustomerTable {
    CustomerTable::of_batches("arms", [RecordBatch::try_from_iter(columns).unwrap()]).unwrap()
}

pub(crate) fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn cell(answer: &dyn Answer, of: &str, row: usize, column: &str) -> f64 {
    let batch = answer.table(of).unwrap();
    let column = batch.column_by_name(column).unwrap_or_else(|| panic!("{column}"));
    match column.data_type().is_integer() {
        true => column.as_primitive::<Int64Type>().value(row) as f64,
        false => column.as_primitive::<Float64Type>().value(row),
    }
}

fn word(answer: &dyn Answer, of: &str, row: usize, column: &str) -> String {
    let batch = answer.table(of).unwrap();
    batch.column_by_name(column).unwrap().as_string::<i64>().value(row).to_owned()
}

/// The row of an arm and an outcome.
fn row_of(answer: &dyn Answer, of: &str, arm: &str, metric: &str) -> usize {
    let rows = answer.table(of).unwrap().num_rows();
    let is_it = |row: &usize| {
        word(answer, of, *row, "arm") == arm && word(answer, of, *row, "metric") == metric
    };
    (0..rows).find(is_it).unwrap()
}

const MENS: &str = "Mens E-Mail";
const WOMENS: &str = "Womens E-Mail";

fn hillstrom() -> CustomerTable {
    CustomerTable::of_path("arms", data("hillstrom_email/hillstrom.parquet")).unwrap()
}

fn of_hillstrom() -> EffectOptions {
    EffectOptions::default()
        .arm("segment")
        .control("No E-Mail")
        .metrics(names(&["visit", "conversion", "spend"]))
        .shares(Some("No E-Mail=1,Mens E-Mail=1,Womens E-Mail=1".parse().unwrap()))
}

/// Values of statsmodels 0.15 and scipy 1.17.1 on Hillstrom's e-mail test (64,000 customers).
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn effects_of_hillstrom() {
    let table = hillstrom();
    let found = Effect::of_table(&table, None, &of_hillstrom()).unwrap();
    assert_relative_eq!(
        found.figures()["sample_ratio_p_value"].as_f64().unwrap(),
        0.9036929575604196,
        max_relative = 1e-9
    );
    for (arm, metric, difference, low, high, lift_low, lift_high, holm) in [
        (
            MENS,
            "visit",
            0.076589563652,
            0.0699533081,
            0.0832267413,
            0.6403848885,
            0.8064259647,
            3.411099e-111,
        ),
        (
            MENS,
            "conversion",
            0.006805006520,
            0.0050143447,
            0.0086407234,
            0.7679840780,
            1.7088424427,
            6.092894e-13,
        ),
        (
            WOMENS,
            "visit",
            0.045233106587,
            0.0388940954,
            0.0515743430,
            0.3561712235,
            0.4995400494,
            1.591202e-43,
        ),
    ] {
        let row = row_of(&found, "effects", arm, metric);
        let value = |column: &str| cell(&found, "effects", row, column);
        for (column, expected) in [
            ("difference", difference),
            ("difference_low", low),
            ("difference_high", high),
            ("relative_lift_low", lift_low),
            ("relative_lift_high", lift_high),
        ] {
            assert!((value(column) - expected).abs() < 1e-9, "{arm} {metric} {column}");
        }
        assert!((value("p_adjusted") / holm - 1.0).abs() < 1e-6, "{arm} {metric}");
        assert_eq!(word(&found, "effects", row, "method"), "newcombe");
    }
    let spend = row_of(&found, "effects", MENS, "spend");
    for (column, expected) in [
        ("difference", 0.769827155895),
        ("difference_low", 0.4851397325684067),
        ("difference_high", 1.0545145792206663),
        ("standard_error", 0.145246560249),
        ("total", 16402.70721064),
        ("total_low", 10336.872282),
        ("total_high", 22468.542139),
        ("relative_lift", 1.1792887704),
        ("p_adjusted", 3.491445e-07),
    ] {
        assert_relative_eq!(cell(&found, "effects", spend, column), expected, max_relative = 1e-6);
    }
    let women = row_of(&found, "effects", WOMENS, "spend");
    assert_relative_eq!(
        cell(&found, "effects", women, "p_adjusted"),
        1.129397e-03,
        max_relative = 1e-6
    );
    assert_relative_eq!(
        cell(&found, "money", 0, "incremental_revenue"),
        16402.70721064,
        max_relative = 1e-9
    );
    assert_eq!(cell(&found, "money", 0, "buyers"), 267.0);
}

/// Lin's regression with HC2 of statsmodels 0.15, and the balance of the same covariates.
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn adjusted_effects_of_hillstrom() {
    let table = hillstrom();
    for (covariates, metric, difference, error) in [
        (&["history"][..], "visit", 0.076412912702, 0.003378336121),
        (&["history", "recency"], "visit", 0.076621670030, 0.003370785637),
        (&["history", "recency"], "conversion", 0.006800092734, 0.000919868878),
        (&["history", "recency"], "spend", 0.769069743664, 0.145188885925),
    ] {
        let options = of_hillstrom().covariates(names(covariates)).metrics(names(&[metric]));
        let found = Effect::of_table(&table, None, &options).unwrap();
        let row = row_of(&found, "effects", MENS, metric);
        let value = |of, column: &str| cell(&found, of, row, column);
        assert_eq!(word(&found, "effects", row, "method"), "lin_hc2");
        assert!((value("effects", "difference") - difference).abs() < 1e-10, "{metric}");
        assert_relative_eq!(value("effects", "standard_error"), error, max_relative = 1e-8);
        assert!(value("unadjusted", "standard_error") > 0.999 * error);
    }
    let options = of_hillstrom().covariates(names(&["recency", "history", "newbie"]));
    let found = Effect::of_table(&table, None, &options).unwrap();
    for (row, expected) in [(0, 0.00683153), (1, 0.00761287), (2, -0.00089190)] {
        let off = cell(&found, "balance", row, "standardised_difference");
        assert!((off - expected).abs() < 1e-8, "{off}");
    }
}

/// DerSimonian and Laird, by numpy 2.2.6 and scipy 1.17.1.
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn segments_of_hillstrom() {
    let table = hillstrom();
    let options = of_hillstrom().segments(names(&["history_segment"])).metrics(names(&["visit"]));
    let found = Effect::of_table(&table, None, &options).unwrap();
    for (column, expected) in [
        ("q", 9.53369304),
        ("p_value", 0.14571293),
        ("i_squared", 0.37065312),
        ("variance_between", 5.3501785861e-05),
        ("mean_effect", 0.0777944792),
    ] {
        let value = cell(&found, "heterogeneity", 0, column);
        assert!((value / expected - 1.0).abs() < 1e-6, "{column} {value}");
    }
    let shrunk = [
        (7724.0, 0.0716532143),
        (4691.0, 0.0731136106),
        (4090.0, 0.0807029886),
        (2097.0, 0.0808394762),
        (1597.0, 0.0830374536),
        (644.0, 0.0761373462),
        (464.0, 0.0790772648),
    ];
    for (row, (customers, expected)) in shrunk.into_iter().enumerate() {
        assert_eq!(cell(&found, "segments", row, "customers"), customers);
        assert!((cell(&found, "segments", row, "shrunk") - expected).abs() < 1e-9);
    }
    // The z test with the common share, by scipy 1.17.1; the smallest of seven.
    let p_value = cell(&found, "segments", 0, "p_value");
    assert!((p_value / 3.733691648077698e-39 - 1.0).abs() < 1e-9);
    assert_relative_eq!(cell(&found, "segments", 0, "p_adjusted") / p_value, 7.0);
}

/// Of the reference's formula at τ² = 1e-4.
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn intervals_for_any_time_of_hillstrom() {
    let table = hillstrom();
    let options = of_hillstrom()
        .metrics(names(&["visit"]))
        .always_valid(Some(true))
        .tau(Some("0.01".parse().unwrap()));
    let found = Effect::of_table(&table, None, &options).unwrap();
    let row = row_of(&found, "effects", MENS, "visit");
    let half = cell(&found, "effects", row, "difference_high") - 0.076589563652;
    assert_relative_eq!(half, 0.010277233474, max_relative = 1e-6);
    assert_eq!(word(&found, "effects", row, "method"), "always_valid");
    let options = of_hillstrom().always_valid(Some(true));
    let error = Effect::of_table(&table, None, &options).unwrap_err().to_string();
    assert!(error.starts_with("tau: expected the effect on visit"), "{error}");
}

/// Two arms of 200 with purchases of 20 % and 40 %, of 10 each.
pub(crate) fn two_arms() -> Columns {
    let share = |i: i64| f64::from(u8::from(i % 10 < if i < 200 { 2 } else { 4 }));
    vec![
        whole("customer_id", 0..400),
        texts("arm", (0..400).map(|i| if i < 200 { "control" } else { "offer" })),
        numbers("bought", (0..400).map(share)),
        numbers("spend", (0..400).map(|i| 10.0 * share(i))),
        numbers("before", (0..400).map(|i| f64::from((i % 7) as u32))),
    ]
}

pub(crate) fn outcomes() -> EffectOptions {
    EffectOptions::default().metrics(names(&["bought", "spend"]))
}

#[test]
fn money_counts_what_offers_cost() {
    let options = outcomes()
        .margin(Some(0.5))
        .contact_cost("0.25".parse().unwrap())
        .incentive_cost("offer=1".parse().unwrap());
    let found = Effect::of_table(&table(two_arms()), None, &options).unwrap();
    let value = |column: &str| cell(&found, "money", 0, column);
    // 80 buyers beside the 40 that there would have been: 40 purchases of 10, half of it kept; 200
    // contacts and 80 incentives.
    assert_relative_eq!(value("incremental_revenue"), 400.0, max_relative = 1e-12);
    assert_relative_eq!(value("incremental_margin"), 200.0, max_relative = 1e-12);
    assert_relative_eq!(value("cost"), 130.0, max_relative = 1e-12);
    assert_relative_eq!(value("profit"), 70.0, max_relative = 1e-9);
    assert_relative_eq!(value("return_on_cost"), 70.0 / 130.0, max_relative = 1e-9);
    assert!(value("profit_low") < 70.0 && value("profit_high") > 70.0);
    assert!((0.9..1.0).contains(&value("paid_chance")));
    let text = found.to_string();
    assert!(!text.contains("saved") && text.contains("it paid with a chance of"), "{text}");
}

#[test]
fn nothing_depends_on_the_order_of_rows() {
    let columns = two_arms();
    let options =
        outcomes().covariates(names(&["before"])).segments(names(&["before"])).margin(Some(0.3));
    let shuffled = columns
        .iter()
        .map(|(name, column)| {
            let order = winback::arrow_array::UInt64Array::from_iter_values(
                (0..400_u64).map(|i| i * 153 % 400),
            );
            let taken = arrow_select::take::take(column, &order, None).unwrap();
            (name.clone(), taken)
        })
        .collect();
    let [one, other] = [columns, shuffled]
        .map(|columns| Effect::of_table(&table(columns), None, &options).unwrap());
    for name in one.table_names() {
        assert_eq!(one.table(name).unwrap(), other.table(name).unwrap(), "{name}");
    }
    assert_eq!(one.to_string(), other.to_string());
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let with = |change: &dyn Fn(&mut Columns)| {
        let mut columns = two_arms();
        change(&mut columns);
        table(columns)
    };
    let refused = |table: &CustomerTable, options: EffectOptions, message: &str| {
        let error = Effect::of_table(table, None, &options).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    };
    let all = with(&|_| {});
    let twice = with(&|columns| columns[0] = whole("customer_id", (0..400).map(|i| i % 399)));
    refused(&twice, outcomes(), "customer 0 is in two arms, \"control\" and \"offer\"");
    let same = with(&|columns| columns[0] = whole("customer_id", (0..400).map(|i| i.max(1))));
    refused(&same, outcomes(), "several rows of a customer");
    let no_control = with(&|columns| columns[1] = texts("arm", (0..400).map(|_| "offer")));
    refused(&no_control, outcomes(), "a model of who responds");
    let only = with(&|columns| columns[1] = texts("arm", (0..400).map(|_| "control")));
    refused(&only, outcomes(), "no arm but control");
    let one = with(&|columns| {
        columns[1] = texts("arm", (0..400).map(|i| if i < 399 { "control" } else { "offer" }));
    });
    refused(&one, outcomes(), "the arm offer has 1 customer");
    let shares = |text: &str| outcomes().shares(Some(text.parse().unwrap()));
    refused(&all, shares("control=0.1,offer=0.9"), "sample-ratio mismatch");
    refused(&all, shares("control=0.4,offer=0.4,other=0.2"), "the arm other is empty");
    refused(&all, shares("control=0.5,other=0.5"), "there is none of offer");
    let missing = with(&|columns| {
        let bought: Float64Array = (0..400).map(|i| (i != 7).then_some(1.0)).collect();
        columns[2].1 = Arc::new(bought);
    });
    refused(&missing, outcomes(), "customer 7 has no \"bought\"");
    for (options, message) in [
        (EffectOptions::default(), "metrics: expected the columns"),
        (outcomes().contact_cost("-1".parse().unwrap()), "contact_cost: expected finite numbers"),
        (outcomes().incentive_cost("other=1".parse().unwrap()), "incentive_cost: expected numbers"),
        (outcomes().margin(Some(0.0)), "margin: expected"),
        (outcomes().level(1.0), "level: expected"),
        (outcomes().metrics(names(&["bought", "bought"])), "each of them once"),
        (outcomes().metrics(names(&["none"])), "arms.none: no such column"),
        (outcomes().metrics(names(&["arm"])), "expected numbers"),
        (outcomes().covariates(names(&["spend"])), "this is an outcome"),
        (outcomes().segments(names(&["customer"])), "no such column"),
    ] {
        refused(&all, options, message);
    }
}

#[test]
fn what_is_doubtful_is_told() {
    let mut columns = two_arms();
    columns[4] = numbers("before", (0..400).map(|i| f64::from(i / 40)));
    let options = outcomes().covariates(names(&["before"]));
    let notes = Effect::of_table(&table(columns), None, &options).unwrap().notes();
    let told = |text: &str| notes.iter().any(|note| note.contains(text));
    assert!(told("imbalance: before of offer and control differ by"), "{notes:?}");
    assert!(told("not drawn at random") && told("could not be checked"), "{notes:?}");
}

/// Ids 0 to 99 in the log, one purchase each before 2024-06-01; in the window the even ones of the
/// offer's half bought for 30 on 2024-06-05.
pub(crate) fn log(observed_until: &str) -> EventLog {
    let mut rows: Vec<(i64, String, f64)> = Vec::new();
    for id in 0..100 {
        rows.push((id, format!("2024-05-{:02}", 1 + id % 28), 10.0));
        if id >= 50 && id % 2 == 0 {
            rows.push((id, "2024-06-05".to_owned(), 30.0));
        }
        if id >= 90 {
            // Outside the window of 30 days.
            rows.push((id, "2024-07-01".to_owned(), 500.0));
        }
    }
    let batch = RecordBatch::try_from_iter(vec![
        whole("customer_id", rows.iter().map(|row| row.0)),
        texts("time", rows.iter().map(|row| row.1.as_str())),
        numbers("amount", rows.iter().map(|row| row.2)),
    ]);
    let events = RecordBatch::try_from_iter(vec![
        whole("customer_id", [1, 2, 60, 61]),
        texts("time", ["2024-06-02", "2024-05-30", "2024-06-02", "2024-06-03"]),
        texts("kind", ["letter"; 4]),
    ]);
    EventLog::builder()
        .transactions([batch.unwrap()])
        .events([events.unwrap()])
        .contacts(["letter"])
        .observed_until(observed_until)
        .unwrap()
        .build()
        .unwrap()
}

pub(crate) fn arms_of_log() -> CustomerTable {
    table(vec![
        whole("customer_id", (0..100).chain([1_000])),
        texts("arm", (0..101).map(|i| if i < 50 || i == 100 { "control" } else { "offer" })),
    ])
}

pub(crate) fn june() -> EffectOptions {
    EffectOptions::default().start("2024-06-01").unwrap()
}

#[test]
fn outcomes_are_those_of_the_window() {
    let found = Effect::of_log(&log("2024-08-01"), &arms_of_log(), None, None, &june()).unwrap();
    let spend = row_of(&found, "effects", "offer", "spend");
    assert_eq!(cell(&found, "effects", spend, "mean"), 15.0);
    assert_eq!(cell(&found, "effects", spend, "control_mean"), 0.0);
    let bought = row_of(&found, "effects", "offer", "purchased");
    assert_eq!(cell(&found, "effects", bought, "mean"), 0.5);
    assert_eq!(cell(&found, "effects", bought, "control_customers"), 51.0);
    assert_eq!(cell(&found, "arms", 0, "contacted"), 1.0);
    assert_eq!(cell(&found, "arms", 1, "contacted"), 2.0);
    assert_eq!(found.figures()["is_interim"], false);
    let notes = found.notes().join("\n");
    assert!(notes.contains("control was contacted: 1 of its 51 customers"), "{notes}");
    assert!(notes.contains("1 customer is not in the log"), "{notes}");
    assert!(notes.contains("too few"), "{notes}");
    assert!(found.to_string().contains("would have bought anyway"));
}

#[test]
fn a_window_that_is_not_over_gives_an_interim_result() {
    let found = Effect::of_log(&log("2024-06-10"), &arms_of_log(), None, None, &june()).unwrap();
    assert_eq!(found.figures()["is_interim"], true);
    assert_eq!(found.figures()["known_until"], "2024-06-10");
    assert_eq!(found.table("money").unwrap().num_rows(), 0);
    assert_eq!(found.table("segments").unwrap().num_rows(), 0);
    assert_eq!(word(&found, "effects", 0, "method"), "always_valid");
    assert!(found.notes()[0].starts_with("interim: outcomes are known up to 2024-06-10"));
    let once = june().always_valid(Some(false));
    let fixed = Effect::of_log(&log("2024-06-10"), &arms_of_log(), None, None, &once).unwrap();
    assert!(fixed.notes().iter().any(|note| note.contains("misled")));
    let width = |of: &Effect| {
        cell(of, "effects", 0, "difference_high") - cell(of, "effects", 0, "difference_low")
    };
    assert!(width(&found) > width(&fixed));
    // What comes after is not seen: the same day of a log that goes on gives the same.
    for (until, message) in [
        (
            "2024-06-01",
            "start: expected a start before 2024-06-01, up to where the log is complete",
        ),
        ("2024-05-20", "nothing is observed yet"),
    ] {
        let error = Effect::of_log(&log(until), &arms_of_log(), None, None, &june()).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
    let early = EffectOptions::default().start("2020-01-01").unwrap();
    assert!(Effect::of_log(&log("2024-08-01"), &arms_of_log(), None, None, &early).is_err());
    let strangers = table(vec![
        whole("customer_id", [900, 901, 902, 903]),
        texts("arm", ["control", "offer"].repeat(2)),
    ]);
    let error = Effect::of_log(&log("2024-08-01"), &strangers, None, None, &june()).unwrap_err();
    assert!(error.to_string().contains("the log knows none of its customers"), "{error}");
}

fn list() -> CustomerTable {
    let ids = 0..1_000;
    let columns = vec![
        whole("customer_id", ids.clone()),
        numbers("score", ids.clone().map(|i| (i * 37 % 101) as f64)),
        texts("region", ids.clone().map(|i| if i % 3 == 0 { "north" } else { "south" })),
        numbers("do_not_contact", ids.map(|i| f64::from(u8::from(i < 10)))),
    ];
    CustomerTable::of_batches("customer_list", [RecordBatch::try_from_iter(columns).unwrap()])
        .unwrap()
}

/// The arms that Python computes: `int(md5(salt + b"\xff" + id).hexdigest()[:13], 16) / 2**52`.
#[test]
fn plain_arms_are_those_of_candidates_and_of_databases() {
    let options = AssignOptions::default().control_share(0.4).salt("winback");
    let drawn = Assignment::build(&list(), None, &[], &options).unwrap();
    let arms: Vec<Option<&str>> = drawn.arms().collect();
    // Shares of 17, 18 and 19 with the salt winback.
    assert_eq!(arms[..10], [None; 10]);
    assert_eq!(drawn.figures()["customers"], 990);
    assert_eq!(drawn.figures()["excluded"], 10);
    assert_eq!(word(&drawn, "exclusions", 0, "reason"), "do_not_contact");
    assert_eq!(cell(&drawn, "exclusions", 0, "customers"), 10.0);
    let sql = drawn.figures()["sql"].as_str().unwrap().to_owned();
    assert!(sql.starts_with("CASE WHEN ('0x' || left(md5(encode('winback')"), "{sql}");
    assert!(sql.ends_with("< 4e-1 THEN 'control' ELSE 'contact' END"), "{sql}");
}

#[test]
fn balanced_arms_are_alike_and_the_plan_knows_them() {
    let options = AssignOptions::default()
        .arms(Some("control=0.2,a=0.4,b=0.4".parse().unwrap()))
        .strata(names(&["region"]))
        .rank_by(names(&["score"]))
        .start("2025-01-08")
        .unwrap();
    let drawn = Assignment::build(&list(), None, &[], &options).unwrap();
    assert_eq!(cell(&drawn, "sizes", 0, "customers"), 198.0);
    for row in 0..drawn.table("balance").unwrap().num_rows() {
        if word(&drawn, "balance", row, "covariate") == "score" {
            assert!(cell(&drawn, "balance", row, "standardised_difference").abs() < 0.03);
        }
    }
    assert!(drawn.figures()["sql"].is_null());
    // The plan knows its own arms, and no others.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    drawn.plan().save(&path).unwrap();
    let plan = PlanFile::load(&path).unwrap();
    let arms = drawn.table("arms").unwrap();
    let ids: Vec<i64> = arms.column(0).as_primitive::<Int64Type>().values().to_vec();
    let own: Vec<&str> = arms.column(1).as_string::<i64>().iter().flatten().collect();
    let outcome = |n: usize| numbers("bought", (0..n).map(|i| f64::from(u8::from(i % 3 == 0))));
    let bought = EffectOptions::default().metrics(names(&["bought"]));
    let all =
        table(vec![whole("customer_id", ids.clone()), texts("arm", own.clone()), outcome(990)]);
    let found = Effect::of_table(&all, Some(&plan), &bought).unwrap();
    assert!(found.figures()["sample_ratio_p_value"].as_f64().unwrap() > 0.9);
    let fewer = table(vec![
        whole("customer_id", ids[1..].to_vec()),
        texts("arm", own[1..].to_vec()),
        outcome(989),
    ]);
    let error = Effect::of_table(&fewer, Some(&plan), &bought).unwrap_err().to_string();
    assert!(error.contains("is not the list that the plan drew: it has 989 customers"), "{error}");
}

#[test]
fn who_may_not_be_contacted_is_left_out() {
    let now = log("2024-06-10").at("2024-06-10").unwrap();
    let ids = table(vec![whole("customer_id", 0..100)]);
    let other = table(vec![whole("customer_id", [2, 3, 5_000])]);
    let options = AssignOptions::default().quiet_for("8d").unwrap();
    let drawn = Assignment::build(&ids, Some(&now), &[other], &options).unwrap();
    let counts: Vec<f64> = (0..4).map(|row| cell(&drawn, "exclusions", row, "customers")).collect();
    // The letter to customer 2 was longer ago; 2 and 3 are in another campaign.
    assert_eq!(counts, [0.0, 0.0, 3.0, 2.0]);
    assert_eq!(drawn.figures()["customers"], 95);
    for (options, message) in [
        (AssignOptions::default().skip_open_tickets(true), "skip_open_tickets: expected false"),
        (
            AssignOptions::default().arms(Some("a=1,b=1".parse().unwrap())),
            "arms: expected arms of which",
        ),
        (AssignOptions::default().control_share(1.0), "control_share: expected"),
        (AssignOptions::default().strata(names(&["none"])), "no such column"),
    ] {
        let error = Assignment::build(&ids, Some(&now), &[], &options).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
    let quiet = AssignOptions::default().quiet_for("8d").unwrap();
    let error = Assignment::build(&ids, None, &[], &quiet).unwrap_err();
    assert!(matches!(error, Error::Argument { name: "quiet_for", .. }), "{error}");
    let all = table(vec![whole("customer_id", [1, 2]), numbers("do_not_contact", [1.0, 1.0])]);
    let error = Assignment::build(&all, None, &[], &AssignOptions::default()).unwrap_err();
    assert!(error.to_string().contains("nobody is left"), "{error}");
}

/// 300 rows, a third of them the offer's; statsmodels 0.15.0 clusters them by the same groups
/// (`OLS(y, [1, arm])`, `cov_type="cluster"`, `use_t=True`).
fn households(cluster: &str) -> Columns {
    let arm = |i: i64| i % 3 == 0;
    let group = |i: i64| (i * i + i / 5) % 25 + if arm(i) { 1_000 } else { 0 };
    let bought = |i: i64| f64::from(u8::from((i * 53) % 23 < if arm(i) { 11 } else { 8 }));
    vec![
        match cluster {
            "customer_id" => whole("customer_id", (0..300).map(group)),
            _ => whole("customer_id", 0..300),
        },
        texts("arm", (0..300).map(|i| if arm(i) { "offer" } else { "control" })),
        numbers("bought", (0..300).map(bought)),
        whole("household", (0..300).map(group)),
    ]
}

#[test]
fn errors_are_clustered_by_households_or_by_customers_who_repeat() {
    for cluster in ["household", "customer_id"] {
        let options =
            EffectOptions::default().metrics(names(&["bought"])).cluster(Some(cluster.to_owned()));
        let found = Effect::of_table(&table(households(cluster)), None, &options).unwrap();
        for (column, expected) in [
            ("difference", 0.10000000000000007),
            ("standard_error", 0.06215667185355219),
            ("p_value", 0.11407667157574537),
        ] {
            assert_relative_eq!(cell(&found, "effects", 0, column), expected, max_relative = 1e-9);
        }
        assert_eq!(word(&found, "effects", 0, "method"), "cluster");
        assert_eq!(found.figures()["customers"], 300);
        assert_eq!(found.figures()["clusters"]["offer"], 25);
        assert!(found.notes().iter().any(|note| note.contains("errors of fewer than 30")));
    }
    // Segments know of them too.
    let options = EffectOptions::default()
        .metrics(names(&["bought"]))
        .cluster(Some("household".to_owned()))
        .segments(names(&["all"]));
    let mut columns = households("household");
    columns.push(whole("all", [1].repeat(300)));
    let found = Effect::of_table(&table(columns), None, &options).unwrap();
    for column in ["difference_low", "difference_high", "p_value"] {
        assert_eq!(cell(&found, "segments", 0, column), cell(&found, "effects", 0, column));
    }
}

#[test]
fn who_has_several_rows_is_contacted_once() {
    let options = EffectOptions::default().metrics(names(&["bought", "spend"])).margin(0.5);
    let options = options.contact_cost("2".parse().unwrap());
    let cost = |cluster: &str| {
        let mut columns = households(cluster);
        columns.push(numbers("spend", (0..300).map(|i| f64::from(i % 7_i32))));
        let options = options.clone().cluster(Some(cluster.to_owned()));
        let found = Effect::of_table(&table(columns), None, &options).unwrap();
        let profit = cell(&found, "money", 0, "profit");
        let margin = cell(&found, "money", 0, "incremental_margin");
        let cost = cell(&found, "money", 0, "cost");
        assert_relative_eq!(profit, margin - cost, max_relative = 1e-9);
        cost
    };
    // 100 rows of the offer, of 25 customers.
    assert_relative_eq!(cost("household"), 200.0);
    assert_relative_eq!(cost("customer_id"), 50.0);
}

#[test]
fn clusters_that_were_not_drawn_as_a_whole_are_refused() {
    let options = |cluster: &str| {
        EffectOptions::default().metrics(names(&["bought"])).cluster(Some(cluster.to_owned()))
    };
    let refused = |columns: Columns, options: &EffectOptions| {
        Effect::of_table(&table(columns), None, options).unwrap_err().to_string()
    };
    let mut split = households("household");
    split[3] = whole("household", (0..300).map(|i| i / 7));
    let error = refused(split, &options("household"));
    assert!(error.contains("is in two arms") && error.contains("not drawn as a whole"), "{error}");
    let mut one = households("household");
    one[3] = whole("household", (0..300).map(|i| if i % 3 == 0 { 1_000 } else { i }));
    assert!(refused(one, &options("household")).contains("two or more are needed"));
    assert!(refused(households("household"), &options("shop")).contains("shop"));
    // Without it rows that repeat are no customers.
    let plain = EffectOptions::default().metrics(names(&["bought"]));
    assert!(refused(households("customer_id"), &plain).contains("clustered by customer_id"));
    let log_options = june().cluster(Some("customer_id".to_owned()));
    let error = Effect::of_log(&log("2024-08-01"), &arms_of_log(), None, None, &log_options);
    assert!(error.unwrap_err().to_string().contains("each customer counts once"));
}
