//! What a fitted buy-till-you-die model says.

use super::beta_geo_kernel::BetaGeoKernel;
use super::buyer::Buyer;
use super::buyers::Buyers;
use super::estimates::Estimates;
use super::merged::Merged;
use super::newton::{Surface, check_penalty, maximise, starts_from_few};
use super::pareto_kernel::ParetoKernel;
use crate::error::{Error, Result};

/// How customers buy and leave.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) enum Process {
    BetaGeo(BetaGeoKernel),
    Pareto(ParetoKernel),
}

impl Process {
    fn names(&self) -> [&'static str; 4] {
        match self {
            Process::BetaGeo(_) => BetaGeoKernel::NAMES,
            Process::Pareto(_) => ParetoKernel::NAMES,
        }
    }

    fn at(&self) -> [f64; 4] {
        match self {
            Process::BetaGeo(kernel) => kernel.at,
            Process::Pareto(kernel) => kernel.at,
        }
    }

    fn with(self, at: [f64; 4]) -> Self {
        match self {
            Process::BetaGeo(kernel) => Process::BetaGeo(kernel.with(at)),
            Process::Pareto(_) => Process::Pareto(ParetoKernel { at }),
        }
    }

    fn surface(&self, merged: &Merged) -> Result<Surface<4>> {
        match self {
            Process::BetaGeo(kernel) => kernel.surface(merged),
            Process::Pareto(kernel) => kernel.surface(merged),
        }
    }

    /// Steps of a purchase.
    fn regularity(&self) -> u32 {
        match self {
            Process::BetaGeo(kernel) => kernel.k,
            Process::Pareto(_) => 1,
        }
    }

    /// The parameters with times in another unit.
    fn in_unit(&self, unit: f64) -> Self {
        let mut at = self.at();
        at[1] *= unit;
        if matches!(self, Process::Pareto(_)) {
            at[3] *= unit;
        }
        self.with(at)
    }

    /// Where to start, for customers who make so many steps in a unit of time.
    fn starts(&self, pace: f64) -> [[f64; 4]; 3] {
        [(1.0, 0.8, 2.0), (0.3, 0.3, 0.5), (8.0, 3.0, 5.0)]
            .map(|(r, leave, stay)| [r, r / pace, leave, stay])
    }

    /// What it means that a parameter runs to 0 or, where `up`, to infinity.
    fn meaning(&self, place: usize, up: bool) -> String {
        let [r, alpha, leave, stay] = self.names();
        match (place, up) {
            (0 | 1, true) => format!(
                "the customers' rates of purchase show no difference, so that only {r} / {alpha} \
                 is known"
            ),
            (2 | 3, true) => format!(
                "the customers' chances to leave show no difference, so that only {leave} / \
                 {stay} is known"
            ),
            (2, false) => format!(
                "no sign that customers leave, so that {leave} is as good as 0 and {stay} is not \
                 known"
            ),
            _ => format!(
                "the best {} is 0: too little is known of the customers to tell how they buy and \
                 leave",
                self.names()[place]
            ),
        }
    }
}

/// A buy-till-you-die model, fitted by [`BetaGeo`](super::BetaGeo),
/// [`ModifiedBetaGeo`](super::ModifiedBetaGeo) or [`ParetoNBD`](super::ParetoNBD), or with known
/// parameters. All times are in the unit of what it was fitted to.
///
/// ```
/// use winback::timing::{Buyer, ModifiedBetaGeo};
/// let model = ModifiedBetaGeo::default().with_params([0.525, 6.18, 0.891, 1.61])?; // weeks
/// let buyer = Buyer::new(2.0, 30.43, 38.86)?;
/// assert!((model.p_alive(buyer) - 0.706).abs() < 1e-3);
/// assert!((model.purchase_probability(buyer, 13.0)? - 0.334).abs() < 1e-3);
/// // Who buys again waits 14 weeks in the median, and at most 67 in 9 of 10 cases.
/// let wait = |u| model.wait_if_ever(buyer, u).unwrap().unwrap();
/// assert!((wait(0.5) - 14.2).abs() < 0.1 && (wait(0.9) - 67.0).abs() < 0.3);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(remote = "Self")]
pub struct FittedPurchaseModel {
    process: Process,
    estimates: Estimates,
}

crate::model_file::checked_serde!(FittedPurchaseModel);

impl FittedPurchaseModel {
    /// # Errors
    /// [`Error::Argument`] for a parameter that is not from 1e-100 to 1e100, and a regularity out of
    /// range.
    pub(super) fn known(process: Process) -> Result<Self> {
        check_regularity(process.regularity())?;
        let estimates = Estimates::known(&process.names(), &process.at())?;
        Ok(FittedPurchaseModel { process, estimates })
    }

