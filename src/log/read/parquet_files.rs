//! One table in Parquet: a file, or a folder of files, plain or hive style.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray, new_null_array,
};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Type as PhysicalType;
use parquet::errors::ParquetError;

use super::cells::common_type;
use super::hive::HiveColumn;
use super::kinds::{agree, kept_type};
use crate::error::{Error, Result};

/// Rows that are decoded at once.
const BATCH_ROWS: usize = 65_536;

/// The files of one table and what all of them hold.
#[derive(Debug, Clone)]
pub(crate) struct ParquetFiles {
    files: Vec<OneFile>,
    schema: SchemaRef,
    /// Columns told by the names of folders; they follow those of `schema`.
    hive: Vec<HiveColumn>,
}

#[derive(Debug, Clone)]
struct OneFile {
    path: PathBuf,
    schema: SchemaRef,
    rows: u64,
}

/// Whether a path ends as Parquet files do.
pub(crate) fn is_parquet(path: &Path) -> bool {
    let name = path.to_string_lossy().to_ascii_lowercase();
    name.ends_with(".parquet") || name.ends_with(".pq")
}

impl ParquetFiles {
    /// Looks at the ends of all files: what columns they hold and how many rows.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let paths = files_of(path)?;
        if paths.is_empty() {
            return Err(Error::file(path, "the folder holds no .parquet file"));
        }
        let files: Vec<OneFile> = paths.into_iter().map(look).collect::<Result<_>>()?;
        let schema = files[0].schema.clone();
        let hive = match path.is_dir() {
            true => HiveColumn::of(path, files.iter().map(|file| file.path.as_path()), &schema)?,
            false => Vec::new(),
        };
        Ok(ParquetFiles { files, schema, hive })
    }

    /// The names of all columns.
    pub(crate) fn names(&self) -> Vec<String> {
        let own = self.schema.fields().iter().map(|field| field.name().clone());
        own.chain(self.hive.iter().map(|column| column.name.clone())).collect()
    }

    /// Rows of all files.
    pub(crate) fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Every file and the number of rows before it.
    pub(crate) fn starts(&self) -> Vec<(u64, PathBuf)> {
        let mut before = 0;
        let start = |file: &OneFile| {
            before += file.rows;
            (before - file.rows, file.path.clone())
        };
        self.files.iter().map(start).collect()
    }

    /// Refuses files that lack a column at these places of [`ParquetFiles::names`], or hold it by a
    /// type of another kind. `known` columns that only a later file has are refused too.
    pub(crate) fn check(&self, wanted: &[usize], known: impl Fn(&str) -> bool) -> Result<()> {
        let first = self.files[0].path.display();
        let own = self.schema.fields();
        for field in wanted.iter().filter_map(|&place| own.get(place)) {
            let name = field.name();
            let mut typed = &self.files[0];
            let mut expected = field.data_type();
            for file in &self.files[1..] {
                let mut found = file.schema.fields().iter().filter(|own| own.name() == name);
                let data_type = match (found.next(), found.next()) {
                    (Some(found), None) => found.data_type(),
                    (Some(_), Some(_)) => {
                        return Err(Error::file(&file.path, format!("has column `{name}` twice")));
                    }
                    (None, _) => {
                        let message = format!("has no column `{name}`, which {first} has");
                        return Err(Error::file(&file.path, message));
                    }
                };
                if !agree(data_type, expected) {
                    let message = format!(
                        "column `{name}` is of type {data_type} here and {expected} in {}; the \
                         files of a folder must agree",
                        typed.path.display()
                    );
                    return Err(Error::file(&file.path, message));
                }
                if expected.is_null() {
                    (typed, expected) = (file, data_type);
                }
            }
        }
        for file in &self.files[1..] {
            for field in file.schema.fields() {
                let name = field.name();
                if known(name) && self.names().iter().all(|own| own != name) {
                    let message = format!("has a column `{name}`, which {first} lacks");
                    return Err(Error::file(&file.path, message));
                }
            }
        }
        Ok(())
    }

    /// The one type that holds a column of all files; `are_amounts` as for [`kept_type`].
    pub(crate) fn kept_type(&self, place: usize, are_amounts: bool) -> DataType {
        let Some(field) = self.schema.fields().get(place) else {
            return common_type(&self.hive[place - self.schema.fields().len()].data_type);
        };
        let fields = self.files.iter().filter_map(|f| f.schema.field_with_name(field.name()).ok());
        kept_type(fields.map(Field::data_type), are_amounts)
    }

    /// The rows of all files, one file after the other, with the columns at these places of
    /// [`ParquetFiles::names`].
    pub(crate) fn batches(
        self,
        wanted: Vec<usize>,
        kept: Vec<DataType>,
    ) -> impl Iterator<Item = Result<RecordBatch>> {
        let mut number = 0;
        let mut open: Option<OpenFile> = None;
        std::iter::from_fn(move || {
            loop {
                let file = match &mut open {
                    Some(file) => file,
                    None if number == self.files.len() => return None,
                    None => match self.open_file(number, &wanted) {
                        Ok(file) => open.insert(file),
                        Err(error) => {
                            number = self.files.len();
                            return Some(Err(error));
                        }
                    },
                };
                match file.next() {
                    Ok(Some(batch)) => return Some(self.arrange(number, batch, &wanted, &kept)),
                    Ok(None) => {
                        open = None;
                        number += 1;
                    }
                    Err(error) => {
                        open = None;
                        number = self.files.len();
                        return Some(Err(error));
                    }
                }
            }
        })
    }

    fn open_file(&self, number: usize, wanted: &[usize]) -> Result<OpenFile> {
        let OneFile { path, schema, .. } = &self.files[number];
        let builder = builder(path)?;
        let own = self.schema.fields();
        let names = wanted.iter().filter_map(|&place| own.get(place)).map(|field| field.name());
        let roots: Vec<usize> = names.filter_map(|name| schema.index_of(name).ok()).collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
        let builder = builder.with_projection(mask).with_batch_size(BATCH_ROWS);
        let reader = guarded(path, || builder.build())?;
        Ok(OpenFile { path: path.clone(), reader })
    }

    /// The columns of a batch in the order wanted, those of the folders' names among them. Nulls of
    /// no type get that of the other files.
    fn arrange(
        &self,
        number: usize,
        batch: RecordBatch,
        wanted: &[usize],
        kept: &[DataType],
    ) -> Result<RecordBatch> {
        let own = self.schema.fields();
        let column = |(&place, kept): (&usize, &DataType)| -> Result<(FieldRef, ArrayRef)> {
            if let Some(field) = own.get(place) {
                let index = batch.schema().index_of(field.name())?;
                if batch.column(index).data_type().is_null() {
                    let nulls = new_null_array(kept, batch.num_rows());
                    return Ok((Arc::new(Field::new(field.name(), kept.clone(), true)), nulls));
                }
                return Ok((
                    Arc::new(batch.schema().field(index).clone()),
                    batch.column(index).clone(),
                ));
            }
            let hive = &self.hive[place - own.len()];
            let array = hive.array(number, batch.num_rows());
            Ok((Arc::new(Field::new(&hive.name, array.data_type().clone(), true)), array))
        };
        let columns: Vec<_> = wanted.iter().zip(kept).map(column).collect::<Result<_>>()?;
        let (fields, arrays): (Vec<FieldRef>, Vec<ArrayRef>) = columns.into_iter().unzip();
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let schema = Arc::new(Schema::new(fields));
        Ok(RecordBatch::try_new_with_options(schema, arrays, &options)?)
    }
}

