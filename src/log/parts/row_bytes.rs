//! How many bytes rows take without compression.

use arrow_array::RecordBatch;

use crate::error::Result;
use crate::log::read::cells::{decoded, decoded_type, is_text};
use crate::log::read::chunks::CHUNK_ROWS;
use crate::log::read::input_limits::CELL_WIDTH;
use crate::log::read::source::Batches;
use crate::log::read::texts::Texts;

/// Bytes of rows that all threads together bring to their parts at once.
const AT_ONCE: u64 = 12 << 20;
/// So few rows are brought at once, however wide they are.
const LEAST_ROWS: u64 = 64;

/// Bytes of every row: eight for each cell, and its texts.
pub(crate) fn row_bytes(batch: &RecordBatch) -> Result<Vec<u64>> {
    let mut bytes = vec![batch.num_columns() as u64 * CELL_WIDTH; batch.num_rows()];
    for array in batch.columns() {
        if !is_text(decoded_type(array.data_type())) {
            continue;
        }
        let texts = decoded(array)?;
        match Texts::of(&texts) {
            Some(Texts::Large(texts)) => {
                let lengths = texts.offsets().windows(2).map(|ends| (ends[1] - ends[0]) as u64);
                bytes.iter_mut().zip(lengths).for_each(|(bytes, length)| *bytes += length);
            }
            Some(Texts::View(texts)) => {
                // The lower half of a view is the length.
                let lengths = texts.views().iter().map(|view| u64::from(*view as u32));
                bytes.iter_mut().zip(lengths).for_each(|(bytes, length)| *bytes += length);
            }
            Some(texts) => {
                let lengths = texts.iter().map(|text| text.map_or(0, str::len) as u64);
                bytes.iter_mut().zip(lengths).for_each(|(bytes, length)| *bytes += length);
            }
            None => {}
        }
    }
    Ok(bytes)
}

/// The batches in slices of so few rows that those of all threads are small, however wide they are.
pub(crate) fn in_slices(batches: Batches) -> Batches {
    let most = AT_ONCE / rayon::current_num_threads() as u64;
    Box::new(batches.flat_map(move |batch| {
        let sliced = batch.and_then(|batch| {
            let rows = batch.num_rows();
            let all: u64 = row_bytes(&batch)?.iter().sum();
            let at_once = (most * rows as u64).checked_div(all).unwrap_or(0);
            let at_once = at_once.clamp(LEAST_ROWS, CHUNK_ROWS as u64) as usize;
            let slice = move |from| batch.slice(from, at_once.min(rows - from));
            Ok((0..rows).step_by(at_once).map(slice))
        });
        let (slices, error) = match sliced {
            Ok(slices) => (Some(slices), None),
            Err(error) => (None, Some(Err(error))),
        };
        slices.into_iter().flatten().map(Ok).chain(error)
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array, LargeStringArray, StringArray, StringViewArray};

    use super::*;

    #[test]
    fn rows_are_as_wide_as_their_texts_whatever_holds_them() {
        let texts = [Some("a"), None, Some("a longer text than a view holds itself"), Some("")];
        let arrays: [ArrayRef; 3] = [
            Arc::new(StringArray::from_iter(texts)),
            Arc::new(LargeStringArray::from_iter(texts)),
            Arc::new(StringViewArray::from_iter(texts)),
        ];
        for array in arrays {
            let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..4));
            let batch = RecordBatch::try_from_iter([("id", ids), ("text", array)]).unwrap();
            assert_eq!(row_bytes(&batch).unwrap(), [17, 16, 54, 16]);
            assert_eq!(row_bytes(&batch.slice(2, 2)).unwrap(), [54, 16]);
        }
    }

    #[test]
    fn slices_are_all_rows_and_few_where_they_are_wide() {
        let text = "x".repeat(200_000);
        let texts: ArrayRef =
            Arc::new(StringViewArray::from_iter_values((0..500).map(|_| text.as_str())));
        let batch = RecordBatch::try_from_iter([("text", texts)]).unwrap();
        let batches: Batches = Box::new(vec![Ok(batch)].into_iter());
        let slices: Vec<usize> = in_slices(batches).map(|b| b.unwrap().num_rows()).collect();
        assert_eq!(slices.iter().sum::<usize>(), 500);
        assert!(slices.iter().all(|&rows| rows <= LEAST_ROWS as usize), "{slices:?}");
    }
}
