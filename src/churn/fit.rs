//! How a churn model learns.

use std::sync::Arc;

use super::builder::ChurnModelBuilder;
use super::estimator::Estimator;
use super::learner::Learner;
use super::model::ChurnModel;
use super::recipe::Recipe;
use super::state_model::StateModel;
use super::state_models::StateModels;
use super::telling::telling;
use super::training::Training;
use super::training_rows::{RowTime, TrainingRows};
use crate::error::Result;
use crate::features::most_frequent;
use crate::labels::{State, outcome_window};
use crate::log::EventLog;
use crate::panel::{Panel, PanelOptions, training_cutoffs_of};
use crate::progress::{Progress, Stop};
use crate::time::{IntoTimestamp, Span};
use crate::timing::SpendModel;

impl ChurnModelBuilder {
    /// Trains on what was known before `until`: features at several past cutoffs and the outcomes
    /// after them; the latest outcome window ends at `until`.
    ///
    /// Cutoffs at or before the log's first transaction have no customers and are left out;
    /// [`ChurnModel::training`] lists those used.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) when `until` is after the log's `observed_until` or no cutoff is inside
    /// the log; [`Error::TooLittleData`](crate::Error::TooLittleData) when the active or the silent customers have fewer than
    /// [`MIN_OUTCOMES`](super::MIN_OUTCOMES) rows of either outcome; errors of the estimator.
    pub fn fit(&self, log: &EventLog, until: impl IntoTimestamp) -> Result<ChurnModel> {
        let until = until.into_argument("until", log.time_zone())?;
        let PanelOptions { lead, horizon, .. } = self.panel;
        let (count, stride) = (self.cutoffs, self.stride);
        let cutoffs = training_cutoffs_of(log, until, count, stride, lead, horizon)?;
        let latest = cutoffs.iter().max().copied().unwrap_or(until);
        let kinds = match log.columns().events {
            Some(_) if self.most_kinds > 0 => {
                let frequent = most_frequent(log, latest, self.most_kinds);
                telling(log, &cutoffs, until, &self.panel, frequent)?
            }
            _ => Vec::new(),
        };
        let options = self.panel.clone().kinds(kinds);
        let panel = Panel::build_told(log, &cutoffs, until, &options, &self.progress)?;
        let recipe = Recipe::of(log, panel.features(), &options, latest);
        let training = Training::of(&panel, log, until)?;
        let estimator = self.constrained(&recipe);
        let times = times(&panel, lead, horizon)?;
        let outcomes = panel.purchased();
        let rows_of = |of: &[State]| -> Result<TrainingRows> {
            let (rows, purchased): (Vec<usize>, Vec<bool>) = (0..panel.states().len())
                .filter(|&row| of.contains(&panel.states()[row]))
                .filter_map(|row| Some((row, outcomes[row]?)))
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
        let latest = training.cutoffs.last().filter(|_| log.columns().amount);
        let spend = latest.map(|last| SpendModel::fit(&log.at(last.cutoff)?)).transpose()?;
        let settings = ChurnModelBuilder { progress: Progress::default(), ..self.clone() };
        let (recipe, models, profile) = (Arc::new(recipe), Arc::new(models), Arc::new(profile));
        Ok(ChurnModel { settings, training, recipe, models, profile, spend })
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
