//! The model, and the questions it answers.

use std::fmt;
use std::sync::Arc;

use super::average::Average;
use super::builder::ChurnModelBuilder;
use super::calibration::{CalibrationChoice, StateCalibration};
use super::estimator::Estimator;
use super::fitted::FittedEstimator;
use super::member::Member;
use super::outcome_counts::MIN_OUTCOMES;
use super::profile::Profile;
use super::recipe::Recipe;
use super::state_models::{ModelOf, StateModels};
use super::training::Training;
use crate::answer::of_activity;
use crate::error::{Error, Result};
use crate::labels::{Label, LifecycleLimits, State, outcome_window};
use crate::log::{CustomerHistory, EventRoles, PurchaseRules, grouped};
use crate::models::logistic::FittedLogistic;
use crate::models::preprocess::FittedPreprocess;
use crate::models::trees::TreeEnsemble;
use crate::panel::PanelOptions;
use crate::time::Span;
use crate::timing::SpendModel;

/// Which customers are leaving, and which of the silent ones are likely to return.
///
/// One model scores the active customers, another the silent ones, lapsed and lost: few of either
/// return, and the model learns more from both together. Both predict a purchase in the outcome
/// window; the chance of churn is one minus it.
///
/// ```
/// use winback::{ChurnModel, EventLog, CandidateOptions, simulate::Simulation};
/// let shop = Simulation::default().customers(400).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .tickets([shop.tickets])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let model = ChurnModel::builder().fit(&log, "2024-10-01")?;
/// let candidates = model.candidates(&log.at("2025-01-01")?, &CandidateOptions::default())?;
/// assert!(candidates.rows()[0].return_probability > 0.0);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(remote = "Self")]
pub struct ChurnModel {
    pub(crate) settings: ChurnModelBuilder,
    pub(crate) training: Training,
    /// What was learned; shared by all clones, so that a clone costs little.
    #[serde(with = "crate::model_file::shared")]
    pub(crate) recipe: Arc<Recipe>,
    #[serde(with = "crate::model_file::shared")]
    pub(crate) models: Arc<StateModels>,
    #[serde(with = "crate::model_file::shared")]
    pub(crate) profile: Arc<Profile>,
    /// None without amounts.
    pub(crate) spend: Option<SpendModel>,
}

