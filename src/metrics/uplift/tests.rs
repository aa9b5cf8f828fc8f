use approx::{assert_abs_diff_eq, assert_relative_eq};
use proptest::prelude::*;

use super::areas::{Areas, Cell};
use super::*;
use crate::error::Error;

/// Three groups of equal scores, of 3, 4 and 3 customers: the toy case of the reference.
fn toy() -> (Vec<f64>, Vec<f64>, Vec<bool>) {
    let rows = [
        (3.0, true, 1.0),
        (3.0, true, 0.0),
        (3.0, false, 1.0),
        (2.0, true, 1.0),
        (2.0, true, 0.0),
        (2.0, false, 1.0),
        (2.0, false, 0.0),
        (1.0, true, 0.0),
        (1.0, false, 0.0),
        (1.0, false, 0.0),
    ];
    let column = |of: fn(&(f64, bool, f64)) -> f64| rows.iter().map(of).collect();
    (column(|row| row.2), column(|row| row.0), rows.iter().map(|row| row.1).collect())
}

#[test]
fn curves_of_the_toy_have_points_only_at_the_ends_of_ties() {
    // scikit-uplift 0.5.1: qini_curve, uplift_curve, qini_auc_score, uplift_auc_score.
    let (y, score, treated) = toy();
    let ranking = UpliftRanking::new(&y, &score, &treated).unwrap();
    let points = ranking.points();
    let customers: Vec<f64> = points.iter().map(|p| p.treated + p.control).collect();
    assert_eq!(customers, [0.0, 3.0, 7.0, 10.0]);
    for (point, (uplift, qini)) in
        points.iter().zip([(0.0, 0.0), (-1.5, -1.0), (-1.166666666666667, -0.6666666666666667)])
    {
        assert_abs_diff_eq!(point.uplift, uplift, epsilon = 1e-12);
        assert_abs_diff_eq!(point.qini, qini, epsilon = 1e-12);
    }
    assert_abs_diff_eq!(points[3].qini, 0.0, epsilon = 1e-12);
    assert_abs_diff_eq!(ranking.qini().unwrap(), -0.3645833333333333, epsilon = 1e-12);
    assert_abs_diff_eq!(ranking.auuc().unwrap(), -0.3333333333333333, epsilon = 1e-12);
    assert_abs_diff_eq!(ranking.radcliffe_q(), -0.11666666666666667, epsilon = 1e-12);
}

/// Customers, levels of the score, share treated, effect at the highest score; then scikit-uplift's
/// `qini_auc_score`, `uplift_auc_score`, `uplift_at_k(k=0.3)` overall and by group, the latter where
/// scores differ.
const CASES: [(u64, f64, f64, f64, [f64; 4]); 6] = [
    (50, 5.0, 0.5, 0.3, [0.047261729606016066, -0.008625746097336988, f64::NAN, f64::NAN]),
    (
        200,
        1e6,
        0.5,
        0.2,
        [0.13277389727051842, 0.10642192271106016, 0.22222222222222224, 0.21095571095571095],
    ),
    (200, 7.0, 0.3, -0.3, [-0.2874225209035611, -0.10614539028699882, f64::NAN, f64::NAN]),
    (1000, 20.0, 0.9, 0.1, [0.09934673495067849, 0.0963627861496441, f64::NAN, f64::NAN]),
    (
        500,
        1e6,
        0.1,
        0.0,
        [0.08499859231375079, 0.02041951053007209, -0.02898550724637683, -0.044683257918552016],
    ),
    (30, 2.0, 0.5, 0.9, [0.016371077762619417, 0.10354785478547862, f64::NAN, f64::NAN]),
];

