//! What a backtest found, as a table and in words.

use std::collections::BTreeMap;
use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::group_scores::outcome_name;
use super::quality::{FAR_OFF, entropy};
use crate::answer::columns::{batch, counts, numbers, texts, times};
use crate::answer::text_table::{self, Side, aligned, wrapped};
use crate::answer::{Analysis, Table, fields, write_notes};
use crate::error::Result;
use crate::labels::{Label, LifecycleLimits, State};
use crate::metrics::{Measure, Measures};
use crate::models::odds::logit;
use crate::time::{Span, Timestamp};

/// Which score the figures in a row of a backtest belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreKind {
    /// The model's probabilities.
    Model,
    /// The baseline that knows only the days since the last purchase: it ranks by them, and its
    /// probabilities are those of a logistic regression on their logarithm.
    Recency,
    /// The baseline that is the chance of a purchase by an MBG/NBD model of all customers' purchases
    /// before the cutoff.
    MbgNbd,
    /// Of simulated customers, the chance by somebody who knows how they behave:
    /// [`Simulation::oracle`](crate::simulate::Simulation::oracle).
    Oracle,
}

impl ScoreKind {
    /// All of them.
    pub const ALL: [ScoreKind; 4] =
        [ScoreKind::Model, ScoreKind::Recency, ScoreKind::MbgNbd, ScoreKind::Oracle];
    /// Those that there are for every log.
    pub const USUAL: [ScoreKind; 3] = [ScoreKind::Model, ScoreKind::Recency, ScoreKind::MbgNbd];

    /// `model`, `recency`, `mbg_nbd` or `oracle`.
    pub const fn name(self) -> &'static str {
        match self {
            ScoreKind::Model => "model",
            ScoreKind::Recency => "recency",
            ScoreKind::MbgNbd => "mbg_nbd",
            ScoreKind::Oracle => "oracle",
        }
    }
}

/// What a row of a backtest is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// One test cutoff.
    Cutoff(Timestamp),
    /// The mean of all cutoffs.
    Mean,
    /// For every measure, the worst of all cutoffs.
    Worst,
}

impl Part {
    /// `cutoff`, `mean` or `worst`.
    pub const fn name(self) -> &'static str {
        match self {
            Part::Cutoff(_) => "cutoff",
            Part::Mean => "mean",
            Part::Worst => "worst",
        }
    }
}

/// The figures of one score for the customers of one state.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct BacktestRow {
    /// The cutoff, or a summary of all.
    pub part: Part,
    /// State at the cutoff.
    pub state: State,
    /// What is predicted: `churned` or `returned`.
    pub outcome: &'static str,
    /// The score that the figures belong to.
    pub score: ScoreKind,
    /// Customers; NaN for the worst.
    pub customers: f64,
    /// Share of them with the outcome; NaN for the worst.
    pub base_rate: f64,
    /// Mean probability of the outcome, for comparison with the base rate.
    pub mean_probability: Option<f64>,
    /// How far the two are apart, in log-odds; of the mean, the mean over the cutoffs.
    pub log_odds_off: Option<f64>,
    /// Every measure.
    pub measures: Measures,
    /// DeLong's standard error of the AUC, for one cutoff.
    pub roc_auc_se: Option<f64>,
    /// Lower ends of the 95 % intervals; undefined for the worst and without resampling.
    pub low: Measures,
    /// Upper ends.
    pub high: Measures,
    /// Of simulated customers, which share of the skill that could be had this is; not for the worst.
    pub skill: Option<SkillShares>,
}

/// Shares of attainable skill: 1 is as good as can be, 0 no better than a constant at the true rate.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct SkillShares {
    /// (AUC − ½) / (AUC of the oracle − ½).
    pub roc_auc: SkillShare,
    /// (log loss of a constant − log loss) / (log loss of a constant − log loss of the oracle).
    pub log_loss: SkillShare,
}

/// A share of attainable skill.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct SkillShare {
    /// The share.
    pub share: f64,
    /// The ends of its 95 % interval; none without resampling.
    pub interval: Option<[f64; 2]>,
}

/// How good a model would have been at several past cutoffs.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Backtest {
    /// Name of the estimator.
    pub estimator: &'static str,
    /// Pause between cutoff and outcome window.
    pub lead: Span,
    /// Length of the outcome window.
    pub horizon: Span,
    /// Which purchases in the outcome window count.
    pub label: Label,
    /// Limits of the lifecycle states.
    pub limits: LifecycleLimits,
    /// The cutoffs that were tested, ascending.
    pub cutoffs: Vec<Timestamp>,
    /// Number of times customers were resampled.
    pub draws: usize,
    /// Seed of the resampling.
    pub seed: u64,
    /// By state and score: every cutoff, the mean and the worst.
    #[serde(skip)]
    pub rows: Vec<BacktestRow>,
    /// Notes for the reader.
    #[serde(skip)]
    pub notes: Vec<String>,
}

