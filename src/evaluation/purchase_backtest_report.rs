//! What a backtest of models of purchases found.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use crate::answer::columns::{Column, batch, counts, flags, numbers, texts, times};
use crate::answer::{Analysis, Table, write_notes};
use crate::error::Result;
use crate::log::grouped;
use crate::time::Timestamp;

/// Models of purchases on a test period that they have not seen.
#[derive(Debug, Clone, PartialEq)]
pub struct PurchaseBacktest {
    pub(super) at: Timestamp,
    pub(super) until: Timestamp,
    pub(super) models: Vec<ModelRow>,
    pub(super) tracking: Vec<TrackRow>,
    pub(super) by_frequency: Vec<FrequencyRow>,
    pub(super) intervals: Vec<IntervalRow>,
    pub(super) intervals_by_frequency: Vec<IntervalRow>,
    pub(super) notes: Vec<String>,
}

/// One model on the whole test period.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ModelRow {
    /// `modified_beta_geo`, `beta_geo`, `pareto_nbd`, `hiatus`, `mean`, `churn` or `hazard`.
    pub model: &'static str,
    /// Customers with a purchase before the cutoff.
    pub customers: u64,
    /// Of them, those with a purchase in the test period.
    pub buyers: u64,
    /// The sum of their chances of one.
    pub expected_buyers: f64,
    /// Days with a purchase in the test period, of all.
    pub purchases: f64,
    /// How many were expected; none of a churn or a hazard model.
    pub expected_purchases: Option<f64>,
    /// Mean over customers of how far off the number was.
    pub mean_absolute_error: Option<f64>,
    /// Of the chance of a purchase: the log score, in nats; lower is better.
    pub log_loss: f64,
    /// Area under the ROC curve of the chance; none where all or nobody bought.
    pub roc_auc: Option<f64>,
}

/// One period of the test, of one model.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TrackRow {
    pub(super) period: u64,
    pub(super) end: Timestamp,
    /// Whether it is as long as the others: the last may end with the test.
    pub(super) whole: bool,
    pub(super) model: &'static str,
    pub(super) purchases: f64,
    pub(super) expected_purchases: f64,
}

/// Customers of one frequency, of one model.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FrequencyRow {
    pub(super) frequency: u64,
    pub(super) model: &'static str,
    pub(super) customers: u64,
    pub(super) buyer_share: f64,
    pub(super) expected_buyer_share: f64,
    pub(super) purchases: f64,
    pub(super) expected_purchases: Option<f64>,
}

/// The interval of the next purchase, of one model; of customers of a frequency, where it says one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct IntervalRow {
    pub(super) frequency: Option<u64>,
    pub(super) model: &'static str,
    pub(super) customers: u64,
    pub(super) inside: Option<f64>,
    pub(super) expected_inside: Option<f64>,
    pub(super) coverage: Option<f64>,
}

impl PurchaseBacktest {
    /// Each model on the whole test period.
    pub fn models(&self) -> &[ModelRow] {
        &self.models
    }

    fn models_table(&self) -> Result<RecordBatch> {
        let rows = || self.models.iter();
        batch([
            texts("model", rows().map(|row| row.model)),
            counts("customers", rows().map(|row| row.customers)),
            counts("buyers", rows().map(|row| row.buyers)),
            numbers("expected_buyers", rows().map(|row| row.expected_buyers)),
            numbers("purchases", rows().map(|row| row.purchases)),
            numbers("expected_purchases", rows().map(|row| row.expected_purchases)),
            numbers("mean_absolute_error", rows().map(|row| row.mean_absolute_error)),
            numbers("log_loss", rows().map(|row| row.log_loss)),
            numbers("roc_auc", rows().map(|row| row.roc_auc)),
        ])
    }

    fn tracking_table(&self) -> Result<RecordBatch> {
        let rows = || self.tracking.iter();
        batch([
            counts("period", rows().map(|row| row.period)),
            times("end", rows().map(|row| row.end)),
            flags("whole", rows().map(|row| row.whole)),
            texts("model", rows().map(|row| row.model)),
            numbers("purchases", rows().map(|row| row.purchases)),
            numbers("expected_purchases", rows().map(|row| row.expected_purchases)),
        ])
    }

