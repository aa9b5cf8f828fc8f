//! RFM segments, loyalty groups, profiles and concentration: against NumPy, pandas, PyMC-Marketing
//! and pingouin, against slow twins, and laws.

use std::collections::BTreeMap;

use proptest::prelude::*;
use winback::answer::Answer;
use winback::error::Error;
use winback::features::FeatureTable;
use winback::log::{CustomerIndex, IdSlice, PurchaseBy, TransactionSlices, ZeroAmounts};
use winback::retention::{Migration, MigrationOptions};
use winback::segments::{
    Concentration, ConcentrationOptions, GroupProfile, LoyaltyGroup, LoyaltyRules, Monetary,
    RfmOptions, RfmSegments, SegmentRules,
};
use winback::{ChurnModel, EventLog, Timestamp};

use crate::common;

/// A row: customer, day since 2024-01-01, amount.
type Row = (i64, i64, f64);

const DAY: i64 = 86_400_000_000;

fn day(days: i64) -> Timestamp {
    let start: Timestamp = "2024-01-01".parse().unwrap();
    Timestamp::from_micros(start.micros() + days * DAY).unwrap()
}

fn log_of(rows: &[Row]) -> EventLog {
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let times: Vec<Timestamp> = rows.iter().map(|row| day(row.1)).collect();
    let amounts: Vec<f64> = rows.iter().map(|row| row.2).collect();
    let orders = TransactionSlices {
        customer_id: IdSlice::Int(&ids),
        time: &times,
        amount: Some(&amounts),
        ..TransactionSlices::default()
    };
    EventLog::builder()
        .transactions([orders.to_batch().unwrap()])
        .observed_until(day(1_000).to_string().as_str())
        .unwrap()
        .build()
        .unwrap()
}

fn simulated() -> (EventLog, ChurnModel) {
    let log = common::simulated_log(800);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    (log, model)
}

const AT: &str = "2024-10-01";

/// NumPy 2.4.6 on the master file: revenue by customer, sorted; `ceil(share * n)` customers; Gini as
/// 2 Σ i x / (n Σ x) - (n + 1) / n.
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn the_concentration_of_cdnow() {
    let log = common::cdnow_with_zeros();
    let at = "1998-07-01";
    let found =
        Concentration::build(&log.at(at).unwrap(), &ConcentrationOptions::default()).unwrap();
    assert_eq!((found.customers, found.negative_customers), (23_570, 0));
    let expected = [
        (236, 0.15875762453238756, 919.24),
        (2_357, 0.5094272637890922, 242.35),
        (4_714, 0.677773829698453, 133.95),
    ];
    for (top, (customers, share, threshold)) in found.top.iter().zip(expected) {
        assert_eq!(top.customers, customers);
        assert!(top.at_threshold >= customers);
        approx::assert_relative_eq!(top.revenue_share, share, max_relative = 1e-12);
        approx::assert_relative_eq!(top.threshold, threshold, max_relative = 1e-12);
    }
    approx::assert_relative_eq!(found.gini, 0.634571184581596, max_relative = 1e-12);
    approx::assert_relative_eq!(found.lorenz[80], 1.0 - expected[2].1, max_relative = 1e-9);
    let list = found.table("vip").unwrap();
    assert_eq!(list.num_rows(), found.top[0].at_threshold as usize);
    assert!(
        found.to_string().contains("the top 20 % (customers: 4,714, each with 133.95 or more)")
    );
}

