//! Libraries that panic on some damaged files.

use std::path::Path;

use crate::error::{Error, Result};

/// Reads from a file by a library. Some panic on some damaged files; to the caller these are errors
/// as others.
pub(crate) fn guarded<T, E: std::error::Error + Send + Sync + 'static>(
    path: &Path,
    read: impl FnOnce() -> std::result::Result<T, E>,
) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
        .map_err(|_| Error::file(path, "the file is damaged"))?
        .map_err(|error| Error::unreadable(path, error))
}
