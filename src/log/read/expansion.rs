//! What columns in memory become once they are no longer encoded, so that a small table takes no more
//! memory than it is worth.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type, Int64Type, RunEndIndexType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;

use super::cells::{decoded, decoded_type, is_text};
use super::input_limits::{CELL_WIDTH, InputLimits};
use super::texts::{Lengths, Texts};
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
            if lengths.longest > self.limits.cell_bytes {
                let (longest, limit) = (lengths.longest, self.limits.cell_bytes);
                let message =
                    format!("has a text of {longest} bytes; the limit `cell_bytes` is {limit}");
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
        DataType::RunEndEncoded(ends, values) if is_text(decoded_type(values.data_type())) => {
            match ends.data_type() {
                DataType::Int16 => texts_of_runs::<Int16Type>(array),
                DataType::Int32 => texts_of_runs::<Int32Type>(array),
                _ => texts_of_runs::<Int64Type>(array),
            }
        }
        DataType::Dictionary(_, values) if is_text(values) => {
            let own = Texts::of(array.as_any_dictionary().values()).map(|texts| texts.lengths());
            match own.unwrap_or_default() {
                // Whatever the keys, rows become no hundred times what they are.
                Lengths { longest, .. } if longest <= SHORT => Ok(Lengths::default()),
                _ => Ok(Texts::of(&decoded(array)?).map(|t| t.lengths()).unwrap_or_default()),
            }
        }
        _ => Ok(Lengths::default()),
    }
}

fn texts_of_runs<E: RunEndIndexType>(array: &ArrayRef) -> Result<Lengths> {
    let runs = array.as_run::<E>();
    let values = decoded(runs.values())?;
    let (mut lengths, mut before) = (Lengths::default(), 0);
    let texts = Texts::of(&values);
    for (end, text) in runs.run_ends().values().iter().zip(texts.iter().flat_map(Texts::iter)) {
        let length = text.map_or(0, |text| text.len() as u64);
        lengths.longest = lengths.longest.max(length);
        let rows = end.as_usize().saturating_sub(before) as u64;
        lengths.sum = lengths.sum.saturating_add(rows.saturating_mul(length));
        before = end.as_usize();
    }
    Ok(lengths)
}
