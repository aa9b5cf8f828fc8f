//! The Gamma-Gamma model of the size of checks.

use super::buyer::Buyer;
use super::buyers::Buyers;
use super::estimates::Estimates;
use super::merged::thinned;
use super::newton::{check_penalty, maximise, starts_from_few};
use super::purchase_model::FittedPurchaseModel;
use super::spenders::{Spender, Spenders, surface};
use crate::answer::options::options;
use crate::error::{Error, Result};

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
        let of = |rows: &[Spender], at: &[f64; 3]| {
            Ok(surface(rows, at, buyers.progress())?.penalised(at, self.penalty))
        };
        let mut starts = vec![[2.0, 3.0, 1.0], [6.0, 4.0, 0.5], [30.0, 10.0, 0.3]];
        if let Some(few) = thinned(&rows.rows) {
            starts = starts_from_few(&starts, few.len() as f64, |at| of(&few, at))?;
        }
        let found = maximise(&starts, rows.rows.len() as f64, |at| of(&rows.rows, at))?;
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

    /// How the logarithm of the expected check moves with those of p, q and v.
    #[cfg(feature = "io")]
    pub(super) fn log_slopes(&self, frequency: u64, mean_check: f64) -> [f64; 3] {
        let [p, q, v] = self.params;
        let x = frequency as f64;
        let weight = p * x + q - 1.0;
        [(q - 1.0) / weight, -q / weight, v / (v + x * mean_check.max(0.0))]
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
        /// The share of a check that is kept, from -1000 to 1000
        #[skip(cli)]
        margin: f64 = 1.0,
    }
}

/// A share is rarely above 1, but whoever counts in another currency multiplies.
const LARGEST_MARGIN: f64 = 1_000.0;
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
        if margin.is_nan() || margin.abs() > LARGEST_MARGIN {
            return Err(Error::argument(
                "margin",
                margin,
                "a share of a check, from -1000 to 1000",
            ));
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
