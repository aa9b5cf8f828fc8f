//! Uplift on Hillstrom's test of two e-mails: values of scikit-uplift 0.5.1 and of statsmodels'
//! unpenalised logit, and policy values from their formulas in NumPy.
//!
//! One e-mail beside no e-mail; even rows teach, odd rows judge.

use approx::{assert_abs_diff_eq, assert_relative_eq};
use ndarray::{Array2, Axis};
use winback::campaign::{
    Each, FittedUplift, Learner, Propensity, RecommendationOptions, Trial, Uplift, UpliftOptions,
};
use winback::metrics::{PolicyTest, UpliftAt, UpliftRanking};
use winback::models::Logistic;
use winback::{Estimator, Result};

use crate::common;

/// Customers of one e-mail and of the control.
struct Test {
    x: Array2<f64>,
    treated: Vec<bool>,
    visit: Vec<f64>,
    spend: Vec<f64>,
}

impl Test {
    fn of(mail: &str) -> Test {
        let table = common::parquet("hillstrom_email/hillstrom.parquet");
        let segment = common::texts(&table, "segment");
        let rows: Vec<usize> = (0..segment.len())
            .filter(|&row| segment[row] == mail || segment[row] == "No E-Mail")
            .collect();
        let (channel, area) = (common::texts(&table, "channel"), common::texts(&table, "zip_code"));
        let flag = |texts: &[String], text: &str| -> Vec<f64> {
            texts.iter().map(|own| f64::from(u8::from(own == text))).collect()
        };
        let number = |name| common::numbers(&table, name);
        let columns = [
            number("recency"),
            number("history").iter().map(|history| history.ln()).collect(),
            number("mens"),
            number("womens"),
            number("newbie"),
            flag(&channel, "Web"),
            flag(&channel, "Multichannel"),
            flag(&area, "Rural"),
            flag(&area, "Urban"),
        ];
        let pick = |values: Vec<f64>| -> Vec<f64> { rows.iter().map(|&row| values[row]).collect() };
        Test {
            x: Array2::from_shape_fn((rows.len(), columns.len()), |(i, j)| columns[j][rows[i]]),
            treated: rows.iter().map(|&row| segment[row] == mail).collect(),
            visit: pick(number("visit")),
            spend: pick(number("spend")),
        }
    }

    fn half(&self, odd: usize) -> Test {
        let rows: Vec<usize> = (odd..self.visit.len()).step_by(2).collect();
        let pick = |values: &[f64]| rows.iter().map(|&row| values[row]).collect();
        Test {
            x: self.x.select(Axis(0), &rows),
            treated: rows.iter().map(|&row| self.treated[row]).collect(),
            visit: pick(&self.visit),
            spend: pick(&self.spend),
        }
    }

    fn learn(&self, learner: Learner, how: UpliftOptions) -> Result<FittedUplift> {
        // As the reference weighs nothing for the class transformation, its chance is a half.
        let propensity = match learner {
            Learner::Class => Propensity::Known(&[0.5, 0.5]),
            _ => Propensity::Shares,
        };
        let arm: Vec<u32> = self.treated.iter().map(|&treated| u32::from(treated)).collect();
        let unpenalised = Estimator::Logistic(Logistic::default().c(f64::INFINITY).tol(1e-9));
        Uplift::new(unpenalised, how.learner(learner))?.fit(&Trial {
            x: self.x.view(),
            arm: &arm,
            arms: &["none", "mail"],
            y: &self.visit,
            propensity,
            customer_ids: None,
        })
    }

    fn ranking(&self, uplift: &[f64]) -> UpliftRanking {
        UpliftRanking::new(&self.visit, uplift, &self.treated).unwrap()
    }
}

/// Of a learner: the Qini coefficient, the area under the uplift curve, Radcliffe's Q, the uplift of
/// the first 30 % by group, and the effects on the first three customers.
type Row = (Learner, UpliftOptions, [f64; 4], Option<[f64; 3]>);

