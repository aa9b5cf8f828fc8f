//! Models on numeric tables: preprocessing, estimators of a probability, and calibration of their
//! predictions.
//!
//! Everything here works on any `ndarray` table, whether its columns are features of this crate
//! or not, and gives the same bytes on any number of threads.

mod bytes;
pub mod calibrate;
#[cfg(feature = "train")]
mod calibrate_fit;
mod cholesky;
pub(crate) mod linear;
#[cfg(feature = "train")]
mod linfa;
pub mod logistic;
pub(crate) mod odds;
pub mod preprocess;
pub(crate) mod rows;
pub mod trees;

pub use calibrate::{CalibrationMethod, Calibrator};
pub use logistic::{FittedLogistic, Logistic, Solver};
pub use preprocess::{ColumnKind, ColumnSpec, FittedPreprocess, Preprocess};
