//! Rows of a table by column: tickets, survey answers and events.

use std::cmp::Ordering;

/// A table of rows with a time, by column.
pub(crate) trait Columns: Sized + Sync {
    /// The optional columns that are there.
    fn optional(&self) -> Vec<&'static str>;
    fn time(&self) -> &[i64];
    /// The order of a customer's rows.
    fn compare(&self, a: usize, b: usize) -> Ordering;
    /// The same rows in another order, or some of them.
    fn take(&self, order: &[u32]) -> Self;
    /// Appends the rows of `other`, which has the same columns. Its topics have the codes `topics`
    /// here, or the same.
    fn append(&mut self, other: &Self, topics: Option<&[u32]>);
}

/// The names of the optional columns that are there.
pub(crate) fn names_of(columns: &[(&'static str, bool)]) -> Vec<&'static str> {
    columns.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect()
}
