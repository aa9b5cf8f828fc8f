//! How many rows had which outcome.

/// With fewer training rows of either outcome than this, a model cannot be fitted.
pub const MIN_OUTCOMES: usize = 30;

/// Training rows of one state at one cutoff, or in total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct OutcomeCounts {
    /// Rows with a purchase in the outcome window.
    pub purchased: usize,
    /// Rows without a purchase in the outcome window.
    pub not_purchased: usize,
}

impl OutcomeCounts {
    /// Counts these rows.
    pub(crate) fn of(rows: &[usize], purchased: &[bool]) -> OutcomeCounts {
        let mut counts = OutcomeCounts::default();
        rows.iter().for_each(|&row| counts.add(purchased[row]));
        counts
    }

    /// Both.
    pub fn all(&self) -> usize {
        self.purchased + self.not_purchased
    }

    /// The smaller of the two.
    pub(crate) fn least(&self) -> usize {
        self.purchased.min(self.not_purchased)
    }

    pub(crate) fn add(&mut self, purchased: bool) {
        if purchased {
            self.purchased += 1;
        } else {
            self.not_purchased += 1;
        }
    }
}
