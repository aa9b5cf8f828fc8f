//! Tables of many customers as a model reads them.

use ndarray::{Array2, Axis};
use rayon::prelude::*;

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
        let columns = self.cells(table)?;
        let mut matrix = Array2::zeros((rows.len(), columns.len()));
        // Some rows at a time, which stay in a core's cache while column after column is written.
        let parts = matrix.axis_chunks_iter_mut(Axis(0), ROWS).zip(rows.chunks(ROWS));
        parts.collect::<Vec<_>>().into_par_iter().for_each(|(mut part, rows)| {
            for (cells, mut column) in columns.iter().zip(part.columns_mut()) {
                for (cell, &row) in column.iter_mut().zip(rows) {
                    *cell = cells.value(row);
                }
            }
        });
        Ok(matrix)
    }

    /// Where the values of every column stand.
    fn cells<'a>(&self, table: &'a FeatureTable) -> Result<Vec<Cells<'a>>> {
        let features = self.features.iter().map(|place| place.feature().name);
        let mut all: Vec<Cells<'a>> =
            features.map(|name| table.numbers(name).map(Cells::Numbers)).collect::<Result<_>>()?;
        for attribute in &self.attributes {
            all.push(match (&table.column(&attribute.name)?.values, &attribute.levels) {
                (ColumnValues::Numbers(values), None) => Cells::Numbers(values.values()),
                (ColumnValues::Texts { codes, texts }, Some(levels)) => {
                    let numbers = texts.iter().map(|text| level_code(levels, text)).collect();
                    Cells::Texts { codes, numbers }
                }
                // A column without a single value has no type of its own.
                (ColumnValues::Numbers(values), Some(_))
                    if values.values().iter().all(|v| v.is_nan()) =>
                {
                    Cells::Missing
                }
                (_, levels) => return Err(wrong_attribute(&attribute.name, levels.is_some())),
            });
        }
        let kinds = self.kind_columns().names().map(|(name, _)| name);
        let learned = self.learned.columns().map(|column| column.name.to_owned());
        for name in kinds.chain(learned) {
            all.push(Cells::Numbers(table.numbers(&name)?));
        }
        Ok(all)
    }
}

/// Rows that are written at a time.
const ROWS: usize = 1_024;

/// The values of a column in a table.
enum Cells<'a> {
    Numbers(&'a [f64]),
    /// Texts by their codes, and the number that each of them has in the model.
    Texts {
        codes: &'a [u32],
        numbers: Vec<f64>,
    },
    Missing,
}

impl Cells<'_> {
    fn value(&self, row: usize) -> f64 {
        match self {
            Cells::Numbers(values) => values[row],
            Cells::Texts { codes, numbers } => {
                numbers.get(codes[row] as usize).copied().unwrap_or(f64::NAN)
            }
            Cells::Missing => f64::NAN,
        }
    }
}

impl Learned {
    /// The table with the columns behind its own.
    pub(crate) fn complete(&self, table: FeatureTable, log: &EventLog) -> Result<FeatureTable> {
        let names = self.columns().map(|feature| feature.name.to_owned()).collect();
        table.with_computed(log, names, |history, _, out| {
            self.compute(history, history.purchase_days(), out)
        })
    }
}
