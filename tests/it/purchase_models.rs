//! Predictions of buy-till-you-die models at known parameters, against values computed outside
//! winback: closed forms that agree with lifetimes 0.11.3, two-dimensional quadrature and mpmath;
//! those of regular purchases agree with 3,000,000 simulated customers each.

use approx::assert_relative_eq;
use proptest::prelude::*;
use winback::timing::{
    BetaGeo, Buyer, Buyers, FittedGammaGamma, FittedPurchaseModel, GammaGamma, LifetimeValue,
    ModifiedBetaGeo, ParetoNBD, Regularity,
};

/// A customer by x, tₓ and T, in weeks, and what is expected of them.
struct Case {
    buyer: [f64; 3],
    log_likelihood: f64,
    p_alive: f64,
    within_39: f64,
    within_13: f64,
    expected_39: f64,
    p_ever: f64,
    /// With the chances 0.1, 0.5 and 0.9, of those who buy again.
    waits: [f64; 3],
    /// Of all; none where fewer than half buy again.
    median: Option<f64>,
    mean: Option<f64>,
}

fn buyer([frequency, recency, t]: [f64; 3]) -> Buyer {
    Buyer::new(frequency, recency, t).unwrap()
}

fn check(model: &FittedPurchaseModel, cases: &[Case], mean_is_known: bool) {
    for case in cases {
        let buyer = buyer(case.buyer);
        let within = |found: f64, expected: f64, epsilon: f64| {
            assert_relative_eq!(found, expected, max_relative = 2e-12, epsilon = epsilon);
        };
        // The last digit that is given.
        let near = |found: f64, expected: f64| within(found, expected, 1e-12);
        within(model.log_likelihood_of(buyer), case.log_likelihood, 1e-10);
        near(model.p_alive(buyer), case.p_alive);
        near(model.log_p_alive(buyer).exp(), case.p_alive);
        near(model.purchase_probability(buyer, 39.0).unwrap(), case.within_39);
        near(model.purchase_probability(buyer, 13.0).unwrap(), case.within_13);
        within(model.expected_purchases(buyer, 39.0).unwrap(), case.expected_39, 1e-10);
        near(model.p_ever(buyer), case.p_ever);
        for (u, expected) in [0.1, 0.5, 0.9].into_iter().zip(case.waits) {
            within(model.wait_if_ever(buyer, u).unwrap().unwrap(), expected, 1e-8);
        }
        let median = model.wait(buyer, 0.5).unwrap();
        assert_eq!(median.is_some(), case.median.is_some());
        within(median.unwrap_or(0.0), case.median.unwrap_or(0.0), 1e-8);
        let mean = model.mean_wait_if_ever(buyer);
        if mean_is_known {
            assert_eq!(mean.is_some(), case.mean.is_some());
            within(mean.unwrap_or(0.0), case.mean.unwrap_or(0.0), 1e-8);
        }
    }
}

#[test]
fn beta_geo_predictions() {
    check(&BetaGeo::default().with_params(BG).unwrap(), &BG_CASES, true);
}

#[test]
fn modified_beta_geo_predictions() {
    check(&ModifiedBetaGeo::default().with_params(MBG).unwrap(), &MBG_CASES, true);
}

#[test]
fn pareto_predictions() {
    check(&ParetoNBD::default().with_params(PARETO).unwrap(), &PARETO_CASES, false);
}

#[test]
fn predictions_of_regular_purchases() {
    let model = ModifiedBetaGeo::default().regularity(Regularity::Given(2));
    check(&model.with_params(MBG2).unwrap(), &MBG2_CASES, false);
}

