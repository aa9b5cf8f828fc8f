//! When customers buy next, by all features: hazards of the time to the next purchase.

mod builder;
mod explain;
mod fit;
mod fit_parts;
mod hazards;
mod model;
mod period_columns;
mod periods;
mod reference;
mod sample;
mod score;

pub use builder::TimeToPurchaseBuilder;
pub use model::{HazardTraining, TimeToPurchase};
pub use periods::{Periods, Spell};
pub use score::{PurchaseTime, PurchaseTimes, PurchaseTimesOptions};
