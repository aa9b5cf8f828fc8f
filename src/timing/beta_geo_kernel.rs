//! The likelihood of the beta-geometric models: purchases by a gamma-distributed rate, and a chance
//! to leave, with a beta distribution, after each purchase.
//!
//! With n = r + kx and q = (α + tₓ) / (α + T), the chance that a customer who is still there has
//! bought nothing since tₓ is Q = qⁿ Σ (n)ⱼ/j! (1 − q)ʲ, over j < k. The likelihood is
//!
//! L = (r)ₖₓ αʳ (α + tₓ)⁻ⁿ (b)ₘ₋₁ / (a + b)ₘ · ((b + m − 1) Q + a) · Π gapᵏ⁻¹ / Γ(k)ˣ
//!
//! where m, the purchases after which the customer may have left, is x, or x + 1 where already the
//! first counts; for m = 0 it is Q. Fader, Hardie and Lee 2005 for k = 1; Batislam, Denizel and
//! Filiztekin 2007 for m = x + 1; Platzer and Reutterer 2016, Reutterer, Platzer and Schröder 2021
//! for k > 1.

use super::buyer::Buyer;
use super::merged::Merged;
use super::newton::Surface;
use crate::error::Result;
use crate::stats::{Jet, log_gamma_step};

/// Which of the models, and its parameters r, α, a, b.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct BetaGeoKernel {
    /// Whether customers may leave after the first purchase too.
    pub(super) modified: bool,
    /// Shape of the times between purchases: k.
    pub(super) k: u32,
    pub(super) at: [f64; 4],
}

/// The logarithm of the chance of silence, Q, and its derivatives in n and α.
#[derive(Debug, Clone, Copy)]
pub(super) struct Silence {
    pub(super) log: f64,
    n: f64,
    alpha: f64,
    nn: f64,
    n_alpha: f64,
    alpha_alpha: f64,
}

impl Silence {
    /// Of a customer who bought last at `recency` and has been known for the time `t`.
    #[inline]
    pub(super) fn new(k: u32, n: f64, alpha: f64, recency: f64, t: f64) -> Self {
        let (early, late) = (alpha + recency, alpha + t);
        let silent = t - recency;
        let log_q = -(silent / early).ln_1p();
        let (below, above) = (1.0 / early, 1.0 / late);
        let by_alpha = silent * below * above; // of ln q
        let mut of = Silence {
            log: n * log_q,
            n: log_q,
            alpha: n * by_alpha,
            nn: 0.0,
            n_alpha: by_alpha,
            alpha_alpha: -n * by_alpha * (below + above),
        };
        if k > 1 {
            of.add_phases(k, n, silent * above, above);
        }
        of
    }

    /// Adds the logarithm of Σ (n)ⱼ/j! (1 − q)ʲ, whose derivatives are those of a mixture.
    fn add_phases(&mut self, k: u32, n: f64, rest: f64, above: f64) {
        let (mut term, mut sum) = (1.0, 0.0);
        let (mut digamma, mut trigamma) = (0.0, 0.0);
        // Sums of the terms times j, j², ψ(n + j) − ψ(n), its square, its slope, and it times j.
        let mut moments = [0.0; 6];
        for j in 0..k {
            let phase = f64::from(j);
            sum += term;
            let parts =
                [phase, phase * phase, digamma, digamma * digamma, trigamma, digamma * phase];
            moments.iter_mut().zip(parts).for_each(|(moment, part)| *moment += term * part);
            digamma += 1.0 / (n + phase);
            trigamma -= 1.0 / ((n + phase) * (n + phase));
            term *= (n + phase) / (phase + 1.0) * rest;
        }
        let [j, jj, d, dd, slope, dj] = moments.map(|moment| moment / sum);
        self.log += sum.ln();
        self.n += d;
        self.alpha -= j * above;
        self.nn += slope + dd - d * d;
        self.n_alpha -= (dj - d * j) * above;
        self.alpha_alpha += (j + jj - j * j) * above * above;
    }
}

/// What the likelihood of a row has from its x alone.
struct Counts {
    x: u64,
    /// The purchases after which the customer may have left: m.
    m: u64,
    n: f64,
    r: Jet,
    b: Jet,
    ab: Jet,
}

impl BetaGeoKernel {
    pub(super) const NAMES: [&str; 4] = ["r", "alpha", "a", "b"];

    /// The same with other parameters.
    pub(super) fn with(self, at: [f64; 4]) -> Self {
        BetaGeoKernel { at, ..self }
    }

