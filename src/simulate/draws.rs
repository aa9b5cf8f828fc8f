//! Random draws.

use rand::RngExt;
use rand_distr::{Distribution, Exp1, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

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