/// NumPy 2.4.6 `quantile(x, [.2, .4, .6, .8])`; counts as `searchsorted(cuts, x, side="left")` has
/// them, which for recency and monetary value are those of pandas' `qcut`.
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn the_scores_of_cdnow() {
    let log = common::cdnow_with_zeros();
    let segments =
        RfmSegments::fit(&log.at("1998-07-01").unwrap(), &RfmOptions::default()).unwrap();
    assert_eq!(segments.cuts().recency, [142.0, 433.0, 486.0, 513.0]);
    assert_eq!(segments.cuts().frequency, [1.0, 1.0, 2.0, 4.0]);
    for (found, expected) in segments.cuts().monetary.iter().zip([15.36, 31.35, 59.924, 133.95]) {
        approx::assert_relative_eq!(*found, expected, max_relative = 1e-12);
    }
    let scores = segments.score(&log.at("1998-07-01").unwrap()).unwrap();
    let count = |of: &dyn Fn(&winback::segments::RfmRow<'_>) -> u8| {
        let mut counts = [0; 5];
        scores.rows().for_each(|row| counts[of(&row) as usize - 1] += 1);
        counts
    };
    assert_eq!(count(&|row| row.r_score), [4_539, 4_748, 4_844, 4_720, 4_719]);
    // Half of the customers bought once: nobody has the score 2.
    assert_eq!(count(&|row| row.f_score), [12_054, 0, 4_040, 3_641, 3_835]);
    assert_eq!(count(&|row| row.m_score), [4_817, 4_615, 4_710, 4_715, 4_713]);
    let summary = scores.summary();
    assert_eq!(summary.len(), 11, "no customer is left to `other`");
    assert_eq!(summary.iter().map(|row| row.customers).sum::<u64>(), 23_570);
    approx::assert_relative_eq!(
        summary.iter().map(|row| row.revenue).sum::<f64>(),
        2_500_315.63,
        max_relative = 1e-9
    );
}

/// `rfm_segments` of PyMC-Marketing 0.19.2 on these rows, with pandas.
#[test]
fn the_segments_of_pymc_marketing() {
    let purchases = [7, 2, 4, 6, 1, 3, 2, 1, 5, 6, 1, 7, 4, 3, 8, 2, 7, 2, 1, 4];
    let days = [
        25, 71, 240, 174, 28, 129, 143, 207, 9, 117, 155, 129, 176, 227, 235, 95, 195, 260, 281,
        292, 41, 12, 198, 141, 231, 76, 112, 27, 198, 279, 62, 74, 146, 87, 196, 116, 252, 204,
        274, 287, 97, 115, 178, 196, 270, 43, 209, 87, 261, 157, 119, 38, 58, 54, 224, 225, 170,
        276, 61, 255, 265, 290, 182, 291, 236, 16, 110, 25, 58, 188, 148, 89, 91, 170, 280, 8,
    ];
    let amounts = [
        39, 40, 174, 12, 69, 126, 56, 148, 27, 178, 86, 134, 38, 191, 60, 131, 140, 62, 5, 189, 66,
        178, 119, 42, 97, 142, 54, 123, 106, 185, 123, 63, 149, 145, 47, 166, 133, 48, 88, 152,
        176, 24, 170, 81, 98, 46, 160, 127, 33, 114, 82, 124, 160, 13, 40, 69, 188, 97, 53, 119,
        193, 126, 102, 122, 71, 109, 15, 57, 144, 172, 29, 85, 170, 193, 143, 46,
    ];
    let customers = (1..).zip(purchases).flat_map(|(id, n)| std::iter::repeat_n(id, n));
    let rows: Vec<Row> =
        customers.zip(days).zip(amounts).map(|((id, day), v)| (id, day, f64::from(v))).collect();
    assert_eq!(rows.len(), 76);
    let options = RfmOptions::default()
        .monetary(Monetary::AverageCheck)
        .segments("pymc-marketing".parse().unwrap());
    let log = log_of(&rows);
    let scores = RfmSegments::fit(&log.at("2024-10-31").unwrap(), &options).unwrap();
    let scores = scores.score(&log.at("2024-10-31").unwrap()).unwrap();
    let found: Vec<_> = scores.rows().map(|row| (row.rfm_score(), row.segment)).collect();
    let expected = [
        ("241", "Other"),
        ("211", "Inactive Customer"),
        ("133", "Top Spender"),
        ("432", "Other"),
        ("414", "Top Spender"),
        ("224", "Top Spender"),
        ("211", "Inactive Customer"),
        ("114", "Inactive Customer"),
        ("333", "Premium Customer"),
        ("333", "Premium Customer"),
        ("211", "Inactive Customer"),
        ("443", "Premium Customer"),
        ("332", "Repeat Customer"),
        ("123", "At Risk Customer"),
        ("342", "Other"),
        ("414", "Top Spender"),
        ("442", "Other"),
        ("112", "Inactive Customer"),
        ("111", "Inactive Customer"),
        ("334", "Premium Customer"),
    ];
    let found: Vec<_> = found.iter().map(|(score, segment)| (score.as_str(), *segment)).collect();
    assert_eq!(found, expected);
    let first = scores.rows().next().unwrap();
    assert_eq!((first.recency, first.frequency), (64.0, 7));
    approx::assert_relative_eq!(first.monetary, 73.714286, max_relative = 1e-7);
}

