//! The files that rows came from, for messages.

use std::path::{Path, PathBuf};

use super::source::TableReader;
use crate::error::Error;

/// The file of a row, counted from 1 over all files, and the row's number there. Each file comes with
/// the number of rows before it.
pub(crate) fn file_of(files: &[(u64, PathBuf)], row: u64) -> Option<(&Path, u64)> {
    let (before, path) = files.iter().rev().find(|(before, _)| *before < row)?;
    Some((path, row - before))
}

/// Of every table that is a folder, its files and the number of rows before each.
#[derive(Debug, Clone, Default)]
pub(crate) struct InputFiles(Vec<(&'static str, Vec<(u64, PathBuf)>)>);

impl InputFiles {
    pub(crate) fn add(&mut self, reader: &TableReader) {
        if !reader.files.is_empty() && self.0.iter().all(|(table, _)| *table != reader.table) {
            self.0.push((reader.table, reader.files.clone()));
        }
    }

    /// Names the file of a row, and its number there.
    pub(crate) fn locate(&self, error: Error) -> Error {
        let mut error = error;
        if let Error::Data { table, row: Some(row), message, .. } = &mut error
            && let Some((_, files)) = self.0.iter().find(|(name, _)| name == table)
            && let Some((path, row_of_file)) = file_of(files, *row)
        {
            *row = row_of_file;
            *message = format!("{message} (row of {})", path.display());
        }
        error
    }
}
