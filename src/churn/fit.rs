//! How a churn model learns.

use std::sync::Arc;

use super::builder::ChurnModelBuilder;
use super::calibration::{CalibrationChoice, StateCalibration};
use super::early::{Early, Judged};
use super::estimator::Estimator;
use super::learned::Learned;
use super::learner::Learner;
use super::member::Member;
use super::member_fit::{members, trees_count};
use super::model::ChurnModel;
use super::outcome_counts::MIN_OUTCOMES;
use super::recipe::Recipe;
use super::state_models::StateModels;
use super::telling::telling;
use super::training::Training;
use super::training_rows::{RowTime, TrainingRows};
use super::whom::Whom;
use crate::error::{Error, Result};
use crate::features::{FeatureTable, MBG_NBD_LOG_ODDS, most_frequent};
use crate::labels::outcome_window;
use crate::log::{EventLog, counted, grouped};
use crate::panel::{Panel, PanelOptions, training_cutoffs_of};
use crate::progress::Stop;
use crate::time::{IntoTimestamp, Span, Timestamp};
use crate::timing::{RenewalOptions, Renewals, SpendModel};

const YEAR_DAYS: f64 = 365.0;
/// After so many days a cutoff counts half.
const HALF_LIFE_DAYS: f64 = 180.0;
/// How far from the same time of the year another counts as its season.
const SEASON_DAYS: f64 = 30.0;

/// Customers at the training cutoffs, with all columns, and how a model reads them.
#[derive(Debug)]
pub(crate) struct TrainingTable {
    pub(crate) panel: Panel,
    pub(crate) table: FeatureTable,
    pub(crate) recipe: Recipe,
}

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
        let TrainingTable { panel, table, recipe } = self.training_table(log, &cutoffs, until)?;
        let purchases = recipe.learned.purchases().cloned();
        let training = Training::of(&panel, log, until)?;
        let all = self.training_rows(&panel, &table, &recipe, until)?;
        // All that is learned from is in the rows, and the tables are as large again.
        drop((panel, table));
        for kind in Whom::KINDS {
            enough(kind, &all).map_err(|error| beside_renewals(error, log, until))?;
        }
        let asks = match (self.calibration, &self.estimator) {
            (CalibrationChoice::None, _) | (CalibrationChoice::Auto, Estimator::Average(_)) => {
                false
            }
            (CalibrationChoice::Auto | CalibrationChoice::Method(_), _) => true,
        };
        let (inputs, latest) = (recipe.inputs()?, cutoffs.iter().max().copied());
        let (mut fitted, mut asked) = (Vec::new(), Vec::new());
        for (whom, estimator) in members(&self.estimator) {
            let weight = match (&self.estimator, &estimator) {
                (Estimator::Average(_), Estimator::Boosting(_)) => trees_count(training.customers),
                _ => 1.0,
            };
            let estimator = self.constrained(estimator, recipe.expected_signs());
            let go_on = || log.progress().goes_on(whom.learning());
            let stop = Stop::unless(&go_on);
            let learner = Learner { estimator: &estimator, inputs: &inputs, weight, stop };
            // A copy for as long as it is learned from.
            let own;
            let rows = match whom {
                Whom::All => &all,
                kind => {
                    own = all.of(kind);
                    &own
                }
            };
            let (member, early) = Member::fit(whom, &learner, rows, latest, asks)?;
            fitted.push(member);
            asked.push((whom, early));
        }
        if let Some(member) = self.by_purchases(&recipe) {
            let of_all = asked.iter().find(|(whom, _)| *whom == member.whom);
            let early = of_all.map_or(&[][..], |(_, early)| early);
            let early = Early::beside(&member, &all, early)?;
            asked.push((member.whom, early));
            fitted.push(member);
        }
        let calibration = |kind: Whom| -> Result<Option<StateCalibration>> {
            let own = asked.iter().filter(|(whom, _)| *whom == kind || *whom == Whom::All);
            let judged =
                Judged::of(kind, &own.map(|(_, early)| early.as_slice()).collect::<Vec<_>>());
            match judged.is_empty() {
                true => Ok(None),
                false => StateCalibration::choose(self.calibration, &judged).map(Some),
            }
        };
        let calibrations = [calibration(Whom::Active)?, calibration(Whom::Silent)?];
        let models = StateModels::new(fitted, calibrations, &all, &recipe)?;
        let profile = models.profile(&all, &recipe)?;
        drop(all);
        let latest = training.cutoffs.last().filter(|_| log.columns().amount);
        let spend = latest.map(|last| SpendModel::beside(purchases, &log.at(last.cutoff)?));
        let spend = spend.transpose()?;
        let (recipe, models, profile) = (Arc::new(recipe), Arc::new(models), Arc::new(profile));
        Ok(ChurnModel { settings: self.clone(), training, recipe, models, profile, spend })
    }

    /// The training table, and how a model reads it.
    pub(crate) fn training_table(
        &self,
        log: &EventLog,
        cutoffs: &[Timestamp],
        until: Timestamp,
    ) -> Result<TrainingTable> {
        let latest = cutoffs.iter().max().copied().unwrap_or(until);
        let PanelOptions { lead, horizon, .. } = self.panel;
        let is_known = |cutoff: &Timestamp| {
            outcome_window(*cutoff, lead, horizon).is_ok_and(|window| window.end <= until)
        };
        let kinds = match log.columns().events {
            Some(_) if self.most_kinds > 0 => {
                let frequent = most_frequent(log, latest, self.most_kinds, self.min_level);
                let known: Vec<Timestamp> = cutoffs.iter().copied().filter(is_known).collect();
                telling(log, &known, until, &self.panel, frequent)?
            }
            _ => Vec::new(),
        };
        let options = self.panel.clone().kinds(kinds);
        let panel = Panel::build_at(log, cutoffs, until, &options)?;
        let learned = Learned::of(log, cutoffs, &options);
        let table = learned.complete(panel.features().clone(), log)?;
        let recipe = Recipe::of(log, panel.features(), &options, learned, latest, self.min_level)?;
        Ok(TrainingTable { panel, table, recipe })
    }

    /// What a model of all customers' purchases says, in an average of few cutoffs: it learns from whole
    /// histories, not from a few outcome windows. Where there are more of these, the others know better.
    fn by_purchases(&self, recipe: &Recipe) -> Option<Member> {
        let is_one = matches!(self.estimator, Estimator::Average(_)) && !recipe.learned.season;
        let is_it = |name: &String| name == MBG_NBD_LOG_ODDS.name;
        let column = recipe.names().iter().position(is_it).filter(|_| is_one)?;
        Some(Member::of_column(column, recipe.width()))
    }

    /// All rows whose outcomes are known.
    fn training_rows(
        &self,
        panel: &Panel,
        table: &FeatureTable,
        recipe: &Recipe,
        until: Timestamp,
    ) -> Result<TrainingRows> {
        let outcomes = panel.purchased();
        let (rows, purchased): (Vec<usize>, Vec<bool>) =
            (0..outcomes.len()).filter_map(|row| Some((row, outcomes[row]?))).unzip();
        let days = table.numbers("days_since_last_purchase")?;
        let times = times(panel, self.panel.lead, self.panel.horizon)?;
        let times: Vec<RowTime> = rows.iter().map(|&row| times[row]).collect();
        let weighs = matches!(self.estimator, Estimator::Average(_));
        let weight = |time: &RowTime| weight(until, time.cutoff);
        Ok(TrainingRows {
            x: recipe.matrix(table, &rows)?,
            days: rows.iter().map(|&row| days[row]).collect(),
            purchased,
            states: rows.iter().map(|&row| panel.states()[row]).collect(),
            weights: weighs.then(|| times.iter().map(weight).collect()),
            times,
        })
    }

    /// An estimator with the constraints of the columns that it will read, whose expected signs these are.
    pub(crate) fn constrained(&self, estimator: Estimator, expected_signs: Vec<i8>) -> Estimator {
        match estimator {
            Estimator::Boosting(boosting) if self.monotone && !boosting.is_constrained() => {
                Estimator::Boosting(boosting.monotone_constraints(expected_signs))
            }
            estimator => estimator,
        }
    }
}

