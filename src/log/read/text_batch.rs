//! Rows of texts that become a batch.

use std::sync::Arc;

use arrow_array::builder::LargeStringBuilder;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::input_limits::CELL_WIDTH;
use super::unusable::{self, Unusable};
use crate::error::{Error, Result};

/// Most rows of a batch, and most bytes of its cells.
const ROWS: usize = 65_536;
const BYTES: u64 = 8 << 20;

/// Columns of texts whose type nobody told; an empty cell is null.
pub(crate) struct TextBatch {
    schema: SchemaRef,
    columns: Vec<LargeStringBuilder>,
    rows: usize,
    bytes: u64,
    unusable: Vec<Unusable>,
}

impl TextBatch {
    pub(crate) fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let field = |name| Field::new(name, DataType::LargeUtf8, true);
        let schema = Arc::new(Schema::new(names.map(field).collect::<Vec<_>>()));
        let columns = schema.fields().iter().map(|_| LargeStringBuilder::with_capacity(0, 0));
        TextBatch { columns: columns.collect(), schema, rows: 0, bytes: 0, unusable: Vec::new() }
    }

    /// Sets the next cell of a column.
    pub(crate) fn push(&mut self, column: usize, text: &str) {
        match text {
            "" => self.columns[column].append_null(),
            text => self.columns[column].append_value(text),
        }
        self.bytes += text.len() as u64;
    }

    /// Ends a row, of which every column was set.
    pub(crate) fn end_row(&mut self) {
        self.rows += 1;
        self.bytes += CELL_WIDTH * self.columns.len() as u64;
    }

    /// Ends a row that cannot be used, of which no column was set.
    pub(crate) fn end_unusable_row(&mut self, column: &str, reason: String) {
        self.columns.iter_mut().for_each(LargeStringBuilder::append_null);
        self.bytes += reason.len() as u64;
        self.unusable.push(Unusable { row: self.rows, column: column.to_owned(), reason });
        self.end_row();
    }

    pub(crate) fn is_full(&self) -> bool {
        self.rows == ROWS || self.bytes >= BYTES
    }

    /// The rows that were ended, if there are any; those that follow make another batch.
    pub(crate) fn take(&mut self) -> Option<Result<RecordBatch>> {
        if self.rows == 0 {
            return None;
        }
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        let finish = |column: &mut LargeStringBuilder| -> ArrayRef {
            let array = column.finish();
            // The next batch is likely as large.
            *column = LargeStringBuilder::with_capacity(rows, array.value_data().len());
            Arc::new(array.slice(0, rows))
        };
        let mut arrays: Vec<ArrayRef> = self.columns.iter_mut().map(finish).collect();
        let mut schema = self.schema.clone();
        let unusable = std::mem::take(&mut self.unusable);
        if !unusable.is_empty() {
            let (field, told) = unusable::column(rows, &unusable);
            arrays.push(told);
            let fields = schema.fields().iter().cloned().chain([field]);
            schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(schema, arrays, &options);
        Some(batch.map_err(Error::from))
    }
}
