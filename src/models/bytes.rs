//! The parts of a model on their own, as bytes of the same kind as the model file.

use crate::error::Result;
use crate::model_file::{decode, encode};
use crate::models::trees::TreeEnsemble;
use crate::models::{FittedLogistic, FittedPreprocess};

const LOGISTIC: &str = "winback logistic regression";
const PREPROCESS: &str = "winback preprocessing";
const TREES: &str = "winback trees";
const VERSION: u32 = 1;
/// From 2 on backgrounds are counts.
const TREES_VERSION: u32 = 2;

impl FittedLogistic {
    /// The regression as bytes for storage; numbers read back to the same bits.
    ///
    /// ```
    /// # use ndarray::array;
    /// use winback::models::{FittedLogistic, Logistic};
    /// # let x = array![[0.0], [1.0], [2.0], [3.0]];
    /// let fitted = Logistic::default().fit_weighted(x.view(), &[false, true, false, true], None)?;
    /// assert_eq!(FittedLogistic::from_bytes(&fitted.to_bytes()?)?, fitted);
    /// assert!(FittedLogistic::from_bytes(b"something else").is_err());
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ModelFile`](crate::Error::ModelFile) when they cannot be written, which should not happen.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        encode(LOGISTIC, VERSION, self)
    }

    /// Reads what [`FittedLogistic::to_bytes`] gave, bounded and checked.
    ///
    /// # Errors
    /// [`ModelFile`](crate::Error::ModelFile) when the bytes are damaged, of another version or of
    /// something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        decode(LOGISTIC, VERSION, bytes)
    }
}

impl FittedPreprocess {
    /// What was learned about columns, as bytes for storage; numbers read back to the same bits.
    ///
    /// ```
    /// # use ndarray::array;
    /// use winback::models::{ColumnKind, ColumnSpec, FittedPreprocess, Preprocess};
    /// let columns = [ColumnSpec::new("spend", ColumnKind::Skewed)];
    /// let fitted = Preprocess::fit(array![[1.5], [700.0]].view(), &columns, None)?;
    /// assert_eq!(FittedPreprocess::from_bytes(&fitted.to_bytes()?)?, fitted);
    /// assert!(FittedPreprocess::from_bytes(b"something else").is_err());
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ModelFile`](crate::Error::ModelFile) when they cannot be written, which should not happen.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        encode(PREPROCESS, VERSION, self)
    }

    /// Reads what [`FittedPreprocess::to_bytes`] gave, bounded and checked.
    ///
    /// # Errors
    /// [`ModelFile`](crate::Error::ModelFile) when the bytes are damaged, of another version or of
    /// something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        decode(PREPROCESS, VERSION, bytes)
    }
}

impl TreeEnsemble {
    /// The trees as bytes for storage; numbers read back to the same bits.
    ///
    /// ```
    /// # use ndarray::array;
    /// use winback::models::trees::{Boosting, TreeEnsemble};
    /// # let x = array![[0.0], [1.0], [2.0], [3.0]];
    /// # let params = Boosting::lightgbm().min_child_samples(1);
    /// let fitted = params.fit_weighted(x.view(), &[false, true, false, true], None, &[])?;
    /// assert_eq!(TreeEnsemble::from_bytes(&fitted.to_bytes()?)?, fitted);
    /// assert!(TreeEnsemble::from_bytes(b"something else").is_err());
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ModelFile`](crate::Error::ModelFile) when they cannot be written, which should not happen.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        encode(TREES, TREES_VERSION, self)
    }

    /// Reads what [`TreeEnsemble::to_bytes`] gave, bounded and checked.
    ///
    /// # Errors
    /// [`ModelFile`](crate::Error::ModelFile) when the bytes are damaged, of another version or of
    /// something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        decode(TREES, TREES_VERSION, bytes)
    }
}