    /// Fits by maximum likelihood; the parameters of `process` do not matter.
    pub(super) fn fit(process: Process, penalty: f64, buyers: &Buyers) -> Result<Self> {
        check_penalty(penalty)?;
        check_regularity(process.regularity())?;
        let merged = Merged::new(buyers)?;
        let purchases = merged.total(|buyer| buyer.frequency() as f64);
        let k = f64::from(process.regularity());
        let pace = k * purchases / merged.total(Buyer::t);
        let of = |customers: &Merged, at: &[f64; 4]| {
            Ok(process.with(*at).surface(customers)?.penalised(at, penalty))
        };
        let mut starts = process.starts(pace).to_vec();
        if let Some(few) = merged.thinned() {
            starts = starts_from_few(&starts, few.customers, |at| of(&few, at))?;
        }
        let found = maximise(&starts, merged.customers, |at| of(&merged, at))?;
        let gaps = if k > 1.0 { (k - 1.0) * buyers.log_gaps().unwrap_or(0.0) } else { 0.0 };
        let log_likelihood = found.without_penalty(penalty) * merged.customers
            - k * purchases * merged.unit.ln()
            + gaps;
        let process = process.with(found.at).in_unit(merged.unit);
        let customers = buyers.rows().len() as u64;
        let meaning = |place, up| process.meaning(place, up);
        let (names, params) = (process.names(), process.at());
        let estimates =
            Estimates::found(&names, params, &found, (customers, log_likelihood), meaning);
        Ok(FittedPurchaseModel { process, estimates })
    }

    /// # Errors
    /// As [`FittedPurchaseModel::known`], and for estimates of other parameters.
    fn check(&self) -> Result<()> {
        check_regularity(self.process.regularity())?;
        self.estimates.check(&self.process.names(), &self.process.at())
    }

    /// The parameters, r, alpha, a, b or r, alpha, s, beta, with their standard errors.
    pub fn estimates(&self) -> &Estimates {
        &self.estimates
    }

    /// The model with one parameter moved by so much in its logarithm; its estimates stay.
    #[cfg(feature = "io")]
    pub(super) fn moved(&self, place: usize, by: f64) -> Self {
        let mut at = self.process.at();
        at[place] *= by.exp();
        FittedPurchaseModel { process: self.process.with(at), estimates: self.estimates.clone() }
    }

