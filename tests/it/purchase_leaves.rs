//! When customers leave: chances at later times and alarm dates.

use approx::assert_relative_eq;
use proptest::prelude::*;
use winback::answer::Answer;
use winback::timing::{
    BetaGeo, Buyer, BuyerTable, Buyers, FittedPurchaseModel, LeavesOptions, ModifiedBetaGeo,
    ParetoNBD, Regularity, TimeUnit,
};

use crate::common;

const MBG: [f64; 4] = [0.525, 6.18, 0.891, 1.61];
const PARETO: [f64; 4] = [0.553, 10.58, 0.606, 11.67];

fn models() -> Vec<FittedPurchaseModel> {
    vec![
        BetaGeo::default().with_params([0.243, 4.41, 0.793, 2.43]).unwrap(),
        ModifiedBetaGeo::default().with_params(MBG).unwrap(),
        ModifiedBetaGeo::default().regularity(Regularity::Given(3)).with_params(MBG).unwrap(),
        ParetoNBD::default().with_params(PARETO).unwrap(),
    ]
}

fn buyer(x: f64, recency: f64, t: f64) -> Buyer {
    Buyer::new(x, recency, t).unwrap()
}

/// The chance to stay of a customer who has just bought, step by step: the number of steps has a
/// negative binomial distribution, and after each kth one more chance to leave is taken.
fn slow_stay(k: u32, [r, alpha, a, b]: [f64; 4], x: f64, t: f64, time: f64) -> f64 {
    let shape = r + f64::from(k) * x;
    let z = time / (alpha + t + time);
    let (mut chance, mut sum) = ((1.0 - z).powf(shape), 0.0);
    for steps in 0..100_000_u32 {
        let purchases = steps / k;
        let stays = (0..purchases).fold(1.0, |stays, done| {
            let taken = b + x + 1.0 + f64::from(done);
            stays * taken / (a + taken)
        });
        sum += chance * stays;
        chance *= z * (shape + f64::from(steps)) / (f64::from(steps) + 1.0);
        if chance < 1e-18 {
            break;
        }
    }
    sum
}

#[test]
fn the_chance_to_stay_is_that_of_its_steps() {
    for k in 1..=3 {
        let regular = ModifiedBetaGeo::default().regularity(Regularity::Given(k));
        let model = regular.with_params(MBG).unwrap();
        for (x, t) in [(2.0, 30.0), (7.0, 38.0)] {
            let customer = buyer(x, t, t);
            for time in [0.5, 13.0, 80.0] {
                let stays = model.p_alive_after(customer, time).unwrap() / model.p_alive(customer);
                let slow = slow_stay(k, MBG, x, t, time);
                assert_relative_eq!(stays, slow, max_relative = 1e-11);
            }
        }
    }
}

#[test]
fn rates_of_leaving_have_a_closed_form() {
    let model = ParetoNBD::default().with_params(PARETO).unwrap();
    let customer = buyer(2.0, 30.43, 38.86);
    let stays = (50.53_f64 / 89.53).powf(PARETO[2]);
    let later = model.p_alive_after(customer, 39.0).unwrap();
    assert_relative_eq!(later, model.p_alive(customer) * stays, max_relative = 1e-13);
}

#[test]
fn an_alarm_has_a_closed_form_for_purchases_at_random() {
    let model = ModifiedBetaGeo::default().with_params(MBG).unwrap();
    let [r, alpha, a, b] = MBG;
    for (x, recency) in [(0.0, 0.0), (2.0, 30.43), (10.0, 20.0)] {
        for certainty in [0.1, 0.5, 0.9, 0.99] {
            let odds = certainty / (1.0 - certainty) * (b + x) / a;
            let until = (alpha + recency) * odds.powf(1.0 / (r + x)) - alpha;
            let found = model.alarm(buyer(x, recency, 38.86), certainty).unwrap().unwrap();
            let expected = until.max(recency) - 38.86;
            assert!((found - expected).abs() < 1e-9 * until.abs().max(1.0), "{x} {certainty}");
        }
    }
    // Who has bought but once cannot have left under the BG/NBD model.
    assert_eq!(models()[0].alarm(buyer(0.0, 0.0, 38.86), 0.9).unwrap(), None);
    for wrong in [0.0, 1.0, -0.1, f64::NAN] {
        assert!(model.alarm(Buyer::NEW, wrong).is_err());
    }
}

proptest! {
    #[test]
    fn prop_after_the_alarm_the_customer_has_left_with_the_certainty(
        which in 0..4usize, x in 1u32..60, recency in 0.01..50.0f64, silence in 0.0..300.0f64,
        certainty in 0.05..0.999f64,
    ) {
        let model = &models()[which];
        let t = recency + silence;
        if let Some(wait) = model.alarm(buyer(x.into(), recency, t), certainty).unwrap() {
            let until = t + wait;
            prop_assert!(until >= recency * (1.0 - 1e-12));
            let alive = model.p_alive(buyer(x.into(), recency, until.max(recency)));
            let at_once = until <= recency * (1.0 + 1e-9);
            prop_assert!((alive - (1.0 - certainty)).abs() < 1e-8 || (at_once && alive < 1.0 - certainty));
        }
    }

    #[test]
    fn prop_the_chance_to_be_a_customer_falls_with_time(
        which in 0..4usize, x in 0u32..60, recency in 0.01..50.0f64, silence in 0.0..300.0f64,
    ) {
        let model = &models()[which];
        let recency = if x == 0 { 0.0 } else { recency };
        let customer = buyer(x.into(), recency, recency + silence);
        let mut before = model.p_alive(customer);
        for time in [0.0, 1e-6, 1.0, 50.0, 1e4, 1e9] {
            let chance = model.p_alive_after(customer, time).unwrap();
            prop_assert!((0.0..=before + 1e-12).contains(&chance), "{} {}", time, chance);
            before = chance;
        }
    }
}

#[test]
fn leaves_of_a_log() {
    let now = common::simulated_log(1_500).at("2024-10-01").unwrap();
    let table = BuyerTable::of_snapshot(&now, TimeUnit::Day).unwrap();
    let model = ModifiedBetaGeo::default().fit(table.buyers()).unwrap();
    let found = model.leaves_of(&table, &LeavesOptions::default()).unwrap();
    let batch = found.main_table().unwrap();
    let names: Vec<String> = batch.schema().fields().iter().map(|f| f.name().clone()).collect();
    let expected = [
        "customer_id",
        "p_alive",
        "p_alive_1mo",
        "p_alive_3mo",
        "p_alive_6mo",
        "alarm",
        "alarm_date",
    ];
    assert_eq!(names, expected);
    assert!(found.to_string().contains("customers have been silent beyond their alarm date"));
    let twice = LeavesOptions::default().after(["9d", "9d"]).unwrap();
    assert!(model.leaves_of(&table, &twice).is_err());
    let no_cutoff =
        BuyerTable::of_buyers(Buyers::new(&[2.0], &[30.0], &[38.0]).unwrap(), TimeUnit::Week);
    let batch =
        model.leaves_of(&no_cutoff, &LeavesOptions::default()).unwrap().main_table().unwrap();
    assert!(batch.column_by_name("alarm_date").is_none());
}
