//! How much customers spend: how often they buy, and for how much.

use super::buyer::Buyer;
use super::gamma_gamma::FittedGammaGamma;
use super::purchase_model::FittedPurchaseModel;
use crate::error::{Error, Result};
use crate::log::History;
use crate::stats::ExactSum;
use crate::time::Timestamp;

/// From this correlation on, the number and the size of checks are told to depend on each other.
const RELATED: f64 = 0.2;

/// What one customer bought before a cutoff; what is bought within a day is one purchase.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bought {
    /// In days.
    buyer: Buyer,
    /// Net spend per day with a purchase.
    pub(super) mean_check: f64,
}

impl Bought {
    /// None without a purchase.
    pub(crate) fn of(history: &History<'_>) -> Option<Self> {
        let buyer = Buyer::of(history)?;
        let mut spend = ExactSum::default();
        history.amounts().into_iter().flatten().for_each(|&amount| spend.add(amount));
        Some(Bought { buyer, mean_check: spend.value() / (buyer.frequency() + 1) as f64 })
    }

    /// In days.
    pub(super) fn buyer(&self) -> Buyer {
        self.buyer
    }

    /// Days with a purchase.
    pub(super) fn days(&self) -> u64 {
        self.buyer.frequency() + 1
    }
}

/// How often customers buy and how much they spend, as learned from all customers of a log at a
/// cutoff: an MBG/NBD model ([`ModifiedBetaGeo`](super::ModifiedBetaGeo)) of the days with a purchase,
/// and a Gamma-Gamma model ([`GammaGamma`](super::GammaGamma)) of the net spend on them, the first day
/// included.
///
/// A churn model has one of its latest training cutoff, by which it values customers.
///
/// ```
/// use winback::{EventLog, simulate::Simulation, timing::SpendModel};
/// let shop = Simulation::default().customers(500).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let model = SpendModel::fit(&log.at("2024-10-01")?)?;
/// assert!(model.purchases().is_some() && model.checks().is_some());
/// assert!(model.correlation().is_some_and(|r| r.abs() < 0.3));
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(remote = "Self")]
pub struct SpendModel {
    pub(super) at: Timestamp,
    pub(super) purchases: Option<FittedPurchaseModel>,
    pub(super) checks: Checks,
}

crate::model_file::checked_serde!(SpendModel);

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Checks {
    GammaGamma(FittedGammaGamma),
    /// The mean of a customer's checks and one of this size: that of all customers.
    Shrunken(f64),
}

impl SpendModel {
    fn check(&self) -> Result<()> {
        match self.checks {
            Checks::Shrunken(mean) if !(mean >= 0.0 && mean.is_finite()) => {
                Err(Error::argument("mean check", mean, "a finite number, 0 or more"))
            }
            _ => Ok(()),
        }
    }

    /// The cutoff it was fitted at.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The model of the days with a purchase, times in days; none where it could not be fitted.
    pub fn purchases(&self) -> Option<&FittedPurchaseModel> {
        self.purchases.as_ref()
    }

    /// The model of the spend on such a day; none where it could not be fitted.
    pub fn checks(&self) -> Option<&FittedGammaGamma> {
        match &self.checks {
            Checks::GammaGamma(model) => Some(model),
            Checks::Shrunken(_) => None,
        }
    }

    /// The correlation between how often and for how much customers bought, which the product of
    /// both takes to be 0; none without a model of checks, and where one of both is the same for
    /// all.
    pub fn correlation(&self) -> Option<f64> {
        self.checks()?.correlation()
    }

    /// What of it is not as it should be.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.purchases.is_none() {
            notes.push(
                "nobody bought on a second day before the latest training cutoff: one purchase is \
                 expected of whoever buys"
                    .to_owned(),
            );
        }
        if self.checks().is_none() {
            notes.push(
                "no Gamma-Gamma model fits the checks: the expected check is the mean of a customer's \
                 own checks and one of the mean of all customers"
                    .to_owned(),
            );
        }
        if let Some(correlation) = self.correlation().filter(|r| r.abs() >= RELATED) {
            let how = if correlation > 0.0 { "more" } else { "less" };
            notes.push(format!(
                "customers who buy more often spend {how} at a purchase (correlation \
                 {correlation:.2}), which the expected spend takes to be independent"
            ));
        }
        notes
    }

    /// The purchases expected of a customer within so many days, given that there is one.
    pub(crate) fn purchases_if_any(&self, bought: &Bought, days: f64) -> f64 {
        let if_any = |model: &FittedPurchaseModel| {
            model.expected_purchases_if_any(bought.buyer, days).unwrap_or(1.0)
        };
        self.purchases.as_ref().map_or(1.0, if_any)
    }

    /// The expected check of a customer.
    pub(crate) fn expected_check(&self, bought: &Bought) -> f64 {
        match &self.checks {
            Checks::GammaGamma(model) => model.expected_check(bought.days(), bought.mean_check),
            Checks::Shrunken(mean) => {
                let own = bought.days() as f64;
                (mean + own * bought.mean_check.max(0.0)) / (1.0 + own)
            }
        }
    }
}

impl std::fmt::Display for SpendModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let purchases = if self.purchases.is_some() { "MBG/NBD" } else { "one purchase" };
        let checks = if self.checks().is_some() { "Gamma-Gamma" } else { "a shrunken mean" };
        write!(f, "spend: {purchases} and {checks}, as known at {}", self.at)?;
        match self.correlation() {
            Some(r) => write!(f, "; correlation of number and size of checks {r:.2}"),
            None => Ok(()),
        }
    }
}
