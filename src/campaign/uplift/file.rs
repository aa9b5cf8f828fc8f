//! Learned effects as bytes for storage.

use super::fitted::FittedUplift;
use crate::error::{Error, Result};
use crate::model_file::{decode, encode};

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
            && self.effects.is_sound(self.columns, arms)
            && unseen
    }
}
