//! Whom a contact changes: the effect of each offer on each customer, learned from a test with a
//! control arm.

mod curve;
mod effects;
mod file;
mod fitted;
mod options;
mod propensity;
mod recommendation;
mod regression;
mod sample;
#[cfg(test)]
mod tests;
mod trial;

pub use curve::GainPoint;
pub use fitted::FittedUplift;
pub use options::{Learner, Uplift, UpliftOptions};
pub use propensity::Overlap;
pub use recommendation::{Policy, Recommendation, RecommendationOptions};
pub use trial::{Propensity, Trial};
