//! The silences of a log: against a slow twin, against lifelines on real data, and laws.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use proptest::prelude::*;
use winback::answer::Answer;
use winback::groups::GroupBy;
use winback::inactivity::{
    CalendarRhythm, GapMethod, InactivityOptions, InactivityReport, Limit, LimitRow, LimitSource,
    Period, Returns,
};
use winback::labels::LifecycleLimits;
use winback::log::{IdSlice, TransactionSlices};
use winback::{ChurnModel, EventLog, Span, Timestamp};

use crate::common;

const HOUR: i64 = 3_600_000_000;
/// Hours since the start: in the middle of a day, and of what happens.
const UNTIL: i64 = 300 * 24 + 18;

fn hour(hours: i64) -> Timestamp {
    let start: Timestamp = "2020-01-01".parse().unwrap();
    Timestamp::from_micros(start.micros() + hours * HOUR).unwrap()
}

/// A purchase: customer, hour, hours until it became known.
type Row = (i64, i64, i64);

fn log_of(rows: &[Row]) -> EventLog {
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let times: Vec<Timestamp> = rows.iter().map(|row| hour(row.1)).collect();
    let known: Vec<_> = rows.iter().map(|row| Some(hour(row.1 + row.2))).collect();
    let orders = TransactionSlices {
        customer_id: IdSlice::Int(&ids),
        time: &times,
        known_at: Some(&known),
        ..TransactionSlices::default()
    };
    EventLog::builder()
        .transactions([orders.to_batch().unwrap()])
        .observed_until(hour(600 * 24).to_string().as_str())
        .unwrap()
        .build()
        .unwrap()
}

fn options() -> InactivityOptions {
    InactivityOptions::default()
        .horizon(Span::days(20))
        .unwrap()
        .limits(
            LifecycleLimits::default()
                .lapsed_after(Span::days(15))
                .unwrap()
                .lost_after(Span::days(40))
                .unwrap(),
        )
        .lapsed_share(0.6)
        .lost_share(0.5)
}

fn report(log: &EventLog, options: &InactivityOptions) -> InactivityReport {
    InactivityReport::build(&log.at(hour(UNTIL)).unwrap(), options).unwrap()
}

/// Customer's number of purchases so far, first day, day of return or none.
type Silence = (usize, i64, Option<i64>);

/// The silences, found by looking at every row for every row.
fn slow_silences(rows: &[Row]) -> Vec<Silence> {
    let known: Vec<&Row> =
        rows.iter().filter(|row| row.1 < UNTIL && row.1 + row.2 < UNTIL).collect();
    let mut days: Vec<(i64, i64)> = known.iter().map(|row| (row.0, row.1 / 24)).collect();
    days.sort_unstable();
    days.dedup();
    let silence = |&(customer, day): &(i64, i64)| {
        let own = || known.iter().filter(|row| row.0 == customer);
        let mut hours: Vec<i64> = own().map(|row| row.1).filter(|hour| hour / 24 <= day).collect();
        hours.sort_unstable();
        hours.dedup();
        let next = own().map(|row| row.1 / 24).filter(|&other| other > day).min();
        (hours.len(), day, next)
    };
    days.iter().map(silence).collect()
}

/// The day of `until` counts as seen.
const END: i64 = 301;
const HORIZON: i64 = 20;

struct Slow(Vec<Silence>);

impl Slow {
    /// How many reached so many days with the horizon seen, and how many of them returned in it.
    fn returns(&self, days: i64) -> (u64, u64) {
        let (mut reached, mut returned) = (0, 0);
        for &(_, start, next) in &self.0 {
            let still_silent = next.is_none_or(|next| next >= start + days);
            if still_silent && start + days + HORIZON <= END {
                reached += 1;
                returned += u64::from(next.is_some_and(|next| next < start + days + HORIZON));
            }
        }
        (reached, returned)
    }

    fn lasting(&self, days: i64) -> f64 {
        let seen = |s: &&Silence| s.2.unwrap_or(END - 1) - s.1 >= days;
        self.0.iter().filter(seen).count() as f64
    }

