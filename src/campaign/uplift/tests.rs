use approx::assert_abs_diff_eq;
use ndarray::Array2;

use super::regression::Regression;
use super::*;
use crate::campaign::Each;
use crate::churn::Estimator;
use crate::error::Error;
use crate::hash;
use crate::log::IdSlice;
use crate::models::logistic::Logistic;
use crate::progress::Stop;

fn share(seed: u64) -> f64 {
    hash::share(hash::draw(seed))
}

/// Customers with three columns, of whom the first column decides how much a letter does; a call does
/// nothing.
struct Made {
    x: Array2<f64>,
    arm: Vec<u32>,
    y: Vec<f64>,
}

const ARMS: [&str; 3] = ["control", "letter", "call"];

fn made(n: u64, arms: u64) -> Made {
    let x = Array2::from_shape_fn((n as usize, 3), |(i, j)| share(i as u64 * 31 + j as u64) - 0.5);
    let arm: Vec<u32> = (0..n).map(|i| (share(i * 31 + 10) * arms as f64) as u32).collect();
    let y = (0..n as usize).map(|i| {
        let effect = if arm[i] == 1 { 0.4 * x[[i, 0]] } else { 0.0 };
        let chance = 0.4 + 0.2 * x[[i, 1]] + effect;
        f64::from(u8::from(share(i as u64 * 31 + 11) < chance))
    });
    let y = y.collect();
    Made { x, arm, y }
}

fn trial<'a>(made: &'a Made, arms: &'a [&'a str]) -> Trial<'a> {
    Trial {
        x: made.x.view(),
        arm: &made.arm,
        arms,
        y: &made.y,
        propensity: Propensity::Shares,
        customer_ids: None,
    }
}

fn unpenalised() -> Estimator {
    Estimator::Logistic(Logistic::default().c(f64::INFINITY).tol(1e-9))
}

fn options(learner: Learner) -> UpliftOptions {
    UpliftOptions::default().learner(learner).folds(1)
}

fn learned(made: &Made, arms: &[&str], how: UpliftOptions) -> FittedUplift {
    Uplift::new(unpenalised(), how).unwrap().fit(&trial(made, arms)).unwrap()
}

const LEARNERS: [Learner; 5] = [Learner::S, Learner::T, Learner::X, Learner::Dr, Learner::Class];

#[test]
fn a_single_regression_with_all_products_is_a_regression_for_each_arm() {
    let made = made(3_000, 3);
    let s = learned(&made, &ARMS, options(Learner::S)).predict(made.x.view()).unwrap();
    let t = learned(&made, &ARMS, options(Learner::T)).predict(made.x.view()).unwrap();
    for (s, t) in s.iter().zip(&t) {
        assert_abs_diff_eq!(s, t, epsilon = 1e-9);
    }
    // Without products the effect has one sign.
    let plain = options(Learner::S).interactions(false);
    let plain = learned(&made, &ARMS, plain).predict(made.x.view()).unwrap();
    let letter = plain.column(0);
    assert!(letter.iter().all(|v| *v > 0.0) || letter.iter().all(|v| *v < 0.0));
}

#[test]
fn every_learner_finds_whom_the_letter_moves_and_that_the_call_moves_nobody() {
    let made = made(12_000, 3);
    for estimator in [unpenalised(), "boosting".parse().unwrap(), "average".parse().unwrap()] {
        for learner in LEARNERS {
            let how = Uplift::new(estimator.clone(), options(learner)).unwrap();
            let found = how.fit(&trial(&made, &ARMS)).unwrap().predict(made.x.view()).unwrap();
            let mut products = [0.0; 2];
            let mut off = [0.0; 2];
            for (row, found) in found.rows().into_iter().enumerate() {
                let x = made.x[[row, 0]];
                for (arm, truth) in [0.4 * x, 0.0].into_iter().enumerate() {
                    products[arm] += x * found[arm];
                    off[arm] += (found[arm] - truth).abs() / made.y.len() as f64;
                }
            }
            // The slope on the first column is 0.4 for letters, none for calls; its variance is 1/12.
            let slopes = products.map(|sum| sum / made.y.len() as f64 * 12.0);
            let what = format!("{estimator:?} {learner:?} {slopes:?} {off:?}");
            // Of many columns that trees choose from, the arm is but one: they find less of it.
            let reach = if estimator.name() == "boosting" { 0.2 } else { 0.12 };
            assert!((slopes[0] - 0.4).abs() < reach && slopes[1].abs() < reach, "{what}");
            assert!(off.iter().all(|off| *off < 0.06), "{what}");
        }
    }
}

