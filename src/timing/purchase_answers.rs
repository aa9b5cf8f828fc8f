//! What models say of customers, as answers.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::buyer::Buyer;
use super::buyer_table::BuyerTable;
use super::gamma_gamma::{FittedGammaGamma, LifetimeValue};
use super::purchase_model::FittedPurchaseModel;
use super::value_interval::{Slopes, ValueInterval};
use crate::answer::columns::{Column, batch, numbers, times, with_ends};
use crate::answer::{Analysis, Table, write_table};
use crate::error::Result;
use crate::log::grouped;
use crate::stats::{ExactSum, exact_sum};
use crate::time::Timestamp;

/// Below this chance of ever buying again, the next purchase has no date.
const LIKELY: f64 = 0.5;
/// Ends of the interval that holds 80 % of the next purchases, and the median.
const ENDS: [f64; 3] = [0.1, 0.5, 0.9];

/// What a model says of customers: a column of figures, with their ids if they have some.
#[derive(Debug, Clone)]
pub struct Predictions {
    batch: RecordBatch,
    /// The cutoff, where there is one.
    at: Option<Timestamp>,
    /// Besides the cutoff.
    figures: Vec<(&'static str, Value)>,
    notes: Vec<String>,
}

impl Predictions {
    pub(super) fn new(
        table: &BuyerTable,
        columns: impl IntoIterator<Item = Column>,
    ) -> Result<Self> {
        let ids = table.ids().map(|ids| ("customer_id".to_owned(), ids.clone()));
        let batch = batch(ids.into_iter().chain(columns))?;
        Ok(Predictions { batch, at: table.at(), figures: Vec::new(), notes: Vec::new() })
    }

    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Counts the times from the cutoff that lead beyond the last date there is.
    pub(super) fn note_beyond(
        &mut self,
        column: &str,
        table: &BuyerTable,
        times: impl ExactSizeIterator<Item = Option<f64>>,
    ) {
        if table.at().is_none() {
            return;
        }
        let all = times.len();
        let beyond = times.flatten().filter(|&time| table.after(time).is_none()).count();
        if beyond > 0 {
            self.note(format!(
                "{} of {} customers have no {column}, for it lies beyond the year 2262",
                grouped(beyond as u64),
                grouped(all as u64)
            ));
        }
    }

    /// One figure of each customer.
    fn of(name: &str, table: &BuyerTable, figure: impl Fn(Buyer) -> f64 + Sync) -> Result<Self> {
        Self::new(table, [numbers(name, table.buyers().each(figure)?.iter())])
    }

    fn predictions(&self) -> Result<RecordBatch> {
        Ok(self.batch.clone())
    }
}

impl fmt::Display for Predictions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_table(f, self.predictions(), &self.notes)
    }
}

impl Analysis for Predictions {
    /// - `predictions`: `customer_id`, if the customers have ids, and the figures.
    const TABLES: &'static [Table<Self>] = &[("predictions", Self::predictions)];
    const IS_TABLE: bool = true;

