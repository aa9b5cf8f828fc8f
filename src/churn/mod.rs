//! The churn model: one model for each lifecycle state, with all that is needed to score a customer
//! the way the model was trained.

mod backtest;
mod backtest_report;
mod bootstrap;
mod candidates;
mod leaks;
mod merge;
mod quality;
mod recipe;
mod score;
mod state_model;
mod stopping;
mod trees;
mod write;

pub use backtest::BacktestOptions;
pub use backtest_report::{Backtest, BacktestRow, Part, ScoreKind};
pub use candidates::{Arm, Candidate, CandidateOptions, Candidates};
pub use quality::{GroupQuality, QualityReport};
pub use score::{CustomerScore, ScoreReport, Scores};
pub use state_model::{Estimator, MIN_LOST_OUTCOMES, MIN_OUTCOMES, OutcomeCounts};
pub use write::{WrittenCandidates, WrittenScores};

use std::fmt;

use crate::error::{Error, Result};
use crate::labels::{LifecycleLimits, State, outcome_window};
use crate::log::{CustomerHistory, EventLog, PurchaseRules, grouped};
use crate::models::logistic::FittedLogistic;
use crate::models::trees::TreeEnsemble;
use crate::panel::{Panel, PanelOptions, training_cutoffs};
use crate::time::{Span, Timestamp};
use recipe::Recipe;
use state_model::{FittedEstimator, StateModel};
use stopping::{Role, Stopping};

/// What a [`ChurnModel`] learns and from which cutoffs; [`ChurnModel::builder`] makes one.
#[derive(Debug, Clone)]
pub struct ChurnModelBuilder {
    estimator: Estimator,
    panel: PanelOptions,
    cutoffs: usize,
    stride: Span,
    monotone: bool,
}

impl Default for ChurnModelBuilder {
    fn default() -> Self {
        ChurnModelBuilder {
            estimator: Estimator::default(),
            panel: PanelOptions::default(),
            cutoffs: 6,
            stride: Span::days(30),
            monotone: true,
        }
    }
}

impl ChurnModelBuilder {
    /// Which model learns. Default: logistic regression.
    #[must_use]
    pub fn estimator(mut self, estimator: Estimator) -> Self {
        self.estimator = estimator;
        self
    }

    /// Length of the outcome window. Default: three months.
    #[must_use]
    pub fn horizon(mut self, horizon: Span) -> Self {
        self.panel.horizon = horizon;
        self
    }

    /// Pause between cutoff and outcome window: ingestion delay and time to act. Default: none.
    #[must_use]
    pub fn lead(mut self, lead: Span) -> Self {
        self.panel.lead = lead;
        self
    }

    /// Limits of the lifecycle states. Default: three and six months.
    #[must_use]
    pub fn limits(mut self, limits: LifecycleLimits) -> Self {
        self.panel.limits = limits;
        self
    }

    /// Customers' attributes that enter the model. Default: none, for the last-known value of an
    /// attribute such as a status may tell the outcome.
    #[must_use]
    pub fn attributes(mut self, attributes: Vec<String>) -> Self {
        self.panel.attributes = attributes;
        self
    }

    /// Number of training cutoffs. Default: 6.
    #[must_use]
    pub fn cutoffs(mut self, cutoffs: usize) -> Self {
        self.cutoffs = cutoffs;
        self
    }

    /// Spacing of the training cutoffs. Default: 30 days.
    #[must_use]
    pub fn stride(mut self, stride: Span) -> Self {
        self.stride = stride;
        self
    }

    /// Whether boosted trees keep to the signs that common sense knows: more purchases never lower the
    /// chance of a purchase, more returned goods or badly handled tickets never raise it; the feature
    /// catalogue says which ([`Feature::expected_sign`](crate::features::Feature::expected_sign)).
    /// Default: yes. Constraints of the estimator's own go before it.
    #[must_use]
    pub fn monotone(mut self, monotone: bool) -> Self {
        self.monotone = monotone;
        self
    }

