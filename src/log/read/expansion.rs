//! What columns in memory become once they are no longer encoded, so that a small table takes no more
//! memory than it is worth.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;

use super::cells::{decoded_type, is_text};
use super::input_limits::{CELL_WIDTH, InputLimits};
use super::text_lengths::text_lengths;
use super::texts::Lengths;
use crate::error::{Error, Result};

/// Texts of so many bytes are worth the key that stands for them in each row.
const SHORT: u64 = 64;

/// The batches of a table so far.
pub(crate) struct Expansion {
    table: &'static str,
    limits: InputLimits,
    /// Bytes as they are.
    own: u64,
    /// Bytes without encodings.
    expanded: u64,
    /// Where the values of each column's last dictionary lie, which many batches may share.
    dictionaries: Vec<usize>,
}

impl Expansion {
    pub(crate) fn new(table: &'static str, limits: InputLimits) -> Self {
        Expansion { table, limits, own: 0, expanded: 0, dictionaries: Vec::new() }
    }

    /// Counts a batch; refuses one that goes beyond the limits.
    pub(crate) fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        self.dictionaries.resize(batch.num_columns(), 0);
        for (place, array) in batch.columns().iter().enumerate() {
            let bytes = self.encoded_bytes(place, array);
            self.own += bytes;
            let is_plain = decoded_type(array.data_type()) == array.data_type();
            self.expanded += if is_plain { bytes } else { array.len() as u64 * CELL_WIDTH };
        }
        self.check()?;
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            let lengths = encoded_texts(array)?;
            if let Some(message) = self.limits.too_long(lengths.longest) {
                return Err(Error::bad_column(self.table, field.name(), message));
            }
            self.expanded = self.expanded.saturating_add(lengths.sum);
        }
        self.check()
    }

    fn check(&self) -> Result<()> {
        match self.expanded <= self.limits.expanded(self.own) {
            true => Ok(()),
            false => Err(Error::bad_table(self.table, self.limits.expands(self.own))),
        }
    }

    fn encoded_bytes(&mut self, place: usize, array: &ArrayRef) -> u64 {
        let DataType::Dictionary(keys, _) = array.data_type() else {
            let bytes = array.to_data().get_slice_memory_size();
            return bytes.unwrap_or_else(|_| array.get_array_memory_size()) as u64;
        };
        let values = array.as_any_dictionary().values();
        let lie_at = values.to_data().buffers().last().map_or(0, |buffer| buffer.as_ptr() as usize);
        let is_known = std::mem::replace(&mut self.dictionaries[place], lie_at) == lie_at;
        let values = if is_known { 0 } else { values.get_array_memory_size() };
        (array.len() * keys.primitive_width().unwrap_or(8) + values) as u64
    }
}

/// The lengths of the texts of an encoded column, each as often as it comes; of any other none.
fn encoded_texts(array: &ArrayRef) -> Result<Lengths> {
    match array.data_type() {
        DataType::Dictionary(_, values) if is_text(values) => {
            let own = text_lengths(array.as_any_dictionary().values())?;
            // Whatever the keys, rows become no hundred times what they are.
            if own.longest <= SHORT { Ok(Lengths::default()) } else { text_lengths(array) }
        }
        DataType::RunEndEncoded(..) => text_lengths(array),
        _ => Ok(Lengths::default()),
    }
}
