//! How long the texts of a column are, however it is encoded.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type, Int64Type, RunEndIndexType};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;

use super::cells::{decoded, decoded_type, is_text};
use super::texts::{Lengths, Texts};
use crate::error::Result;

/// The lengths of the texts of a column, each as often as it comes; none of a column of another type.
/// Texts that are held once are not written out to be measured.
pub(crate) fn text_lengths(array: &ArrayRef) -> Result<Lengths> {
    match array.data_type() {
        DataType::RunEndEncoded(ends, values) if is_text(decoded_type(values.data_type())) => {
            match ends.data_type() {
                DataType::Int16 => of_runs::<Int16Type>(array),
                DataType::Int32 => of_runs::<Int32Type>(array),
                _ => of_runs::<Int64Type>(array),
            }
        }
        DataType::Dictionary(_, values) if is_text(values) => Ok(of_keys(array)),
        _ => Ok(Texts::of(array).map(|texts| texts.lengths()).unwrap_or_default()),
    }
}

impl Lengths {
    /// Adds a text of this length, of so many rows.
    fn add(&mut self, length: u64, rows: u64) {
        self.longest = self.longest.max(length);
        self.sum = self.sum.saturating_add(rows.saturating_mul(length));
    }
}

fn of_runs<E: RunEndIndexType>(array: &ArrayRef) -> Result<Lengths> {
    let runs = array.as_run::<E>();
    let values = decoded(runs.values())?;
    let texts = Texts::of(&values);
    // A slice has all runs, and some of the rows.
    let (first, last) = (runs.run_ends().offset(), runs.run_ends().offset() + runs.len());
    let (mut lengths, mut before) = (Lengths::default(), first);
    for (end, text) in runs.run_ends().values().iter().zip(texts.iter().flat_map(Texts::iter)) {
        let end = end.as_usize().clamp(first, last);
        if end > before {
            lengths.add(text.map_or(0, |text| text.len() as u64), (end - before) as u64);
            before = end;
        }
    }
    Ok(lengths)
}

fn of_keys(array: &ArrayRef) -> Lengths {
    let (mut lengths, dictionary) = (Lengths::default(), array.as_any_dictionary());
    let of_each: Vec<u64> = Texts::of(dictionary.values())
        .iter()
        .flat_map(Texts::iter)
        .map(|text| text.map_or(0, |text| text.len() as u64))
        .collect();
    if !of_each.is_empty() {
        let keys = dictionary.normalized_keys().into_iter().enumerate();
        let known = keys.filter(|(row, _)| dictionary.keys().is_valid(*row));
        known.for_each(|(_, key)| lengths.add(of_each[key], 1));
    }
    lengths
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::types::Int8Type;
    use arrow_array::{DictionaryArray, Int8Array, Int64Array, RunArray, StringArray};

    use super::*;

    fn lengths(array: ArrayRef) -> (u64, u64) {
        let Lengths { sum, longest } = text_lengths(&array).unwrap();
        (sum, longest)
    }

    /// As of the texts written out.
    fn written_out(array: ArrayRef) -> (u64, u64) {
        let texts = decoded(&array).unwrap();
        let texts = Texts::of(&texts).unwrap();
        let lengths = texts.iter().flatten().map(|text| text.len() as u64);
        (lengths.clone().sum(), lengths.max().unwrap_or(0))
    }

    fn keyed(keys: Vec<Option<i8>>, texts: Vec<Option<&str>>) -> ArrayRef {
        let texts = Arc::new(StringArray::from(texts));
        Arc::new(DictionaryArray::<Int8Type>::new(Int8Array::from(keys), texts))
    }

    #[test]
    fn of_a_dictionary_they_are_those_of_its_rows() {
        // The longest text is no row's.
        let texts = vec![Some("a"), None, Some("four"), Some("nobody's")];
        let keys = vec![Some(2), None, Some(0), Some(2), Some(1)];
        for (keys, expected) in [(keys, (9, 4)), (vec![None, None], (0, 0)), (vec![], (0, 0))] {
            let array = keyed(keys, texts.clone());
            assert_eq!(lengths(array.clone()), expected);
            assert_eq!(written_out(array), expected);
        }
        assert_eq!(lengths(keyed(vec![None, None], vec![])), (0, 0));
        let some = keyed(vec![Some(0), Some(2), Some(2), None], texts).slice(1, 2);
        assert_eq!(lengths(some), (8, 4));
    }

    #[test]
    fn of_runs_they_are_those_of_their_rows() {
        let ends = arrow_array::Int32Array::from(vec![3, 4, 9]);
        let texts = StringArray::from(vec![Some("abc"), None, Some("four")]);
        let runs: ArrayRef = Arc::new(RunArray::<Int32Type>::try_new(&ends, &texts).unwrap());
        assert_eq!(lengths(runs.clone()), (3 * 3 + 5 * 4, 4));
        assert_eq!(lengths(runs.slice(1, 4)), (2 * 3 + 4, 4));
        assert_eq!(lengths(runs.slice(0, 4)), (3 * 3, 3));
    }

    #[test]
    fn of_plain_columns_they_are_those_of_the_cells() {
        assert_eq!(lengths(Arc::new(StringArray::from(vec![Some("ab"), None, Some("c")]))), (3, 2));
        assert_eq!(lengths(Arc::new(Int64Array::from(vec![123_456]))), (0, 0));
    }
}