#[test]
fn amounts_are_learned_too() {
    let mut made = made(8_000, 2);
    made.y = (0..8_000)
        .map(|i| {
            let effect = if made.arm[i] == 1 { 6.0 * made.x[[i, 0]] } else { 0.0 };
            10.0 + effect + 4.0 * (share(i as u64 * 31 + 12) - 0.5)
        })
        .collect();
    for estimator in [unpenalised(), "boosting".parse().unwrap(), "average".parse().unwrap()] {
        for learner in [Learner::S, Learner::T, Learner::X, Learner::Dr] {
            let how = Uplift::new(estimator.clone(), options(learner)).unwrap();
            let found = how.fit(&trial(&made, &ARMS[..2])).unwrap().predict(made.x.view()).unwrap();
            let off = |row: usize| (found[[row, 0]] - 6.0 * made.x[[row, 0]]).abs();
            let mean = (0..made.y.len()).map(off).sum::<f64>() / made.y.len() as f64;
            assert!(mean < 0.5, "{estimator:?} {learner:?} {mean}");
        }
    }
    let class = Uplift::new(unpenalised(), options(Learner::Class)).unwrap();
    let refused = class.fit(&trial(&made, &ARMS[..2]));
    assert!(matches!(refused, Err(Error::Argument { name: "learner", .. })));
}

#[test]
fn a_targeted_list_is_recommended_where_it_pays_and_refused_where_there_is_no_effect() {
    let how = Uplift::new(unpenalised(), UpliftOptions::default()).unwrap();
    let moved = made(20_000, 2);
    let fitted = how.fit(&trial(&moved, &ARMS[..2])).unwrap();
    let found = fitted.recommend(&RecommendationOptions::default()).unwrap();
    assert!(found.recommended, "{found}");
    assert_eq!(found.policies.len(), 3);
    let targeted = &found.policies[2];
    // Half of the customers are moved, by 0.1 in the mean: 0.05 of all.
    assert!((targeted.share - 0.5).abs() < 0.1 && (targeted.over_nobody.value - 0.05).abs() < 0.02);
    // A cost above every effect.
    let dear = RecommendationOptions::default().costs(Each::All(1.0));
    let found = fitted.recommend(&dear).unwrap();
    assert!(!found.recommended && found.policies[2].share == 0.0, "{found}");

    let idle = Made { arm: moved.arm.iter().map(|arm| arm * 2).collect(), ..made(20_000, 2) };
    let idle = Made {
        arm: (0..20_000_u64).map(|i| u32::from(share(i + 900_000) < 0.5)).collect(),
        ..idle
    };
    let found = how.fit(&trial(&idle, &ARMS[..2])).unwrap();
    let found = found.recommend(&RecommendationOptions::default().costs(Each::All(0.01))).unwrap();
    assert!(!found.recommended, "{found}");
}

#[test]
fn parts_follow_the_customers_and_not_the_order_of_their_rows() {
    let made = made(600, 2);
    let ids: Vec<i64> = (0..600).map(|i| i / 2 * 17).collect();
    let how = Uplift::new("boosting".parse().unwrap(), UpliftOptions::default()).unwrap();
    let one = Trial { customer_ids: Some(IdSlice::Int(&ids)), ..trial(&made, &ARMS[..2]) };
    let order: Vec<usize> = (0..600).rev().collect();
    let turned = Made {
        x: made.x.select(ndarray::Axis(0), &order),
        arm: order.iter().map(|&i| made.arm[i]).collect(),
        y: order.iter().map(|&i| made.y[i]).collect(),
    };
    let turned_ids: Vec<i64> = order.iter().map(|&i| ids[i]).collect();
    let other =
        Trial { customer_ids: Some(IdSlice::Int(&turned_ids)), ..trial(&turned, &ARMS[..2]) };
    let (one, other) = (how.fit(&one).unwrap(), how.fit(&other).unwrap());
    let (one, other) = (one.out_of_fold().unwrap(), other.out_of_fold().unwrap());
    for (row, &turned) in order.iter().enumerate() {
        assert_abs_diff_eq!(other[[row, 0]], one[[turned, 0]], epsilon = 1e-9);
    }
}

#[test]
fn a_fitted_model_is_read_back_to_the_same_bits() {
    let made = made(500, 3);
    for estimator in ["logistic", "boosting", "average"] {
        for learner in LEARNERS {
            let how = UpliftOptions::default().learner(learner).folds(2);
            let how = Uplift::new(estimator.parse().unwrap(), how).unwrap();
            let fitted = how.fit(&trial(&made, &ARMS)).unwrap();
            let read = FittedUplift::from_bytes(&fitted.to_bytes().unwrap()).unwrap();
            let x = made.x.view();
            assert_eq!(read.predict(x).unwrap(), fitted.predict(x).unwrap());
            let options = RecommendationOptions::default();
            assert_eq!(read.recommend(&options).unwrap(), fitted.recommend(&options).unwrap());
        }
    }
    assert!(FittedUplift::from_bytes(b"something else").is_err());
}

