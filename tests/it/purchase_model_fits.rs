//! Fits of buy-till-you-die models: to simulated customers of all kinds, and to CDNOW.

use approx::assert_relative_eq;
use rand::{Rng, RngExt, SeedableRng};
use rand_distr::{Beta, Distribution, Exp1, Gamma};
use rand_xoshiro::Xoshiro256PlusPlus;
use winback::Error;
use winback::answer::Answer;
use winback::timing::{
    BetaGeo, Buyer, BuyerTable, Buyers, FittedPurchaseModel, GammaGamma, ModifiedBetaGeo,
    ParetoNBD, Regularity, TimeUnit,
};

use crate::common::on_threads;

/// How simulated customers buy and leave.
#[derive(Clone, Copy)]
pub(crate) enum Shop {
    /// After each purchase with a chance; also after the first.
    MayLeaveAtOnce,
    /// After each purchase but the first.
    ComesBackOnce,
    /// At any time.
    LeavesAnyTime,
}

/// Customers with the parameters r, α, and a, b or s, β; k steps make a purchase.
pub(crate) fn simulate(
    shop: Shop,
    [r, alpha, leave, stay]: [f64; 4],
    k: u32,
    (shortest, longest): (f64, f64),
    customers: usize,
    seed: u64,
) -> Buyers {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let rates = Gamma::new(r, 1.0 / alpha).unwrap();
    let chances = Beta::new(leave, stay).unwrap();
    let leaving = Gamma::new(leave, 1.0 / stay).unwrap();
    let mut columns: [Vec<f64>; 4] = Default::default();
    for _ in 0..customers {
        let t = random.random_range(shortest..=longest);
        let rate = rates.sample(&mut random);
        let (mut chance, mut until) = (0.0, f64::INFINITY);
        match shop {
            Shop::LeavesAnyTime => until = exponential(&mut random) / leaving.sample(&mut random),
            _ => chance = chances.sample(&mut random),
        }
        let mut stays = !matches!(shop, Shop::MayLeaveAtOnce) || random.random::<f64>() >= chance;
        let (mut now, mut x, mut log_gaps) = (0.0, 0.0, 0.0);
        while stays && x < 5_000.0 {
            let steps: f64 = (0..k).map(|_| exponential(&mut random)).sum();
            let gap = steps / rate;
            let stays_in = now + gap <= t.min(until) && gap > 0.0;
            if !stays_in {
                break;
            }
            now += gap;
            x += 1.0;
            log_gaps += gap.ln();
            stays = random.random::<f64>() >= chance;
        }
        for (column, value) in columns.iter_mut().zip([x, now, t, log_gaps]) {
            column.push(value);
        }
    }
    let [x, recency, t, log_gaps] = columns;
    let checks = x.iter().map(|x| if *x > 0.0 { 5.0 + 40.0 * random.random::<f64>() } else { 0.0 });
    let checks: Vec<f64> = checks.collect();
    let buyers = Buyers::new(&x, &recency, &t).unwrap();
    buyers.with_log_gaps(&log_gaps).unwrap().with_mean_checks(checks).unwrap()
}

fn exponential(random: &mut impl Rng) -> f64 {
    Exp1.sample(random)
}

/// The same customers with times in another unit, in this order of rows.
fn again(buyers: &Buyers, unit: f64, order: impl Iterator<Item = usize>) -> Buyers {
    let rows: Vec<Buyer> = order.map(|row| buyers.rows()[row]).collect();
    let column = |of: fn(&Buyer) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
    let times = |of: fn(&Buyer) -> f64| rows.iter().map(|row| of(row) * unit).collect::<Vec<f64>>();
    Buyers::new(&column(|b| b.frequency() as f64), &times(Buyer::recency), &times(Buyer::t))
        .unwrap()
}

fn fits(buyers: &Buyers) -> [Result<FittedPurchaseModel, Error>; 3] {
    [
        BetaGeo::default().fit(buyers),
        ModifiedBetaGeo::default().fit(buyers),
        ParetoNBD::default().fit(buyers),
    ]
}