    /// Why nothing is known of how fast a silence becomes a sign that a customer has left: the fit
    /// ended where nobody leaves, or near it and the data do not tell how near, or it did not
    /// converge for want of data. None where it is known, as with given parameters.
    pub(crate) fn leaving_unknown(&self) -> Option<&'static str> {
        const NO_SIGN: &str = "no sign that customers leave: there are no alarm dates";
        const TOO_LITTLE: &str =
            "too little is known to tell when customers leave: there are no alarm dates";
        self.estimates.log_likelihood()?;
        let [r, alpha, leave, stay] = self.process.at();
        // The mean chance to leave until the next purchase.
        let chance = match self.process {
            Process::BetaGeo(_) => leave / (leave + stay),
            Process::Pareto(_) => leave / stay * (alpha / r),
        };
        let remark = self.estimates.remark();
        let ran = |place, up| remark == Some(self.process.meaning(place, up).as_str());
        if self.estimates.converged() {
            let is_told = self.estimates.standard_errors()[2].is_some();
            return (chance < HARDLY_ANYBODY && !is_told).then_some(NO_SIGN);
        }
        if chance < NOBODY || ran(2, false) {
            return Some(NO_SIGN);
        }
        // Where customers only do not differ, their common rate or chance is known.
        let is_known = (0..4).any(|place| ran(place, true));
        (!is_known).then_some(TOO_LITTLE)
    }

    /// How many steps make a purchase: 1 for purchases at random, more for regular ones.
    pub fn regularity(&self) -> u32 {
        self.process.regularity()
    }

    /// The log-likelihood of one customer, without the times between purchases.
    pub fn log_likelihood_of(&self, buyer: Buyer) -> f64 {
        match &self.process {
            Process::BetaGeo(kernel) => kernel.log_likelihood(&buyer),
            Process::Pareto(kernel) => kernel.log_likelihood(&buyer),
        }
    }

    /// The logarithm of the chance that a customer has not left; finite where the chance itself is
    /// too small for a float.
    pub fn log_p_alive(&self, buyer: Buyer) -> f64 {
        match &self.process {
            Process::BetaGeo(kernel) => kernel.log_p_alive(&buyer),
            Process::Pareto(kernel) => kernel.log_p_alive(&buyer),
        }
    }

    /// The chance that a customer has not left. Do not rank by it: a customer who has bought once
    /// has 1 under the BG/NBD model, whatever the silence. Rank by
    /// [`FittedPurchaseModel::purchase_probability`].
    pub fn p_alive(&self, buyer: Buyer) -> f64 {
        self.log_p_alive(buyer).exp()
    }

    /// The chance that a customer ever buys again. Under the Pareto/NBD model it is below the chance
    /// of being a customer still, who may leave before the next purchase.
    pub fn p_ever(&self, buyer: Buyer) -> f64 {
        let if_alive = match &self.process {
            Process::BetaGeo(_) => 1.0,
            Process::Pareto(kernel) => kernel.p_within_if_alive(&buyer, f64::INFINITY),
        };
        self.p_alive(buyer) * if_alive.min(1.0)
    }

    /// The chance that a customer buys within this time.
    ///
    /// # Errors
    /// [`Error::Argument`] for a time that is negative or not finite.
    pub fn purchase_probability(&self, buyer: Buyer, within: f64) -> Result<f64> {
        check_within(within)?;
        let if_alive = match &self.process {
            Process::BetaGeo(kernel) => kernel.p_within_if_alive(&buyer, within),
            Process::Pareto(kernel) => kernel.p_within_if_alive(&buyer, within),
        };
        Ok(self.p_alive(buyer) * if_alive.min(1.0))
    }

    /// The chance that a customer makes exactly so many purchases within this time. Of a new
    /// customer: [`Buyer::NEW`].
    ///
    /// # Errors
    /// [`Error::Argument`] for a time that is negative or not finite, and a number above 2⁶².
    pub fn count_probability(&self, buyer: Buyer, within: f64, count: u64) -> Result<f64> {
        check_within(within)?;
        if count > 1 << 62 {
            return Err(Error::argument("count", count, "at most 2^62"));
        }
        let if_alive = match &self.process {
            Process::BetaGeo(kernel) => kernel.p_count_if_alive(&buyer, within, count),
            Process::Pareto(kernel) => kernel.p_count_if_alive(&buyer, within, count),
        };
        let p_alive = self.p_alive(buyer);
        let left = if count == 0 { 1.0 - p_alive } else { 0.0 };
        Ok((left + p_alive * if_alive).min(1.0))
    }

    /// The number of purchases that a customer is expected to make within this time. Of a new
    /// customer: [`Buyer::NEW`].
    ///
    /// # Errors
    /// [`Error::Argument`] for a time that is negative or not finite.
    pub fn expected_purchases(&self, buyer: Buyer, within: f64) -> Result<f64> {
        check_within(within)?;
        let if_alive = match &self.process {
            Process::BetaGeo(kernel) => kernel.expected_if_alive(&buyer, within),
            Process::Pareto(kernel) => kernel.expected_if_alive(&buyer, within),
        };
        Ok(self.p_alive(buyer) * if_alive)
    }

    /// The number of purchases that a customer is expected to make within this time, given that
    /// there is one: 1 or more.
    ///
    /// ```
    /// use winback::timing::{Buyer, ModifiedBetaGeo};
    /// let model = ModifiedBetaGeo::default().with_params([0.525, 6.18, 0.891, 1.61])?; // weeks
    /// let buyer = Buyer::new(2.0, 30.43, 38.86)?;
    /// let if_any = model.expected_purchases_if_any(buyer, 39.0)?;
    /// let chance = model.purchase_probability(buyer, 39.0)?;
    /// assert!((chance * if_any - model.expected_purchases(buyer, 39.0)?).abs() < 1e-12);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a time that is negative or not finite.
    pub fn expected_purchases_if_any(&self, buyer: Buyer, within: f64) -> Result<f64> {
        check_within(within)?;
        let (expected, chance) = match &self.process {
            Process::BetaGeo(kernel) => {
                (kernel.expected_if_alive(&buyer, within), kernel.p_within_if_alive(&buyer, within))
            }
            Process::Pareto(kernel) => {
                (kernel.expected_if_alive(&buyer, within), kernel.p_within_if_alive(&buyer, within))
            }
        };
        // Within no time there is at most one.
        let if_any = expected / chance;
        Ok(if if_any.is_finite() { if_any.max(1.0) } else { 1.0 })
    }

    /// The chance that a customer who is one now is one still after this time.
    pub(super) fn stays(&self, buyer: Buyer, time: f64) -> Result<f64> {
        check_within(time)?;
        Ok(match &self.process {
            Process::BetaGeo(kernel) => kernel.stays(&buyer, time),
            Process::Pareto(kernel) => kernel.stays(&buyer, time),
        })
    }

    /// How long a customer waits with the next purchase at most, with the chance `u`, given that
    /// there is one. None where it is too long for a float.
    ///
    /// # Errors
    /// [`Error::Argument`] for a chance that is not between 0 and 1.
    pub fn wait_if_ever(&self, buyer: Buyer, u: f64) -> Result<Option<f64>> {
        if !(u > 0.0 && u < 1.0) {
            return Err(Error::argument("u", u, "a chance above 0 and below 1"));
        }
        let wait = match &self.process {
            Process::BetaGeo(kernel) => kernel.wait_if_ever(&buyer, u),
            Process::Pareto(kernel) => kernel.wait_if_ever(&buyer, u),
        };
        Ok(Some(wait).filter(|wait| wait.is_finite()))
    }

    /// The time within which a customer buys with the chance `u`. None where the chance that they
    /// ever do is not larger.
    ///
    /// # Errors
    /// [`Error::Argument`] for a chance that is not between 0 and 1.
    pub fn wait(&self, buyer: Buyer, u: f64) -> Result<Option<f64>> {
        let given = u / self.p_ever(buyer);
        // The chance itself is checked even where nobody reaches it.
        let known = self.wait_if_ever(buyer, if given < 1.0 && u > 0.0 { given } else { u })?;
        Ok(known.filter(|_| given < 1.0))
    }

    /// The mean wait of a customer for the next purchase, given that there is one; None where it
    /// is infinite.
    pub fn mean_wait_if_ever(&self, buyer: Buyer) -> Option<f64> {
        match &self.process {
            Process::BetaGeo(kernel) => kernel.mean_wait_if_ever(&buyer),
            Process::Pareto(kernel) => kernel.mean_wait_if_ever(&buyer),
        }
        .filter(|mean| mean.is_finite())
    }
}

