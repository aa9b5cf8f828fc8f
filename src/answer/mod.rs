//! What an analysis gives: result tables, text, files.

pub(crate) mod atomic_file;
pub(crate) mod columns;
pub mod escape;
pub mod output;
pub mod text_table;
