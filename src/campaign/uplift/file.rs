//! Learned effects as bytes for storage.

use std::path::Path;

use super::fitted::FittedUplift;
use crate::answer::output::write_aside;
use crate::error::{Error, Result};
use crate::model_file::{decode, encode, read};

const FORMAT: &str = "winback uplift model";
const VERSION: u32 = 1;

impl FittedUplift {
    /// The model as bytes; numbers read back to the same bits.
    ///
    /// # Errors
    /// [`Error::ModelFile`] when it cannot be written, which should not happen.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        encode(FORMAT, VERSION, self)
    }

    /// Reads what [`FittedUplift::to_bytes`] gave, checked.
    ///
    /// # Errors
    /// [`Error::ModelFile`] when the bytes are damaged, of another version or of something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let read: FittedUplift = decode(FORMAT, VERSION, bytes)?;
        match read.is_sound() {
            true => Ok(read),
            false => Err(Error::model_file("its parts do not fit together")),
        }
    }

    /// Writes the model to a file, completely or not at all.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written; nothing half-written stays.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let bytes = self.to_bytes()?;
        write_aside(path.as_ref(), |out| out.write_all(&bytes))
    }

    /// Reads a file that [`FittedUplift::save`] wrote.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be read, [`Error::ModelFile`] when it is damaged or of
    /// something else.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::from_bytes(&read(path)?).map_err(|error| error.in_model_file(path))
    }

    fn is_sound(&self) -> bool {
        let (n, arms) = (self.customers, self.arms.len());
        let unseen = self.unseen.as_ref().is_none_or(|unseen| {
            unseen.uplift.len() == n * (arms - 1)
                && unseen.scores.len() == n * arms
                && unseen.expected.len() == n * arms
                && [&unseen.uplift, &unseen.scores, &unseen.expected]
                    .iter()
                    .all(|values| values.iter().all(|value| value.is_finite()))
        });
        let estimated = self.estimated.as_ref().is_none_or(|estimated| {
            let is_chance = |chance: &f64| *chance > 0.0 && *chance < 1.0;
            estimated.chances.len() == n * arms && estimated.chances.iter().all(is_chance)
        });
        arms >= 2
            && estimated
            && n > 0
            && self.columns > 0
            && (self.names.is_empty() || self.names.len() == self.columns)
            && self.effects.is_sound(self.columns, arms)
            && unseen
    }
}
