//! A file that is written next to its destination and renamed once it is complete.

use std::fs::{File, TryLockError};
use std::io::{BufWriter, Write};
use std::path::Path;

use tempfile::TempPath;

use crate::error::{Error, Result};

const PREFIX: &str = ".winback-";
const SUFFIX: &str = ".part";
/// Bytes that are written at once.
const BUFFER: usize = 1 << 16;

/// A file on its way to its place. It is locked, so that another process can tell it from one that
/// a process left behind when it was killed.
#[derive(Debug)]
pub(crate) struct Aside {
    out: BufWriter<File>,
    place: TempPath,
}

impl Aside {
    /// Begins a file that will stand at `path`; what killed processes left there is removed.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let folder = folder_of(path);
        // The temporary file's own error would name a file that nobody knows.
        std::fs::metadata(folder).map_err(|error| Error::io(folder, error))?;
        remove_left_behind(folder);
        loop {
            let mut builder = tempfile::Builder::new();
            builder.prefix(PREFIX).suffix(SUFFIX);
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
            let file = builder.tempfile_in(folder).map_err(|error| Error::io(path, error))?;
            // Another process may have taken it for one left behind before it was locked.
            let is_taken = matches!(file.as_file().try_lock(), Err(TryLockError::WouldBlock));
            if !is_taken && file.path().exists() {
                let (file, place) = file.into_parts();
                return Ok(Aside { out: BufWriter::with_capacity(BUFFER, file), place });
            }
        }
    }

    /// Puts the complete file in its place.
    pub(crate) fn finish(self, path: &Path) -> std::io::Result<()> {
        let file = self.out.into_inner().map_err(|error| error.into_error())?;
        file.sync_all()?;
        self.place.persist(path).map_err(|error| error.error)
    }
}

impl Write for Aside {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes files that nobody holds. What cannot be looked at stays: it is nobody's harm.
fn remove_left_behind(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !(name.starts_with(PREFIX) && name.ends_with(SUFFIX)) {
            continue;
        }
        let is_left = File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        if is_left {
            // Another process may have been faster.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
