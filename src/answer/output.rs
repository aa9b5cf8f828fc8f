//! Writing tables and files: they are written aside and renamed, so no half-written file stays.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, TimestampMicrosecondArray};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::answer::atomic_file::{Aside, folder_of};
use crate::error::{Error, Result};
use crate::time::Timestamp;

/// The best that this build has.
#[cfg(feature = "zstd")]
fn compression() -> Compression {
    Compression::ZSTD(parquet::basic::ZstdLevel::default())
}

#[cfg(not(feature = "zstd"))]
fn compression() -> Compression {
    Compression::SNAPPY
}

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
    /// None after a failure: what was written until then is not the table.
    sink: Option<Sink>,
    path: PathBuf,
    schema: SchemaRef,
}

#[derive(Debug)]
enum Sink {
    Parquet(Box<ArrowWriter<Aside>>),
    Csv(Box<csv::Writer<Aside>>),
}

impl TableWriter {
    /// Begins a file ending in `.parquet` or `.csv`. CSV holds every type that has a text form: all
    /// but lists, structs, maps and bytes.
    ///
    /// # Errors
    /// As [`check_table_path`]; [`Error::Column`] for a column that CSV cannot hold.
    pub fn create(path: impl AsRef<Path>, schema: &SchemaRef) -> Result<Self> {
        let path = path.as_ref().to_owned();
        check_table_path(&path)?;
        let is_csv = ending(&path).as_deref() == Some("csv");
        if is_csv {
            check_texts(schema)?;
        }
        let out = Aside::create(&path)?;
        let begin = || -> std::io::Result<Sink> {
            if is_csv {
                let mut writer = csv::WriterBuilder::new().from_writer(out);
                writer.write_record(schema.fields().iter().map(|field| field.name()))?;
                return Ok(Sink::Csv(Box::new(writer)));
            }
            let properties = WriterProperties::builder()
                .set_compression(compression())
                .set_max_row_group_row_count(Some(ROW_GROUP))
                .set_created_by(concat!("winback ", env!("CARGO_PKG_VERSION")).into())
                .build();
            let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties))?;
            Ok(Sink::Parquet(Box::new(writer)))
        };
        let sink = begin().map_err(|error| Error::io(&path, error))?;
        Ok(TableWriter { sink: Some(sink), path, schema: schema.clone() })
    }

    /// Appends rows. After a failure there is no table to finish any more.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written or a write failed before, [`Error::Shape`] for
    /// a batch with other columns.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut sink = self.sink.take().ok_or_else(|| failed(&self.path))?;
        let types = |schema: &SchemaRef| -> Vec<(String, DataType)> {
            let fields = schema.fields().iter();
            fields.map(|field| (field.name().clone(), field.data_type().clone())).collect()
        };
        if types(batch.schema_ref()) != types(&self.schema) {
            return Err(Error::Shape("a batch has other columns than those before it".into()));
        }
        let written = match &mut sink {
            Sink::Parquet(writer) => writer.write(batch).map_err(of_parquet),
            Sink::Csv(writer) => write_rows(batch, writer),
        };
        written.map_err(|error| Error::io(&self.path, error))?;
        self.sink = Some(sink);
        Ok(())
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written or a write failed before.
    pub fn finish(self) -> Result<()> {
        let TableWriter { sink, path, .. } = self;
        let out = match sink.ok_or_else(|| failed(&path))? {
            Sink::Parquet(writer) => writer.into_inner().map_err(of_parquet),
            Sink::Csv(writer) => writer.into_inner().map_err(|error| error.into_error()),
        };
        out.and_then(|out| out.finish(&path)).map_err(|error| Error::io(&path, error))
    }
}