/// Small bases, of some of which the data do not tell parameters: whether there is a top, how high it
/// is and what is told is the same in days, weeks and months. Where a search ended on a slope
/// without an end, rounding may decide where.
#[test]
fn small_bases_give_the_same_in_all_units() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(688);
    let mut drawn =
        |low: f64, high: f64| (low.ln() + (high / low).ln() * random.random::<f64>()).exp();
    let (mut untold, mut endless) = (0, 0);
    for seed in 0..60 {
        let r = drawn(0.2, 4.0);
        let params = [r, r * drawn(2.0, 30.0), drawn(0.2, 3.0), drawn(0.5, 8.0)];
        let customers = drawn(50.0, 500.0) as usize;
        let buyers =
            simulate(Shop::MayLeaveAtOnce, params, 1, (10.0, 104.0), customers, 7_000 + seed);
        let rows = 0..buyers.rows().len();
        let weeks = fits(&again(&buyers, 1.0, rows.clone()));
        let steps: u64 = buyers.rows().iter().map(Buyer::frequency).sum();
        for unit in [7.0_f64, 84.0 / 365.25] {
            let found = fits(&again(&buyers, unit, rows.clone()));
            for (weeks, found) in weeks.iter().zip(&found) {
                let (weeks, found) = (weeks.as_ref().unwrap(), found.as_ref().unwrap());
                let (weeks, found) = (weeks.estimates(), found.estimates());
                assert_eq!(weeks.converged(), found.converged(), "{seed}: {weeks:?} {found:?}");
                let expected = weeks.log_likelihood().unwrap() - steps as f64 * unit.ln();
                let off = found.log_likelihood().unwrap() - expected;
                let most = if weeks.converged() { 1e-6 } else { 1e-4 };
                assert!(off.abs() < most, "{seed}: {off} {weeks:?} {found:?}");
                endless += u32::from(!weeks.converged());
                if weeks.standard_errors().contains(&None) {
                    untold += u32::from(weeks.converged());
                    continue;
                }
                let times = [false, true, false, weeks.names()[3] == "beta"];
                for (i, is_time) in times.into_iter().enumerate() {
                    let expected = weeks.params()[i] * if is_time { unit } else { 1.0 };
                    assert_relative_eq!(found.params()[i], expected, max_relative = 1e-6);
                }
            }
        }
    }
    assert!(untold > 5 && endless > 5, "{untold} {endless}");
}

#[test]
fn the_unit_of_time_and_the_order_of_rows_do_not_matter() {
    let buyers = simulate(Shop::MayLeaveAtOnce, [0.6, 6.0, 0.9, 1.7], 1, (20.0, 40.0), 3_000, 5);
    let all = 0..buyers.rows().len();
    let weeks = fits(&again(&buyers, 1.0, all.clone()));
    for (unit, is_turned) in [(1.0, true), (7.0, false), (84.0 / 365.25, false), (604_800.0, true)]
    {
        let rows = all.clone();
        let other: Vec<usize> = if is_turned { rows.rev().collect() } else { rows.collect() };
        let found = fits(&again(&buyers, unit, other.into_iter()));
        for (weeks, found) in weeks.iter().zip(found) {
            let (weeks, found) = (weeks.as_ref().unwrap(), found.unwrap());
            if unit == 1.0 {
                assert_eq!(*weeks, found);
            }
            let times = [false, true, false, weeks.estimates().names()[3] == "beta"];
            for (i, is_time) in times.into_iter().enumerate() {
                let factor = if is_time { unit } else { 1.0 };
                let (expected, error) = (
                    weeks.estimates().params()[i],
                    weeks.estimates().standard_errors()[i].unwrap(),
                );
                assert_relative_eq!(
                    found.estimates().params()[i],
                    expected * factor,
                    max_relative = 1e-9
                );
                let found = found.estimates().standard_errors()[i].unwrap();
                assert_relative_eq!(found, error * factor, max_relative = 1e-7);
            }
            let steps: u64 = buyers.rows().iter().map(Buyer::frequency).sum();
            let expected = weeks.estimates().log_likelihood().unwrap() - steps as f64 * unit.ln();
            assert_relative_eq!(
                found.estimates().log_likelihood().unwrap(),
                expected,
                max_relative = 1e-12
            );
        }
    }
}