impl Backtest {
    /// The row of a summary.
    pub fn row(&self, part: Part, state: State, score: ScoreKind) -> Option<&BacktestRow> {
        self.rows.iter().find(|row| (row.part, row.state, row.score) == (part, state, score))
    }

    /// Who is evaluated, in words.
    pub fn eligibility(&self) -> String {
        let LifecycleLimits { lapsed_after, lost_after } = self.limits;
        let from = match self.lead.is_zero() {
            true => "after the cutoff".to_owned(),
            false => format!("from {} after the cutoff", self.lead),
        };
        let kept = match self.label {
            Label::Purchase => "",
            Label::KeptPurchase => "; what was returned in full in that time is no purchase",
        };
        format!(
            "customers with a purchase before the cutoff: active, silent for less than {lapsed_after} \
             (do they churn: no purchase in the {} {from}); lapsed, silent for {lapsed_after} to \
             {lost_after}, and lost, silent for longer (do they return: a purchase in that time){kept}",
            self.horizon
        )
    }

    /// Adds notes on how the model compares with the baselines.
    pub(crate) fn note_comparisons(&mut self) {
        let auc = |row: &BacktestRow| row.measures.get(Measure::RocAuc);
        let mut notes = Vec::new();
        for state in State::ALL {
            let of = |score| self.row(Part::Mean, state, score);
            let Some(model) = of(ScoreKind::Model) else { continue };
            let Some(own) = auc(model) else { continue };
            let loss = |row: &BacktestRow| row.measures.get(Measure::LogLoss);
            for baseline in [ScoreKind::Recency, ScoreKind::MbgNbd].map(of).into_iter().flatten() {
                let Some(other) = auc(baseline) else { continue };
                if let (Some(own), Some(other)) = (loss(model), loss(baseline))
                    && own > other
                {
                    notes.push(format!(
                        "{state}: the model's probabilities are no better (mean log loss {own:.3}) than \
                         those by {} alone ({other:.3})",
                        words(baseline.score)
                    ));
                }
                if own <= other {
                    notes.push(format!(
                        "{state}: the model ranks no better (mean AUC {own:.3}) than {} alone \
                         ({other:.3})",
                        words(baseline.score)
                    ));
                }
            }
            if let (Some(own), Some(constant)) = (loss(model), self.constant_log_loss(state))
                && own >= constant
            {
                notes.push(format!(
                    "{state}: the model's probabilities say nothing (mean log loss {own:.3}): the true \
                     rate for every customer is no worse ({constant:.3})"
                ));
            }
            if let Some(off) = model.log_odds_off.filter(|&off| off >= FAR_OFF) {
                notes.push(format!(
                    "{state}: the predicted share and the one that came are {off:.2} apart in log-odds \
                     on average: sums of probabilities and of money mislead, though the ranking may be \
                     right; look at the cutoffs, whether it follows the season"
                ));
            }
            let recency = of(ScoreKind::Recency);
            if let Some(high) = recency.and_then(|row| row.high.get(Measure::RocAuc))
                && high < 0.5
            {
                notes.push(format!(
                    "{state}: the longer silent are the likelier to purchase (AUC of recency below \
                     {high:.3}), as in a yearly rhythm: lifecycle limits of {} and {} are too short \
                     for this business",
                    self.limits.lapsed_after, self.limits.lost_after
                ));
            }
            if let Some(low) = model.low.get(Measure::RocAuc)
                && low <= 0.5
            {
                notes.push(format!(
                    "{state}: the model does not rank clearly better than chance (mean AUC {own:.3}, \
                     interval from {low:.3})"
                ));
            }
        }
        self.notes.extend(notes);
    }