#[test]
fn measures_agree_with_scikit_uplift() {
    // 0.5.1, on the customers that this draws.
    for (case, (n, levels, treated, effect, expected)) in CASES.into_iter().enumerate() {
        let rows: Vec<(f64, bool, f64)> = (0..n)
            .map(|i| {
                let seed = case as u64 * 100_003 * 8 + i * 8;
                let draw = |k| crate::hash::share(crate::hash::draw(seed + k));
                let (score, is_treated) = ((draw(0) * levels).floor() / levels, draw(1) < treated);
                let chance = 0.2 + if is_treated { effect * score } else { 0.0 };
                (score, is_treated, f64::from(u8::from(draw(2) < chance)))
            })
            .collect();
        let ranking = ranking(&rows);
        let found = [
            ranking.qini().unwrap(),
            ranking.auuc().unwrap(),
            ranking.uplift_at(0.3, UpliftAt::Overall).unwrap(),
            ranking.uplift_at(0.3, UpliftAt::ByGroup).unwrap(),
        ];
        for (found, expected) in found.into_iter().zip(expected) {
            if !expected.is_nan() {
                assert_abs_diff_eq!(found, expected, epsilon = 1e-12);
            }
        }
    }
}

#[test]
fn ties_that_straddle_the_share_count_in_part() {
    // scikit-uplift gives -1/2, -1/3 or 0 (overall) and -1/2 or 0 (by group), by the rows' order.
    let (y, score, treated) = toy();
    let ranking = UpliftRanking::new(&y, &score, &treated).unwrap();
    let overall = ranking.uplift_at(0.4, UpliftAt::Overall).unwrap();
    assert_abs_diff_eq!(overall, 1.25 / 2.5 - 1.25 / 1.5, epsilon = 1e-12);
    let by_group = ranking.uplift_at(0.4, UpliftAt::ByGroup).unwrap();
    assert_abs_diff_eq!(by_group, -0.25, epsilon = 1e-12);
    assert_eq!(ranking.uplift_at(1.0, UpliftAt::Overall).unwrap(), 0.0);
}

#[test]
fn bad_input_is_refused() {
    let arms = [true, false];
    let new = UpliftRanking::new;
    assert!(matches!(new(&[1.0], &[1.0, 2.0], &arms), Err(Error::Shape(_))));
    assert!(matches!(new(&[1.0, 0.0], &[1.0], &arms), Err(Error::Shape(_))));
    let nan = new(&[1.0, 0.0], &[1.0, f64::NAN], &arms);
    assert!(matches!(nan, Err(Error::Argument { name: "uplift", .. })));
    let infinite = new(&[1.0, f64::INFINITY], &[1.0, 2.0], &arms);
    assert!(matches!(infinite, Err(Error::Argument { name: "y", .. })));
    for arm in [true, false] {
        let alone = new(&[1.0, 0.0], &[1.0, 2.0], &[arm; 2]);
        assert!(matches!(alone, Err(Error::TooLittleData(_))));
    }
    let ranking = new(&[1.0, 0.0], &[1.0, 2.0], &arms).unwrap();
    for share in [0.0, 1.5, f64::NAN] {
        let refused = ranking.uplift_at(share, UpliftAt::Overall);
        assert!(matches!(refused, Err(Error::Argument { name: "share", .. })));
    }
    // The first of two customers is of one arm alone.
    assert!(matches!(ranking.uplift_at(0.5, UpliftAt::Overall), Err(Error::TooLittleData(_))));
    assert!(ranking.intervals(&[], 1, 0).is_err());
    assert!(ranking.intervals(&[2.0], 10, 0).is_err());
    // Nobody bought: all rankings are equally good. Amounts have no best ranking.
    let nobody = new(&[0.0; 2], &[1.0, 2.0], &arms).unwrap();
    assert!(matches!(nobody.qini(), Err(Error::TooLittleData(_))));
    let amounts = new(&[2.5, 0.0], &[1.0, 2.0], &arms).unwrap();
    assert!(matches!(amounts.auuc(), Err(Error::Argument { name: "y", .. })));
    assert_eq!(amounts.intervals(&[], 10, 0).unwrap().rows.len(), 4);
}

