//! What the steps of a campaign read.

use std::path::{Path, PathBuf};

use winback::log::check_spared;

use crate::cli::failure::Failure;
use crate::cli::tables::Tables;

/// Refuses to write over the tables of the log and these other inputs.
pub(super) fn spare(output: &Path, tables: &Tables, others: &[PathBuf]) -> Result<(), Failure> {
    tables.spare(output, None)?;
    Ok(check_spared(output, others)?)
}

/// Whether the tables of a log are given.
pub(super) fn has_log(tables: &Tables) -> bool {
    tables.transactions.is_some() || tables.events.is_some()
}