/// A chance to leave that is as good as 0.
const NOBODY: f64 = 1e-6;
/// One that may as well be 0 where the data do not tell it.
const HARDLY_ANYBODY: f64 = 0.01;
/// The largest regularity.
pub(super) const MOST_REGULAR: u32 = 20;

pub(super) fn check_regularity(k: u32) -> Result<()> {
    if (1..=MOST_REGULAR).contains(&k) {
        return Ok(());
    }
    Err(Error::argument("regularity", k, "a whole number from 1 to 20, or best"))
}

fn check_within(within: f64) -> Result<()> {
    if within >= 0.0 && within.is_finite() {
        return Ok(());
    }
    Err(Error::argument("within", within, "a finite time, 0 or more"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The derivatives of every model against differences of its values and slopes.
    #[test]
    fn derivatives_are_those_of_the_values() {
        let rows = [
            [0.0, 0.0, 0.0],
            [0.0, 0.0, 30.0],
            [1.0, 2.0, 30.0],
            [2.0, 39.0, 39.0],
            [7.0, 20.0, 38.5],
            [40.0, 30.0, 39.0],
        ];
        let column = |i: usize| rows.map(|row: [f64; 3]| row[i]);
        let buyers = Buyers::new(&column(0), &column(1), &column(2)).unwrap();
        let merged = Merged::new(&buyers).unwrap();
        assert_eq!(merged.rows.len(), rows.len());
        let mut kinds = vec![Process::Pareto(ParetoKernel { at: [1.0; 4] })];
        for (modified, k) in [(false, 1), (true, 1), (false, 3), (true, 2)] {
            kinds.push(Process::BetaGeo(BetaGeoKernel { modified, k, at: [1.0; 4] }));
        }
        let near = |found: f64, expected: f64, what: &str| {
            let off = (found - expected).abs();
            assert!(off < 2e-7 * expected.abs().max(1.0), "{what}: {found} and {expected}");
        };
        for kind in kinds {
            for at in [[0.3, 0.2, 0.8, 2.4], [2.0, 0.05, 1.5, 0.3], [0.9, 1.4, 0.1, 0.07]] {
                let here = kind.with(at).surface(&merged).unwrap();
                for i in 0..4 {
                    let moved = |by: f64| {
                        let mut at = at;
                        at[i] *= 1.0 + by;
                        kind.with(at).surface(&merged).unwrap()
                    };
                    let (below, above, step) = (moved(-1e-5), moved(1e-5), 2e-5 * at[i]);
                    let what = format!("{kind:?} at {at:?}, {i}");
                    near(here.gradient[i], (above.value - below.value) / step, &what);
                    for j in i..4 {
                        let slope = (above.gradient[j] - below.gradient[j]) / step;
                        near(here.curvature[i][j], slope, &what);
                    }
                }
            }
        }
    }
}
