//! A file that is written next to its destination and renamed once it is complete.

use std::fs::{File, Metadata, Permissions, TryLockError};
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
    /// Who may do what with the file in its place; until then it is its owner's alone.
    permissions: Permissions,
}

impl Aside {
    /// Begins a file that will stand at `path`; what killed processes left there is removed.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let folder = folder_of(path);
        // The temporary file's own error would name a file that nobody knows.
        std::fs::metadata(folder).map_err(|error| Error::io(folder, error))?;
        let aside = loop {
            let mut builder = tempfile::Builder::new();
            builder.prefix(PREFIX).suffix(SUFFIX);
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
            let file = builder.tempfile_in(folder).map_err(|error| Error::io(path, error))?;
            // Another process may have taken it for one left behind before it was locked.
            let is_taken = matches!(file.as_file().try_lock(), Err(TryLockError::WouldBlock));
            if !is_taken && file.path().exists() {
                break file;
            }
        };
        let (file, place) = aside.into_parts();
        let own = file.metadata().map_err(|error| Error::io(path, error))?;
        remove_left_behind(folder, &own);
        let replaced = std::fs::metadata(path).ok().filter(Metadata::is_file);
        let permissions = replaced.unwrap_or(own).permissions();
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .map_err(|error| Error::io(path, error))?;
        Ok(Aside { out: BufWriter::with_capacity(BUFFER, file), place, permissions })
    }

    /// Puts the complete file in its place.
    pub(crate) fn finish(self, path: &Path) -> std::io::Result<()> {
        let file = self.out.into_inner().map_err(|error| error.into_error())?;
        file.set_permissions(self.permissions)?;
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

/// Removes files of the same owner as `own` that nobody holds. What cannot be looked at stays: it is
/// nobody's harm. So do links, and pipes, which would be waited for.
fn remove_left_behind(folder: &Path, own: &Metadata) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !(name.starts_with(PREFIX) && name.ends_with(SUFFIX)) {
            continue;
        }
        let may_be_ours = entry.metadata().is_ok_and(|it| it.is_file() && has_owner_of(&it, own));
        let is_left =
            may_be_ours && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        if is_left {
            // Another process may have been faster.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(unix)]
fn has_owner_of(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    one.uid() == other.uid()
}

#[cfg(not(unix))]
fn has_owner_of(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_has_the_mode_of_the_one_that_it_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        // What other programs give a new file.
        let plain = folder.path().join("plain");
        std::fs::write(&plain, "").unwrap();
        let written = || {
            let mut aside = Aside::create(&path).unwrap();
            assert_eq!(mode(&aside.place), 0o600);
            aside.write_all(b"1").unwrap();
            aside.finish(&path).unwrap();
            mode(&path)
        };
        assert_eq!(written(), mode(&plain));
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        assert_eq!(written(), 0o640);
    }

    #[test]
    fn links_and_pipes_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at(".winback-left.part"), "").unwrap();
        std::fs::write(at("elsewhere"), "").unwrap();
        symlink(at("elsewhere"), at(".winback-link.part")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(at(".winback-pipe.part")).status();
        assert!(made.unwrap().success());
        drop(Aside::create(&at("out.csv")).unwrap());
        let left: Vec<bool> = ["left", "link", "pipe"]
            .map(|name| at(&format!(".winback-{name}.part")).symlink_metadata().is_ok())
            .into();
        assert_eq!(left, [false, true, true]);
        assert!(at("elsewhere").exists());
    }
}
