//! Whom to contact, and what that would have earned.

mod at_risk;
pub(crate) mod candidates;
mod clv;
pub(crate) mod merge;
mod offers;
pub(crate) mod profit;
mod profit_report;
mod write;

pub(crate) use at_risk::AtRisk;
pub use candidates::{Arm, Candidate, CandidateOptions, Candidates};
pub use clv::Clv;
pub use offers::{CategoryPair, OfferOptions, OfferQuality, Offers};
pub use profit::ProfitOptions;
pub use profit_report::ProfitReport;
pub use write::WrittenCandidates;
