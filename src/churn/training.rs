//! What a model was trained on.

use super::outcome_counts::{MIN_OUTCOMES, OutcomeCounts};
#[cfg(feature = "io")]
use crate::error::{Error, Result};
use crate::labels::State;
use crate::time::Timestamp;

/// What a model was trained on.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Training {
    /// Nothing at or after this instant was used.
    pub until: Timestamp,
    /// The cutoffs, ascending, with their rows.
    pub cutoffs: Vec<TrainingCutoff>,
    /// The first transaction of the log.
    pub first_event: Timestamp,
    /// The share of the log's customers that it was trained on, drawn by their ids; 1: all.
    #[serde(default = "crate::model_file::all")]
    pub share: f64,
    /// Customers with a purchase before the latest cutoff.
    pub customers: usize,
    /// A fingerprint of the training table, 16 hexadecimal digits, computed from the values that
    /// the model learned from, in the order of cutoffs and customer ids. It changes when any of
    /// them does, and with nothing else. It detects changes; it does not protect against forgery.
    pub data_hash: String,
}

/// Training rows of one cutoff.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct TrainingCutoff {
    /// The cutoff.
    pub cutoff: Timestamp,
    /// Active customers.
    pub active: OutcomeCounts,
    /// Lapsed customers.
    pub lapsed: OutcomeCounts,
    /// Lost customers.
    pub lost: OutcomeCounts,
}

impl Training {
    /// Refuses a cutoff whose outcomes the training saw.
    #[cfg(feature = "io")]
    pub(crate) fn check_unseen(&self, at: Timestamp) -> Result<()> {
        if at < self.until {
            let expected =
                format!("a time from {} on, up to which the training saw outcomes", self.until);
            return Err(Error::argument("at", at, expected));
        }
        Ok(())
    }

    /// Whether one state's customers had at least [`MIN_OUTCOMES`] rows of either outcome. If not,
    /// predictions for them rely on other customers.
    pub fn has_enough(&self, state: State) -> bool {
        self.rows(state).least() >= MIN_OUTCOMES
    }

    /// Rows of all cutoffs of the customers of one state.
    pub fn rows(&self, state: State) -> OutcomeCounts {
        let of_state = |cutoff: &TrainingCutoff| match state {
            State::Active => cutoff.active,
            State::Lapsed => cutoff.lapsed,
            State::Lost => cutoff.lost,
        };
        self.cutoffs.iter().map(of_state).fold(OutcomeCounts::default(), |sum, n| OutcomeCounts {
            purchased: sum.purchased + n.purchased,
            not_purchased: sum.not_purchased + n.not_purchased,
        })
    }
}
