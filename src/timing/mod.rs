//! When and how often customers buy: summaries and models of their purchases.

pub mod rfm_summary;

mod geometric;

pub use geometric::ShiftedBetaGeometric;