/// mpmath at 60 digits.
#[test]
fn hard_cases() {
    let bg = BetaGeo::default().with_params(BG).unwrap();
    let mbg = ModifiedBetaGeo::default().with_params(MBG).unwrap();
    let pareto = ParetoNBD::default().with_params(PARETO).unwrap();
    for (model, cases) in [(bg, BG_HARD), (mbg, MBG_HARD), (pareto, PARETO_HARD)] {
        for ([x, recency, t, within], [log_likelihood, p_alive, probability, expected]) in cases {
            let buyer = buyer([x, recency, t]);
            let near = |found: f64, expected: f64| {
                assert_relative_eq!(found, expected, max_relative = 2e-10, epsilon = 1e-15);
            };
            near(model.log_likelihood_of(buyer), log_likelihood);
            near(model.p_alive(buyer), p_alive);
            near(model.purchase_probability(buyer, within).unwrap(), probability);
            near(model.expected_purchases(buyer, within).unwrap(), expected);
        }
        // The chance is too small for a float, its logarithm is not.
        let stale = buyer([2_000.0, 20.0, 39.0]);
        assert_eq!(model.p_alive(stale), 0.0);
        assert_eq!(model.expected_purchases(stale, 39.0).unwrap(), 0.0);
        assert!((-1150.0..-950.0).contains(&model.log_p_alive(stale)));
    }
}

/// Where the closed forms with a hypergeometric function have a singularity that can be removed.
#[test]
fn nothing_special_happens_at_a_of_1() {
    let buyer = buyer([2.0, 30.0, 39.0]);
    for (a, expected) in
        [(0.999999, 1.170837825377), (1.0, 1.170837236262), (1.000001, 1.170836647148)]
    {
        let model = ModifiedBetaGeo::default().with_params([0.5, 6.0, a, 1.6]).unwrap();
        let found = model.expected_purchases(buyer, 39.0).unwrap();
        assert_relative_eq!(found, expected, max_relative = 1e-11);
    }
    for (s, expected) in
        [(0.999999, 1.158303799827), (1.0, 1.158303185313), (1.000001, 1.158302570800)]
    {
        let model = ParetoNBD::default().with_params([0.55, 10.6, s, 11.7]).unwrap();
        let found = model.expected_purchases(buyer, 39.0).unwrap();
        assert_relative_eq!(found, expected, max_relative = 1e-11);
    }
    // And where alpha is beta.
    let model = ParetoNBD::default().with_params([0.55, 11.0, 0.6, 11.0]).unwrap();
    for (found, expected) in [
        (model.log_likelihood_of(buyer), -9.571790818770483),
        (model.p_alive(buyer), 0.8580575094284517),
        (model.purchase_probability(buyer, 39.0).unwrap(), 0.5816584176362796),
        (model.expected_purchases(buyer, 39.0).unwrap(), 1.4190166513513642),
    ] {
        assert_relative_eq!(found, expected, max_relative = 1e-14);
    }
}

/// A model of each kind, by number, and a customer.
fn any() -> impl Strategy<Value = (FittedPurchaseModel, Buyer)> {
    let params = [-1.5..2.0f64, -1.0..4.0, -1.5..1.5, -1.0..4.0];
    (0..8u32, params, 0..40u32, 0.1..100.0f64, 0.0..1.0f64).prop_map(
        |(kind, params, x, recency, rest)| {
            let params = params.map(f64::exp);
            let k = Regularity::Given(1 + kind / 3 * 2);
            let model = match kind % 3 {
                0 => BetaGeo::default().regularity(k).with_params(params),
                1 => ModifiedBetaGeo::default().regularity(k).with_params(params),
                _ => ParetoNBD::default().with_params(params),
            };
            let recency = if x == 0 { 0.0 } else { recency };
            (model.unwrap(), buyer([x.into(), recency, recency + 50.0 * rest * rest]))
        },
    )
}