/// A fitted model of one state, to look inside.
#[derive(Debug, Clone, Copy, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fitted<'a> {
    /// Logistic regression on preprocessed columns, which give it its names.
    Logistic {
        /// Makes those columns of the columns of [`ChurnModel::columns`].
        preprocess: &'a FittedPreprocess,
        /// The regression.
        logistic: &'a FittedLogistic,
    },
    /// A decision tree on the columns of [`ChurnModel::columns`].
    Tree(&'a TreeEnsemble),
    /// Boosted trees on the columns of [`ChurnModel::columns`].
    Boosting(&'a TreeEnsemble),
    /// The log-odds by a model of all customers' purchases: those of a column of
    /// [`ChurnModel::columns`].
    Column {
        /// Which column, from 0.
        column: usize,
    },
}

crate::model_file::checked_serde!(ChurnModel);

impl ChurnModel {
    /// Starts a description of the model to train.
    pub fn builder() -> ChurnModelBuilder {
        ChurnModelBuilder::default()
    }

    /// The estimator as it was before the fit.
    pub fn estimator(&self) -> &Estimator {
        &self.settings.estimator
    }

    /// Whether boosted trees are monotonic where the direction is obvious.
    pub fn monotone(&self) -> bool {
        self.settings.monotone
    }

    /// Which calibration was requested.
    pub fn calibration_choice(&self) -> CalibrationChoice {
        self.settings.calibration
    }

    /// The calibration of the probabilities of this state's customers, with their quality before
    /// and after; none if none was requested, or there were too few outcomes to judge it.
    pub fn calibration(&self, state: State) -> Option<&StateCalibration> {
        self.model_of(state).calibration()
    }

    /// Pause between cutoff and outcome window.
    pub fn lead(&self) -> Span {
        self.settings.panel.lead
    }

    /// Which purchases in the outcome window count.
    pub fn label(&self) -> Label {
        self.settings.panel.label
    }

    /// Length of the outcome window.
    pub fn horizon(&self) -> Span {
        self.settings.panel.horizon
    }

    /// Limits of the lifecycle states.
    pub fn limits(&self) -> LifecycleLimits {
        self.settings.panel.limits
    }

    /// What it was trained on.
    pub fn training(&self) -> &Training {
        &self.training
    }

    /// How often customers buy and how much they spend, as known at the latest training cutoff:
    /// what [`Value::ExpectedSpend`](super::Value::ExpectedSpend) goes by. None where the training
    /// log has no amounts.
    pub fn spend(&self) -> Option<&SpendModel> {
        self.spend.as_ref()
    }

    /// Names of the columns it reads: features, then attributes, then features of kinds of events, then
    /// what was learned of all customers together.
    pub fn columns(&self) -> Vec<String> {
        self.recipe.names()
    }

    /// How many kinds of events were to have columns of their own.
    pub fn most_kinds(&self) -> usize {
        self.settings.most_kinds
    }

    /// Fewest customers who must share a text of an attribute or a kind of events for it to be told apart.
    pub fn min_level(&self) -> usize {
        self.settings.min_level
    }

    /// What kinds of events stood for in the log it was trained on; a log that is scored must say the
    /// same.
    pub fn event_roles(&self) -> &EventRoles {
        &self.recipe.event_roles
    }

    /// The kinds of events that it has columns of, the most frequent of training first.
    pub fn kinds(&self) -> &[String] {
        &self.recipe.kinds
    }

    /// The customers' attributes that it reads.
    pub fn attributes(&self) -> Vec<String> {
        self.recipe.attribute_names()
    }

    /// How the log it was trained on formed purchases; a log that is scored must do the same.
    pub fn purchase_rules(&self) -> PurchaseRules {
        self.recipe.rules
    }

    /// The fitted models that score customers of this state by the mean of their log-odds, and how much each
    /// counts in it: one, or those of an [`Average`](super::Average).
    pub fn fitted(&self, state: State) -> Vec<(Fitted<'_>, f64)> {
        let members = self.model_of(state).members().map(|member| {
            let fitted = match &member.estimator {
                FittedEstimator::Logistic { preprocess, logistic } => {
                    Fitted::Logistic { preprocess, logistic }
                }
                FittedEstimator::Tree(tree) => Fitted::Tree(tree),
                FittedEstimator::Boosting { trees, .. } => Fitted::Boosting(trees),
                &FittedEstimator::Column { column, .. } => Fitted::Column { column },
            };
            (fitted, member.weight)
        });
        members.collect()
    }

    /// An empty history to which a service appends one customer's events, with the columns and
    /// rules of the log this model was trained on, and the attributes that it reads.
    pub fn customer_history(&self) -> CustomerHistory {
        self.recipe.customer_history()
    }

    /// What it was told to learn, to train it anew.
    pub(crate) fn settings(&self) -> &ChurnModelBuilder {
        &self.settings
    }

    pub(crate) fn model_of(&self, state: State) -> ModelOf<'_> {
        self.models.of(state)
    }

    /// Refuses a model that cannot score, as of a damaged file.
    pub(crate) fn check(&self) -> Result<()> {
        self.recipe.check()?;
        self.recipe.learned.check(self.training.until)?;
        self.models.check(&self.recipe)?;
        self.profile.check(&self.recipe)?;
        let damaged = |error: Error| Error::damaged_model(error);
        let PanelOptions { lead, horizon, limits, .. } = self.settings.panel;
        limits.at(self.training.until).map_err(damaged)?;
        outcome_window(self.training.until, lead, horizon).map_err(damaged)?;
        Ok(())
    }
}