#[test]
fn bad_tests_of_policies_are_refused() {
    let good = PolicyTest {
        y: &[1.0, 0.0, 1.0],
        uplift: &[1.0, 2.0, 3.0],
        treated: &[true, false, true],
        propensity: 0.5.into(),
        cost: 0.0,
        expected: None,
    };
    assert!(good.values(&[0.0, 1.0]).is_ok());
    for bad in [
        PolicyTest { propensity: 0.0.into(), ..good },
        PolicyTest { propensity: 1.0.into(), ..good },
        PolicyTest { propensity: (&[0.5, 0.5][..]).into(), ..good },
        PolicyTest { cost: -1.0, ..good },
        PolicyTest { uplift: &[1.0, f64::NAN, 3.0], ..good },
        PolicyTest { expected: Some((&[0.0; 3], &[0.0, f64::INFINITY, 0.0])), ..good },
        PolicyTest { expected: Some((&[0.0; 2], &[0.0; 3])), ..good },
    ] {
        assert!(bad.values(&[0.5]).is_err(), "{bad:?}");
    }
    assert!(good.values(&[1.1]).is_err());
}

/// The values of a ranking by walking over all customers, each as often as he counts.
fn slow_areas(rows: &[(f64, bool, f64)]) -> (f64, f64) {
    let mut scores: Vec<f64> = rows.iter().map(|row| row.0).collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    scores.dedup();
    let (mut points, mut ends) = (vec![(0.0, 0.0, 0.0)], Cell::default());
    for score in scores {
        ends = Cell::default();
        for (_, treated, y) in rows.iter().filter(|row| row.0 >= score) {
            let one = match treated {
                true => Cell { treated: 1.0, treated_sum: *y, ..Cell::default() },
                false => Cell { control: 1.0, control_sum: *y, ..Cell::default() },
            };
            ends.add(&one, 1.0);
        }
        points.push((ends.customers(), ends.uplift(), ends.qini()));
    }
    let area = |of: fn(&(f64, f64, f64)) -> f64| {
        points.windows(2).map(|p| (p[1].0 - p[0].0) * (of(&p[0]) + of(&p[1])) / 2.0).sum::<f64>()
            - ends.customers() * of(&points[points.len() - 1]) / 2.0
    };
    (area(|p| p.1), area(|p| p.2))
}

fn rows() -> impl Strategy<Value = Vec<(f64, bool, f64)>> {
    let row = (-3i32..4, any::<bool>(), 0u8..2);
    let row = row.prop_map(|(score, treated, y)| (f64::from(score), treated, f64::from(y)));
    proptest::collection::vec(row, 4..40).prop_filter("both arms", |rows| {
        rows.iter().any(|row| row.1) && rows.iter().any(|row| !row.1)
    })
}

fn split(rows: &[(f64, bool, f64)]) -> (Vec<f64>, Vec<f64>, Vec<bool>) {
    let (score, rest): (Vec<f64>, Vec<(bool, f64)>) =
        rows.iter().map(|&(score, treated, y)| (score, (treated, y))).unzip();
    let (treated, y) = rest.into_iter().unzip();
    (y, score, treated)
}

fn ranking(rows: &[(f64, bool, f64)]) -> UpliftRanking {
    let (y, score, treated) = split(rows);
    UpliftRanking::new(&y, &score, &treated).unwrap()
}

