//! Cohorts as tables.

use arrow_array::RecordBatch;

use super::cohorts::{CohortValue, Cohorts};
use super::columns::{counts, numbers, times};
use crate::error::Result;

impl Cohorts {
    /// As an Arrow table, a row a cohort and column, without those that lie beyond the periods:
    /// `cohort` (start of the period of the first purchase), `age` and `age_end` (first and last
    /// period of the column, counted from 0), `cohort_size`, `customers`, `share`, `share_low`,
    /// `share_high` (Wilson, 95 %), `purchases`, `revenue`, `average_check`. Null where the time is
    /// not over, and where not defined.
    ///
    /// # Errors
    /// None in practice; [`crate::Error::Arrow`] is passed on.
    pub fn to_batch(&self) -> Result<RecordBatch> {
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
        Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
    }

    /// One value as a wide Arrow table, a row a cohort: `cohort`, `cohort_size`, then a column for
    /// each age, named by it (`0`, `1`, …, brackets `1-3`). Null where the time is not over.
    ///
    /// # Errors
    /// As [`Cohorts::to_batch`].
    pub fn to_wide_batch(&self, value: CohortValue) -> Result<RecordBatch> {
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
        Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
    }
}
