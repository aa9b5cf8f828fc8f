//! The rows that one model learns from.

use ndarray::Array2;

use super::outcome_counts::OutcomeCounts;
use super::whom::Whom;
use crate::labels::State;
use crate::models::rows::selected;
use crate::time::Timestamp;

/// With fewer rows of a state than this, its customers are compared with all rows; and of trees no fewer are
/// told that go the same way to a leaf. It is what a leaf of boosted trees has.
pub(crate) const FEWEST_COMPARED: usize = 20;

/// When a training row's features were known, and when its outcome was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowTime {
    pub(crate) cutoff: Timestamp,
    pub(crate) window_end: Timestamp,
}

/// Training rows, in the order of their cutoffs.
#[derive(Debug)]
pub(crate) struct TrainingRows {
    pub(crate) x: Array2<f64>,
    pub(crate) days: Vec<f64>,
    pub(crate) purchased: Vec<bool>,
    pub(crate) times: Vec<RowTime>,
    pub(crate) states: Vec<State>,
    /// How much each counts; none: all the same.
    pub(crate) weights: Option<Vec<f64>>,
}

impl TrainingRows {
    /// Those of some customers.
    pub(crate) fn of(&self, whom: Whom) -> TrainingRows {
        self.select(&self.places(whom))
    }

    /// Which are those of some customers.
    pub(crate) fn places(&self, whom: Whom) -> Vec<usize> {
        (0..self.states.len()).filter(|&row| whom.includes(self.states[row])).collect()
    }

    /// What some customers did.
    pub(crate) fn outcomes(&self, whom: Whom) -> OutcomeCounts {
        OutcomeCounts::of(&self.places(whom), &self.purchased)
    }

    /// The rows that customers of a state are compared with; of few, those of their kind.
    pub(crate) fn compared_with(&self, state: State) -> Vec<usize> {
        let own: Vec<usize> =
            (0..self.states.len()).filter(|&row| self.states[row] == state).collect();
        if own.len() < FEWEST_COMPARED { self.places(Whom::of(state)) } else { own }
    }

    /// Some of them.
    pub(crate) fn select(&self, rows: &[usize]) -> TrainingRows {
        TrainingRows {
            x: selected(self.x.view(), rows),
            days: rows.iter().map(|&row| self.days[row]).collect(),
            purchased: rows.iter().map(|&row| self.purchased[row]).collect(),
            times: rows.iter().map(|&row| self.times[row]).collect(),
            states: rows.iter().map(|&row| self.states[row]).collect(),
            weights: self
                .weights
                .as_ref()
                .map(|weights| rows.iter().map(|&row| weights[row]).collect()),
        }
    }
}
