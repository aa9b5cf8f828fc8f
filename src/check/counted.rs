//! Counts in sentences.

use crate::log::grouped;

/// A count and what follows it: of one, or of several.
pub(super) fn counted(count: u64, one: &str, several: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { several })
}
