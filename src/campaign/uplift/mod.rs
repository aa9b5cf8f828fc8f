//! Whom a contact changes: the effect of each offer on each customer, learned from a test with a
//! control arm.

mod effects;
mod file;
mod fitted;
mod options;
mod recommendation;
mod regression;
mod sample;
#[cfg(test)]
mod tests;
mod trial;

pub use fitted::FittedUplift;
pub use options::{Learner, Uplift, UpliftOptions};
pub use recommendation::{Policy, Recommendation, RecommendationOptions};
pub use trial::{Propensity, Trial};