    /// Trains on what was known before `until`: features at several cutoffs of the past and the
    /// outcomes after them, the latest outcome window ending at `until`.
    ///
    /// Cutoffs at or before the log's first transaction have no customers and are left out;
    /// [`ChurnModel::training`] lists those used.
    ///
    /// # Errors
    /// [`Error::Parameter`] when `until` lies after the log's `observed_until` or no cutoff lies
    /// inside the log; [`Error::TooLittleData`] when of the active or of the lapsed customers
    /// fewer than [`MIN_OUTCOMES`] rows have either outcome; errors of the estimator.
    pub fn fit<T>(&self, log: &EventLog, until: T) -> Result<ChurnModel>
    where
        T: TryInto<Timestamp>,
        Error: From<T::Error>,
    {
        let until = until.try_into()?;
        log.check_cutoff("until", until)?;
        let PanelOptions { lead, horizon, limits, .. } = self.panel;
        let mut cutoffs = training_cutoffs(until, self.cutoffs, self.stride, lead, horizon)?;
        cutoffs.retain(|&cutoff| cutoff > log.first_event());
        if cutoffs.is_empty() {
            return Err(Error::parameter(
                "until",
                until,
                format!(
                    "lead {lead} and horizon {horizon} before it lies no cutoff after the first \
                     transaction, {}",
                    log.first_event()
                ),
            ));
        }
        let panel = Panel::build(log, &cutoffs, until, &self.panel)?;
        let recipe = Recipe::of(log, panel.features(), &self.panel.attributes);
        let training = Training::of(&panel, until);
        let estimator = self.constrained(&recipe);
        let roles = roles(&panel, lead, horizon)?;
        let fit = |state: State| -> Result<StateModel> {
            let (rows, purchased): (Vec<usize>, Vec<bool>) = (0..panel.states().len())
                .filter(|&row| panel.states()[row] == state)
                .filter_map(|row| Some((row, panel.purchased()[row]?)))
                .unzip();
            let days = panel.features().numbers("days_since_last_purchase")?;
            let days: Vec<f64> = rows.iter().map(|&row| days[row]).collect();
            let x = recipe.matrix(panel.features(), &rows)?;
            let stopping = Stopping { roles: rows.iter().map(|&row| roles[row]).collect() };
            StateModel::fit(state, &estimator, &recipe, &x, &days, &purchased, &stopping)
        };
        let (active, lapsed) = (fit(State::Active)?, fit(State::Lapsed)?);
        let lost = match fit(State::Lost) {
            Ok(model) => Some(model),
            Err(Error::TooLittleData(_)) => None,
            Err(error) => return Err(error),
        };
        let (estimator, monotone) = (self.estimator.clone(), self.monotone);
        Ok(ChurnModel {
            estimator,
            monotone,
            lead,
            horizon,
            limits,
            training,
            recipe,
            active,
            lapsed,
            lost,
        })
    }

    /// The estimator with the constraints of the columns that it will read.
    fn constrained(&self, recipe: &Recipe) -> Estimator {
        match &self.estimator {
            Estimator::Boosting(boosting) if self.monotone && !boosting.is_constrained() => {
                let signs = recipe.expected_signs();
                Estimator::Boosting(boosting.clone().monotone_constraints(signs))
            }
            estimator => estimator.clone(),
        }
    }
}

/// What each row of the panel is to the choice of the number of trees.
fn roles(panel: &Panel, lead: Span, horizon: Span) -> Result<Vec<Role>> {
    let cutoffs = panel.features().cutoffs();
    let Some(&latest) = cutoffs.last() else { return Ok(Vec::new()) };
    let mut roles = Vec::with_capacity(panel.states().len());
    for (i, &cutoff) in cutoffs.iter().enumerate() {
        let end = outcome_window(cutoff, lead, horizon)?.end;
        roles.extend(panel.features().rows_of(i).map(|_| Role::of(cutoff, end, latest)));
    }
    Ok(roles)
}

