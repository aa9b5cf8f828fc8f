//! Which customers belong together: RFM scores and segments, loyalty groups, and how much of the
//! revenue comes from a few customers.
//!
//! - [`RfmSegments`] scores recency, frequency and monetary value with thresholds that are computed
//!   at one cutoff, saved, and applied at later ones, and names segments by rules over the scores.
//! - [`LoyaltyRules`] divide customers into loyal, neutral and vulnerable by a table of rules that
//!   can be read and changed; every customer carries the rule that decided.
//! - [`Clusters`] are few groups of customers who are alike, found in what they do, and named by it.
//! - [`GroupProfile`] shows what sets a group apart from everybody else.
//! - [`Concentration`]: share of revenue of the top customers, Lorenz curve, Gini coefficient.

mod clusters;
mod concentration;
mod concentration_report;
mod condition;
mod cuts;
mod loyalty;
mod loyalty_groups;
mod loyalty_part;
mod migration;
mod presets;
mod profile;
mod profile_report;
mod rfm;
mod rfm_scores;
mod rules;
mod spread;

pub use clusters::{Cluster, ClusterOptions, ClusterTrial, Clusters};
pub use concentration::Concentration;
pub use condition::{CHURN_PROBABILITY, Comparison, Condition};
pub use cuts::RfmCuts;
#[cfg(feature = "cli")]
pub use loyalty::loyalty_rules;
pub use loyalty::{LoyaltyGroup, LoyaltyRule, LoyaltyRules};
pub use loyalty_groups::{GroupSummary, LoyaltyGroups, RuleSummary};
pub use profile::{GroupProfile, ProfileRow, StandardisedDifference};
pub use rfm::{Monetary, RfmOptions, RfmSegments};
pub use rfm_scores::{RfmRow, RfmScores, SegmentSummary};
#[cfg(feature = "cli")]
pub use rules::segment_rules;
pub use rules::{SegmentRule, SegmentRules};
pub use spread::{ConcentrationOptions, REVENUES, Spread, TopGroup};
