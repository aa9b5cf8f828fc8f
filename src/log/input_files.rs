//! The files that rows came from, for messages.

use std::path::PathBuf;

use super::source::TableReader;
use crate::error::Error;

/// Of every table that is a folder, its files and the number of rows before each.
#[derive(Debug, Clone, Default)]
pub(super) struct InputFiles(Vec<(&'static str, Vec<(u64, PathBuf)>)>);

impl InputFiles {
    pub(super) fn add(&mut self, reader: &TableReader) {
        if !reader.files.is_empty() && self.0.iter().all(|(table, _)| *table != reader.table) {
            self.0.push((reader.table, reader.files.clone()));
        }
    }

    /// Names the file of a row, and its number there.
    pub(super) fn locate(&self, error: Error) -> Error {
        let Error::Data { table, column, row, message } = error else { return error };
        let files = self.0.iter().find(|(name, _)| *name == table).map(|(_, files)| files);
        let file = files.and_then(|files| files.iter().rev().find(|(before, _)| *before < row));
        match file {
            Some((before, path)) => {
                let message = format!("{message} (row of {})", path.display());
                Error::Data { table, column, row: row - before, message }
            }
            None => Error::Data { table, column, row, message },
        }
    }
}