    fn figures(&self) -> Map<String, Value> {
        let at = self.at.map(|at| ("at", at.to_string().into()));
        let figures = at.into_iter().chain(self.figures.iter().cloned());
        figures.map(|(name, figure)| (name.to_owned(), figure)).collect()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

/// A customer's next purchase.
#[derive(Debug, Clone, Copy)]
struct Next {
    p_ever: f64,
    /// With the chances of `ENDS`.
    waits: Option<[f64; 3]>,
}

impl FittedPurchaseModel {
    /// [`FittedPurchaseModel::p_alive`] of each customer: the column `p_alive`.
    ///
    /// # Errors
    /// None in practice.
    pub fn p_alive_of(&self, table: &BuyerTable) -> Result<Predictions> {
        self.told(Predictions::of("p_alive", table, |buyer| self.p_alive(buyer))?)
    }

    /// [`FittedPurchaseModel::expected_purchases`] of each customer: the column
    /// `expected_purchases`.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a time that is negative or not finite.
    pub fn expected_purchases_of(&self, table: &BuyerTable, within: f64) -> Result<Predictions> {
        self.expected_purchases(Buyer::NEW, within)?;
        let expected = |buyer| self.expected_purchases(buyer, within).unwrap_or(f64::NAN);
        self.told(Predictions::of("expected_purchases", table, expected)?)
    }

    /// [`FittedPurchaseModel::purchase_probability`] of each customer: the column
    /// `purchase_probability`.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a time that is negative or not finite.
    pub fn purchase_probability_of(&self, table: &BuyerTable, within: f64) -> Result<Predictions> {
        self.purchase_probability(Buyer::NEW, within)?;
        let chance = |buyer| self.purchase_probability(buyer, within).unwrap_or(f64::NAN);
        self.told(Predictions::of("purchase_probability", table, chance)?)
    }

    /// When each customer buys next: `p_ever`, the chance that they do at all; `wait`, `wait_low` and
    /// `wait_high`, the median time to it and the interval that holds 80 %, given that there is one;
    /// and, where the table has a cutoff, the same as instants: `next_purchase`,
    /// `next_purchase_low`, `next_purchase_high`. Null where the chance is below one half; an instant
    /// also beyond the last date there is. Notes count them.
    ///
    /// # Errors
    /// None in practice.
    pub fn next_purchase_of(&self, table: &BuyerTable) -> Result<Predictions> {
        let found = table.buyers().each(|buyer| self.next(buyer))?;
        let waits = found
            .iter()
            .map(|next| next.waits.map(|[low, median, high]| (median, Some((low, high)))));
        let mut columns = vec![numbers("p_ever", found.iter().map(|next| next.p_ever))];
        columns.extend(with_ends("wait", waits));
        if table.at().is_some() {
            for (name, end) in
                [("next_purchase", 1), ("next_purchase_low", 0), ("next_purchase_high", 2)]
            {
                let instants = found.iter().map(|next| table.after(next.waits?[end]));
                columns.push(times(name, instants));
            }
        }
        let mut answer = Predictions::new(table, columns)?;
        let unlikely = found.iter().filter(|next| next.p_ever < LIKELY).count();
        if unlikely > 0 {
            answer.notes.push(format!(
                "{} of {} customers are more likely than not never to buy again: their next purchase \
                 has no date",
                grouped(unlikely as u64),
                grouped(found.iter().len() as u64)
            ));
        }
        let latest = found.iter().map(|next| Some(next.waits?[2]));
        answer.note_beyond("next_purchase_high", table, latest);
        self.told(answer)
    }

    /// With a note of what the fit does not tell.
    pub(super) fn told(&self, mut answer: Predictions) -> Result<Predictions> {
        let found = self.estimates();
        if let Some(remark) = found.remark() {
            answer.note(match found.converged() {
                true => remark.to_owned(),
                false => format!("the fit did not converge: {remark}"),
            });
        }
        Ok(answer)
    }

    /// The median wait for the next purchase, where there is more likely one than not.
    pub(super) fn likely_wait(&self, buyer: Buyer) -> Option<f64> {
        let likely = self.p_ever(buyer) >= LIKELY;
        likely.then(|| self.wait_if_ever(buyer, ENDS[1]).ok().flatten())?
    }

    fn next(&self, buyer: Buyer) -> Next {
        let p_ever = self.p_ever(buyer);
        let wait = |u| self.wait_if_ever(buyer, u).ok().flatten();
        let waits = || Some([wait(ENDS[0])?, wait(ENDS[1])?, wait(ENDS[2])?]);
        Next { p_ever, waits: (p_ever >= LIKELY).then(waits).flatten() }
    }
}

impl FittedGammaGamma {
    /// [`FittedGammaGamma::expected_check`] of each customer: the column `expected_check`.
    ///
    /// # Errors
    /// [`Error::MissingColumn`](crate::Error::MissingColumn) without mean checks, [`Error::Data`](crate::Error::Data) for a mean below 0 in a table.
    pub fn expected_check_of(&self, table: &BuyerTable) -> Result<Predictions> {
        let expected = table
            .mean_checks()?
            .map(|(buyer, check)| self.expected_check(buyer.frequency(), check));
        Predictions::new(table, [numbers("expected_check", expected)])
    }

    /// [`FittedGammaGamma::lifetime_value`] of each customer, the column `lifetime_value`, with the
    /// ends of its 95 % interval, `lifetime_value_low` and `lifetime_value_high`; the same of the sum
    /// over all customers as figures.
    ///
    /// The intervals hold what is uncertain because the parameters are estimates, not what a customer
    /// will spend, which varies much more: with g the slopes of ln V in the logarithms of the
    /// parameters and Σ their covariance, V e^(±1.96 σ), σ² = gᵀ Σ g, the models of purchases and of
    /// checks being independent. Null where a parameter has no standard error, which a note tells.
    ///
    /// # Errors
    /// [`Error::MissingColumn`](crate::Error::MissingColumn) without mean checks, [`Error::Data`](crate::Error::Data) for a mean below 0 in a table,
    /// [`Error::Argument`](crate::Error::Argument) for an option out of range.
    pub fn lifetime_value_of(
        &self,
        model: &FittedPurchaseModel,
        table: &BuyerTable,
        options: &LifetimeValue,
    ) -> Result<Predictions> {
        let checks = table.mean_checks()?;
        options.discounted_purchases(model, Buyer::NEW)?;
        let interval = ValueInterval::new(model, self);
        let purchases = table.buyers().map_told(|buyer| {
            let slopes = interval.as_ref().map(|interval| interval.slopes(options, buyer));
            (options.discounted_purchases(model, buyer).unwrap_or(f64::NAN), slopes.ok())
        })?;
        let mut values = Vec::with_capacity(purchases.len());
        let mut total: [ExactSum; 7] = std::array::from_fn(|_| ExactSum::default());
        for ((buyer, check), (purchases, slopes)) in checks.zip(purchases) {
            let value = purchases * self.expected_check(buyer.frequency(), check) * options.margin;
            let slopes = slopes.map(|of_purchases| {
                let mut slopes: Slopes = [0.0; 7];
                slopes[..4].copy_from_slice(&of_purchases);
                slopes[4..].copy_from_slice(&self.log_slopes(buyer.frequency(), check));
                slopes
            });
            // Of values that are nearly nothing floats do not tell slopes.
            let is_known = |slopes: &Slopes| slopes.iter().all(|slope| slope.is_finite());
            if let Some(slopes) = slopes.filter(is_known) {
                total.iter_mut().zip(slopes).for_each(|(sum, slope)| sum.add(value * slope));
            }
            let around = |interval: &ValueInterval| interval.around(value, &slopes?);
            values.push(Some((value, interval.as_ref().ok().and_then(around))));
        }
        let columns = with_ends("lifetime_value", values.iter().copied());
        let mut answer = Predictions::new(table, columns)?;
        let sum = exact_sum(values.iter().flatten().map(|(value, _)| *value));
        let ends = interval
            .as_ref()
            .ok()
            .and_then(|interval| interval.around(sum, &total.map(|slope| slope.value() / sum)));
        answer.figures = vec![
            ("lifetime_value", sum.into()),
            ("lifetime_value_low", ends.map(|ends| ends.0).into()),
            ("lifetime_value_high", ends.map(|ends| ends.1).into()),
        ];
        answer.note(match interval {
            Err(which) => format!(
                "lifetime_value has no interval, for the parameters of the model of {which} have no \
                 standard errors"
            ),
            Ok(_) => "the 95 % intervals of lifetime_value are of what is expected: what a customer \
                      spends differs far more, and so does the sum where customers change"
                .to_owned(),
        });
        for (name, value) in [("discount_rate", options.discount_rate), ("margin", options.margin)]
        {
            if value > 1.0 {
                answer.note(format!("{name} {value} is {} %: a share is meant", 100.0 * value));
            }
        }
        Ok(answer)
    }
}
