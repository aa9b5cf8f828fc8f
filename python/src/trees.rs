//! Tables of what is inside a churn model.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use winback::ChurnModel;
use winback::labels::State;

use crate::error::Result;
use crate::table::Table;

/// Gain and number of splits of each column, for each state by falling gain.
pub(crate) fn importances(model: &ChurnModel) -> Result<Table> {
    let names = model.columns();
    let mut rows = Vec::new();
    for state in State::ALL {
        let trees = model.trees(state)?;
        let (gains, splits) = (trees.gain_importances(), trees.split_counts());
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by(|&a, &b| gains[b].total_cmp(&gains[a]));
        rows.extend(order.into_iter().map(|i| (state, &names[i], gains[i], splits[i] as i64)));
    }
    let batch = RecordBatch::try_from_iter([
        (
            "state",
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.0.name())))
                as ArrayRef,
        ),
        ("feature", Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.1)))),
        ("gain", Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| row.2)))),
        ("splits", Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.3)))),
    ])?;
    Ok(Table { batch })
}