#[test]
fn equal_rows_count_as_often_as_they_are_there() {
    let buyers = simulate(Shop::ComesBackOnce, [0.8, 5.0, 0.8, 2.5], 1, (20.0, 40.0), 1_500, 6);
    let twice = again(&buyers, 1.0, (0..3_000).map(|row| row % 1_500));
    for (once, twice) in fits(&buyers).into_iter().zip(fits(&twice)) {
        let (once, twice) = (once.unwrap(), twice.unwrap());
        for i in 0..4 {
            assert_relative_eq!(
                once.estimates().params()[i],
                twice.estimates().params()[i],
                max_relative = 1e-9
            );
        }
        let doubled = 2.0 * once.estimates().log_likelihood().unwrap();
        assert_relative_eq!(
            twice.estimates().log_likelihood().unwrap(),
            doubled,
            max_relative = 1e-12
        );
    }
    // What is mapped comes back in the order of rows.
    let t = twice.map(|buyer| buyer.t());
    assert!(twice.rows().iter().zip(t).all(|(buyer, t)| buyer.t() == t));
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let buyers = simulate(Shop::LeavesAnyTime, [0.6, 10.0, 0.6, 12.0], 1, (20.0, 40.0), 20_000, 7);
    let one = on_threads(1, || fits(&buyers).map(Result::unwrap));
    let three = on_threads(3, || fits(&buyers).map(Result::unwrap));
    assert_eq!(one, three);
}

#[test]
fn known_parameters_are_found_again() {
    let check = |model: FittedPurchaseModel, truth: [f64; 4]| {
        assert!(model.estimates().converged() && model.estimates().remark().is_none(), "{model:?}");
        for (i, truth) in truth.into_iter().enumerate() {
            let (found, error) =
                (model.estimates().params()[i], model.estimates().standard_errors()[i].unwrap());
            let off = (found / truth).ln() / (error / found);
            assert!(
                off.abs() < 3.5,
                "{} is {off} standard errors off: {model:?}",
                model.estimates().names()[i]
            );
        }
    };
    let (span, many) = ((30.0, 80.0), 20_000);
    let truth = [0.7, 5.0, 0.8, 2.4];
    let buyers = simulate(Shop::ComesBackOnce, truth, 1, span, many, 11);
    check(BetaGeo::default().fit(&buyers).unwrap(), truth);
    let buyers = simulate(Shop::MayLeaveAtOnce, truth, 1, span, many, 12);
    check(ModifiedBetaGeo::default().fit(&buyers).unwrap(), truth);
    let truth = [0.8, 6.0, 0.9, 15.0];
    let buyers = simulate(Shop::LeavesAnyTime, truth, 1, span, many, 13);
    check(ParetoNBD::default().fit(&buyers).unwrap(), truth);
    // The best regularity is the true one.
    let truth = [1.2, 3.0, 0.9, 2.5];
    for k in [1, 2, 3] {
        let buyers = simulate(Shop::MayLeaveAtOnce, truth, k, span, many, 14);
        let model = ModifiedBetaGeo::default().regularity(Regularity::Best).fit(&buyers).unwrap();
        assert_eq!(model.regularity(), k);
        check(model, truth);
        let buyers = simulate(Shop::ComesBackOnce, truth, k, span, many, 15);
        let model = BetaGeo::default().regularity(Regularity::Given(k)).fit(&buyers).unwrap();
        check(model, truth);
    }
}

