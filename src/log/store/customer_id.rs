//! One customer's id, and the integers that texts are.

use crate::hash;

/// One customer's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(untagged)]
pub enum CustomerId<'a> {
    /// An integer id.
    Int(i64),
    /// A text id.
    Text(&'a str),
}

/// Texts that often stand for no customer, in lower case.
const PLACEHOLDERS: [&str; 25] = [
    "na",
    "n/a",
    "#n/a",
    "nan",
    "none",
    "nil",
    "null",
    "0",
    "-1",
    "-",
    "?",
    "unknown",
    "undefined",
    "missing",
    "anonymous",
    "guest",
    "guest checkout",
    "test",
    "gast",
    "unbekannt",
    "гость",
    "аноним",
    "неизвестно",
    "нет",
    "тест",
];

impl<'a> CustomerId<'a> {
    /// The integer, if it is one.
    pub fn integer(self) -> Option<i64> {
        match self {
            CustomerId::Int(id) => Some(id),
            CustomerId::Text(_) => None,
        }
    }

    /// The text, if it is one.
    pub fn text(self) -> Option<&'a str> {
        match self {
            CustomerId::Int(_) => None,
            CustomerId::Text(id) => Some(id),
        }
    }

    /// A number that differs between ids, or mostly does: it decides where nothing else can.
    pub(crate) fn key(self) -> u64 {
        match self {
            CustomerId::Int(id) => hash::draw(id as u64),
            CustomerId::Text(text) => hash::of_bytes(text.bytes()),
        }
    }

    /// Whether it looks as if it stood for no customer.
    pub(crate) fn is_placeholder(self) -> bool {
        match self {
            CustomerId::Int(id) => matches!(id, -1 | 0),
            // Longer ids are none of them.
            CustomerId::Text(id) => {
                id.len() <= 32 && PLACEHOLDERS.contains(&id.to_lowercase().as_str())
            }
        }
    }
}

impl std::fmt::Display for CustomerId<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CustomerId::Int(id) => write!(f, "{id}"),
            CustomerId::Text(id) => f.write_str(id),
        }
    }
}

impl From<i64> for CustomerId<'_> {
    fn from(id: i64) -> Self {
        CustomerId::Int(id)
    }
}

impl<'a> From<&'a str> for CustomerId<'a> {
    fn from(id: &'a str) -> Self {
        CustomerId::Text(id)
    }
}

/// The integer that a cell of a CSV file is: in its usual form, or as a whole float such as
/// `13085.0`, which frames write where ids are missing.
pub(crate) fn untyped_integer(text: &str) -> Option<i64> {
    canonical_integer(whole_part(text, '.').unwrap_or(text))
}

/// What stands before the decimal sign of a number with zeros only behind it.
pub(crate) fn whole_part(text: &str, decimal: char) -> Option<&str> {
    let (whole, places) = text.split_once(decimal)?;
    places.bytes().all(|byte| byte == b'0').then_some(whole)
}

/// The integer that a text is the usual form of (so that `007` stays a text).
pub(crate) fn canonical_integer(text: &str) -> Option<i64> {
    let value: i64 = text.parse().ok()?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let usual = digits.starts_with(|c: char| c.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'))
        && text != "-0";
    usual.then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_integers_written_the_usual_way_are_integers() {
        for (text, expected) in [
            ("0", Some(0)),
            ("-17", Some(-17)),
            ("12345", Some(12345)),
            ("00001", None),
            ("+5", None),
            ("-0", None),
            ("1.0", None),
            ("", None),
            ("9223372036854775808", None),
        ] {
            assert_eq!(canonical_integer(text), expected, "{text}");
        }
        for (text, expected) in [
            ("-17", Some(-17)),
            ("13085.0", Some(13085)),
            ("0.00", Some(0)),
            ("1.5", None),
            ("1.", Some(1)),
            ("007.0", None),
            (".0", None),
            ("1.0.0", None),
        ] {
            assert_eq!(untyped_integer(text), expected, "{text}");
        }
    }
}