proptest! {
    /// L(T + t) / L(T) is the chance of no purchase within t.
    #[test]
    fn prop_no_purchase_is_a_ratio_of_likelihoods((model, buyer) in any(), time in 0.01..200.0f64) {
        let later =
            Buyer::new(buyer.frequency() as f64, buyer.recency(), buyer.t() + time).unwrap();
        let log_silent = model.log_likelihood_of(later) - model.log_likelihood_of(buyer);
        let chance = model.purchase_probability(buyer, time).unwrap();
        prop_assert!((chance + log_silent.exp_m1()).abs() < 1e-11, "{chance} {log_silent}");
    }

    /// Waits are the inverse of chances.
    #[test]
    fn prop_waits_have_their_chances((model, buyer) in any(), u in 0.02..0.98f64) {
        let ever = model.p_ever(buyer);
        if let Some(wait) = model.wait_if_ever(buyer, u).unwrap() {
            let found = model.purchase_probability(buyer, wait).unwrap();
            prop_assert!((found - u * ever).abs() < 1e-10 * ever, "{wait}: {found} of {ever}");
        }
        match model.wait(buyer, u).unwrap() {
            Some(wait) => {
                let found = model.purchase_probability(buyer, wait).unwrap();
                prop_assert!((found - u).abs() < 1e-10, "{wait}: {found}");
            }
            None => prop_assert!(u >= ever || ever < 1e-3 || model.p_ever(buyer) >= u),
        }
    }

    /// The mean is the area under the tail of the waits: by a sum over ln t.
    #[test]
    fn prop_mean_waits_are_areas_under_tails((model, buyer) in any()) {
        let ever = model.p_ever(buyer);
        let shape = model.estimates().params()[0] + f64::from(model.regularity()) * buyer.frequency() as f64;
        prop_assume!(ever > 1e-6 && shape > 2.0);
        let mean = model.mean_wait_if_ever(buyer).unwrap();
        let step = 0.02;
        let tail = |log: f64| {
            let within = model.purchase_probability(buyer, (log * step).exp()).unwrap();
            (1.0 - within / ever) * (log * step).exp()
        };
        let area: f64 = (-700..700).map(|i| tail(f64::from(i))).sum::<f64>() * step;
        prop_assert!((area / mean - 1.0).abs() < 2e-3, "{area} {mean}");
    }

    /// Expected purchases by a sum over the chance p to leave, given which those of a customer with
    /// the rate λ are (1 − exp(−λpt)) / p: the slow twin of the sum over purchases.
    #[test]
    fn prop_expected_purchases_are_means_over_customers(
        params in [0.1..20.0f64, 0.5..50.0, 0.4..5.0, 0.4..5.0],
        x in 0..30u32, recency in 0.1..100.0f64, time in 0.01..500.0f64,
    ) {
        let [r, alpha, a, b] = params;
        let buyer = buyer([x.into(), if x == 0 { 0.0 } else { recency }, recency + 3.0]);
        let model = ModifiedBetaGeo::default().with_params(params).unwrap();
        let (n, stay) = (r + f64::from(x), b + f64::from(x) + 1.0);
        let odds = time / (alpha + buyer.t());
        let (mut sum, mut weights) = (0.0, 0.0);
        for i in -1_200..1_200 {
            let log = f64::from(i) / 20.0;
            let (p, q) = (1.0 / (1.0 + (-log).exp()), 1.0 / (1.0 + log.exp()));
            let weight = (a * p.ln() + stay * q.ln()).exp();
            weights += weight;
            sum += weight * -(-n * (odds * p).ln_1p()).exp_m1() / p;
        }
        let found = model.expected_purchases(buyer, time).unwrap();
        let expected = model.p_alive(buyer) * sum / weights;
        prop_assert!((found / expected - 1.0).abs() < 1e-8, "{found} {expected}");
    }
}

