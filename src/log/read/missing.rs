//! Columns of texts as they are meant. One rule for the cells of CSV files and for texts from Arrow.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, BooleanArray, LargeStringArray, StringArray, StringViewArray};
use arrow_schema::DataType;
use arrow_select::nullif::nullif;

use super::cells::{decoded, is_text};
use super::input_options::InputOptions;
use super::meant::{IN_TEXTS, Markers, trimmed};
use super::schema::Cells;
use super::texts::Texts;
use crate::error::Result;

/// What stands for a missing number or time.
const IN_VALUES: [&str; 12] =
    ["NULL", "null", "\\N", "NaN", "nan", "NA", "N/A", "#N/A", "<NA>", "None", "-", "?"];

impl InputOptions {
    fn markers(&self, cells: Cells) -> Markers<'_> {
        Markers::new(match (cells, &self.missing_values) {
            (Cells::KnownAt, _) => Vec::new(),
            (_, Some(own)) => own.iter().map(|text| trimmed(text)).collect(),
            (Cells::Texts, None) => IN_TEXTS.to_vec(),
            (Cells::Values, None) => IN_VALUES.to_vec(),
        })
    }

    /// The text of a number or a time, none where it is missing.
    pub(crate) fn value<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.markers(Cells::Values).meant(text)
    }

    /// Whether a text without blanks stands for a missing number or time.
    pub(crate) fn is_missing_value(&self, text: &str) -> bool {
        self.markers(Cells::Values).are(text)
    }
}

/// A column whose texts are as they are meant.
pub(crate) struct Meant {
    pub(crate) array: ArrayRef,
    /// Whether some texts that are there had blanks around them.
    pub(crate) padded: bool,
}

/// The column with texts as they are meant; none where it is so already.
pub(crate) fn as_meant(
    array: &ArrayRef,
    cells: Cells,
    options: &InputOptions,
) -> Result<Option<Meant>> {
    if let Some(dictionary) = array.as_any_dictionary_opt() {
        let values = dictionary.values();
        if !is_text(values.data_type()) {
            return Ok(None);
        }
        // Rather than all of a dictionary, of which these rows may use little.
        if values.len() > array.len() {
            let array = decoded(array)?;
            let meant = as_meant(&array, cells, options)?;
            return Ok(meant.or(Some(Meant { array, padded: false })));
        }
        let meant = as_meant(values, cells, options)?;
        return Ok(meant.map(|meant| {
            let array = dictionary.with_values(meant.array);
            Meant { array, padded: meant.padded }
        }));
    }
    let values = decoded(array)?;
    let markers = options.markers(cells);
    let Some(texts) = Texts::of(&values) else {
        let array = without_markers(&values, &markers.numbers)?;
        return Ok(array.map(|array| Meant { array, padded: false }));
    };
    let (mut changed, mut padded) = (false, false);
    for text in texts.iter().flatten() {
        match markers.meant(text) {
            Some(meant) => padded |= meant.len() < text.len(),
            None => changed = true,
        }
    }
    let meant = texts.iter().map(|text| text.and_then(|text| markers.meant(text)));
    let array: ArrayRef = match &texts {
        _ if !(changed || padded) => return Ok(None),
        Texts::Utf8(_) => Arc::new(StringArray::from_iter(meant)),
        Texts::Large(_) => Arc::new(LargeStringArray::from_iter(meant)),
        Texts::View(_) => Arc::new(StringViewArray::from_iter(meant)),
    };
    Ok(Some(Meant { array, padded }))
}

/// Numbers of which none stands for a missing one; none where it is so already.
fn without_markers(array: &ArrayRef, markers: &[f64]) -> Result<Option<ArrayRef>> {
    if markers.is_empty() || !array.data_type().is_numeric() {
        return Ok(None);
    }
    let numbers = arrow_cast::cast(array, &DataType::Float64)?;
    let numbers = numbers.as_primitive::<Float64Type>();
    let is_marker: BooleanArray = numbers
        .iter()
        .map(|number| Some(number.is_some_and(|number| markers.contains(&number))))
        .collect();
    Ok((is_marker.true_count() > 0).then(|| nullif(array, &is_marker)).transpose()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_missing_by_the_kind_of_their_column() {
        let options = InputOptions::default();
        for (text, in_texts, in_values, known_at) in [
            ("tea", Some("tea"), Some("tea"), Some("tea")),
            ("", None, None, None),
            (" \t\u{a0}\u{feff}", None, None, None),
            (" NULL ", None, None, Some("NULL")),
            ("\\N", None, None, Some("\\N")),
            ("NA", Some("NA"), None, Some("NA")),
            ("-", Some("-"), None, Some("-")),
            ("-5", Some("-5"), Some("-5"), Some("-5")),
            ("Null", Some("Null"), Some("Null"), Some("Null")),
            ("\u{3000}чай\u{2003}", Some("чай"), Some("чай"), Some("чай")),
            ("\u{feff}A 1\u{85}", Some("A 1"), Some("A 1"), Some("A 1")),
        ] {
            let found = [Cells::Texts, Cells::Values, Cells::KnownAt]
                .map(|cells| options.markers(cells).meant(text));
            assert_eq!(found, [in_texts, in_values, known_at], "{text:?}");
        }
    }

    #[test]
    fn own_markers_replace_all_others() {
        let missing_values = Some(vec!["-999".to_owned(), " none ".to_owned()]);
        let options = InputOptions { missing_values, ..InputOptions::default() };
        for cells in [Cells::Texts, Cells::Values] {
            let found = ["-999", "-999.0", "none", "NULL", "NaN", " "].map(|text| {
                let markers = options.markers(cells);
                markers.meant(text).is_some()
            });
            assert_eq!(found, [false, false, false, true, true, false]);
        }
    }

    #[test]
    fn every_blank_may_start_a_text() {
        let markers = Markers::new(Vec::new());
        let blanks = (0..=char::MAX as u32)
            .filter_map(char::from_u32)
            .filter(|c| c.is_whitespace() || *c == '\u{feff}');
        let mut count = 0;
        for blank in blanks {
            let (before, after) = (format!("{blank}a"), format!("a{blank}"));
            assert_eq!(
                [&before, &after].map(|text| markers.meant(text)),
                [Some("a"); 2],
                "{blank:?}"
            );
            count += 1;
        }
        assert_eq!(count, 26);
    }
}
