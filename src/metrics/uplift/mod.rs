//! How well a score finds those on whom a contact has an effect, judged by a test with a control
//! arm.
//!
//! Nobody is seen both with a contact and without one, so these measures compare groups: of those
//! who score high, the treated with the control. `y` is the outcome of each customer, yes or no as 1
//! and 0 or an amount; `uplift` the score, higher for those on whom the contact should do more; and
//! `treated` says who was contacted, as drawn at random. Equal scores form a group that is judged as
//! a whole: neither row order nor the outcome decides within it.

mod areas;
mod bootstrap;
mod policy;
mod ranking;

pub use bootstrap::{UpliftInterval, UpliftIntervals, UpliftMeasure};
pub(crate) use policy::mean_of;
pub use policy::{Gain, PolicyPoint, PolicyTest, PolicyValues};
pub use ranking::{UpliftAt, UpliftPoint, UpliftRanking};

#[cfg(test)]
mod tests;
