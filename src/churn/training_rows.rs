//! The rows that one model learns from.

use ndarray::{Array2, Axis};

use super::whom::Whom;
use crate::labels::State;
use crate::time::Timestamp;

/// With fewer training rows of either outcome than this, a model cannot be fitted.
pub const MIN_OUTCOMES: usize = 30;

/// Training rows of one state at one cutoff, or in total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct OutcomeCounts {
    /// Rows with a purchase in the outcome window.
    pub purchased: usize,
    /// Rows without a purchase in the outcome window.
    pub not_purchased: usize,
}

impl OutcomeCounts {
    /// Counts these rows.
    pub(crate) fn of(rows: &[usize], purchased: &[bool]) -> OutcomeCounts {
        let mut counts = OutcomeCounts::default();
        rows.iter().for_each(|&row| counts.add(purchased[row]));
        counts
    }

    /// Both.
    pub fn all(&self) -> usize {
        self.purchased + self.not_purchased
    }

    /// The smaller of the two.
    pub(crate) fn least(&self) -> usize {
        self.purchased.min(self.not_purchased)
    }

    pub(crate) fn add(&mut self, purchased: bool) {
        if purchased {
            self.purchased += 1;
        } else {
            self.not_purchased += 1;
        }
    }
}

/// When a training row's features were known, and when its outcome was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowTime {
    pub(crate) cutoff: Timestamp,
    pub(crate) window_end: Timestamp,
}

/// Training rows of customers of one kind.
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
        let rows = (0..self.states.len()).filter(|&row| whom.includes(self.states[row]));
        self.select(&rows.collect::<Vec<_>>())
    }

    /// Some of them.
    pub(crate) fn select(&self, rows: &[usize]) -> TrainingRows {
        TrainingRows {
            x: self.x.select(Axis(0), rows),
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
