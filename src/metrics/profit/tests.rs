use approx::{assert_abs_diff_eq, assert_relative_eq};
use proptest::prelude::*;

use super::*;
use crate::metrics::PerCustomer;

fn economics<'a>(clv: f64, incentive_cost: f64, contact_cost: f64) -> Economics<'a> {
    Economics {
        clv: clv.into(),
        incentive_cost: incentive_cost.into(),
        contact_cost: contact_cost.into(),
        accept_rate: 0.3.into(),
    }
}

fn beta<'a>(economics: Economics<'a>, alpha: f64, beta: f64) -> Economics<'a> {
    Economics { accept_rate: AcceptRate::Beta { alpha, beta }, ..economics }
}

/// Verbraken, Verbeke and Baesens' own figures, and an offer that seldom pays.
fn usual<'a>() -> Economics<'a> {
    economics(200.0, 10.0, 1.0)
}

fn dear<'a>() -> Economics<'a> {
    economics(60.0, 20.0, 3.0)
}

const Y: [bool; 8] = [false, true, false, true, false, true, false, true];
const SCORE: [f64; 8] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9];
const TIED: [f64; 8] = [0.1, 0.2, 0.2, 0.2, 0.5, 0.5, 0.9, 0.9];

/// 1,000 rows on 101 distinct scores, 428 of them churners, and what each is worth.
fn thousand() -> (Vec<bool>, Vec<f64>, Vec<f64>) {
    let score = |i: u32| i * 7919 % 1009 / 10;
    let y = |i: u32| i * i * 31 % 101 * 1000 < 101 * (200 + 4 * score(i));
    let clv = |i: u32| 50.0 + f64::from(i * 37 % 401);
    let rows = 1..=1000;
    (
        rows.clone().map(y).collect(),
        rows.clone().map(|i| score(i).into()).collect(),
        rows.map(clv).collect(),
    )
}

#[track_caller]
fn assert_best(found: Result<MaximumProfit>, expected: (f64, f64)) {
    let MaximumProfit { profit, share } = found.unwrap();
    assert_abs_diff_eq!(profit, expected.0, epsilon = 1e-9);
    assert_abs_diff_eq!(share, expected.1, epsilon = 1e-9);
}

#[test]
fn maximum_profit_agrees_with_empulse() {
    // mpc_score and its optimal_rate of empulse 0.13.1 on the same arrays.
    let (y, score, _) = thousand();
    assert_eq!(y.iter().filter(|&&y| y).count(), 428);
    let reversed: Vec<f64> = score.iter().map(|s| -s).collect();
    let coarse: Vec<f64> = score.iter().map(|s| (s / 20.0).floor()).collect();
    let constant = vec![0.0; y.len()];
    let rate = |economics: Economics<'static>, rate: f64| Economics {
        accept_rate: rate.into(),
        ..economics
    };
    for (score, economics, expected) in [
        (&score, usual(), (17.774999999999995, 0.991)),
        (&score, rate(usual(), 0.8), (58.43500000000002, 0.991)),
        (&score, dear(), (0.005, 0.029)),
        (&score, rate(dear(), 0.8), (1.946, 0.406)),
        (&reversed, usual(), (17.675999999999995, 1.0)),
        (&reversed, rate(usual(), 0.8), (58.33600000000001, 1.0)),
        (&reversed, dear(), (0.0, 0.0)),
        (&constant, usual(), (17.675999999999995, 1.0)),
        (&constant, rate(dear(), 0.8), (0.0, 0.0)),
        (&coarse, usual(), (17.675999999999995, 1.0)),
        (&coarse, rate(dear(), 0.8), (1.946, 0.406)),
        (&score, economics(200.0, 0.0, 0.0), (25.68, 0.991)),
    ] {
        assert_best(mpc(&y, score, &economics), expected);
    }
    assert_best(mpc(&Y, &SCORE, &usual()), (23.874999999999996, 0.875));
    assert_best(mpc(&Y, &TIED, &usual()), (23.874999999999996, 0.875));
    assert_best(mpc(&Y, &TIED, &dear()), (0.0, 0.0));
}

