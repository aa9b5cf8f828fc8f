//! What a test in a table teaches: the model, how well it ranks, and what to do.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::fitted::FittedUplift;
use super::options::Uplift;
use super::predicted::{ids, of_offers};
use super::recommendation::{Recommendation, RecommendationOptions};
use super::table::TrialOptions;
use crate::answer::columns::{batch, numbers, texts};
use crate::answer::options::options;
use crate::answer::text_table::{Side, aligned};
use crate::answer::{Analysis, Table};
use crate::campaign::effect::ArmsOf;
use crate::error::Result;
use crate::log::CustomerTable;
use crate::metrics::{UpliftInterval, UpliftRanking};

options! {
    /// What is learned from a table, and what is told of it.
    pub struct LearnedUpliftOptions {
        /// The columns.
        #[flatten(TrialOptions)]
        trial: TrialOptions = TrialOptions::default(),
        /// What an outcome is worth.
        #[flatten(RecommendationOptions)]
        worth: RecommendationOptions = RecommendationOptions::default(),
        /// How often customers are drawn anew for the intervals of the measures
        #[value(value_name = "N")]
        bootstraps: usize = 1000,
    }
}

/// Effects learned from a table, how well they rank, and what to do.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LearnedUplift {
    /// The model.
    pub model: FittedUplift,
    /// Whether a targeted list pays.
    pub recommendation: Recommendation,
    /// Of each offer beside the control, how well models that have not seen a customer rank him
    /// ([`UpliftRanking::intervals`]).
    pub measures: Vec<Vec<UpliftInterval>>,
    arms: ArmsOf,
    table: CustomerTable,
}

impl LearnedUplift {
    /// Learns from a table.
    ///
    /// # Errors
    /// As [`Uplift::fit_table`] and [`FittedUplift::recommend`].
    pub fn build(
        how: &Uplift,
        table: CustomerTable,
        options: &LearnedUpliftOptions,
    ) -> Result<Self> {
        let arms = options.trial.arms(&table)?;
        let model = how.fit_arms(&table, &options.trial, &arms)?;
        let recommendation = model.recommend(&options.worth)?;
        let y = table.numbers(&options.trial.outcome)?;
        let measures = match model.out_of_fold() {
            Some(uplift) => uplift
                .columns()
                .into_iter()
                .enumerate()
                .map(|(offer, uplift)| {
                    let (mut own, mut score, mut treated) = (Vec::new(), Vec::new(), Vec::new());
                    for (row, &arm) in arms.of_customer.iter().enumerate() {
                        if arm == 0 || arm == offer + 1 {
                            own.push(y[row]);
                            score.push(uplift[row]);
                            treated.push(arm > 0);
                        }
                    }
                    let ranking = UpliftRanking::new(&own, &score, &treated)?;
                    Ok(ranking.intervals(&[], options.bootstraps, how.options.seed)?.rows)
                })
                .collect::<Result<_>>()?,
            None => Vec::new(),
        };
        Ok(LearnedUplift { model, recommendation, measures, arms, table })
    }

    fn effects(&self) -> Result<RecordBatch> {
        let names = self.arms.of_customer.iter().map(|&arm| self.arms.names[arm].as_str());
        let mut columns = vec![ids(&self.table), texts("arm", names)];
        if let Some(uplift) = self.model.out_of_fold() {
            columns.extend(of_offers("uplift", &self.model.arms()[1..], uplift.view()));
        }
        batch(columns)
    }

    /// Each measure with its offer.
    fn each_measure(&self) -> impl Iterator<Item = (&str, &UpliftInterval)> + Clone {
        let offers = self.model.arms()[1..].iter().zip(&self.measures);
        offers.flat_map(|(offer, rows)| rows.iter().map(move |row| (offer.as_str(), row)))
    }

    fn measures_table(&self) -> Result<RecordBatch> {
        let rows = || self.each_measure();
        let names: Vec<String> = rows().map(|(_, row)| row.measure.name()).collect();
        batch([
            texts("offer", rows().map(|(offer, _)| offer)),
            texts("measure", names.iter().map(String::as_str)),
            numbers("value", rows().map(|(_, row)| row.value)),
            numbers("standard_error", rows().map(|(_, row)| row.standard_error)),
            numbers("low", rows().map(|(_, row)| row.interval.map(|(low, _)| low))),
            numbers("high", rows().map(|(_, row)| row.interval.map(|(_, high)| high))),
        ])
    }
}

impl Analysis for LearnedUplift {
    /// - `effects`: `customer_id`, `arm`, and of each offer `uplift_...`, the effect on the customer by
    ///   models that have not seen him; rows by ascending id.
    /// - `measures`: how well that ranks: `offer`, `measure`, `value`, `standard_error`, `low`, `high`.
    /// - `policies` and `curve`: as of a [`Recommendation`].
    const TABLES: &'static [Table<Self>] = &[
        ("effects", Self::effects),
        ("measures", Self::measures_table),
        ("policies", |found| found.recommendation.policies_table()),
        ("curve", |found| found.recommendation.curve_table()),
    ];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        let mut figures = Analysis::figures(&self.recommendation);
        let measures = serde_json::to_value(&self.measures).unwrap_or_default();
        figures.insert("measures".to_owned(), measures);
        figures
    }

    fn notes(&self) -> Vec<String> {
        Analysis::notes(&self.recommendation)
    }
}

impl fmt::Display for LearnedUplift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = [
            ("offer", Side::Left),
            ("measure", Side::Left),
            ("value", Side::Right),
            ("95 %", Side::Right),
        ];
        let shown =
            |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.4}"));
        let row = |(offer, row): (&str, &UpliftInterval)| {
            let ends = row.interval.map(|(low, high)| format!("{low:.4} to {high:.4}"));
            let ends = ends.unwrap_or_else(|| "-".to_owned());
            vec![offer.to_owned(), row.measure.name(), shown(row.value), ends]
        };
        let rows: Vec<Vec<String>> = self.each_measure().map(row).collect();
        write!(
            f,
            "{}\n\n{}\n\n{}",
            self.model,
            aligned(&heads, &rows).trim_end(),
            self.recommendation
        )
    }
}