/// From what a model was trained.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Training {
    /// Nothing at or after this instant was used.
    pub until: Timestamp,
    /// The cutoffs, ascending, with their rows.
    pub cutoffs: Vec<TrainingCutoff>,
}

/// Training rows of one cutoff.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct TrainingCutoff {
    /// The cutoff.
    pub cutoff: Timestamp,
    /// Active customers.
    pub active: OutcomeCounts,
    /// Lapsed customers.
    pub lapsed: OutcomeCounts,
    /// Lost customers.
    pub lost: OutcomeCounts,
}

impl Training {
    fn of(panel: &Panel, until: Timestamp) -> Training {
        let mut cutoffs: Vec<TrainingCutoff> = Vec::new();
        let rows = panel.features().row_cutoffs().zip(panel.states()).zip(panel.purchased());
        for ((cutoff, state), purchased) in rows {
            if cutoffs.last().is_none_or(|last| last.cutoff != cutoff) {
                let (active, lapsed, lost) = Default::default();
                cutoffs.push(TrainingCutoff { cutoff, active, lapsed, lost });
            }
            let (Some(last), Some(purchased)) = (cutoffs.last_mut(), *purchased) else { continue };
            match state {
                State::Active => last.active.add(purchased),
                State::Lapsed => last.lapsed.add(purchased),
                State::Lost => last.lost.add(purchased),
            }
        }
        Training { until, cutoffs }
    }

    /// Rows of all cutoffs of the customers of one state.
    pub fn rows(&self, state: State) -> OutcomeCounts {
        let of_state = |cutoff: &TrainingCutoff| match state {
            State::Active => cutoff.active,
            State::Lapsed => cutoff.lapsed,
            State::Lost => cutoff.lost,
        };
        self.cutoffs.iter().map(of_state).fold(OutcomeCounts::default(), |sum, n| OutcomeCounts {
            purchased: sum.purchased + n.purchased,
            not_purchased: sum.not_purchased + n.not_purchased,
        })
    }
}

/// Which customers are leaving, and which of the silent ones are likely to return.
///
/// Active, lapsed and lost customers have a model each; where training had fewer than
/// [`MIN_LOST_OUTCOMES`] rows of either outcome of lost customers, the model of the lapsed ones
/// scores them. All predict a purchase inside the outcome window; the chance of churn is one minus it.
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
/// let candidates = model.candidates(&log, "2025-01-01", &CandidateOptions::default())?;
/// assert!(candidates.rows()[0].return_probability > 0.0);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct ChurnModel {
    estimator: Estimator,
    monotone: bool,
    lead: Span,
    horizon: Span,
    limits: LifecycleLimits,
    training: Training,
    recipe: Recipe,
    active: StateModel,
    lapsed: StateModel,
    lost: Option<StateModel>,
}