    fn frequency_table(&self) -> Result<RecordBatch> {
        let rows = || self.by_frequency.iter();
        batch([
            counts("frequency", rows().map(|row| row.frequency)),
            texts("model", rows().map(|row| row.model)),
            counts("customers", rows().map(|row| row.customers)),
            numbers("buyer_share", rows().map(|row| row.buyer_share)),
            numbers("expected_buyer_share", rows().map(|row| row.expected_buyer_share)),
            numbers("purchases", rows().map(|row| row.purchases)),
            numbers("expected_purchases", rows().map(|row| row.expected_purchases)),
        ])
    }

    fn intervals_table(&self) -> Result<RecordBatch> {
        batch(intervals(&self.intervals))
    }

    fn intervals_by_frequency_table(&self) -> Result<RecordBatch> {
        let rows = &self.intervals_by_frequency;
        let frequency = counts("frequency", rows.iter().map(|row| row.frequency));
        batch(std::iter::once(frequency).chain(intervals(rows)))
    }
}

fn intervals(rows: &[IntervalRow]) -> [Column; 5] {
    [
        texts("model", rows.iter().map(|row| row.model)),
        counts("customers", rows.iter().map(|row| row.customers)),
        numbers("inside", rows.iter().map(|row| row.inside)),
        numbers("expected_inside", rows.iter().map(|row| row.expected_inside)),
        numbers("coverage", rows.iter().map(|row| row.coverage)),
    ]
}

impl Analysis for PurchaseBacktest {
    /// - `models`: one row a model: `model`, `customers`, `buyers`, `expected_buyers`, `purchases`
    ///   (days with one), `expected_purchases`, `mean_absolute_error`, `log_loss`, `roc_auc`;
    /// - `tracking`: a row a period and model: `period`, `end`, `whole` (false of a last period that
    ///   the test cuts short), `model`, `purchases`, `expected_purchases`;
    /// - `by_frequency`: a row a frequency at the cutoff (7: and more) and model: `frequency`, `model`,
    ///   `customers`, `buyer_share`, `expected_buyer_share`, and mean `purchases` and
    ///   `expected_purchases`;
    /// - `intervals`: the 80 % intervals of the next purchase, of the `customers` for whom it ends
    ///   within the test period: the share for whom it came `inside`, the `expected_inside` (80 % of
    ///   the chances that there is one), and the `coverage`, inside over those chances;
    /// - `intervals_by_frequency`: the same by `frequency` at the cutoff.
    const TABLES: &'static [Table<Self>] = &[
        ("models", Self::models_table),
        ("tracking", Self::tracking_table),
        ("by_frequency", Self::frequency_table),
        ("intervals", Self::intervals_table),
        ("intervals_by_frequency", Self::intervals_by_frequency_table),
    ];

    fn figures(&self) -> Map<String, Value> {
        let figures = [("at", self.at), ("until", self.until)];
        figures.into_iter().map(|(name, at)| (name.to_owned(), at.to_string().into())).collect()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

impl fmt::Display for PurchaseBacktest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = &self.models[0];
        writeln!(
            f,
            "Models of purchases as known at {}, tested on [{}, {}): {} customers, {} of whom bought \
             on {} days",
            self.at, self.at, self.until, first.customers, first.buyers, first.purchases
        )?;
        write!(
            f,
            "{:<18}{:>10}{:>10}{:>10}{:>10}{:>8}{:>18}",
            "", "buyers", "purchases", "error", "log loss", "AUC", "80 % interval"
        )?;
        let or_none = |value: Option<f64>, digits: usize| {
            value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
        };
        for row in &self.models {
            let interval = self.intervals.iter().find(|interval| interval.model == row.model);
            // How many intervals ended within the test: of few it says little.
            let coverage = interval.and_then(|interval| {
                let share = 100.0 * interval.coverage?;
                Some(format!("{share:.1} % of {}", grouped(interval.customers)))
            });
            write!(
                f,
                "\n{:<18}{:>10.0}{:>10}{:>10}{:>10.4}{:>8}{:>18}",
                row.model,
                row.expected_buyers,
                or_none(row.expected_purchases, 0),
                or_none(row.mean_absolute_error, 3),
                row.log_loss,
                or_none(row.roc_auc, 4),
                coverage.as_deref().unwrap_or("-")
            )?;
        }
        write_notes(f, &self.notes)
    }
}