/// All that a model says of some customers is finite and in range.
pub(crate) fn check_predictions(model: &FittedPurchaseModel, buyers: &Buyers, what: &str) {
    let step = buyers.rows().len().div_ceil(25);
    for &buyer in buyers.rows().iter().step_by(step) {
        let longest = buyer.t().max(1e-3);
        let (alive, ever) = (model.p_alive(buyer), model.p_ever(buyer));
        let is_chance = |p: f64| (0.0..=1.0).contains(&p);
        assert!(is_chance(alive) && is_chance(ever), "{what} {buyer:?} {alive} {ever}");
        assert!(ever <= alive * (1.0 + 1e-12), "{what} {buyer:?} {alive} {ever}");
        assert!(model.log_p_alive(buyer).is_finite() && model.log_likelihood_of(buyer).is_finite());
        let mut before = 0.0;
        for time in [0.0, 1e-6 * longest, longest / 3.0, 10.0 * longest] {
            let chance = model.purchase_probability(buyer, time).unwrap();
            let expected = model.expected_purchases(buyer, time).unwrap();
            assert!(
                is_chance(chance) && chance <= ever * (1.0 + 1e-9) + 1e-300,
                "{what} {buyer:?}"
            );
            assert!(chance >= before - 1e-12, "{what} {buyer:?} {chance} {before}");
            assert!(expected.is_finite(), "{what} {buyer:?} {expected}");
            assert!(expected >= chance * (1.0 - 1e-9), "{what} {buyer:?} {expected} {chance}");
            before = chance;
        }
        let waits = [0.1, 0.5, 0.9].map(|u| model.wait_if_ever(buyer, u).unwrap());
        let waits: Vec<f64> = waits.into_iter().flatten().collect();
        assert!(waits.iter().all(|wait| *wait >= 0.0) && waits.is_sorted(), "{what} {waits:?}");
        assert!(model.mean_wait_if_ever(buyer).is_none_or(|mean| mean >= 0.0));
    }
}

/// A base of an odd kind: tiny, of huge counts, nobody leaving, nobody back, known for no time, …
pub(crate) fn odd_base(seed: u64) -> (String, Buyers) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let shops = [Shop::MayLeaveAtOnce, Shop::ComesBackOnce, Shop::LeavesAnyTime];
    let shop = shops[random.random_range(0..3)];
    let mut any = |low: f64, high: f64| low * (high / low).powf(random.random::<f64>());
    let mut params = [any(0.1, 5.0), any(0.3, 50.0), any(0.1, 5.0), any(0.2, 20.0)];
    let mut customers = any(1.0, 400.0) as usize;
    let mut span = (any(0.5, 20.0), any(25.0, 100.0));
    let kind = seed % 12;
    match kind {
        0 => customers = 1 + (seed / 12) as usize % 4,
        1 => params[1] = 0.002,                     // huge counts
        2 => (params[2], params[3]) = (1e-3, 1e3),  // nobody leaves
        3 => (params[2], params[3]) = (50.0, 0.05), // everybody leaves
        4 => params[1] = 1e6,                       // nobody comes back
        5 => (params[0], params[1]) = (1e4, 1e4 * any(2.0, 20.0)), // all alike
        6 => span = (1e-9, 1e-3),                   // hardly known
        7 => span = (30.0, 30.0),                   // one cohort
        _ => {}
    }
    let mut buyers = simulate(shop, params, 1 + (seed % 3) as u32, span, customers, seed);
    if kind >= 8 {
        // Equal rows; whole days; all at their last purchase; nobody known for any time.
        let mut columns: [Vec<f64>; 3] = Default::default();
        for (row, buyer) in buyers.rows().iter().enumerate() {
            let buyer = if kind == 8 { buyers.rows()[row % 2] } else { *buyer };
            let (mut x, mut recency, mut t) =
                (buyer.frequency() as f64, buyer.recency(), buyer.t());
            match kind {
                9 => {
                    (recency, t) = (recency.ceil(), t.ceil() + 1.0);
                    recency = if x > 0.0 { recency } else { 0.0 };
                }
                10 => t = recency,
                11 if row % 2 == 0 => (x, recency, t) = (0.0, 0.0, 0.0),
                _ => {}
            }
            columns.iter_mut().zip([x, recency, t]).for_each(|(column, value)| column.push(value));
        }
        buyers = Buyers::new(&columns[0], &columns[1], &columns[2]).unwrap();
    }
    (format!("base {seed} of kind {kind}, {customers} customers"), buyers)
}

