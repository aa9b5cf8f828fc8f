//! The models of a purchase in each period: what they say, and what each column adds to it.

use ndarray::{Array1, ArrayView2, Axis};

use super::period_columns::PeriodColumns;
use crate::churn::member::Member;
use crate::error::Result;
use crate::labels::State;
use crate::log::History;
use crate::models::odds::sigmoid;

/// Consecutive periods, and the models of a purchase in them.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Stretch {
    /// How many periods.
    pub(super) periods: usize,
    /// Whose mean log-odds are told.
    pub(super) members: Vec<Member>,
}

/// The models of all periods, and the columns that they read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hazards<'a> {
    pub(super) columns: PeriodColumns<'a>,
    pub(super) stretches: &'a [Stretch],
}

/// Log-odds as a sum.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parts {
    /// Of the rows of the state that the models learned from, on average.
    pub(super) base: f64,
    /// What each column of the recipe adds.
    pub(super) contributions: Vec<f64>,
}

impl<'a> Hazards<'a> {
    /// The chances of a purchase in each period, given that there was none before; `row` begins with the
    /// columns of the recipe, and those of periods are put behind them.
    pub(super) fn chances(
        &self,
        history: &History<'_>,
        state: State,
        row: &mut Vec<f64>,
        buffer: &mut Vec<f64>,
    ) -> Result<Vec<f64>> {
        row.resize(self.columns.width(), 0.0);
        let mut chances = Vec::with_capacity(self.columns.periods.count());
        for Stretch { periods, members } in self.stretches {
            for _ in 0..*periods {
                self.columns.fill(history, chances.len(), row);
                let (mut sum, mut count) = (0.0, 0.0);
                for member in of_state(members, state) {
                    sum += member.estimator.log_odds(row, buffer)?;
                    count += 1.0;
                }
                chances.push(sigmoid(sum / count));
            }
        }
        Ok(chances)
    }

    /// The log-odds of a purchase in a period, given that there was none before; `row` as above. What the
    /// columns of the period add counts with those that tell the same as of the cutoff.
    pub(super) fn parts(
        &self,
        history: &History<'_>,
        state: State,
        period: usize,
        row: &mut Vec<f64>,
    ) -> Result<Parts> {
        let width = self.columns.width();
        row.resize(width, 0.0);
        self.columns.fill(history, period, row);
        let (mut base, mut all, mut count) = (0.0, vec![0.0; width], 0.0);
        for member in of_state(self.members(period), state) {
            let background = member.background(state);
            base += member.estimator.base(background)?;
            let parts = member.estimator.contributions(background, row)?;
            all.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            count += 1.0;
        }
        all.iter_mut().for_each(|sum| *sum /= count);
        Ok(Parts { base: base / count, contributions: self.columns.folded(all) })
    }

    /// What the columns of the recipe add in a period, on average over customers of a state, whose rows
    /// have all columns.
    pub(super) fn mean_contributions(
        &self,
        state: State,
        period: usize,
        x: ArrayView2<'_, f64>,
    ) -> Result<Vec<f64>> {
        let (mut sums, mut count) = (Array1::zeros(x.ncols()), 0.0);
        for member in of_state(self.members(period), state) {
            let parts = member.estimator.contributions_of(member.background(state), x)?;
            sums += &parts.sum_axis(Axis(0));
            count += x.nrows() as f64;
        }
        Ok(self.columns.folded((sums / count).to_vec()))
    }

    /// The models of the stretch that a period is in.
    fn members(&self, period: usize) -> &'a [Member] {
        let mut end = 0;
        let own = self.stretches.iter().find(|stretch| {
            end += stretch.periods;
            period < end
        });
        own.map_or(&[], |stretch| &stretch.members)
    }
}

fn of_state(members: &[Member], state: State) -> impl Iterator<Item = &Member> {
    members.iter().filter(move |member| member.whom.includes(state))
}
