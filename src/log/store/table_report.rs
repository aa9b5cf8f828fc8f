//! What became of the rows of one table.

/// What became of the rows of one input table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct TableReport {
    /// Rows in the input.
    pub rows_read: u64,
    /// Rows left out because they have no customer id (`missing_ids="drop"`).
    pub missing_id: u64,
    /// Rows left out because a cell cannot be used (`bad_rows="drop"`).
    pub bad_rows: u64,
    /// Rows left out because their amount is zero (`zero_amounts="ignore"`); transactions only.
    pub zero_amount: u64,
    /// Rows left out because their customer has no transactions; other tables only.
    pub unknown_customer: u64,
    /// Rows kept.
    pub rows_kept: u64,
}

impl TableReport {
    /// All rows that were not left out are kept.
    pub(crate) fn keep_others(&mut self) {
        let left_out = self.missing_id + self.bad_rows + self.zero_amount + self.unknown_customer;
        self.rows_kept = self.rows_read - left_out;
    }

    pub(crate) fn add(&mut self, other: &TableReport) {
        self.rows_read += other.rows_read;
        self.missing_id += other.missing_id;
        self.bad_rows += other.bad_rows;
        self.zero_amount += other.zero_amount;
        self.unknown_customer += other.unknown_customer;
        self.rows_kept += other.rows_kept;
    }
}
