//! Effects on the customers of a table, by a model of another time.

use std::fmt;

use arrow_array::RecordBatch;
use ndarray::{Array2, ArrayView2};

use super::fitted::FittedUplift;
use super::recommendation::check_margin;
use crate::answer::columns::{Column, batch, numbers};
use crate::answer::text_table::{Side, aligned};
use crate::answer::{Analysis, Table};
use crate::error::Result;
use crate::log::{CustomerTable, grouped};

/// The effect of each offer on each customer of a table.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PredictedUplift {
    /// Rows × offers, in units of the outcome.
    pub uplift: Array2<f64>,
    offers: Vec<String>,
    margin: f64,
    table: CustomerTable,
}

impl PredictedUplift {
    /// Effects by a model that a table taught; `margin` is what a unit of the outcome is worth.
    ///
    /// # Errors
    /// As [`FittedUplift::predict_table`];
    /// [`Error::Argument`](crate::error::Error::Argument) for a margin that is not finite or below 0.
    pub fn build(model: &FittedUplift, table: CustomerTable, margin: f64) -> Result<Self> {
        check_margin(margin)?;
        let (uplift, offers) = (model.predict_table(&table)?, model.arms()[1..].to_vec());
        Ok(PredictedUplift { uplift, offers, margin, table })
    }

    fn effects(&self) -> Result<RecordBatch> {
        let mut columns = vec![ids(&self.table)];
        columns.extend(of_offers("uplift", &self.offers, self.uplift.view()));
        columns.extend(of_offers("gain", &self.offers, (&self.uplift * self.margin).view()));
        batch(columns)
    }
}

/// The ids of the rows of a table.
pub(super) fn ids(table: &CustomerTable) -> Column {
    ("customer_id".to_owned(), table.ids().take(table.owners().iter().copied()))
}

/// Rows × offers as columns.
pub(super) fn of_offers(what: &str, offers: &[String], values: ArrayView2<'_, f64>) -> Vec<Column> {
    let column = |(values, offer): (ndarray::ArrayView1<'_, f64>, &String)| {
        numbers(format!("{what}_{offer}"), values.iter().copied())
    };
    values.columns().into_iter().zip(offers).map(column).collect()
}

impl Analysis for PredictedUplift {
    /// `effects`: `customer_id`, and of each offer `uplift_...`, what it changes in the outcome, and
    /// `gain_...`, that times the margin; rows by ascending id.
    const TABLES: &'static [Table<Self>] = &[("effects", Self::effects)];
}

impl fmt::Display for PredictedUplift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = [
            ("offer", Side::Left),
            ("customers", Side::Right),
            ("mean effect", Side::Right),
            ("lowest", Side::Right),
            ("highest", Side::Right),
            ("above 0", Side::Right),
        ];
        let row = |(offer, effects): (&String, ndarray::ArrayView1<'_, f64>)| {
            let (low, high) =
                effects.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |ends, &own| {
                    (own.min(ends.0), own.max(ends.1))
                });
            vec![
                offer.clone(),
                grouped(effects.len() as u64),
                format!("{:.4}", effects.sum() / effects.len() as f64),
                format!("{low:.4}"),
                format!("{high:.4}"),
                grouped(effects.iter().filter(|&&effect| effect > 0.0).count() as u64),
            ]
        };
        let rows: Vec<_> = self.offers.iter().zip(self.uplift.columns()).map(row).collect();
        f.write_str(aligned(&heads, &rows).trim_end())
    }
}
