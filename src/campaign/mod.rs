//! Whom to contact, and what that would have earned; what a campaign changed.

mod assign;
mod assign_options;
mod at_risk;
mod balance;
mod best;
pub(crate) mod candidates;
mod clv;
mod compensation;
mod draw;
mod effect;
mod exclusions;
pub(crate) mod merge;
mod offers;
mod plan;
mod plan_file;
mod plan_options;
pub(crate) mod profit;
mod profit_report;
mod share;
mod shares;
mod simulated;
mod sql;
mod target;
mod uplift;
mod upload;
mod write;

pub use assign::Assignment;
pub use assign_options::AssignOptions;
pub(crate) use at_risk::AtRisk;
pub use best::best_candidates;
pub use candidates::{Arm, Candidate, CandidateOptions, Candidates};
pub use clv::Clv;
pub use compensation::{
    Compensation, CompensationOptions, CompensationOutcomeOptions, CompensationOutcomes,
};
pub use effect::{Effect, EffectOptions};
pub use offers::{CategoryOfferOptions, CategoryOffers, CategoryPair, OfferQuality};
pub use plan::CampaignPlan;
pub use plan_file::PlanFile;
pub use plan_options::{CampaignPlanOptions, SizeFormula};
pub use profit::ProfitOptions;
pub use profit_report::ProfitReport;
pub use share::share;
pub use shares::{Each, Shares};
pub use target::{Offer, Offers, SpendPoint, Target, TargetOptions, Targets};
pub use uplift::{
    FittedUplift, GainPoint, LearnedUplift, LearnedUpliftOptions, Learner, Overlap, Policy,
    PredictedUplift, Propensity, Recommendation, RecommendationOptions, Trial, TrialChances,
    TrialOptions, Uplift, UpliftOptions,
};
pub use upload::{Identifier, Upload, UploadOptions, UploadTarget};
pub use write::WrittenCandidates;
