//! What a churn model learns and from which cutoffs, and the learning itself.

use super::early::RowTime;
use super::learner::Learner;
use super::recipe::Recipe;
use super::state_model::{StateModel, TrainingRows};
use super::state_models::StateModels;
use super::training::Training;
use super::{CalibrationChoice, ChurnModel, Estimator};
use crate::error::{Error, Result};
use crate::labels::{LifecycleLimits, State, outcome_window};
use crate::log::EventLog;
use crate::panel::{Panel, PanelOptions, training_cutoffs};
use crate::progress::Stop;
use crate::progress::{Progress, Step};
use crate::time::{Span, Timestamp};

/// What a [`ChurnModel`] learns and from which cutoffs; [`ChurnModel::builder`] makes one.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct ChurnModelBuilder {
    pub(crate) estimator: Estimator,
    pub(crate) panel: PanelOptions,
    pub(crate) cutoffs: usize,
    pub(crate) stride: Span,
    pub(crate) monotone: bool,
    pub(crate) calibration: CalibrationChoice,
    #[serde(skip)]
    pub(crate) progress: Progress,
}

impl Default for ChurnModelBuilder {
    fn default() -> Self {
        ChurnModelBuilder {
            estimator: Estimator::default(),
            panel: PanelOptions::default(),
            cutoffs: 6,
            stride: Span::days(30),
            monotone: true,
            calibration: CalibrationChoice::Auto,
            progress: Progress::default(),
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

    /// How probabilities are calibrated. Default: [`CalibrationChoice::Auto`].
    ///
    /// A model of the same kind is trained on the cutoffs whose outcome windows end before the latest
    /// cutoff; what it says of that cutoff's customers, beside what they did, is what the calibration
    /// is fitted to. The model that scores is trained on all cutoffs. Where either part has fewer than
    /// [`MIN_OUTCOMES`](super::MIN_OUTCOMES) rows of an outcome, nothing is calibrated;
    /// [`ChurnModel::calibration`] says what was, with figures before and after.
    #[must_use]
    pub fn calibration(mut self, calibration: CalibrationChoice) -> Self {
        self.calibration = calibration;
        self
    }

    /// Calls `tell` often, from any thread, while a model is fitted or tested; when it returns false,
    /// the work ends with [`Error::Interrupted`]. The fitted model tells nobody, until
    /// [`ChurnModel::on_progress`].
    ///
    /// ```
    /// # use winback::{ChurnModel, EventLog, simulate::Simulation};
    /// # let shop = Simulation::default().customers(400).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// let impatient = ChurnModel::builder().on_progress(|step| step.what == "computing features");
    /// let ended = impatient.fit(&log, "2024-10-01").unwrap_err();
    /// assert!(matches!(ended, winback::Error::Interrupted));
    /// # Ok::<(), winback::Error>(())
    /// ```
    #[must_use]
    pub fn on_progress(mut self, tell: impl Fn(Step) -> bool + Send + Sync + 'static) -> Self {
        self.progress = Progress::to(tell);
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
    /// inside the log; [`Error::TooLittleData`] when of the active or of the silent customers fewer
    /// than [`MIN_OUTCOMES`](super::MIN_OUTCOMES) rows have either outcome; errors of the estimator.
    pub fn fit<T>(&self, log: &EventLog, until: T) -> Result<ChurnModel>
    where
        T: TryInto<Timestamp>,
        Error: From<T::Error>,
    {
        let until = until.try_into()?;
        log.check_cutoff("until", until)?;
        let PanelOptions { lead, horizon, .. } = self.panel;
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
        let panel = Panel::build_told(log, &cutoffs, until, &self.panel, &self.progress)?;
        let recipe = Recipe::of(log, panel.features(), &self.panel.attributes);
        let training = Training::of(&panel, log, until)?;
        let estimator = self.constrained(&recipe);
        let times = times(&panel, lead, horizon)?;
        let rows_of = |of: &[State]| -> Result<TrainingRows> {
            let (rows, purchased): (Vec<usize>, Vec<bool>) = (0..panel.states().len())
                .filter(|&row| of.contains(&panel.states()[row]))
                .filter_map(|row| Some((row, panel.purchased()[row]?)))
                .unzip();
            let days = panel.features().numbers("days_since_last_purchase")?;
            Ok(TrainingRows {
                x: recipe.matrix(panel.features(), &rows)?,
                days: rows.iter().map(|&row| days[row]).collect(),
                purchased,
                times: rows.iter().map(|&row| times[row]).collect(),
                states: rows.iter().map(|&row| panel.states()[row]).collect(),
            })
        };
        let fit = |whom: &str, told: &'static str, rows: &TrainingRows| {
            let go_on = || self.progress.goes_on(told);
            let learner =
                Learner { estimator: &estimator, recipe: &recipe, stop: Stop::unless(&go_on) };
            StateModel::fit(whom, &learner, rows, self.calibration)
        };
        let active_rows = rows_of(&[State::Active])?;
        let active = fit("active", "learning from active customers", &active_rows)?;
        let silent_rows = rows_of(&[State::Lapsed, State::Lost])?;
        let whom = "silent (lapsed or lost)";
        let silent = fit(whom, "learning from silent customers", &silent_rows)?;
        let models = StateModels::new((active, &active_rows), (silent, &silent_rows), &recipe)?;
        let profile = models.profile(&panel, &recipe)?;
        let settings = ChurnModelBuilder { progress: Progress::default(), ..self.clone() };
        Ok(ChurnModel { settings, training, recipe, models, profile })
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

/// When each row of the panel was known, and its outcome.
fn times(panel: &Panel, lead: Span, horizon: Span) -> Result<Vec<RowTime>> {
    let mut times = Vec::with_capacity(panel.states().len());
    for (i, &cutoff) in panel.features().cutoffs().iter().enumerate() {
        let window_end = outcome_window(cutoff, lead, horizon)?.end;
        times.extend(panel.features().rows_of(i).map(|_| RowTime { cutoff, window_end }));
    }
    Ok(times)
}
