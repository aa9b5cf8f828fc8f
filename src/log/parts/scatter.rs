//! Distributes the rows of one table to the parts of a log, each part in its own file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow_array::{ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use arrow_select::take::take_record_batch;

use super::spool::{Spool, Spooled};
use crate::error::Result;
use crate::log::read::cells::{common_type, decoded};
use crate::log::read::file_starts::FileStarts;
use crate::log::read::input_options::InputOptions;
use crate::log::read::kinds::as_kept;
use crate::log::read::schema::Column;
use crate::log::read::source::{Batches, TableReader};
use crate::log::store::dropped::Dropped;
use crate::log::store::group::{Groups, in_groups};
use crate::time::TimeZone;

/// One table, part by part.
#[derive(Debug)]
pub(crate) struct ScatteredTable {
    shape: Shape,
    /// None without rows at all.
    schema: Option<SchemaRef>,
    /// Of every part; none without rows.
    parts: Vec<Option<Spooled>>,
    /// Rows that are in no part, as they cannot be used.
    pub(crate) dropped: Dropped,
}

/// The files of one table while they are filled, from any thread.
pub(crate) struct Scatter {
    folder: PathBuf,
    schema: OnceLock<SchemaRef>,
    parts: Vec<Mutex<Option<Spool>>>,
}

impl Scatter {
    pub(crate) fn new(folder: &Path, parts: usize) -> Self {
        let parts = (0..parts).map(|_| Mutex::default()).collect();
        Scatter { folder: folder.to_owned(), schema: OnceLock::new(), parts }
    }

    /// Writes every row to the file of its part, but for those that have none (`NO_CODE`).
    pub(crate) fn write(&self, batch: &RecordBatch, part_of_row: &[u32]) -> Result<()> {
        let Groups { offsets, order } = in_groups(part_of_row, self.parts.len());
        let batch = take_record_batch(batch, &UInt32Array::from(order))?;
        self.schema.get_or_init(|| batch.schema());
        for (part, rows) in self.parts.iter().zip(offsets.windows(2)) {
            if rows[0] == rows[1] {
                continue;
            }
            // A failed write ends the work, so what a panic left in a file does not matter.
            let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
            let spool = match &mut *part {
                Some(spool) => spool,
                none => none.insert(Spool::new(&self.folder, &batch.schema())?),
            };
            spool.write(&batch.slice(rows[0], rows[1] - rows[0]))?;
        }
        Ok(())
    }

    /// The table whose rows were written.
    pub(crate) fn finish(self, shape: Shape, dropped: Dropped) -> Result<ScatteredTable> {
        let finish = |part: Mutex<Option<Spool>>| {
            let part = part.into_inner().unwrap_or_else(PoisonError::into_inner);
            part.map(Spool::finish).transpose()
        };
        let parts = self.parts.into_iter().map(finish).collect::<Result<_>>()?;
        let schema = self.schema.into_inner();
        Ok(ScatteredTable { shape, schema, parts, dropped })
    }
}

/// What a table's batches hold.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    table: &'static str,
    pub(crate) columns: Vec<Column>,
    rest: Vec<Column>,
    /// Whether the rows' numbers in the input come last.
    numbered: bool,
    files: FileStarts,
    options: Arc<InputOptions>,
}

impl Shape {
    pub(crate) fn of(reader: &TableReader) -> Self {
        let TableReader { table, columns, rest, numbered, files, options, .. } = reader;
        let (columns, rest, files) = (columns.clone(), rest.clone(), files.clone());
        Shape { table, columns, rest, numbered: *numbered, files, options: options.clone() }
    }

    /// Some rows, to be read as any table.
    pub(crate) fn reader(&self, rows: u64, batches: Batches) -> TableReader {
        let Shape { table, columns, rest, numbered, files, options } = self.clone();
        let [unused, ignored] = [Vec::new(), Vec::new()];
        let (kept, untyped) = (Vec::new(), false);
        TableReader {
            table,
            columns,
            rest,
            unused,
            ignored,
            kept,
            untyped,
            numbered,
            rows,
            files,
            options,
            batches,
        }
    }
}

impl ScatteredTable {
    /// Rows of a part.
    pub(crate) fn rows(&self, part: usize) -> u64 {
        self.parts[part].as_ref().map_or(0, |part| part.rows)
    }

    /// The rows of a part, to be read as any table.
    pub(crate) fn reader(&self, part: usize) -> Result<TableReader> {
        // Without rows the types of the columns are still those of the table.
        let blank = || self.schema.iter().map(|schema| Ok(RecordBatch::new_empty(schema.clone())));
        let batches: Batches = match &self.parts[part] {
            Some(part) => Box::new(part.batches()?),
            None => Box::new(blank().collect::<Vec<_>>().into_iter()),
        };
        Ok(self.shape.reader(self.rows(part), batches))
    }
}

/// A batch as files can hold it: every column by the type it is kept by, or where none is told, the
/// one that is common to its like; in a log of this zone.
pub(crate) fn plain(batch: &RecordBatch, kept: &[DataType], zone: TimeZone) -> Result<RecordBatch> {
    let column = |(i, field): (usize, &Arc<Field>)| -> Result<(Field, ArrayRef)> {
        let mut array = decoded(batch.column(i))?;
        let kept = kept.get(i).cloned().unwrap_or_else(|| common_type(array.data_type()));
        if *array.data_type() != kept {
            array = as_kept(&array, &kept, zone)?;
        }
        Ok((Field::new(field.name(), kept, true), array))
    };
    let columns = batch.schema_ref().fields().iter().enumerate().map(column);
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) =
        columns.collect::<Result<Vec<_>>>()?.into_iter().unzip();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}
