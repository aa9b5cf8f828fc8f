//! The chance of exactly so many purchases within a time.
//!
//! Of a customer who is still there, n purchases come either while they stay or with the n-th as the
//! last. Under the beta-geometric models both are products of a chance to stay and the tail of a
//! negative binomial distribution. Under the Pareto/NBD model the second is the integral of that
//! distribution's chance of n up to y over the density of leaving at y (Fader and Hardie 2014,
//! www.brucehardie.com/notes/028), in the logarithm of y, where it has one top.

use super::beta_geo_kernel::{BetaGeoKernel, logistic, softplus};
use super::buyer::Buyer;
use super::later_purchases::LaterPurchases;
use super::pareto_kernel::ParetoKernel;
use super::quadrature::gauss_legendre;
use crate::stats::{beta_cdf, log_gamma_step};

/// The logarithm of what is too small to matter beside the largest.
const NOTHING: f64 = 42.0;

impl BetaGeoKernel {
    /// The chance of so many purchases within `time`, of a customer who is still there.
    pub(super) fn p_count_if_alive(&self, buyer: &Buyer, time: f64, count: u64) -> f64 {
        let exactly = |later: &LaterPurchases, done, shape| later.exactly(done, shape, count);
        self.over_phases(buyer, time, exactly)
    }
}

impl LaterPurchases {
    /// The chance of exactly so many purchases where `done` steps of the next are done.
    fn exactly(&self, done: u32, shape: f64, count: u64) -> f64 {
        let z = if self.odds.is_finite() { self.odds / (1.0 + self.odds) } else { 1.0 };
        let enough = |purchases: u64| match purchases {
            0 => 1.0,
            n => beta_cdf(z, n as f64 * f64::from(self.k) - f64::from(done), shape),
        };
        let stays = |purchases: u64| {
            let (stay, all) = (self.b, self.a + self.b);
            let (stay, all) = (log_gamma_step(stay, purchases), log_gamma_step(all, purchases));
            (stay.value - all.value).exp()
        };
        let more = (enough(count) - enough(count + 1)).max(0.0);
        let last = count.checked_sub(1).map_or(0.0, |before| {
            stays(before) * self.a / (self.a + self.b + before as f64) * enough(count)
        });
        stays(count) * more + last
    }
}

impl ParetoKernel {
    /// The chance of so many purchases within `time`, of a customer who is still there.
    pub(super) fn p_count_if_alive(&self, buyer: &Buyer, time: f64, count: u64) -> f64 {
        if time == 0.0 {
            return if count == 0 { 1.0 } else { 0.0 };
        }
        let [r, alpha, s, beta] = self.at;
        let shape = r + buyer.frequency() as f64;
        let (known, known_to_leave) = (alpha + buyer.t(), beta + buyer.t());
        let n = count as f64;
        let ways = log_gamma_step(shape, count).value - log_gamma_step(1.0, count).value;
        // In v = ln(y / (α + T)); the shift makes of it ln(y / (β + T)).
        let (end, shift) = ((time / known).ln(), (known / known_to_leave).ln());
        let bought = |v: f64| ways + n * v - (shape + n) * softplus(v);
        let stays = (bought(end) - s * softplus(end + shift)).exp();
        let leaving = LogConcave {
            log: |v: f64| s.ln() + shift + v + bought(v) - (s + 1.0) * softplus(v + shift),
            slope: |v: f64| n + 1.0 - (shape + n) * logistic(v) - (s + 1.0) * logistic(v + shift),
            bend: |v: f64| {
                let bend = |v: f64| logistic(v) * logistic(-v);
                (shape + n) * bend(v) + (s + 1.0) * bend(v + shift)
            },
        };
        stays + leaving.integral(end)
    }
}

/// A function with one top, its logarithm given with its first and second derivative, the latter
/// without its sign.
struct LogConcave<L, S, B> {
    log: L,
    slope: S,
    bend: B,
}

impl<L: Fn(f64) -> f64, S: Fn(f64) -> f64, B: Fn(f64) -> f64> LogConcave<L, S, B> {
    /// The integral up to `end`, in pieces that are narrow where it bends.
    fn integral(&self, end: f64) -> f64 {
        let top = self.top(end);
        let highest = (self.log)(top);
        let mut sum = 0.0;
        for side in [-1.0, 1.0] {
            let mut v = top;
            while (self.log)(v) > highest - NOTHING && (side < 0.0 || v < end) {
                let width = (2.0 / (self.bend)(v).sqrt()).min(1.0);
                let next = (v + side * width).min(end);
                gauss_legendre(v.min(next), v.max(next), false, |v, weight| {
                    sum += weight * (self.log)(v).exp();
                });
                v = next;
            }
        }
        sum
    }

