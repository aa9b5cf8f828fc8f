//! The quality of a churn model at a cutoff that training never saw.

use std::fmt;

use arrow_array::RecordBatch;

use serde_json::{Map, Value};

use super::group_scores::{GroupScores, outcome_name};
use crate::answer::columns::{batch, counts, numbers, texts};
use crate::answer::{Analysis, Table, fields, write_notes};
use crate::churn::ChurnModel;
use crate::churn::score::Scored;
use crate::error::{Error, Result};
use crate::labels::{State, outcome_window};
use crate::log::{CustomerIndex, EventLog, grouped};
use crate::metrics::Quality;
use crate::models::odds::logit;
use crate::snapshot::Snapshot;
use crate::time::{Span, Timestamp, Window};

/// Quality for the customers of one state.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct GroupQuality {
    /// State at the cutoff.
    pub state: State,
    /// What is predicted: `churned` for active customers, `returned` for the others.
    pub outcome: &'static str,
    /// Mean of the model's probabilities of the outcome, for comparison with its base rate.
    pub mean_probability: f64,
    /// Quality of the model's probabilities.
    pub model: Quality,
    /// Quality of the baseline that knows only the days since the last purchase. It ranks customers
    /// by them: the longer silent, the likelier gone. Its Brier score and log loss are those of a
    /// logistic regression on their logarithm, trained on the same rows as the model.
    pub recency: Quality,
}

/// Quality at one cutoff later than all that training saw, compared with the baseline that knows
/// only the days since the last purchase.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct QualityReport {
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
    /// The groups in which both outcomes occur, in the order active, lapsed, lost.
    pub groups: Vec<GroupQuality>,
    /// Notes for the reader: groups that could not be judged, a baseline that misleads.
    pub notes: Vec<String>,
}

impl ChurnModel {
    /// The outcome window of a cutoff, all customers with their scores there, and whether each
    /// purchased inside the window.
    pub(crate) fn outcomes(&self, snapshot: &Snapshot) -> Result<(Window, Scored, Vec<bool>)> {
        let until = snapshot.log().observed_until();
        let window = covered_window(snapshot.at(), until, self.lead(), self.horizon())?;
        let scored = self.scored_all(snapshot)?;
        let purchased = self.purchased(snapshot.log(), &scored, window);
        Ok((window, scored, purchased))
    }

    /// Whether each customer purchased inside the window.
    pub(super) fn purchased(&self, log: &EventLog, scored: &Scored, window: Window) -> Vec<bool> {
        let of = |&customer: &CustomerIndex| {
            let until = log.observed_until();
            log.seen(self.label(), customer, window, until).purchased()
        };
        scored.customers.iter().map(of).collect()
    }
}

/// The outcome window of a cutoff, which the log, known up to `until`, must cover.
pub(crate) fn covered_window(
    at: Timestamp,
    until: Timestamp,
    lead: Span,
    horizon: Span,
) -> Result<Window> {
    let window = outcome_window(at, lead, horizon)?;
    if window.end > until {
        let expected =
            format!("a time whose outcome window ends by {until} (observed_until), not {window}");
        return Err(Error::argument("at", at, expected));
    }
    Ok(window)
}

impl GroupQuality {
    pub(super) fn of(state: State, scores: &GroupScores) -> Result<Self> {
        let GroupScores { outcome, model, recency, silence, .. } = scores;
        let probabilities = Quality::of(outcome, recency)?;
        Ok(GroupQuality {
            state,
            outcome: outcome_name(state),
            mean_probability: model.iter().sum::<f64>() / model.len() as f64,
            model: Quality::of(outcome, model)?,
            recency: Quality {
                brier: probabilities.brier,
                log_loss: probabilities.log_loss,
                ..Quality::of_score(outcome, silence)?
            },
        })
    }

    /// What the figures mean, where they mean something unexpected.
    pub(super) fn notes(&self) -> Vec<String> {
        let GroupQuality { state, outcome, model, recency, .. } = self;
        let (low, high) = (recency.roc_auc - margin(recency), recency.roc_auc + margin(recency));
        let mut notes = Vec::new();
        if high < 0.5 {
            notes.push(format!(
                "{state}: recency alone misleads (AUC {:.3}, below 0.5): here the longer silent are \
                 the likelier to purchase, as in a yearly rhythm",
                recency.roc_auc
            ));
        } else if low <= 0.5 {
            notes.push(format!(
                "{state}: recency alone says nothing: it does not rank clearly better than chance (AUC \
                 {:.3} ± {:.3})",
                recency.roc_auc,
                margin(recency)
            ));
        }
        if model.roc_auc - margin(model) <= 0.5 {
            notes.push(format!(
                "{state}: the model does not rank clearly better than chance (AUC {:.3} ± {:.3})",
                model.roc_auc,
                margin(model)
            ));
        } else if model.roc_auc < recency.roc_auc {
            notes.push(format!(
                "{state}: the model ranks who {outcome} worse (AUC {:.3}) than the days since the \
                 last purchase alone (AUC {:.3})",
                model.roc_auc, recency.roc_auc
            ));
        }
        if let (Some(own), Some(other)) = (model.log_loss, recency.log_loss) {
            let constant = entropy(model.base_rate);
            if own >= constant {
                notes.push(format!(
                    "{state}: the model's probabilities say nothing (log loss {own:.3}): the true rate \
                     for every customer is no worse ({constant:.3})"
                ));
            } else if own > other {
                notes.push(format!(
                    "{state}: the model's probabilities are worse (log loss {own:.3}) than those by the \
                     days since the last purchase alone ({other:.3})"
                ));
            }
        }
        let off = (logit(self.mean_probability) - logit(model.base_rate)).abs();
        if off >= FAR_OFF {
            notes.push(format!(
                "{state}: the predicted share ({:.1} %) and the one that came ({:.1} %) are {off:.2} apart \
                 in log-odds: sums of probabilities and of money mislead, though the ranking may be right",
                self.mean_probability * 100.0,
                model.base_rate * 100.0
            ));
        }
        notes
    }
}

