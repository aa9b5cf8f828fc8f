//! The outcomes and scores of the customers of one state, by which a model is judged.

use crate::churn::ChurnModel;
use crate::churn::score::Scored;
use crate::error::{Error, Result};
use crate::labels::State;

/// The customers of one state at a cutoff: all scores rise with the chance of the outcome.
#[derive(Debug, Default)]
pub(crate) struct GroupScores {
    /// Rows of [`Scored`].
    pub(crate) rows: Vec<usize>,
    pub(crate) outcome: Vec<bool>,
    /// The model's probability of the outcome.
    pub(crate) model: Vec<f64>,
    /// The probability that knows only the days since the last purchase.
    pub(crate) recency: Vec<f64>,
    /// These days, negative where the outcome is a return.
    pub(crate) silence: Vec<f64>,
}

/// What is predicted of the customers of a state.
pub(crate) fn outcome_name(state: State) -> &'static str {
    if state == State::Active { "churned" } else { "returned" }
}

impl ChurnModel {
    /// The outcomes and scores of the customers of one state.
    pub(crate) fn group_scores(
        &self,
        scored: &Scored,
        purchased: &[bool],
        state: State,
    ) -> Result<GroupScores> {
        let rows: Vec<usize> =
            (0..scored.rows.len()).filter(|&row| scored.rows[row].state == state).collect();
        let churn = state == State::Active;
        let outcome: Vec<bool> = rows.iter().map(|&row| purchased[row] != churn).collect();
        if !(outcome.contains(&true) && outcome.contains(&false)) {
            return Err(Error::TooLittleData("one outcome only".into()));
        }
        let towards_outcome = |p: f64| if churn { 1.0 - p } else { p };
        let mut group = GroupScores { rows, outcome, ..GroupScores::default() };
        for &row in &group.rows {
            let score = &scored.rows[row];
            let days = score.days_since_last_purchase;
            group.model.push(towards_outcome(score.purchase_probability));
            let recency = self.model_of(state).recency_probability(days)?;
            group.recency.push(towards_outcome(recency));
            group.silence.push(if churn { days } else { -days });
        }
        Ok(group)
    }
}
