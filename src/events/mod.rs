//! What customers do besides buying, by kind: how much of it there is, and what comes before
//! purchases and before silence.

mod around;
mod counts;
mod options;
mod precedes;
mod report;

pub use around::{AroundPurchase, WEEKS};
pub use counts::KindCounts;
pub use options::EventsOptions;
pub use precedes::{Lift, Precedes};
pub use report::EventsSummary;