/// pingouin 0.7.0: `compute_effsize(a, b, eftype="hedges")`, and the standard error of
/// `compute_esci` with the normal quantile in place of Student's.
#[test]
fn a_difference_is_that_of_pingouin() {
    let own = [3.0, 5.0, 8.0, 9.0, 12.0, 4.0];
    let rest = [1.0, 2.0, 2.0, 6.0, 3.0, 5.0, 4.0, 1.0];
    let spends = (1..).zip(own.iter().chain(&rest)).map(|(id, &amount)| (id, 10, amount));
    let log = log_of(&spends.collect::<Vec<Row>>());
    let members: Vec<CustomerIndex> = (0..6).map(CustomerIndex::from).collect();
    let profile = GroupProfile::build(&log.at(day(20)).unwrap(), "best", &members, &[]).unwrap();
    let row = profile.rows.iter().find(|row| row.column == "total_spend").unwrap();
    let found = row.difference.unwrap();
    approx::assert_relative_eq!(found.value, 1.3659017392593569, max_relative = 1e-12);
    approx::assert_relative_eq!(found.low, 0.19270592620676985, max_relative = 1e-9);
    approx::assert_relative_eq!(found.high, 2.5390975523119437, max_relative = 1e-9);
    assert_eq!((row.group_customers, row.rest_customers), (6, 8));
    let words = row.words();
    assert!(words.starts_with("total_spend is much higher: 6.83 against 3.00 (+1.37"), "{words}");
    // Everybody bought once on the same day: no spread, no difference.
    let same = profile.rows.iter().find(|row| row.column == "purchase_count").unwrap();
    assert_eq!((same.difference, same.group_mean, same.rest_mean), (None, Some(1.0), Some(1.0)));
    assert!(profile.rows.last().unwrap().difference.is_none(), "columns without one come last");
    assert!(profile.to_string().contains("total_spend is much higher"));
}

#[test]
fn a_profile_compares_the_shares_of_texts() {
    let (log, model) = simulated();
    let groups = LoyaltyRules::default().group(&log.at(AT).unwrap(), Some(&model)).unwrap();
    let attributes = ["region".to_owned(), "segment".to_owned()];
    let profile = groups.profile(LoyaltyGroup::Loyal, &attributes).unwrap();
    let all = groups.customers().len() as u64;
    assert_eq!(profile.customers + profile.rest, all);
    for column in &attributes {
        let levels: Vec<_> = profile.rows.iter().filter(|row| &row.column == column).collect();
        assert!(levels.len() > 1, "{column}");
        let own: f64 = levels.iter().filter_map(|row| row.group_mean).sum();
        assert!((own - 1.0).abs() < 1e-12, "{column}: {own}");
        // A slow twin: count the members with each value.
        let table = FeatureTable::extract(&log, [AT], &attributes).unwrap();
        let winback::features::ColumnValues::Texts { codes, texts } =
            &table.column(column).unwrap().values
        else {
            panic!("{column} holds texts")
        };
        for row in levels {
            let level = row.level.as_deref().unwrap();
            let count = groups.groups().zip(codes).filter(|(group, code)| {
                *group == LoyaltyGroup::Loyal
                    && texts.get(**code as usize).is_some_and(|t| t == level)
            });
            let share = count.count() as f64 / row.group_customers as f64;
            assert!((row.group_mean.unwrap() - share).abs() < 1e-12, "{level}");
        }
    }
    let sizes = profile.rows.iter().filter_map(|row| Some(row.difference?.value.abs()));
    assert!(sizes.collect::<Vec<_>>().windows(2).all(|pair| pair[0] >= pair[1]));
    assert_eq!(profile.main_table().unwrap().num_rows(), profile.rows.len());
}