/// A fitted model of one state, to look inside.
#[derive(Debug, Clone, Copy)]
pub enum Fitted<'a> {
    /// Logistic regression on preprocessed columns; its names are theirs.
    Logistic(&'a FittedLogistic),
    /// A decision tree on the columns of [`ChurnModel::columns`].
    Tree(&'a TreeEnsemble),
    /// Boosted trees on the columns of [`ChurnModel::columns`].
    Boosting(&'a TreeEnsemble),
}

impl ChurnModel {
    /// Starts to say what is to be learned.
    pub fn builder() -> ChurnModelBuilder {
        ChurnModelBuilder::default()
    }

    /// The estimator as it was before the fit.
    pub fn estimator(&self) -> &Estimator {
        &self.estimator
    }

    /// Whether boosted trees keep to the signs that common sense knows.
    pub fn monotone(&self) -> bool {
        self.monotone
    }

    /// Pause between cutoff and outcome window.
    pub fn lead(&self) -> Span {
        self.lead
    }

    /// Length of the outcome window.
    pub fn horizon(&self) -> Span {
        self.horizon
    }

    /// Limits of the lifecycle states.
    pub fn limits(&self) -> LifecycleLimits {
        self.limits
    }

    /// From what it was trained.
    pub fn training(&self) -> &Training {
        &self.training
    }

    /// Names of the columns it reads: features, then attributes.
    pub fn columns(&self) -> Vec<String> {
        self.recipe.names()
    }

    /// The customers' attributes that it reads.
    pub fn attributes(&self) -> Vec<String> {
        self.recipe.attribute_names()
    }

    /// How the log that it learned from formed purchases; a log that is scored must do the same.
    pub fn purchase_rules(&self) -> PurchaseRules {
        self.recipe.rules
    }

    /// The fitted model that scores customers of this state.
    pub fn fitted(&self, state: State) -> Fitted<'_> {
        match &self.model_of(state).estimator {
            FittedEstimator::Logistic { logistic, .. } => Fitted::Logistic(logistic),
            FittedEstimator::Tree(tree) => Fitted::Tree(tree),
            FittedEstimator::Boosting { trees, .. } => Fitted::Boosting(trees),
        }
    }

    /// An empty history to which a service appends one customer's events, with the columns and
    /// rules of the log this model was trained on.
    pub fn customer_history(&self) -> CustomerHistory {
        CustomerHistory::new(self.recipe.columns, self.recipe.rules)
    }

    /// Lost customers are scored by the model of the lapsed ones when they have none of their own.
    fn model_of(&self, state: State) -> &StateModel {
        match state {
            State::Active => &self.active,
            State::Lapsed => &self.lapsed,
            State::Lost => self.lost.as_ref().unwrap_or(&self.lapsed),
        }
    }

    /// Refuses a model that cannot score, as of a damaged file.
    pub(crate) fn check(&self) -> Result<()> {
        self.recipe.check()?;
        self.active.check(&self.recipe)?;
        self.lapsed.check(&self.recipe)?;
        self.lost.as_ref().map_or(Ok(()), |lost| lost.check(&self.recipe))?;
        let damaged = |error: Error| Error::ModelFile(error.to_string());
        self.limits.at(self.training.until).map_err(damaged)?;
        outcome_window(self.training.until, self.lead, self.horizon).map_err(damaged)?;
        Ok(())
    }
}

impl fmt::Display for ChurnModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cutoffs = &self.training.cutoffs;
        writeln!(
            f,
            "{} churn model: horizon {}, lead {}, lapsed after {}, lost after {}",
            self.estimator.name(),
            self.horizon,
            self.lead,
            self.limits.lapsed_after,
            self.limits.lost_after
        )?;
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
        let models = [Some(&self.active), Some(&self.lapsed), self.lost.as_ref()];
        let stops = matches!(&self.estimator, Estimator::Boosting(params) if params.stops_early());
        for (i, (state, model)) in State::ALL.into_iter().zip(models).enumerate() {
            let rows = self.training.rows(state);
            let all = rows.purchased + rows.not_purchased;
            let share = rows.purchased as f64 / all.max(1) as f64 * 100.0;
            let count = grouped(all as u64);
            let start = if i == 0 { "" } else { "\n" };
            write!(f, "{start}{state} customers: {count} rows, of which {share:.1} % purchased")?;
            match model.map(StateModel::boosted_trees) {
                None => write!(f, "; too few, so that the model of the lapsed scores them")?,
                Some(None) => {}
                Some(Some((trees, true))) => {
                    write!(f, "; {trees} trees, a number chosen at the latest cutoff")?;
                }
                Some(Some((trees, false))) if stops => write!(
                    f,
                    "; {trees} trees, a number not chosen: at the latest cutoff or in windows that \
                     end before it are fewer than {MIN_OUTCOMES} outcomes of a kind"
                )?,
                Some(Some((trees, false))) => write!(f, "; {trees} trees")?,
            }
        }
        Ok(())
    }
}
