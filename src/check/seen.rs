//! A cell that was seen.

/// A cell, by its column and its row counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) column: String,
    pub(super) row: u64,
    pub(super) text: String,
}