fn failed(path: &Path) -> Error {
    Error::io(path, std::io::Error::other("a write failed before; the table is not complete"))
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

/// Refuses columns without a text form.
fn check_texts(schema: &SchemaRef) -> Result<()> {
    let values = |data_type: &DataType| match data_type {
        DataType::Dictionary(_, values) => values.as_ref().clone(),
        other => other.clone(),
    };
    let has_text = |data_type: &DataType| {
        let is_text =
            matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        is_text
            || data_type.is_primitive()
            || data_type.is_null()
            || *data_type == DataType::Boolean
    };
    match schema.fields().iter().find(|field| !has_text(&values(field.data_type()))) {
        None => Ok(()),
        Some(field) => {
            let found = field.data_type();
            let message = format!("is of type {found}, which CSV cannot hold; write Parquet");
            Err(Error::bad_column("table", field.name(), message))
        }
    }
}

fn write_rows(batch: &RecordBatch, writer: &mut csv::Writer<Aside>) -> std::io::Result<()> {
    let columns: Vec<ArrayRef> = batch.columns().iter().map(plain).collect::<Result<_, _>>()?;
    let cells: Vec<Cells> = columns.iter().map(Cells::of).collect::<Result<_, _>>()?;
    for row in 0..batch.num_rows() {
        for (column, cells) in columns.iter().zip(&cells) {
            match column.is_null(row) {
                true => writer.write_field("")?,
                false => writer.write_field(cells.text(row)?)?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(())
}

/// A dictionary's values, one a row; times in microseconds; other columns as they are.
fn plain(column: &ArrayRef) -> std::io::Result<ArrayRef> {
    let cast = |to: &DataType| arrow_cast::cast(column, to).map_err(std::io::Error::other);
    match column.data_type() {
        DataType::Dictionary(_, values) => plain(&cast(values)?),
        DataType::Timestamp(_, zone) => {
            cast(&DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))
        }
        _ => Ok(column.clone()),
    }
}

/// The texts of a column's cells; that of NaN is empty.
enum Cells<'a> {
    Floats(&'a Float64Array),
    Times(&'a TimestampMicrosecondArray),
    /// And whether they are numbers of few digits, which can be NaN.
    Others(ArrayFormatter<'a>, bool),
}

impl<'a> Cells<'a> {
    fn of(column: &'a ArrayRef) -> std::io::Result<Self> {
        Ok(match column.data_type() {
            DataType::Float64 => Cells::Floats(column.as_primitive()),
            DataType::Timestamp(_, _) => Cells::Times(column.as_primitive()),
            _ => {
                let options = FormatOptions::default();
                let formatter = ArrayFormatter::try_new(column.as_ref(), &options);
                let formatter = formatter.map_err(std::io::Error::other)?;
                Cells::Others(formatter, column.data_type().is_floating())
            }
        })
    }

    fn text(&self, row: usize) -> std::io::Result<String> {
        Ok(match self {
            Cells::Floats(values) if values.value(row).is_nan() => String::new(),
            Cells::Floats(values) => values.value(row).to_string(),
            Cells::Times(times) => {
                let time = Timestamp::from_micros(times.value(row));
                time.map_err(std::io::Error::other)?.to_string()
            }
            Cells::Others(cells, floats) => {
                let text = cells.value(row).try_to_string().map_err(std::io::Error::other)?;
                if *floats && text == "NaN" { String::new() } else { text }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Date32Array, Decimal128Array, Float32Array, Int16Array, ListArray};

    use super::*;

    fn columns(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        RecordBatch::try_from_iter(columns).unwrap()
    }

    #[test]
    fn csv_holds_every_type_that_has_a_text_form() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        let price = Decimal128Array::from(vec![1250, -5]).with_precision_and_scale(9, 2).unwrap();
        let batch = columns(vec![
            ("day", Arc::new(Date32Array::from(vec![0, 19_000])) as ArrayRef),
            ("price", Arc::new(price)),
            ("small", Arc::new(Int16Array::from(vec![Some(-7), None]))),
            ("share", Arc::new(Float32Array::from(vec![0.5, f32::NAN]))),
        ]);
        write_table(&batch, &path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "day,price,small,share\n1970-01-01,12.50,-7,0.5\n2022-01-08,-0.05,,\n");
        let lists: ArrayRef = Arc::new(ListArray::new_null(
            Arc::new(arrow_schema::Field::new("item", DataType::Int64, true)),
            1,
        ));
        let error = write_table(&columns(vec![("tags", lists)]), &path).unwrap_err();
        assert!(matches!(error, Error::Column { .. }), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn after_a_failed_write_there_is_no_table() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["table.csv", "table.parquet"] {
            let path = folder.path().join(name);
            let small = columns(vec![("a", Arc::new(Int16Array::from(vec![1])) as ArrayRef)]);
            let other = columns(vec![("b", Arc::new(Int16Array::from(vec![1])) as ArrayRef)]);
            let mut writer = TableWriter::create(&path, &small.schema()).unwrap();
            writer.write(&small).unwrap();
            assert!(matches!(writer.write(&other), Err(Error::Shape(_))));
            assert!(matches!(writer.write(&small), Err(Error::Io { .. })));
            assert!(matches!(writer.finish(), Err(Error::Io { .. })));
            assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
        }
    }
}
