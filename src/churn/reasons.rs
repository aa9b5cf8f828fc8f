//! Reasons for one customer, by a model's contributions.

use super::ChurnModel;
use crate::explain::{Direction, Explained, Reason, ReasonOptions, reasons};
use crate::labels::State;

/// The reasons of one customer, largest first.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct Reasons {
    /// Those that raise the chance of a purchase.
    pub up: Vec<Reason>,
    /// Those that lower it.
    pub down: Vec<Reason>,
}

impl ChurnModel {
    /// The reasons of a row that raise and that lower the chance.
    pub(crate) fn told(
        &self,
        state: State,
        names: &[String],
        row: &[f64],
        contributions: &[f64],
        options: &ReasonOptions,
    ) -> Reasons {
        let [up, down] = [Direction::Up, Direction::Down].map(|direction| {
            self.reasons_in(direction, state, names, (row, contributions), options)
        });
        Reasons { up, down }
    }

    /// The largest reasons of a row, in either direction.
    pub(crate) fn reasons(
        &self,
        state: State,
        names: &[String],
        row: &[f64],
        contributions: &[f64],
        options: &ReasonOptions,
    ) -> Vec<Reason> {
        self.reasons_in(Direction::Either, state, names, (row, contributions), options)
    }

    fn reasons_in(
        &self,
        direction: Direction,
        state: State,
        names: &[String],
        (row, contributions): (&[f64], &[f64]),
        options: &ReasonOptions,
    ) -> Vec<Reason> {
        let typical = self.model_of(state).typical();
        let level = |column, code| self.level(column, code);
        let of_activity = self.recipe.columns.tells_activity();
        let explained = Explained { names, row, typical, contributions, level, of_activity };
        reasons(&explained, direction, options)
    }

    /// The text that a column's number stands for, if it holds texts and this one was seen.
    fn level(&self, column: usize, code: f64) -> Option<Option<String>> {
        let attribute = column.checked_sub(self.recipe.features.len())?;
        let levels = self.recipe.attributes.get(attribute)?.levels.as_ref()?;
        Some((code >= 0.0).then(|| levels.get(code as usize).cloned()).flatten())
    }
}
