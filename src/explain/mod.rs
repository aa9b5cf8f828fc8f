//! Reasons in words: what moves a customer's chance of a purchase, and in which direction.
//!
//! A model's log-odds of a purchase are a base, the same for all of a state, plus a contribution from
//! each column: its Shapley value against the training rows of the state (for logistic regression
//! coefficient × (value − mean), for trees interventional TreeSHAP). Columns that measure the same
//! thing (the purchases of 30, 90, 180 and 365 days) count together as a [`Group`]; otherwise their
//! contributions would hide one another. A reason is a
//! group whose columns move the log-odds by at least a stated size, put into a sentence with the
//! customer's value and the typical one. It says what the model looked at, not what causes a
//! purchase.

#[cfg(feature = "io")]
mod columns;
mod described;
mod groups;
mod reasons;
mod texts;
mod words;

pub use crate::language::Language;
pub use groups::Group;
pub use reasons::{Reason, ReasonOptions};

#[cfg(feature = "io")]
pub(crate) use columns::reason_columns;
pub(crate) use described::DescribedColumns;
pub(crate) use groups::grouped;
pub(crate) use reasons::{Direction, Explained, reasons};
pub(crate) use texts::{CHANCE, HOLDS_BACK, MEAN_CHANCE, MOVES, no_reason, state_head};
pub(crate) use words::{in_days, in_hours, pointed, russian_plural};
