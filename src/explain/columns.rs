//! Reasons as columns of a table.

use std::sync::Arc;

use arrow_array::{ArrayRef, LargeStringArray};

use super::reasons::Reason;

/// The columns `reason_1`, `reason_2` and so on.
pub(crate) fn reason_columns<'a>(
    reasons: impl Iterator<Item = &'a [Reason]> + Clone,
    count: usize,
) -> Vec<(String, ArrayRef)> {
    let column = |i: usize| -> ArrayRef {
        let texts = reasons.clone().map(|reasons| reasons.get(i).map(|reason| &reason.text));
        Arc::new(LargeStringArray::from_iter(texts))
    };
    (0..count).map(|i| (format!("reason_{}", i + 1), column(i))).collect()
}