#[test]
fn expected_maximum_profit_agrees_with_empulse() {
    // empc_score and its optimal_rate of empulse 0.13.1 on the same arrays.
    let (y, score, _) = thousand();
    let reversed: Vec<f64> = score.iter().map(|s| -s).collect();
    let coarse: Vec<f64> = score.iter().map(|s| (s / 20.0).floor()).collect();
    let constant = vec![0.0; y.len()];
    for (score, economics, expected) in [
        (&score, beta(usual(), 6.0, 14.0), (17.796335645161033, 0.9763619421459782)),
        (&score, beta(usual(), 2.0, 2.0), (34.10450396235504, 0.9651126524350961)),
        (&score, beta(usual(), 0.5, 0.7), (28.33755404667918, 0.7561333422210827)),
        (&score, beta(usual(), 60.0, 30.0), (47.592333333333315, 0.991)),
        (&score, beta(dear(), 6.0, 14.0), (0.03768629698259507, 0.01627934945292977)),
        (&score, beta(dear(), 2.0, 2.0), (0.6088695281235119, 0.166709714402869)),
        (&score, beta(dear(), 0.5, 0.7), (0.8146688543159657, 0.17907824338678632)),
        (&score, beta(dear(), 60.0, 30.0), (0.8860951086065252, 0.31474687463321)),
        (&reversed, beta(usual(), 6.0, 14.0), (17.679657641591337, 0.996642183676985)),
        (&reversed, beta(dear(), 6.0, 14.0), (5.289740570901662e-09, 2.8050306077886944e-08)),
        (&reversed, beta(dear(), 0.5, 0.7), (0.250675924862648, 0.16109507084149655)),
        (&constant, beta(usual(), 2.0, 2.0), (33.98399340124409, 0.9806422424068424)),
        (&constant, beta(dear(), 60.0, 30.0), (2.598668637390821e-06, 2.052912967043241e-05)),
        (&coarse, beta(usual(), 6.0, 14.0), (17.691812016176243, 0.9882809070499229)),
        (&coarse, beta(dear(), 2.0, 2.0), (0.5562752940722033, 0.16582281411455352)),
        (&coarse, beta(dear(), 0.5, 0.7), (0.7733364489666599, 0.16937375328569934)),
        (&score, beta(economics(200.0, 0.0, 0.0), 6.0, 14.0), (25.679999999999996, 0.991)),
    ] {
        assert_best(empc(&y, score, &economics), expected);
    }
    let of = |score, economics| empc(&Y, score, &beta(economics, 6.0, 14.0));
    assert_best(of(&SCORE, usual()), (23.875593418348124, 0.8743700763487141));
    assert_best(of(&TIED, usual()), (23.8751477929476, 0.8748178021674858));
    assert_best(of(&TIED, dear()), (0.024375949176164924, 0.024580709187614028));
}

#[test]
fn one_outcome_and_constant_scores_agree_with_empulse() {
    // mpc_score and empc_score, with their optimal_rate, of empulse 0.13.1.
    for (y, score, economics, maximum, expected) in [
        (&[false; 8][..], &SCORE[..], usual(), (0.0, 0.0), (0.0, 0.0)),
        (&[true; 8], &SCORE, usual(), (56.0, 1.0), (56.00000000007826, 0.99999999945619)),
        (&[true], &[0.1], usual(), (56.0, 1.0), (56.00000000007826, 0.99999999945619)),
        (&[false], &[0.1], usual(), (0.0, 0.0), (0.0, 0.0)),
        (&[true; 8], &SCORE, dear(), (9.0, 1.0), (9.00098535606433, 0.9979478986799843)),
        (
            &[false, true],
            &[0.5, 0.5],
            usual(),
            (22.5, 1.0),
            (22.50079122445112, 0.9991601018889205),
        ),
        (
            &[true, false],
            &[0.5, 0.5],
            dear(),
            (0.0, 0.0),
            (0.00036715751972815625, 0.0006736010151029426),
        ),
        (
            &[true, false],
            &[0.1, 0.5],
            usual(),
            (22.5, 1.0),
            (22.50079122445112, 0.9991601018889205),
        ),
        (&[false, true], &[0.1, 0.5], dear(), (4.5, 0.5), (4.500492678032165, 0.4989739493399922)),
    ] {
        assert_best(mpc(y, score, &economics), maximum);
        assert_best(empc(y, score, &beta(economics, 6.0, 14.0)), expected);
    }
}

