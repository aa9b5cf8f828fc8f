//! How a hazard model learns.

use std::ops::Range;
use std::sync::Arc;

use ndarray::Array2;
use rayon::prelude::*;

use super::builder::TimeToPurchaseBuilder;
use super::hazards::{Hazards, Stretch};
use super::model::{HazardTraining, TimeToPurchase};
use super::period_columns::PeriodColumns;
use super::periods::Periods;
use super::reference::Reference;
use super::sample::{Counts, Row, Spells};
use crate::churn::Estimator;
use crate::churn::MIN_OUTCOMES;
use crate::churn::fit::{TrainingTable, enough, weight};
use crate::churn::learner::Learner;
use crate::churn::member::Member;
use crate::churn::member_fit::members;
use crate::churn::training_rows::{RowTime, TrainingRows};
use crate::churn::whom::Whom;
use crate::error::{Error, Result};
use crate::labels::State;
use crate::log::EventLog;
use crate::panel::training_cutoffs_of;
use crate::progress::{Progress, Stop};
use crate::time::{IntoTimestamp, Span, Timestamp};

/// The latest training cutoff has outcomes of the first period.
pub(super) const FIRST_DAYS: u32 = 7;
/// Nobody tells a purchase of so many days and more: four years.
const LONGEST_DAYS: f64 = 4.0 * 366.0;
/// What is judged at one of the later cutoffs is judged by so many days of a stretch of periods.
const JUDGED_DAYS: f64 = 91.0;
/// Periods after which others begin that have models of their own: four weeks and thirteen.
const STRETCH_ENDS: [usize; 2] = [4, 8];
/// What a row counts beside one of a churn model's: a purchase, and a week without one, is in the rows of
/// all cutoffs before it, up to a year, where that of a churn model is in those of a quarter.
const EACH_COUNTS: f64 = 0.1;

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
    /// log, for a lead, and for a longest horizon without length or above four years; [`Error::TooLittleData`] when in the first
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
        if self.max_horizon.approx_days() > LONGEST_DAYS {
            return Err(Error::argument("max_horizon", self.max_horizon, "at most four years"));
        }
        let (count, stride) = (learning.cutoffs, learning.stride);
        let first = Span::days(FIRST_DAYS);
        let cutoffs = training_cutoffs_of(log, until, count, stride, Span::ZERO, first)?;
        let trained = learning.training_table(log, &cutoffs, until)?;
        let usual = Periods::usual(self.max_horizon.approx_days());
        let known = Spells::of(&trained.panel, &usual).known(&usual);
        if known == 0 {
            return Err(too_few());
        }
        let periods = usual.first(known);
        let spells = Spells::of(&trained.panel, &periods);
        let counts = spells.counts(&periods);
        let columns = PeriodColumns { recipe: &trained.recipe, periods: &periods };
        let (mut stretches, mut rows) = (Vec::new(), 0);
        for stretch in stretches_of(&counts) {
            let drawn = spells.rows(&trained.panel, log, &counts, stretch.clone());
            let of_all = training_rows(&trained, columns, &drawn, log, until)?;
            rows += drawn.len();
            // The latest cutoff after which so much of it was seen that it can be judged there.
            let [start, end] =
                [columns.periods.days(stretch.start)[0], periods.ends()[stretch.end - 1]];
            let seen = Span::days(end.min(start + JUDGED_DAYS) as u32);
            let judged = until.sub(seen)?;
            let judged = cutoffs.iter().copied().filter(|&cutoff| cutoff <= judged).max();
            let members = self.members(&of_all, columns, judged, log.progress())?;
            stretches.push(Stretch { periods: stretch.len(), members });
        }
        let sum = |of: fn(&Counts) -> usize| counts.iter().flatten().map(of).sum();
        let table = trained.panel.features();
        let training = HazardTraining {
            until,
            customers: table.rows_of(cutoffs.len() - 1).len(),
            share: log.share(),
            purchases: sum(|counts| counts.bought),
            periods_without: sum(|counts| counts.quiet),
            rows,
            cutoffs,
        };
        let hazards = Hazards { columns, stretches: &stretches };
        let reference = |state| Reference::of(state, &trained, hazards, log);
        let [active, lapsed, lost] = State::ALL;
        let references = Arc::new([reference(active)?, reference(lapsed)?, reference(lost)?]);
        let (recipe, stretches) = (Arc::new(trained.recipe), Arc::new(stretches));
        Ok(TimeToPurchase {
            settings: self.clone(),
            training,
            periods,
            recipe,
            stretches,
            references,
        })
    }

    /// Learns from the periods of a stretch.
    fn members(
        &self,
        all: &TrainingRows,
        columns: PeriodColumns<'_>,
        judged: Option<Timestamp>,
        progress: &Progress,
    ) -> Result<Vec<Member>> {
        let (learning, inputs) = (&self.learning, columns.inputs()?);
        Whom::KINDS.into_iter().try_for_each(|kind| enough(kind, all))?;
        let fit = |(whom, estimator): (Whom, Estimator)| {
            let estimator = learning.constrained(estimator, columns.expected_signs());
            let go_on = || progress.goes_on(whom.learning());
            let stop = Stop::unless(&go_on);
            let learner = Learner { estimator: &estimator, inputs: &inputs, weight: 1.0, stop };
            let own;
            let rows = match whom {
                Whom::All => all,
                kind => {
                    own = all.of(kind);
                    &own
                }
            };
            let (member, _) = Member::fit(whom, &learner, rows, judged, false)?;
            member.with_backgrounds(all)
        };
        members(&learning.estimator).into_iter().map(fit).collect()
    }
}