/// The rules, applied one customer after the other to the features themselves.
#[test]
fn the_first_rule_that_fits_decides() {
    let (log, model) = simulated();
    let rules = LoyaltyRules::default();
    let groups = rules.group(&log.at(AT).unwrap(), Some(&model)).unwrap();
    let table = FeatureTable::extract(&log, [AT], &[]).unwrap();
    let scores = model.score(&log.at(AT).unwrap()).unwrap();
    let value = |name: &str, row: usize| match name {
        "churn_probability" => scores.rows()[row].churn_probability,
        name => table.numbers(name).unwrap()[row],
    };
    let mut seen = std::collections::BTreeMap::new();
    for (row, (group, rule)) in groups.groups().zip(groups.deciding_rules()).enumerate() {
        let fits = rules.rules.iter().find(|rule| {
            rule.when.iter().all(|condition| {
                let (value, limit) = (value(condition.feature(), row), condition.value());
                match condition.comparison().sign() {
                    ">=" => value >= limit,
                    "<=" => value <= limit,
                    ">" => value > limit,
                    _ => value < limit,
                }
            })
        });
        let expected =
            fits.map_or((LoyaltyGroup::Neutral, "otherwise"), |r| (r.group, r.name.as_str()));
        assert_eq!((group, rule), expected, "row {row}");
        *seen.entry(rule.to_owned()).or_insert(0u64) += 1;
    }
    assert!(seen.len() >= 6, "too few rules were tried: {seen:?}");
    for rule in groups.rules() {
        assert_eq!(rule.customers, Some(seen.get(&rule.rule).copied().unwrap_or(0)), "{rule:?}");
    }
    let summary = groups.summary();
    assert!(summary.iter().all(|group| group.share > 0.01), "{groups}");
    let shares: f64 = summary.iter().filter_map(|group| group.revenue_share).sum();
    assert!((shares - 1.0).abs() < 1e-9);
    assert_eq!(groups.main_table().unwrap().num_rows(), groups.customers().len());
    assert_eq!(groups.table("rules").unwrap().num_rows(), 12);
}

#[test]
fn rules_that_cannot_be_applied_are_left_out_and_named() {
    let shop = common::simulated(600);
    let log = EventLog::builder()
        .transactions([shop.transactions])
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap();
    let groups = LoyaltyRules::default().group(&log.at(AT).unwrap(), None).unwrap();
    let left_out: Vec<_> = groups.rules().into_iter().filter(|r| r.customers.is_none()).collect();
    let lacks: Vec<&str> = left_out.iter().filter_map(|rule| rule.lacks.as_deref()).collect();
    assert_eq!(left_out.len(), 8);
    for lack in ["survey answers", "tickets.resolved_at", "a model"] {
        assert!(lacks.iter().any(|text| text.contains(lack)), "{lack}: {lacks:?}");
    }
    assert!(groups.to_string().contains("left out  likely to churn"), "{groups}");
    let names = groups.main_table().unwrap().schema();
    assert!(names.field_with_name("overdue_ratio").is_ok());
    assert!(names.field_with_name("last_survey_score").is_err());
    let model = ChurnModel::builder().fit(&log, AT).unwrap();
    let late = r#"[{"name": "late", "group": "vulnerable", "when": ["overdue_ratio >= 2"]}]"#;
    let rules = LoyaltyRules::from_json(late).unwrap();
    let groups = rules.group(&log.at(AT).unwrap(), Some(&model)).unwrap();
    assert_eq!(groups.notes(), ["no rule reads the model's churn_probability"]);
}

#[test]
fn a_loaded_object_gives_the_same_scores() {
    let log = common::simulated_log(400);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rfm.winback");
    for segments in ["common", "pymc-marketing"] {
        let options = RfmOptions::default().segments(segments.parse().unwrap());
        let fitted = RfmSegments::fit(&log.at("2024-07-01").unwrap(), &options).unwrap();
        fitted.save(&path).unwrap();
        let loaded = RfmSegments::load(&path).unwrap();
        assert_eq!(loaded, fitted);
        let table = |fitted: &RfmSegments| {
            fitted.score(&log.at("2025-01-01").unwrap()).unwrap().main_table().unwrap()
        };
        assert_eq!(table(&loaded), table(&fitted));
    }
    // Thresholds stay those of the first cutoff.
    let fitted = RfmSegments::load(&path).unwrap();
    assert_eq!(fitted.fitted_at().to_string(), "2024-07-01");
    assert!(fitted.to_string().starts_with("RFM scores fitted at 2024-07-01 on "));
}