#[test]
fn a_clv_of_each_customer_agrees_with_empulse() {
    // empb_score and its optimal_rate of empulse 0.13.1, which take the incentive as a fraction of
    // each customer's clv and the accept rate at its mean.
    let (y, score, clv) = thousand();
    for (fraction, contact_cost, alpha, b, expected) in [
        (0.05, 15.0, 6.0, 14.0, (9.808624999999996, 0.714)),
        (0.2, 4.5, 3.0, 1.0, (32.93459999999997, 0.932)),
    ] {
        let incentive: Vec<f64> = clv.iter().map(|clv| fraction * clv).collect();
        let at_mean = Economics {
            clv: clv[..].into(),
            incentive_cost: incentive[..].into(),
            contact_cost: contact_cost.into(),
            accept_rate: (alpha / (alpha + b)).into(),
        };
        assert_best(mpc(&y, &score, &at_mean), expected);
        assert_best(mpc(&y, &score, &beta(at_mean, alpha, b)), expected);
    }
}

#[test]
fn the_curve_has_a_point_for_nobody_and_each_distinct_score() {
    let curve = profit_curve(&Y, &TIED, &usual()).unwrap();
    let points: Vec<_> =
        curve.points().iter().map(|p| (p.customers, p.churners, p.threshold)).collect();
    let expected =
        [(0, 0, None), (2, 1, Some(0.9)), (4, 2, Some(0.5)), (7, 4, Some(0.2)), (8, 4, Some(0.1))];
    assert_eq!(points, expected);
    for point in curve.points() {
        assert_eq!(point.share, point.customers as f64 / 8.0);
        assert_relative_eq!(point.profit * 8.0, point.total_profit);
        let [churners, others] = [point.churners, point.customers - point.churners];
        assert_abs_diff_eq!(
            point.total_profit,
            56.0 * churners as f64 - 11.0 * others as f64,
            epsilon = 1e-12
        );
    }
    assert_eq!(curve.best(), curve.points()[3]);
    assert_eq!(curve.everybody(), curve.points()[4]);
    let batch = curve.to_batch().unwrap();
    assert_eq!((batch.num_rows(), batch.num_columns()), (5, 6));
    assert!(batch.column_by_name("threshold").unwrap().is_null(0));
}

#[test]
fn of_equal_profits_the_fewest_are_contacted() {
    // Who would stay costs nothing here: the second changes nothing.
    let free = economics(100.0, 0.0, 0.0);
    assert_eq!(mpc(&[true, false], &[2.0, 1.0], &free).unwrap().share, 0.5);
    let free = beta(free, 2.0, 3.0);
    assert_eq!(empc(&[true, false], &[2.0, 1.0], &free).unwrap().share, 0.5);
    // One churner pays for one other to the cent, but not to the bit: 0.1 · 3 − 0.3 > 0.
    let even = Economics { accept_rate: 0.1.into(), ..economics(3.0, 0.0, 0.0) };
    let costs = [0.0, 0.3];
    let even = Economics { contact_cost: PerCustomer::Each(&costs), ..even };
    assert_eq!(
        mpc(&[true, false], &[1.0, 1.0], &even).unwrap(),
        MaximumProfit { profit: 0.0, share: 0.0 }
    );
}

