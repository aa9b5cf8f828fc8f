//! Text arrays of every kind, read cell by cell, and the blanks around texts.

use arrow_array::cast::AsArray;
use arrow_array::{Array, LargeStringArray, StringArray, StringViewArray};
use arrow_schema::DataType;

/// A text array; the texts stay where Arrow holds them.
#[derive(Debug, Clone)]
pub(crate) enum Texts {
    Utf8(StringArray),
    Large(LargeStringArray),
    View(StringViewArray),
}

/// Bytes of texts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lengths {
    pub(crate) sum: u64,
    pub(crate) longest: u64,
}

impl Texts {
    /// None for an array of another type.
    pub(crate) fn of(array: &dyn Array) -> Option<Texts> {
        match array.data_type() {
            DataType::Utf8 => Some(Texts::Utf8(array.as_string().clone())),
            DataType::LargeUtf8 => Some(Texts::Large(array.as_string().clone())),
            DataType::Utf8View => Some(Texts::View(array.as_string_view().clone())),
            _ => None,
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Texts::Utf8(texts) => texts.len(),
            Texts::Large(texts) => texts.len(),
            Texts::View(texts) => texts.len(),
        }
    }

    /// The text of a row, none where it is null.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        match self {
            Texts::Utf8(texts) => texts.is_valid(row).then(|| texts.value(row)),
            Texts::Large(texts) => texts.is_valid(row).then(|| texts.value(row)),
            Texts::View(texts) => texts.is_valid(row).then(|| texts.value(row)),
        }
    }

    /// How long they are in bytes.
    pub(crate) fn lengths(&self) -> Lengths {
        let mut lengths = Lengths::default();
        let mut add = |length: u64| {
            lengths.sum += length;
            lengths.longest = lengths.longest.max(length);
        };
        match self {
            // The lower half of a view is the length.
            Texts::View(texts) => {
                texts.views().iter().for_each(|view| add(u64::from(*view as u32)))
            }
            texts => texts.iter().flatten().for_each(|text| add(text.len() as u64)),
        }
        lengths
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Option<&str>> + Clone {
        (0..self.len()).map(|row| self.get(row))
    }
}
