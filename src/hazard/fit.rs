//! How a hazard model learns.

use std::sync::Arc;

use ndarray::Array2;
use rayon::prelude::*;

use super::builder::TimeToPurchaseBuilder;
use super::model::{HazardTraining, TimeToPurchase};
use super::period_columns::PeriodColumns;
use super::periods::Periods;
use super::sample::{Counts, Row, Spells};
use crate::churn::fit::{TrainingTable, enough, weight};
use crate::churn::learner::Learner;
use crate::churn::member::{Member, members};
use crate::churn::training_rows::{MIN_OUTCOMES, RowTime, TrainingRows};
use crate::churn::whom::Whom;
use crate::error::{Error, Result};
use crate::log::EventLog;
use crate::panel::training_cutoffs_of;
use crate::progress::{Progress, Stop};
use crate::time::{IntoTimestamp, Span, Timestamp};

/// The latest training cutoff has outcomes of the first period.
const FIRST_DAYS: u32 = 7;
/// What is judged at one of the later cutoffs is judged at the latest with outcomes of so many days.
const JUDGED_DAYS: u32 = 91;

impl TimeToPurchaseBuilder {
    /// Trains on what was known before `until`: features at several past cutoffs, of which the latest is
    /// a week earlier, and the days from each to the next purchase.
    ///
    /// The days are cut into periods, and each period that a customer entered without a purchase is a
    /// row, with or without a purchase in it. Of many, some are drawn by the customers' ids, and each
    /// counts for several.
    ///
    /// # Errors
    /// [`Error::Argument`] when `until` is after the log's `observed_until` or no cutoff is inside the
    /// log, and for a lead or a longest horizon without length; [`Error::TooLittleData`] when in the first
    /// period, or of the active or the silent customers in all, fewer than
    /// [`MIN_OUTCOMES`](crate::churn::MIN_OUTCOMES) bought or did not; errors of the estimator.
    pub fn fit(&self, log: &EventLog, until: impl IntoTimestamp) -> Result<TimeToPurchase> {
        let until = until.into_argument("until", log.time_zone())?;
        let learning = &self.learning;
        if !learning.panel.lead.is_zero() {
            return Err(Error::argument("lead", learning.panel.lead, "none"));
        }
        if self.max_horizon.is_zero() {
            return Err(Error::argument("max_horizon", self.max_horizon, "more than 0d"));
        }
        let (count, stride) = (learning.cutoffs, learning.stride);
        let first = Span::days(FIRST_DAYS);
        let cutoffs = training_cutoffs_of(log, until, count, stride, Span::ZERO, first)?;
        let trained = learning.training_table(log, &cutoffs, until)?;
        let spells_in = |periods: &Periods| Spells::of(&trained.panel, periods);
        let usual = Periods::usual(self.max_horizon.approx_days());
        let counts = spells_in(&usual).counts(&usual);
        let known = Spells::known(&counts);
        if known == 0 {
            return Err(too_few(counts.first().copied().unwrap_or_default()));
        }
        let periods = usual.first(known);
        let counts = &counts[..known];
        let rows = spells_in(&periods).rows(&trained.panel, log, counts);
        let columns = PeriodColumns { recipe: &trained.recipe, periods: &periods };
        let all = training_rows(&trained, columns, &rows, log, until)?;
        let kinds = Whom::KINDS.map(|kind| all.of(kind));
        for (kind, rows) in Whom::KINDS.into_iter().zip(&kinds) {
            enough(kind, rows)?;
        }
        let judged = until.sub(Span::days(JUDGED_DAYS))?;
        let judged = cutoffs.iter().copied().filter(|&cutoff| cutoff <= judged).max();
        let inputs = columns.inputs()?;
        let mut fitted = Vec::new();
        for (whom, estimator) in members(&learning.estimator) {
            let estimator = learning.constrained(estimator, columns.expected_signs());
            let go_on = || learning.progress.goes_on(whom.learning());
            let learner =
                Learner { estimator: &estimator, inputs: &inputs, stop: Stop::unless(&go_on) };
            let rows = match whom {
                Whom::Active => &kinds[0],
                Whom::Silent => &kinds[1],
                Whom::All => &all,
            };
            fitted.push(Member::fit(whom, &learner, rows, judged, false)?.0);
        }
        let sum = |of: fn(&Counts) -> usize| counts.iter().map(of).sum();
        let table = trained.panel.features();
        let training = HazardTraining {
            until,
            customers: table.rows_of(cutoffs.len() - 1).len(),
            purchases: sum(|counts| counts.bought),
            periods_without: sum(|counts| counts.quiet),
            rows: rows.len(),
            cutoffs,
        };
        let mut settings = self.clone();
        settings.learning.progress = Progress::default();
        let (recipe, members) = (Arc::new(trained.recipe), Arc::new(fitted));
        Ok(TimeToPurchase { settings, training, periods, recipe, members })
    }
}

fn too_few(counts: Counts) -> Error {
    Error::TooLittleData(format!(
        "in the week after the training cutoffs {} customers bought and {} did not; at least \
         {MIN_OUTCOMES} of each are needed: train on more cutoffs or up to a later time",
        counts.bought, counts.quiet
    ))
}

/// The rows as estimators read them.
fn training_rows(
    TrainingTable { panel, table, recipe }: &TrainingTable,
    columns: PeriodColumns<'_>,
    rows: &[Row],
    log: &EventLog,
    until: Timestamp,
) -> Result<TrainingRows> {
    let of_panel: Vec<usize> = rows.iter().map(|row| row.row).collect();
    let known = recipe.matrix(table, &of_panel)?;
    let width = columns.width();
    let mut x = Array2::zeros((rows.len(), width));
    let cutoffs: Vec<Timestamp> = table.row_cutoffs().collect();
    let customers = table.customers();
    if let Some(cells) = x.as_slice_mut() {
        cells.par_chunks_mut(width).zip(rows).enumerate().for_each(|(place, (cells, row))| {
            cells.iter_mut().zip(known.row(place)).for_each(|(cell, value)| *cell = *value);
            let history = log.history(customers[row.row] as usize, cutoffs[row.row]);
            columns.fill(&history, row.period, cells);
        });
    }
    let days = table.numbers("days_since_last_purchase")?;
    let time = |row: &Row| -> Result<RowTime> {
        let days = columns.periods.days(row.period)[1] as u32;
        let cutoff = cutoffs[row.row];
        Ok(RowTime { cutoff, window_end: cutoff.add(Span::days(days))? })
    };
    let weight = |row: &Row| row.stands_for * weight(until, cutoffs[row.row]);
    Ok(TrainingRows {
        x,
        days: of_panel.iter().map(|&row| days[row]).collect(),
        purchased: rows.iter().map(|row| row.bought).collect(),
        times: rows.iter().map(time).collect::<Result<_>>()?,
        states: of_panel.iter().map(|&row| panel.states()[row]).collect(),
        weights: Some(rows.iter().map(weight).collect()),
    })
}
