//! How often tests and intervals are wrong, by simulation. Slow: run with `--ignored`; each prints its
//! figures. The seed is [`SEED`].

use std::array::from_fn;

use super::always_valid::{always_valid_reach, narrowest_tau};
use super::least_squares::adjusted_mean;
use super::means::{Mean, MeanDifference};
use super::normal::Z95;
use super::proportions::{Share, newcombe_interval, pooled_p_value};
use super::special::ln_gamma;
use crate::hash::{draw, share};

const SEED: u64 = 20_261_129;

/// A stream of numbers from 0 to below 1.
struct Random(u64);

impl Random {
    fn new(run: u64) -> Self {
        Random(draw(SEED ^ draw(run)))
    }

    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        share(draw(self.0))
    }

    fn exponential(&mut self) -> f64 {
        -(-self.uniform()).ln_1p()
    }

    fn normal(&mut self) -> f64 {
        let (radius, angle) = ((2.0 * self.exponential()).sqrt(), self.uniform());
        radius * (2.0 * std::f64::consts::PI * angle).cos()
    }
}

/// The share of runs in which something happened.
fn share_of(runs: u64, happened: impl Fn(u64) -> bool + Sync) -> f64 {
    let threads = 2;
    let count = |thread: u64| (thread..runs).step_by(threads).filter(|&run| happened(run)).count();
    let counts: usize = std::thread::scope(|scope| {
        let work: Vec<_> =
            (0..threads as u64).map(|thread| scope.spawn(move || count(thread))).collect();
        work.into_iter().map(|work| work.join().unwrap()).sum()
    });
    counts as f64 / runs as f64
}

fn sample(n: usize, mut value: impl FnMut() -> f64) -> Vec<f64> {
    (0..n).map(|_| value()).collect()
}

fn welch(one: &[f64], zero: &[f64]) -> MeanDifference {
    MeanDifference::new(Mean::of(one.iter().copied()), Mean::of(zero.iter().copied()))
}

const RUNS: u64 = 100_000;

#[test]
#[ignore = "slow"]
fn false_alarms_of_means() {
    type Value = fn(&mut Random) -> f64;
    let cases: [(&str, Value); 4] = [
        ("normal", |random| random.normal()),
        ("exponential", |random| random.exponential()),
        ("log-normal, sigma 1", |random| random.normal().exp()),
        ("spend: one in ten buys, exponential", |random| {
            if random.uniform() < 0.1 { random.exponential() } else { 0.0 }
        }),
    ];
    for (name, value) in cases {
        for (n1, n0) in [(1_000, 1_000), (1_800, 1_000)] {
            let found = share_of(RUNS, |run| {
                let mut random = Random::new(run);
                let one = sample(n1, || value(&mut random));
                let zero = sample(n0, || value(&mut random));
                welch(&one, &zero).p_value() < 0.05
            });
            println!("{name}, {n1} and {n0}: {:.3} %", 100.0 * found);
            assert!((0.047..=0.053).contains(&found));
        }
    }
}

/// The chances of numbers of successes that are worth looking at.
fn binomial(n: usize, p: f64) -> Vec<(f64, f64)> {
    let (all, middle) = (n as f64, n as f64 * p);
    let reach = 8.0 * (middle * (1.0 - p)).sqrt() + 10.0;
    let chance = |k: f64| {
        let choose = ln_gamma(all + 1.0) - ln_gamma(k + 1.0) - ln_gamma(all - k + 1.0);
        (choose + k * p.ln() + (all - k) * (1.0 - p).ln()).exp()
    };
    let near = (0..=n).map(|k| k as f64).filter(|k| (k - middle).abs() <= reach);
    near.map(|k| (k, chance(k))).collect()
}