/// Each fit converges, says why it did not, or refuses; nothing that is said is no number.
pub(crate) fn check_odd_base(seed: u64) -> [usize; 3] {
    let (what, buyers) = odd_base(seed);
    let mut counts = [0; 3];
    let came_back = buyers.rows().iter().any(|buyer| buyer.frequency() > 0);
    let mut models: Vec<Result<FittedPurchaseModel, Error>> = fits(&buyers).into();
    if buyers.mean_checks().is_some() {
        let regular = ModifiedBetaGeo::default().regularity(Regularity::Given(3));
        models.push(regular.fit(&buyers));
        match GammaGamma::default().fit(&buyers) {
            Ok(model) => {
                assert!(
                    model.estimates().converged() || model.estimates().remark().is_some(),
                    "{what}: {model:?}"
                );
                assert!(model.population_mean().is_finite() && model.expected_check(3, 9.0) > 0.0);
            }
            Err(error) => {
                assert!(
                    matches!(error, Error::TooLittleData(_) | Error::NotConverged(_)),
                    "{what}"
                );
            }
        }
    }
    for model in models {
        match model {
            Ok(model) => {
                assert!(came_back, "{what}");
                assert!(
                    model.estimates().converged() || model.estimates().remark().is_some(),
                    "{what}: {model:?}"
                );
                assert!(
                    model
                        .estimates()
                        .params()
                        .iter()
                        .all(|value| value.is_finite() && *value > 0.0)
                );
                assert!(
                    model.estimates().log_likelihood().unwrap().is_finite(),
                    "{what}: {model:?}"
                );
                check_predictions(&model, &buyers, &what);
                counts[usize::from(!model.estimates().converged())] += 1;
            }
            Err(error) => {
                assert!(matches!(error, Error::TooLittleData(_)) && !came_back, "{what}: {error}");
                counts[2] += 1;
            }
        }
    }
    counts
}

#[test]
fn odd_bases_never_give_what_is_no_number() {
    let mut counts = [0; 3];
    for seed in 0..200 {
        check_odd_base(seed).into_iter().zip(&mut counts).for_each(|(more, count)| *count += more);
    }
    // All three ends are there.
    assert!(counts.iter().all(|count| *count > 20), "{counts:?}");
}

#[test]
fn a_search_without_an_end_says_what_is_known() {
    let remark = |model: FittedPurchaseModel| {
        assert!(
            !model.estimates().converged() || model.estimates().remark().is_some(),
            "{model:?}"
        );
        model.estimates().remark().unwrap_or_default().to_owned()
    };
    // Nobody leaves.
    let stay = simulate(Shop::LeavesAnyTime, [0.8, 8.0, 1e-3, 1e3], 1, (27.0, 39.0), 2_000, 5);
    for model in fits(&stay).map(Result::unwrap) {
        let text = remark(model);
        assert!(text.contains("leave") || text.contains("do not tell"), "{text}");
    }
    // All customers alike.
    let alike = simulate(Shop::ComesBackOnce, [1e5, 1e6, 1.0, 3.0], 1, (27.0, 39.0), 2_000, 5);
    for model in fits(&alike).map(Result::unwrap) {
        let text = remark(model);
        assert!(text.contains("rates of purchase") || text.contains("do not tell"), "{text}");
    }
    let none = Buyers::new(&[0.0, 0.0], &[0.0, 0.0], &[3.0, 4.0]).unwrap();
    for error in fits(&none).map(Result::unwrap_err) {
        assert_eq!(
            error.to_string(),
            "too little data: no repeat purchase by any of 2 customers; how often and for how \
             long customers buy shows in repeat purchases only"
        );
    }
}

