//! Distributes the rows of one table to the parts of a log, each part in its own file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow_array::{ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use arrow_select::take::take_record_batch;

use super::row_bytes::row_bytes;
use super::splits::Splits;
use super::spool::{Spool, Spooled};
use crate::error::Result;
use crate::log::read::cells::{Place, common_type, decoded, read_chunk_ids};
use crate::log::read::chunk_ids::ChunkIds;
use crate::log::read::file_starts::FileStarts;
use crate::log::read::identified::Identified;
use crate::log::read::input_options::InputOptions;
use crate::log::read::kinds::as_kept;
use crate::log::read::schema::Column;
use crate::log::read::source::{Batches, TableReader};
use crate::log::store::customer_id::CustomerId;
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
    parts: PartFiles,
    /// Rows that are in no part, as they cannot be used.
    pub(crate) dropped: Dropped,
    /// Rows that are in no part, as they have no id.
    pub(crate) missing_ids: u64,
}

/// The files of one table while they are filled, from any thread.
pub(crate) struct Scatter {
    folder: PathBuf,
    schema: OnceLock<SchemaRef>,
    parts: Vec<Mutex<Option<PartFile<Spool>>>>,
}

/// Of every part; none without rows.
type PartFiles = Vec<Option<PartFile<Spooled>>>;

/// The file of one part, and the bytes of its rows.
#[derive(Debug)]
struct PartFile<F> {
    file: F,
    bytes: u64,
}

impl Scatter {
    pub(crate) fn new(folder: &Path, parts: usize) -> Self {
        let parts = (0..parts).map(|_| Mutex::default()).collect();
        Scatter { folder: folder.to_owned(), schema: OnceLock::new(), parts }
    }

    /// Writes every row to the file of its part, but for those that have none (`NO_CODE`).
    pub(crate) fn write(&self, batch: &RecordBatch, part_of_row: &[u32]) -> Result<()> {
        let Groups { offsets, order } = in_groups(part_of_row, self.parts.len());
        let bytes = row_bytes(batch)?;
        let bytes = |rows: &[u32]| rows.iter().map(|&row| bytes[row as usize]).sum();
        let bytes: Vec<u64> = offsets.windows(2).map(|w| bytes(&order[w[0]..w[1]])).collect();
        let batch = take_record_batch(batch, &UInt32Array::from(order))?;
        self.schema.get_or_init(|| batch.schema());
        for ((part, rows), bytes) in self.parts.iter().zip(offsets.windows(2)).zip(bytes) {
            if rows[0] == rows[1] {
                continue;
            }
            // A failed write ends the work, so what a panic left in a file does not matter.
            let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
            let part = match &mut *part {
                Some(part) => part,
                none => {
                    let file = Spool::beside(&self.folder, &batch.schema(), self.parts.len())?;
                    none.insert(PartFile { file, bytes: 0 })
                }
            };
            part.file.write(&batch.slice(rows[0], rows[1] - rows[0]))?;
            part.bytes += bytes;
        }
        Ok(())
    }

    /// The table whose rows were written, and what became of the others.
    pub(crate) fn finish(
        self,
        shape: Shape,
        dropped: Dropped,
        missing_ids: u64,
    ) -> Result<ScatteredTable> {
        let (parts, schema) = self.files()?;
        Ok(ScatteredTable { shape, schema, parts, dropped, missing_ids })
    }

    fn files(self) -> Result<(PartFiles, Option<SchemaRef>)> {
        let finish = |part: Mutex<Option<PartFile<Spool>>>| {
            let Some(part) = part.into_inner().unwrap_or_else(PoisonError::into_inner) else {
                return Ok(None);
            };
            Ok(Some(PartFile { file: part.file.finish()?, bytes: part.bytes }))
        };
        let parts = self.parts.into_iter().map(finish).collect::<Result<_>>()?;
        Ok((parts, self.schema.into_inner()))
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
        let options = Arc::new(InputOptions { is_part: true, ..(**options).clone() });
        Shape { table, columns, rest, numbered: *numbered, files, options }
    }

    pub(super) fn table(&self) -> &'static str {
        self.table
    }

    /// The name of the id column in the input.
    pub(super) fn id_column(&self) -> &str {
        self.columns.first().map_or("", |id| &id.input)
    }

    /// How the cells are read.
    pub(super) fn options(&self) -> &InputOptions {
        &self.options
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
    /// What the batches hold.
    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The types of the columns; none without rows at all.
    pub(super) fn schema(&self) -> Option<&SchemaRef> {
        self.schema.as_ref()
    }

    /// How many parts there are.
    pub(super) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// Rows of a part.
    pub(crate) fn rows(&self, part: usize) -> u64 {
        self.parts[part].as_ref().map_or(0, |part| part.file.rows)
    }

    /// Bytes of the rows of a part.
    pub(crate) fn bytes(&self, part: usize) -> u64 {
        self.parts[part].as_ref().map_or(0, |part| part.bytes)
    }

    /// Calls `each` with the batches of a part and the ids of their rows.
    fn each_batch(
        &self,
        part: usize,
        mut each: impl FnMut(&RecordBatch, &ChunkIds) -> Result<()>,
    ) -> Result<()> {
        let reader = self.reader(part)?;
        let (table, column) = (reader.table, reader.id_column());
        let options = reader.options.as_ref();
        for batch in reader.batches {
            let (batch, rows) = (batch?, None);
            let (column, rows_before, untyped) = (column.as_str(), 0, false);
            let place = Place { table, column, rows_before, rows, untyped, options };
            let rows = Identified::of(&batch, &reader.columns[..1], place)?;
            each(&batch, &read_chunk_ids(rows.batch.column(0), rows.place(place))?)?;
        }
        Ok(())
    }

    /// Calls `each` with the customer of every row of a part, and the row's bytes.
    pub(crate) fn each_row(
        &self,
        part: usize,
        mut each: impl FnMut(CustomerId<'_>, u64),
    ) -> Result<()> {
        self.each_batch(part, |batch, ids| {
            for (row, bytes) in row_bytes(batch)?.into_iter().enumerate() {
                ids.id(row).into_iter().for_each(|id| each(id, bytes));
            }
            Ok(())
        })
    }

    /// Cuts a part; those that it becomes follow each other in its place.
    pub(crate) fn cut(&mut self, part: usize, splits: &Splits, folder: &Path) -> Result<()> {
        let scatter = Scatter::new(folder, splits.parts());
        if self.parts[part].is_some() {
            self.each_batch(part, |batch, ids| {
                let part = |row| ids.id(row).map_or(0, |id| splits.part(id));
                scatter.write(batch, &(0..ids.len()).map(part).collect::<Vec<_>>())
            })?;
        }
        let (pieces, _) = scatter.files()?;
        self.parts.splice(part..=part, pieces);
        Ok(())
    }

    /// The rows of a part, to be read as any table.
    pub(crate) fn reader(&self, part: usize) -> Result<TableReader> {
        // Without rows the types of the columns are still those of the table.
        let blank = || self.schema.iter().map(|schema| Ok(RecordBatch::new_empty(schema.clone())));
        let batches: Batches = match &self.parts[part] {
            Some(part) => Box::new(part.file.batches()?),
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
