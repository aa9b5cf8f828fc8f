//! Where a table comes from, as a stream of Arrow record batches.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::csv::CsvTable;
use super::schema::{Column, ColumnNames, TableSpec};
use crate::error::{Error, Result};

/// One input table before it is read.
pub(crate) enum Source {
    Batches { schema: SchemaRef, batches: Vec<RecordBatch> },
    Stream(Box<dyn RecordBatchReader + Send>),
    Path(PathBuf),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::Batches { batches, .. } => write!(f, "{} record batches", batches.len()),
            Source::Stream(_) => f.write_str("a stream of record batches"),
            Source::Path(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A kind of file that can be read, by its ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Parquet,
    Csv { gzip: bool },
}

pub(crate) fn file_kind(path: &Path) -> Result<FileKind> {
    let name = path.to_string_lossy().to_ascii_lowercase();
    if name.ends_with(".parquet") || name.ends_with(".pq") {
        Ok(FileKind::Parquet)
    } else if name.ends_with(".csv") || name.ends_with(".tsv") || name.ends_with(".txt") {
        Ok(FileKind::Csv { gzip: false })
    } else if name.ends_with(".csv.gz") || name.ends_with(".tsv.gz") || name.ends_with(".txt.gz") {
        Ok(FileKind::Csv { gzip: true })
    } else {
        Err(Error::parameter("path", path.display(), "a file ending in .parquet, .csv or .csv.gz"))
    }
}

pub(crate) type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// The batches of one table; each holds the columns of `columns`, in their order.
pub(crate) struct TableReader {
    pub(crate) table: &'static str,
    pub(crate) columns: Vec<Column>,
    /// Other columns of the input, which only the customers table reads.
    pub(crate) rest: Vec<Column>,
    /// Columns of the input that are not read.
    pub(crate) unused: Vec<String>,
    /// Whether cells are texts whose type is not known (CSV).
    pub(crate) untyped: bool,
    pub(crate) batches: Batches,
}

/// Opens a source and finds the table's columns. With `rest` all other columns are read too.
pub(crate) fn open(
    source: Source,
    spec: &TableSpec,
    names: &ColumnNames,
    separator: Option<u8>,
    rest: bool,
) -> Result<TableReader> {
    let table = spec.name;
    let mut unused = Vec::new();
    let mut resolve = |found: Vec<String>| -> Result<(Vec<Column>, Vec<Column>)> {
        let columns = spec.resolve(&found, names)?;
        let others = other_columns(&found, &columns);
        if rest {
            return Ok((columns, others));
        }
        unused = others.into_iter().map(|column| column.input).collect();
        Ok((columns, Vec::new()))
    };
    let untyped = matches!(&source, Source::Path(path) if file_kind(path)? != FileKind::Parquet);
    let (columns, rest, batches): (_, _, Batches) = match source {
        Source::Batches { schema, batches } => {
            let (columns, rest) = resolve(field_names(&schema))?;
            let wanted = indices(&columns, &rest);
            let batches = batches.into_iter().map(move |batch| Ok(batch.project(&wanted)?));
            (columns, rest, Box::new(batches))
        }
        Source::Stream(stream) => {
            let (columns, rest) = resolve(field_names(&stream.schema()))?;
            let wanted = indices(&columns, &rest);
            let batches = stream.map(move |batch| Ok(batch?.project(&wanted)?));
            (columns, rest, Box::new(batches))
        }
        Source::Path(path) => match file_kind(&path)? {
            FileKind::Csv { gzip } => {
                let csv = CsvTable::open(&path, table, gzip, separator)?;
                let (columns, rest) = resolve(csv.header().to_vec())?;
                let batches = csv.batches(indices(&columns, &rest));
                (columns, rest, Box::new(batches))
            }
            FileKind::Parquet => {
                let file = File::open(&path).map_err(|e| Error::io(&path, e))?;
                let builder = guarded(&path, || ParquetRecordBatchReaderBuilder::try_new(file))?;
                let (columns, rest) = resolve(field_names(builder.schema()))?;
                let wanted = indices(&columns, &rest);
                // A projection keeps the file's order of columns; `order` restores the table's.
                let mut sorted = wanted.clone();
                sorted.sort_unstable();
                let order: Vec<usize> =
                    wanted.iter().filter_map(|i| sorted.binary_search(i).ok()).collect();
                let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
                let builder = builder.with_projection(mask).with_batch_size(65_536);
                let mut reader = guarded(&path, || builder.build())?;
                let batches = std::iter::from_fn(move || {
                    let batch = guarded(&path, || reader.next().transpose()).transpose()?;
                    Some(batch.and_then(|batch| Ok(batch.project(&order)?)))
                });
                (columns, rest, Box::new(batches))
            }
        },
    };
    Ok(TableReader { table, columns, rest, unused, untyped, batches })
}

/// Reads from a Parquet file. Its library panics on some damaged files; to the caller they are
/// errors as others.
fn guarded<T, E: std::fmt::Display>(
    path: &Path,
    read: impl FnOnce() -> std::result::Result<T, E>,
) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
        .map_err(|_| Error::file(path, "the file is damaged"))?
        .map_err(|error| Error::file(path, error))
}

fn field_names(schema: &SchemaRef) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

fn indices(columns: &[Column], rest: &[Column]) -> Vec<usize> {
    columns.iter().chain(rest).map(|column| column.index).collect()
}

fn other_columns(found: &[String], columns: &[Column]) -> Vec<Column> {
    (0..found.len())
        .filter(|index| columns.iter().all(|column| column.index != *index))
        .map(|index| Column { name: "", input: found[index].clone(), index })
        .collect()
}
