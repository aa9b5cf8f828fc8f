//! Those who were treated badly: who is owed what, and what they did afterwards.

mod harms;
mod list;
mod options;
mod outcomes;
mod report;

pub use list::Compensation;
pub use options::{CompensationOptions, CompensationOutcomeOptions};
pub use outcomes::CompensationOutcomes;