#[test]
fn arguments_out_of_range_are_refused() {
    let model = BetaGeo::default().with_params(BG).unwrap();
    let buyer = buyer([2.0, 30.0, 39.0]);
    for time in [-1.0, f64::NAN, f64::INFINITY] {
        let error = model.purchase_probability(buyer, time).unwrap_err();
        assert!(error.to_string().starts_with("within: expected a finite time"), "{error}");
        assert!(model.expected_purchases(buyer, time).is_err());
    }
    for u in [0.0, 1.0, -0.5, f64::NAN] {
        assert!(model.wait_if_ever(buyer, u).is_err() && model.wait(buyer, u).is_err());
    }
    for bad in [[0.0, 1.0, 1.0, 1.0], [1.0, -1.0, 1.0, 1.0], [1.0, 1.0, f64::NAN, 1e200]] {
        assert!(BetaGeo::default().with_params(bad).is_err());
        assert!(ParetoNBD::default().with_params(bad).is_err());
    }
    assert!(BetaGeo::default().regularity(Regularity::Best).with_params(BG).is_err());
    assert!(BetaGeo::default().regularity(Regularity::Given(0)).with_params(BG).is_err());
    for (cells, column) in [
        ([-1.0, 0.0, 1.0], "frequency"),
        ([1.5, 1.0, 2.0], "frequency"),
        ([f64::NAN, 1.0, 2.0], "frequency"),
        ([1.0, 3.0, 2.0], "recency"),
        ([0.0, 1.0, 2.0], "recency"),
        ([1.0, 0.0, 2.0], "recency"),
        ([1.0, f64::NAN, 2.0], "recency"),
        ([1.0, 1.0, f64::INFINITY], "T"),
        ([0.0, 0.0, -1.0], "T"),
    ] {
        let [x, recency, t] = cells;
        let error = Buyer::new(x, recency, t).unwrap_err();
        assert!(error.to_string().starts_with(&format!("{column}: expected")), "{error}");
        let error = Buyers::new(&[0.0, x], &[0.0, recency], &[0.0, t]).unwrap_err();
        assert_eq!((error.column(), error.row()), (Some(column), Some(2)));
    }
    let two = Buyers::new(&[0.0, 1.0], &[0.0, 1.0], &[1.0, 1.0]).unwrap();
    assert!(Buyers::new(&[0.0, 1.0], &[0.0], &[1.0, 1.0]).is_err());
    assert!(two.clone().with_log_gaps(&[1.0, 0.0]).is_err());
    assert!(two.clone().with_log_gaps(&[0.0]).is_err());
    assert!(two.clone().with_mean_checks(vec![0.0, f64::NAN]).is_err());
    let error = BetaGeo::default().regularity(Regularity::Best).fit(&two).unwrap_err();
    assert!(error.to_string().starts_with("regularity: expected 1 where"), "{error}");
    let error = GammaGamma::default().fit(&two).unwrap_err();
    assert_eq!(error.column(), Some("monetary_value"));
    let checks = GammaGamma::default();
    assert!(checks.with_params([6.0, 1.0, 15.0]).is_err());
    let known = checks.with_params([6.0, 4.0, 15.0]).unwrap();
    for options in [
        LifetimeValue::default().horizon(0.0),
        LifetimeValue::default().step(f64::NAN),
        LifetimeValue::default().horizon(1e9),
        LifetimeValue::default().discount_rate(-0.1),
        LifetimeValue::default().margin(f64::INFINITY),
    ] {
        assert!(known.lifetime_value(&model, buyer, 30.0, &options).is_err());
    }
}

/// However absurd times and parameters are, there is an answer, soon, and it is no NaN.
#[test]
fn absurd_times_and_parameters() {
    for extreme in [1e-100, 1e-9, 1.0, 1e9, 1e100] {
        for place in 0..4 {
            let mut params = [0.5, 6.0, 0.9, 1.6];
            params[place] = extreme;
            for model in [
                BetaGeo::default().with_params(params),
                ModifiedBetaGeo::default().regularity(Regularity::Given(3)).with_params(params),
                ParetoNBD::default().with_params(params),
            ] {
                let model = model.unwrap();
                for cells in
                    [[0.0, 0.0, 0.0], [0.0, 0.0, 1e15], [3.0, 1e-9, 30.0], [1e4, 29.0, 30.0]]
                {
                    let buyer = buyer(cells);
                    let what = format!("{model:?} {buyer:?}");
                    for time in [1e-300, 1.0, 1e15, 1e300] {
                        let chance = model.purchase_probability(buyer, time).unwrap();
                        assert!((0.0..=1.0).contains(&chance), "{what} {time}: {chance}");
                        let expected = model.expected_purchases(buyer, time).unwrap();
                        assert!(expected >= 0.0, "{what} {time}: {expected}");
                    }
                    assert!((0.0..=1.0).contains(&model.p_ever(buyer)), "{what}");
                    assert!(model.wait_if_ever(buyer, 0.5).unwrap().is_none_or(|wait| wait >= 0.0));
                    assert!(
                        model.mean_wait_if_ever(buyer).is_none_or(|wait| wait >= 0.0),
                        "{what}"
                    );
                }
            }
        }
    }
}

