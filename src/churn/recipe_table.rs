//! Tables of many customers as a model reads them.

use ndarray::Array2;

use super::learned::Learned;
use super::recipe::{Recipe, level_code, wrong_attribute};
use crate::error::Result;
use crate::features::{ColumnValues, FeatureTable};
use crate::log::EventLog;

impl Recipe {
    /// Kinds of a log's events that training did not see, or of fewer customers than a text needs to
    /// be kept, by name; none where the model has no columns of kinds.
    pub(crate) fn unseen_kinds(&self, log: &EventLog) -> Vec<String> {
        if self.kinds.is_empty() {
            return Vec::new();
        }
        let seen = |kind: &str| self.seen_kinds.binary_search_by(|own| own.as_str().cmp(kind));
        let unseen = log.event_kinds().into_iter().filter(|kind| seen(kind).is_err());
        unseen.map(str::to_owned).collect()
    }

    /// Refuses a log that is read by other rules or lacks columns.
    pub(crate) fn check_log(&self, log: &EventLog) -> Result<()> {
        self.check_roles(log.columns(), log.event_roles())?;
        self.check_shape(log.purchase_rules(), log.columns(), "log")
    }

    /// A table of the features of a log with the columns that no log has by itself.
    pub(crate) fn complete(&self, table: FeatureTable, log: &EventLog) -> Result<FeatureTable> {
        self.learned.complete(table.with_kinds(log, &self.kinds)?, log)
    }

    /// The rows of a feature table as this model reads them.
    pub(crate) fn matrix(&self, table: &FeatureTable, rows: &[usize]) -> Result<Array2<f64>> {
        let mut matrix = Array2::zeros((rows.len(), self.width()));
        for (i, place) in self.features.iter().enumerate() {
            let values = table.numbers(place.feature().name)?;
            for (cell, &row) in matrix.column_mut(i).iter_mut().zip(rows) {
                *cell = values[row];
            }
        }
        for (i, attribute) in self.attributes.iter().enumerate() {
            let mut column = matrix.column_mut(self.features.len() + i);
            match (&table.column(&attribute.name)?.values, &attribute.levels) {
                (ColumnValues::Numbers(values), None) => {
                    column.iter_mut().zip(rows).for_each(|(cell, &row)| *cell = values.value(row));
                }
                (ColumnValues::Texts { codes, texts }, Some(levels)) => {
                    let codes_here: Vec<f64> =
                        texts.iter().map(|text| level_code(levels, text)).collect();
                    for (cell, &row) in column.iter_mut().zip(rows) {
                        *cell = codes_here.get(codes[row] as usize).copied().unwrap_or(f64::NAN);
                    }
                }
                // A column without a single value has no type of its own.
                (ColumnValues::Numbers(values), Some(_))
                    if values.values().iter().all(|v| v.is_nan()) =>
                {
                    column.fill(f64::NAN);
                }
                (_, levels) => return Err(wrong_attribute(&attribute.name, levels.is_some())),
            }
        }
        let first = self.features.len() + self.attributes.len();
        let kinds = self.kind_columns().names().map(|(name, _)| name);
        let learned = self.learned.columns().map(|column| column.name.to_owned());
        for (i, name) in kinds.chain(learned).enumerate() {
            let values = table.numbers(&name)?;
            for (cell, &row) in matrix.column_mut(first + i).iter_mut().zip(rows) {
                *cell = values[row];
            }
        }
        Ok(matrix)
    }
}

impl Learned {
    /// The table with the columns behind its own.
    pub(crate) fn complete(&self, table: FeatureTable, log: &EventLog) -> Result<FeatureTable> {
        let names = self.columns().map(|feature| feature.name.to_owned()).collect();
        table.with_computed(log, names, |history, _, out| self.compute(history, out))
    }
}
