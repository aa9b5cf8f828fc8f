//! One guess at what nobody sees of a customer, and the choice of guesses by their weight.

use rand::RngExt;

use super::draws::Random;
use super::process::{MOOD, OFFENCE};
use crate::stats::{normal_density, upper_tail};

/// Variance of an answer around its level, rounded to whole points.
const ANSWER_VARIANCE: f64 = 1.0 + 1.0 / 12.0;

/// One guess.
#[derive(Clone, Copy)]
pub(super) struct Particle {
    /// Parts of purchases expected since the last one of a customer whose rate is 1; and those before,
    /// with all visits.
    pub(super) since: f64,
    pub(super) before: f64,
    /// The log-likelihood of all that is in `weight` and depends on the customer's rate.
    pub(super) told: f64,
    /// Pauses so far, and days outside of them.
    pub(super) pauses: f64,
    pub(super) between: f64,
    /// The part of the pause that the customer is in; 0: none.
    pub(super) part: u8,
    /// The hazard of leaving summed up to the decision, where the customer's own is 1.
    pub(super) strain: f64,
    pub(super) complaints: f64,
    pub(super) decided: Option<f64>,
    pub(super) fade: f64,
    /// The level of answers, as far as it is known.
    pub(super) mood: [f64; 2],
    pub(super) weight: f64,
}

impl Particle {
    pub(super) const NEW: Particle = Particle {
        since: 0.0,
        before: 0.0,
        told: 0.0,
        pauses: 0.0,
        between: 0.0,
        part: 0,
        strain: 0.0,
        complaints: 0.0,
        decided: None,
        fade: 0.0,
        mood: [MOOD[0], MOOD[1] * MOOD[1]],
        weight: 0.0,
    };

    /// Weighs the guess by a log-likelihood in place of the one told before.
    pub(super) fn tell(&mut self, likelihood: f64) {
        self.weight += likelihood - self.told;
        self.told = likelihood;
    }

    pub(super) fn fade_at(&self, t: f64) -> f64 {
        match self.decided {
            None => 1.0,
            Some(decided) if self.fade > 0.0 => (1.0 - (t - decided) / self.fade).max(0.0),
            Some(_) => 0.0,
        }
    }

    pub(super) fn interest_of_pause(&self) -> f64 {
        if self.part == 0 { 1.0 } else { 0.1 }
    }

    /// Weighs the guess by an answer, and learns of the level of answers from it.
    pub(super) fn answer(&mut self, score: f64) {
        let [level, variance] = self.mood;
        let fading = if self.decided.is_some() { OFFENCE } else { 0.0 };
        let off = OFFENCE * self.complaints + fading;
        let all = variance + ANSWER_VARIANCE;
        if score > 0.0 && score < 10.0 {
            let z = (score - level + off) / all.sqrt();
            self.weight += (normal_density(z) / all.sqrt()).max(1e-300).ln();
            let gain = variance / all;
            self.mood = [level + gain * (score - level + off), variance * (1.0 - gain)];
            return;
        }
        // At the ends of the scale all that lies beyond is the same answer.
        let side = if score > 0.0 { 1.0 } else { -1.0 };
        let end = if score > 0.0 { 9.5 } else { 0.5 };
        let all = variance + 1.0;
        let z = side * (end - level + off) / all.sqrt();
        let tail = upper_tail(z).max(1e-12);
        self.weight += tail.ln();
        let pull = normal_density(z) / tail;
        let shrink = (pull * (pull - z)).clamp(0.0, 1.0);
        self.mood = [
            level + side * variance / all.sqrt() * pull,
            variance * (1.0 - variance / all * shrink),
        ];
    }
}

/// Makes weights relative to the largest; where few guesses hold most of the weight, draws anew, each as
/// often as its weight says.
pub(super) fn resample(
    particles: &mut Vec<Particle>,
    spare: &mut Vec<Particle>,
    random: &mut Random,
) {
    let top = particles.iter().map(|p| p.weight).fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        // No guess holds: then the customer neither pauses nor leaves.
        for particle in particles {
            (particle.part, particle.decided, particle.weight) = (0, None, 0.0);
        }
        return;
    }
    let (mut sum, mut squares) = (0.0, 0.0);
    for particle in particles.iter_mut() {
        particle.weight -= top;
        let weight = particle.weight.exp();
        sum += weight;
        squares += weight * weight;
    }
    if sum * sum > 0.5 * squares * particles.len() as f64 {
        return;
    }
    spare.clear();
    let step = sum / particles.len() as f64;
    let mut at = step * random.random::<f64>();
    let mut reached = 0.0;
    for particle in particles.iter() {
        reached += particle.weight.exp();
        while at < reached && spare.len() < particles.len() {
            spare.push(Particle { weight: 0.0, ..*particle });
            at += step;
        }
    }
    // What rounding may leave out.
    while let (true, Some(&last)) = (spare.len() < particles.len(), spare.last()) {
        spare.push(last);
    }
    std::mem::swap(particles, spare);
}
