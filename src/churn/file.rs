//! The model file of a churn model.

use std::path::Path;

use super::ChurnModel;
use crate::error::Result;
use crate::model_file;

const FORMAT: &str = "winback model";
/// The version of the model file's format.
pub(crate) const MODEL_FILE_VERSION: u32 = 5;

impl ChurnModel {
    /// Reads a model that [`ChurnModel::save`] wrote; it is bit-identical to the saved one.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the file cannot be read, [`Error::ModelFile`](crate::Error::ModelFile) when it is damaged, of
    /// another version, or not a model file.
    pub fn load(path: impl AsRef<Path>) -> Result<ChurnModel> {
        let path = path.as_ref();
        Self::from_bytes(&model_file::read(path)?).map_err(|error| error.in_model_file(path))
    }

    /// The bytes of the model file.
    ///
    /// # Errors
    /// [`Error::ModelFile`](crate::Error::ModelFile) when the model cannot be written, which should not happen.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        model_file::encode(FORMAT, MODEL_FILE_VERSION, self)
    }

    /// The check sum of its bytes, by which parts know that one model made them.
    pub(crate) fn mark(&self) -> Result<u32> {
        Ok(crc32fast::hash(&self.to_bytes()?))
    }

    /// A model from the bytes of a model file.
    ///
    /// # Errors
    /// As [`ChurnModel::load`].
    pub fn from_bytes(bytes: &[u8]) -> Result<ChurnModel> {
        model_file::decode(FORMAT, MODEL_FILE_VERSION, bytes)
    }
}