/// Not by draws but of all outcomes.
#[test]
#[ignore = "slow"]
fn false_alarms_of_shares() {
    for p in [0.02, 0.05, 0.2, 0.5] {
        for (n1, n0) in [(1_000, 1_000), (9_000, 1_000), (200, 200)] {
            let zeros = binomial(n0, p);
            let mut found = 0.0;
            for (ones, chance) in binomial(n1, p) {
                let one = Share { successes: ones, n: n1 as f64 };
                let rejected = zeros.iter().filter(|(zeros, _)| {
                    pooled_p_value(one, Share { successes: *zeros, n: n0 as f64 }) < 0.05
                });
                found += chance * rejected.map(|(_, chance)| chance).sum::<f64>();
            }
            println!("share {p}, {n1} and {n0}: {:.3} %", 100.0 * found);
            assert!(found <= 0.053);
        }
    }
}

/// Under an effect that is known.
#[test]
#[ignore = "slow"]
fn misses_of_intervals() {
    let n = 1_000;
    let misses = |interval: (f64, f64), truth: f64| truth < interval.0 || truth > interval.1;
    let newcombe = share_of(RUNS, |run| {
        let mut random = Random::new(run);
        let mut arm = |p: f64| Share {
            successes: (0..n).filter(|_| random.uniform() < p).count() as f64,
            n: n as f64,
        };
        misses(newcombe_interval(arm(0.12), arm(0.1), Z95), 0.02)
    });
    let spend = share_of(RUNS, |run| {
        let mut random = Random::new(run);
        let one = sample(n, || 1.2 * random.exponential());
        let zero = sample(n, || random.exponential());
        let found = welch(&one, &zero);
        let half = found.reach(0.05) * found.standard_error;
        misses((found.difference - half, found.difference + half), 0.2)
    });
    // The covariate is half of the outcome's variance, and the effect rises with it.
    let runs = 20_000;
    let adjusted = |run: u64| {
        let mut random = Random::new(run);
        let x: [Vec<f64>; 2] = from_fn(|_| sample(n, || random.normal()));
        let mean = x.iter().flatten().sum::<f64>() / (2 * n) as f64;
        let y: [Vec<f64>; 2] = from_fn(|arm| {
            let effect = |x: f64| if arm == 1 { 0.2 + 0.3 * x } else { 0.0 };
            x[arm].iter().map(|x| x + effect(*x) + random.normal()).collect()
        });
        let arm = |arm: usize| {
            let centred = x[arm].iter().map(|x| x - mean).collect();
            adjusted_mean(&[centred], &y[arm]).unwrap()
        };
        let raw = welch(&y[1], &y[0]);
        (MeanDifference::new(arm(1), arm(0)), raw)
    };
    let lin = share_of(runs, |run| {
        let (found, _) = adjusted(run);
        let half = found.reach(0.05) * found.standard_error;
        // Of a population: the customers' own mean effect varies around it a little.
        misses((found.difference - half, found.difference + half), 0.2)
    });
    let narrower: f64 = (0..200)
        .map(|run| {
            let (adjusted, raw) = adjusted(run);
            adjusted.standard_error / raw.standard_error
        })
        .sum::<f64>()
        / 200.0;
    println!(
        "misses: Newcombe {:.3} %, Welch {:.3} %, Lin {:.3} %; adjusted intervals are {narrower:.4} as wide",
        100.0 * newcombe,
        100.0 * spend,
        100.0 * lin
    );
    assert!((0.045..=0.055).contains(&newcombe) && (0.045..=0.055).contains(&spend));
    assert!((0.044..=0.060).contains(&lin));
}

const DAYS: usize = 90;

/// The purchases of an arm in 90 days: of each day who bought, for how much; and the spend of each
/// customer in as many days before.
struct Arm {
    days: Vec<Vec<(usize, f64)>>,
    before: Vec<f64>,
    bought_before: Vec<f64>,
}

/// Customers who buy at rates that differ (gamma of shape 1, as in Pareto/NBD), `rate` purchases in
/// 90 days in the mean.
fn arm(random: &mut Random, n: usize, rate: f64, lift: f64) -> Arm {
    let mut days = vec![Vec::new(); DAYS];
    let (mut before, mut bought_before) = (vec![0.0; n], vec![0.0; n]);
    for customer in 0..n {
        let own = rate * random.exponential() / DAYS as f64;
        let mut at = random.exponential() / own;
        while at < DAYS as f64 {
            before[customer] += random.exponential();
            bought_before[customer] = 1.0;
            at += random.exponential() / own;
        }
        let own = own * (1.0 + lift);
        let mut at = random.exponential() / own;
        while at < DAYS as f64 {
            days[at as usize].push((customer, random.exponential()));
            at += random.exponential() / own;
        }
    }
    Arm { days, before, bought_before }
}

