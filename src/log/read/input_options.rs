//! How the cells of input tables are read.

use std::collections::BTreeMap;

use encoding_rs::Encoding;

use super::input_limits::InputLimits;
use super::number_format::NumberFormat;
use super::time_texts::{TimeFormats, TimeTexts};
use crate::log::store::options::{BadRows, MissingIds};
use crate::time::TimeZone;

/// How the cells of all tables of one log are read, whatever they come from.
#[derive(Debug, Clone, Default)]
pub(crate) struct InputOptions {
    pub(crate) missing_ids: MissingIds,
    pub(crate) bad_rows: BadRows,
    /// What stands for a missing value; none: what usually does.
    pub(crate) missing_values: Option<Vec<String>>,
    /// Of CSV files; none: found in the header.
    pub(crate) separator: Option<u8>,
    /// Lines of CSV files above the header.
    pub(crate) skip_rows: usize,
    /// Of CSV files that do not show theirs; none: UTF-8.
    pub(crate) encoding: Option<&'static Encoding>,
    /// The sheets of tables in workbooks, by table; none: the only one.
    pub(crate) sheets: BTreeMap<&'static str, String>,
    pub(crate) limits: InputLimits,
    /// The clock of the log.
    pub(crate) time_zone: TimeZone,
    pub(crate) time_formats: TimeFormats,
    /// How texts of one table's columns are read as times.
    pub(crate) time_texts: TimeTexts,
    /// Whether the tables are of some customers of a log: they may have no rows, and still tell their
    /// columns.
    pub(crate) is_part: bool,
    /// How texts of CSV files stand for numbers.
    pub(crate) numbers: NumberFormat,
}
