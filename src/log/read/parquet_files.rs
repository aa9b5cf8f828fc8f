//! One table in Parquet: a file, or a folder of files, plain or hive style.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray, new_null_array,
};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
};
use parquet::basic::{Compression, Type as PhysicalType};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

use super::cells::{common_type, is_text};
use super::file_starts::FileStarts;
use super::guarded::guarded;
use super::hive::HiveColumn;
use super::input_limits::{CELL_WIDTH, InputLimits};
use super::kinds::{agree, kept_type};
use super::parquet_pages::checked_reader;
use super::several_files::{place_in, refuse_more};
use super::table_files::TableFiles;
use super::text_lengths::text_lengths;
use crate::error::{Error, Result, quoted};
use crate::input_file;

/// Rows that are decoded at once, at most.
const BATCH_ROWS: u64 = 65_536;
/// Bytes that are decoded at once, about.
const BATCH_BYTES: u64 = 8 << 20;

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
    bytes: u64,
}

impl OneFile {
    fn names(&self) -> impl Iterator<Item = &String> {
        self.schema.fields().iter().map(|field| field.name())
    }
}

impl ParquetFiles {
    /// Looks at the ends of all files: what columns they hold and how many rows.
    pub(crate) fn open(found: TableFiles) -> Result<Self> {
        let files: Vec<OneFile> = found.files.into_iter().map(look).collect::<Result<_>>()?;
        let schema = files[0].schema.clone();
        let paths = files.iter().map(|file| file.path.as_path());
        let hive = match &found.root {
            Some(root) => HiveColumn::of(root, paths, |name| schema.index_of(name).is_ok())?,
            None => Vec::new(),
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

    /// Tells of every file and the number of rows before it.
    pub(crate) fn tell(&self, starts: &FileStarts) {
        let mut before = 0;
        for file in &self.files {
            starts.push(before, &file.path);
            before += file.rows;
        }
    }

    /// Refuses files whose rows, with columns at these places of [`ParquetFiles::names`], would take
    /// many times the memory that the files take on disk.
    pub(crate) fn check_limits(&self, wanted: &[usize], limits: InputLimits) -> Result<()> {
        for file in &self.files {
            limits.check_columns(&file.path, file.schema.fields().len() as u64)?;
            let bytes = file.rows.saturating_mul(wanted.len() as u64 * CELL_WIDTH);
            limits.check_expansion(&file.path, file.bytes, bytes)?;
        }
        Ok(())
    }

    /// Refuses files that lack a column at these places of [`ParquetFiles::names`], or hold it by a
    /// type of another kind. `known` columns that only a later file has are refused too.
    pub(crate) fn check(&self, wanted: &[usize], known: impl Fn(&str) -> bool) -> Result<()> {
        let first = &self.files[0].path;
        let own = self.schema.fields();
        for field in wanted.iter().filter_map(|&place| own.get(place)) {
            let name = field.name();
            let mut typed = &self.files[0];
            let mut expected = field.data_type();
            for file in &self.files[1..] {
                let place = place_in(&file.path, file.names(), name, first)?;
                let data_type = file.schema.field(place).data_type();
                if !agree(data_type, expected) {
                    let (data_type, expected) = (stored_as(data_type), stored_as(expected));
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
        let names = self.names();
        let mut rest = self.files[1..].iter();
        rest.try_for_each(|file| refuse_more(&file.path, file.names(), &known, &names, first))
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
        limits: InputLimits,
    ) -> impl Iterator<Item = Result<RecordBatch>> {
        let mut number = 0;
        let mut open: Option<OpenFile> = None;
        std::iter::from_fn(move || {
            loop {
                let file = match &mut open {
                    Some(file) => file,
                    None if number == self.files.len() => return None,
                    None => match self.open_file(number, &wanted, limits) {
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

    fn open_file(&self, number: usize, wanted: &[usize], limits: InputLimits) -> Result<OpenFile> {
        let OneFile { path, schema, bytes, .. } = &self.files[number];
        let (file, metadata) = open_ends(path)?;
        let own = self.schema.fields();
        let names = wanted.iter().filter_map(|&place| own.get(place)).map(|field| field.name());
        let roots: Vec<usize> = names.filter_map(|name| schema.index_of(name).ok()).collect();
        let rows = rows_at_once(metadata.metadata(), &roots);
        let reader = guarded(path, || checked_reader(file, &metadata, roots, rows))?;
        Ok(OpenFile { path: path.clone(), reader, limits, bytes: *bytes, held: 0 })
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

/// A type as it is told: texts are no views in the file.
fn stored_as(data_type: &DataType) -> &DataType {
    if is_text(data_type) { &DataType::Utf8 } else { data_type }
}

struct OpenFile {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
    limits: InputLimits,
    /// Of the file.
    bytes: u64,
    /// What was read of it takes in memory.
    held: u64,
}

impl OpenFile {
    fn next(&mut self) -> Result<Option<RecordBatch>> {
        let Some(batch) = guarded(&self.path, || self.reader.next().transpose())? else {
            return Ok(None);
        };
        self.held += batch.num_rows() as u64 * batch.num_columns() as u64 * CELL_WIDTH;
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            let lengths = text_lengths(array)?;
            if let Some(message) = self.limits.too_long(lengths.longest) {
                let column = quoted(field.name());
                return Err(Error::file(&self.path, format!("column {column} {message}")));
            }
            self.held = self.held.saturating_add(lengths.sum);
        }
        self.limits.check_expansion(&self.path, self.bytes, self.held)?;
        Ok(Some(batch))
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

fn look(path: PathBuf) -> Result<OneFile> {
    let (_, ends) = open_ends(&path)?;
    let metadata = ends.metadata();
    let chunks = metadata.row_groups().iter().flat_map(|group| group.columns());
    refuse_unbuilt(&path, chunks.map(|chunk| chunk.compression()), cfg!(feature = "zstd"))?;
    // A damaged file may tell other numbers of rows at the two places.
    let in_groups = metadata.row_groups().iter().map(|group| group.num_rows().max(0) as u64);
    let in_groups = in_groups.fold(0, u64::saturating_add);
    let rows = in_groups.max(metadata.file_metadata().num_rows().max(0) as u64);
    let schema = ends.schema().clone();
    let (_, bytes) = input_file::open(&path)?;
    Ok(OneFile { path, schema, rows, bytes })
}

/// Rows to decode at once, so that those with long texts do not take more memory than others.
fn rows_at_once(metadata: &ParquetMetaData, roots: &[usize]) -> usize {
    let schema = metadata.file_metadata().schema_descr();
    let width = |group: &RowGroupMetaData| {
        let chunks = group.columns().iter().enumerate();
        let own = chunks.filter(|(leaf, _)| roots.contains(&schema.get_column_root_idx(*leaf)));
        let bytes = own.map(|(_, chunk)| chunk.uncompressed_size().max(0) as u64);
        bytes.fold(0, u64::saturating_add) / group.num_rows().max(1) as u64
    };
    let widest = metadata.row_groups().iter().map(width).max().unwrap_or(0);
    (BATCH_BYTES / widest.max(1)).clamp(1, BATCH_ROWS) as usize
}

/// Refuses what only a build with the feature `zstd` unpacks.
fn refuse_unbuilt(
    path: &Path,
    mut packed: impl Iterator<Item = Compression>,
    has_zstd: bool,
) -> Result<()> {
    if has_zstd || !packed.any(|packed| matches!(packed, Compression::ZSTD(_))) {
        return Ok(());
    }
    let message = "is packed by Zstandard, which this build cannot unpack: build winback with the \
                   feature `zstd`";
    Err(Error::file(path, message))
}

/// A file, and what its end tells of it.
fn open_ends(path: &Path) -> Result<(File, ArrowReaderMetadata)> {
    let (file, _) = input_file::open(path)?;
    guarded(path, || {
        let mut metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::default())?;
        if let Some(schema) = as_read(&metadata) {
            let options = ArrowReaderOptions::new().with_schema(schema);
            metadata = ArrowReaderMetadata::try_new(metadata.metadata().clone(), options)?;
        }
        Ok::<_, ParquetError>((file, metadata))
    })
}

/// The schema by which the file is read, if that is not its own.
///
/// Texts are views: equal ones, which a file holds once, take the memory of one. Times of 96 bits, as
/// Spark and Hive write them, are in microseconds: in nanoseconds, which they are by default, times
/// outside the years 1677 to 2262 wrap around before they can be refused. They are instants, unless
/// the file has a schema of Arrow's that says otherwise.
fn as_read(metadata: &ArrowReaderMetadata) -> Option<SchemaRef> {
    let own = metadata.schema();
    let notes = metadata.metadata().file_metadata().key_value_metadata();
    let of_arrow = notes.is_some_and(|notes| notes.iter().any(|note| note.key == "ARROW:schema"));
    let instant = || (!of_arrow).then(|| "UTC".into());
    let stored = metadata.parquet_schema().root_schema().get_fields();
    let mut fields = own.fields().to_vec();
    for (field, stored) in fields.iter_mut().zip(stored) {
        if stored.is_primitive() && is_text(field.data_type()) {
            *field = Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View));
        }
        let is_wide = stored.is_primitive() && stored.get_physical_type() == PhysicalType::INT96;
        if let (true, DataType::Timestamp(_, zone)) = (is_wide, field.data_type()) {
            let zone = zone.clone().or_else(instant);
            let micros = DataType::Timestamp(TimeUnit::Microsecond, zone);
            *field = Arc::new(field.as_ref().clone().with_data_type(micros));
        }
    }
    let wide = Schema::new_with_metadata(fields, own.metadata().clone());
    (wide != **own).then(|| Arc::new(wide))
}

#[cfg(test)]
mod tests {
    use parquet::basic::ZstdLevel;

    use super::*;

    #[test]
    fn what_a_build_cannot_unpack_is_refused_with_the_feature_that_it_lacks() {
        let packed = |last| [Compression::SNAPPY, Compression::UNCOMPRESSED, last].into_iter();
        let zstd = Compression::ZSTD(ZstdLevel::default());
        let path = Path::new("orders.parquet");
        assert!(refuse_unbuilt(path, packed(zstd), true).is_ok());
        assert!(refuse_unbuilt(path, packed(Compression::SNAPPY), false).is_ok());
        let refused = refuse_unbuilt(path, packed(zstd), false).unwrap_err().to_string();
        assert!(refused.contains("orders.parquet") && refused.contains("the feature `zstd`"));
    }
}
