//! Files that must stay as they are while they are read.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use arrow_array::RecordBatch;

use super::table_files::files_of;
use crate::error::{Error, Result};

/// The files of a table as they were before it was read.
#[derive(Debug)]
pub(crate) struct Unchanged {
    path: PathBuf,
    files: Vec<(PathBuf, Option<Seen>)>,
}

/// What another file in its place, or more in it, would change.
#[derive(Debug, PartialEq)]
struct Seen {
    bytes: u64,
    changed: Option<SystemTime>,
}

fn seen(file: &Path) -> Option<Seen> {
    let metadata = std::fs::metadata(file).ok()?;
    Some(Seen { bytes: metadata.len(), changed: metadata.modified().ok() })
}

impl Unchanged {
    /// The files that this path stands for.
    pub(crate) fn of(path: &Path, files: &[PathBuf]) -> Self {
        let files = files.iter().map(|file| (file.clone(), seen(file))).collect();
        Unchanged { path: path.to_owned(), files }
    }

    /// Refuses what was read if a file has come, gone or changed meanwhile: its rows may be those of
    /// no time at all.
    pub(crate) fn check(&self) -> Result<()> {
        let changed = |file: &Path, how| {
            let message = format!("{how} while the table was read; read it when nothing writes it");
            Err(Error::file(file, message))
        };
        for (file, before) in &self.files {
            match seen(file) {
                None => return changed(file, "was removed"),
                now if now != *before => return changed(file, "changed"),
                _ => {}
            }
        }
        let now = files_of(&self.path)?;
        match now.iter().find(|file| self.files.iter().all(|(own, _)| own != *file)) {
            Some(file) => changed(file, "came"),
            None => Ok(()),
        }
    }

    /// The batches of the table; that it changed comes last.
    pub(crate) fn guard(
        self,
        mut batches: impl Iterator<Item = Result<RecordBatch>>,
    ) -> impl Iterator<Item = Result<RecordBatch>> {
        let mut pending = Some(self);
        std::iter::from_fn(move || {
            batches.next().or_else(|| pending.take()?.check().err().map(Err))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_comes_goes_or_grows_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let text = "customer_id,time\n1,2024-01-05\n";
        let write = || ["a.csv", "b.csv"].map(|name| fs::write(place(name), text).unwrap());
        type Change<'a> = &'a dyn Fn();
        let changes: [(Change<'_>, Option<&str>); 5] = [
            (&|| {}, None),
            (&|| fs::write(place("a.csv"), "customer_id,time\n").unwrap(), Some("a.csv: changed")),
            (&|| fs::remove_file(place("b.csv")).unwrap(), Some("b.csv: was removed")),
            (&|| fs::write(place("c.csv"), text).unwrap(), Some("c.csv: came while")),
            (&|| fs::write(place("_SUCCESS"), text).unwrap(), None),
        ];
        for path in [folder.path().to_owned(), place("*.csv")] {
            for (change, expected) in changes {
                let _ = fs::remove_file(place("c.csv"));
                write();
                let files = files_of(&path).unwrap();
                let batches = Unchanged::of(&path, &files).guard(std::iter::empty());
                change();
                let said = batches.map(|batch| batch.unwrap_err().to_string()).last();
                assert_eq!(said.is_some(), expected.is_some(), "{said:?}");
                assert!(said.unwrap_or_default().contains(expected.unwrap_or_default()));
            }
        }
    }
}
