//! The Gamma-Gamma model of the size of checks.

use super::buyer::{Buyer, Buyers};
use super::estimates::Estimates;
use super::newton::{Surface, check_penalty, maximise};
use super::purchase_model::FittedPurchaseModel;
use crate::answer::options::options;
use crate::error::{Error, Result};
use crate::stats::{Jet, exact_sum, log_gamma};

const NAMES: [&str; 3] = ["p", "q", "v"];

options! {
    /// The Gamma-Gamma model of Fader and Hardie (2013, "The Gamma-Gamma model of monetary value",
    /// www.brucehardie.com/notes/025): what customers spend at a purchase on average.
    ///
    /// A customer's checks have a gamma distribution with the shape p and a scale of their own, the
    /// inverse of which has a gamma distribution with the shape q and the rate v over the customers.
    /// The mean of few checks is drawn towards that of all customers. How much customers spend is
    /// taken not to depend on how often they buy: look at the correlation.
    ///
    /// ```
    /// use winback::timing::{Buyers, GammaGamma};
    /// let buyers = Buyers::new(
    ///     &[1.0, 2.0, 3.0, 5.0, 2.0, 4.0, 1.0, 0.0],
    ///     &[9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 0.0],
    ///     &[10.0; 8],
    /// )?;
    /// let checks = vec![20.0, 35.0, 18.0, 50.0, 24.0, 31.0, 90.0, 0.0];
    /// let model = GammaGamma::default().fit(&buyers.with_mean_checks(checks)?)?;
    /// // One check of 90 is not yet a habit; of those without any the mean is expected.
    /// assert!(model.expected_check(1, 90.0) < 65.0);
    /// assert_eq!(model.expected_check(0, 0.0), model.population_mean());
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub struct GammaGamma {
        /// Draws the parameters towards 0: the mean log-likelihood of a customer is lessened by so
        /// many times the sum of their squares, v in units of the mean check. 0 or more
        #[skip(cli)]
        penalty: f64 = 0.0,
    }
}

/// A fitted Gamma-Gamma model.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(remote = "Self")]
pub struct FittedGammaGamma {
    params: [f64; 3],
    estimates: Estimates,
    correlation: Option<f64>,
}

crate::model_file::checked_serde!(FittedGammaGamma);

impl GammaGamma {
    /// Fits p, q and v by maximum likelihood to the customers who bought again for more than
    /// nothing.
    ///
    /// # Errors
    /// [`Error::MissingColumn`](crate::Error::MissingColumn) without mean checks,
    /// [`Error::TooLittleData`] where nobody bought again for more than nothing,
    /// [`Error::NotConverged`] where the checks have no mean (q is not above 1).
    pub fn fit(&self, buyers: &Buyers) -> Result<FittedGammaGamma> {
        check_penalty(self.penalty)?;
        let rows = Spenders::new(buyers)?;
        let penalised = |at: &[f64; 3]| rows.surface(at).penalised(at, self.penalty);
        let starts = [[2.0, 3.0, 1.0], [6.0, 4.0, 0.5], [30.0, 10.0, 0.3]];
        let found = maximise(&starts, rows.rows.len() as f64, penalised);
        let [p, q, v] = found.at;
        if q <= 1.0 {
            return Err(Error::NotConverged(format!(
                "the best q is {q}, and with one up to 1 the mean check of all customers is infinite"
            )));
        }
        let params = [p, q, v * rows.unit];
        let customers = rows.rows.len();
        let mean = found.without_penalty(self.penalty) - rows.unit.ln();
        let fit = (customers as u64, mean * customers as f64);
        let mut estimates = Estimates::found(&NAMES, params, &found, fit, meaning);
        let again = buyers.rows().iter().filter(|buyer| buyer.frequency() > 0).count();
        if again > customers {
            estimates.remark_too(format!(
                "{} of {again} customers who bought again are left out, for the mean of their checks is \
                 not above 0",
                again - customers
            ));
        }
        Ok(FittedGammaGamma { params, estimates, correlation: rows.correlation() })
    }

    /// The model with known parameters p, q and v.
    ///
    /// # Errors
    /// [`Error::Argument`] for a parameter that is not from 1e-100 to 1e100, or a q up to 1, with
    /// which the mean check of all customers is infinite.
    pub fn with_params(&self, params: [f64; 3]) -> Result<FittedGammaGamma> {
        let estimates = Estimates::known(&NAMES, &params)?;
        check_q(params[1])?;
        Ok(FittedGammaGamma { params, estimates, correlation: None })
    }
}

impl FittedGammaGamma {
    /// The parameters p, q and v with their standard errors, from the customers who bought again
    /// for more than nothing.
    pub fn estimates(&self) -> &Estimates {
        &self.estimates
    }

