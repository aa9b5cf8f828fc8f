//! How long a silence has to be before a customer counts as gone: the gaps between purchases, who
//! comes back after how long a silence, and the inactivity limits that follow from it.
//!
//! Three and six months are the defaults everywhere ([`LifecycleLimits`](crate::labels::LifecycleLimits)); here they are tested on
//! the log.

mod build;
mod curve;
mod options;
mod report;
mod rhythm;
mod rows;
mod silences;
mod table;

pub use curve::{Estimate, Returns};
pub use options::{InactivityOptions, LEAST_SILENCES};
pub use report::InactivityReport;
pub use rhythm::{CalendarRhythm, Period};
pub(crate) use rhythm::{contradicting_rhythm, silences_at};
pub use rows::{GapMethod, GapRow, Group, Limit, LimitRow, LimitSource, ReturnRow};
pub(crate) use silences::Silences;
