//! Tables and files out: written aside and renamed, so that nothing half-written stays.

use std::io::{BufWriter, ErrorKind, Write};
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::error::{Error, Result};
use crate::time::Timestamp;

/// Writes a table to a file ending in `.parquet` or `.csv`.
///
/// A file that is there is replaced as a whole once the new one is complete. CSV: numbers by the
/// shortest text that reads back to the same bits, an empty cell for null and NaN, times in ISO
/// 8601.
///
/// # Errors
/// [`Error::Parameter`] for another ending, [`Error::Io`] when the place cannot be written.
pub fn write_table(batch: &RecordBatch, path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    match path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase) {
        Some(ending) if ending == "parquet" => write_aside(path, |out| write_parquet(batch, out)),
        Some(ending) if ending == "csv" => write_aside(path, |out| write_csv(batch, out)),
        _ => Err(Error::parameter("path", path.display(), "a file ending in .parquet or .csv")),
    }
}

/// Refuses a path that [`write_table`] would refuse, before any work is done.
///
/// # Errors
/// [`Error::Parameter`] for another ending, otherwise as [`check_path`].
pub fn check_table_path(path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    if !matches!(ending.as_deref(), Some("parquet" | "csv")) {
        let allowed = "a file ending in .parquet or .csv";
        return Err(Error::parameter("path", path.display(), allowed));
    }
    check_path(path)
}

/// Refuses a place where no file can be written, before any work is done.
///
/// # Errors
/// [`Error::Io`] when there is no such folder or a folder stands in the file's place.
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

/// Writes a text file in one piece, as [`write_table`] does.
///
/// # Errors
/// [`Error::Io`] when the place cannot be written.
pub fn write_text(text: &str, path: impl AsRef<Path>) -> Result<()> {
    write_aside(path.as_ref(), |out| out.write_all(text.as_bytes()))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file beside its place and renames it there once it is complete.
pub(crate) fn write_aside(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<()> {
    let io = |error| Error::io(path, error);
    if path.is_dir() {
        return Err(io(ErrorKind::IsADirectory.into()));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".winback-").suffix(".part");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder_of(path)).map_err(io)?;
    let mut out = BufWriter::with_capacity(1 << 16, file.as_file_mut());
    write(&mut out).and_then(|()| out.flush()).map_err(io)?;
    drop(out);
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|error| Error::io(path, error.error))?;
    Ok(())
}

fn write_parquet(batch: &RecordBatch, out: &mut dyn Write) -> std::io::Result<()> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(concat!("winback ", env!("CARGO_PKG_VERSION")).into())
        .build();
    // The writer wants a `Send` sink; a buffer in memory is one.
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))?;
    writer.write(batch)?;
    writer.close()?;
    out.write_all(&bytes)
}

fn write_csv(batch: &RecordBatch, out: &mut dyn Write) -> std::io::Result<()> {
    let mut writer = csv::WriterBuilder::new().from_writer(out);
    let schema = batch.schema();
    writer.write_record(schema.fields().iter().map(|field| field.name()))?;
    let columns = batch.columns().iter().map(plain).collect::<Result<Vec<_>, _>>();
    let columns = columns.map_err(std::io::Error::other)?;
    for row in 0..batch.num_rows() {
        for column in &columns {
            writer.write_field(cell(column.as_ref(), row)?)?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()
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