#[test]
fn damaged_files_are_refused() {
    let log = common::simulated_log(100);
    let fitted = RfmSegments::fit(&log.at(AT).unwrap(), &RfmOptions::default()).unwrap();
    let bytes = fitted.to_bytes().unwrap();
    let refused = |bytes: &[u8], message: &str| match RfmSegments::from_bytes(bytes) {
        Err(error @ Error::ModelFile { .. }) => {
            assert!(error.in_full().contains(message), "{}", error.in_full());
        }
        other => panic!("{message}: {other:?}"),
    };
    refused(b"", "not a winback RFM file");
    refused(&bytes[..bytes.len() - 1], "damaged or cut short");
    let model = ChurnModel::builder().fit(&common::simulated_log(500), AT).unwrap();
    refused(&model.to_bytes().unwrap(), "not a winback RFM file");
    assert!(matches!(ChurnModel::from_bytes(&bytes), Err(Error::ModelFile { .. })));
    let text = String::from_utf8(bytes.clone()).unwrap();
    refused(text.replacen("\"version\":2", "\"version\":9", 1).as_bytes(), "of version 9");
    let with_body = |from: &str, to: &str| {
        let body = text.split_once('\n').unwrap().1.replacen(from, to, 1);
        assert!(text.contains(from), "{from}");
        let crc = crc32fast::hash(body.as_bytes());
        let (format, bytes) = ("winback RFM file", body.len());
        format!(
            "{{\"format\":\"{format}\",\"version\":2,\"crc32\":{crc},\"bytes\":{bytes}}}\n{body}"
        )
    };
    refused(with_body("\"recency\":[", "\"recency\":[1e9,").as_bytes(), "recency_cuts");
    refused(with_body("\"555\"", "\"556\"").as_bytes(), "556");
    refused(with_body("\"monetary\":\"total_spend\"", "\"monetary\":\"luck\"").as_bytes(), "luck");
    assert!(matches!(RfmSegments::load("nowhere.winback"), Err(Error::Io { .. })));
    assert!(matches!(fitted.save("no/such/folder/rfm.winback"), Err(Error::Io { .. })));
}

