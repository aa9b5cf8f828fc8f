//! The files that rows came from, for messages.

use super::file_starts::FileStarts;
use super::source::TableReader;
use crate::error::Error;

/// Of every table, its files and the number of rows before each.
#[derive(Debug, Clone, Default)]
pub(crate) struct InputFiles(Vec<(&'static str, FileStarts)>);

impl InputFiles {
    pub(crate) fn add(&mut self, reader: &TableReader) {
        if self.0.iter().all(|(table, _)| *table != reader.table) {
            self.0.push((reader.table, reader.files.clone()));
        }
    }

    /// Names the file of a row, and its number there.
    pub(crate) fn locate(&self, error: Error) -> Error {
        let mut error = error;
        if let Error::Data { table, row: Some(row), message, .. } = &mut error
            && let Some((_, files)) = self.0.iter().find(|(name, _)| name == table)
            && let Some((path, row_of_file)) = files.file_of(*row)
        {
            *row = row_of_file;
            *message = format!("{message} (row of {})", path.display());
        }
        error
    }
}