    /// # Errors
    /// As [`GammaGamma::with_params`], and for estimates of other parameters.
    fn check(&self) -> Result<()> {
        self.estimates.check(&NAMES, &self.params)?;
        check_q(self.params[1])
    }

    /// The correlation between how often and for how much customers bought again, which the model
    /// takes to be 0. None where one of both is the same for all.
    pub fn correlation(&self) -> Option<f64> {
        self.correlation
    }

    /// The mean check of all customers: p v / (q − 1).
    pub fn population_mean(&self) -> f64 {
        self.expected_check(0, 0.0)
    }

    /// The mean of a customer's checks to come, p (v + x z) / (p x + q − 1), from the number of
    /// repeat purchases and the mean of their checks. A mean below 0 counts as 0.
    pub fn expected_check(&self, frequency: u64, mean_check: f64) -> f64 {
        let [p, q, v] = self.params;
        let x = frequency as f64;
        p * (v + x * mean_check.max(0.0)) / (p * x + q - 1.0)
    }

    /// What a customer is expected to spend within the time of [`LifetimeValue`], discounted.
    ///
    /// # Errors
    /// [`Error::Argument`] for an option out of range.
    pub fn lifetime_value(
        &self,
        model: &FittedPurchaseModel,
        buyer: Buyer,
        mean_check: f64,
        options: &LifetimeValue,
    ) -> Result<f64> {
        let purchases = options.discounted_purchases(model, buyer)?;
        Ok(purchases * self.expected_check(buyer.frequency(), mean_check) * options.margin)
    }
}

options! {
    /// Over what time a customer's value is summed, and how.
    ///
    /// What is bought within a step counts as paid at its end, so that the value of step i is
    /// divided by (1 + discount_rate)ⁱ; a last step that is cut short counts by its length.
    #[derive(Copy)]
    pub struct LifetimeValue {
        /// The time to come, in the model's unit. Above 0
        #[skip(cli)]
        horizon: f64 = 365.2425,
        /// The length of a step, in the model's unit: the mean month in days. Above 0
        #[skip(cli)]
        step: f64 = 30.436875,
        /// By how much a step lessens the value of money: 0.01 for 1 % a step. 0 or more
        #[skip(cli)]
        discount_rate: f64 = 0.0,
        /// The share of a check that is kept
        #[skip(cli)]
        margin: f64 = 1.0,
    }
}

/// Steps of a horizon at most.
const MOST_STEPS: f64 = 10_000.0;

impl LifetimeValue {
    /// The purchases expected within the horizon, each discounted.
    pub(super) fn discounted_purchases(
        &self,
        model: &FittedPurchaseModel,
        buyer: Buyer,
    ) -> Result<f64> {
        let LifetimeValue { horizon, step, discount_rate, margin } = *self;
        for (name, value) in [("horizon", horizon), ("step", step)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(Error::argument(name, value, "a finite time above 0"));
            }
        }
        if horizon / step > MOST_STEPS {
            return Err(Error::argument("horizon", horizon, "at most 10,000 steps"));
        }
        if !(discount_rate >= 0.0 && discount_rate.is_finite()) {
            return Err(Error::argument(
                "discount_rate",
                discount_rate,
                "a finite rate, 0 or more",
            ));
        }
        if !margin.is_finite() {
            return Err(Error::argument("margin", margin, "a finite share"));
        }
        if discount_rate == 0.0 {
            return model.expected_purchases(buyer, horizon);
        }
        let (mut sum, mut before, mut steps) = (0.0, 0.0, 0.0);
        while steps * step < horizon {
            steps += 1.0;
            let end = (steps * step).min(horizon);
            let until = model.expected_purchases(buyer, end)?;
            sum += (until - before) * (-(end / step) * discount_rate.ln_1p()).exp();
            before = until;
        }
        Ok(sum)
    }
}

/// Those who bought again for more than nothing, by rising frequency and mean check, the latter in
/// units of its mean.
struct Spenders {
    rows: Vec<(u64, f64)>,
    unit: f64,
}

impl Spenders {
    fn new(buyers: &Buyers) -> Result<Self> {
        let checks = buyers.known_checks()?;
        let all = buyers.rows().iter().map(Buyer::frequency).zip(checks.iter().copied());
        let mut rows: Vec<(u64, f64)> = all.filter(|(x, check)| *x > 0 && *check > 0.0).collect();
        if rows.is_empty() {
            return Err(Error::TooLittleData(format!(
                "none of {} customers bought again for more than nothing",
                buyers.rows().len()
            )));
        }
        rows.sort_unstable_by_key(|(x, check)| (*x, check.to_bits()));
        let unit = exact_sum(rows.iter().map(|row| row.1)) / rows.len() as f64;
        rows.iter_mut().for_each(|row| row.1 /= unit);
        Ok(Spenders { rows, unit })
    }

