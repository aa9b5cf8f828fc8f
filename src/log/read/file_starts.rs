//! Where the rows of each file of a table begin, for messages.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The files of a table that has several, and the rows before each. Copies share what is added
/// while the files are read: nobody knows before how many rows a CSV file has.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileStarts(Arc<Mutex<Vec<(u64, PathBuf)>>>);

impl FileStarts {
    /// Adds the next file.
    pub(crate) fn push(&self, rows_before: u64, path: &Path) {
        let mut starts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        starts.push((rows_before, path.to_owned()));
    }

    /// The file of a row, counted from 1 over all files, and the row's number there.
    pub(crate) fn file_of(&self, row: u64) -> Option<(PathBuf, u64)> {
        let starts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (before, path) = starts.iter().rev().find(|(before, _)| *before < row)?;
        Some((path.clone(), row - before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_in_their_file() {
        let starts = FileStarts::default();
        assert_eq!(starts.file_of(1), None);
        let shared = starts.clone();
        for (before, name) in [(0, "a"), (2, "empty"), (2, "b")] {
            shared.push(before, Path::new(name));
        }
        assert_eq!(starts.file_of(2), Some(("a".into(), 2)));
        assert_eq!(starts.file_of(3), Some(("b".into(), 1)));
    }
}
