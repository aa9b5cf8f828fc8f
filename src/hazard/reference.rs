//! What customers are compared with when their chances are explained.

use ndarray::Array2;
use rayon::prelude::*;

use super::hazards::{Hazards, Parts};
use super::period_columns::PeriodColumns;
use crate::churn::fit::TrainingTable;
use crate::churn::profile::typical;
use crate::error::{Error, Result};
use crate::labels::State;
use crate::log::{EventLog, History};

/// By how many rows of a state the usual values are found, at most, and the mean contributions in every
/// period; they are spread evenly over the training table.
const TYPICAL_OF: usize = 4_096;

/// What the customers of a state are compared with.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Reference {
    /// Of each column of the recipe the median at the training cutoffs, of texts the most frequent; none
    /// where half of the customers or more have no value.
    pub(super) typical: Vec<Option<f64>>,
    /// Of each period what each column of the recipe adds, on average, to the log-odds of a purchase in it,
    /// compared with the rows that its models learned from, which are in other periods too.
    means: Vec<Vec<f64>>,
}

impl Reference {
    /// Of the customers of a state at the training cutoffs; where there are none, of all.
    pub(super) fn of(
        state: State,
        TrainingTable { panel, table, recipe }: &TrainingTable,
        hazards: Hazards<'_>,
        log: &EventLog,
    ) -> Result<Reference> {
        let all = 0..table.len();
        let own: Vec<usize> = all.clone().filter(|&row| panel.states()[row] == state).collect();
        let own = if own.is_empty() { all.collect() } else { own };
        let rows: Vec<usize> =
            own.iter().copied().step_by(own.len().div_ceil(TYPICAL_OF).max(1)).collect();
        let x = recipe.matrix(table, &rows)?;
        let typical = typical(&x, &recipe.categories());
        let cutoffs: Vec<_> = table.row_cutoffs().collect();
        let width = hazards.columns.width();
        let mut all = Array2::zeros((rows.len(), width));
        let mean = |period| -> Result<Vec<f64>> {
            if let Some(cells) = all.as_slice_mut() {
                cells.par_chunks_mut(width).enumerate().for_each(|(place, cells)| {
                    cells.iter_mut().zip(x.row(place)).for_each(|(cell, value)| *cell = *value);
                    let customer = table.customers()[rows[place]];
                    let history = log.history(customer, cutoffs[rows[place]]);
                    hazards.columns.fill(&history, period, cells);
                });
            }
            hazards.mean_contributions(state, period, all.view())
        };
        let means = (0..hazards.columns.periods.count()).map(mean).collect::<Result<_>>()?;
        Ok(Reference { typical, means })
    }

    /// The mean log-odds of a purchase in the periods, each of which counts for a share of the days; what
    /// the columns add is compared with the state's customers. `row` as for [`Hazards::parts`].
    pub(super) fn parts(
        &self,
        hazards: Hazards<'_>,
        history: &History<'_>,
        state: State,
        shares: &[(usize, f64)],
        row: &mut Vec<f64>,
    ) -> Result<Parts> {
        let mut all = Parts { base: 0.0, contributions: vec![0.0; hazards.columns.recipe.width()] };
        for &(period, share) in shares {
            let Parts { base, contributions } = hazards.parts(history, state, period, row)?;
            let mean = &self.means[period];
            all.base += share * (base + mean.iter().sum::<f64>());
            let parts = contributions.iter().zip(mean).map(|(part, mean)| part - mean);
            all.contributions.iter_mut().zip(parts).for_each(|(sum, part)| *sum += share * part);
        }
        Ok(all)
    }

    /// Refuses what does not fit its columns, as of a damaged file.
    pub(super) fn check(&self, columns: PeriodColumns<'_>) -> Result<()> {
        let width = columns.recipe.width();
        let typical =
            self.typical.len() == width && !self.typical.iter().flatten().any(|v| v.is_nan());
        let is_mean =
            |mean: &Vec<f64>| mean.len() == width && mean.iter().all(|part| part.is_finite());
        let means = self.means.len() == columns.periods.count() && self.means.iter().all(is_mean);
        match typical && means && columns.silence().is_some() {
            true => Ok(()),
            false => Err(Error::model_file("its typical values are not those of its columns")),
        }
    }
}
