//! Whom a contact changes: the effect of each offer on each customer, learned from a test with a
//! control arm.

mod curve;
mod effects;
mod file;
mod fitted;
mod learned;
mod options;
mod predicted;
mod propensity;
mod recommendation;
mod regression;
mod sample;
mod table;
#[cfg(test)]
mod tests;
mod trial;

pub use curve::GainPoint;
pub use fitted::FittedUplift;
pub use learned::{LearnedUplift, LearnedUpliftOptions};
pub use options::{Learner, Uplift, UpliftOptions};
pub use predicted::PredictedUplift;
pub use propensity::Overlap;
pub use recommendation::{Policy, Recommendation, RecommendationOptions};
pub use table::{TrialChances, TrialOptions};
pub use trial::{Propensity, Trial};
