//! A table read in chunks of rows, several at once.

use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::RecordBatch;
use rayon::prelude::*;

use super::source::Batches;
use crate::error::Result;

/// Most rows of a chunk: few enough that its columns stay near a core while they are sorted.
pub(crate) const CHUNK_ROWS: usize = 1 << 16;

/// Calls `read` with every chunk and the number of rows before it, and returns what it gives in the
/// order of the rows. Of several errors the first by row is returned.
pub(crate) fn read_chunks<T: Send>(
    batches: Batches,
    read: impl Fn(u64, &RecordBatch) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let mut rows_before = 0;
    // What follows a failure need not be read. Chunks are handed out in their order, so that those
    // before it are read to their end.
    let failed = AtomicBool::new(false);
    let numbered = batches.map_while(|batch| {
        let past_failure = failed.load(Ordering::Relaxed);
        failed.fetch_or(batch.is_err(), Ordering::Relaxed);
        let start = rows_before;
        rows_before += batch.as_ref().map_or(0, RecordBatch::num_rows) as u64;
        (!past_failure).then_some((start, batch))
    });
    let chunks = numbered.flat_map(|(start, batch)| {
        let (batch, error) = match batch {
            Ok(batch) => (Some(batch), None),
            Err(error) => (None, Some((start, Err(error)))),
        };
        let parts = batch.into_iter().flat_map(move |batch| {
            (0..batch.num_rows()).step_by(CHUNK_ROWS).map(move |from| {
                let rows = CHUNK_ROWS.min(batch.num_rows() - from);
                (start + from as u64, Ok(batch.slice(from, rows)))
            })
        });
        parts.chain(error)
    });
    let mut read: Vec<(u64, Result<T>)> = chunks
        .par_bridge()
        .map(|(start, batch)| {
            let result = batch.and_then(|batch| read(start, &batch));
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            (start, result)
        })
        .collect();
    read.sort_by_key(|(start, _)| *start);
    read.into_iter().map(|(_, chunk)| chunk).collect()
}
