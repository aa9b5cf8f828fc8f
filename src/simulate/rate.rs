//! What is known of a rate that has a gamma distribution: of purchases by what was bought, of all else by
//! how long it did not happen.

use rand::RngExt;
use rand_distr::{Distribution, Gamma, Poisson};

use super::draws::{Random, exponential};
use super::particle::Particle;
use super::process::PURCHASING;

/// What is known of a customer's purchase rate: it has a gamma distribution of this shape, and of the rate
/// `rate` + all that a guess expected.
#[derive(Clone)]
pub(super) struct Rate {
    shape: f64,
    rate: f64,
    /// Of each number of parts of a purchase that may have come, the factor of its likelihood.
    factors: Vec<f64>,
}

impl Rate {
    pub(super) fn new(rate: f64, parts: usize) -> Self {
        let mut own = Rate { shape: PURCHASING, rate, factors: vec![1.0; parts] };
        own.set_factors();
        own
    }

    /// After so many more parts of purchases, or visits.
    pub(super) fn with(&self, more: usize) -> Self {
        let mut own = Rate { shape: self.shape + more as f64, ..self.clone() };
        own.set_factors();
        own
    }

    /// Γ(shape + j) / (Γ(shape) j!).
    fn set_factors(&mut self) {
        for j in 1..self.factors.len() {
            let i = (j - 1) as f64;
            self.factors[j] = self.factors[j - 1] * (self.shape + i) / (i + 1.0);
        }
    }

    /// The log-likelihood of no purchase since the last one, and of what came before it, but for what all
    /// guesses share.
    pub(super) fn silent(&self, before: f64, since: f64) -> f64 {
        let all = self.rate + before + since;
        let ratio = since / all;
        let sum = self.factors.iter().rev().fold(0.0, |sum, factor| sum * ratio + factor);
        sum.ln() - self.shape * all.ln()
    }

    /// The chance of no purchase in a window of which so many parts are expected, after those expected up
    /// to it.
    pub(super) fn none(&self, p: &Particle, [lead, window]: [f64; 2], random: &mut Random) -> f64 {
        let parts = self.factors.len();
        if lead == 0.0 {
            let silent = |since: f64| self.silent(p.before, since);
            return (silent(p.since + window) - silent(p.since)).exp();
        }
        if parts == 1 {
            // What came since the last purchase says no more than what came before.
            let all = self.rate + p.before + p.since;
            return (-self.shape * (window / all).ln_1p()).exp();
        }
        // A purchase in the lead begins a new gap, so its parts and the rate are drawn.
        let all = self.rate + p.before + p.since;
        let ratio = p.since / all;
        let weight = |j: usize| self.factors[j] * ratio.powi(j as i32);
        let mut at = random.random::<f64>() * (0..parts).map(weight).sum::<f64>();
        let mut part = 0;
        while part + 1 < parts && at >= weight(part) {
            at -= weight(part);
            part += 1;
        }
        let own = gamma(self.shape + part as f64, random) / all;
        let part = (part + poisson(own * lead, random)) % parts;
        let expected = own * window;
        let mut term = (-expected).exp();
        let mut sum = term;
        for j in 1..parts - part {
            term *= expected / j as f64;
            sum += term;
        }
        sum
    }
}

/// A gamma variable of rate 1.
fn gamma(shape: f64, random: &mut Random) -> f64 {
    Gamma::new(shape, 1.0).map_or(shape, |gamma| gamma.sample(random))
}

fn poisson(mean: f64, random: &mut Random) -> usize {
    Poisson::new(mean).map_or(0, |poisson| poisson.sample(random) as usize)
}

/// A waiting time whose rate has a gamma distribution of this shape and rate.
pub(super) struct Lomax {
    pub(super) shape: f64,
    pub(super) rate: f64,
}

impl Lomax {
    pub(super) fn draw(&self, random: &mut Random) -> f64 {
        self.rate * (exponential(random) / self.shape).exp_m1()
    }

    /// The chance to wait longer.
    pub(super) fn above(&self, time: f64) -> f64 {
        (-self.shape * (time / self.rate).ln_1p()).exp()
    }

    /// A draw between two times.
    pub(super) fn draw_from(&self, from: f64, to: f64, random: &mut Random) -> f64 {
        let (low, high) = (self.above(to), self.above(from));
        let above = low + (high - low) * random.random::<f64>();
        (self.rate * (-above.ln() / self.shape).exp_m1()).clamp(from, to)
    }
}