#[test]
fn bad_arguments_are_refused() {
    let log = log_of(&[(1, 0, 5.0), (2, 3, -2.0), (3, 4, 7.0)]);
    let at = || day(10);
    let parameter = |error: Error, start: &str| {
        let text = error.to_string();
        let is_parameter = matches!(error, Error::Argument { .. });
        assert!(is_parameter && common::says(&text, start), "{start}: {text}");
    };
    let default = RfmOptions::default;
    let own = |rules: &str| SegmentRules::from_json(rules).unwrap();
    for (options, start) in [
        (default().quantiles(Some(1)), "quantiles: … got 1"),
        (default().quantiles(Some(10)), "quantiles: … got 10"),
        (default().quantiles(Some(4)), "segments: … got \"champions\" with \"555\""),
        (default().recency_cuts(Some(vec![2.0, 1.0])), "recency_cuts: … got [2, 1]"),
        (default().frequency_cuts(Some(vec![])), "frequency_cuts: … got []"),
        (default().monetary_cuts(Some(vec![f64::NAN])), "monetary_cuts: … got [NaN]"),
        (default().segments(own("[]")), "segments: … got 0 rules"),
    ] {
        parameter(RfmSegments::fit(&log.at(at()).unwrap(), &options).unwrap_err(), start);
    }
    for cutoff in [day(0), day(2_000)] {
        parameter(log.at(cutoff).unwrap_err(), "at: expected …");
    }
    let fitted = RfmSegments::fit(&log.at(at()).unwrap(), &default()).unwrap();
    let scores = fitted.score(&log.at(at()).unwrap()).unwrap();
    parameter(scores.profile("kings", &[]).unwrap_err(), "group: … got \"kings\"");
    let empty = scores.profile("other", &[]).unwrap_err();
    assert!(matches!(empty, Error::TooLittleData(_)), "{empty}");
    let everybody =
        GroupProfile::build(&log.at(at()).unwrap(), "all", &[0.into(), 2.into()], &[]).unwrap_err();
    assert!(matches!(everybody, Error::TooLittleData(_)), "{everybody}");
    parameter(
        GroupProfile::build(&log.at(at()).unwrap(), "all", &[9.into()], &[]).unwrap_err(),
        "members: … got 9",
    );
    let unknown = GroupProfile::build(&log.at(at()).unwrap(), "all", &[0.into()], &["shoe".into()])
        .unwrap_err();
    assert!(unknown.to_string().contains("shoe"), "{unknown}");

    let none = ConcentrationOptions::default().top_shares(vec![]);
    parameter(
        Concentration::build(&log.at(at()).unwrap(), &none).unwrap_err(),
        "top_shares: … got none",
    );
    for share in [0.0, 1.1, -0.1, f64::NAN] {
        let options = ConcentrationOptions::default().top_shares(vec![share]);
        parameter(
            Concentration::build(&log.at(at()).unwrap(), &options).unwrap_err(),
            "top_shares: expected …",
        );
    }
    let count = ConcentrationOptions::default().revenue("purchase_count");
    parameter(
        Concentration::build(&log.at(at()).unwrap(), &count).unwrap_err(),
        "revenue: … got \"purchase_count\"",
    );
    parameter("luck".parse::<Monetary>().unwrap_err(), "monetary: … got \"luck\"");

    // A log of which nobody has a purchase, or which has no amounts.
    let returns = log_of(&[(1, 0, -5.0), (2, 1, -1.0)]);
    let error = RfmSegments::fit(&returns.at(at()).unwrap(), &default()).unwrap_err();
    assert!(matches!(error, Error::TooLittleData(_)), "{error}");
    let error = Concentration::build(&returns.at(at()).unwrap(), &ConcentrationOptions::default())
        .unwrap_err();
    assert!(matches!(error, Error::TooLittleData(_)), "{error}");
    let orders = TransactionSlices {
        customer_id: IdSlice::Int(&[1, 2]),
        time: &[day(0), day(1)],
        ..TransactionSlices::default()
    };
    let build = |by: PurchaseBy, zero: ZeroAmounts| {
        let builder = EventLog::builder().transactions([orders.to_batch().unwrap()]);
        builder.purchase_by(by).zero_amounts(zero).observed_until("2025-01-01").unwrap().build()
    };
    let bare = build(PurchaseBy::Order, ZeroAmounts::Ignore).unwrap();
    let error = RfmSegments::fit(&bare.at(at()).unwrap(), &default()).unwrap_err();
    assert!(error.to_string().contains("it lacks transactions.amount"), "{error}");
    let daily = build(PurchaseBy::Day, ZeroAmounts::Ignore).unwrap();
    parameter(fitted.score(&daily.at(at()).unwrap()).unwrap_err(), "purchase_by: expected …");
    let zeros = build(PurchaseBy::Order, ZeroAmounts::Purchase).unwrap();
    parameter(fitted.score(&zeros.at(at()).unwrap()).unwrap_err(), "zero_amounts: expected …");
}

#[test]
fn revenue_below_zero_counts_as_zero_and_is_told() {
    let log = log_of(&[(1, 0, 10.0), (2, 0, 4.0), (2, 1, -9.0), (3, 0, 10.0), (4, 0, 5.0)]);
    let found = Concentration::build(
        &log.at(day(5)).unwrap(),
        &ConcentrationOptions::default().top_shares(vec![0.25]),
    )
    .unwrap();
    assert_eq!((found.negative_customers, found.negative_revenue, found.revenue), (1, -5.0, 25.0));
    assert_eq!((found.top[0].customers, found.top[0].at_threshold), (1, 2));
    // 0, 5, 10, 10: Σ (2i - n - 1) x = -5 + 10 + 30.
    approx::assert_relative_eq!(found.gini, 35.0 / 100.0, max_relative = 1e-15);
    let list = found.table("vip").unwrap();
    let ranks = list.column_by_name("rank").unwrap();
    assert_eq!(ranks.as_ref(), &arrow_array::Int64Array::from(vec![1, 1]));
    assert!(found.to_string().contains("note: 1 customers returned more"), "{found}");
    let recent = ConcentrationOptions::default().revenue("total_spend_30d");
    assert_eq!(Concentration::build(&log.at(day(5)).unwrap(), &recent).unwrap().revenue, 25.0);
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0i64..40, 0i64..400, -3i64..20).prop_map(|(id, day, x)| (id, day, x as f64 * 2.5));
    proptest::collection::vec(row, 30..200)
}

