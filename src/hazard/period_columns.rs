//! The columns of a period: what a customer is like once the silence has gone on to its start.

use crate::churn::learned::Learned;
use crate::churn::learner::Inputs;
use crate::churn::recipe::Recipe;
use crate::error::Result;
use crate::features::DAYS_SINCE_LAST_PURCHASE;
use crate::log::History;
use crate::models::preprocess::{ColumnKind, ColumnSpec};

use super::periods::Periods;

/// The length of the period, and the days of silence at its start.
const OWN: [&str; 2] = ["period_days", "period_silence_days"];

/// The columns behind those of a recipe, for a hazard in these periods.
#[derive(Debug, Clone, Copy)]
pub(super) struct PeriodColumns<'a> {
    pub(super) recipe: &'a Recipe,
    pub(super) periods: &'a Periods,
}

impl PeriodColumns<'_> {
    fn learned(&self) -> &Learned {
        &self.recipe.learned
    }

    /// All columns, of the recipe and of the period.
    pub(super) fn width(&self) -> usize {
        self.recipe.width() + OWN.len() + self.learned().columns().count()
    }

    pub(super) fn names(&self) -> Vec<String> {
        let mut names = self.recipe.names();
        names.extend(OWN.map(str::to_owned));
        names.extend(self.learned().columns().map(|column| format!("period_{}", column.name)));
        names
    }

    pub(super) fn inputs(&self) -> Result<Inputs> {
        let mut inputs = self.recipe.inputs()?;
        inputs.specs.extend(OWN.map(|name| ColumnSpec::new(name, ColumnKind::Skewed)));
        for column in self.learned().columns() {
            let kind = if column.unit.skewed() { ColumnKind::Skewed } else { ColumnKind::Number };
            inputs.specs.push(ColumnSpec::new(format!("period_{}", column.name), kind));
        }
        Ok(inputs)
    }

    pub(super) fn expected_signs(&self) -> Vec<i8> {
        let mut signs = self.recipe.expected_signs();
        signs.extend([1, 0]);
        signs.extend(self.learned().columns().map(|column| column.expected_sign));
        signs
    }

    /// What all columns add, as that of the recipe's alone: that of the period's length and of the silence
    /// counts with the days since the last purchase, the others with the column of their name.
    pub(super) fn folded(&self, mut parts: Vec<f64>) -> Vec<f64> {
        let width = self.recipe.width();
        let of_period = parts.split_off(width);
        let (own, learned) = of_period.split_at(OWN.len());
        if let Some(silence) = self.silence() {
            parts[silence] += own.iter().sum::<f64>();
        }
        let as_of_the_cutoff = &mut parts[width - learned.len()..];
        as_of_the_cutoff.iter_mut().zip(learned).for_each(|(part, later)| *part += later);
        parts
    }

    /// The column of the days since the last purchase.
    pub(super) fn silence(&self) -> Option<usize> {
        let mut features = self.recipe.features.iter();
        features.position(|place| place.feature().name == DAYS_SINCE_LAST_PURCHASE)
    }

    /// Sets the end of a row, behind the recipe's columns, to those of a period.
    pub(super) fn fill(&self, history: &History<'_>, period: usize, row: &mut [f64]) {
        let days = self.periods.days(period);
        let silence = history
            .last_purchase()
            .map_or(f64::NAN, |last| history.cutoff().days_since(last) + days[0]);
        let own = &mut row[self.recipe.width()..];
        own[0] = days[1] - days[0];
        own[1] = silence;
        self.learned().compute_later(history, days, &mut own[OWN.len()..]);
    }
}