fn rows() -> [Row; 6] {
    let plain = || UpliftOptions::default().folds(1);
    let t = [0.0573158943, 0.0262913337, 0.0068299208, 0.06629993];
    let t_first = Some([0.0589721656, -0.0098522398, 0.0246590714]);
    [
        (Learner::T, plain(), t, t_first),
        (Learner::S, plain(), t, t_first),
        (
            Learner::S,
            plain().interactions(false),
            [0.0119183496, 0.0053791139, 0.0014202236, 0.04496180],
            None,
        ),
        (
            Learner::X,
            plain(),
            [0.0598561815, 0.0273793400, 0.0071326285, 0.07570666],
            Some([0.0582504967, -0.0002584014, 0.0200076345]),
        ),
        (
            Learner::Class,
            plain(),
            [0.0577958670, 0.0264248353, 0.0068871157, 0.07786240],
            Some([0.0495561834, 0.0183166350, 0.0134556057]),
        ),
        (
            Learner::Dr,
            plain(),
            [0.0598579185, 0.0273802938, 0.0071328355, 0.07570666],
            Some([0.0582454156, -0.0002487126, 0.0200054686]),
        ),
    ]
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn learners_of_the_womens_mail_are_those_of_the_reference() {
    let test = Test::of("Womens E-Mail");
    let (train, judged) = (test.half(0), test.half(1));
    assert_eq!((train.visit.len(), judged.visit.len()), (21_347, 21_346));
    for (learner, how, expected, first) in rows() {
        let fitted = train.learn(learner, how).unwrap();
        let uplift = fitted.predict(judged.x.view()).unwrap().column(0).to_vec();
        for (found, expected) in uplift.iter().zip(first.into_iter().flatten()) {
            assert_abs_diff_eq!(*found, expected, epsilon = 2e-9);
        }
        let ranking = judged.ranking(&uplift);
        assert_relative_eq!(ranking.qini().unwrap(), expected[0], max_relative = 1e-6);
        assert_relative_eq!(ranking.auuc().unwrap(), expected[1], max_relative = 1e-6);
        assert_relative_eq!(ranking.radcliffe_q(), expected[2], max_relative = 1e-6);
        let by_group = ranking.uplift_at(0.3, UpliftAt::ByGroup).unwrap();
        assert_abs_diff_eq!(by_group, expected[3], epsilon = 6e-9);
    }
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn a_propensity_to_visit_is_no_score_of_uplift() {
    // -recency is a score that all can compute, with many ties.
    let judged = Test::of("Womens E-Mail").half(1);
    let recency: Vec<f64> = judged.x.column(0).iter().map(|recency| -recency).collect();
    let ranking = judged.ranking(&recency);
    assert_relative_eq!(ranking.qini().unwrap(), -0.0023314714, max_relative = 1e-6);
    assert_relative_eq!(ranking.auuc().unwrap(), -0.0009896541, max_relative = 1e-6);
    assert_relative_eq!(ranking.radcliffe_q(), -0.0002778246, max_relative = 1e-6);
    let womens = judged.ranking(&judged.x.column(3).to_vec());
    assert_relative_eq!(womens.qini().unwrap(), 0.0548783418, max_relative = 1e-6);
    assert_relative_eq!(womens.radcliffe_q(), 0.0065394553, max_relative = 1e-6);
    // The reference draws 200 times, all customers at once.
    let found = womens.intervals(&[], 1_000, 0).unwrap().rows[2];
    assert_abs_diff_eq!(found.standard_error.unwrap(), 0.00119, epsilon = 2e-4);
    let (low, high) = found.interval.unwrap();
    assert_abs_diff_eq!(low, 0.00424, epsilon = 4e-4);
    assert_abs_diff_eq!(high, 0.00877, epsilon = 4e-4);
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn values_of_policies_are_those_of_the_formulas() {
    let test = Test::of("Womens E-Mail");
    let (train, judged) = (test.half(0), test.half(1));
    let fitted = train.learn(Learner::T, UpliftOptions::default().folds(1)).unwrap();
    let uplift = fitted.predict(judged.x.view()).unwrap().column(0).to_vec();
    let share = judged.treated.iter().filter(|&&treated| treated).count() as f64
        / judged.treated.len() as f64;
    assert_relative_eq!(share, 0.5054342734, max_relative = 1e-9);
    let arms: Vec<Vec<f64>> = [false, true]
        .map(|arm| {
            // The outcome expected in an arm is a regression of its own customers.
            let rows: Vec<usize> =
                (0..train.visit.len()).filter(|&row| train.treated[row] == arm).collect();
            let y: Vec<bool> = rows.iter().map(|&row| train.visit[row] == 1.0).collect();
            let logit = Logistic::default().c(f64::INFINITY).tol(1e-9);
            let logit =
                logit.fit_weighted(train.x.select(Axis(0), &rows).view(), &y, None).unwrap();
            logit.probabilities(judged.x.view()).unwrap().to_vec()
        })
        .into();
    let policies = PolicyTest {
        y: &judged.visit,
        uplift: &uplift,
        treated: &judged.treated,
        propensity: share.into(),
        cost: 0.0,
        expected: Some((&arms[0], &arms[1])),
    };
    // Share, IPW with its error, Hájek, DR, gain over nobody and over random with their errors.
    let expected = [
        (0.0, [0.1059012977, 0.00308325, 0.1059012977, 0.1057543952, 0.0, 0.0, 0.0, 0.0]),
        (
            0.1,
            [
                0.1135953632,
                0.00318029,
                0.1145568083,
                0.1144999544,
                0.0087455591,
                0.00160651,
                0.0044139884,
                0.00150655,
            ],
        ),
        (
            0.3,
            [
                0.1254980521,
                0.00332192,
                0.1258825612,
                0.1261328322,
                0.0203784370,
                0.00269635,
                0.0073816950,
                0.00217729,
            ],
        ),
        (
            0.5,
            [
                0.1410073688,
                0.00349956,
                0.1401820279,
                0.1398683910,
                0.0341139958,
                0.00332665,
                0.0124500527,
                0.00225125,
            ],
        ),
        (
            1.0,
            [
                0.1492260636,
                0.00357613,
                0.1492260636,
                0.1490822814,
                0.0433278862,
                0.00449595,
                0.0,
                0.0,
            ],
        ),
    ];
    let shares: Vec<f64> = expected.iter().map(|row| row.0).collect();
    let found = policies.values(&shares).unwrap();
    for (point, (_, expected)) in found.points.iter().zip(expected) {
        let values = [
            point.ipw.value,
            point.ipw.standard_error,
            point.hajek.unwrap(),
            point.dr.value,
            point.over_nobody.value,
            point.over_nobody.standard_error,
            point.over_random.value,
            point.over_random.standard_error,
        ];
        for (found, expected) in values.into_iter().zip(expected) {
            assert_abs_diff_eq!(found, expected, epsilon = 6e-9);
        }
    }
    // Money by inverse propensity, which is doubly robust where nothing is expected.
    let spend: Vec<f64> = judged.spend.iter().map(|spend| 0.3 * spend).collect();
    let nothing = vec![0.0; spend.len()];
    let money =
        PolicyTest { y: &spend, cost: 0.1, expected: Some((&nothing, &nothing)), ..policies };
    let points = money.values(&[0.3, 0.5, 1.0]).unwrap().points;
    for (point, (value, error)) in points.iter().zip([
        (0.0542049751, 0.02758052),
        (0.0621042991, 0.03188020),
        (0.0530267218, 0.05681449),
    ]) {
        assert_abs_diff_eq!(point.over_nobody.value, value, epsilon = 1e-9);
        assert_abs_diff_eq!(point.over_nobody.standard_error, error, epsilon = 6e-9);
    }
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn a_free_mail_goes_to_everybody() {
    for mail in ["Womens E-Mail", "Mens E-Mail"] {
        let fitted = Test::of(mail).learn(Learner::Dr, UpliftOptions::default()).unwrap();
        let free = fitted.recommend(&RecommendationOptions::default()).unwrap();
        assert!(!free.recommended, "{free}");
        assert_eq!(free.better().name, "everybody: mail");
        // At this cost the women's pays for some only, and the men's still for everybody.
        let dear = RecommendationOptions::default().costs(Each::All(0.045));
        let found = fitted.recommend(&dear).unwrap();
        assert_eq!(found.recommended, mail == "Womens E-Mail", "{found}");
    }
}
