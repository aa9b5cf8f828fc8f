//! Models into files.

use std::path::Path;

use super::ChurnModel;
use crate::answer::output::write_aside;
use crate::error::Result;

impl ChurnModel {
    /// Writes the model to a file, completely or not at all.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the file cannot be written; nothing half-written stays.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let bytes = self.to_bytes()?;
        write_aside(path.as_ref(), |out| out.write_all(&bytes))
    }
}
