//! Active customers who are more likely to leave than to stay, by their strongest negative reason.

use rayon::prelude::*;

use crate::churn::score::Scored;
use crate::churn::{ChurnModel, CustomerScore};
use crate::error::Result;
use crate::explain::{Group, ReasonOptions};
use crate::labels::State;
use crate::log::CustomerIndex;
use crate::models::rows::selected;
use crate::progress::Progress;

/// Chances of churn from this on are high: leaving is likelier than staying.
const HIGH: f64 = 0.5;

/// An active customer of high churn probability.
#[derive(Debug, Clone)]
pub(crate) struct AtRisk {
    pub(crate) customer: CustomerIndex,
    /// Its place among the customers that are scored.
    pub(crate) row: usize,
    pub(crate) score: CustomerScore,
    /// The group of the first reason that [`ChurnModel::explain`] gives for a lower chance; none where
    /// it gives none.
    pub(crate) main: Option<Group>,
}

impl ChurnModel {
    /// Of the customers that are scored, all active ones whose churn probability is one half or more.
    pub(crate) fn at_risk(
        &self,
        scored: &Scored,
        reasons: &ReasonOptions,
        progress: &Progress,
    ) -> Result<Vec<AtRisk>> {
        let is_high = |&row: &usize| {
            let score = &scored.rows[row];
            score.state == State::Active && score.churn_probability >= HIGH
        };
        let rows: Vec<usize> = (0..scored.rows.len()).filter(is_high).collect();
        let x = selected(scored.x.view(), &rows);
        let scores: Vec<CustomerScore> = rows.iter().map(|&row| scored.rows[row]).collect();
        let contributions = self.contributions_of(&x, &scores, progress)?;
        let one = ReasonOptions { count: 1, ..reasons.clone() };
        let of = |(i, &row): (usize, &usize)| {
            let (values, parts) = (x.row(i).to_vec(), contributions.row(i).to_vec());
            let told = self.told(State::Active, &values, &parts, &one);
            AtRisk {
                customer: scored.customers[row],
                row,
                score: scores[i],
                main: told.down.into_iter().next().map(|reason| reason.group),
            }
        };
        Ok(rows.par_iter().enumerate().with_min_len(64).map(of).collect())
    }
}
