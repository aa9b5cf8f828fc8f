use approx::assert_relative_eq;
use proptest::prelude::*;

use super::*;

const Y: [bool; 12] =
    [false, true, false, true, true, false, false, true, false, false, true, false];
const SCORE: [f64; 12] = [0.1, 0.4, 0.4, 0.35, 0.8, 0.8, 0.2, 0.9, 0.05, 0.4, 0.4, 0.6];
const WEIGHTS: [f64; 12] = [1.0, 2.0, 0.5, 1.0, 3.0, 0.25, 1.0, 0.0, 2.0, 1.5, 0.75, 4.0];

/// 1,000 rows on 101 distinct scores.
fn thousand() -> (Vec<bool>, Vec<f64>, Vec<f64>) {
    let score = |i: u32| (f64::from(i * 7919 % 1009) / 1009.0 * 100.0).round() / 100.0;
    let y = |i: u32| f64::from(i * i * 31 % 101) / 101.0 < 0.2 + 0.4 * score(i);
    let weight = |i: u32| 1.0 + f64::from(i % 7) / 7.0;
    let rows = 1..=1000;
    (rows.clone().map(y).collect(), rows.clone().map(score).collect(), rows.map(weight).collect())
}

#[test]
fn ties_and_weights_agree_with_scikit_learn() {
    // roc_auc_score and average_precision_score of scikit-learn 1.9.1 on the same arrays, with
    // and without sample_weight; tolerance: rounding of sums.
    let auc = |w| roc_auc(&Y, &SCORE, w).unwrap();
    let ap = |w| average_precision(&Y, &SCORE, w).unwrap();
    assert_relative_eq!(auc(None), 0.7, max_relative = 1e-12);
    assert_relative_eq!(auc(Some(&WEIGHTS)), 0.6955736224028907, max_relative = 1e-12);
    assert_relative_eq!(ap(None), 0.6444444444444445, max_relative = 1e-12);
    assert_relative_eq!(ap(Some(&WEIGHTS)), 0.6823955365622032, max_relative = 1e-12);

    let (y, score, weights) = thousand();
    assert_eq!(y.iter().filter(|&&y| y).count(), 429);
    let auc = |w| roc_auc(&y, &score, w).unwrap();
    let ap = |w| average_precision(&y, &score, w).unwrap();
    assert_relative_eq!(auc(None), 0.613821088427043, max_relative = 1e-12);
    assert_relative_eq!(auc(Some(&weights)), 0.6069597665073602, max_relative = 1e-12);
    assert_relative_eq!(ap(None), 0.5296164101959113, max_relative = 1e-12);
    assert_relative_eq!(ap(Some(&weights)), 0.522610523878606, max_relative = 1e-12);
}

#[test]
fn one_outcome_is_refused_where_the_measure_is_not_defined() {
    let too_little = |r: Result<f64>| matches!(r, Err(Error::TooLittleData(_)));
    let score = [0.1, 0.2];
    assert!(too_little(roc_auc(&[true; 2], &score, None)));
    assert!(too_little(roc_auc(&[false; 2], &score, None)));
    assert!(too_little(roc_auc(&[false, true], &score, Some(&[1.0, 0.0]))));
    assert!(too_little(average_precision(&[false; 2], &score, None)));
    assert!(too_little(lift(&[false; 2], &score, 0.5)));
    assert!(too_little(capture(&[false; 2], &score, 0.5)));
    assert_eq!(average_precision(&[true; 2], &score, None).unwrap(), 1.0);
    assert_eq!(lift(&[true; 2], &score, 0.5).unwrap(), 1.0);
    let error = roc_auc(&[true; 2], &score, None).unwrap_err().to_string();
    assert!(error.ends_with("all 2 rows have y = true"), "{error}");
}

