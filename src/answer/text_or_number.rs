//! Options that are a text or a number, whichever is written.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserializer, Unexpected, Visitor};

use crate::error::Error;

/// Reads a value by its text, or by a number as if it were written out; `expected` is what is told of
/// other types.
#[cfg(feature = "io")]
pub(crate) fn text_or_number<'de, T, D>(from: D, expected: &'static str) -> Result<T, D::Error>
where
    T: FromStr<Err = Error>,
    D: Deserializer<'de>,
{
    read(from, TextOrNumber { expected, is_whole: false })
}

/// As [`text_or_number`], of whole numbers: others are of another type.
pub(crate) fn text_or_whole_number<'de, T, D>(
    from: D,
    expected: &'static str,
) -> Result<T, D::Error>
where
    T: FromStr<Err = Error>,
    D: Deserializer<'de>,
{
    read(from, TextOrNumber { expected, is_whole: true })
}

fn read<'de, T, D>(from: D, visitor: TextOrNumber) -> Result<T, D::Error>
where
    T: FromStr<Err = Error>,
    D: Deserializer<'de>,
{
    from.deserialize_any(visitor)?.parse().map_err(de::Error::custom)
}

struct TextOrNumber {
    expected: &'static str,
    is_whole: bool,
}

impl Visitor<'_> for TextOrNumber {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<String, E> {
        match self.is_whole {
            true => Err(E::invalid_type(Unexpected::Float(number), &self)),
            false => Ok(number.to_string()),
        }
    }
}