/// Consecutive periods that have models of their own: a month, the rest of a quarter, and what is later,
/// as far as there are enough outcomes of active and of silent customers in each; else more at a time.
fn stretches_of(counts: &[[Counts; 2]]) -> Vec<Range<usize>> {
    let mut stretches: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for end in STRETCH_ENDS.into_iter().chain([counts.len()]) {
        let end = end.min(counts.len());
        let enough = |kind: usize| {
            let least = |of: fn(&Counts) -> usize| {
                counts[start..end].iter().map(|counts| of(&counts[kind])).sum::<usize>()
            };
            least(|counts| counts.bought).min(least(|counts| counts.quiet)) >= MIN_OUTCOMES
        };
        if enough(0) && enough(1) {
            stretches.push(start..end);
            start = end;
        }
    }
    match stretches.last_mut() {
        Some(last) => last.end = counts.len(),
        None => stretches.push(0..counts.len()),
    }
    stretches
}

fn too_few() -> Error {
    Error::TooLittleData(format!(
        "in the week after the training cutoffs fewer than {MIN_OUTCOMES} customers bought, or did not: \
         train on more cutoffs or up to a later time"
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
            let history = log.history(customers[row.row], cutoffs[row.row]);
            columns.fill(&history, row.period, cells);
        });
    }
    let days = table.numbers("days_since_last_purchase")?;
    let time = |row: &Row| -> Result<RowTime> {
        let days = columns.periods.days(row.period)[1] as u32;
        let cutoff = cutoffs[row.row];
        Ok(RowTime { cutoff, window_end: cutoff.add(Span::days(days))? })
    };
    let weight = |row: &Row| EACH_COUNTS * row.stands_for * weight(until, cutoffs[row.row]);
    Ok(TrainingRows {
        x,
        days: of_panel.iter().map(|&row| days[row]).collect(),
        purchased: rows.iter().map(|row| row.bought).collect(),
        times: rows.iter().map(time).collect::<Result<_>>()?,
        states: of_panel.iter().map(|&row| panel.states()[row]).collect(),
        weights: Some(rows.iter().map(weight).collect()),
    })
}