/// From here on a note tells how far predicted shares are off, in log-odds.
pub(crate) const FAR_OFF: f64 = 0.25;

/// The log loss of a probability that is the true rate of all.
pub(crate) fn entropy(rate: f64) -> f64 {
    -rate * rate.ln() - (1.0 - rate) * (-rate).ln_1p()
}

/// Two standard errors of an AUC (Hanley and McNeil 1982, "The meaning and use of the area under a
/// receiver operating characteristic curve", Radiology 143).
fn margin(quality: &Quality) -> f64 {
    let auc = quality.roc_auc;
    let positives = quality.positives as f64;
    let negatives = (quality.n - quality.positives) as f64;
    let both_positive = auc / (2.0 - auc) - auc * auc;
    let both_negative = 2.0 * auc * auc / (1.0 + auc) - auc * auc;
    let variance =
        (auc * (1.0 - auc) + (positives - 1.0) * both_positive + (negatives - 1.0) * both_negative)
            / (positives * negatives);
    2.0 * variance.max(0.0).sqrt()
}

impl QualityReport {
    fn rows_table(&self) -> Result<RecordBatch> {
        let rows: Vec<(&GroupQuality, &str, &Quality)> = self
            .groups
            .iter()
            .flat_map(|group| [(group, "model", &group.model), (group, "recency", &group.recency)])
            .collect();
        let rows = || rows.iter();
        let predicted = |row: &(&GroupQuality, &str, &Quality)| {
            (row.1 == "model").then_some(row.0.mean_probability)
        };
        batch([
            texts("state", rows().map(|row| row.0.state.name())),
            texts("outcome", rows().map(|row| row.0.outcome)),
            texts("score", rows().map(|row| row.1)),
            counts("customers", rows().map(|row| row.2.n as u64)),
            numbers("base_rate", rows().map(|row| row.2.base_rate)),
            numbers("mean_probability", rows().map(predicted)),
            numbers("roc_auc", rows().map(|row| row.2.roc_auc)),
            numbers("average_precision", rows().map(|row| row.2.average_precision)),
            numbers("brier_score", rows().map(|row| row.2.brier)),
            numbers("log_loss", rows().map(|row| row.2.log_loss)),
            numbers("lift_10", rows().map(|row| row.2.lift_10)),
        ])
    }
}

impl Analysis for QualityReport {
    /// - `groups`: two rows per group: `state`, `outcome`, `score` (`model` or `recency`),
    ///   `customers`, `base_rate`, `mean_probability` (of the model), `roc_auc`,
    ///   `average_precision`, `brier_score`, `log_loss`, `lift_10`.
    const TABLES: &'static [Table<Self>] = &[("groups", Self::rows_table)];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        fields(self)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

impl fmt::Display for QualityReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Quality of the {} model at {}, outcomes in [{}, {})\n\
             trained on what was known before {}",
            self.estimator, self.at, self.outcome_from, self.outcome_until, self.trained_until
        )?;
        for group in &self.groups {
            let n = |count: usize| grouped(count as u64);
            writeln!(
                f,
                "\n{} customers: {}, of whom {} ({:.1} %, predicted {:.1} %) {}",
                group.state,
                n(group.model.n),
                n(group.model.positives),
                group.model.base_rate * 100.0,
                group.mean_probability * 100.0,
                group.outcome
            )?;
            writeln!(
                f,
                "{:<26}{:>9}{:>9}{:>9}{:>10}{:>11}",
                "", "AUC", "avg prec", "Brier", "log loss", "lift 10 %"
            )?;
            for (name, q) in [("model", &group.model), ("days since last purchase", &group.recency)]
            {
                let or_dash = |value: Option<f64>| value.map_or("-".into(), |v| format!("{v:.4}"));
                writeln!(
                    f,
                    "{name:<26}{:>9.4}{:>9.4}{:>9}{:>10}{:>11.2}",
                    q.roc_auc,
                    q.average_precision,
                    or_dash(q.brier),
                    or_dash(q.log_loss),
                    q.lift_10
                )?;
            }
        }
        write_notes(f, &self.notes)
    }
}
