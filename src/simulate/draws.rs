//! Random draws and the chances of what is drawn.

use rand::RngExt;
use rand_distr::{Distribution, Exp1, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::stats::{normal_density, upper_tail};

pub(super) type Random = Xoshiro256PlusPlus;

pub(super) fn exponential(random: &mut Random) -> f64 {
    Exp1.sample(random)
}

pub(super) fn normal(random: &mut Random) -> f64 {
    StandardNormal.sample(random)
}

pub(super) fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}

pub(super) fn favourite(random: &mut Random, chance: f64, favourite: usize, choices: usize) -> i32 {
    let other = random.random_range(0..choices);
    let index = if random.random::<f64>() < chance { favourite } else { other };
    index as i32
}

/// The density at `x` of a variable whose logarithm is normal, but for the factor 1 / x.
pub(super) fn log_normal_density(x: f64, median: f64, sigma: f64) -> f64 {
    normal_density((x / median).ln() / sigma) / sigma
}

/// The chance that it is above `x`.
pub(super) fn log_normal_tail(x: f64, median: f64, sigma: f64) -> f64 {
    upper_tail((x / median).ln() / sigma)
}
