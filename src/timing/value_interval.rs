//! How uncertain expected values are because the parameters are estimates.
//!
//! By the delta method on the scale of logarithms: with g the slopes of ln V in the logarithms of
//! the parameters and Σ the covariance of the latter, from the observed information, V lies
//! between V e^(−1.96 σ) and V e^(1.96 σ) with 95 %, σ² = gᵀ Σ g. The model of purchases and that
//! of checks are independent, so that their parts of σ² add up.

use super::buyer::Buyer;
use super::gamma_gamma::{FittedGammaGamma, LifetimeValue};
use super::purchase_model::FittedPurchaseModel;
use crate::stats::Z95;

/// Parameters of both models.
const ALL: usize = 7;
/// By so much the logarithm of a parameter is moved for a slope.
const STEP: f64 = 1e-4;

/// How an expected value moves with the logarithms of the parameters, those of purchases first.
pub(super) type Slopes = [f64; ALL];

/// What intervals of expected values are made of.
pub(super) struct ValueInterval {
    /// The model of purchases with each parameter a little smaller and larger.
    nearby: Vec<[FittedPurchaseModel; 2]>,
    /// Of the logarithms of all parameters.
    covariance: [[f64; ALL]; ALL],
}

impl ValueInterval {
    /// None where one of the models does not know how well it knows its parameters; then which.
    pub(super) fn new(
        purchases: &FittedPurchaseModel,
        checks: &FittedGammaGamma,
    ) -> Result<Self, &'static str> {
        let of_purchases = purchases.estimates().covariance().ok_or("purchases")?;
        let of_checks = checks.estimates().covariance().ok_or("checks")?;
        let mut covariance = [[0.0; ALL]; ALL];
        let first = of_purchases.len();
        for (start, part) in [(0, of_purchases), (first, of_checks)] {
            for (i, row) in part.iter().enumerate() {
                covariance[start + i][start..start + row.len()].copy_from_slice(row);
            }
        }
        let nearby = (0..first).map(|i| [-STEP, STEP].map(|by| purchases.moved(i, by))).collect();
        Ok(ValueInterval { nearby, covariance })
    }

    /// The slopes of the logarithm of a customer's discounted purchases.
    pub(super) fn slopes(&self, options: &LifetimeValue, buyer: Buyer) -> [f64; 4] {
        let log = |model: &FittedPurchaseModel| {
            options.discounted_purchases(model, buyer).unwrap_or(f64::NAN).ln()
        };
        let mut slopes = [0.0; 4];
        for (slope, [below, above]) in slopes.iter_mut().zip(&self.nearby) {
            *slope = (log(above) - log(below)) / (2.0 * STEP);
        }
        slopes
    }

    /// The 95 % interval of a value whose logarithm has these slopes; none without a width.
    pub(super) fn around(&self, value: f64, slopes: &Slopes) -> Option<(f64, f64)> {
        let row = |i: usize| -> f64 { (0..ALL).map(|j| self.covariance[i][j] * slopes[j]).sum() };
        let variance: f64 = (0..ALL).map(|i| slopes[i] * row(i)).sum();
        let factor = (Z95 * variance.sqrt()).exp();
        let (near, far) = (value / factor, value * factor);
        let known = value != 0.0 && factor > 1.0 && far.is_finite();
        known.then_some(if value > 0.0 { (near, far) } else { (far, near) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timing::{BetaGeo, Buyers, GammaGamma, ModifiedBetaGeo, ParetoNBD};

    /// Numbers from 0 to 1 that look drawn.
    fn uniform(seed: u64) -> impl FnMut() -> f64 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
        }
    }

    /// 2,000 customers with rates, chances to leave and checks of their own.
    fn customers() -> Buyers {
        let mut draw = uniform(5);
        let (mut rows, mut checks) = ([vec![], vec![], vec![]], Vec::new());
        for _ in 0..2_000 {
            let (known, rate, leaves) = (50.0 + 50.0 * draw(), 0.4 * draw() * draw(), draw() * 0.4);
            let (mut time, mut last, mut count) = (0.0, 0.0, 0.0);
            while draw() > leaves {
                time -= draw().ln() / rate;
                if time > known {
                    break;
                }
                (last, count) = (time, count + 1.0);
            }
            rows[0].push(count);
            rows[1].push(last);
            rows[2].push(known);
            let level = 20.0 / (0.3 + draw());
            let own: f64 = (0..count as u32).map(|_| level * (0.5 - draw().ln())).sum();
            checks.push(if count > 0.0 { own / count } else { 0.0 });
        }
        Buyers::new(&rows[0], &rows[1], &rows[2]).unwrap().with_mean_checks(checks).unwrap()
    }

    /// The lower triangle whose product with its transpose is the covariance.
    fn root(covariance: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let n = covariance.len();
        let mut root = vec![vec![0.0; n]; n];
        for i in 0..n {
            for j in 0..=i {
                let rest: f64 = (0..j).map(|k| root[i][k] * root[j][k]).sum();
                root[i][j] = match i == j {
                    true => (covariance[i][i] - rest).sqrt(),
                    false => (covariance[i][j] - rest) / root[j][j],
                };
            }
        }
        root
    }

    /// Parameters drawn from the normal distribution of their logarithms.
    fn drawn<const N: usize>(
        at: &[f64],
        root: &[Vec<f64>],
        draw: &mut impl FnMut() -> f64,
    ) -> [f64; N] {
        let normal: Vec<f64> = (0..N)
            .map(|_| (-2.0 * draw().ln()).sqrt() * (std::f64::consts::TAU * draw()).cos())
            .collect();
        std::array::from_fn(|i| at[i] * (0..=i).map(|j| root[i][j] * normal[j]).sum::<f64>().exp())
    }

    /// The spread of values against that of values with drawn parameters.
    #[test]
    fn intervals_are_those_of_drawn_parameters() {
        let customers = customers();
        let checks = GammaGamma::default().fit(&customers).unwrap();
        let options = LifetimeValue::default().horizon(52.0).step(4.35).discount_rate(0.01);
        let one = Buyer::new(3.0, 40.0, 60.0).unwrap();
        for kind in 0..3 {
            let fit = match kind {
                0 => BetaGeo::default().fit(&customers),
                1 => ModifiedBetaGeo::default().fit(&customers),
                _ => ParetoNBD::default().fit(&customers),
            };
            let model = fit.unwrap();
            let interval = ValueInterval::new(&model, &checks).unwrap();
            let mut slopes = [0.0; ALL];
            slopes[..4].copy_from_slice(&interval.slopes(&options, one));
            slopes[4..].copy_from_slice(&checks.log_slopes(3, 30.0));
            let value = checks.lifetime_value(&model, one, 30.0, &options).unwrap();
            let (low, high) = interval.around(value, &slopes).unwrap();

            let [of_purchases, of_checks] = [model.estimates(), checks.estimates()];
            let roots = [of_purchases, of_checks].map(|found| root(found.covariance().unwrap()));
            let mut draw = uniform(9);
            let mut logs: Vec<f64> = Vec::new();
            for _ in 0..4_000 {
                let at = drawn::<4>(of_purchases.params(), &roots[0], &mut draw);
                let other = match kind {
                    0 => BetaGeo::default().with_params(at),
                    1 => ModifiedBetaGeo::default().with_params(at),
                    _ => ParetoNBD::default().with_params(at),
                };
                let at = drawn::<3>(of_checks.params(), &roots[1], &mut draw);
                let Ok(checks) = GammaGamma::default().with_params(at) else { continue };
                let value = checks.lifetime_value(&other.unwrap(), one, 30.0, &options).unwrap();
                logs.push(value.ln());
            }
            let mean = logs.iter().sum::<f64>() / logs.len() as f64;
            let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>();
            let spread = (variance / logs.len() as f64).sqrt();
            let delta = (high / low).ln() / (2.0 * Z95);
            assert!((delta / spread - 1.0).abs() < 0.06, "{kind}: {delta} and {spread}");
            assert!((low * high - value * value).abs() < 1e-9 * value * value);
        }
    }

    #[test]
    fn known_parameters_have_no_interval() {
        let model = ModifiedBetaGeo::default().with_params([0.525, 6.18, 0.891, 1.61]).unwrap();
        let checks = GammaGamma::default().fit(&customers()).unwrap();
        assert_eq!(ValueInterval::new(&model, &checks).err(), Some("purchases"));
        let checks = GammaGamma::default().with_params([6.25, 3.74, 15.4]).unwrap();
        let fitted = ModifiedBetaGeo::default().fit(&customers()).unwrap();
        assert_eq!(ValueInterval::new(&fitted, &checks).err(), Some("checks"));
    }
}
