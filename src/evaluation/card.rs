//! A model card: what a model is, what it learned from, how good it is and where its limits are.

use serde::Serialize;

use super::BacktestOptions;
use super::backtest_report::{Backtest, Part, ScoreKind};
use crate::churn::{
    CalibrationChoice, CalibrationTrial, ChurnModel, Estimator, MODEL_FILE_VERSION, OutcomeCounts,
};
use crate::error::Result;
use crate::features;
use crate::labels::{Label, LifecycleLimits, State};
use crate::log::{EventLog, PurchaseRules};
use crate::metrics::Measure;
use crate::time::{Span, Timestamp};

/// Everything needed to decide whether to rely on a model. `to_string` prints it as Markdown, and
/// programs read it through serde.
///
/// After Mitchell and others 2019, "Model cards for model reporting".
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ModelCard {
    /// Version of this library.
    pub winback_version: &'static str,
    /// Version of the model file's format.
    pub model_file_version: u32,
    /// The estimator and its parameters.
    pub estimator: Estimator,
    /// Whether boosted trees are monotonic where the direction is obvious.
    pub monotone: bool,
    /// What it learned from.
    pub data: CardData,
    /// Who is scored, in words.
    pub eligibility: String,
    /// What is predicted, in words.
    pub label: String,
    /// Length of the outcome window.
    pub horizon: Span,
    /// Pause before it.
    pub lead: Span,
    /// Limits of the lifecycle states.
    pub limits: LifecycleLimits,
    /// The columns that it reads.
    pub columns: Vec<CardColumn>,
    /// The calibration of each state's probabilities.
    pub calibration: Vec<CardCalibration>,
    /// Which calibration was requested.
    pub calibration_choice: CalibrationChoice,
    /// Cutoffs at which a new model was trained and tested, ISO 8601.
    pub tested_at: Vec<String>,
    /// Number of times customers were resampled to compute intervals.
    pub draws: usize,
    /// How many customers were tested at each cutoff, and what they did.
    pub tests: Vec<CardTest>,
    /// Every measure of the model and the baselines, out of time.
    pub metrics: Vec<CardMetric>,
    /// What it should not be used for, in words.
    pub limitations: Vec<String>,
}

/// What a model learned from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CardData {
    /// The first transaction of the log, ISO 8601.
    pub first_event: String,
    /// Nothing at or after this instant was used.
    pub until: String,
    /// Customers with a purchase before the latest training cutoff.
    pub customers: usize,
    /// How purchases are formed.
    pub purchase_rules: PurchaseRules,
    /// Fingerprint of the training table.
    pub data_hash: String,
    /// The training cutoffs.
    pub cutoffs: Vec<CardCutoff>,
}

/// One training cutoff.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CardCutoff {
    /// ISO 8601.
    pub cutoff: String,
    /// Rows of active customers.
    pub active: OutcomeCounts,
    /// Rows of lapsed customers.
    pub lapsed: OutcomeCounts,
    /// Rows of lost customers.
    pub lost: OutcomeCounts,
}

/// A column that a model reads.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CardColumn {
    /// Name of the feature or attribute.
    pub name: String,
    /// Its family; `attribute` for an attribute of the customer.
    pub family: &'static str,
    /// Its unit; none for an attribute.
    pub unit: Option<&'static str>,
    /// What it means, with the formula.
    pub meaning: &'static str,
}

/// The calibration of one state's probabilities, judged at the latest training cutoff.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CardCalibration {
    /// The state.
    pub state: State,
    /// `none`, `platt`, `isotonic` or `beta`.
    pub method: &'static str,
    /// The probabilities as they were.
    pub before: Option<CalibrationTrial>,
    /// The probabilities as reported, if they were changed.
    pub after: Option<CalibrationTrial>,
}

/// The customers of one state at one test cutoff.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CardTest {
    /// The cutoff, ISO 8601.
    pub cutoff: String,
    /// The state of the customers.
    pub state: State,
    /// What is predicted: `churned` or `returned`.
    pub outcome: &'static str,
    /// How many there were.
    pub customers: u64,
    /// The share with this outcome.
    pub base_rate: f64,
    /// The mean probability of it that the model predicted.
    pub mean_probability: Option<f64>,
}

/// One measure out of time, averaged over the test cutoffs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CardMetric {
    /// The state of the customers.
    pub state: State,
    /// What is predicted: `churned` or `returned`.
    pub outcome: &'static str,
    /// The model or a baseline.
    pub score: ScoreKind,
    /// Name of the measure.
    pub measure: &'static str,
    /// Mean over the test cutoffs.
    pub mean: f64,
    /// Lower end of its 95 % interval; none without draws.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// The worst of the test cutoffs.
    pub worst: Option<f64>,
}