    /// The mean log loss of a probability that is, at every cutoff, the true rate of all.
    fn constant_log_loss(&self, state: State) -> Option<f64> {
        let rows = self.rows.iter().filter(|row| {
            (row.state, row.score) == (state, ScoreKind::Model)
                && matches!(row.part, Part::Cutoff(_))
        });
        let all: Vec<f64> = rows.map(|row| entropy(row.base_rate)).collect();
        (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
    }

    fn rows_table(&self) -> Result<RecordBatch> {
        let rows = || self.rows.iter();
        let number = |name: &str, of: &dyn Fn(&BacktestRow) -> Option<f64>| {
            numbers(name, rows().map(|row| of(row).filter(|value| !value.is_nan())))
        };
        let cutoff = |row: &BacktestRow| match row.part {
            Part::Cutoff(at) => Some(at),
            _ => None,
        };
        let mut columns = vec![
            texts("part", rows().map(|row| row.part.name())),
            times("cutoff", rows().map(cutoff)),
            texts("state", rows().map(|row| row.state.name())),
            texts("outcome", rows().map(|row| row.outcome)),
            texts("score", rows().map(|row| row.score.name())),
            number("customers", &|row| Some(row.customers)),
            number("base_rate", &|row| Some(row.base_rate)),
            number("mean_probability", &|row| row.mean_probability),
            number("log_odds_off", &|row| row.log_odds_off),
            number("roc_auc_se", &|row| row.roc_auc_se),
        ];
        for measure in Measure::ALL {
            let name = measure.name();
            columns.push(number(name, &|row| row.measures.get(measure)));
            columns.push(number(&format!("{name}_low"), &|row| row.low.get(measure)));
            columns.push(number(&format!("{name}_high"), &|row| row.high.get(measure)));
        }
        for measure in [Measure::RocAuc, Measure::LogLoss] {
            let of = |skill: &SkillShares| match measure {
                Measure::RocAuc => skill.roc_auc,
                _ => skill.log_loss,
            };
            let name = format!("{}_skill_share", measure.name());
            let of = |row: &BacktestRow| row.skill.as_ref().map(of);
            let end = |i: usize| move |row: &BacktestRow| of(row)?.interval.map(|ends| ends[i]);
            columns.push(number(&name, &|row| of(row).map(|skill| skill.share)));
            columns.push(number(&format!("{name}_low"), &end(0)));
            columns.push(number(&format!("{name}_high"), &end(1)));
        }
        batch(columns)
    }
}

/// What was predicted and what came at the cutoffs of a calendar month.
#[derive(Default)]
struct Month {
    cutoffs: u64,
    customers: f64,
    predicted: f64,
    came: f64,
}

impl Backtest {
    fn months_table(&self) -> Result<RecordBatch> {
        let mut months: BTreeMap<(State, i8), Month> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| row.score == ScoreKind::Model) {
            let (Part::Cutoff(at), Some(predicted)) = (row.part, row.mean_probability) else {
                continue;
            };
            let month = months.entry((row.state, at.date().1)).or_default();
            month.cutoffs += 1;
            month.customers += row.customers;
            month.predicted += row.customers * predicted;
            month.came += row.customers * row.base_rate;
        }
        let rows = || months.iter();
        let off = |month: &Month| {
            let [predicted, came] = [month.predicted, month.came].map(|sum| sum / month.customers);
            Some(logit(predicted) - logit(came)).filter(|off| off.is_finite())
        };
        batch([
            counts("month", rows().map(|((_, month), _)| *month as u64)),
            texts("state", rows().map(|((state, _), _)| state.name())),
            texts("outcome", rows().map(|((state, _), _)| outcome_name(*state))),
            counts("cutoffs", rows().map(|(_, month)| month.cutoffs)),
            counts("customers", rows().map(|(_, month)| month.customers as u64)),
            numbers("mean_probability", rows().map(|(_, m)| Some(m.predicted / m.customers))),
            numbers("base_rate", rows().map(|(_, m)| Some(m.came / m.customers))),
            numbers("log_odds_bias", rows().map(|(_, month)| off(month))),
        ])
    }
}

fn words(score: ScoreKind) -> &'static str {
    match score {
        ScoreKind::Model => "model",
        ScoreKind::Recency => "recency",
        ScoreKind::MbgNbd => "MBG/NBD",
        ScoreKind::Oracle => "oracle",
    }
}

/// The measures that are printed.
const SHOWN: [(Measure, &str, usize); 7] = [
    (Measure::RocAuc, "AUC", 3),
    (Measure::AveragePrecision, "avg prec", 3),
    (Measure::LogLoss, "log loss", 3),
    (Measure::CalibrationSlope, "cal slope", 2),
    (Measure::ExpectedCalibrationError, "ECE", 3),
    (Measure::Lift10, "lift 10 %", 2),
    (Measure::LiftQuality, "lift quality", 0),
];

