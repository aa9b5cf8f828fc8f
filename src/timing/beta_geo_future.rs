//! What the beta-geometric models expect of a customer.

use super::beta_geo_kernel::{BetaGeoKernel, Silence, softplus};
use super::buyer::Buyer;
use super::later_purchases::LaterPurchases;
use super::quadrature::gauss_legendre;
use super::root::rising_root;

impl BetaGeoKernel {
    pub(super) fn log_p_alive(&self, buyer: &Buyer) -> f64 {
        self.log_odds_alive(buyer).map_or(0.0, |log_odds| -softplus(-log_odds))
    }

    /// The chance of a purchase within `time`, of a customer who is still there.
    pub(super) fn p_within_if_alive(&self, buyer: &Buyer, time: f64) -> f64 {
        if self.k == 1 {
            let known = self.at[1] + buyer.t();
            return -(-self.shape(buyer) * (time / known).ln_1p()).exp_m1();
        }
        let log_silent = self.silence_until(buyer, time) - self.silence(buyer).log;
        if log_silent < -0.1 {
            return -log_silent.exp_m1();
        }
        // Where silence is nearly certain, the chance of a purchase itself has to be summed.
        let mut sum = 0.0;
        gauss_legendre(0.0, time, false, |later, weight| {
            let silent = self.silence_until(buyer, later) - self.silence(buyer).log;
            sum += weight * self.hazard(buyer, later) * silent.exp();
        });
        sum
    }

    /// How long a customer who buys again waits, at most, with the chance `u`.
    pub(super) fn wait_if_ever(&self, buyer: &Buyer, u: f64) -> f64 {
        let known = self.at[1] + buyer.t();
        let target = -(-u).ln_1p();
        // z = ln(1 + wait / known), exact for k = 1.
        let z = target / self.shape(buyer);
        if self.k == 1 {
            return known * z.exp_m1();
        }
        let silent = self.silence(buyer).log;
        let z = rising_root(z * f64::from(self.k), |z| {
            let wait = known * z.exp_m1();
            let fallen = silent - self.silence_until(buyer, wait) - target;
            (fallen, self.hazard(buyer, wait) * (known + wait))
        });
        known * z.exp_m1()
    }

    /// The mean wait of a customer who buys again, if it is finite.
    pub(super) fn mean_wait_if_ever(&self, buyer: &Buyer) -> Option<f64> {
        let (n, alpha) = (self.shape(buyer), self.at[1]);
        if n <= 1.0 {
            return None;
        }
        if self.k == 1 {
            return Some((alpha + buyer.t()) / (n - 1.0));
        }
        // Of the times between purchases beyond the silence so far, the mean; less that silence.
        let longer = Silence::new(self.k + 1, n - 1.0, alpha, buyer.recency(), buyer.t());
        let share = (longer.log - self.silence(buyer).log).exp();
        let mean = (alpha + buyer.recency()) * f64::from(self.k) / (n - 1.0);
        Some((mean * share - (buyer.t() - buyer.recency())).max(0.0))
    }

    /// The purchases expected within `time`, of a customer who is still there.
    pub(super) fn expected_if_alive(&self, buyer: &Buyer, time: f64) -> f64 {
        self.over_phases(buyer, time, LaterPurchases::expected)
    }

    /// The chance of a customer who is still there to be so after `time`.
    pub(super) fn stays(&self, buyer: &Buyer, time: f64) -> f64 {
        (1.0 - self.over_phases(buyer, time, LaterPurchases::leaves)).clamp(0.0, 1.0)
    }

    /// The mean of a figure over the number of steps that may have been done since the last purchase.
    pub(super) fn over_phases(
        &self,
        buyer: &Buyer,
        time: f64,
        figure: impl Fn(&LaterPurchases, u32, f64) -> f64,
    ) -> f64 {
        let [_, alpha, a, b] = self.at;
        let known = alpha + buyer.t();
        let n = self.shape(buyer);
        let later = LaterPurchases {
            k: self.k,
            a,
            b: b + self.chances_to_leave(buyer.frequency()) as f64,
            odds: time / known,
        };
        let rest = (buyer.t() - buyer.recency()) / known;
        let (mut term, mut sum, mut mean) = (1.0, 0.0, 0.0);
        for j in 0..self.k {
            let phase = f64::from(j);
            if term > 0.0 {
                sum += term;
                mean += term * figure(&later, j, n + phase);
            }
            term *= (n + phase) / (phase + 1.0) * rest;
        }
        mean / sum
    }

    /// The logarithm of the chance of silence since the last purchase and until `later`.
    fn silence_until(&self, buyer: &Buyer, later: f64) -> f64 {
        let until = buyer.t() + later;
        Silence::new(self.k, self.shape(buyer), self.at[1], buyer.recency(), until).log
    }

    /// The rate at which a customer who is still there, and silent until `later`, buys then.
    fn hazard(&self, buyer: &Buyer, later: f64) -> f64 {
        let known = self.at[1] + buyer.t() + later;
        let rest = (buyer.t() + later - buyer.recency()) / known;
        let n = self.shape(buyer);
        let (mut term, mut sum) = (1.0, 0.0);
        for j in 0..self.k {
            let phase = f64::from(j);
            sum += term;
            term *= (n + phase) / (phase + 1.0) * rest;
        }
        // The last term has one factor too many: (1 − q) / k.
        let last = if rest > 0.0 { term * f64::from(self.k) / rest } else { 0.0 };
        last / (sum * known)
    }
}
