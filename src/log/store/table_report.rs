//! What became of the rows of one table.

/// What became of the rows of one input table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
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

    /// Whether the counts, of at most so many rows, can be of one table.
    pub(crate) fn is_possible(&self, most: u64) -> bool {
        let left_out = [self.missing_id, self.bad_rows, self.zero_amount, self.unknown_customer];
        let all = left_out.iter().try_fold(self.rows_kept, |sum, &count| sum.checked_add(count));
        self.rows_read <= most && all.is_some_and(|all| all <= self.rows_read)
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
