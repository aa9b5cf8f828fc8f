//! The id of an order, as a row has it.

/// The id of an order: an integer or a text.
///
/// ```
/// use winback::log::{NewTransaction, OrderId};
/// let row = NewTransaction::at("2024-02-01".parse()?);
/// let row = NewTransaction { order_id: Some("A-17".into()), ..row };
/// assert_eq!(row.order_id, Some(OrderId::Text("A-17")));
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(untagged)]
pub enum OrderId<'a> {
    /// An integer.
    Int(i64),
    /// A text.
    Text(&'a str),
}

impl OrderId<'_> {
    /// The integer, if it is one.
    pub fn integer(self) -> Option<i64> {
        match self {
            OrderId::Int(id) => Some(id),
            OrderId::Text(_) => None,
        }
    }
}

impl From<i64> for OrderId<'_> {
    fn from(id: i64) -> Self {
        OrderId::Int(id)
    }
}

impl<'a> From<&'a str> for OrderId<'a> {
    fn from(id: &'a str) -> Self {
        OrderId::Text(id)
    }
}