#[test]
fn infinite_scores_rank_and_signed_zeros_tie() {
    let score = [f64::NEG_INFINITY, -0.0, 0.0, f64::INFINITY];
    let curve = profit_curve(&Y[..4], &score, &usual()).unwrap();
    assert_eq!(curve.points().iter().map(|p| p.customers).collect::<Vec<_>>(), [0, 1, 3, 4]);
}

#[test]
fn what_cannot_be_judged_is_refused() {
    for measure in [mpc, empc] {
        let of = |y: &[bool], score: &[f64]| measure(y, score, &beta(usual(), 6.0, 14.0));
        assert!(matches!(of(&[], &[]), Err(Error::TooLittleData(_))));
        assert!(matches!(of(&[true], &[1.0, 2.0]), Err(Error::Shape(_))));
        assert!(matches!(of(&[true], &[f64::NAN]), Err(Error::Argument { name: "score", .. })));
        let bad = beta(economics(-1.0, 0.0, 0.0), 6.0, 14.0);
        assert!(matches!(measure(&Y, &SCORE, &bad), Err(Error::Argument { name: "clv", .. })));
    }
    let error = empc(&Y, &SCORE, &usual()).unwrap_err().to_string();
    assert!(error.starts_with("accept_rate: expected a distribution, alpha and beta"), "{error}");
}

/// A customer: whether he churns, his score, clv, incentive and contact cost, accept rate.
type Row = (bool, f64, f64, f64, f64, f64);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let score = (0u8..6).prop_map(f64::from);
    let row = (any::<bool>(), score, 0.0..300.0f64, 0.0..40.0f64, 0.0..9.0f64, 0.0..=1.0f64);
    prop::collection::vec(row, 1..40)
}

/// The figures of each customer, column by column.
struct Columns {
    y: Vec<bool>,
    score: Vec<f64>,
    clv: Vec<f64>,
    incentive: Vec<f64>,
    contact: Vec<f64>,
    rate: Vec<f64>,
}

impl Columns {
    fn of(rows: &[Row]) -> Columns {
        let column = |value: fn(&Row) -> f64| rows.iter().map(value).collect();
        Columns {
            y: rows.iter().map(|row| row.0).collect(),
            score: column(|row| row.1),
            clv: column(|row| row.2),
            incentive: column(|row| row.3),
            contact: column(|row| row.4),
            rate: column(|row| row.5),
        }
    }

    fn economics(&self) -> Economics<'_> {
        Economics {
            clv: self.clv[..].into(),
            incentive_cost: self.incentive[..].into(),
            contact_cost: self.contact[..].into(),
            accept_rate: self.rate[..].into(),
        }
    }

    /// The definition: the profit of everyone whose score is at least `threshold`, when `rate` of the
    /// churners accept, or each churner's own share.
    fn profit(&self, threshold: f64, rate: Option<f64>) -> f64 {
        let earned = (0..self.y.len()).filter(|&i| self.score[i] >= threshold).map(|i| {
            let (incentive, contact) = (self.incentive[i], self.contact[i]);
            let rate = rate.unwrap_or(self.rate[i]);
            if self.y[i] {
                rate * (self.clv[i] - incentive) - contact
            } else {
                -incentive - contact
            }
        });
        earned.sum::<f64>() / self.y.len() as f64
    }

    fn thresholds(&self) -> impl Iterator<Item = f64> + '_ {
        self.score.iter().copied().chain([f64::INFINITY])
    }
}

