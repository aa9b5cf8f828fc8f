//! Tables and files out: written aside and renamed, so that nothing half-written stays.

use std::io::{BufWriter, Write};
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType, UInt32Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
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
/// [`Error::Parameter`] for another ending, [`Error::Io`] when there is no such folder.
pub fn check_table_path(path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    if !matches!(ending.as_deref(), Some("parquet" | "csv")) {
        let allowed = "a file ending in .parquet or .csv";
        return Err(Error::parameter("path", path.display(), allowed));
    }
    std::fs::metadata(folder_of(path)).map_err(|error| Error::io(path, error))?;
    Ok(())
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
        return Err(io(std::io::Error::from(std::io::ErrorKind::IsADirectory)));
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
    for row in 0..batch.num_rows() {
        for column in batch.columns() {
            writer.write_field(cell(column.as_ref(), row)?)?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()
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
        DataType::Dictionary(_, _) => {
            let dictionary = column.as_dictionary::<UInt32Type>();
            cell(dictionary.values().as_ref(), dictionary.keys().value(row) as usize)?
        }
        other => return Err(std::io::Error::other(format!("a column of type {other}"))),
    })
}
