//! The Pareto/NBD model: purchases and leaving by rates that have gamma distributions.
//!
//! L = (r)ₓ αʳ βˢ [ (β + T)⁻ˢ (α + T)⁻ⁿ + s ∫ (β + y)⁻ˢ⁻¹ (α + y)⁻ⁿ dy ], over y from tₓ to T, with
//! n = r + x (Schmittlein, Morrison and Colombo 1987). Of a customer who is still there the density
//! of the next purchase after the time v is n/(α + T) · (1 + v/(α + T))⁻ⁿ⁻¹ (1 + v/(β + T))⁻ˢ, so
//! that all that is asked is an integral of two powers of one sign.

use super::beta_geo_kernel::{logistic, softplus};
use super::buyer::Buyer;
use super::merged::Merged;
use super::newton::Surface;
use super::power_integral::PowerIntegral;
use super::root::rising_root;
use crate::error::Result;
use crate::stats::log_gamma_step;

/// The model's parameters r, α, s, β.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct ParetoKernel {
    pub(super) at: [f64; 4],
}

impl ParetoKernel {
    pub(super) const NAMES: [&str; 4] = ["r", "alpha", "s", "beta"];

    /// The mean log-likelihood of customers and its derivatives.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) where the search is to end.
    pub(super) fn surface(&self, merged: &Merged) -> Result<Surface<4>> {
        let mut mean = Surface::sum(&merged.rows, &merged.progress, |rows| {
            let mut sum = Surface::zero();
            let mut known =
                (rows[0].0.frequency(), log_gamma_step(self.at[0], rows[0].0.frequency()));
            for (buyer, weight) in rows {
                if buyer.frequency() != known.0 {
                    known = (buyer.frequency(), log_gamma_step(self.at[0], buyer.frequency()));
                }
                let mut row = self.without_count(buyer);
                row.value += known.1.value;
                row.gradient[0] += known.1.slope;
                row.curvature[0][0] += known.1.curvature;
                sum.add(&row, *weight);
            }
            sum
        })?;
        mean.scale(1.0 / merged.customers);
        Ok(mean)
    }

    pub(super) fn log_likelihood(&self, buyer: &Buyer) -> f64 {
        self.without_count(buyer).value + log_gamma_step(self.at[0], buyer.frequency()).value
    }

    pub(super) fn log_p_alive(&self, buyer: &Buyer) -> f64 {
        // ln of s/β ∫ over the chance to be alive: both in units of the latter's function at tₓ.
        let from = buyer.recency();
        let (powers, [_, _, s, beta]) = (self.leaving(buyer), self.at);
        let silent = buyer.t() - from;
        let stayed = powers.p1 * (silent / powers.c1).ln_1p() + s * (silent / powers.c2).ln_1p();
        let left = (s / (beta + from)).ln() + powers.integral(silent, 0).ln();
        -softplus(left + stayed)
    }

    /// The chance of a purchase within `time`, infinity included, of a customer who is still there.
    pub(super) fn p_within_if_alive(&self, buyer: &Buyer, time: f64) -> f64 {
        let next = self.next(buyer);
        let sum = if time.is_finite() { next.integral(time, 0) } else { next.tail(0.0) };
        (next.p1 - 1.0) / next.c1 * sum
    }

    /// The chance of a customer who is still there to be so after `time`.
    pub(super) fn stays(&self, buyer: &Buyer, time: f64) -> f64 {
        let [_, _, s, beta] = self.at;
        (-s * (time / (beta + buyer.t())).min(f64::MAX).ln_1p()).exp()
    }

    /// The purchases expected within `time`, of a customer who is still there.
    pub(super) fn expected_if_alive(&self, buyer: &Buyer, time: f64) -> f64 {
        let [_, alpha, s, beta] = self.at;
        let known = beta + buyer.t();
        let growth = (time / known).min(f64::MAX).ln_1p();
        // ∫ (1 + v / (β + T))⁻ˢ dv, which is (β + T) · growth for s = 1.
        let exponent = (1.0 - s) * growth;
        let mean = if exponent.abs() < 1e-300 { 1.0 } else { exponent.exp_m1() / exponent };
        self.shape(buyer) / (alpha + buyer.t()) * known * growth * mean
    }

    /// How long a customer who buys again waits, at most, with the chance `u`.
    pub(super) fn wait_if_ever(&self, buyer: &Buyer, u: f64) -> f64 {
        let next = self.next(buyer);
        let whole = next.tail(0.0);
        let shorter = next.c1.min(next.c2);
        // In z = ln(1 + wait / shorter) the logarithm of what is left is nearly a straight line.
        let target = -(-u).ln_1p();
        let z = rising_root(target * whole / shorter, |z| {
            let wait = shorter * z.exp_m1();
            let left = next.tail(wait);
            ((whole / left).ln() - target, next.at(wait) * (shorter + wait) / left)
        });
        shorter * z.exp_m1()
    }

    /// The mean wait of a customer who buys again, if it is finite.
    pub(super) fn mean_wait_if_ever(&self, buyer: &Buyer) -> Option<f64> {
        let next = self.next(buyer);
        let finite = next.p1 + next.p2 > 2.0;
        finite.then(|| next.integral(f64::INFINITY, 1) / next.tail(0.0))
    }

