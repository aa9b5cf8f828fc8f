//! Backtests on the customers of a log larger than memory.

use super::backtest::BacktestOptions;
use super::backtest_report::Backtest;
use crate::churn::ChurnModelBuilder;
use crate::churn::training_size::{RowCounts, scored_bytes};
use crate::error::{Error, Result};
use crate::log::{EventLog, Need, PartitionedLog, SampleOptions};
use crate::snapshot::Snapshot;

/// Bytes of a customer at a test cutoff that are kept until all cutoffs are tested: outcome, scores, and
/// these in the order of each.
const TESTED: u64 = 400;

impl ChurnModelBuilder {
    /// As [`ChurnModelBuilder::backtest`], on the customers of a log in parts: on a share of them, drawn by
    /// their ids, whose rows are taken into memory; by default on the largest for which the log's memory is
    /// enough. With a share of 1 the figures are those of a log in memory, bit-identical. One cutoff is
    /// tested after the other.
    ///
    /// # Errors
    /// As [`ChurnModelBuilder::backtest`]; [`Error::Argument`] for a share out of range, and for one for
    /// which the memory is not enough: it tells the memory that is needed and the share for which there is
    /// enough.
    pub fn backtest_on_parts(
        &self,
        log: &PartitionedLog,
        options: &BacktestOptions,
        sample: &SampleOptions,
    ) -> Result<Backtest> {
        let sample = log
            .sample_for(sample, "train on and test by", |some| self.backtest_need(some, options))?;
        self.backtest_in_turn(&sample, options)
    }

    /// What the latest cutoff takes, before which there is most to learn from, and what is kept of all.
    fn backtest_need(&self, log: &EventLog, options: &BacktestOptions) -> Result<Need> {
        let cutoffs = self.test_cutoffs(log, options)?;
        let latest = cutoffs.iter().map(Snapshot::at).max();
        let latest = latest.ok_or_else(|| Error::argument("at", "none", "one or more cutoffs"))?;
        let rows = RowCounts::of(log, &[latest], self.panel.limits)?.all();
        let Need { fixed, growing } = self.training_need(log, latest)?;
        let scored = rows * scored_bytes(self.columns_of(log));
        let kept = rows * TESTED * cutoffs.len() as u64;
        Ok(Need { fixed, growing: growing.max(scored) + kept })
    }
}