proptest! {
    #[test]
    fn maximum_profit_equals_its_definition(rows in rows()) {
        let columns = Columns::of(&rows);
        let slow = columns.thresholds().map(|t| columns.profit(t, None)).fold(0.0, f64::max);
        let found = mpc(&columns.y, &columns.score, &columns.economics()).unwrap();
        prop_assert!((found.profit - slow).abs() < 1e-9, "{} and {slow}", found.profit);
    }

    #[test]
    fn expected_maximum_profit_equals_its_integral(rows in rows(), a in 2..8i32, b in 2..8i32) {
        let columns = Columns::of(&rows);
        let steps = 4_000;
        let (mut sum, mut weight) = (0.0, 0.0);
        for step in 0..steps {
            let rate = (f64::from(step) + 0.5) / f64::from(steps);
            let density = rate.powi(a - 1) * (1.0 - rate).powi(b - 1);
            let most = columns.thresholds().map(|t| columns.profit(t, Some(rate)));
            sum += density * most.fold(0.0, f64::max);
            weight += density;
        }
        let economics = beta(columns.economics(), f64::from(a), f64::from(b));
        let found = empc(&columns.y, &columns.score, &economics).unwrap();
        prop_assert!((found.profit - sum / weight).abs() < 1e-4, "{} and {}", found.profit, sum / weight);
        prop_assert!((0.0..=1.0).contains(&found.share));
    }

    #[test]
    fn prop_to_choose_after_the_rate_is_known_never_earns_less(
        rows in rows(), a in 0.1..50.0f64, b in 0.1..50.0f64,
    ) {
        let columns = Columns::of(&rows);
        let economics = beta(columns.economics(), a, b);
        let expected = empc(&columns.y, &columns.score, &economics).unwrap().profit;
        let maximum = mpc(&columns.y, &columns.score, &economics).unwrap().profit;
        prop_assert!(expected >= maximum - 1e-10, "{expected} and {maximum}");
    }

    #[test]
    fn prop_neither_row_order_nor_the_scale_of_scores_matters(rows in rows()) {
        let figures = |rows: &[Row], score: fn(f64) -> f64| {
            let columns = Columns::of(rows);
            let score: Vec<f64> = columns.score.iter().map(|&s| score(s)).collect();
            let expected = beta(columns.economics(), 6.0, 14.0);
            let maximum = mpc(&columns.y, &score, &columns.economics()).unwrap();
            (maximum, empc(&columns.y, &score, &expected).unwrap())
        };
        let mut turned = rows.clone();
        turned.reverse();
        let plain = figures(&rows, |s| s);
        prop_assert_eq!(plain, figures(&turned, |s| s)); // to the bit
        prop_assert_eq!(plain, figures(&rows, |s| s.exp() - 7.0));
    }

    #[test]
    fn prop_profits_are_in_the_currency(rows in rows()) {
        let columns = Columns::of(&rows);
        let twice = |values: &[f64]| -> Vec<f64> { values.iter().map(|v| 2.0 * v).collect() };
        let double = Columns {
            clv: twice(&columns.clv),
            incentive: twice(&columns.incentive),
            contact: twice(&columns.contact),
            ..Columns::of(&rows)
        };
        let of = |columns: &Columns| mpc(&columns.y, &columns.score, &columns.economics()).unwrap();
        prop_assert_eq!(2.0 * of(&columns).profit, of(&double).profit);
        prop_assert_eq!(of(&columns).share, of(&double).share);
    }

    #[test]
    fn prop_a_figure_for_all_is_that_figure_for_each(rows in rows(), clv in 50.0..300.0f64) {
        let Columns { y, score, .. } = Columns::of(&rows);
        let n = y.len();
        let (clvs, incentives, contacts) = (vec![clv; n], vec![10.0; n], vec![1.0; n]);
        let each = Economics {
            clv: clvs[..].into(),
            incentive_cost: incentives[..].into(),
            contact_cost: contacts[..].into(),
            accept_rate: 0.3.into(),
        };
        let all = economics(clv, 10.0, 1.0);
        prop_assert_eq!(mpc(&y, &score, &all).unwrap(), mpc(&y, &score, &each).unwrap());
        let (all, each) = (beta(all, 2.0, 5.0), beta(each, 2.0, 5.0));
        prop_assert_eq!(empc(&y, &score, &all).unwrap(), empc(&y, &score, &each).unwrap());
    }
}
