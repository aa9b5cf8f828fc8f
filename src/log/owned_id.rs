//! Ids of customers apart from their log.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, LargeStringArray};

use super::store::customer_id::CustomerId;

/// The id of a customer, of a log of which all ids are of one kind: a [`CustomerId`] that holds its text
/// itself, so that it can be kept apart from the log.
///
/// ```
/// use winback::log::{CustomerId, OwnedId};
/// let kept: OwnedId = CustomerId::Text("C-17").into();
/// assert_eq!(CustomerId::from(&kept), CustomerId::Text("C-17"));
/// ```
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(untagged)]
pub enum OwnedId {
    /// An integer.
    Int(i64),
    /// A text.
    Text(String),
}

impl OwnedId {
    /// The ids as an Arrow array, as those of a log.
    pub(crate) fn array(ids: &[OwnedId]) -> ArrayRef {
        let texts = ids.iter().filter_map(|id| match id {
            OwnedId::Text(id) => Some(id),
            OwnedId::Int(_) => None,
        });
        let integers = ids.iter().filter_map(|id| match id {
            OwnedId::Int(id) => Some(*id),
            OwnedId::Text(_) => None,
        });
        match ids.first() {
            Some(OwnedId::Text(_)) => Arc::new(LargeStringArray::from_iter_values(texts)),
            _ => Arc::new(Int64Array::from_iter_values(integers)),
        }
    }
}

impl std::fmt::Display for OwnedId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OwnedId::Int(id) => write!(f, "{id}"),
            OwnedId::Text(id) => f.write_str(id),
        }
    }
}

impl From<CustomerId<'_>> for OwnedId {
    fn from(id: CustomerId<'_>) -> Self {
        match id {
            CustomerId::Int(id) => OwnedId::Int(id),
            CustomerId::Text(id) => OwnedId::Text(id.to_owned()),
        }
    }
}

impl<'a> From<&'a OwnedId> for CustomerId<'a> {
    fn from(id: &'a OwnedId) -> Self {
        match id {
            OwnedId::Int(id) => CustomerId::Int(*id),
            OwnedId::Text(id) => CustomerId::Text(id),
        }
    }
}