#[test]
fn bad_trials_are_refused() {
    let made = made(200, 2);
    let arms = &ARMS[..2];
    let good = trial(&made, arms);
    let how = Uplift::new(unpenalised(), options(Learner::Dr)).unwrap();
    let refused = |trial: Trial<'_>| how.fit(&trial).unwrap_err();
    let is_shape = |error: Error| matches!(error, Error::Shape(_));
    assert!(is_shape(refused(Trial { y: &made.y[1..], ..good.clone() })));
    assert!(is_shape(refused(Trial { arm: &made.arm[1..], ..good.clone() })));
    assert!(is_shape(refused(Trial { customer_ids: Some(IdSlice::Int(&[1])), ..good.clone() })));
    let missing = IdSlice::SomeInt(&[None; 200]);
    assert!(matches!(
        refused(Trial { customer_ids: Some(missing), ..good.clone() }),
        Error::Argument { name: "customer_ids", got: None, .. }
    ));
    let mut gap = made.x.clone();
    gap[[3, 1]] = f64::NAN;
    let error = refused(Trial { x: gap.view(), ..good.clone() });
    assert!(error.to_string().starts_with("X[3, 1] = NaN"), "{error}");
    let boosted = Uplift::new("boosting".parse().unwrap(), options(Learner::T)).unwrap();
    assert!(boosted.fit(&Trial { x: gap.view(), ..good.clone() }).is_ok());
    let mut odd = made.y.clone();
    odd[0] = f64::INFINITY;
    assert!(matches!(
        refused(Trial { y: &odd, ..good.clone() }),
        Error::Argument { name: "y", .. }
    ));
    for chances in [&[0.5][..], &[0.5, 0.6], &[0.0, 1.0], &[f64::NAN, 0.5]] {
        let error = refused(Trial { propensity: Propensity::Known(chances), ..good.clone() });
        assert!(matches!(error, Error::Argument { name: "propensity", .. }), "{error}");
    }
    let each = Array2::from_elem((200, 3), 1.0 / 3.0);
    assert!(is_shape(refused(Trial { propensity: Propensity::Each(each.view()), ..good.clone() })));
    for (arms, kind) in [(&ARMS[..1], "argument"), (&ARMS[..], "fit")] {
        assert_eq!(refused(Trial { arms, ..good.clone() }).kind().name(), kind);
    }
    let nobody = vec![0.0; 200];
    assert!(matches!(refused(Trial { y: &nobody, ..good.clone() }), Error::TooLittleData(_)));

    assert!(Uplift::new("tree".parse().unwrap(), UpliftOptions::default()).is_err());
    assert!(Uplift::new(unpenalised(), UpliftOptions::default().folds(0)).is_err());
    let fitted = how.fit(&good).unwrap();
    assert!(fitted.predict(made.x.select(ndarray::Axis(1), &[0, 1]).view()).is_err());
    assert!(fitted.predict(gap.view()).is_err());
    // Without parts there is nobody to judge by.
    assert!(fitted.recommend(&RecommendationOptions::default()).is_err());
    let judged = Uplift::new(unpenalised(), UpliftOptions::default()).unwrap().fit(&good).unwrap();
    for costs in ["-1", "NaN", "call=1", "letter=1,call=2"] {
        let costs = costs.parse().unwrap();
        assert!(judged.recommend(&RecommendationOptions::default().costs(costs)).is_err());
    }
    assert!(judged.recommend(&RecommendationOptions::default().margin(f64::NAN)).is_err());
}

#[test]
fn targeted_lists_earn_most_of_what_an_oracle_earns() {
    let (taught, new) = (made(50_000, 2), made(50_000, 2));
    // Other customers than those of the test.
    let x =
        Array2::from_shape_fn(new.x.dim(), |(i, j)| share((i * 31 + j + 7_000_000) as u64) - 0.5);
    let profit = |row: usize| 10.0 * 0.4 * x[[row, 0]] - 0.5;
    let oracle: f64 = (0..x.nrows()).map(|row| profit(row).max(0.0)).sum();
    for estimator in [unpenalised(), "boosting".parse().unwrap(), "average".parse().unwrap()] {
        for learner in [Learner::T, Learner::Dr] {
            let how = Uplift::new(estimator.clone(), options(learner)).unwrap();
            let found = how.fit(&trial(&taught, &ARMS[..2])).unwrap().predict(x.view()).unwrap();
            let chosen = (0..x.nrows()).filter(|&row| 10.0 * found[[row, 0]] > 0.5);
            let earned: f64 = chosen.map(profit).sum();
            assert!(earned > 0.9 * oracle, "{estimator:?} {learner:?} {}", earned / oracle);
        }
    }
}