proptest! {
    #[test]
    fn areas_are_those_of_all_customers_above_each_score(rows in rows()) {
        let found = Areas::of(ranking(&rows).cells());
        let (uplift, qini) = slow_areas(&rows);
        prop_assert!((found.uplift - uplift).abs() < 1e-9);
        prop_assert!((found.qini - qini).abs() < 1e-9);
    }

    #[test]
    fn the_order_of_rows_is_irrelevant(rows in rows(), seed in any::<u64>()) {
        let mut other = rows.clone();
        other.sort_by_key(|row| crate::hash::draw(seed ^ row.0.to_bits()));
        other.reverse();
        let (one, other) = (ranking(&rows), ranking(&other));
        prop_assert_eq!(one.points(), other.points());
        prop_assert_eq!(one.intervals(&[0.5], 20, 3).unwrap(), other.intervals(&[0.5], 20, 3).unwrap());
    }

    #[test]
    fn a_monotone_transform_of_the_score_changes_nothing(rows in rows()) {
        let moved: Vec<_> = rows.iter().map(|row| (row.0.exp() * 3.0, row.1, row.2)).collect();
        let (one, other) = (ranking(&rows), ranking(&moved));
        prop_assert_eq!(one.radcliffe_q(), other.radcliffe_q());
        prop_assert_eq!(one.qini().ok(), other.qini().ok());
    }

    #[test]
    fn a_score_without_differences_has_no_area(rows in rows()) {
        let flat: Vec<_> = rows.iter().map(|row| (1.0, row.1, row.2)).collect();
        prop_assert_eq!(ranking(&flat).radcliffe_q(), 0.0);
    }

    #[test]
    fn everybody_is_worth_the_same_whatever_the_score(rows in rows(), cost in 0.0..2.0) {
        let (y, uplift, treated) = split(&rows);
        let share = treated.iter().filter(|treated| **treated).count() as f64 / treated.len() as f64;
        let propensity = share.into();
        let test = PolicyTest { y: &y, uplift: &uplift, treated: &treated, propensity, cost, expected: None };
        let points = test.values(&[0.0, 0.5, 1.0]).unwrap().points;
        for nothing in [points[0].over_nobody, points[2].over_everybody, points[2].over_random] {
            prop_assert_eq!((nothing.value, nothing.standard_error), (0.0, 0.0));
        }
        for point in &points {
            let gap = points[2].dr.value - point.dr.value;
            prop_assert!((point.over_everybody.value + gap).abs() < 1e-9);
            let gap = points[0].dr.value - point.dr.value;
            prop_assert!((point.over_nobody.value + gap).abs() < 1e-9);
        }
    }
}

#[test]
fn intervals_hold_the_value_and_repeat_with_their_seed() {
    let rows: Vec<(f64, bool, f64)> = (0..2_000_u64)
        .map(|i| {
            let draw = |k: u64| crate::hash::share(crate::hash::draw(i * 7 + k));
            let (score, treated) = (draw(0), draw(1) < 0.5);
            let chance = 0.2 + if treated { 0.3 * score } else { 0.0 };
            (score, treated, f64::from(u8::from(draw(2) < chance)))
        })
        .collect();
    let ranking = ranking(&rows);
    let found = ranking.intervals(&[], 200, 1).unwrap();
    assert_eq!(found, ranking.intervals(&[], 200, 1).unwrap());
    assert_ne!(found, ranking.intervals(&[], 200, 2).unwrap());
    let names: Vec<String> = found.rows.iter().map(|row| row.measure.name()).collect();
    assert_eq!(
        names,
        ["qini", "auuc", "radcliffe_q", "uplift_at_0.1", "uplift_at_0.3", "uplift_at_0.5"]
    );
    assert_relative_eq!(found.rows[0].value.unwrap(), ranking.qini().unwrap());
    assert_relative_eq!(found.rows[1].value.unwrap(), ranking.auuc().unwrap());
    assert_relative_eq!(found.rows[2].value.unwrap(), ranking.radcliffe_q());
    for row in found.rows {
        let (value, (low, high)) = (row.value.unwrap(), row.interval.unwrap());
        assert!(low < value && value < high, "{row:?}");
        // About two standard errors to either side.
        assert_relative_eq!(high - low, 3.92 * row.standard_error.unwrap(), max_relative = 0.15);
    }
}
