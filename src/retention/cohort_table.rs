//! Cohorts as tables.

use std::fmt;

use arrow_array::RecordBatch;

use super::cohorts::{CohortValue, Cohorts};
use crate::answer::columns::{batch, counts, numbers, times};
use crate::answer::text_table::of_batch;
use crate::answer::{Analysis, Table, notes_text, write_table};
use crate::error::Result;

impl Cohorts {
    fn rows_table(&self) -> Result<RecordBatch> {
        let begun =
            |cohort: usize, column: usize| cohort + (self.ages(column).0 as usize) < self.len();
        let places: Vec<(usize, usize)> = (0..self.len())
            .flat_map(|cohort| (0..self.columns()).map(move |column| (cohort, column)))
            .filter(|&(cohort, column)| begun(cohort, column))
            .collect();
        let rows = || places.iter().copied();
        let value = |of: CohortValue| {
            numbers(of.name(), rows().map(move |(cohort, column)| self.value(cohort, column, of)))
        };
        let interval = |name, end: fn((f64, f64)) -> f64| {
            numbers(name, rows().map(move |(c, column)| self.share_interval(c, column).map(end)))
        };
        let age = |age: u32| Some(u64::from(age));
        let columns = [
            times("cohort", rows().map(|(cohort, _)| self.window(cohort).start)),
            counts("age", rows().map(|(_, column)| age(self.ages(column).0))),
            counts("age_end", rows().map(|(_, column)| age(self.ages(column).1))),
            counts("cohort_size", rows().map(|(cohort, _)| self.size(cohort))),
            counts("customers", rows().map(|(c, column)| Some(self.cell(c, column)?.customers))),
            value(CohortValue::Share),
            interval("share_low", |ends| ends.0),
            interval("share_high", |ends| ends.1),
            counts("purchases", rows().map(|(c, column)| Some(self.cell(c, column)?.purchases))),
            value(CohortValue::Revenue),
            value(CohortValue::AverageCheck),
        ];
        batch(columns)
    }

    /// The readable form with a value other than the number of customers in its cells.
    ///
    /// # Errors
    /// None in practice; [`crate::Error::Arrow`] is passed on.
    pub fn text_of(&self, value: CohortValue) -> Result<String> {
        Ok(of_batch(&self.wide(value)?) + &notes_text(&self.notes))
    }

    fn wide(&self, value: CohortValue) -> Result<RecordBatch> {
        let cohorts = || 0..self.len();
        let mut columns = vec![
            times("cohort", cohorts().map(|cohort| self.window(cohort).start)),
            counts("cohort_size", cohorts().map(|cohort| self.size(cohort))),
        ];
        for column in 0..self.columns() {
            let name = match self.ages(column) {
                (first, last) if first == last => first.to_string(),
                (first, last) => format!("{first}-{last}"),
            };
            columns.push(match value {
                CohortValue::Customers => {
                    counts(&name, cohorts().map(|c| Some(self.cell(c, column)?.customers)))
                }
                value => numbers(&name, cohorts().map(|c| self.value(c, column, value))),
            });
        }
        batch(columns)
    }
}

impl Analysis for Cohorts {
    /// - `cohorts`: one row per cohort and column, without those that lie beyond the periods:
    ///   `cohort` (start of the period of the first purchase), `age` and `age_end` (first and last
    ///   period of the column, counted from 0), `cohort_size`, `customers`, `share`, `share_low`,
    ///   `share_high` (Wilson, 95 %), `purchases`, `revenue`, `average_check`. Null where the
    ///   period is not over, and where undefined.
    /// - `customers`, `share`, `revenue`, `average_check`: one value each, one row per cohort:
    ///   `cohort`, `cohort_size`, then a column for each age, named by it (`0`, `1`, …, brackets
    ///   `1-3`). Null where the period is not over.
    const TABLES: &'static [Table<Self>] = &[
        ("cohorts", Self::rows_table),
        ("customers", |cohorts| cohorts.wide(CohortValue::Customers)),
        ("share", |cohorts| cohorts.wide(CohortValue::Share)),
        ("revenue", |cohorts| cohorts.wide(CohortValue::Revenue)),
        ("average_check", |cohorts| cohorts.wide(CohortValue::AverageCheck)),
    ];

    const IS_TABLE: bool = true;

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

/// The customers of every cohort at every age, then the notes.
impl fmt::Display for Cohorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_table(f, self.wide(CohortValue::Customers), &self.notes)
    }
}
