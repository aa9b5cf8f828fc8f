//! What a campaign would have earned, as a table and in words.

use std::fmt;

use arrow_array::RecordBatch;

use serde_json::{Map, Value};

use super::clv::Clv;
use crate::answer::text_table::decimals;
use crate::answer::{Analysis, Table, fields, write_notes};
use crate::error::Result;
use crate::log::grouped;
use crate::metrics::{MaximumProfit, ProfitCurve, ProfitPoint};
use crate::time::{Span, Timestamp};

/// What contacting active customers would have earned at one past cutoff.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ProfitReport {
    /// The cutoff.
    pub at: Timestamp,
    /// Name of the estimator.
    pub estimator: &'static str,
    /// Nothing at or after this instant was used in training.
    pub trained_until: Timestamp,
    /// Pause between cutoff and outcome window.
    pub lead: Span,
    /// Length of the outcome window.
    pub horizon: Span,
    /// First instant of the outcome window.
    pub outcome_from: Timestamp,
    /// First instant after the outcome window.
    pub outcome_until: Timestamp,
    /// Active customers.
    pub customers: usize,
    /// How many of them churned.
    pub churners: usize,
    /// The value lost when a customer leaves, as given.
    pub clv: Clv,
    /// Its mean over the active customers.
    pub mean_clv: f64,
    /// Active customers who are worth 0, because the feature of `clv` is missing or not above 0.
    pub worthless: usize,
    /// As given.
    pub incentive_cost: f64,
    /// As given.
    pub contact_cost: f64,
    /// The accept rate, or the mean of its distribution.
    pub accept_rate: f64,
    /// Parameter of the accept rate's beta distribution, if given.
    pub alpha: Option<f64>,
    /// The other parameter, if given.
    pub beta: Option<f64>,
    /// The best point of the model's curve, the [`mpc`](crate::metrics::mpc).
    pub model: ProfitPoint,
    /// The model's [`empc`](crate::metrics::empc), if the accept rate is a distribution.
    pub expected: Option<MaximumProfit>,
    /// The best point of the baseline that ranks by the days since the last purchase; its threshold is
    /// in days.
    pub recency: ProfitPoint,
    /// All active customers contacted. Contacting nobody earns 0.
    pub everybody: ProfitPoint,
    /// The profit at every churn probability of the model.
    #[serde(skip)]
    pub curve: ProfitCurve,
    /// Notes for the reader.
    pub notes: Vec<String>,
}

impl ProfitReport {
    fn curve(&self) -> Result<RecordBatch> {
        self.curve.to_batch()
    }

    /// Adds notes on what the figures mean, where they mean something unexpected.
    pub(crate) fn note(&mut self) {
        if self.worthless > 0 {
            self.notes.push(format!(
                "clv {} is missing or not above 0 for {} of the {} customers; they count as worth 0",
                self.clv,
                grouped(self.worthless as u64),
                grouped(self.customers as u64)
            ));
        }
        if self.model.customers == 0 {
            self.notes.push(
                "to contact nobody earns most: no top of the ranking pays for what it costs".into(),
            );
        } else if self.model.customers == self.customers {
            self.notes.push(
                "to contact everybody earns most: with these economics no ranking is needed".into(),
            );
        } else if self.recency.profit >= self.model.profit {
            self.notes.push(format!(
                "the days since the last purchase alone earn no less ({} a customer)",
                money(self.recency.profit)
            ));
        }
    }
}

/// An amount with two decimals, large ones without.
pub(super) fn money(value: f64) -> String {
    let size = value.abs();
    let sign = if value < 0.0 { "-" } else { "" };
    match size {
        _ if size >= 1e15 => format!("{value:e}"),
        _ if size >= 9_999.5 => format!("{sign}{}", grouped(size.round() as u64)),
        _ => decimals(value, 2),
    }
}

impl Analysis for ProfitReport {
    /// - `curve`: the model's profit curve; see [`ProfitCurve::to_batch`].
    const TABLES: &'static [Table<Self>] = &[("curve", Self::curve)];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        fields(self)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

impl fmt::Display for ProfitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Profit of contacting active customers by the {} model at {}\n\
             outcomes in [{}, {}), trained on what was known before {}",
            self.estimator, self.at, self.outcome_from, self.outcome_until, self.trained_until
        )?;
        writeln!(
            f,
            "{} customers, of whom {} ({:.1} %) churned",
            grouped(self.customers as u64),
            grouped(self.churners as u64),
            100.0 * self.churners as f64 / self.customers as f64
        )?;
        write!(f, "clv {}", self.clv)?;
        if let Clv::Feature { .. } = self.clv {
            write!(f, " ({} in the mean)", money(self.mean_clv))?;
        }
        let (incentive, contact) = (self.incentive_cost, self.contact_cost);
        write!(f, ", incentive cost {incentive}, contact cost {contact}, accept rate ")?;
        match (self.alpha, self.beta) {
            (Some(alpha), Some(beta)) => {
                writeln!(f, "Beta({alpha}, {beta}), {:.4} in the mean", self.accept_rate)?;
            }
            _ => writeln!(f, "{}", self.accept_rate)?,
        }
        writeln!(
            f,
            "\n{:<34}{:>11}{:>9}{:>11}{:>15}{:>13}",
            "", "contacted", "share", "churning", "profit", "a customer"
        )?;
        let nobody = ProfitPoint {
            share: 0.0,
            customers: 0,
            churners: 0,
            threshold: None,
            profit: 0.0,
            total_profit: 0.0,
        };
        for (name, point) in [
            ("model, best share", &self.model),
            ("days since last purchase, best", &self.recency),
            ("everybody", &self.everybody),
            ("nobody", &nobody),
        ] {
            let churning = match point.customers {
                0 => "-".to_owned(),
                n => format!("{:.1} %", 100.0 * point.churners as f64 / n as f64),
            };
            writeln!(
                f,
                "{name:<34}{:>11}{:>9}{churning:>11}{:>15}{:>13}",
                grouped(point.customers as u64),
                format!("{:.1} %", 100.0 * point.share),
                money(point.total_profit),
                money(point.profit)
            )?;
        }
        writeln!(f)?;
        if let Some(threshold) = self.model.threshold {
            writeln!(
                f,
                "The model's best share are the customers with a churn probability from {threshold:.4} up."
            )?;
        }
        if let Some(MaximumProfit { profit, share }) = self.expected {
            writeln!(
                f,
                "Expected maximum profit, the share chosen to suit the accept rate: {} a customer, {:.1} \
                 % contacted in the mean.",
                money(profit),
                100.0 * share
            )?;
        }
        write!(
            f,
            "Best shares were found with the outcomes known: a share chosen beforehand earns no more."
        )?;
        write_notes(f, &self.notes)
    }
}
