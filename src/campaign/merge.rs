//! Merges candidates ranked part by part into one ranking.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_select::interleave::interleave_record_batch;

use crate::error::{Error, Result};
use crate::log::Spooled;

/// Rows that are given on at once.
const ROWS_AT_ONCE: usize = 1 << 13;

/// A ranked run of candidates: the batch that is being read and the place in it.
struct Run<I> {
    batches: I,
    batch: RecordBatch,
    place: usize,
}

/// What a candidate is ranked by, in the order of ranks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Worth(pub(crate) f64);

impl Ord for Worth {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Worth {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Worth {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Worth {}

/// Gives on the best `top` of the candidates in `runs`, in batches and ranked anew.
pub(crate) fn merge(
    runs: &[Spooled],
    top: usize,
    mut give: impl FnMut(RecordBatch) -> Result<()>,
) -> Result<()> {
    let mut open = Vec::with_capacity(runs.len());
    // Of equal candidates that of the earlier run comes first: its customers have lower ids.
    let mut heap: BinaryHeap<(Worth, Reverse<usize>)> = BinaryHeap::with_capacity(runs.len());
    for run in runs {
        let mut batches = run.batches()?;
        let Some(batch) = batches.next().transpose()? else { continue };
        heap.push((worth(&batch, 0)?, Reverse(open.len())));
        open.push(Run { batches, batch, place: 0 });
    }
    let mut given = 0;
    let mut chosen: Vec<(usize, usize)> = Vec::with_capacity(ROWS_AT_ONCE);
    while given + chosen.len() < top
        && let Some((_, Reverse(number))) = heap.pop()
    {
        chosen.push((number, open[number].place));
        open[number].place += 1;
        let is_read = open[number].place == open[number].batch.num_rows();
        if is_read || chosen.len() == ROWS_AT_ONCE {
            given += give_chosen(&open, &mut chosen, given, &mut give)?;
        }
        if is_read {
            let Some(batch) = open[number].batches.next().transpose()? else { continue };
            open[number].batch = batch;
            open[number].place = 0;
        }
        let worth = worth(&open[number].batch, open[number].place)?;
        heap.push((worth, Reverse(number)));
    }
    if !chosen.is_empty() {
        give_chosen(&open, &mut chosen, given, &mut give)?;
    }
    Ok(())
}

/// Gives on the chosen rows, whose ranks follow `given`, and returns how many they are.
fn give_chosen<I>(
    open: &[Run<I>],
    chosen: &mut Vec<(usize, usize)>,
    given: usize,
    give: &mut impl FnMut(RecordBatch) -> Result<()>,
) -> Result<usize> {
    let batches: Vec<&RecordBatch> = open.iter().map(|run| &run.batch).collect();
    let batch = interleave_record_batch(&batches, chosen)?;
    let ranks = Int64Array::from_iter_values((given as i64 + 1..).take(chosen.len()));
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    columns[batch.schema().index_of("rank")?] = Arc::new(ranks);
    let rows = chosen.len();
    chosen.clear();
    give(RecordBatch::try_new(batch.schema(), columns)?)?;
    Ok(rows)
}

/// What the candidate of a row is ranked by.
pub(super) fn worth(batch: &RecordBatch, row: usize) -> Result<Worth> {
    let column = batch
        .column_by_name("expected_value")
        .or_else(|| batch.column_by_name("return_probability"))
        .and_then(|column| column.as_primitive_opt::<Float64Type>())
        .ok_or_else(|| Error::Shape("candidates without numbers to rank them by".into()))?;
    Ok(Worth(column.value(row)))
}
