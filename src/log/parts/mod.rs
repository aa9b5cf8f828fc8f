//! A log larger than memory, grouped by customer on disk and read part by part.

pub(crate) mod cut_again;
mod drawn;
pub(crate) mod partition;
pub(crate) mod partition_options;
pub(crate) mod partitioned;
pub(crate) mod row_bytes;
pub(crate) mod sample;
pub(crate) mod sample_options;
pub(crate) mod scatter;
pub(crate) mod splits;
pub(crate) mod spool;
pub(crate) mod weights;