    /// n = r + x: the shape of the rate's distribution, given the purchases.
    fn shape(&self, buyer: &Buyer) -> f64 {
        self.at[0] + buyer.frequency() as f64
    }

    /// The density of the next purchase, but for its factor.
    fn next(&self, buyer: &Buyer) -> PowerIntegral {
        let [_, alpha, s, beta] = self.at;
        PowerIntegral {
            c1: alpha + buyer.t(),
            p1: self.shape(buyer) + 1.0,
            c2: beta + buyer.t(),
            p2: s,
        }
    }

    /// The chance to leave after the last purchase and to be silent until then, but for its factor.
    fn leaving(&self, buyer: &Buyer) -> PowerIntegral {
        let [_, alpha, s, beta] = self.at;
        let from = buyer.recency();
        PowerIntegral { c1: alpha + from, p1: self.shape(buyer), c2: beta + from, p2: s + 1.0 }
    }

    /// ln (1 + T/β)⁻ˢ (1 + T/α)⁻ʳ (α + T)⁻ˣ.
    fn alive(&self, buyer: &Buyer) -> Surface<4> {
        let [r, alpha, s, beta] = self.at;
        let (x, n, t) = (buyer.frequency() as f64, self.shape(buyer), buyer.t());
        let (bought, stayed) = ((t / alpha).ln_1p(), (t / beta).ln_1p());
        let (own1, below1, own2, below2) =
            (1.0 / alpha, 1.0 / (alpha + t), 1.0 / beta, 1.0 / (beta + t));
        let mut of = Surface::zero();
        of.value = -r * bought - s * stayed - x * (alpha + t).ln();
        of.gradient = [-bought, r * own1 - n * below1, -stayed, s * (own2 - below2)];
        of.curvature[0][1] = own1 - below1;
        of.curvature[1][1] = n * below1 * below1 - r * own1 * own1;
        of.curvature[2][3] = own2 - below2;
        of.curvature[3][3] = s * (below2 * below2 - own2 * own2);
        of
    }

    /// The logarithm of s ∫ (1 + y/β)⁻ˢ⁻¹ (1 + y/α)⁻ʳ (α + y)⁻ˣ dy / β, whose derivatives are
    /// means over y; −∞ for tₓ = T.
    fn left(&self, buyer: &Buyer) -> Surface<4> {
        let [r, alpha, s, beta] = self.at;
        let (x, n, from) = (buyer.frequency() as f64, self.shape(buyer), buyer.recency());
        let powers = self.leaving(buyer);
        let (bought, stayed) = ((from / alpha).ln_1p(), (from / beta).ln_1p());
        let mut sum = 0.0;
        // Sums of ln(1 + y/c1), 1/(c1 + y), ln(1 + y/c2), 1/(c2 + y), y from tₓ on, and of their
        // products.
        let mut first = [0.0; 4];
        let mut second = [[0.0; 4]; 4];
        powers.each_node(buyer.t() - from, 0, |node| {
            let (above1, above2) = (1.0 / (powers.c1 + node.y), 1.0 / (powers.c2 + node.y));
            let parts = [node.log1, above1, node.log2, above2];
            sum += node.weight;
            for i in 0..4 {
                let part = node.weight * parts[i];
                first[i] += part;
                for j in i..4 {
                    second[i][j] += part * parts[j];
                }
            }
        });
        let mut of = Surface::zero();
        if sum <= 0.0 {
            of.value = f64::NEG_INFINITY;
            return of;
        }
        let mean = first.map(|part| part / sum);
        let (own1, own2) = (1.0 / alpha, 1.0 / beta);
        of.value =
            s.ln() - beta.ln() + sum.ln() - (s + 1.0) * stayed - r * bought - x * powers.c1.ln();
        of.gradient = [
            -bought - mean[0],
            r * own1 - n * mean[1],
            1.0 / s - stayed - mean[2],
            s * own2 - (s + 1.0) * mean[3],
        ];
        let factors = [-1.0, -n, -1.0, -(s + 1.0)];
        for i in 0..4 {
            for j in i..4 {
                let spread = second[i][j] / sum - mean[i] * mean[j];
                of.curvature[i][j] = factors[i] * factors[j] * spread;
            }
        }
        of.curvature[0][1] += own1 - mean[1];
        of.curvature[1][1] += n * second[1][1] / sum - r * own1 * own1;
        of.curvature[2][2] -= 1.0 / (s * s);
        of.curvature[2][3] += own2 - mean[3];
        of.curvature[3][3] += (s + 1.0) * second[3][3] / sum - s * own2 * own2;
        of
    }

    /// The logarithm of the likelihood without (r)ₓ.
    fn without_count(&self, buyer: &Buyer) -> Surface<4> {
        let (alive, left) = (self.alive(buyer), self.left(buyer));
        let log_odds = alive.value - left.value;
        if log_odds == f64::INFINITY {
            return alive;
        }
        let mut row = Surface::mix(&alive, &left, logistic(log_odds));
        row.value = left.value + softplus(log_odds);
        row
    }
}