#[test]
fn bad_input_is_refused_by_every_measure() {
    type Measure = fn(&[bool], &[f64]) -> Result<f64>;
    let measures: [Measure; 4] = [
        |y, s| roc_auc(y, s, None),
        |y, s| average_precision(y, s, None),
        |y, s| lift(y, s, 0.1),
        |y, s| capture(y, s, 0.1),
    ];
    for measure in measures {
        assert!(matches!(measure(&[true, false], &[0.1]), Err(Error::Shape(_))));
        assert!(matches!(measure(&[], &[]), Err(Error::TooLittleData(_))));
        let nan = measure(&[true, false], &[0.1, f64::NAN]);
        assert!(matches!(nan, Err(Error::Argument { name: "score", .. })));
    }
    let (y, score) = ([true, false], [0.1, 0.2]);
    assert!(roc_auc(&y, &score, Some(&[1.0, -1.0])).is_err());
    assert!(average_precision(&y, &score, Some(&[1.0])).is_err());
    assert!(lift(&y, &score, 0.0).is_err());
    assert!(capture(&y, &score, 1.1).is_err());
}

#[test]
fn infinite_scores_and_signed_zeros_rank() {
    let y = [false, true, false, true];
    let score = [f64::NEG_INFINITY, -0.0, 0.0, f64::INFINITY];
    assert_eq!(roc_auc(&y, &score, None).unwrap(), 0.875); // the zeros tie
}

/// The definition: all pairs.
fn slow_auc(y: &[bool], score: &[f64], weights: &[f64]) -> f64 {
    let (mut won, mut pairs) = (0.0, 0.0);
    for i in (0..y.len()).filter(|&i| y[i]) {
        for j in (0..y.len()).filter(|&j| !y[j]) {
            let win = if score[i] == score[j] { 0.5 } else { f64::from(score[i] > score[j]) };
            won += weights[i] * weights[j] * win;
            pairs += weights[i] * weights[j];
        }
    }
    won / pairs
}

/// The definition: the mean over all orders of the rows in which scores never rise.
fn slow_lift(y: &[bool], score: &[f64], share: f64) -> f64 {
    let n = y.len();
    let (mut orders, mut sum) = (0.0, 0.0);
    let mut stack = vec![Vec::new()];
    while let Some(order) = stack.pop() {
        if order.len() < n {
            let left: Vec<usize> = (0..n).filter(|i| !order.contains(i)).collect();
            let top = left.iter().map(|&i| score[i]).fold(f64::NEG_INFINITY, f64::max);
            for &i in left.iter().filter(|&&i| score[i] == top) {
                stack.push([&order[..], &[i]].concat());
            }
            continue;
        }
        let room = share * n as f64;
        let found: f64 = (order.iter().enumerate())
            .map(|(place, &i)| f64::from(y[i]) * (room - place as f64).clamp(0.0, 1.0))
            .sum();
        orders += 1.0;
        sum += found / room;
    }
    sum / orders / (y.iter().filter(|&&y| y).count() as f64 / n as f64)
}

/// Outcomes of both kinds, scores with many ties, weights.
fn rows(n: std::ops::Range<usize>) -> impl Strategy<Value = Vec<(bool, f64, f64)>> {
    prop::collection::vec((any::<bool>(), (0u8..6).prop_map(f64::from), 0.1..5.0f64), n)
        .prop_filter("both outcomes", |rows| rows.iter().any(|r| r.0) && rows.iter().any(|r| !r.0))
}

fn columns(rows: &[(bool, f64, f64)]) -> (Vec<bool>, Vec<f64>, Vec<f64>) {
    let scores_and_weights = rows.iter().map(|r| (r.1, r.2)).unzip();
    (rows.iter().map(|r| r.0).collect(), scores_and_weights.0, scores_and_weights.1)
}

