//! The base over time: published figures, laws, and slow obvious twins.

use std::collections::{BTreeMap, BTreeSet};

use approx::assert_relative_eq;
use proptest::prelude::*;
use winback::answer::Answer;
use winback::groups::GroupBy;
use winback::labels::{LifecycleLimits, State};
use winback::log::{EventLog, IdSlice, PurchaseBy, TransactionSlices, ZeroAmounts};
use winback::periods::{PeriodOptions, Periods};
use winback::retention::{
    CohortMode, CohortOptions, CohortValue, Cohorts, Flow, FlowOptions, Migration,
    MigrationOptions, Retention, RetentionOptions,
};
use winback::time::{Span, Timestamp, Window};
use winback::timing::ShiftedBetaGeometric;

use crate::common;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn every(span: &str) -> PeriodOptions {
    PeriodOptions::default().every(span).unwrap()
}

/// By polars 2.1: distinct customers by calendar quarter.
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn cdnow_quarters() {
    let log = common::cdnow_with_zeros();
    let retention =
        Retention::by_period(&log, &RetentionOptions::default().periods(every("1q"))).unwrap();
    let expected = [
        ("1997-01-01", 0, 23_570, 23_570, 0, 0),
        ("1997-04-01", 23_570, 5_376, 0, 5_376, 0),
        ("1997-07-01", 5_376, 4_263, 0, 2_289, 1_974),
        ("1997-10-01", 4_263, 4_221, 0, 2_063, 2_158),
        ("1998-01-01", 4_221, 3_817, 0, 1_954, 1_863),
        ("1998-04-01", 3_817, 3_317, 0, 1_760, 1_557),
    ];
    assert_eq!(retention.rows.len(), expected.len());
    for (row, (start, s, e, n, retained, reactivated)) in retention.rows.iter().zip(expected) {
        let counts = row.counts.unwrap();
        assert_eq!(row.window.start, at(start));
        assert_eq!((row.active_before, counts.active, counts.new), (s, e, n), "{start}");
        assert_eq!((counts.retained, counts.reactivated()), (retained, reactivated), "{start}");
    }
    let rates = retention.rows.iter().map(|row| (row.crr(), row.retained_percent()));
    let rates: Vec<_> = rates.collect();
    assert_eq!(rates[0], (None, None));
    for (found, (crr, really)) in
        rates[1..].iter().zip([(22.8087, 22.8087), (79.2969, 42.5781), (99.0148, 48.3932)])
    {
        assert!((found.0.unwrap() - crr).abs() < 5e-5);
        assert!((found.1.unwrap() - really).abs() < 5e-5);
    }
    let (low, high) = retention.rows[3].retained_interval().unwrap();
    assert_relative_eq!(low, 46.89511707288045, max_relative = 1e-12);
    assert_relative_eq!(high, 49.894076963922, max_relative = 1e-12);
    assert!(retention.notes.iter().any(|note| note.contains("read retained_percent")));
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn cdnow_cohorts() {
    let log = common::cdnow_with_zeros();
    let cohorts = Cohorts::new(&log, &CohortOptions::default()).unwrap();
    let rows: [&[u64]; 2] = [
        &[
            7846, 1157, 964, 810, 679, 736, 720, 582, 559, 594, 673, 634, 528, 511, 664, 472, 497,
            498,
        ],
        &[8476, 1312, 980, 783, 847, 786, 626, 619, 666, 721, 661, 545, 568, 718, 545, 548, 551],
    ];
    for (cohort, expected) in rows.iter().enumerate() {
        let found: Vec<u64> = (0..cohorts.columns())
            .map_while(|column| cohorts.cell(cohort, column))
            .map(|cell| cell.customers)
            .collect();
        assert_eq!(found, *expected);
        assert_eq!(cohorts.size(cohort), Some(expected[0]));
    }
    let revenue: f64 = (0..cohorts.len())
        .flat_map(|cohort| (0..cohorts.columns()).map(move |column| (cohort, column)))
        .filter_map(|(cohort, column)| cohorts.value(cohort, column, CohortValue::Revenue))
        .sum();
    assert_relative_eq!(revenue, 2_500_315.63, max_relative = 1e-12);
}

/// States by days from the last purchase to 1997-12-31 and to 1998-03-31, those days included: up
/// to 90 days before a day that is included is less than 92 days before the instant after it. By
/// polars 2.1.
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn cdnow_migration() {
    let log = common::cdnow_with_zeros();
    let limits = LifecycleLimits::default()
        .lapsed_after(Span::days(92))
        .unwrap()
        .lost_after(Span::days(182))
        .unwrap();
    let (from, to) = (at("1998-01-01"), at("1998-04-01"));
    let options = MigrationOptions::default();
    let migration =
        Migration::lifecycle(&log.at(from).unwrap(), &log.at(to).unwrap(), limits, &options)
            .unwrap();
    let names = ["active", "lapsed", "lost"];
    for (from, (counts, shares)) in names.into_iter().zip([
        ([1957, 2232, 0], [0.4672, 0.5328, 0.0]),
        ([621, 0, 1540], [0.2874, 0.0, 0.7126]),
        ([1253, 0, 15967], [0.0728, 0.0, 0.9272]),
    ]) {
        for ((to, count), share) in names.into_iter().zip(counts).zip(shares) {
            let cell = migration.cell(Some(from), Some(to)).unwrap();
            assert_eq!(cell.customers, count, "{from} {to}");
            assert!((cell.share().unwrap() - share).abs() < 5e-5, "{from} {to}");
        }
    }
    assert_eq!(migration.cells.len(), 9);
    // Nobody new: McNemar's test of 2,232 who became vulnerable against 621 + 1,253 who recovered;
    // statsmodels 0.15, mcnemar(..., exact=False, correction=False).
    let alarm = migration.alarm.unwrap();
    assert_eq!((alarm.became, alarm.recovered), (2_232, 1_874));
    assert_relative_eq!(alarm.z * alarm.z, 31.213833414515342, max_relative = 1e-9);
    assert!(alarm.rings());
}

/// The flow's stocks and ways are the transitions between the states at the periods' ends.
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn flows_are_migrations_between_the_ends_of_periods() {
    let log = common::cdnow_with_zeros();
    let limits = LifecycleLimits::default();
    for span in ["1mo", "1q", "50d"] {
        let options = every(span).start(at("1997-06-01")).unwrap();
        let flow =
            Flow::new(&log, &FlowOptions::default().periods(options).limits(limits)).unwrap();
        let mut looked_at = 0;
        for period in &flow.periods {
            let Window { start, end } = period.window;
            if end > log.observed_until() {
                assert_eq!(period.cell(None, State::Active), None);
                assert_eq!(period.stock(State::Lost), None);
                continue;
            }
            let options = MigrationOptions::default();
            let migration = Migration::lifecycle(
                &log.at(start).unwrap(),
                &log.at(end).unwrap(),
                limits,
                &options,
            )
            .unwrap();
            for from in [None, Some(State::Active), Some(State::Lapsed), Some(State::Lost)] {
                for to in State::ALL {
                    let cell = migration.cell(from.map(State::name), Some(to.name()));
                    let found = period.cell(from, to).unwrap();
                    assert_eq!(found.customers, cell.map_or(0, |cell| cell.customers));
                    let revenue = cell.map_or(0.0, |cell| cell.revenue.unwrap());
                    assert_relative_eq!(
                        found.revenue,
                        revenue,
                        max_relative = 1e-9,
                        epsilon = 1e-6
                    );
                    looked_at += 1;
                }
            }
        }
        assert!(looked_at >= 48, "{span}: {looked_at}");
    }
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn a_cohort_can_be_projected() {
    let log = common::cdnow_with_zeros();
    let options = CohortOptions::default().mode(CohortMode::OnOrAfter);
    let cohorts = Cohorts::new(&log, &options).unwrap();
    let curve = cohorts.survivors(0);
    assert_eq!((curve.len(), curve[0]), (18, 7846.0));
    let model = ShiftedBetaGeometric::fit(&curve[..12]).unwrap();
    assert!(model.alpha() > 0.0 && model.beta() > 0.0);
    let on = Cohorts::new(&log, &CohortOptions::default()).unwrap();
    let error = ShiftedBetaGeometric::fit(&on.survivors(0)).unwrap_err();
    assert!(error.to_string().contains("no more than at the age before"), "{error}");
}

/// Rows of small logs: customer, day, amount (some returns, some zeros).
pub(crate) type Row = (i64, i32, f64);

pub(crate) fn rows() -> impl Strategy<Value = Vec<Row>> {
    let amount = prop_oneof![4 => 1.0..50.0f64, 1 => -60.0..0.0f64, 1 => Just(0.0)];
    let amount = amount.prop_map(|amount: f64| amount.round());
    proptest::collection::vec((0i64..12, 0i32..400, amount), 1..120)
        .prop_filter("a purchase", |rows| rows.iter().any(|row| row.2 > 0.0))
}

pub(crate) fn log_of(rows: &[Row], observed_until: i32) -> EventLog {
    let time = |row: &Row| Timestamp::from_days(row.1).unwrap();
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let times: Vec<Timestamp> = rows.iter().map(time).collect();
    let amounts: Vec<f64> = rows.iter().map(|row| row.2).collect();
    let table = TransactionSlices {
        customer_id: IdSlice::Int(&ids),
        time: &times,
        amount: Some(&amounts),
        ..TransactionSlices::default()
    };
    EventLog::builder()
        .transactions([table.to_batch().unwrap()])
        .purchase_by(PurchaseBy::Day)
        .zero_amounts(ZeroAmounts::Purchase)
        .observed_until(Timestamp::from_days(observed_until).unwrap())
        .unwrap()
        .build()
        .unwrap()
}

/// Per customer its purchases' days and its rows, before `until`.
pub(crate) type Plain = BTreeMap<i64, (BTreeSet<i32>, Vec<(i32, f64)>)>;

pub(crate) fn plain(rows: &[Row], until: i32) -> Plain {
    let mut customers = Plain::new();
    for &(id, day, amount) in rows.iter().filter(|row| row.1 < until) {
        customers.entry(id).or_default().1.push((day, amount));
    }
    for (days, rows) in customers.values_mut() {
        for &(day, _) in rows.iter() {
            let of_day: Vec<f64> = rows.iter().filter(|r| r.0 == day).map(|r| r.1).collect();
            if of_day.iter().sum::<f64>() > 0.0 || of_day.iter().all(|&amount| amount == 0.0) {
                days.insert(day);
            }
        }
    }
    customers.retain(|_, (days, _)| !days.is_empty());
    customers
}

fn day(window: Window) -> std::ops::Range<i32> {
    window.start.day() as i32..window.end.day() as i32
}

fn spent(rows: &[(i32, f64)], window: Window) -> f64 {
    rows.iter().filter(|row| day(window).contains(&row.0)).map(|row| row.1).sum()
}

fn active(days: &BTreeSet<i32>, window: Window) -> bool {
    days.range(day(window)).next().is_some()
}

fn spans() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("1mo"), Just("1w"), Just("45d"), Just("1q"), Just("1mo3d")]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn prop_retention_equals_its_slow_twin(rows in rows(), span in spans(), start in 0i32..200) {
        let log = log_of(&rows, 401);
        let start = at("1970-01-01").add(Span::days(start as u32)).unwrap();
        let options = every(span).start(start).unwrap();
        let found = Retention::by_period(&log, &RetentionOptions::default().periods(options)).unwrap();
        let customers = plain(&rows, 401);
        for row in &found.rows {
            let before = Window { start: row.window.start.sub(options.every).unwrap(), end: row.window.start };
            // Periods after the first begin where one before them ends.
            let before = match found.rows.iter().find(|other| other.window.end == row.window.start) {
                Some(other) => other.window,
                None => before,
            };
            let base = customers.values().filter(|(days, _)| active(days, before));
            prop_assert_eq!(row.active_before, base.clone().count() as u64);
            let Some(counts) = row.counts else {
                prop_assert!(row.window.end > log.observed_until());
                prop_assert_eq!((row.crr(), row.retained_interval(), row.revenue), (None, None, None));
                continue;
            };
            let now = customers.values().filter(|(days, _)| active(days, row.window));
            prop_assert_eq!(counts.active, now.clone().count() as u64);
            let is_new = |days: &BTreeSet<i32>| day(row.window).contains(days.first().unwrap());
            prop_assert_eq!(counts.new, now.filter(|(days, _)| is_new(days)).count() as u64);
            let both = base.clone().filter(|(days, _)| active(days, row.window)).count();
            prop_assert_eq!(counts.retained, both as u64);
            let (mut then, mut kept, mut later) = (0.0, 0.0, 0.0);
            for (_, rows) in base {
                let (a, b) = (spent(rows, before).max(0.0), spent(rows, row.window).max(0.0));
                then += a;
                kept += a.min(b);
                later += b;
            }
            let revenue = row.revenue.unwrap();
            prop_assert!((revenue.before - then).abs() < 1e-9);
            prop_assert!((revenue.kept - kept).abs() < 1e-9);
            prop_assert!((revenue.now - later).abs() < 1e-9);
            prop_assert!(revenue.grr() <= revenue.nrr() && revenue.grr().unwrap_or(0.0) <= 100.0 + 1e-9);
            prop_assert_eq!(revenue.grr().is_none(), then == 0.0);
        }
    }

    #[test]
    fn prop_cohorts_equal_their_slow_twin(
        rows in rows(), span in spans(), mode in 0usize..3, until in 300i32..450,
    ) {
        prop_assume!(rows.iter().any(|row| row.1 < until - 1));
        let mode = [CohortMode::On, CohortMode::OnOrAfter, CohortMode::Bracket][mode];
        let brackets = if mode == CohortMode::Bracket { vec![0, 1, 3, 7] } else { Vec::new() };
        let log = log_of(&rows, until);
        let options = CohortOptions::default().periods(every(span)).mode(mode).brackets(brackets.clone());
        let Ok(found) = Cohorts::new(&log, &options) else {
            // Brackets need a period; the log may have one only.
            return Ok(());
        };
        let customers = plain(&rows, until);
        let observed = log.observed_until();
        for cohort in 0..found.len() {
            let own = found.window(cohort);
            let those = customers.values().filter(|(days, _)| day(own).contains(days.first().unwrap()));
            if let Some(size) = found.size(cohort) {
                prop_assert_eq!(size, those.clone().count() as u64);
            }
            for column in 0..found.columns() {
                let (first, last) = found.ages(column);
                let in_grid = cohort + (last as usize) < found.len();
                let is_over = in_grid && found.window(cohort + last as usize).end <= observed;
                let cell = found.cell(cohort, column);
                prop_assert_eq!(cell.is_some(), is_over);
                let Some(cell) = cell else { continue };
                let end = match mode {
                    CohortMode::OnOrAfter => found.window(found.len() - 1).end,
                    _ => found.window(cohort + last as usize).end,
                };
                let window = Window { start: found.window(cohort + first as usize).start, end };
                let count = those.clone().filter(|(days, _)| active(days, window)).count();
                prop_assert_eq!(cell.customers, count as u64);
                let purchases: usize =
                    those.clone().map(|(days, _)| days.range(day(window)).count()).sum();
                prop_assert_eq!(cell.purchases, purchases as u64);
                let revenue: f64 = those.clone().map(|(_, rows)| spent(rows, window)).sum();
                prop_assert!((cell.revenue - revenue).abs() < 1e-9);
                if first == 0 && last == 0 && mode != CohortMode::OnOrAfter {
                    prop_assert_eq!(Some(cell.customers), found.size(cohort));
                }
            }
        }
    }

    #[test]
    fn prop_what_flows_in_flows_out_or_stays(
        rows in rows(), span in spans(), start in 0i32..300, lapsed in 5u32..80,
    ) {
        let log = log_of(&rows, 430);
        let limits = LifecycleLimits::default().lapsed_after(Span::days(lapsed)).unwrap().lost_after(Span::days(2 * lapsed)).unwrap();
        let start = at("1970-01-01").add(Span::days(start as u32)).unwrap();
        let options = every(span).start(start).unwrap();
        let flow = Flow::new(&log, &FlowOptions::default().periods(options).limits(limits)).unwrap();
        let customers = plain(&rows, 430);
        let state = |days: &BTreeSet<i32>, at: Timestamp| -> Option<State> {
            let last = *days.range(..at.day() as i32).next_back()?;
            Some(limits.at(at).unwrap().state(Timestamp::from_days(last).unwrap()))
        };
        let mut before: Option<Window> = None;
        for period in &flow.periods {
            let window = period.window;
            if window.end > log.observed_until() {
                prop_assert_eq!(period.sum(|_, _| true), None);
                continue;
            }
            let earlier = before.unwrap_or(Window {
                start: window.start.sub(options.every).unwrap(), end: window.start,
            });
            for to in State::ALL {
                for from in [None, Some(State::Active), Some(State::Lapsed), Some(State::Lost)] {
                    let those = customers.values().filter(|(days, _)| {
                        (state(days, window.start), state(days, window.end)) == (from, Some(to))
                    });
                    let cell = period.cell(from, to).unwrap();
                    prop_assert_eq!(cell.customers, those.clone().count() as u64);
                    let revenue: f64 = those.clone().map(|(_, rows)| spent(rows, window)).sum();
                    prop_assert!((cell.revenue - revenue).abs() < 1e-9);
                    let revenue: f64 = those.map(|(_, rows)| spent(rows, earlier)).sum();
                    prop_assert!((cell.revenue_before - revenue).abs() < 1e-9);
                }
                // in = out + change of stock
                let into = period.sum(|from, end| end == to && from != Some(to)).unwrap().customers;
                let out = period.sum(|from, end| from == Some(to) && end != to).unwrap().customers;
                let stock = |at| customers.values().filter(|(days, _)| state(days, at) == Some(to)).count();
                prop_assert_eq!(
                    into as i64,
                    out as i64 + stock(window.end) as i64 - stock(window.start) as i64
                );
            }
            before = Some(window);
        }
    }

    #[test]
    fn prop_the_order_of_rows_does_not_matter(rows in rows(), seed in any::<u64>()) {
        let mut shuffled = rows.clone();
        let n = shuffled.len();
        for i in 0..n {
            shuffled.swap(i, (seed.wrapping_mul(i as u64 + 7) % n as u64) as usize);
        }
        let of = |rows: &[Row]| {
            let log = log_of(rows, 430);
            let limits = LifecycleLimits::default();
            (
                Retention::by_period(&log, &RetentionOptions::default().periods(every("1mo"))).unwrap(),
                Cohorts::new(&log, &CohortOptions::default()).unwrap(),
                Flow::new(&log, &FlowOptions::default().periods(every("1mo")).limits(limits)).unwrap(),
            )
        };
        prop_assert_eq!(of(&rows), of(&shuffled));
    }

    #[test]
    fn prop_rows_of_a_migration_sum_to_one(rows in rows(), from in 20i64..200, days in 1i64..200) {
        let first = rows.iter().map(|row| row.1).min().unwrap();
        let from = Timestamp::from_days(first + from as i32).unwrap();
        let to = from.add(Span::days(days as u32)).unwrap();
        let log = log_of(&rows, 900);
        let limits = LifecycleLimits::default();
        let found =
            Migration::lifecycle(&log.at(from).unwrap(), &log.at(to).unwrap(), limits, &MigrationOptions::default()).unwrap();
        for row in found.cells.chunk_by(|a, b| a.from == b.from) {
            prop_assert_eq!(row.iter().map(|cell| cell.customers).sum::<u64>(), row[0].of);
            if row[0].of > 0 {
                let sum: f64 = row.iter().map(|cell| cell.share().unwrap()).sum();
                prop_assert!((sum - 1.0).abs() < 1e-12);
            }
            prop_assert!(row.iter().all(|cell| cell.is_thin == (cell.of < 30)));
        }
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let log = common::simulated_log(5_000);
    let work = || {
        let limits = LifecycleLimits::default();
        (
            Retention::by_period(
                &log,
                &RetentionOptions::default()
                    .periods(every("1mo"))
                    .group_by(Some(GroupBy::Category)),
            )
            .unwrap(),
            Cohorts::new(&log, &CohortOptions::default()).unwrap(),
            Flow::new(&log, &FlowOptions::default().periods(every("1w")).limits(limits)).unwrap(),
        )
    };
    assert!(common::on_threads(1, work) == common::on_threads(4, work));
}

#[test]
fn groups_add_up_to_all() {
    let log = common::simulated_log(800);
    let all =
        Retention::by_period(&log, &RetentionOptions::default().periods(every("1q"))).unwrap();
    let by = [GroupBy::Category, GroupBy::Channel]
        .into_iter()
        .chain(["segment", "age"].map(|name| GroupBy::Attribute(name.to_owned())));
    for by in by {
        let groups = Retention::by_period(
            &log,
            &RetentionOptions::default().periods(every("1q")).group_by(Some(by.clone())),
        )
        .unwrap();
        assert!(groups.rows.len() > all.rows.len(), "{by:?}");
        for row in &all.rows {
            let parts = groups.rows.iter().filter(|part| part.window == row.window);
            let sum: u64 = parts.clone().map(|part| part.active_before).sum();
            assert_eq!(sum, row.active_before);
            let retained: Option<u64> = parts.map(|part| Some(part.counts?.retained)).sum();
            assert_eq!(retained, row.counts.map(|counts| counts.retained));
        }
    }
}

/// Of the rows of the first purchase the one of the largest amount names the group; later purchases
/// and rows without a category do not.
#[test]
fn a_customer_belongs_to_the_category_of_its_first_purchase() {
    let times = ["2024-01-03", "2024-01-03", "2024-01-03", "2024-02-01", "2024-01-09"].map(at);
    let categories = [Some("cup"), Some("ant"), None, Some("bee"), None];
    let table = TransactionSlices {
        customer_id: IdSlice::Int(&[1, 1, 1, 1, 2]),
        time: &times,
        amount: Some(&[5.0, 7.0, 9.0, 50.0, 1.0]),
        category: Some(&categories),
        ..TransactionSlices::default()
    };
    let log = EventLog::builder()
        .transactions([table.to_batch().unwrap()])
        .observed_until("2024-04-01")
        .unwrap()
        .build()
        .unwrap();
    let found = Retention::by_period(
        &log,
        &RetentionOptions::default().periods(every("1mo")).group_by(Some(GroupBy::Category)),
    )
    .unwrap();
    let names: Vec<_> = found.rows.iter().map(|row| row.group.as_deref()).collect();
    assert_eq!(names, [Some("ant"), Some("ant"), Some("ant"), None, None, None]);
    let february = found.rows[1].clone();
    assert_eq!((february.active_before, february.counts.unwrap().retained), (1, 1));
}

#[test]
fn wrong_options_are_refused() {
    let log = common::simulated_log(50);
    let refused = |error: winback::Error, name: &str| {
        let message = error.to_string();
        assert!(common::says(&message, name), "{message}");
    };
    for (options, name) in [
        (every("0d"), "every: … got 0d"),
        (every("1mo").end(at("2025-01-02")).unwrap(), "end: … got 2025-01-02"),
        (every("1mo").start(at("2025-01-01")).unwrap(), "end: … got 2025-01-01"),
        (every("1d").start(at("1990-01-01")).unwrap(), "every: … got 1d"),
    ] {
        refused(
            Retention::by_period(&log, &RetentionOptions::default().periods(options)).unwrap_err(),
            name,
        );
        refused(
            Flow::new(
                &log,
                &FlowOptions::default().periods(options).limits(LifecycleLimits::default()),
            )
            .unwrap_err(),
            name,
        );
        let options = CohortOptions::default().periods(options);
        refused(Cohorts::new(&log, &options).unwrap_err(), name);
    }
    let bare = log_of(&[(1, 0, 5.0)], 60);
    for (by, name) in [
        (GroupBy::Attribute("shoe_size".into()), "by: … got \"shoe_size\""),
        (GroupBy::Category, "by: … got \"category\""),
        (GroupBy::Channel, "by: … got \"channel\""),
    ] {
        refused(
            Retention::by_period(
                &bare,
                &RetentionOptions::default().periods(every("1mo")).group_by(Some(by.clone())),
            )
            .unwrap_err(),
            name,
        );
    }
    for edges in [vec![], vec![1], vec![0, 2, 2], vec![5_000, 6_000]] {
        let options = CohortOptions::default().mode(CohortMode::Bracket).brackets(edges);
        refused(Cohorts::new(&log, &options).unwrap_err(), "brackets: expected …");
    }
    let limits = LifecycleLimits::default()
        .lapsed_after(Span::days(9))
        .unwrap()
        .lost_after(Span::days(9))
        .unwrap();
    refused(
        Flow::new(&log, &FlowOptions::default().periods(every("1mo")).limits(limits)).unwrap_err(),
        "lost_after: … got 9d",
    );
    let limits = LifecycleLimits::default();
    let migrate = |from: &str, to: &str, options: &MigrationOptions| {
        let (from, to) = (log.at(from).unwrap(), log.at(to).unwrap());
        Migration::lifecycle(&from, &to, limits, options).unwrap_err()
    };
    let options = MigrationOptions::default();
    refused(migrate("2024-02-01", "2024-02-01", &options), "after: … got 2024-02-01");
    refused(log.at("2025-02-01").unwrap_err(), "at: … got 2025-02-01");
    let other = common::simulated_log(60);
    let (from, to) = (log.at("2024-02-01").unwrap(), other.at("2024-05-01").unwrap());
    refused(
        Migration::lifecycle(&from, &to, limits, &options).unwrap_err(),
        "after: … got one of another log",
    );
    for level in [0.0, 1.0, f64::NAN] {
        let options = options.clone().level(level);
        refused(migrate("2024-02-01", "2024-05-01", &options), "level: expected …");
    }
    let options = options.vulnerable(["sad"]);
    refused(migrate("2024-02-01", "2024-05-01", &options), "vulnerable: … got \"sad\"");
    assert!(Periods::new(at("2024-01-01"), at("2024-01-01"), Span::days(1)).is_err());
}

#[test]
fn labels_of_different_customers_are_refused() {
    use winback::retention::Labels;
    let names = || vec!["a".to_owned(), "b".to_owned()];
    let labels = |codes: &[Option<u32>]| Labels::new(names(), codes.to_vec()).unwrap();
    assert!(Labels::new(names(), vec![Some(2)]).is_err());
    assert!(Labels::new(vec!["a".into(), "a".into()], vec![]).is_err());
    let (one, two) = (labels(&[Some(0)]), labels(&[Some(0), None]));
    let options = MigrationOptions::default();
    assert!(Migration::between(&one, &two, None, &options).is_err());
    assert!(Migration::between(&one, &one, Some(&[1.0, 2.0]), &options).is_err());
    assert!(Migration::between(&one, &one, Some(&[f64::NAN]), &options).is_err());
    let gone = Migration::between(&two, &labels(&[None, Some(1)]), None, &options).unwrap();
    let cells: Vec<_> =
        gone.cells.iter().map(|c| (c.from.as_deref(), c.to.as_deref(), c.customers)).collect();
    assert_eq!(
        cells,
        [
            (Some("a"), Some("a"), 0),
            (Some("a"), Some("b"), 0),
            (Some("a"), None, 1),
            (Some("b"), Some("a"), 0),
            (Some("b"), Some("b"), 0),
            (Some("b"), None, 0),
            (None, Some("a"), 0),
            (None, Some("b"), 1),
        ]
    );
}

/// A log without amounts has no revenue, and everything else.
#[test]
fn without_amounts_there_is_no_revenue() {
    let table = TransactionSlices {
        customer_id: IdSlice::Int(&[1, 1, 2]),
        time: &["2024-01-03", "2024-02-05", "2024-01-09"].map(at),
        ..TransactionSlices::default()
    };
    let log = EventLog::builder()
        .transactions([table.to_batch().unwrap()])
        .observed_until("2024-04-01")
        .unwrap()
        .build()
        .unwrap();
    let retention =
        Retention::by_period(&log, &RetentionOptions::default().periods(every("1mo"))).unwrap();
    assert_eq!(retention.rows[1].counts.unwrap().retained, 1);
    assert_eq!(retention.rows[1].revenue, None);
    assert!(retention.main_table().unwrap().column_by_name("grr_percent").is_none());
    let cohorts = Cohorts::new(&log, &CohortOptions::default()).unwrap();
    assert_eq!(cohorts.value(0, 1, CohortValue::Share), Some(0.5));
    assert_eq!(cohorts.value(0, 1, CohortValue::Revenue), None);
    let flow = Flow::new(
        &log,
        &FlowOptions::default().periods(every("1mo")).limits(LifecycleLimits::default()),
    )
    .unwrap();
    assert!(flow.main_table().unwrap().column_by_name("revenue").is_none());
    assert_eq!(flow.table("ways").unwrap().column_by_name("revenue").unwrap().null_count(), 36);
    let table = cohorts.table("customers").unwrap();
    assert_eq!(table.schema().field(3).name(), "1");
    assert_eq!(table.num_rows(), 3);
}