#[test]
fn a_penalty_draws_the_parameters_towards_0() {
    let buyers = simulate(Shop::ComesBackOnce, [1e5, 1e6, 1.0, 3.0], 1, (27.0, 39.0), 500, 5);
    for (free, bound) in [
        (BetaGeo::default().fit(&buyers), BetaGeo::default().penalty(0.01).fit(&buyers)),
        (ParetoNBD::default().fit(&buyers), ParetoNBD::default().penalty(0.01).fit(&buyers)),
    ] {
        let (free, bound) = (free.unwrap(), bound.unwrap());
        assert!(free.estimates().standard_errors()[0].is_none() && bound.estimates().converged());
        assert!(
            bound.estimates().log_likelihood().unwrap()
                <= free.estimates().log_likelihood().unwrap()
        );
        assert!(
            bound.estimates().params()[0] < 100.0
                && bound.estimates().standard_errors()[0].is_some()
        );
    }
    for penalty in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(BetaGeo::default().penalty(penalty).fit(&buyers).is_err());
        assert!(GammaGamma::default().penalty(penalty).fit(&buyers).is_err());
    }
}

#[test]
fn what_a_fit_left_out_or_did_not_reach_is_told() {
    let checks = vec![20.0, 35.0, 18.0, 50.0, 24.0, 31.0, -5.0, 0.0, 0.0];
    let frequency = [1.0, 2.0, 3.0, 5.0, 2.0, 4.0, 2.0, 1.0, 0.0];
    let times: Vec<f64> = frequency.iter().map(|&x: &f64| x.min(1.0)).collect();
    let buyers = Buyers::new(&frequency, &times, &times).unwrap();
    let found = GammaGamma::default().fit(&buyers.with_mean_checks(checks).unwrap()).unwrap();
    let remark = found.estimates().remark().unwrap();
    let left_out = "2 of 8 customers who bought again are left out, for the mean of their checks is not \
                    above 0";
    assert!(remark.ends_with(left_out), "{remark}");

    // All customers alike: the likelihood has no end.
    let alike = simulate(Shop::ComesBackOnce, [1e5, 1e6, 1.0, 3.0], 1, (27.0, 39.0), 2_000, 5);
    let mut told = 0;
    for model in fits(&alike).map(Result::unwrap) {
        let table = BuyerTable::of_buyers(alike.clone(), TimeUnit::Week);
        let notes = model.p_alive_of(&table).unwrap().notes();
        assert_eq!(notes.is_empty(), model.estimates().converged(), "{notes:?}");
        told += notes.len();
    }
    assert!(told > 0);
}

/// Among many customers a search begins among some of them. Twice the same customers have the same top.
#[test]
fn twice_as_many_of_the_same_customers_have_the_same_parameters() {
    let [mut x, mut checks] = [Vec::new(), Vec::new()];
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    let (sizes, scales) = (Gamma::new(6.0, 1.0).unwrap(), Gamma::new(3.7, 1.0 / 15.0).unwrap());
    for _ in 0..9_000 {
        let count = random.random_range(1..9u32);
        let sum: f64 = (0..count).map(|_| sizes.sample(&mut random)).sum();
        x.push(f64::from(count));
        checks.push(sum / f64::from(count) / scales.sample(&mut random));
    }
    let fit = |times: usize| {
        let (x, checks) = (x.repeat(times), checks.repeat(times));
        let buyers = Buyers::new(&x, &x, &x).unwrap().with_mean_checks(checks).unwrap();
        GammaGamma::default().fit(&buyers).unwrap()
    };
    let (once, twice) = (fit(1), fit(2));
    assert!(once.estimates().converged() && twice.estimates().converged());
    for (one, other) in once.estimates().params().iter().zip(twice.estimates().params()) {
        assert_relative_eq!(*one, *other, max_relative = 1e-8);
    }
}