impl fmt::Display for ChurnModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cutoffs = &self.training.cutoffs;
        writeln!(
            f,
            "{} churn model: horizon {}, lead {}, lapsed after {}, lost after {}",
            self.estimator().name(),
            self.horizon(),
            self.lead(),
            self.limits().lapsed_after,
            self.limits().lost_after
        )?;
        if self.label() == Label::KeptPurchase {
            writeln!(f, "purchases returned in full within the outcome window do not count")?;
        }
        if let (Some(first), Some(last)) = (cutoffs.first(), cutoffs.last()) {
            writeln!(
                f,
                "trained at {} cutoffs from {} to {}, on what was known before {}",
                cutoffs.len(),
                first.cutoff,
                last.cutoff,
                self.training.until
            )?;
        }
        if self.training.share < 1.0 {
            writeln!(
                f,
                "of a share of {} of the customers, drawn by their ids",
                self.training.share
            )?;
        }
        let purchased = match self.recipe.columns.tells_activity() {
            true => of_activity("purchased"),
            false => "purchased".to_owned(),
        };
        for state in State::ALL {
            let rows = self.training.rows(state);
            let all = rows.all();
            let share = rows.purchased as f64 / all.max(1) as f64 * 100.0;
            let count = grouped(all as u64);
            let start = if state == State::Active { "" } else { "\n" };
            write!(f, "{start}{state} customers: {count} rows, of which {share:.1} % {purchased}")?;
            // Lapsed and lost customers share a model, told of below the latter.
            if state != State::Lapsed {
                let shared = state == State::Lost && !self.is_average();
                f.write_str(if shared { "\nlapsed and lost share a model" } else { "" })?;
                self.tell_of(state, f)?;
            }
        }
        if self.is_average() {
            self.tell_of_weights(f)?;
        }
        self.recipe.tell_pooled(self.settings.min_level, f)?;
        match &self.spend {
            Some(spend) => write!(f, "\n{spend}"),
            None => Ok(()),
        }
    }
}

impl ChurnModel {
    /// How many trees there are, and how probabilities are calibrated.
    fn tell_of(&self, state: State, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let model = self.model_of(state);
        for trees in model.members().filter_map(Member::boosted_trees) {
            self.tell_of_trees(trees, f)?;
        }
        match model.calibration().filter(|found| found.calibrator.is_some()) {
            Some(calibration) => write!(f, "; {calibration}"),
            None => Ok(()),
        }
    }

    fn tell_of_trees(
        &self,
        (trees, chosen): (usize, bool),
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let stops = match self.estimator() {
            Estimator::Boosting(boosting) | Estimator::Average(Average { boosting, .. }) => {
                boosting.stops_early()
            }
            _ => false,
        };
        match chosen {
            true => write!(f, "; {trees} trees, a number chosen at the latest cutoff"),
            false if stops => write!(
                f,
                "; {trees} trees, a number not chosen: at the latest cutoff or in windows that end \
                 before it are fewer than {MIN_OUTCOMES} outcomes of a kind"
            ),
            false => write!(f, "; {trees} trees"),
        }
    }

    /// What each model counts in the mean.
    fn tell_of_weights(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\nthe mean log-odds of two regressions, which count 1 each")?;
        // They count the same in each state.
        for member in self.model_of(State::Active).members() {
            let what = match &member.estimator {
                FittedEstimator::Logistic { .. } => continue,
                FittedEstimator::Tree(_) | FittedEstimator::Boosting { .. } => "trees",
                FittedEstimator::Column { .. } => "the model of all customers' purchases",
            };
            write!(f, ", {what}: {:.2}", member.weight)?;
        }
        Ok(())
    }

    fn is_average(&self) -> bool {
        matches!(self.estimator(), Estimator::Average(_))
    }
}