    /// The mean log-likelihood and its derivatives.
    fn surface(&self, at: &[f64; 3]) -> Surface<3> {
        let [p, q, v] = *at;
        let of_q = log_gamma(q);
        let mut mean = Surface::sum(&self.rows, |rows| {
            let mut sum = Surface::zero();
            for same in rows.chunk_by(|a, b| a.0 == b.0) {
                let x = same[0].0 as f64;
                let (own, all) = (log_gamma(p * x), log_gamma(p * x + q));
                same.iter()
                    .for_each(|&(_, z)| sum.add(&of_row([p, q, v], [x, z], own, all, of_q), 1.0));
            }
            sum
        });
        mean.scale(1.0 / self.rows.len() as f64);
        mean
    }

    /// Pearson's correlation of frequency and mean check.
    fn correlation(&self) -> Option<f64> {
        let n = self.rows.len() as f64;
        let x = |row: &(u64, f64)| row.0 as f64;
        let z = |row: &(u64, f64)| row.1;
        let mean = |of: &dyn Fn(&(u64, f64)) -> f64| exact_sum(self.rows.iter().map(of)) / n;
        let (mx, mz) = (mean(&x), mean(&z));
        let xz = mean(&|row| (x(row) - mx) * (z(row) - mz));
        let (xx, zz) = (mean(&|row| (x(row) - mx).powi(2)), mean(&|row| (z(row) - mz).powi(2)));
        // A spread that is rounding is none.
        let spread = |square: f64, mean: f64| square > 1e-24 * mean * mean;
        (spread(xx, mx) && spread(zz, mz)).then(|| (xz / (xx * zz).sqrt()).clamp(-1.0, 1.0))
    }
}

/// ln Γ(px + q) / Γ(px) Γ(q) · vᵠ zᵖˣ⁻¹ xᵖˣ / (xz + v)ᵖˣ⁺ᵠ; the gamma functions are `all`, `own` and
/// `of_q`.
fn of_row([p, q, v]: [f64; 3], [x, z]: [f64; 2], own: Jet, all: Jet, of_q: Jet) -> Surface<3> {
    let spent = x * z;
    let total = spent + v;
    let (share, rest) = ((spent / total).ln(), (v / total).ln());
    let mut row = Surface::zero();
    row.value = all.value - own.value - of_q.value + p * x * share + q * rest - z.ln();
    row.gradient = [
        x * (all.slope - own.slope + share),
        all.slope - of_q.slope + rest,
        q / v - (p * x + q) / total,
    ];
    row.curvature[0] = [x * x * (all.curvature - own.curvature), x * all.curvature, -x / total];
    row.curvature[1][1] = all.curvature - of_q.curvature;
    row.curvature[1][2] = 1.0 / v - 1.0 / total;
    row.curvature[2][2] = (p * x + q) / (total * total) - q / (v * v);
    row
}

fn check_q(q: f64) -> Result<()> {
    if q > 1.0 { Ok(()) } else { Err(Error::argument("q", q, "a finite number above 1")) }
}

/// What it means that a parameter runs to 0 or, where `up`, to infinity.
fn meaning(place: usize, up: bool) -> String {
    match (place, up) {
        (0, true) => "each customer's checks are all alike, so that p has no limit".into(),
        (_, true) => "the customers' checks show no difference, so that only v / q is known".into(),
        _ => format!("the best {} is 0", NAMES[place]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_those_of_the_values() {
        let buyers = Buyers::new(&[1.0, 3.0, 1.0, 12.0], &[1.0; 4], &[2.0; 4]).unwrap();
        let buyers = buyers.with_mean_checks(vec![20.0, 35.0, 80.0, 28.0]).unwrap();
        let rows = Spenders::new(&buyers).unwrap();
        for at in [[6.2, 3.7, 0.4], [0.8, 1.3, 5.0]] {
            let here = rows.surface(&at);
            for i in 0..3 {
                let moved = |by: f64| {
                    let mut at = at;
                    at[i] *= 1.0 + by;
                    rows.surface(&at)
                };
                let (below, above, step) = (moved(-1e-5), moved(1e-5), 2e-5 * at[i]);
                let near = |found: f64, expected: f64| {
                    let off = (found - expected).abs();
                    assert!(off < 1e-7 * expected.abs().max(1.0), "{i}: {found} and {expected}");
                };
                near(here.gradient[i], (above.value - below.value) / step);
                for j in i..3 {
                    near(here.curvature[i][j], (above.gradient[j] - below.gradient[j]) / step);
                }
            }
        }
    }
}