proptest! {
    #[test]
    fn auc_equals_its_definition(rows in rows(2..60)) {
        let (y, score, weights) = columns(&rows);
        let slow = slow_auc(&y, &score, &weights);
        prop_assert!((roc_auc(&y, &score, Some(&weights)).unwrap() - slow).abs() < 1e-12);
    }

    #[test]
    fn lift_equals_its_definition(rows in rows(2..7), share in 0.01..=1.0f64) {
        let (y, score, _) = columns(&rows);
        let slow = slow_lift(&y, &score, share);
        prop_assert!((lift(&y, &score, share).unwrap() - slow).abs() < 1e-12);
    }

    #[test]
    fn strictly_rising_transforms_change_nothing(rows in rows(2..60)) {
        let (y, score, weights) = columns(&rows);
        let moved: Vec<f64> = score.iter().map(|s| (s / 3.0).exp() - 7.0).collect();
        let all = |s: &[f64]| {
            (roc_auc(&y, s, Some(&weights)).unwrap(), average_precision(&y, s, None).unwrap(),
             lift(&y, s, 0.1).unwrap())
        };
        prop_assert_eq!(all(&score), all(&moved));
    }

    #[test]
    fn auc_of_the_other_outcome_is_the_rest(rows in rows(2..60)) {
        let (y, score, weights) = columns(&rows);
        let other: Vec<bool> = y.iter().map(|y| !y).collect();
        let sum = roc_auc(&y, &score, Some(&weights)).unwrap()
            + roc_auc(&other, &score, Some(&weights)).unwrap();
        prop_assert!((sum - 1.0).abs() < 1e-12);
    }

    #[test]
    fn lift_averaged_over_ten_tenths_is_one(rows in rows(2..60)) {
        let (y, score, _) = columns(&rows);
        let upto = |tenths: u32| match tenths {
            0 => 0.0,
            _ => capture(&y, &score, f64::from(tenths) / 10.0).unwrap(),
        };
        let lifts: Vec<f64> = (0..10).map(|t| (upto(t + 1) - upto(t)) / 0.1).collect();
        prop_assert!(lifts.iter().all(|&lift| (-1e-12..10.0 + 1e-12).contains(&lift)));
        prop_assert!((lifts.iter().sum::<f64>() / 10.0 - 1.0).abs() < 1e-12);
        prop_assert_eq!(lift(&y, &score, 1.0).unwrap(), 1.0);
    }

    #[test]
    fn a_constant_score_says_nothing(rows in rows(2..60), share in 0.01..=1.0f64) {
        let (y, _, weights) = columns(&rows);
        let score = vec![0.3; y.len()];
        prop_assert!((roc_auc(&y, &score, Some(&weights)).unwrap() - 0.5).abs() < 1e-12);
        prop_assert!((lift(&y, &score, share).unwrap() - 1.0).abs() < 1e-12);
        let base_rate = y.iter().filter(|&&y| y).count() as f64 / y.len() as f64;
        let ap = average_precision(&y, &score, None).unwrap();
        prop_assert!((ap - base_rate).abs() < 1e-12);
    }

    #[test]
    fn row_order_is_irrelevant(rows in rows(2..60), turn in 0usize..60) {
        let mut turned = rows.clone();
        turned.rotate_left(turn % rows.len());
        let measures = |rows: &[(bool, f64, f64)]| {
            let (y, score, weights) = columns(rows);
            let exact = [
                roc_auc(&y, &score, None).unwrap(),
                average_precision(&y, &score, None).unwrap(),
                lift(&y, &score, 0.15).unwrap(),
            ];
            (exact, roc_auc(&y, &score, Some(&weights)).unwrap())
        };
        let (a, b) = (measures(&rows), measures(&turned));
        prop_assert_eq!(a.0, b.0);
        prop_assert!((a.1 - b.1).abs() < 1e-12);
    }

    #[test]
    fn weights_count_as_repeated_rows(rows in rows(2..40)) {
        let whole: Vec<f64> = rows.iter().map(|r| r.2.floor()).collect();
        let repeated: Vec<_> =
            rows.iter().flat_map(|r| std::iter::repeat_n(*r, r.2 as usize)).collect();
        let (y, score, _) = columns(&rows);
        let (many_y, many_score, _) = columns(&repeated);
        prop_assume!(many_y.iter().any(|&y| y) && many_y.iter().any(|&y| !y));
        let ap = average_precision(&y, &score, Some(&whole)).unwrap();
        prop_assert!((ap - average_precision(&many_y, &many_score, None).unwrap()).abs() < 1e-12);
        let auc = roc_auc(&y, &score, Some(&whole)).unwrap();
        prop_assert!((auc - roc_auc(&many_y, &many_score, None).unwrap()).abs() < 1e-12);
    }
}
