//! When and how often customers buy: summaries and models of their purchases.

mod geometric;
mod rfm_summary;
mod summarise;
mod time_unit;

pub use geometric::ShiftedBetaGeometric;
pub use rfm_summary::{RfmSummary, RfmSummaryOptions, RfmSummaryRow};
pub use summarise::{SummaryColumns, summarise_transactions};
pub use time_unit::TimeUnit;
