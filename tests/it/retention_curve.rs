//! How long customers stay until a long silence: against lifelines, and a slow obvious twin.

use approx::assert_relative_eq;
use proptest::prelude::*;
use winback::answer::Answer;
use winback::groups::GroupBy;
use winback::retention::{CurveOptions, RetentionCurve};
use winback::stats::{IntervalKind, KaplanMeier};
use winback::{Error, EventLog};

use crate::common;
use crate::retention::{at, log_of, plain, rows};

fn silent_for(span: &str) -> CurveOptions {
    CurveOptions::default().silent_for(span).unwrap()
}

/// Durations by polars 2.1, the estimate by lifelines 0.30.3, `KaplanMeierFitter`.
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn cdnow_agrees_with_lifelines() {
    let log = common::cdnow_with_zeros();
    let curve = RetentionCurve::new(&log, &silent_for("90d")).unwrap();
    let all = &curve.groups[0];
    assert_eq!((all.customers, all.silent), (23_570, 23_355));
    assert_eq!(all.estimate.median(), Some(90.0));
    assert_eq!(all.estimate.survival_at(89.0), Some(1.0));
    for (days, survival, low, high) in [
        (90.0, 0.2912600763682646, 0.28547098466375503, 0.2970710378807453),
        (91.0, 0.28663555366991916, 0.28087462637439936, 0.2924197006150747),
        (120.0, 0.19563003818413238, 0.19059143482113325, 0.20071938428854494),
        (180.0, 0.07942299533305042, 0.0760164181987357, 0.08292036742075222),
        (365.0, 0.017098005939753906, 0.015502585491305308, 0.018814240833814784),
        (500.0, 0.009298014432943777, 0.008119152129555577, 0.010607459576293742),
    ] {
        assert_relative_eq!(all.estimate.survival_at(days).unwrap(), survival, max_relative = 1e-9);
        let interval = all.estimate.interval_at(days, IntervalKind::LogLog).unwrap();
        assert_relative_eq!(interval.0, low, max_relative = 1e-9);
        assert_relative_eq!(interval.1, high, max_relative = 1e-9);
    }
    let january = silent_for("90d").end(at("1997-02-01")).unwrap();
    let curve = RetentionCurve::new(&log, &january).unwrap();
    let first = &curve.groups[0];
    assert_eq!(first.customers, 7_846);
    let year = first.estimate.survival_at(365.0).unwrap();
    assert_relative_eq!(year, 0.01962783583991845, max_relative = 1e-9);
    assert_eq!(
        curve.notes,
        [format!("{} of 7846 customers fell silent for 90d; half had by day 90", first.silent)]
    );
    let table = curve.at_days(&[0, 365, 10_000]).unwrap();
    assert_eq!(table.num_rows(), 3);
    assert_eq!(table.column_by_name("survival").unwrap().null_count(), 1);
    let at_risk = table.column_by_name("at_risk").unwrap();
    let at_risk = at_risk.as_any().downcast_ref::<arrow_array::Int64Array>().unwrap();
    assert_eq!(at_risk.values(), &[7_846, 157, 0]);
}

/// Everybody looked at on every day: silent where the last purchase is `silence` days ago or more.
fn twin(log: &[(i64, i32, f64)], until: i32, silence: i32) -> Vec<(f64, bool)> {
    let mut times = Vec::new();
    for (days, _) in plain(log, until).into_values() {
        let first = *days.first().unwrap();
        let is_silent = |day: i32| days.range(day - silence + 1..day).next().is_none();
        let gone = (first + 1..=until).find(|&day| is_silent(day));
        times.push((f64::from(gone.unwrap_or(until) - first), gone.is_some()));
    }
    times
}

proptest! {
    #[test]
    fn prop_the_curve_equals_its_slow_twin(rows in rows(), silence in 1i32..200) {
        let log = log_of(&rows, 420);
        let curve = RetentionCurve::new(&log, &silent_for(&format!("{silence}d"))).unwrap();
        let (times, gone): (Vec<_>, Vec<_>) = twin(&rows, 420, silence).into_iter().unzip();
        let expected = KaplanMeier::fit(&times, &gone).unwrap();
        prop_assert_eq!(&curve.groups[0].estimate, &expected);
        prop_assert_eq!(curve.main_table().unwrap().num_rows(), expected.steps().len());
    }

    #[test]
    fn prop_a_longer_silence_never_comes_sooner(rows in rows(), silence in 1i64..150) {
        let log = log_of(&rows, 420);
        let curve = |days| {
            let curve = RetentionCurve::new(&log, &silent_for(&format!("{days}d"))).unwrap();
            curve.groups[0].clone()
        };
        let (short, long) = (curve(silence), curve(silence + 30));
        prop_assert!(long.silent <= short.silent);
        for step in short.estimate.steps().iter().filter(|step| step.censored == 0) {
            let later = long.estimate.survival_at(step.time);
            prop_assert!(later.is_none_or(|later| later >= step.survival - 1e-12));
        }
    }
}

#[test]
fn groups_add_up_to_all() {
    let log = common::simulated_log(400);
    let all = RetentionCurve::new(&log, &silent_for("90d")).unwrap();
    let by = [GroupBy::Category, GroupBy::Channel, GroupBy::Attribute("segment".into())];
    for by in by {
        let curve =
            RetentionCurve::new(&log, &silent_for("90d").group_by(Some(by.clone()))).unwrap();
        assert!(curve.groups.len() > 1, "{by:?}");
        let sum = |of: fn(&winback::retention::GroupCurve) -> u64| -> u64 {
            curve.groups.iter().map(of).sum()
        };
        assert_eq!(sum(|group| group.customers), all.groups[0].customers);
        assert_eq!(sum(|group| group.silent), all.groups[0].silent);
        assert_eq!(curve.main_table().unwrap().schema().field(0).name(), "group");
        assert_eq!(curve.notes.len(), curve.groups.len());
    }
    assert!(all.main_table().unwrap().column_by_name("group").is_none());
}

#[test]
fn wrong_options_are_refused() {
    let log = common::simulated_log(50);
    let refused = |log: &EventLog, options: &CurveOptions, message: &str| {
        let error = RetentionCurve::new(log, options).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    };
    refused(&log, &silent_for("0d"), "silent_for: expected more than 0d, got 0d");
    let turned = CurveOptions::default().start("2024-02-01").unwrap().end("2024-01-01").unwrap();
    refused(&log, &turned, "end: expected a time after the start, ");
    let by = Some(GroupBy::Attribute("shoe size".into()));
    refused(&log, &CurveOptions::default().group_by(by), "shoe size");
    let never = CurveOptions::default().end(at("1999-01-01")).unwrap();
    let error = RetentionCurve::new(&log, &never).unwrap_err();
    assert!(matches!(error, Error::TooLittleData(_)), "{error}");
}