const CUTOFF: i64 = 300;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn prop_scores_do_not_depend_on_row_order_and_equal_customers_are_equal(
        (rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        quantiles in 2usize..=9,
    ) {
        let options = RfmOptions::default().quantiles(Some(quantiles)).segments(SegmentRules::from_json(r#"[{"name": "new", "r": [2, 2]}]"#).unwrap());
        let scored = |rows: &[Row]| {
            let log = log_of(rows);
            let fitted = RfmSegments::fit(&log.at(day(CUTOFF)).unwrap(), &options).ok()?;
            Some((fitted.score(&log.at(day(CUTOFF)).unwrap()).unwrap(), fitted))
        };
        let (Some((scores, fitted)), again) = (scored(&rows), scored(&shuffled)) else {
            prop_assert!(scored(&shuffled).is_none());
            return Ok(());
        };
        let (again, fitted_again) = again.unwrap();
        prop_assert_eq!(&fitted, &fitted_again);
        prop_assert_eq!(scores.main_table().unwrap(), again.main_table().unwrap());
        let all: Vec<_> = scores.rows().collect();
        for a in &all {
            for b in &all {
                // Equal figures, equal scores; and better figures, no worse scores.
                prop_assert!(a.recency > b.recency || a.r_score >= b.r_score);
                prop_assert!(a.frequency < b.frequency || a.f_score >= b.f_score);
                prop_assert!(a.monetary < b.monetary || a.m_score >= b.m_score);
            }
            prop_assert!((1..=quantiles as u8).contains(&a.r_score));
        }
    }

    #[test]
    fn prop_nothing_at_or_after_the_cutoff_changes_a_score(rows in rows(), seed in 0i64..50) {
        let before: Vec<Row> = rows.iter().copied().filter(|row| row.1 < CUTOFF).collect();
        // Known customers only: who comes later has no row before the cutoff anyway.
        let known = |row: &&Row| before.iter().any(|earlier| earlier.0 == row.0);
        let after: Vec<Row> = rows.iter().filter(|row| row.1 >= CUTOFF).filter(known).copied().collect();
        let mut changed = before.clone();
        changed.extend(after.iter().map(|row| (row.0, row.1 + seed, -row.2 * 3.0)));
        changed.extend(before.first().map(|row| (row.0, CUTOFF, 1_000.0)));
        let (log, other) = (log_of(&before), log_of(&changed));
        let Ok(fitted) = RfmSegments::fit(&log.at(day(CUTOFF)).unwrap(), &RfmOptions::default()) else {
            return Ok(());
        };
        let fitted_other = RfmSegments::fit(&other.at(day(CUTOFF)).unwrap(), &RfmOptions::default()).unwrap();
        prop_assert_eq!(&fitted, &fitted_other);
        let table = |log: &EventLog| fitted.score(&log.at(day(CUTOFF)).unwrap()).unwrap().main_table().unwrap();
        prop_assert_eq!(table(&log), table(&other));
        let groups = |log: &EventLog| {
            let groups = LoyaltyRules::default().group(&log.at(day(CUTOFF)).unwrap(), None).unwrap();
            groups.main_table().unwrap()
        };
        // Undefined values are equal to nothing; the texts are enough.
        for name in ["customer_id", "group", "rule"] {
            let column = |log: &EventLog| groups(log).column_by_name(name).unwrap().clone();
            prop_assert_eq!(&column(&log), &column(&other));
        }
        let revenue = |log: &EventLog| {
            let now = log.at(day(CUTOFF)).unwrap();
            let found = Concentration::build(&now, &ConcentrationOptions::default()).ok()?;
            Some((found.to_string(), found.lorenz.clone(), found.gini, found.table("vip").unwrap()))
        };
        prop_assert_eq!(revenue(&log), revenue(&other));
    }

    #[test]
    fn prop_shares_of_revenue_keep_to_the_lorenz_curve(rows in rows(), share in 0.001..=1.0) {
        let log = log_of(&rows);
        let options = ConcentrationOptions::default().top_shares(vec![share, 1.0]);
        let Ok(found) = Concentration::build(&log.at(day(401)).unwrap(), &options) else { return Ok(()) };
        let n = found.customers as f64;
        prop_assert!((0.0..=(n - 1.0) / n + 1e-12).contains(&found.gini));
        prop_assert!((found.top[1].revenue_share - 1.0).abs() < 1e-9);
        // The few bring at least their share, and more customers never less.
        let top = &found.top[0];
        prop_assert!(top.revenue_share >= top.customers as f64 / n - 1e-9);
        let lorenz = &found.lorenz;
        prop_assert_eq!((lorenz[0], lorenz[100]), (0.0, 1.0));
        for (i, pair) in lorenz.windows(2).enumerate() {
            prop_assert!(pair[0] <= pair[1] + 1e-12 && pair[0] <= i as f64 / 100.0 + 1e-9);
        }
        // A slow twin of the Gini coefficient: the mean difference of all pairs over twice the mean.
        let table =
            FeatureTable::extract_some(&log, [day(401)], &["total_spend"], &[]).unwrap();
        let spends: Vec<f64> =
            table.numbers("total_spend").unwrap().iter().map(|spend| spend.max(0.0)).collect();
        let pairs: f64 = spends.iter().flat_map(|a| spends.iter().map(move |b| (a - b).abs())).sum();
        let mean = spends.iter().sum::<f64>() / n;
        prop_assert!((found.gini - pairs / (2.0 * n * n * mean)).abs() < 1e-9);
    }
}

/// A migration is the table of the pairs of both cutoffs' labels.
#[test]
fn segments_and_loyalty_groups_migrate() {
    let log = common::simulated_log(800);
    let (start, end) = ("2024-07-01", "2024-10-01");
    let options = MigrationOptions::default().vulnerable(["at risk"]);
    let fitted = RfmSegments::fit(&log.at(start).unwrap(), &RfmOptions::default()).unwrap();
    let moved = fitted.migration(&log.at(start).unwrap(), &log.at(end).unwrap(), &options).unwrap();
    let labels = |at| -> BTreeMap<CustomerIndex, String> {
        let scores = fitted.score(&log.at(at).unwrap()).unwrap();
        scores.rows().map(|row| (row.customer, row.segment.to_owned())).collect()
    };
    check_pairs(&moved, &labels(start), &labels(end));
    assert!(moved.alarm.is_some());
    let none = fitted
        .migration(&log.at(start).unwrap(), &log.at(end).unwrap(), &MigrationOptions::default())
        .unwrap();
    assert!(none.alarm.is_none());

    let rules = LoyaltyRules::default();
    let moved = rules
        .migration(
            &log.at(start).unwrap(),
            &log.at(end).unwrap(),
            None,
            &MigrationOptions::default(),
        )
        .unwrap();
    let labels = |at| -> BTreeMap<CustomerIndex, String> {
        let groups = rules.group(&log.at(at).unwrap(), None).unwrap();
        let names = groups.groups().map(|group| group.name().to_owned());
        groups.customers().iter().copied().zip(names).collect()
    };
    check_pairs(&moved, &labels(start), &labels(end));
    let vulnerable = labels(end).values().filter(|name| *name == "vulnerable").count() as u64;
    assert_eq!(moved.alarm.unwrap().after.1, vulnerable);

    let error = rules
        .migration(&log.at(end).unwrap(), &log.at(start).unwrap(), None, &options)
        .unwrap_err();
    assert!(error.to_string().contains("a time later than the first cutoff"), "{error}");
    let options = MigrationOptions::default().vulnerable(["gone"]);
    let error =
        fitted.migration(&log.at(start).unwrap(), &log.at(end).unwrap(), &options).unwrap_err();
    assert!(common::says(&error.to_string(), "vulnerable: … got \"gone\""), "{error}");
}

fn check_pairs(
    moved: &Migration,
    before: &BTreeMap<CustomerIndex, String>,
    after: &BTreeMap<CustomerIndex, String>,
) {
    assert!(before.len() < after.len(), "there are new customers");
    let mut pairs: BTreeMap<(Option<&str>, Option<&str>), u64> = BTreeMap::new();
    for (customer, to) in after {
        *pairs.entry((before.get(customer).map(String::as_str), Some(to))).or_default() += 1;
    }
    for cell in &moved.cells {
        let pair = (cell.from.as_deref(), cell.to.as_deref());
        assert_eq!(cell.customers, pairs.remove(&pair).unwrap_or(0), "{pair:?}");
    }
    assert!(pairs.is_empty(), "{pairs:?}");
}
