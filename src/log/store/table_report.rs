//! What became of the rows of one table.

/// What became of the rows of one input table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct TableReport {
    /// Rows in the input.
    pub rows_read: u64,
    /// Rows left out because they have no customer id (`missing_ids="drop"`).
    pub missing_id: u64,
    /// Rows left out because their amount is zero (`zero_amounts="ignore"`); transactions only.
    pub zero_amount: u64,
    /// Rows left out because their customer has no transactions; other tables only.
    pub unknown_customer: u64,
    /// Rows kept.
    pub rows_kept: u64,
}

impl TableReport {
    pub(crate) fn add(&mut self, other: &TableReport) {
        self.rows_read += other.rows_read;
        self.missing_id += other.missing_id;
        self.zero_amount += other.zero_amount;
        self.unknown_customer += other.unknown_customer;
        self.rows_kept += other.rows_kept;
    }
}