    /// Kaplan-Meier of lasting longer than `to` days given at least `from`.
    fn survival(&self, from: i64, to: i64) -> f64 {
        (from..=to).fold(1.0, |product, day| {
            let ended = self.0.iter().filter(|s| s.2 == Some(s.1 + day)).count() as f64;
            if ended > 0.0 { product * (1.0 - ended / self.lasting(day)) } else { product }
        })
    }

    fn longest_seen(&self) -> Option<i64> {
        (0..=END).rev().find(|&days| self.lasting(days) >= 100.0)
    }

    fn limit(&self, share: f64) -> Option<i64> {
        let lengths: Vec<i64> = (1..=END).filter(|&days| self.returns(days).0 >= 100).collect();
        let clearly_more = |days: i64| {
            let (reached, returned) = self.returns(days);
            winback::stats::wilson_interval(returned, reached).unwrap().0 >= share
        };
        let found = lengths.iter().copied().find(|&days| {
            let (reached, returned) = self.returns(days);
            let below = (returned as f64) < share * reached as f64;
            below && !lengths.iter().any(|&longer| longer >= days && clearly_more(longer))
        });
        found.filter(|&days| days > 1)
    }

    fn check(&self, days: i64, found: &Returns) {
        let (reached, returned) = self.returns(days);
        assert_eq!((found.silences, found.returned), (reached, returned), "{days}");
        match found.within_horizon {
            Some(estimate) => assert_eq!(estimate.share, returned as f64 / reached as f64),
            None => assert_eq!(reached, 0),
        }
        let seen = self.longest_seen().filter(|&seen| days + HORIZON - 1 <= seen);
        match found.at_all {
            Some(estimate) => {
                let expected = 1.0 - self.survival(days, seen.unwrap());
                assert!((estimate.share - expected).abs() < 1e-9, "{days}");
                let (low, high) = estimate.interval.unwrap_or((estimate.share, estimate.share));
                assert!(low <= estimate.share && estimate.share <= high);
            }
            None => assert_eq!(seen, None, "{days}"),
        }
        if let Some(late) = found.late_returns {
            let never = self.survival(0, self.longest_seen().unwrap());
            let expected = (self.survival(0, days - 1) - never) / (1.0 - never);
            assert!((late - expected).abs() < 1e-9, "{days}");
        }
    }
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0i64..25, 0i64..(310 * 24), prop_oneof![3 => Just(0i64), 1 => 0i64..2_000]);
    proptest::collection::vec(row, 1..700).prop_map(|mut rows| {
        rows.push((0, 0, 0));
        rows
    })
}

