//! The expected number of later purchases under the beta-geometric models, as an exact sum.
//!
//! E = Σ over m of P(the customer stays for m purchases) · P(the time is long enough for m): the
//! former is B(a, b + m − 1) / B(a, b), the latter the upper tail of a negative binomial
//! distribution, since k steps make a purchase and j of them are done. Unlike the closed form with
//! a hypergeometric function it has no singularity at a = 1, and all its terms are positive.

use super::quadrature::gauss_legendre;
use crate::stats::{beta_cdf, far_step, log_gamma_step};

/// Above so many terms the sum is an integral.
const MOST_TERMS: f64 = 16_384.0;
/// From this purchase on.
const FAR: u64 = 1_024;
/// A spread of the number of steps that is nothing beside their mean.
const SHARP: f64 = 1e-6;
/// A time to come so many times as long as all that is known counts as endless: further away floats
/// cannot tell certainty from near certainty.
const ENDLESS: f64 = 1e12;

/// Time to come and the chances to leave.
#[derive(Debug, Clone, Copy)]
pub(super) struct LaterPurchases {
    /// Steps of a purchase.
    pub(super) k: u32,
    pub(super) a: f64,
    pub(super) b: f64,
    /// The time to come over α + T.
    pub(super) odds: f64,
}

impl LaterPurchases {
    /// The purchases expected where `done` steps of the next are done and the rate's distribution
    /// has this shape.
    pub(super) fn expected(&self, done: u32, shape: f64) -> f64 {
        self.sum(done, shape, |_| 1.0)
    }

    /// The chance to leave after one of them: each counts by the chance that it is the last.
    pub(super) fn leaves(&self, done: u32, shape: f64) -> f64 {
        self.sum(done, shape, |before| self.a / (self.a + self.b + before)).min(1.0)
    }

    /// The sum over purchases, each by its weight given the number before it.
    fn sum(&self, done: u32, shape: f64, weight: impl Fn(f64) -> f64) -> f64 {
        if self.odds <= 0.0 {
            return 0.0;
        }
        if self.odds > ENDLESS {
            return LaterPurchases { odds: ENDLESS, ..*self }.sum(done, shape, weight);
        }
        let z = self.odds / (1.0 + self.odds);
        let decay = self.odds.recip().ln_1p(); // −ln z
        let mean = shape * self.odds;
        let spread = (mean * (1.0 + self.odds)).sqrt();
        let last = mean + 12.0 * spread + 45.0 / decay;
        if last > MOST_TERMS {
            return self.by_integral(done, shape, z, mean, weight);
        }
        // Below it the time is long enough for certain.
        let first = if mean > 256.0 { (mean - 12.0 * spread).max(0.0) as u64 } else { 0 };
        self.by_terms(done, shape, z, first, weight)
    }

    /// The sum by its terms; the chances of up to `first` steps are as good as 1.
    fn by_terms(
        &self,
        done: u32,
        shape: f64,
        z: f64,
        first: u64,
        weight: impl Fn(f64) -> f64,
    ) -> f64 {
        // Chances of exactly so many steps.
        let start = log_gamma_step(shape, first).value - log_gamma_step(1.0, first).value
            + first as f64 * z.ln()
            - shape * self.odds.ln_1p();
        let mut term = start.exp();
        let (mut steps, mut count) = (Vec::with_capacity(64), first as f64);
        let mut largest = 0.0f64;
        while term > 1e-19 * largest || (term >= largest && term > 0.0) {
            steps.push(term);
            largest = largest.max(term);
            term *= z * (shape + count) / (count + 1.0);
            count += 1.0;
        }
        // Upper tails, summed from the small terms on; what is cut off goes on like a geometric
        // series.
        let ratio = z * (shape + count) / (count + 1.0);
        let mut tail = if ratio < 1.0 { term / (1.0 - ratio) } else { 0.0 };
        for step in steps.iter_mut().rev() {
            tail += *step;
            *step = tail;
        }
        let (k, mut stays, mut sum) = (u64::from(self.k), 1.0, 0.0);
        let mut needed = k - u64::from(done);
        let mut purchase = 0.0;
        loop {
            sum += weight(purchase)
                * stays
                * match needed.checked_sub(first) {
                    None => 1.0,
                    Some(i) => match steps.get(i as usize) {
                        Some(tail) => tail.min(1.0),
                        None => return sum,
                    },
                };
            stays *= (self.b + purchase) / (self.a + self.b + purchase);
            purchase += 1.0;
            needed += k;
        }
    }

