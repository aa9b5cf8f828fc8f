//! Fitted models as bytes for storage.

use super::gamma_gamma::FittedGammaGamma;
use super::purchase_model::FittedPurchaseModel;
use crate::error::Result;
use crate::model_file::{decode, encode};

const PURCHASES: &str = "winback purchase model";
const CHECKS: &str = "winback model of checks";
const VERSION: u32 = 1;

impl FittedPurchaseModel {
    /// The model as bytes; numbers read back to the same bits.
    ///
    /// ```
    /// use winback::timing::{FittedPurchaseModel, ParetoNBD};
    /// let model = ParetoNBD::default().with_params([0.55, 10.6, 0.61, 11.7])?;
    /// assert_eq!(FittedPurchaseModel::from_bytes(&model.to_bytes()?)?, model);
    /// assert!(FittedPurchaseModel::from_bytes(b"something else").is_err());
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ModelFile`](crate::Error::ModelFile) when it cannot be written, which should not happen.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        encode(PURCHASES, VERSION, self)
    }

    /// Reads what [`FittedPurchaseModel::to_bytes`] gave, checked.
    ///
    /// # Errors
    /// [`ModelFile`](crate::Error::ModelFile) when the bytes are damaged, of another version or of something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        decode(PURCHASES, VERSION, bytes)
    }
}

impl FittedGammaGamma {
    /// The model as bytes; numbers read back to the same bits.
    ///
    /// ```
    /// use winback::timing::{FittedGammaGamma, GammaGamma};
    /// let model = GammaGamma::default().with_params([6.25, 3.74, 15.4])?;
    /// assert_eq!(FittedGammaGamma::from_bytes(&model.to_bytes()?)?, model);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ModelFile`](crate::Error::ModelFile) when it cannot be written, which should not happen.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        encode(CHECKS, VERSION, self)
    }

    /// Reads what [`FittedGammaGamma::to_bytes`] gave, checked.
    ///
    /// # Errors
    /// [`ModelFile`](crate::Error::ModelFile) when the bytes are damaged, of another version or of something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        decode(CHECKS, VERSION, bytes)
    }
}
