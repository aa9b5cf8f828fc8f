//! What models say of customers, as answers.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::buyer::Buyer;
use super::buyer_table::BuyerTable;
use super::gamma_gamma::{FittedGammaGamma, LifetimeValue};
use super::purchase_model::FittedPurchaseModel;
use crate::answer::columns::{Column, batch, numbers, times, with_ends};
use crate::answer::{Analysis, Table, write_table};
use crate::error::Result;
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
    notes: Vec<String>,
}

impl Predictions {
    pub(super) fn new(
        table: &BuyerTable,
        columns: impl IntoIterator<Item = Column>,
    ) -> Result<Self> {
        let ids = table.ids().map(|ids| ("customer_id".to_owned(), ids.clone()));
        let batch = batch(ids.into_iter().chain(columns))?;
        Ok(Predictions { batch, at: table.at(), notes: Vec::new() })
    }

    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
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
        self.at.map(|at| ("at".to_owned(), at.to_string().into())).into_iter().collect()
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
    /// `next_purchase_low`, `next_purchase_high`. Null where the chance is below one half.
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
                "{unlikely} of {} customers more likely never buy again: their next purchase has \
                 no date",
                found.iter().len()
            ));
        }
        self.told(answer)
    }

    /// With a note where the fit did not converge.
    pub(super) fn told(&self, mut answer: Predictions) -> Result<Predictions> {
        let found = self.estimates();
        if let Some(remark) = found.remark().filter(|_| !found.converged()) {
            answer.note(format!("the fit did not converge: {remark}"));
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
    /// [`Error::MissingColumn`](crate::Error::MissingColumn) without mean checks.
    pub fn expected_check_of(&self, table: &BuyerTable) -> Result<Predictions> {
        let buyers = table.buyers().rows().iter();
        let expected = buyers
            .zip(table.with_checks()?.known_checks()?)
            .map(|(buyer, &check)| self.expected_check(buyer.frequency(), check));
        Predictions::new(table, [numbers("expected_check", expected)])
    }

    /// [`FittedGammaGamma::lifetime_value`] of each customer: the column `lifetime_value`.
    ///
    /// # Errors
    /// [`Error::MissingColumn`](crate::Error::MissingColumn) without mean checks,
    /// [`Error::Argument`](crate::Error::Argument) for an option out of range.
    pub fn lifetime_value_of(
        &self,
        model: &FittedPurchaseModel,
        table: &BuyerTable,
        options: &LifetimeValue,
    ) -> Result<Predictions> {
        let checks = table.with_checks()?.known_checks()?;
        options.discounted_purchases(model, Buyer::NEW)?;
        let purchases = table
            .buyers()
            .map_told(|buyer| options.discounted_purchases(model, buyer).unwrap_or(f64::NAN))?;
        let values = table.buyers().rows().iter().zip(checks).zip(purchases).map(
            |((buyer, &check), purchases)| {
                purchases * self.expected_check(buyer.frequency(), check) * options.margin
            },
        );
        Predictions::new(table, [numbers("lifetime_value", values)])
    }
}
