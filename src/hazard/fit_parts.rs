//! How a hazard model learns from a log larger than memory.

use super::builder::TimeToPurchaseBuilder;
use super::fit::FIRST_DAYS;
use super::model::TimeToPurchase;
use super::sample::MOST_ROWS;
use crate::churn::training_size::{RowCounts, table_bytes};
use crate::error::Result;
use crate::log::{EventLog, Need, PartitionedLog, SampleOptions};
use crate::panel::training_cutoffs_of;
use crate::time::{IntoTimestamp, Span, Timestamp};

/// Bytes of a row of the feature table beside its numbers, for its days to a purchase.
const SPELL: u64 = 64;
/// Bytes of a number of a row that is learned from: in the rows and a copy of those of a kind, and what a
/// regression makes of it.
const LEARNED_FROM: u64 = 48;

impl TimeToPurchaseBuilder {
    /// As [`TimeToPurchaseBuilder::fit`], on the customers of a log in parts: on a share of them, drawn by
    /// their ids, whose rows are taken into memory; by default on the largest for which the log's memory is
    /// enough. With a share of 1 the model is the one of a log in memory, bit-identical.
    /// [`HazardTraining::share`](super::HazardTraining::share) tells the share.
    ///
    /// # Errors
    /// As [`TimeToPurchaseBuilder::fit`]; [`Error::Argument`](crate::Error::Argument) for a share out of
    /// range, and for one for which the memory is not enough: it tells the memory that is needed and the
    /// share for which there is enough.
    pub fn fit_on_parts(
        &self,
        log: &PartitionedLog,
        until: impl IntoTimestamp,
        sample: &SampleOptions,
    ) -> Result<TimeToPurchase> {
        let until = until.into_argument("until", log.time_zone())?;
        let sample = log.sample_for(sample, "train on", |some| self.need(some, until))?;
        self.fit(&sample, until)
    }

    /// The feature table, which stays to the end, and the rows of a stretch, which are so many at most.
    fn need(&self, log: &EventLog, until: Timestamp) -> Result<Need> {
        let learning = &self.learning;
        let (count, stride) = (learning.cutoffs, learning.stride);
        let first = Span::days(FIRST_DAYS);
        let cutoffs = training_cutoffs_of(log, until, count, stride, Span::ZERO, first)?;
        let rows = RowCounts::of(log, &cutoffs, learning.panel.limits)?.all();
        let columns = learning.columns_of(log);
        Ok(Need {
            fixed: MOST_ROWS as u64 * columns * LEARNED_FROM,
            growing: rows * (table_bytes(columns) + SPELL),
        })
    }
}