/// Rows at or after `until`, or that became known then.
fn later_rows() -> impl Strategy<Value = Vec<Row>> {
    let after = (0i64..30, UNTIL..(590 * 24), Just(0i64));
    let late = (0i64..30, 0i64..UNTIL, Just(0i64)).prop_map(|row| (row.0, row.1, UNTIL - row.1));
    proptest::collection::vec(prop_oneof![after, late], 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn prop_equals_the_slow_twin(rows in rows()) {
        let log = log_of(&rows);
        let report = report(&log, &options());
        let all = slow_silences(&rows);
        prop_assert_eq!(report.silences, all.len() as u64);
        prop_assert_eq!(report.gaps_ended, all.iter().filter(|s| s.2.is_some()).count() as u64);
        let group = |name: &str| {
            let of = |s: &&Silence| match name {
                "all" => true,
                "1" => s.0 == 1,
                "2-3" => (2..=3).contains(&s.0),
                "4-9" => (4..=9).contains(&s.0),
                _ => s.0 >= 10,
            };
            Slow(all.iter().filter(of).copied().collect())
        };
        let slow = group("all");
        prop_assert_eq!(report.longest_seen.map(i64::from), slow.longest_seen());
        prop_assert_eq!(
            report.suggested_lapsed_after,
            slow.limit(0.6).map(|days| Span::days(days as u32))
        );
        prop_assert_eq!(
            report.suggested_lost_after,
            slow.limit(0.5).map(|days| Span::days(days as u32))
        );
        for row in &report.returns {
            group(&row.group.name).check(i64::from(row.days), &row.returns);
        }
        for row in &report.limits {
            let slow = group(&row.group.name);
            match (row.source, row.days) {
                (LimitSource::Suggested, days) => {
                    let share = if row.limit == Limit::LapsedAfter { 0.6 } else { 0.5 };
                    prop_assert_eq!(days.map(i64::from), slow.limit(share));
                }
                (LimitSource::Given, days) => {
                    prop_assert_eq!(days, Some(if row.limit == Limit::LapsedAfter { 15 } else { 40 }));
                }
            }
            if let (Some(days), Some(returns)) = (row.days, &row.returns) {
                slow.check(i64::from(days), returns);
            }
        }
        for row in report.gaps.iter().filter(|row| row.method == GapMethod::Completed) {
            let slow = group(&row.group.name);
            let mut gaps: Vec<i64> = slow.0.iter().filter_map(|s| Some(s.2? - s.1)).collect();
            gaps.sort_unstable();
            prop_assert_eq!((row.silences, row.gaps), (slow.0.len() as u64, gaps.len() as u64));
            let short = gaps.iter().filter(|&&gap| gap <= 30).count() as f64;
            match row.under[0] {
                Some(share) => prop_assert!((share - short / gaps.len() as f64).abs() < 1e-9),
                None => prop_assert!(gaps.is_empty()),
            }
            if let Some(median) = row.quantiles[4] {
                prop_assert_eq!(median as i64, gaps[gaps.len().div_ceil(2) - 1]);
            }
        }
        for row in report.gaps.iter().filter(|row| row.method == GapMethod::KaplanMeier) {
            let slow = group(&row.group.name);
            if let Some(share) = row.under[0] {
                prop_assert!((share - (1.0 - slow.survival(0, 30))).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn prop_nothing_known_from_until_on_changes_the_report(
        rows in rows(), later in later_rows(),
    ) {
        let before = report(&log_of(&rows), &options());
        let all: Vec<Row> = rows.iter().chain(&later).copied().collect();
        prop_assert_eq!(report(&log_of(&all), &options()), before);
    }

    #[test]
    fn prop_the_order_of_rows_and_threads_change_nothing(rows in rows()) {
        let log = log_of(&rows);
        let expected = report(&log, &options());
        let mut turned = rows.clone();
        turned.reverse();
        prop_assert_eq!(&report(&log_of(&turned), &options()), &expected);
        let on_one = common::on_threads(1, || report(&log, &options()));
        prop_assert_eq!(&on_one, &expected);
    }

    #[test]
    fn prop_whoever_is_lost_is_lapsed(rows in rows(), lost in 0.05..0.5f64, more in 0.01..0.4f64) {
        let options = options().lost_share(lost).lapsed_share(lost + more);
        let report = report(&log_of(&rows), &options);
        let days = |span: Option<Span>| span.map(Span::approx_days);
        if let (Some(lapsed), Some(lost)) =
            (days(report.suggested_lapsed_after), days(report.suggested_lost_after))
        {
            prop_assert!(lapsed <= lost);
        }
        for row in report.limits.iter().filter(|row| row.source == LimitSource::Suggested) {
            let below = if row.limit == Limit::LostAfter { lost } else { lost + more };
            prop_assert!(row.wrong_alarms().is_none_or(|alarms| alarms.share < below));
        }
    }
}

fn given(report: &InactivityReport, group: &str, limit: Limit) -> LimitRow {
    let wanted = |row: &&LimitRow| {
        row.group.name == group && row.limit == limit && row.source == LimitSource::Given
    };
    report.limits.iter().find(wanted).unwrap().clone()
}

/// Counts by numpy, survival by lifelines 0.30.3 on the same silences.
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn cdnow_agrees_with_lifelines() {
    let log = common::cdnow();
    let until = "1998-07-01";
    let report =
        InactivityReport::build(&log.at(until).unwrap(), &InactivityOptions::default()).unwrap();
    println!("{report}");
    assert_eq!((report.customers, report.silences, report.gaps_ended), (23_502, 67_511, 44_009));
    assert_eq!(report.longest_seen, Some(544));
    for (group, limit, silences, returned) in [
        ("all", Limit::LapsedAfter, 28_953, 5_827),
        ("all", Limit::LostAfter, 21_295, 2_484),
        ("1", Limit::LapsedAfter, 16_593, 1_980),
        ("2-3", Limit::LapsedAfter, 8_694, 2_263),
        ("4-9", Limit::LostAfter, 1_216, 322),
        ("10+", Limit::LostAfter, 41, 15),
    ] {
        let row = given(&report, group, limit);
        let returns = row.returns.unwrap();
        assert_eq!((returns.silences, returns.returned), (silences, returned), "{group}");
        assert_eq!(row.too_thin, silences < 100);
    }
    for (limit, share, low, high, late) in [
        (
            Limit::LapsedAfter,
            0.4009599795433204,
            0.3948996763211071,
            0.4070791852708289,
            0.2886671072616723,
        ),
        (
            Limit::LostAfter,
            0.24615747130089516,
            0.23989622947282918,
            0.252553591582095,
            0.14082653623922672,
        ),
    ] {
        let returns = given(&report, "all", limit).returns.unwrap();
        let at_all = returns.at_all.unwrap();
        let interval = at_all.interval.unwrap();
        for (found, expected) in [
            (at_all.share, share),
            (interval.0, low),
            (interval.1, high),
            (returns.late_returns.unwrap(), late),
        ] {
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
    }
    let [completed, estimated] = [&report.gaps[0], &report.gaps[1]];
    let quantiles = [0, 4, 8, 9, 10].map(|place| completed.quantiles[place].unwrap());
    assert_eq!(quantiles, [4.0, 34.0, 200.0, 283.0, 416.0]);
    assert_eq!(estimated.quantiles[4], Some(93.0));
    for (under, shorter, survival) in [
        (0, 20_625, 0.691248700025411),
        (1, 32_733, 0.5030067839287536),
        (2, 38_955, 0.399713710308318),
        (3, 43_084, 0.3237040887779429),
    ] {
        assert!((completed.under[under].unwrap() - f64::from(shorter) / 44_009.0).abs() < 1e-9);
        assert!((estimated.under[under].unwrap() - (1.0 - survival)).abs() < 1e-9);
    }
    // The log on which three months are the usual limit bears them out, and shows no rhythm.
    assert_eq!(report.suggested_lapsed_after, Some(Span::days(94)));
    assert_eq!(report.suggested_lost_after, Some(Span::days(353)));
    assert_eq!(report.suggested_horizon, Some(Span::months(3)));
    assert!(report.rhythms.is_empty() && report.notes.is_empty(), "{report}");
    let text = report.to_string();
    assert!(text.contains("of 100 customers silent for so long 20 return within 3mo"), "{text}");
    assert!(text.contains("a customer who leaves is noticed 2 days later"), "{text}");
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn yearly_givers_are_named_yearly() {
    let log = common::donations();
    let until: Timestamp = "2016-01-01".parse().unwrap();
    let report =
        InactivityReport::build(&log.at(until).unwrap(), &InactivityOptions::default()).unwrap();
    println!("{report}");
    let [rhythm] = report.rhythms.as_slice() else { panic!("{:?}", report.rhythms) };
    assert_eq!(rhythm.period, Period::Yearly);
    assert!(rhythm.gap_share > 0.25 && rhythm.ratio > 3.0, "{rhythm:?}");
    assert!(report.notes[0].contains("a yearly rhythm: 30 % of all gaps"), "{report}");
    assert!(report.notes[0].contains("3mo and 6mo are wrong limits here"), "{report}");
    let returns = given(&report, "all", Limit::LapsedAfter).returns.unwrap();
    assert_eq!((returns.silences, returns.returned), (44_779, 4_180));
    assert!((returns.at_all.unwrap().share - 0.7610366211403102).abs() < 1e-9);
    // No limit before the year is over, though fewer than a fifth return within three months.
    assert!(report.suggested_lapsed_after.unwrap().approx_days() > 396.0);
    assert_eq!(report.suggested_horizon, Some(Span::months(14)));
    assert!(report.notes.iter().any(|note| note.contains("look again with 14mo")), "{report}");
    assert_eq!(CalendarRhythm::find(&log.at(until).unwrap()), report.rhythms);
    let long = LifecycleLimits::default()
        .lapsed_after(Span::months(14))
        .unwrap()
        .lost_after(Span::months(26))
        .unwrap();
    assert!(rhythm.contradicts(LifecycleLimits::default()) && !rhythm.contradicts(long));
    // Models say so by the same rule.
    let at: Timestamp = "2015-10-01".parse().unwrap();
    let said = |limits| {
        let model = ChurnModel::builder().limits(limits).cutoffs(2).fit(&log, at).unwrap();
        model.evaluate(&log.at(at).unwrap()).unwrap().notes.join("\n")
    };
    let short = said(LifecycleLimits::default());
    assert!(short.contains("a yearly rhythm: "), "{short}");
    assert!(!said(long).contains("a yearly rhythm: "));
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn other_logs_have_no_calendar_rhythm() {
    for (file, id, time, until) in [
        ("online_retail/year_2010_2011.parquet", "customer_id", "invoice_date", "2011-12-10"),
        (
            "complete_journey_sample/transactions_sample.parquet",
            "household_id",
            "transaction_timestamp",
            "2018-01-02",
        ),
        (
            "ravenstack_saas_synthetic/subscriptions.parquet",
            "account_id",
            "start_date",
            "2025-01-01",
        ),
        ("retail_2011_2015/transactions.parquet", "customer_id", "trans_date", "2015-03-17"),
    ] {
        let log = EventLog::builder()
            .transactions_path(common::data(file))
            .and_then(|log| log.column("transactions.customer_id", id))
            .and_then(|log| log.column("transactions.time", time))
            .and_then(|log| log.observed_until(until))
            .unwrap()
            .missing_ids(winback::log::MissingIds::Drop)
            .build()
            .unwrap();
        let rhythms = CalendarRhythm::find(&log.at(until).unwrap());
        assert!(rhythms.is_empty(), "{file}: {rhythms:?}");
    }
}

#[test]
fn a_simulated_log_has_no_calendar_rhythm() {
    let log = common::simulated_log(3_000);
    assert!(CalendarRhythm::find(&log.at(log.observed_until()).unwrap()).is_empty());
}

/// Customers who buy every so many days, a few days more or less, and a few who come at any time.
#[test]
fn each_rhythm_is_found_where_it_was_put() {
    for (days, period) in [
        (30, Period::Monthly),
        (91, Period::Quarterly),
        (183, Period::HalfYearly),
        (365, Period::Yearly),
    ] {
        let (mut ids, mut times) = (Vec::new(), Vec::new());
        let mut random = 1u64;
        let mut draw = |below: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((random >> 33) % below) as i64
        };
        for customer in 0..400 {
            let mut day = 14_000 + draw(days as u64);
            while day < 14_000 + 9 * days.max(200) && (customer % 3 > 0 || draw(6) > 0) {
                ids.push(customer);
                times.push(Timestamp::from_days(day as i32).unwrap());
                let free = 1 + draw(2 * days as u64);
                day += if customer % 2 == 0 { days + draw(5) - 2 } else { free };
            }
        }
        let orders = TransactionSlices {
            customer_id: IdSlice::Int(&ids),
            time: &times,
            ..TransactionSlices::default()
        };
        let log = EventLog::builder()
            .transactions([orders.to_batch().unwrap()])
            .observed_until("last_event")
            .unwrap()
            .build()
            .unwrap();
        let found = CalendarRhythm::find(&log.at(log.observed_until()).unwrap());
        let periods: Vec<Period> = found.iter().map(|rhythm| rhythm.period).collect();
        assert_eq!(periods, [period], "{found:?}");
    }
}

/// A log of customers with attributes: `plan` (three texts, not known of some), `many` (texts),
/// `code` (few numbers), `weight` (many numbers).
fn log_with_attributes() -> EventLog {
    let shop = common::simulated(600);
    let plain = EventLog::builder().transactions([shop.transactions.clone()]);
    let plain = plain.observed_until("2025-01-01").unwrap().build().unwrap();
    let ids: Vec<i64> = plain
        .customers()
        .indices()
        .map(|customer| plain.customers().get(customer).to_string().parse().unwrap())
        .collect();
    let texts = |of: &dyn Fn(usize) -> Option<String>| -> ArrayRef {
        Arc::new(StringArray::from_iter((0..ids.len()).map(of)))
    };
    let columns = [
        ("customer_id", Arc::new(Int64Array::from(ids.clone())) as ArrayRef),
        ("plan", texts(&|i| ["a", "b", "b", "c"].get(i % 5).map(|plan| (*plan).to_owned()))),
        ("many", texts(&|i| Some(format!("text {}", i % 40)))),
        ("code", Arc::new(Float64Array::from_iter_values((0..ids.len()).map(|i| (i % 3) as f64)))),
        ("weight", Arc::new(Float64Array::from_iter_values((0..ids.len()).map(|i| i as f64)))),
    ];
    EventLog::builder()
        .transactions([shop.transactions])
        .customers([RecordBatch::try_from_iter(columns).unwrap()])
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap()
}

fn grouped_by(log: &EventLog, name: &str) -> winback::Result<InactivityReport> {
    let options = InactivityOptions::default().group_by(Some(GroupBy::Attribute(name.to_owned())));
    InactivityReport::build(&log.at("2025-01-01").unwrap(), &options)
}

#[test]
fn groups_of_an_attribute_divide_the_customers() {
    let log = log_with_attributes();
    for (name, labels) in
        [("plan", vec!["b", "a", "c", "(not known)"]), ("code", vec!["0", "1", "2"])]
    {
        let report = grouped_by(&log, name).unwrap();
        let rows: Vec<_> = report
            .gaps
            .iter()
            .filter(|row| row.group.grouping == name && row.method == GapMethod::Completed)
            .collect();
        let found: Vec<&str> = rows.iter().map(|row| row.group.name.as_str()).collect();
        assert_eq!(found.len(), labels.len());
        assert!(labels.iter().all(|label| found.contains(label)), "{found:?}");
        assert_eq!(rows.iter().map(|row| row.silences).sum::<u64>(), report.silences);
        assert_eq!(rows.iter().map(|row| row.customers).sum::<u64>(), report.customers);
        let text = report.to_string();
        assert!(text.contains(&format!("\n{name:<20} customers")), "{text}");
    }
    let report = grouped_by(&log, "many").unwrap();
    let mut names: Vec<&str> = report
        .limits
        .iter()
        .filter(|row| row.group.grouping == "many")
        .map(|row| row.group.name.as_str())
        .collect();
    names.dedup();
    assert_eq!(names.len(), 20);
    let others = names.last().unwrap();
    assert!(others.starts_with('(') && others.ends_with(" others)"), "{others}");
    assert!(report.notes.iter().any(|note| note.contains("told apart")), "{:?}", report.notes);
    assert!(report.limits.iter().any(|row| row.too_thin));
}

#[test]
fn the_tables_hold_the_rows() {
    let log = log_with_attributes();
    let report = grouped_by(&log, "plan").unwrap();
    for (batch, rows, columns) in [
        (report.table("gaps").unwrap(), report.gaps.len(), 21),
        (report.table("returns").unwrap(), report.returns.len(), 12),
        (report.table("limits").unwrap(), report.limits.len(), 17),
    ] {
        assert_eq!((batch.num_rows(), batch.num_columns()), (rows, columns));
        assert!(rows >= 16);
    }
    let shares = report.table("returns").unwrap();
    let shares = shares.column_by_name("return_share").unwrap();
    let shares = shares.as_any().downcast_ref::<Float64Array>().unwrap();
    let expected = report.returns[0].returns.within_horizon.unwrap().share;
    assert_eq!(shares.value(0), expected);
}

#[test]
fn what_cannot_be_looked_at_is_refused() {
    let log = log_with_attributes();
    let error = |at: &str, options: InactivityOptions| {
        let report = log.at(at).and_then(|snapshot| InactivityReport::build(&snapshot, &options));
        report.unwrap_err().to_string()
    };
    let good = InactivityOptions::default;
    let at = "2025-01-01";
    let limits = |lapsed_after, lost_after| {
        good().limits(
            LifecycleLimits::default()
                .lapsed_after(lapsed_after)
                .unwrap()
                .lost_after(lost_after)
                .unwrap(),
        )
    };
    for (until, options, message) in [
        ("2026-01-01", good(), "at: expected a time up to … got 2026-01-01"),
        ("2001-01-01", good(), "at: expected a time after the first … got 2001-01-01"),
        (at, limits(Span::ZERO, Span::months(3)), "lapsed_after: … got 0d"),
        (at, limits(Span::months(6), Span::months(3)), "lost_after: … got 3mo"),
        (at, good().lapsed_share(1.0), "lapsed_share: … got 1"),
        (at, good().lapsed_share(f64::NAN), "lapsed_share: … got NaN"),
        (at, good().lost_share(0.0), "lost_share: … got 0"),
        (at, good().horizon(Span::ZERO).unwrap(), "horizon: expected more than 0d, got 0d"),
        (at, good().group_by(Some(GroupBy::Attribute("x".into()))), "group_by: … got \"x\""),
        (
            at,
            good().group_by(Some(GroupBy::Attribute("weight".into()))),
            "group_by: expected a column of texts, or of at most 20 … got \"weight\"",
        ),
    ] {
        let text = error(until, options);
        assert!(common::says(&text, message), "{text}");
    }
    let returns_only = TransactionSlices {
        customer_id: IdSlice::Int(&[1]),
        time: &["2024-01-01".parse().unwrap()],
        amount: Some(&[-5.0]),
        ..TransactionSlices::default()
    };
    let log = EventLog::builder()
        .transactions([returns_only.to_batch().unwrap()])
        .observed_until(at)
        .unwrap()
        .build()
        .unwrap();
    let error = InactivityReport::build(&log.at(at).unwrap(), &good()).unwrap_err();
    assert_eq!(error.to_string(), "too little data: no customer has a purchase before 2025-01-01");
}

#[test]
fn a_short_or_small_log_says_what_it_cannot_tell() {
    let log = log_of(&[(1, 0, 0), (1, 240, 0), (2, 24, 0)]);
    let report = report(&log, &options());
    let text = report.to_string().replace("\n      ", " ");
    assert_eq!(report.suggested_lapsed_after, None);
    assert_eq!(report.suggested_horizon, None);
    for said in [
        "Silences of 2 customers before 2020-10-27T18:00:00: 3, of which 1 ended with a purchase",
        "a yearly rhythm could not be seen",
        "no lapsed_after is suggested: fewer than 100 silences were seen for 20d",
        "no horizon is suggested",
        "in brackets: of fewer than 100 silences",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    // A horizon longer than all time is no error, but nothing was watched.
    let options = options().horizon(Span::months(u32::MAX)).unwrap();
    let report = InactivityReport::build(&log.at(hour(UNTIL)).unwrap(), &options).unwrap();
    assert!(report.returns.iter().all(|row| row.returns.silences == 0));
}