/// Sums of an outcome over an arm's customers, up to a day.
#[derive(Default)]
struct Sums {
    sum: f64,
    squares: f64,
}

impl Sums {
    fn mean(&self, n: usize) -> Mean {
        let n = n as f64;
        let mean = self.sum / n;
        let variance = (self.squares - n * mean * mean) / (n - 1.0) / n;
        Mean { mean, variance: variance.max(0.0), degrees: n - 1.0 }
    }
}

/// Whether intervals that are looked at every day ever miss: always-valid ones and usual ones of who
/// bought, and the same of spend.
fn misses_of_a_campaign(run: u64, n: usize, rate: f64, lift: f64) -> [bool; 4] {
    let mut random = Random::new(run);
    let arms = [arm(&mut random, n, rate, 0.0), arm(&mut random, n, rate, lift)];
    let tau = |values: fn(&Arm) -> &Vec<f64>| {
        let all = arms.iter().flat_map(|arm| values(arm).iter().copied());
        let before = Mean::of(all.collect::<Vec<_>>().into_iter());
        narrowest_tau(before.variance * (2 * n) as f64 * 2.0 / n as f64)
    };
    let taus = [tau(|arm| &arm.bought_before), tau(|arm| &arm.before)];
    let mut spent = [vec![0.0; n], vec![0.0; n]];
    let mut sums: [[Sums; 2]; 2] = Default::default();
    let mut missed = [false; 4];
    for day in 0..DAYS {
        for (own, arm) in arms.iter().enumerate() {
            for &(customer, amount) in &arm.days[day] {
                let spent = &mut spent[own][customer];
                if *spent == 0.0 {
                    sums[0][own].sum += 1.0;
                    sums[0][own].squares += 1.0;
                }
                sums[1][own].sum += amount;
                sums[1][own].squares += amount * (amount + 2.0 * *spent);
                *spent += amount;
            }
        }
        let time = (day + 1) as f64 / DAYS as f64;
        // A gamma rate of shape 1: nobody of rate r bought with a chance of 1 / (1 + r t).
        let bought = |rate: f64| 1.0 - 1.0 / (1.0 + rate * time);
        let truths = [bought(rate * (1.0 + lift)) - bought(rate), rate * lift * time];
        for outcome in 0..2 {
            let [zero, one] = [0, 1].map(|arm| sums[outcome][arm].mean(n));
            let found = MeanDifference::new(one, zero);
            if found.standard_error == 0.0 {
                continue;
            }
            let off = (found.difference - truths[outcome]).abs();
            let reach = always_valid_reach(found.standard_error.powi(2), taus[outcome], 0.05);
            missed[2 * outcome] |= off > reach;
            missed[2 * outcome + 1] |= off > Z95 * found.standard_error;
        }
    }
    missed
}

#[test]
#[ignore = "slow"]
fn campaigns_looked_at_every_day() {
    for (n, rate, lift) in
        [(1_000, 0.2, 0.0), (1_000, 2.0, 0.0), (1_000, 0.2, 0.3), (300, 1.0, 0.3)]
    {
        let all: [f64; 4] = from_fn(|outcome| {
            share_of(10_000, |run| misses_of_a_campaign(run, n, rate, lift)[outcome])
        });
        println!(
            "{n} an arm, {rate} purchases in 90 days, lift {lift}: bought {:.2} % (usual intervals {:.1} \
             %), spend {:.2} % ({:.1} %)",
            100.0 * all[0],
            100.0 * all[1],
            100.0 * all[2],
            100.0 * all[3]
        );
        assert!(all[0] <= 0.05 && all[2] <= 0.05);
    }
}
