//! Files that are read: regular ones, for a pipe, a socket or a device may never end.

use std::fs::File;
#[cfg(feature = "io")]
use std::io::Read;
use std::io::{Error as IoError, ErrorKind};
use std::path::Path;

use crate::error::{Error, Result};

/// Opens a file for reading and tells its size.
pub(crate) fn open(path: &Path) -> Result<(File, u64)> {
    let metadata = std::fs::metadata(path).map_err(|error| Error::io(path, error))?;
    if metadata.is_dir() {
        return Err(Error::io(path, IoError::from(ErrorKind::IsADirectory)));
    }
    if !metadata.is_file() {
        return Err(Error::file(path, "is a pipe, a socket or a device, not a regular file"));
    }
    Ok((File::open(path).map_err(|error| Error::io(path, error))?, metadata.len()))
}

/// The text of a file of no more than `most` bytes.
#[cfg(feature = "io")]
pub(crate) fn text(path: &Path, most: u64) -> Result<String> {
    let (file, size) = open(path)?;
    let mut text = String::new();
    if size <= most {
        file.take(most + 1).read_to_string(&mut text).map_err(|error| Error::io(path, error))?;
    }
    if size > most || text.len() as u64 > most {
        return Err(Error::file(path, format!("is longer than {most} bytes")));
    }
    Ok(text)
}