impl Analysis for Backtest {
    /// - `rows`: a row for each of [`Backtest::rows`]: `part` (`cutoff`, `mean`, `worst`), `cutoff`
    ///   (null for summaries), `state`, `outcome`, `score`, `customers`, `base_rate`,
    ///   `mean_probability`, `log_odds_off`, `roc_auc_se`, then for every measure its value and, as `<measure>_low`
    ///   and `<measure>_high`, the ends of its interval; the shares of attainable skill
    ///   `roc_auc_skill_share` and `log_loss_skill_share`, with the same ends; null if undefined.
    /// - `months`: of the model, by calendar month of the cutoff (1 to 12) and state, what was predicted
    ///   and what came, over the cutoffs of the month together: `month`, `state`, `outcome`, `cutoffs`,
    ///   `customers`, `mean_probability`, `base_rate`, `log_odds_bias` (predicted − actual, in log-odds;
    ///   null where all or none had the outcome).
    const TABLES: &'static [Table<Self>] =
        &[("rows", Self::rows_table), ("months", Self::months_table)];

    fn figures(&self) -> Map<String, Value> {
        fields(self)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

impl fmt::Display for Backtest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cutoffs: Vec<String> = self.cutoffs.iter().map(Timestamp::to_string).collect();
        let title = format!("Backtest of the {} model at {}", self.estimator, cutoffs.join(", "));
        writeln!(f, "{}\n{}", wrapped(&title, "  "), wrapped(&self.eligibility(), "  "))?;
        writeln!(
            f,
            "recency: by the days since the last purchase alone; MBG/NBD: by a model of purchases alone"
        )?;
        if self.rows.iter().any(|row| row.score == ScoreKind::Oracle) {
            writeln!(
                f,
                "oracle: by somebody who knows how these customers were simulated, the best there can be"
            )?;
        }
        if self.draws > 0 {
            writeln!(f, "in brackets: 95 % intervals from {} draws of customers", self.draws)?;
        }
        for state in State::ALL {
            let Some(first) = self.row(Part::Mean, state, ScoreKind::Model) else { continue };
            writeln!(
                f,
                "\n{state}: {:.0} customers a cutoff, of whom {:.1} % {} (predicted {:.1} %)",
                first.customers,
                first.base_rate * 100.0,
                first.outcome,
                first.mean_probability.unwrap_or(f64::NAN) * 100.0
            )?;
            let worst = self.row(Part::Worst, state, ScoreKind::Model);
            if let (Some(mean), Some(worst)) =
                (first.log_odds_off, worst.and_then(|worst| worst.log_odds_off))
            {
                writeln!(
                    f,
                    "predicted against what came, in log-odds: {mean:.2} off on average, {worst:.2} at \
                     the worst cutoff"
                )?;
            }
            if let Some(skill) = &first.skill {
                writeln!(
                    f,
                    "of the skill that an oracle has: AUC {}, log loss {}",
                    skill.roc_auc, skill.log_loss
                )?;
            }
            self.write_state(f, state)?;
        }
        write_notes(f, &self.notes)
    }
}

impl fmt::Display for SkillShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| text_table::decimals(share * 100.0, 1);
        write!(f, "{}", percent(self.share))?;
        if let Some([low, high]) = self.interval {
            write!(f, " [{}, {}]", percent(low), percent(high))?;
        }
        f.write_str(" %")
    }
}

impl Backtest {
    /// A line for each measure, a column for each score.
    fn write_state(&self, f: &mut fmt::Formatter<'_>, state: State) -> fmt::Result {
        let mean = |score| self.row(Part::Mean, state, score);
        let mut columns: Vec<(&str, &BacktestRow)> = ScoreKind::ALL
            .into_iter()
            .filter_map(|score| Some((words(score), mean(score)?)))
            .collect();
        let worst = self.row(Part::Worst, state, ScoreKind::Model);
        columns.extend(worst.map(|row| ("model, worst cutoff", row)));
        let mut heads = vec![("mean", Side::Left)];
        heads.extend(columns.iter().map(|(name, _)| (*name, Side::Right)));
        let line = |&(measure, name, decimals): &(Measure, &str, usize)| {
            let cells = columns.iter().map(|(_, row)| row.cell(measure, decimals));
            std::iter::once(name.to_owned()).chain(cells).collect()
        };
        writeln!(f, "{}", aligned(&heads, &SHOWN.iter().map(line).collect::<Vec<Vec<String>>>()))
    }
}

impl BacktestRow {
    fn cell(&self, measure: Measure, decimals: usize) -> String {
        match (self.measures.get(measure), self.low.get(measure), self.high.get(measure)) {
            (None, ..) => "-".to_owned(),
            (Some(value), Some(low), Some(high)) => {
                let [value, low, high] =
                    [value, low, high].map(|v| text_table::decimals(v, decimals));
                format!("{value} [{low}, {high}]")
            }
            (Some(value), ..) => text_table::decimals(value, decimals),
        }
    }
}
