//! Models on numeric tables: preparing columns, and estimators of a probability.
//!
//! Everything here works on any `ndarray` table, whether its columns are features of this crate
//! or not, and gives the same bytes on any number of threads.

pub mod logistic;
pub mod preprocess;
mod rows;
pub mod trees;

pub use logistic::{FittedLogistic, Logistic, Solver};
pub use preprocess::{ColumnKind, ColumnSpec, FittedPreprocess, Preprocess};
