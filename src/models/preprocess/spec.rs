//! What the columns of a table are.

use serde::{Deserialize, Serialize};

/// What the values of a column are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// A number that is used as is.
    Number,
    /// A number whose large values are rare, such as money: it enters as sign(v) ln(1 + |v|).
    Skewed,
    /// A place in `levels`, counted from 0.
    Category {
        /// Names of the levels; all different.
        levels: Vec<String>,
    },
}

/// Name and kind of an input column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnSpec {
    /// Name; the names of derived columns start with it.
    pub name: String,
    /// What its values are.
    pub kind: ColumnKind,
}

impl ColumnSpec {
    /// A column of `kind` named `name`.
    pub fn new(name: impl Into<String>, kind: ColumnKind) -> Self {
        Self { name: name.into(), kind }
    }
}
