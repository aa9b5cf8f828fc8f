//! Some rows of a table of which nothing is known yet, or all of them, every column as texts.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, LargeStringArray, RecordBatch};
use arrow_cast::cast;
use arrow_schema::{DataType, Schema, TimeUnit};

use super::cells::{decoded_type, is_text};
use super::csv;
use super::input_options::InputOptions;
use super::schema::{ANY, ColumnNames};
use super::source::{self, Source, TableReader};
use super::table_files::{FileKind, TableFiles, check_path};
use crate::error::Result;
use crate::log::store::options::BadRows;

/// So many rows at the start are looked at.
const FIRST_ROWS: usize = 10_000;
/// So many after each batch that follows.
const BLOCK_ROWS: usize = 500;
/// No more rows than these are looked at.
const MOST_ROWS: usize = 30_000;

/// The type that an input gives a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GivenType {
    /// Texts, which may stand for anything where they come from a text file.
    Text,
    Number,
    Time,
    Flag,
    /// Lists, values of several types, and other types that no log takes.
    Other,
}

/// A column and its cells in the rows that are looked at.
#[derive(Debug, Clone)]
pub(crate) struct SampledColumn {
    pub(crate) name: String,
    pub(crate) given: GivenType,
    pub(crate) cells: Vec<Option<String>>,
}

/// Some rows of a table.
#[derive(Debug, Clone)]
pub(crate) struct TableSample {
    pub(crate) columns: Vec<SampledColumn>,
    /// Whether its cells are texts whose type is not known.
    pub(crate) is_text_file: bool,
    /// The likely encoding of a text file that does not show its own.
    pub(crate) encoding: Option<&'static str>,
    /// What separates the cells of a CSV file.
    pub(crate) separator: Option<char>,
    /// Rows that were looked at.
    pub(crate) rows_seen: u64,
    /// Rows there are; none where they were not counted.
    pub(crate) rows: Option<u64>,
}

/// A table that is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TableInput<'a> {
    Path(&'a Path),
    Batches(&'a [RecordBatch]),
}

impl<'a> TableInput<'a> {
    pub(crate) fn path(self) -> Option<&'a Path> {
        match self {
            TableInput::Path(path) => Some(path),
            TableInput::Batches(_) => None,
        }
    }

    /// The kind of its files.
    pub(crate) fn kind(self) -> Option<FileKind> {
        self.path().and_then(|path| TableFiles::of(path).ok()).map(|files| files.kind)
    }

    /// All columns, in rows that can be read at all.
    fn open(self, options: &InputOptions) -> Result<TableReader> {
        let mut options = InputOptions { bad_rows: BadRows::Drop, ..options.clone() };
        let sheet = options.sheets.values().next().cloned();
        options.sheets.extend(sheet.map(|sheet| (ANY.name, sheet)));
        let source = match self {
            TableInput::Path(path) => Source::Path(path.to_owned()),
            TableInput::Batches(batches) => {
                let schema = batches.first().map_or_else(|| Schema::empty().into(), |b| b.schema());
                Source::Batches { schema, batches: batches.to_vec() }
            }
        };
        source::open(source, &ANY, &ColumnNames::default(), &Arc::new(options), true)
    }
}

/// Hands on all rows of a table, batch by batch, with the names of its columns.
pub(crate) fn scan(
    input: TableInput<'_>,
    options: &InputOptions,
    mut each: impl FnMut(&[String], &RecordBatch) -> Result<()>,
) -> Result<()> {
    let reader = input.open(options)?;
    let names: Vec<String> = reader.rest.iter().map(|column| column.input.clone()).collect();
    reader.batches.into_iter().try_for_each(|batch| each(&names, &batch?))
}