/// Letters go to those who buy anyway, by a chance that two columns decide.
fn chosen(n: u64, strength: f64) -> Made {
    let x = Array2::from_shape_fn((n as usize, 2), |(i, j)| share(i as u64 * 37 + j as u64) - 0.5);
    let chance = |i: usize| 1.0 / (1.0 + (-strength * (x[[i, 0]] + 0.5 * x[[i, 1]])).exp());
    let arm: Vec<u32> =
        (0..n as usize).map(|i| u32::from(share(i as u64 * 37 + 10) < chance(i))).collect();
    let y = (0..n as usize).map(|i| {
        let buys = 0.4 + 0.5 * x[[i, 0]] + 0.1 * f64::from(arm[i]);
        f64::from(u8::from(share(i as u64 * 37 + 11) < buys))
    });
    let y = y.collect();
    Made { x, arm, y }
}

#[test]
fn chances_that_nobody_knows_are_learned_from_the_columns() {
    let made = chosen(20_000, 3.0);
    let mut given = trial(&made, &ARMS[..2]);
    let fit = |trial: &Trial<'_>| {
        Uplift::new(unpenalised(), UpliftOptions::default()).unwrap().fit(trial).unwrap()
    };
    let everybody = |fitted: &FittedUplift| {
        fitted.recommend(&RecommendationOptions::default()).unwrap().policies[1].over_nobody
    };
    given.propensity = Propensity::Estimated;
    let fitted = fit(&given);
    let found = everybody(&fitted);
    assert!((found.value - 0.1).abs() < 3.0 * found.standard_error, "{found:?}");
    let chances = fitted.propensity().unwrap();
    let truth = |i: usize| 1.0 / (1.0 + (-3.0 * (made.x[[i, 0]] + 0.5 * made.x[[i, 1]])).exp());
    let off = (0..20_000).map(|i| (chances[[i, 1]] - truth(i)).abs()).fold(0.0, f64::max);
    assert!(off < 0.05, "{off}");
    let overlap = fitted.overlap().unwrap();
    assert!(overlap.lowest > 0.03 && overlap.highest < 0.97 && overlap.outside == 0);
    assert!(fitted.to_string().contains("estimated from the columns"));
    let told = fitted.recommend(&RecommendationOptions::default()).unwrap().to_string();
    assert!(told.contains("were not known"), "{told}");
    let read = FittedUplift::from_bytes(&fitted.to_bytes().unwrap()).unwrap();
    assert_eq!(read.overlap(), Some(overlap));
}

#[test]
fn arms_that_do_not_overlap_teach_nothing() {
    let made = chosen(4_000, 200.0);
    let given = Trial { propensity: Propensity::Estimated, ..trial(&made, &ARMS[..2]) };
    let how = Uplift::new(unpenalised(), UpliftOptions::default()).unwrap();
    let error = how.fit(&given).unwrap_err();
    assert!(matches!(error, Error::TooLittleData(_)) && error.to_string().contains("overlap"));
}

#[test]
fn how_columns_lie_in_memory_does_not_matter() {
    let made = made(1_000, 2);
    let by_columns = made.x.t().as_standard_layout().into_owned();
    for learner in LEARNERS {
        let how = Uplift::new(unpenalised(), options(learner)).unwrap();
        let given = trial(&made, &ARMS[..2]);
        let other = Trial { x: by_columns.t(), ..given.clone() };
        let [one, other] = [given, other].map(|trial| how.fit(&trial).unwrap());
        assert_eq!(one.to_bytes().unwrap(), other.to_bytes().unwrap(), "{learner}");
    }
}

#[test]
fn an_average_is_the_mean_of_its_regressions() {
    let Made { x, y, .. } = made(400, 2);
    let is_yes: Vec<bool> = y.iter().map(|y| *y == 1.0).collect();
    let y: Vec<f64> = y.iter().zip(x.rows()).map(|(y, row)| y + row[0] * row[1]).collect();
    let average = crate::churn::Average::default();
    let parts: [Estimator; 2] = [average.logistic.clone().into(), average.boosting.clone().into()];
    let stop = Stop::NEVER;
    for kind in ["yes", "amount"] {
        let fit = |estimator: &Estimator| match kind {
            "yes" => Regression::of_yes(estimator, x.view(), &is_yes, None, stop).unwrap(),
            _ => Regression::of_amount(estimator, x.view(), &y, stop).unwrap(),
        };
        let [one, other] = parts.each_ref().map(|part| fit(part).predict(x.view()).unwrap());
        let mean = fit(&average.clone().into()).predict(x.view()).unwrap();
        let expected = one.iter().zip(&other).map(|(one, other)| (one + other) / 2.0);
        assert!(mean.iter().zip(expected).all(|(mean, expected)| *mean == expected), "{kind}");
    }
}
