//! The fit of the spend model to the customers of a log.

use rayon::prelude::*;

use super::beta_geo::ModifiedBetaGeo;
use super::buyer::Buyer;
use super::buyers::Buyers;
use super::gamma_gamma::GammaGamma;
use super::purchase_model::FittedPurchaseModel;
use super::spend_model::{Bought, Checks, SpendModel};
use crate::error::{Error, Result};
use crate::log::EventLog;
use crate::snapshot::Snapshot;
use crate::stats::exact_sum;
use crate::time::Timestamp;

/// How customers buy and leave, as known at a cutoff, times in days; none where it cannot be told.
pub(crate) fn purchases(log: &EventLog, at: Timestamp) -> Option<FittedPurchaseModel> {
    let all = log.customers().par_indices().with_min_len(1_024);
    let buyers: Vec<Buyer> = all.filter_map(|c| Buyer::of(&log.history(c, at))).collect();
    ModifiedBetaGeo::default().fit(&Buyers::of(buyers)).ok()
}

impl SpendModel {
    /// Fits both models to the customers with a purchase before the cutoff.
    ///
    /// Where the MBG/NBD model cannot be fitted, one purchase is expected of whoever buys. Where the
    /// Gamma-Gamma model cannot be or does not converge, the expected check is the mean of a
    /// customer's own checks and one of the mean of all customers. [`SpendModel::notes`] tells of it.
    ///
    /// # Errors
    /// [`Error::Column`] for a log without amounts.
    pub fn fit(snapshot: &Snapshot) -> Result<Self> {
        Self::beside(purchases(snapshot.log(), snapshot.at()), snapshot)
    }

    /// Beside the model of these customers' purchases.
    pub(crate) fn beside(
        purchases: Option<FittedPurchaseModel>,
        snapshot: &Snapshot,
    ) -> Result<Self> {
        let log = snapshot.log();
        if !log.columns().amount {
            return Err(Error::bad_column("transactions", "amount", "is needed for the spend"));
        }
        let all = log.customers().par_indices().with_min_len(1_024);
        let bought: Vec<Bought> =
            all.filter_map(|customer| Bought::of(&snapshot.history(customer))).collect();
        let column = |of: fn(&Bought) -> f64| bought.iter().map(of).collect::<Vec<f64>>();
        // The model of checks does not look at times.
        let ones = vec![1.0; bought.len()];
        let spenders = Buyers::new(&column(|b| b.days() as f64), &ones, &ones)?
            .with_mean_checks(column(|b| b.mean_check))?;
        let fitted = GammaGamma::default().fit(&spenders).ok();
        let checks = match fitted.filter(|model| model.estimates().converged()) {
            Some(model) => Checks::GammaGamma(model),
            None => {
                let spent = exact_sum(bought.iter().map(|b| b.mean_check.max(0.0)));
                Checks::Shrunken(spent / bought.len().max(1) as f64)
            }
        };
        Ok(SpendModel { at: snapshot.at(), purchases, checks })
    }
}
