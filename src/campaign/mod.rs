//! Whom to contact, and what that would have earned.

mod at_risk;
pub(crate) mod candidates;
mod clv;
pub(crate) mod merge;
pub(crate) mod profit;
mod profit_report;
mod target;
mod write;

pub(crate) use at_risk::AtRisk;
pub use candidates::{Arm, Candidate, CandidateOptions, Candidates};
pub use clv::Clv;
pub use profit::ProfitOptions;
pub use profit_report::ProfitReport;
pub use target::{Offer, Offers, SpendPoint, Target, TargetOptions, Targets};
pub use write::WrittenCandidates;
