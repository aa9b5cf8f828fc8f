//! How the cells of input tables are read.

use super::number_format::NumberFormat;
use super::time_texts::{TimeFormats, TimeTexts};
use crate::log::store::options::MissingIds;
use crate::time::TimeZone;

/// How the cells of all tables of one log are read, whatever they come from.
#[derive(Debug, Clone, Default)]
pub(crate) struct InputOptions {
    pub(crate) missing_ids: MissingIds,
    /// Of CSV files; none: found in the header.
    pub(crate) separator: Option<u8>,
    /// The clock of the log.
    pub(crate) time_zone: TimeZone,
    pub(crate) time_formats: TimeFormats,
    /// How texts of one table's columns are read as times.
    pub(crate) time_texts: TimeTexts,
    /// How texts of CSV files stand for numbers.
    pub(crate) numbers: NumberFormat,
}