    /// Where it is highest, up to `end`.
    fn top(&self, end: f64) -> f64 {
        if (self.slope)(end) >= 0.0 {
            return end;
        }
        let (mut low, mut high, mut step) = (end - 1.0, end, 1.0);
        while (self.slope)(low) < 0.0 {
            (high, step) = (low, 2.0 * step);
            low -= step;
        }
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if (self.slope)(middle) < 0.0 { high = middle } else { low = middle }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use crate::timing::{
        BetaGeo, Buyer, FittedPurchaseModel, ModifiedBetaGeo, ParetoNBD, Regularity,
    };

    fn models() -> Vec<FittedPurchaseModel> {
        let beta_geo = [0.24, 4.4, 0.79, 2.4];
        let regular = ModifiedBetaGeo::default().regularity(Regularity::Given(3));
        vec![
            BetaGeo::default().with_params(beta_geo).unwrap(),
            ModifiedBetaGeo::default().with_params([0.525, 6.18, 0.891, 1.61]).unwrap(),
            regular.with_params([1.2, 3.0, 0.6, 1.1]).unwrap(),
            ParetoNBD::default().with_params([0.55, 10.6, 0.61, 11.7]).unwrap(),
            ParetoNBD::default().with_params([3.0, 2.0, 0.05, 200.0]).unwrap(),
        ]
    }

    /// Laws: the chances of all counts sum to 1, that of none is one less the chance of a purchase,
    /// and their mean is the number expected.
    #[test]
    fn counts_are_a_distribution_with_the_mean_that_is_expected() {
        let buyers = [
            Buyer::NEW,
            Buyer::new(0.0, 0.0, 38.9).unwrap(),
            Buyer::new(2.0, 30.4, 38.9).unwrap(),
            Buyer::new(40.0, 38.0, 39.0).unwrap(),
        ];
        for model in models() {
            for buyer in buyers {
                for within in [0.0, 1e-3, 2.0, 39.0] {
                    let of = |n| model.count_probability(buyer, within, n).unwrap();
                    let chances: Vec<f64> = (0..1_500).map(of).collect();
                    let sum: f64 = chances.iter().sum();
                    assert_relative_eq!(sum, 1.0, epsilon = 1e-9);
                    let any = model.purchase_probability(buyer, within).unwrap();
                    assert_relative_eq!(chances[0], 1.0 - any, epsilon = 1e-11);
                    let mean: f64 = chances.iter().zip(0..).map(|(p, n)| p * f64::from(n)).sum();
                    let expected = model.expected_purchases(buyer, within).unwrap();
                    assert_relative_eq!(mean, expected, epsilon = 1e-11, max_relative = 1e-6);
                }
            }
        }
    }

    /// lifetimes 0.11.3 at these parameters, n = 0, 1, 2, 5, 20: `probability_of_n_purchases_up_to_time`
    /// of the beta-geometric models, 39 weeks after the first purchase, and
    /// `conditional_probability_of_n_purchases_up_to_time` of the Pareto/NBD model.
    #[test]
    fn chances_are_those_of_lifetimes() {
        let [beta_geo, modified, _, pareto, _]: [FittedPurchaseModel; 5] =
            models().try_into().unwrap();
        let golden = [
            (
                &beta_geo,
                Buyer::NEW,
                [
                    0.5773392813314898,
                    0.1983495010047177,
                    0.0846441123214754,
                    0.017735885849547085,
                    0.00039422000047406277,
                ],
            ),
            (
                &modified,
                Buyer::NEW,
                [
                    0.582792003594248,
                    0.18271396203284257,
                    0.08682280563105459,
                    0.019362287750005272,
                    0.00030934558068582325,
                ],
            ),
            (
                &pareto,
                Buyer::new(0.0, 0.0, 38.86).unwrap(),
                [
                    0.9313457666538207,
                    0.04553247188814419,
                    0.014523266606937344,
                    0.0007941968459528007,
                    1.896641232900162e-9,
                ],
            ),
            (
                &pareto,
                Buyer::new(2.0, 30.43, 38.86).unwrap(),
                [
                    0.40938216591142546,
                    0.21921132915595298,
                    0.1514517362507137,
                    0.031821889929535406,
                    9.103813396523296e-7,
                ],
            ),
            (
                &pareto,
                Buyer::new(7.0, 20.0, 39.0).unwrap(),
                [
                    0.8018109677591042,
                    0.018905849986127283,
                    0.021825527115342955,
                    0.023781187345322606,
                    7.182685272465795e-5,
                ],
            ),
            (
                &pareto,
                Buyer::new(3.0, 30.0, 30.0).unwrap(),
                [
                    0.19630929515846593,
                    0.1875254253425124,
                    0.16720082139102438,
                    0.07345111103601243,
                    2.945948139359421e-5,
                ],
            ),
        ];
        for (model, buyer, expected) in golden {
            for (count, expected) in [0, 1, 2, 5, 20].into_iter().zip(expected) {
                let found = model.count_probability(buyer, 39.0, count).unwrap();
                assert_relative_eq!(found, expected, max_relative = 1e-7, epsilon = 1e-14);
            }
        }
    }

    #[test]
    fn many_purchases_and_long_times_are_no_trouble() {
        for model in models() {
            for (within, count) in [(1e15, 0), (1e15, 3), (39.0, 1_000_000), (1e300, 1 << 60)] {
                let chance = model.count_probability(Buyer::NEW, within, count).unwrap();
                assert!((0.0..=1.0).contains(&chance), "{within} {count}: {chance}");
            }
            assert!(model.count_probability(Buyer::NEW, -1.0, 0).is_err());
            assert!(model.count_probability(Buyer::NEW, 1.0, u64::MAX).is_err());
        }
    }
}