impl ChurnModel {
    /// The card of this model, with a backtest of its kind on this log: a new model, with the same
    /// settings, is trained before each of several past cutoffs.
    ///
    /// ```
    /// # use winback::{ChurnModel, EventLog};
    /// # use winback::evaluation::BacktestOptions;
    /// # use winback::simulate::Simulation;
    /// # let shop = Simulation::default().customers(600).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// let model = ChurnModel::builder().fit(&log, "2024-10-01")?;
    /// let options = BacktestOptions::default().tests(2).draws(100);
    /// let card = model.card(&log, &options)?;
    /// assert!(card.to_string().starts_with("# Churn model"));
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`ChurnModelBuilder::backtest`](crate::churn::ChurnModelBuilder::backtest) and, for a log with
    /// other columns or rules, as [`ChurnModel::score`].
    pub fn card(&self, log: &EventLog, options: &BacktestOptions) -> Result<ModelCard> {
        self.recipe.check_log(log)?;
        let backtest = self.settings.backtest(log, options)?;
        let training = self.training();
        let cutoffs = training.cutoffs.iter().map(|at| CardCutoff {
            cutoff: at.cutoff.to_string(),
            active: at.active,
            lapsed: at.lapsed,
            lost: at.lost,
        });
        Ok(ModelCard {
            winback_version: env!("CARGO_PKG_VERSION"),
            model_file_version: MODEL_FILE_VERSION,
            estimator: self.estimator().clone(),
            monotone: self.monotone(),
            data: CardData {
                first_event: training.first_event.to_string(),
                until: training.until.to_string(),
                customers: training.customers,
                purchase_rules: self.purchase_rules(),
                data_hash: training.data_hash.clone(),
                cutoffs: cutoffs.collect(),
            },
            eligibility: backtest.eligibility(),
            label: format!(
                "a purchase inside [{start}, {start} + {}){kept}; churned: an active customer without, \
                 returned: a lapsed or lost one with",
                self.horizon(),
                kept = match self.label() {
                    Label::Purchase => "",
                    Label::KeptPurchase => " that was not returned in full inside it",
                },
                start = match self.lead() {
                    lead if lead.is_zero() => "cutoff".to_owned(),
                    lead => format!("cutoff + {lead}"),
                }
            ),
            horizon: self.horizon(),
            lead: self.lead(),
            limits: self.limits(),
            columns: self.columns().into_iter().map(column).collect(),
            calibration: State::ALL.map(|state| self.card_calibration(state)).to_vec(),
            calibration_choice: self.calibration_choice(),
            tested_at: backtest.cutoffs.iter().map(Timestamp::to_string).collect(),
            draws: backtest.draws,
            tests: tests(&backtest),
            metrics: metrics(&backtest),
            limitations: self.limitations(&backtest),
        })
    }

    fn card_calibration(&self, state: State) -> CardCalibration {
        let found = self.calibration(state);
        let calibrator = found.and_then(|found| found.calibrator.as_ref());
        CardCalibration {
            state,
            method: calibrator.map_or("none", |calibrator| calibrator.method().name()),
            before: found.and_then(|found| found.before().copied()),
            after: found.and_then(|found| found.after().copied()),
        }
    }

    fn limitations(&self, backtest: &Backtest) -> Vec<String> {
        let training = self.training();
        let mut limits = vec![
            format!(
                "It predicts purchases within {} and nothing beyond, of customers as those of the \
                 training; `drift` tells whether they still are.",
                self.horizon()
            ),
            "Reasons say what the model looked at, not what causes a purchase; what contact changes \
             is told by a control group alone."
                .to_owned(),
            "Customers without a purchase before the cutoff are not scored.".to_owned(),
        ];
        for state in State::ALL.into_iter().filter(|&state| !training.has_enough(state)) {
            let OutcomeCounts { purchased, not_purchased } = training.rows(state);
            limits.push(format!(
                "Training had few {state} customers ({purchased} rows with a purchase, \
                 {not_purchased} without): their probabilities lean on what other silent customers did."
            ));
        }
        if !self.attributes().is_empty() {
            limits.push(format!(
                "Attributes ({}) are last-known values: a value that was written after the cutoff \
                 tells the outcome.",
                self.attributes().join(", ")
            ));
        }
        limits.extend(backtest.notes.iter().map(|note| format!("Of the backtest: {note}.")));
        limits
    }
}

fn column(name: String) -> CardColumn {
    match features::described(&name) {
        Some(feature) => CardColumn {
            family: feature.family.name(),
            unit: Some(feature.unit.name()),
            meaning: feature.meaning,
            name,
        },
        None => CardColumn {
            name,
            family: "attribute",
            unit: None,
            meaning: "As given in the customers table.",
        },
    }
}

fn tests(backtest: &Backtest) -> Vec<CardTest> {
    let rows = backtest.rows.iter().filter(|row| row.score == ScoreKind::Model);
    let of_cutoffs = rows.filter_map(|row| match row.part {
        Part::Cutoff(at) => Some(CardTest {
            cutoff: at.to_string(),
            state: row.state,
            outcome: row.outcome,
            customers: row.customers as u64,
            base_rate: row.base_rate,
            mean_probability: row.mean_probability,
        }),
        _ => None,
    });
    of_cutoffs.collect()
}

fn metrics(backtest: &Backtest) -> Vec<CardMetric> {
    let mut metrics = Vec::new();
    for state in State::ALL {
        for score in ScoreKind::USUAL {
            let Some(mean) = backtest.row(Part::Mean, state, score) else { continue };
            let worst = backtest.row(Part::Worst, state, score);
            metrics.extend(Measure::ALL.into_iter().filter_map(|measure| {
                Some(CardMetric {
                    state,
                    outcome: mean.outcome,
                    score,
                    measure: measure.name(),
                    mean: mean.measures.get(measure)?,
                    low: mean.low.get(measure),
                    high: mean.high.get(measure),
                    worst: worst.and_then(|row| row.measures.get(measure)),
                })
            }));
        }
    }
    metrics
}
