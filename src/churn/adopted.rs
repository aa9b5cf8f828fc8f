//! What becomes of a customer's history when another model takes it over.

use crate::log::CustomerHistory;

/// A customer's history with the columns and rules of another model.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Adopted {
    /// The history.
    pub history: CustomerHistory,
    /// Attributes that the model reads and that nobody has set, not even to
    /// [`AttributeValue::Missing`](crate::log::AttributeValue::Missing): to be set by
    /// [`CustomerHistory::set_attribute`], for to the model they are missing until then.
    pub unset_attributes: Vec<String>,
}