#[test]
fn what_is_read_is_checked() {
    let model = BetaGeo::default().with_params(BG).unwrap();
    let text = serde_json::to_string(&model).unwrap();
    assert_eq!(serde_json::from_str::<FittedPurchaseModel>(&text).unwrap(), model);
    for (here, there) in [("0.2425945224", "0.25"), ("\"k\":1", "\"k\":0"), ("4.413602019", "-1.0")]
    {
        let damaged = text.replacen(here, there, 1);
        assert_ne!(damaged, text);
        assert!(serde_json::from_str::<FittedPurchaseModel>(&damaged).is_err(), "{damaged}");
    }
    let checks = GammaGamma::default().with_params([6.25, 3.74, 15.4]).unwrap();
    let text = serde_json::to_string(&checks).unwrap();
    assert_eq!(serde_json::from_str::<FittedGammaGamma>(&text).unwrap(), checks);
    let damaged = text.replace("3.74", "0.9");
    assert!(serde_json::from_str::<FittedGammaGamma>(&damaged).is_err(), "{damaged}");
}

/// Customer, time to come; log-likelihood, P(alive), chance of a purchase, expected purchases.
type Hard = ([f64; 4], [f64; 4]);

const BG_HARD: [Hard; 4] = [
    (
        [2000.0, 38.0, 38.5, 39.0],
        [5690.7692083066, 1.664368940461e-7, 1.664368940461e-7, 0.0002303404133059],
    ),
    ([0.0, 0.0, 0.0, 39.0], [0.0, 1.0, 0.425692831477, 1.195010040531]),
    (
        [2.0, 30.0, 39.0, 1e-09],
        [-9.45721920028079, 0.719583180806, 3.717114509227e-11, 3.717114509345e-11],
    ),
    ([2.0, 30.0, 39.0, 1e06], [-9.45721920028079, 0.719583180806, 0.7195831806874, 86.45395642035]),
];

const MBG_HARD: [Hard; 4] = [
    (
        [2000.0, 38.0, 38.5, 39.0],
        [5610.57763494486, 3.754354593148e-7, 3.754354593148e-7, 0.0004877960250255],
    ),
    ([0.0, 0.0, 0.0, 39.0], [0.0, 0.6442192697029, 0.4173949607837, 1.18227975116]),
    (
        [2.0, 30.0, 39.0, 1e-09],
        [-9.48247456254618, 0.6982497879687, 3.901838906125e-11, 3.901838906252e-11],
    ),
    (
        [2.0, 30.0, 39.0, 1e06],
        [-9.48247456254618, 0.6982497879687, 0.6982497879612, 50.94287195473],
    ),
];

const PARETO_HARD: [Hard; 4] = [
    (
        [2000.0, 38.0, 38.5, 39.0],
        [5426.48025600047, 4.252722790587e-6, 4.25146244857e-6, 0.005613619225172],
    ),
    ([0.0, 0.0, 0.0, 39.0], [0.0, 1.0, 0.4064676160078, 1.213404016644]),
    (
        [2.0, 30.0, 39.0, 1e-09],
        [-9.55068594304115, 0.85828010027, 4.420188134425e-11, 4.420188134583e-11],
    ),
    ([2.0, 30.0, 39.0, 1e06], [-9.55068594304115, 0.85828010027, 0.6957870304014, 273.7334705298]),
];

const BG: [f64; 4] = [0.2425945224, 4.413602019, 0.7929220172, 2.4259067768];