    /// The mean log-likelihood of customers and its derivatives.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) where the search is to end.
    pub(super) fn surface(&self, merged: &Merged) -> Result<Surface<4>> {
        let mut mean = Surface::sum(&merged.rows, &merged.progress, |rows| {
            let mut sum = Surface::zero();
            let mut counts = self.counts(rows[0].0.frequency());
            for (buyer, weight) in rows {
                if buyer.frequency() != counts.x {
                    counts = self.counts(buyer.frequency());
                }
                sum.add(&self.of_row(buyer, &counts), *weight);
            }
            sum
        })?;
        mean.scale(1.0 / merged.customers);
        Ok(mean)
    }

    pub(super) fn log_likelihood(&self, buyer: &Buyer) -> f64 {
        self.of_row(buyer, &self.counts(buyer.frequency())).value
    }

    /// n = r + kx: the shape of the rate's distribution, given the purchases.
    pub(super) fn shape(&self, buyer: &Buyer) -> f64 {
        self.at[0] + f64::from(self.k) * buyer.frequency() as f64
    }

    /// The purchases after which the customer may have left: m.
    pub(super) fn chances_to_leave(&self, x: u64) -> u64 {
        x + u64::from(self.modified)
    }

    pub(super) fn silence(&self, buyer: &Buyer) -> Silence {
        Silence::new(self.k, self.shape(buyer), self.at[1], buyer.recency(), buyer.t())
    }

    /// ln((b + m − 1) Q / a): the log-odds of being a customer still; None where it is certain.
    pub(super) fn log_odds_alive(&self, buyer: &Buyer) -> Option<f64> {
        let m = self.chances_to_leave(buyer.frequency());
        let [_, _, a, b] = self.at;
        (m > 0).then(|| (b + (m - 1) as f64).ln() + self.silence(buyer).log - a.ln())
    }

    fn counts(&self, x: u64) -> Counts {
        let [r, _, a, b] = self.at;
        let m = self.chances_to_leave(x);
        let events = u64::from(self.k) * x;
        Counts {
            x,
            m,
            n: r + events as f64,
            r: log_gamma_step(r, events),
            b: log_gamma_step(b, m.saturating_sub(1)),
            ab: log_gamma_step(a + b, m),
        }
    }

    #[inline]
    fn of_row(&self, buyer: &Buyer, counts: &Counts) -> Surface<4> {
        let [r, alpha, a, b] = self.at;
        let n = counts.n;
        let silence = Silence::new(self.k, n, alpha, buyer.recency(), buyer.t());
        let mut stayed = Surface::zero();
        stayed.value = silence.log;
        stayed.gradient = [silence.n, silence.alpha, 0.0, 0.0];
        stayed.curvature[0][0] = silence.nn;
        stayed.curvature[0][1] = silence.n_alpha;
        stayed.curvature[1][1] = silence.alpha_alpha;
        if counts.m == 0 {
            return stayed;
        }
        let weight = b + (counts.m - 1) as f64;
        stayed.value += weight.ln();
        stayed.gradient[3] = 1.0 / weight;
        stayed.curvature[3][3] = -1.0 / (weight * weight);
        let mut left = Surface::zero();
        left.value = a.ln();
        left.gradient[2] = 1.0 / a;
        left.curvature[2][2] = -1.0 / (a * a);
        let log_odds = stayed.value - left.value;
        let mut row = Surface::mix(&stayed, &left, logistic(log_odds));
        // mix gives no value: it is the logarithm of the sum of both.
        row.value = left.value + softplus(log_odds);

        let early = alpha + buyer.recency();
        let (own, below) = (1.0 / alpha, 1.0 / early);
        let growth = (buyer.recency() / alpha).ln_1p(); // ln(α + tₓ) − ln α
        row.value += counts.r.value + counts.b.value
            - counts.ab.value
            - r * growth
            - (n - r) * early.ln()
            - counts.x as f64 * ln_factorial(self.k - 1);
        row.gradient[0] += counts.r.slope - growth;
        row.gradient[1] += r * own - n * below;
        row.gradient[2] -= counts.ab.slope;
        row.gradient[3] += counts.b.slope - counts.ab.slope;
        row.curvature[0][0] += counts.r.curvature;
        row.curvature[0][1] += own - below;
        row.curvature[1][1] += n * below * below - r * own * own;
        row.curvature[2][2] -= counts.ab.curvature;
        row.curvature[2][3] -= counts.ab.curvature;
        row.curvature[3][3] += counts.b.curvature - counts.ab.curvature;
        row
    }
}

fn ln_factorial(n: u32) -> f64 {
    (2..=n).map(|i| f64::from(i).ln()).sum()
}

/// 1 / (1 + e⁻ᶻ).
pub(super) fn logistic(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// ln(1 + eᶻ).
pub(super) fn softplus(z: f64) -> f64 {
    z.max(0.0) + (-z.abs()).exp().ln_1p()
}
