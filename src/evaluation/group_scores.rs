//! The outcomes and scores of the customers of one state, by which a model is judged.

use crate::churn::score::Scored;
use crate::churn::{ChurnModel, CustomerScore};
use crate::error::{Error, Result};
use crate::labels::State;

/// A customer of some state with chances of a purchase, and whether there was one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged {
    /// Where it comes from.
    pub(super) row: usize,
    pub(super) purchased: bool,
    pub(super) days: f64,
    /// By the model.
    pub(super) model: f64,
    /// By these days alone.
    pub(super) recency: f64,
}

/// The customers of one state at a cutoff: all scores rise with the chance of the outcome.
#[derive(Debug, Default)]
pub(crate) struct GroupScores {
    /// Where they come from: rows of [`Scored`].
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

impl GroupScores {
    /// Of the customers of a state; too little data where all or none of them purchased.
    pub(super) fn of(state: State, judged: &[Judged]) -> Result<Self> {
        let churn = state == State::Active;
        let outcome: Vec<bool> = judged.iter().map(|own| own.purchased != churn).collect();
        if !(outcome.contains(&true) && outcome.contains(&false)) {
            return Err(Error::TooLittleData("one outcome only".into()));
        }
        let towards_outcome = |p: f64| if churn { 1.0 - p } else { p };
        Ok(GroupScores {
            rows: judged.iter().map(|own| own.row).collect(),
            outcome,
            model: judged.iter().map(|own| towards_outcome(own.model)).collect(),
            recency: judged.iter().map(|own| towards_outcome(own.recency)).collect(),
            silence: judged.iter().map(|own| if churn { own.days } else { -own.days }).collect(),
        })
    }
}

impl ChurnModel {
    /// The outcomes and scores of the customers of one state.
    pub(crate) fn group_scores(
        &self,
        scored: &Scored,
        purchased: &[bool],
        state: State,
    ) -> Result<GroupScores> {
        let of_state = |(row, score): (usize, &CustomerScore)| {
            (score.state == state).then(|| {
                let days = score.days_since_last_purchase;
                Ok(Judged {
                    row,
                    purchased: purchased[row],
                    days,
                    model: score.purchase_probability,
                    recency: self.model_of(state).recency_probability(days)?,
                })
            })
        };
        let judged: Vec<Judged> =
            scored.rows.iter().enumerate().filter_map(of_state).collect::<Result<_>>()?;
        GroupScores::of(state, &judged)
    }
}