/// How much the rows of a cutoff count in an average: the less, the older they are, half after 180 days;
/// more where the same season of an earlier year is at most about a month away.
pub(crate) fn weight(until: Timestamp, cutoff: Timestamp) -> f64 {
    let age = until.days_since(cutoff);
    let years = (age / YEAR_DAYS).round().max(1.0);
    let from_season = age - years * YEAR_DAYS;
    0.5_f64.powf(age / HALF_LIFE_DAYS) + (-(from_season / SEASON_DAYS).powi(2)).exp()
}

/// Refuses rows of which too few are of customers of a kind, or of one of their outcomes.
pub(crate) fn enough(kind: Whom, rows: &TrainingRows) -> Result<()> {
    let counts = rows.outcomes(kind);
    if counts.least() < MIN_OUTCOMES {
        return Err(Error::TooLittleData(format!(
            "of the {} customers' rows at the training cutoffs {} purchased and {} did not; at \
             least {MIN_OUTCOMES} of each are needed: train on more cutoffs or up to a later time, \
             or with another horizon or limits",
            kind.name(),
            counts.purchased,
            counts.not_purchased
        )));
    }
    Ok(())
}

/// What a log of contracts tells where too little is known of who buys again: limits that contracts
/// do not cross before they are renewed leave only those who have left.
fn beside_renewals(error: Error, log: &EventLog, until: Timestamp) -> Error {
    let options = RenewalOptions::default().until(Some(until.into()));
    let (Error::TooLittleData(why), Ok(found)) = (&error, Renewals::new(log, &options)) else {
        return error;
    };
    let (due, renewed) = found.totals();
    if due == 0 {
        return error;
    }
    let over = counted(due, "contract period that was over", "contract periods that were over");
    Error::TooLittleData(format!(
        "{why}. What is known: of {over} before {until}, {} ({:.0} %) were renewed (`renewals` tells \
         it by age). Choose limits that contracts cross before they are renewed, such as lapsed_after \
         11mo for yearly ones, or `TimeToPurchase`",
        grouped(renewed),
        100.0 * renewed as f64 / due as f64
    ))
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
