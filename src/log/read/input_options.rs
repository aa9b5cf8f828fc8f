//! How the cells of input tables are read.

use crate::log::store::options::MissingIds;

/// How the cells of all tables of one log are read, whatever they come from.
#[derive(Debug, Clone, Default)]
pub(crate) struct InputOptions {
    pub(crate) missing_ids: MissingIds,
    /// Of CSV files; none: found in the header.
    pub(crate) separator: Option<u8>,
}
