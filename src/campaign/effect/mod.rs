//! What a campaign changed, by intention to treat.

mod arms;
mod checks;
mod clusters;
mod compare;
mod looks;
mod money;
mod options;
mod outcomes;
mod report;
mod segments;
mod study;
mod tables;
mod text;

pub(super) use arms::{ArmsOf, EachArm};
pub use options::EffectOptions;
pub(super) use outcomes::{Did, Times};
pub use report::Effect;
