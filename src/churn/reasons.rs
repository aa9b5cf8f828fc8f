//! Reasons for one customer, by a model's contributions.

use super::ChurnModel;
use super::recipe::Recipe;
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

/// A customer's row as a model read it, with what its columns add to the log-odds and what is typical.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowParts<'a> {
    pub(crate) row: &'a [f64],
    pub(crate) contributions: &'a [f64],
    pub(crate) typical: &'a [Option<f64>],
}

impl Recipe {
    /// The reasons of a row that raise and that lower the chance.
    pub(crate) fn told(&self, parts: RowParts<'_>, options: &ReasonOptions) -> Reasons {
        if options.count == 0 {
            return Reasons::default();
        }
        let [up, down] = [Direction::Up, Direction::Down]
            .map(|direction| self.reasons_in(direction, parts, options));
        Reasons { up, down }
    }

    fn reasons_in(
        &self,
        direction: Direction,
        RowParts { row, contributions, typical }: RowParts<'_>,
        options: &ReasonOptions,
    ) -> Vec<Reason> {
        let level = |column, code| self.level(column, code);
        let (columns, of_activity) = (&self.ready().described, self.columns.tells_activity());
        let explained = Explained { columns, row, typical, contributions, level, of_activity };
        reasons(&explained, direction, options)
    }

    /// The text that a column's number stands for, if it holds texts and this one was seen.
    fn level(&self, column: usize, code: f64) -> Option<Option<String>> {
        let attribute = column.checked_sub(self.features.len())?;
        let levels = self.attributes.get(attribute)?.levels.as_ref()?;
        Some((code >= 0.0).then(|| levels.get(code as usize).cloned()).flatten())
    }
}

impl ChurnModel {
    /// The reasons of a row that raise and that lower the chance.
    pub(crate) fn told(
        &self,
        state: State,
        row: &[f64],
        contributions: &[f64],
        options: &ReasonOptions,
    ) -> Reasons {
        let typical = self.model_of(state).typical();
        self.recipe.told(RowParts { row, contributions, typical }, options)
    }

    /// The largest reasons of a row, in either direction.
    pub(crate) fn reasons(
        &self,
        state: State,
        row: &[f64],
        contributions: &[f64],
        options: &ReasonOptions,
    ) -> Vec<Reason> {
        let typical = self.model_of(state).typical();
        let parts = RowParts { row, contributions, typical };
        self.recipe.reasons_in(Direction::Either, parts, options)
    }
}
