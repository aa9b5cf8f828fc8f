//! How tables larger than memory are read, and what is told meanwhile.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::{Error, Result};

/// The least memory that can be asked for, in bytes.
pub(super) const LEAST_MEMORY: u64 = 256 << 20;

/// How tables larger than memory are read. The memory must be said; there is no default.
#[derive(Debug, Clone)]
pub struct PartitionOptions {
    pub(super) memory: u64,
    pub(super) temp_folder: PathBuf,
    pub(super) progress: Progress,
}

/// How far a long piece of work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What is being done.
    pub what: &'static str,
    /// How much of it is done.
    pub done: u64,
    /// How much there is.
    pub of: u64,
}

type Callback = dyn Fn(Step) -> bool + Send + Sync;

/// Whom to tell.
#[derive(Clone, Default)]
pub(super) struct Progress(Option<Arc<Callback>>);

impl PartitionOptions {
    /// Options for so many bytes of memory, at least 256 MiB: the parts are cut so that the process
    /// stays below it. One customer's events stay together, so that a customer with a large share of
    /// all rows may take more.
    pub fn new(memory: u64) -> Self {
        PartitionOptions { memory, temp_folder: std::env::temp_dir(), progress: Progress(None) }
    }

    /// The folder on whose disk the parts are kept for as long as they are needed, in files without
    /// names: they need about as much room as the columns read, uncompressed, and are gone with the
    /// process, whatever happens. Default: the system's folder for temporary files.
    #[must_use]
    pub fn temp_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.temp_folder = folder.into();
        self
    }

    /// Calls `tell` now and then, from any thread; when it returns false, the work ends with
    /// [`Error::Interrupted`].
    #[must_use]
    pub fn on_progress(mut self, tell: impl Fn(Step) -> bool + Send + Sync + 'static) -> Self {
        self.progress = Progress(Some(Arc::new(tell)));
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.memory < LEAST_MEMORY {
            let allowed = format!("at least {LEAST_MEMORY} bytes (256 MiB)");
            return Err(Error::parameter("memory", self.memory, allowed));
        }
        let found = std::fs::metadata(&self.temp_folder);
        if !found.map_err(|error| Error::io(&self.temp_folder, error))?.is_dir() {
            return Err(Error::io(&self.temp_folder, std::io::ErrorKind::NotADirectory.into()));
        }
        Ok(())
    }
}

impl Progress {
    pub(super) fn tell(&self, what: &'static str, done: u64, of: u64) -> Result<()> {
        match &self.0 {
            Some(tell) if !tell(Step { what, done, of }) => Err(Error::Interrupted),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Progress(told)" } else { "Progress(not told)" })
    }
}
