//! Ids of CSV files and workbooks that are whole floats, such as `13085.0`, which frames write where
//! ids are missing: each is the integer, whatever else its column holds.

use std::sync::Arc;

use arrow_array::{ArrayRef, LargeStringArray};

use super::texts::Texts;
use crate::log::store::customer_id::{canonical_integer, whole_part};

/// The ids, with integers for whole floats; none where there are none.
pub(crate) fn with_whole_ids(ids: &ArrayRef, decimal: char) -> Option<ArrayRef> {
    let texts = Texts::of(ids)?;
    texts.iter().flatten().any(|text| whole(text, decimal).is_some()).then(|| {
        let ids = texts.iter().map(|text| text.map(|text| whole(text, decimal).unwrap_or(text)));
        Arc::new(LargeStringArray::from_iter(ids)) as ArrayRef
    })
}

/// The integer of a whole float.
fn whole(text: &str, decimal: char) -> Option<&str> {
    if !text.ends_with('0') {
        return None;
    }
    whole_part(text, decimal).filter(|whole| canonical_integer(whole).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_floats_are_integers() {
        for (text, decimal, expected) in [
            ("7.0", '.', Some("7")),
            ("-7.00", '.', Some("-7")),
            ("7,0", ',', Some("7")),
            ("7,0", '.', None),
            ("7.0", ',', None),
            ("07.0", '.', None),
            ("7.50", '.', None),
            ("7.0.0", '.', None),
            ("70", '.', None),
            ("v7.0", '.', None),
            (".0", '.', None),
        ] {
            assert_eq!(whole(text, decimal), expected, "{text}");
        }
    }
}
