//! Reasons as columns of a table.

use super::reasons::Reason;
use crate::answer::columns::{Column, texts};

/// The columns `reason_1`, `reason_2` and so on.
pub(crate) fn reason_columns<'a>(
    reasons: impl Iterator<Item = &'a [Reason]> + Clone,
    count: usize,
) -> Vec<Column> {
    let column = |i: usize| {
        let text = |reasons: &'a [Reason]| reasons.get(i).map(|reason| reason.text.as_str());
        texts(format!("reason_{}", i + 1), reasons.clone().map(text))
    };
    (0..count).map(column).collect()
}
