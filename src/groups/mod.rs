//! Groups of customers.

pub(crate) mod by;
pub(crate) mod top;

pub use by::GroupBy;
pub(crate) use top::{AttributeGroups, TopGroups};
