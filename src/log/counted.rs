//! Counts in words.

use crate::language::{Language, thousands};

/// A count with its thousands separated, as `1,234,567`.
pub(crate) fn grouped(count: u64) -> String {
    thousands(&count.to_string(), Language::English)
}

/// A count and what follows it: of one, or of several.
pub(crate) fn counted(count: u64, one: &str, several: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { several })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        let texts: Vec<String> = [0, 12, 999, 1_000, 1_234_567].map(grouped).into();
        assert_eq!(texts, ["0", "12", "999", "1,000", "1,234,567"]);
    }
}
