//! Whom to contact, and what that would have earned; what a campaign changed.

mod assign;
mod at_risk;
mod balance;
pub(crate) mod candidates;
mod clv;
mod draw;
mod effect;
mod exclusions;
pub(crate) mod merge;
mod plan;
mod plan_file;
pub(crate) mod profit;
mod profit_report;
mod shares;
mod sql;
mod target;
mod uplift;
mod write;

pub use assign::{AssignOptions, Assignment};
pub(crate) use at_risk::AtRisk;
pub use candidates::{Arm, Candidate, CandidateOptions, Candidates};
pub use clv::Clv;
pub use effect::{Effect, EffectOptions};
pub use plan::{CampaignPlan, CampaignPlanOptions, SizeFormula};
pub use plan_file::PlanFile;
pub use profit::ProfitOptions;
pub use profit_report::ProfitReport;
pub use shares::{Each, Shares};
pub use target::{Offer, Offers, SpendPoint, Target, TargetOptions, Targets};
pub use uplift::{
    FittedUplift, Learner, Policy, Propensity, Recommendation, RecommendationOptions, Trial,
    Uplift, UpliftOptions,
};
pub use write::WrittenCandidates;