impl TableSample {
    /// Some rows of a table. A quick look ends after the first ones.
    pub(crate) fn of(input: TableInput<'_>, options: &InputOptions, quick: bool) -> Result<Self> {
        input.path().map_or(Ok(()), check_path)?;
        let mut options = options.clone();
        let (mut encoding, mut separator) = (None, None);
        if let (Some(path), Some(FileKind::Csv)) = (input.path(), input.kind()) {
            let files = TableFiles::of(path)?.files;
            if let (Some(first), None) = (files.first(), options.encoding) {
                encoding = csv::likely_encoding(first, options.limits)?;
                options.encoding = encoding.map(csv::encoding::encoding).transpose()?;
            }
            if let Some(first) = files.first() {
                separator = csv::separator(first, &options).ok().map(char::from);
            }
        }
        let sample = Self::read(input.open(&options)?, quick)?;
        Ok(TableSample { encoding, separator, ..sample })
    }

    fn read(reader: TableReader, quick: bool) -> Result<Self> {
        let mut sample = TableSample {
            columns: Vec::new(),
            is_text_file: reader.untyped,
            encoding: None,
            separator: None,
            rows_seen: 0,
            rows: None,
        };
        let names: Vec<String> = reader.rest.iter().map(|column| column.input.clone()).collect();
        let ignored = reader.ignored;
        let mut rows = 0;
        for batch in reader.batches {
            let batch = batch?;
            rows += batch.num_rows() as u64;
            let seen = sample.rows_seen as usize;
            let wanted = match FIRST_ROWS.checked_sub(seen) {
                Some(left) if left > 0 => left,
                _ => BLOCK_ROWS.min(MOST_ROWS.saturating_sub(seen)),
            };
            if sample.columns.is_empty() {
                let arrays = names.iter().zip(batch.columns());
                let column = |(name, array): (&String, &ArrayRef)| SampledColumn {
                    name: name.clone(),
                    given: given_type(array.data_type()),
                    cells: Vec::new(),
                };
                sample.columns = arrays.map(column).collect();
            }
            let wanted = wanted.min(batch.num_rows());
            for (column, array) in sample.columns.iter_mut().zip(batch.columns()) {
                add_cells(&array.slice(0, wanted), column);
            }
            sample.rows_seen += wanted as u64;
            if quick && sample.rows_seen >= FIRST_ROWS as u64 {
                break;
            }
        }
        if !quick || rows < FIRST_ROWS as u64 {
            sample.rows = Some(rows);
        } else if reader.rows > 0 {
            sample.rows = Some(reader.rows);
        }
        if sample.columns.is_empty() {
            let column = |name: &String| SampledColumn {
                name: name.clone(),
                given: GivenType::Text,
                cells: Vec::new(),
            };
            sample.columns = names.iter().map(column).collect();
        }
        sample.columns.extend(ignored.into_iter().map(|name| SampledColumn {
            name,
            given: GivenType::Other,
            cells: Vec::new(),
        }));
        Ok(sample)
    }
}

fn given_type(data_type: &DataType) -> GivenType {
    match decoded_type(data_type) {
        DataType::Boolean => GivenType::Flag,
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => GivenType::Time,
        text if is_text(text) || *text == DataType::Null => GivenType::Text,
        number if number.is_numeric() => GivenType::Number,
        _ => GivenType::Other,
    }
}

/// Cells as texts; none where they can be none. Instants of a zone are those of UTC, and numbers have
/// no exponents.
pub(crate) fn as_texts(array: &ArrayRef) -> Option<LargeStringArray> {
    let plain = match decoded_type(array.data_type()) {
        DataType::Float64 => {
            let floats = cast(array, &DataType::Float64).ok()?;
            let floats = floats.as_primitive::<Float64Type>().iter();
            return Some(floats.map(|float| float.map(|float| float.to_string())).collect());
        }
        DataType::Timestamp(_, Some(_)) => {
            let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()));
            cast(array, &utc).ok()?
        }
        _ => array.clone(),
    };
    Some(cast(&plain, &DataType::LargeUtf8).ok()?.as_string::<i64>().clone())
}

fn add_cells(array: &ArrayRef, column: &mut SampledColumn) {
    match as_texts(array) {
        Some(texts) => column.cells.extend(texts.iter().map(|text| text.map(str::to_owned))),
        None => column.given = GivenType::Other,
    }
}
