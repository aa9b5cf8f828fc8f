//! Input tables: CSV, Parquet and Arrow, cell by cell.

pub(crate) mod arranged;
pub(crate) mod cells;
pub(crate) mod chunk_ids;
pub(crate) mod chunks;
pub(crate) mod csv;
pub(crate) mod day_orders;
pub(crate) mod hive;
pub(crate) mod identified;
pub(crate) mod input_files;
pub(crate) mod input_options;
pub(crate) mod kinds;
pub(crate) mod number_format;
pub(crate) mod parquet_files;
pub(crate) mod schema;
pub(crate) mod slices;
pub(crate) mod source;
pub(crate) mod spared;
pub(crate) mod texts;
pub(crate) mod time_texts;
pub(crate) mod transaction_chunk;