const BG_CASES: [Case; 5] = [
    Case {
        buyer: [2.0, 213.0 / 7.0, 272.0 / 7.0],
        log_likelihood: -9.4595594777,
        p_alive: 0.726620311669,
        within_39: 0.554627950168,
        within_13: 0.323482296375,
        expected_39: 1.2259944553,
        p_ever: 0.726620311669,
        waits: [2.08143739, 15.67158307, 77.54024886],
        median: Some(29.47871387),
        mean: Some(34.82290007),
    },
    Case {
        buyer: [0.0, 0.0, 272.0 / 7.0],
        log_likelihood: -0.5537912892,
        p_alive: 1.0,
        within_39: 0.144335051599,
        within_13: 0.061740857095,
        expected_39: 0.1947936312,
        p_ever: 1.0,
        waits: [23.53464983, 710.20886679, 573147.23061739],
        median: Some(710.20886679),
        mean: None,
    },
    Case {
        buyer: [3.0, 30.0, 30.0],
        log_likelihood: -11.9961191821,
        p_alive: 0.848065140954,
        within_39: 0.775376733469,
        within_13: 0.548046530864,
        expected_39: 2.4601015213,
        p_ever: 0.848065140954,
        waits: [1.13655425, 8.20176992, 35.59076791],
        median: Some(10.87695552),
        mean: Some(15.34544104),
    },
    Case {
        buyer: [1.0, 50.0 / 7.0, 37.0],
        log_likelihood: -5.0117983324,
        p_alive: 0.385144615957,
        within_39: 0.216285367628,
        within_13: 0.110800108437,
        expected_39: 0.3831675296,
        p_ever: 0.385144615957,
        waits: [3.66465947, 30.93035144, 222.77298072],
        median: None,
        mean: Some(170.71119995),
    },
    Case {
        buyer: [10.0, 20.0, 39.0],
        log_likelihood: -24.2851521723,
        p_alive: 0.038123498524,
        within_39: 0.038069803974,
        within_13: 0.035517251473,
        expected_39: 0.2767189011,
        p_ever: 0.038123498524,
        waits: [0.44887904, 3.03961918, 10.94363002],
        median: None,
        mean: Some(4.69712286),
    },
];

const MBG: [f64; 4] = [0.5248431591, 6.1830852796, 0.8913593907, 1.6140022402];

const MBG_CASES: [Case; 5] = [
    Case {
        buyer: [2.0, 213.0 / 7.0, 272.0 / 7.0],
        log_likelihood: -9.4857134827,
        p_alive: 0.706138478995,
        within_39: 0.559939750603,
        within_13: 0.33389027233,
        expected_39: 1.2627588509,
        p_ever: 0.706138478995,
        waits: [1.9192742, 14.22879751, 67.07504704],
        median: Some(28.30777845),
        mean: Some(29.53761367),
    },
    Case {
        buyer: [0.0, 0.0, 272.0 / 7.0],
        log_likelihood: -0.5395983758,
        p_alive: 0.389722976599,
        within_39: 0.108802749736,
        within_13: 0.048564783359,
        expected_39: 0.153966019,
        p_ever: 0.389722976599,
        waits: [10.013122, 123.67815237, 3576.82006131],
        median: None,
        mean: None,
    },
    Case {
        buyer: [3.0, 30.0, 30.0],
        log_likelihood: -11.9432196971,
        p_alive: 0.838092490474,
        within_39: 0.774449514054,
        within_13: 0.554042683855,
        expected_39: 2.4588515116,
        p_ever: 0.838092490474,
        waits: [1.09786911, 7.863067, 33.3523475],
        median: Some(10.62882529),
        mean: Some(14.33082493),
    },
    Case {
        buyer: [1.0, 50.0 / 7.0, 37.0],
        log_likelihood: -5.048808092,
        p_alive: 0.328070869556,
        within_39: 0.20509451287,
        within_13: 0.108441496277,
        expected_39: 0.3757963417,
        p_ever: 0.328070869556,
        waits: [3.08927641, 24.85164855, 152.30433705],
        median: None,
        mean: Some(82.2780759),
    },
    Case {
        buyer: [10.0, 20.0, 39.0],
        log_likelihood: -24.3185438538,
        p_alive: 0.040108492579,
        within_39: 0.040051093032,
        within_13: 0.037307003259,
        expected_39: 0.2815748561,
        p_ever: 0.040108492579,
        waits: [0.45458357, 3.07584977, 11.04964563],
        median: None,
        mean: Some(4.74370911),
    },
];

const PARETO: [f64; 4] = [0.5532770536, 10.5776835475, 0.6062399598, 11.6687341958];

