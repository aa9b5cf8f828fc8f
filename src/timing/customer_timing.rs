//! When single customers buy next, when they leave, and what they are worth until then.

use rayon::prelude::*;

use super::purchase_model::FittedPurchaseModel;
use super::spend_model::{Bought, SpendModel};
use crate::answer::columns::{Column, numbers, times};
use crate::log::CustomerIndex;
use crate::snapshot::Snapshot;
use crate::time::{MICROS_PER_DAY, Timestamp};

/// The time over which a lifetime value is summed: a mean year in days.
const YEAR: f64 = 365.2425;
/// The certainty of the alarm date.
const CERTAINTY: f64 = 0.9;

/// What a [`SpendModel`] says of one customer's time.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct CustomerTiming {
    /// The median time of the next purchase; none where it is less likely than not.
    pub next_purchase: Option<Timestamp>,
    /// After it silence means that the customer has left, with a chance of 90 %; none where no
    /// silence is long enough.
    pub alarm_date: Option<Timestamp>,
    /// Expected spend of the next 365.2425 days; NaN where there is no model of purchases, and without
    /// amounts.
    pub lifetime_value: f64,
}

/// What tells the time of customers, and how much they spend in it where that is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimedBy<'a> {
    /// Times in days; none where it could not be fitted.
    pub(crate) purchases: Option<&'a FittedPurchaseModel>,
    /// None without amounts.
    pub(crate) spend: Option<&'a SpendModel>,
}

impl SpendModel {
    /// What it says of customers with a purchase before the cutoff.
    pub(crate) fn timing_of(
        &self,
        snapshot: &Snapshot,
        customers: &[CustomerIndex],
    ) -> Vec<CustomerTiming> {
        TimedBy { purchases: self.purchases(), spend: Some(self) }.timing_of(snapshot, customers)
    }
}

impl TimedBy<'_> {
    /// What it says of customers with a purchase before the cutoff.
    pub(crate) fn timing_of(
        &self,
        snapshot: &Snapshot,
        customers: &[CustomerIndex],
    ) -> Vec<CustomerTiming> {
        let of = |&customer: &CustomerIndex| {
            let bought = Bought::of(&snapshot.history(customer));
            self.timing(bought, snapshot.at())
        };
        customers.par_iter().with_min_len(64).map(of).collect()
    }

    fn timing(&self, bought: Option<Bought>, at: Timestamp) -> CustomerTiming {
        let known = bought.zip(self.purchases);
        let after = |days: f64| {
            let micros = days * MICROS_PER_DAY as f64;
            let within = micros.abs() < 4e18;
            within.then(|| Timestamp::from_micros(at.micros().checked_add(micros as i64)?).ok())?
        };
        CustomerTiming {
            next_purchase: known
                .and_then(|(bought, model)| after(model.likely_wait(bought.buyer())?)),
            alarm_date: known.and_then(|(bought, model)| {
                after(model.alarm(bought.buyer(), CERTAINTY).ok().flatten()?)
            }),
            lifetime_value: known.zip(self.spend).map_or(f64::NAN, |((bought, model), spend)| {
                let purchases = model.expected_purchases(bought.buyer(), YEAR).unwrap_or(f64::NAN);
                purchases * spend.expected_check(&bought)
            }),
        }
    }
}

/// `next_purchase`, `alarm_date` and `lifetime_value`.
pub(crate) fn timing_columns<'a>(
    rows: impl Iterator<Item = &'a CustomerTiming> + Clone,
) -> [Column; 3] {
    [
        times("next_purchase", rows.clone().map(|row| row.next_purchase)),
        times("alarm_date", rows.clone().map(|row| row.alarm_date)),
        numbers(
            "lifetime_value",
            rows.map(|row| Some(row.lifetime_value).filter(|value| value.is_finite())),
        ),
    ]
}