    /// The sum by Gregory's formula: an integral, in pieces that are narrow where the tail falls,
    /// and a correction at its start.
    fn by_integral(
        &self,
        done: u32,
        shape: f64,
        z: f64,
        mean: f64,
        weight: impl Fn(f64) -> f64,
    ) -> f64 {
        let k = f64::from(self.k);
        // Up to ten spreads below the mean all have had the time; and where the spread is nothing, up
        // to the mean itself, and half a step more, since the sum is of whole steps.
        let width = (1.0 / shape.sqrt()).min(1.0);
        let is_sharp = width < SHARP;
        let sharp = match is_sharp {
            true => (mean + f64::from(done) + 0.5) / k,
            false => mean / k * (1.0 - 10.0 * width),
        };
        let enough = |m: f64| {
            if m < sharp { 1.0 } else { beta_cdf(z, m * k - f64::from(done), shape) }
        };
        // The start of Γ(b + m − 1) / Γ(a + b + m − 1) over that of m = 1.
        let (near, far) = (log_gamma_step(self.b, FAR), log_gamma_step(self.a + self.b, FAR));
        let base = near.value - far.value + far_step(self.b + FAR as f64, self.a).value;
        let stays = |m: f64| (base - far_step(self.b + m - 1.0, self.a).value).exp();
        let (mut sum, mut chance) = (0.0, 1.0);
        for m in 1..FAR {
            sum += weight((m - 1) as f64) * chance * enough(m as f64);
            chance *= (self.b + (m - 1) as f64) / (self.a + self.b + (m - 1) as f64);
        }
        let start = FAR as f64;
        let at = |m: f64| weight(m - 1.0) * stays(m) * enough(m);
        let f: [f64; 4] = std::array::from_fn(|i| at(start + i as f64));
        sum += f[0] / 2.0 - (f[1] - f[0]) / 12.0 + (f[2] - 2.0 * f[1] + f[0]) / 24.0
            - 19.0 / 720.0 * (f[3] - 3.0 * f[2] + 3.0 * f[1] - f[0]);
        let mut low = start;
        loop {
            let before = low < sharp * (1.0 - 1e-12);
            let long = if before { (sharp / low).ln().min(1.0) } else { width };
            let mut part = 0.0;
            gauss_legendre(low.ln(), low.ln() + long, false, |log, weight| {
                part += weight * log.exp() * at(log.exp());
            });
            sum += part;
            low *= long.exp();
            // Also where the sum is no number, which never ends otherwise.
            let adds_nothing = part.is_nan() || part <= 1e-17 * sum || sum.is_nan();
            if (is_sharp && !before) || (low > mean / k && adds_nothing) {
                return sum;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// Both ways, where both can be gone.
    #[test]
    fn the_sum_and_the_integral_agree() {
        for k in 1..=4 {
            for (a, b, odds, shape) in [
                (0.8, 3.4, 120.0, 2.2),
                (1.0, 1.0, 900.0, 0.3),
                (0.01, 5.0, 30.0, 50.0),
                (2.5, 0.4, 400.0, 6.0),
                (0.3, 800.0, 3.0, 300.0),
            ] {
                for done in 0..k {
                    let later = LaterPurchases { k, a, b, odds };
                    let z = odds / (1.0 + odds);
                    let last = |before: f64| a / (a + b + before);
                    let terms = later.by_terms(done, shape, z, 0, |_| 1.0);
                    let integral = later.by_integral(done, shape, z, shape * odds, |_| 1.0);
                    assert_relative_eq!(terms, integral, max_relative = 1e-11);
                    let terms = later.by_terms(done, shape, z, 0, last);
                    let integral = later.by_integral(done, shape, z, shape * odds, last);
                    assert_relative_eq!(terms, integral, max_relative = 1e-10);
                }
            }
        }
    }
}
