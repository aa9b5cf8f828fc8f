//! How a churn model learns from a log larger than memory.

use super::builder::ChurnModelBuilder;
use super::model::ChurnModel;
use crate::error::Result;
use crate::log::{PartitionedLog, SampleOptions};
use crate::time::IntoTimestamp;

impl ChurnModelBuilder {
    /// As [`ChurnModelBuilder::fit`], on the customers of a log in parts: on a share of them, drawn by their
    /// ids, whose rows are taken into memory; by default on the largest for which the log's memory is
    /// enough. With a share of 1 the model is the one of a log in memory, bit-identical.
    /// [`Training::share`](super::Training::share) tells the share.
    ///
    /// # Errors
    /// As [`ChurnModelBuilder::fit`]; [`Error::Argument`](crate::Error::Argument) for a share out of range,
    /// and for one for which the memory is not enough: it tells the memory that is needed and the share for
    /// which there is enough; [`Error::Io`](crate::Error::Io) when the temporary files cannot be read.
    pub fn fit_on_parts(
        &self,
        log: &PartitionedLog,
        until: impl IntoTimestamp,
        sample: &SampleOptions,
    ) -> Result<ChurnModel> {
        let until = until.into_argument("until", log.time_zone())?;
        let sample = log.sample_for(sample, "train on", |some| self.training_need(some, until))?;
        self.fit(&sample, until)
    }
}
