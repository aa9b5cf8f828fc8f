//! The best of candidates that were ranked part by part, each part apart.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch};
use arrow_select::interleave::interleave_record_batch;

use super::merge::{Worth, worth};
use crate::error::{Error, Result};
use crate::log::CustomerId;

/// The rows of candidates from several parts of the customers as one log of them ranks them: by what they
/// are worth, equal ones by ascending id, at most `top` of them. Each part may hold its own best `top` only.
///
/// # Errors
/// [`Error::Argument`] for tables that are not of candidates, or not all of the same columns.
///
/// ```
/// use winback::answer::Answer;
/// use winback::campaign::best_candidates;
/// use winback::simulate::Simulation;
/// use winback::{CandidateOptions, ChurnModel, EventLog};
/// # let shop = Simulation::default().customers(400).run()?;
/// # let log = EventLog::builder().transactions([shop.transactions])
/// #     .observed_until("2025-01-01")?.build()?;
/// # let model = ChurnModel::builder().fit(&log, "2024-10-01")?;
/// let found = model.candidates(&log.at("2025-01-01")?, &CandidateOptions::default())?.main_table()?;
/// let (some, others) = (found.slice(0, 5), found.slice(5, found.num_rows() - 5));
/// assert_eq!(best_candidates(&[others, some], None)?, found);
/// # Ok::<(), winback::Error>(())
/// ```
pub fn best_candidates(parts: &[RecordBatch], top: Option<usize>) -> Result<RecordBatch> {
    let wrong = |got: &str| Error::argument("candidates", got, "tables of candidates of one model");
    let schema = parts.first().map(RecordBatch::schema).ok_or_else(|| wrong("no tables"))?;
    if parts.iter().any(|part| part.schema().fields() != schema.fields()) {
        return Err(wrong("tables of different columns"));
    }
    let place = schema.index_of("rank").map_err(|_| wrong("a table without ranks"))?;
    let mut rows = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let ids = part.column_by_name("customer_id").ok_or_else(|| wrong("a table without ids"))?;
        for row in 0..part.num_rows() {
            let id = id(ids, row).ok_or_else(|| wrong("ids that are not integers or texts"))?;
            rows.push((worth(part, row)?, id, (number, row)));
        }
    }
    rows.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    rows.truncate(top.unwrap_or(usize::MAX));
    let chosen: Vec<(usize, usize)> = rows.into_iter().map(|row: (Worth, _, _)| row.2).collect();
    let batch = interleave_record_batch(&parts.iter().collect::<Vec<_>>(), &chosen)?;
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    columns[place] = Arc::new(Int64Array::from_iter_values(1..=chosen.len() as i64));
    Ok(RecordBatch::try_new(batch.schema(), columns)?)
}

/// The id in a row; none where the column is of another type, or it is missing.
fn id(ids: &ArrayRef, row: usize) -> Option<CustomerId<'_>> {
    if ids.is_null(row) {
        return None;
    }
    let integer = ids.as_primitive_opt::<Int64Type>().map(|ids| CustomerId::Int(ids.value(row)));
    let large = || ids.as_string_opt::<i64>().map(|ids| CustomerId::Text(ids.value(row)));
    let text = || ids.as_string_opt::<i32>().map(|ids| CustomerId::Text(ids.value(row)));
    integer.or_else(large).or_else(text)
}
