//! Writing tables and files: they are written aside and renamed, so no half-written file stays.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::answer::atomic_file::{Aside, folder_of};
use crate::error::{Error, Result};
use crate::time::Timestamp;

/// Rows of a group in a Parquet file.
const ROW_GROUP: usize = 1 << 17;

/// Writes a table to a file ending in `.parquet` or `.csv`.
///
/// An existing file is replaced only once the new one is complete. CSV: numbers as the shortest
/// text that reads back to the same bits, an empty cell for null and NaN, times in ISO 8601.
///
/// # Errors
/// [`Error::Argument`] for another ending, [`Error::Io`] when the file cannot be written.
pub fn write_table(batch: &RecordBatch, path: impl AsRef<Path>) -> Result<()> {
    let mut writer = TableWriter::create(path, &batch.schema())?;
    writer.write(batch)?;
    writer.finish()
}

/// Writes a table batch by batch, as [`write_table`] does all at once: the file does not appear
/// until it is finished.
///
/// ```
/// use winback::answer::output::TableWriter;
/// use winback::simulate::Simulation;
/// # let folder = tempfile::tempdir().map_err(|e| winback::Error::Shape(e.to_string()))?;
/// # let path = folder.path().join("orders.parquet");
/// let orders = Simulation::default().customers(50).run()?.transactions;
/// let mut writer = TableWriter::create(&path, &orders.schema())?;
/// writer.write(&orders.slice(0, 10))?;
/// writer.write(&orders.slice(10, 5))?;
/// assert!(!path.exists());
/// writer.finish()?;
/// assert!(path.exists());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug)]
pub struct TableWriter {
    sink: Sink,
    path: PathBuf,
}

#[derive(Debug)]
enum Sink {
    Parquet(Box<ArrowWriter<Aside>>),
    Csv(Box<csv::Writer<Aside>>),
}

impl TableWriter {
    /// Begins a file ending in `.parquet` or `.csv`.
    ///
    /// # Errors
    /// As [`check_table_path`].
    pub fn create(path: impl AsRef<Path>, schema: &SchemaRef) -> Result<Self> {
        let path = path.as_ref().to_owned();
        check_table_path(&path)?;
        let out = Aside::create(&path)?;
        let begin = || -> std::io::Result<Sink> {
            if ending(&path).as_deref() == Some("csv") {
                let mut writer = csv::WriterBuilder::new().from_writer(out);
                writer.write_record(schema.fields().iter().map(|field| field.name()))?;
                return Ok(Sink::Csv(Box::new(writer)));
            }
            let properties = WriterProperties::builder()
                .set_compression(Compression::ZSTD(ZstdLevel::default()))
                .set_max_row_group_row_count(Some(ROW_GROUP))
                .set_created_by(concat!("winback ", env!("CARGO_PKG_VERSION")).into())
                .build();
            let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties))?;
            Ok(Sink::Parquet(Box::new(writer)))
        };
        let sink = begin().map_err(|error| Error::io(&path, error))?;
        Ok(TableWriter { sink, path })
    }

    /// Appends rows.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written or the batch has other columns.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let written = match &mut self.sink {
            Sink::Parquet(writer) => writer.write(batch).map_err(of_parquet),
            Sink::Csv(writer) => write_rows(batch, writer),
        };
        written.map_err(|error| Error::io(&self.path, error))
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
    pub fn finish(self) -> Result<()> {
        let TableWriter { sink, path } = self;
        let out = match sink {
            Sink::Parquet(writer) => writer.into_inner().map_err(of_parquet),
            Sink::Csv(writer) => writer.into_inner().map_err(|error| error.into_error()),
        };
        out.and_then(|out| out.finish(&path)).map_err(|error| Error::io(&path, error))
    }
}

/// Rejects a path that [`write_table`] would reject, before any work is done.
///
/// # Errors
/// [`Error::Argument`] for another ending, otherwise as [`check_path`].
pub fn check_table_path(path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    if !matches!(ending(path).as_deref(), Some("parquet" | "csv")) {
        let expected = "a file ending in .parquet or .csv";
        return Err(Error::path_argument("path", path, expected));
    }
    check_path(path)
}

/// Rejects a path where no file can be written, before any work is done.
///
/// # Errors
/// [`Error::Io`] when there is no such folder or the path is a folder.
pub fn check_path(path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    let folder = folder_of(path);
    let found = std::fs::metadata(folder).map_err(|error| Error::io(folder, error))?;
    if !found.is_dir() {
        return Err(Error::io(folder, ErrorKind::NotADirectory.into()));
    }
    if path.is_dir() {
        return Err(Error::io(path, ErrorKind::IsADirectory.into()));
    }
    Ok(())
}

/// Writes a text file all at once, as [`write_table`] does.
///
/// # Errors
/// [`Error::Io`] when the file cannot be written.
pub fn write_text(text: &str, path: impl AsRef<Path>) -> Result<()> {
    write_aside(path.as_ref(), |out| out.write_all(text.as_bytes()))
}

fn ending(path: &Path) -> Option<String> {
    path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase)
}

/// Writes a file beside its place and renames it there once it is complete.
pub(crate) fn write_aside(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<()> {
    if path.is_dir() {
        return Err(Error::io(path, ErrorKind::IsADirectory.into()));
    }
    let mut out = Aside::create(path)?;
    write(&mut out).and_then(|()| out.finish(path)).map_err(|error| Error::io(path, error))
}

/// The system's own error, where there was one.
fn of_parquet(error: ParquetError) -> std::io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(source) => *source,
            Err(source) => std::io::Error::other(source),
        },
        other => other.into(),
    }
}

fn write_rows(batch: &RecordBatch, writer: &mut csv::Writer<Aside>) -> std::io::Result<()> {
    let columns = batch.columns().iter().map(plain).collect::<Result<Vec<_>, _>>();
    let columns = columns.map_err(std::io::Error::other)?;
    for row in 0..batch.num_rows() {
        for column in &columns {
            writer.write_field(cell(column.as_ref(), row)?)?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(())
}

/// A dictionary's values, one a row; times in microseconds; other columns as they are.
fn plain(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match column.data_type() {
        DataType::Dictionary(_, values) => arrow_cast::cast(column, values),
        DataType::Timestamp(_, zone) => {
            let micros = DataType::Timestamp(TimeUnit::Microsecond, zone.clone());
            arrow_cast::cast(column, &micros)
        }
        _ => Ok(column.clone()),
    }
}

/// One cell as text; empty for null and NaN.
fn cell(column: &dyn Array, row: usize) -> std::io::Result<String> {
    if column.is_null(row) {
        return Ok(String::new());
    }
    Ok(match column.data_type() {
        DataType::Float64 => match column.as_primitive::<Float64Type>().value(row) {
            value if value.is_nan() => String::new(),
            value => format!("{value}"),
        },
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(row).to_owned(),
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Timestamp(_, _) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            Timestamp::from_micros(micros).map_err(std::io::Error::other)?.to_string()
        }
        other => return Err(std::io::Error::other(format!("a column of type {other}"))),
    })
}
