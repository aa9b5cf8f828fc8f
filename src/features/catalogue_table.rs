//! The catalogue as a table.

use arrow_array::RecordBatch;

use super::catalogue::catalogue;
use super::feature::Feature;
use crate::answer::columns::{batch, numbers, texts, whole};
use crate::error::Result;

/// The catalogue as an Arrow table: `name`, `family`, `unit`, `needs` (what the log must have),
/// `empty` (the value without events; NaN: undefined), `expected_sign`, `meaning`.
///
/// ```
/// let table = winback::features::catalogue_table()?;
/// assert_eq!(table.schema().field(5).name(), "expected_sign");
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// None in practice; [`Error::Arrow`](crate::Error::Arrow) is passed on.
pub fn catalogue_table() -> Result<RecordBatch> {
    let text = |name: &str, of: fn(&Feature) -> &'static str| texts(name, catalogue().map(of));
    batch([
        text("name", |feature| feature.name),
        text("family", |feature| feature.family.name()),
        text("unit", |feature| feature.unit.name()),
        text("needs", |feature| feature.needs()),
        numbers("empty", catalogue().map(|feature| feature.empty)),
        whole("expected_sign", catalogue().map(|feature| Some(feature.expected_sign.into()))),
        text("meaning", |feature| feature.meaning),
    ])
}