const PARETO_CASES: [Case; 5] = [
    Case {
        buyer: [2.0, 213.0 / 7.0, 272.0 / 7.0],
        log_likelihood: -9.5541735533,
        p_alive: 0.869134266542,
        within_39: 0.59192635473,
        within_13: 0.366927243489,
        expected_39: 1.4552017158,
        p_ever: 0.7045925591771,
        waits: [1.68161206363, 12.1653029801, 53.1897579721],
        median: Some(23.75614561),
        mean: None,
    },
    Case {
        buyer: [0.0, 0.0, 272.0 / 7.0],
        log_likelihood: -0.5211930053,
        p_alive: 0.295112569297,
        within_39: 0.06927224553,
        within_13: 0.033441707581,
        expected_39: 0.1070702333,
        p_ever: 0.1416795359873,
        waits: [4.73118102502, 40.6909058379, 312.609916216],
        median: None,
        mean: None,
    },
    Case {
        buyer: [3.0, 30.0, 30.0],
        log_likelihood: -11.8393172763,
        p_alive: 1.0,
        within_39: 0.804538199509,
        within_13: 0.586349040143,
        expected_39: 2.752949599,
        p_ever: 0.8568986243798,
        waits: [1.04418581061, 7.38079555432, 30.098599897],
        median: Some(9.54015346),
        mean: None,
    },
    Case {
        buyer: [1.0, 50.0 / 7.0, 37.0],
        log_likelihood: -5.063014071,
        p_alive: 0.336570085617,
        within_39: 0.1761159699,
        within_13: 0.098536206641,
        expected_39: 0.3541861254,
        p_ever: 0.2431354041724,
        waits: [2.38914781003, 18.0849469409, 91.0051186783],
        median: None,
        mean: None,
    },
    Case {
        buyer: [10.0, 20.0, 39.0],
        log_likelihood: -24.6703082136,
        p_alive: 0.080387218737,
        within_39: 0.075984236116042,
        within_13: 0.070428103388452,
        expected_39: 0.5549356644,
        p_ever: 0.07610201772127,
        waits: [0.470801412796, 3.18046915978, 11.3736407051],
        median: None,
        mean: None,
    },
];

const MBG2: [f64; 4] = [0.5798961595, 2.2881488011, 1.134452696, 1.5849742245];

const MBG2_CASES: [Case; 5] = [
    Case {
        buyer: [2.0, 213.0 / 7.0, 272.0 / 7.0],
        log_likelihood: -14.5424582957,
        p_alive: 0.681903944715,
        within_39: 0.62030237534,
        within_13: 0.400508397592,
        expected_39: 1.3168850853,
        p_ever: 0.681903944715,
        waits: [1.57938931, 10.14182266, 37.02203187],
        median: Some(19.7778179),
        mean: None,
    },
    Case {
        buyer: [0.0, 0.0, 272.0 / 7.0],
        log_likelihood: -0.5343806755,
        p_alive: 0.288151494367,
        within_39: 0.09041407647,
        within_13: 0.041183276021,
        expected_39: 0.1137225717,
        p_ever: 0.288151494367,
        waits: [8.50183291, 98.28290003, 2217.9441621],
        median: None,
        mean: None,
    },
    Case {
        buyer: [3.0, 30.0, 30.0],
        log_likelihood: -18.1854226481,
        p_alive: 0.801649236581,
        within_39: 0.781539821779,
        within_13: 0.551708396044,
        expected_39: 2.2701489604,
        p_ever: 0.801649236581,
        waits: [2.52647217, 8.67549306, 23.81926043],
        median: Some(11.28428183),
        mean: None,
    },
    Case {
        buyer: [1.0, 50.0 / 7.0, 37.0],
        log_likelihood: -6.9671616614,
        p_alive: 0.145250476148,
        within_39: 0.118169932751,
        within_13: 0.072159566976,
        expected_39: 0.2032012162,
        p_ever: 0.145250476148,
        waits: [1.78122446, 13.13767108, 61.18683741],
        median: None,
        mean: None,
    },
    Case {
        buyer: [10.0, 20.0, 39.0],
        log_likelihood: -27.3974861547,
        p_alive: 0.000330092045,
        within_39: 0.000330091476,
        within_13: 0.000328611476,
        expected_39: 0.0024388197,
        p_ever: 0.000330092045,
        waits: [0.22340371, 1.48965099, 5.1376466],
        median: None,
        mean: None,
    },
];