struct OpenFile {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
}

impl OpenFile {
    fn next(&mut self) -> Result<Option<RecordBatch>> {
        guarded(&self.path, || self.reader.next().transpose())
    }
}

impl HiveColumn {
    /// A column of one value.
    fn array(&self, file: usize, rows: usize) -> ArrayRef {
        let Some(value) = &self.values[file] else { return new_null_array(&self.data_type, rows) };
        match self.data_type {
            DataType::Int64 => Arc::new(Int64Array::from_value(value.parse().unwrap_or(0), rows)),
            DataType::Float64 => {
                Arc::new(Float64Array::from_value(value.parse().unwrap_or(f64::NAN), rows))
            }
            DataType::Date32 => Arc::new(Date32Array::from_value(self.day(value), rows)),
            _ => Arc::new(StringArray::from_iter_values(std::iter::repeat_n(value, rows))),
        }
    }
}

/// The Parquet files of a table, which may be one.
pub(crate) fn files_of(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    match path.is_dir() {
        true => list(path, &mut path.canonicalize().into_iter().collect(), &mut found)?,
        false => found.push(path.to_owned()),
    }
    Ok(found)
}

/// Lists the Parquet files below a folder, by name. Names with a leading `.` or `_` are other
/// programs' own. What is there twice, by links, is read once.
fn list(folder: &Path, seen: &mut HashSet<PathBuf>, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = std::fs::read_dir(folder).map_err(|error| Error::io(folder, error))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|error| Error::io(folder, error))?.path());
    }
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(['.', '_']) {
            continue;
        }
        let is_folder = path.is_dir();
        if !(is_folder || is_parquet(&path)) {
            continue;
        }
        let place = path.canonicalize().map_err(|error| Error::io(&path, error))?;
        if !seen.insert(place) {
            continue;
        }
        if is_folder {
            list(&path, seen, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

fn look(path: PathBuf) -> Result<OneFile> {
    let builder = builder(&path)?;
    let rows = builder.metadata().file_metadata().num_rows().max(0) as u64;
    let schema = builder.schema().clone();
    Ok(OneFile { path, schema, rows })
}

fn builder(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(path).map_err(|error| Error::io(path, error))?;
    guarded(path, || {
        let mut metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::default())?;
        if let Some(schema) = with_wide_times(&metadata) {
            let options = ArrowReaderOptions::new().with_schema(schema);
            metadata = ArrowReaderMetadata::try_new(metadata.metadata().clone(), options)?;
        }
        Ok::<_, ParquetError>(ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata))
    })
}

/// The schema with times of 96 bits, as Spark and Hive write them, in microseconds: in nanoseconds,
/// which they are by default, times outside the years 1677 to 2262 wrap around before they can be
/// refused. None for a file without such times.
fn with_wide_times(metadata: &ArrowReaderMetadata) -> Option<SchemaRef> {
    let own = metadata.schema();
    let stored = metadata.parquet_schema().root_schema().get_fields();
    let mut fields = own.fields().to_vec();
    for (field, stored) in fields.iter_mut().zip(stored) {
        let is_wide = stored.is_primitive() && stored.get_physical_type() == PhysicalType::INT96;
        if let (true, DataType::Timestamp(_, zone)) = (is_wide, field.data_type()) {
            let micros = DataType::Timestamp(TimeUnit::Microsecond, zone.clone());
            *field = Arc::new(field.as_ref().clone().with_data_type(micros));
        }
    }
    let wide = Schema::new_with_metadata(fields, own.metadata().clone());
    (wide != **own).then(|| Arc::new(wide))
}

/// Reads from a Parquet file. Its library panics on some damaged files; to the caller they are
/// errors as others.
fn guarded<T, E: std::error::Error + Send + Sync + 'static>(
    path: &Path,
    read: impl FnOnce() -> std::result::Result<T, E>,
) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
        .map_err(|_| Error::file(path, "the file is damaged"))?
        .map_err(|error| Error::unreadable(path, error))
}
