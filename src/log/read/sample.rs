//! Some rows of a table of which nothing is known yet, every column as texts.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Schema};

use super::cells::{decoded_type, is_text};
use super::csv::encoding;
use super::input_options::InputOptions;
use super::schema::{ColumnNames, TableSpec};
use super::source::{self, Source, TableReader};
use super::table_files::{FileKind, TableFiles, open_file};
use crate::error::Result;
use crate::log::store::options::BadRows;

/// So many rows at the start are looked at.
const FIRST_ROWS: usize = 10_000;
/// So many after each batch that follows.
const BLOCK_ROWS: usize = 500;
/// No more rows than these are looked at.
const MOST_ROWS: usize = 30_000;

/// Bytes by which the encoding is told.
const START: u64 = 1 << 16;

const ANY: TableSpec = TableSpec { name: "table", needed: &[], optional: &[] };

/// The type that an input gives a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GivenType {
    /// Texts, which may stand for anything where they come from a text file.
    Text,
    Number,
    Time,
    Flag,
    /// Lists, structs and others that no log takes.
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
    /// Rows that were looked at.
    pub(crate) rows_seen: u64,
    /// Rows there are; none where they were not counted.
    pub(crate) rows: Option<u64>,
}

impl TableSample {
    /// Some rows of a file or a folder, below so many lines of a text file. A quick look ends after
    /// the first ones.
    pub(crate) fn of_path(path: &Path, skip_rows: usize, quick: bool) -> Result<Self> {
        let encoding = likely_encoding(path);
        let options = InputOptions {
            bad_rows: BadRows::Drop,
            skip_rows,
            encoding: encoding.map(encoding::encoding).transpose()?,
            ..InputOptions::default()
        };
        let options = Arc::new(options);
        let open = |source| source::open(source, &ANY, &ColumnNames::default(), &options, true);
        let sample = Self::of(open(Source::Path(path.to_owned()))?, quick)?;
        Ok(TableSample { encoding, ..sample })
    }

    /// Some rows of a table in memory.
    pub(crate) fn of_batches(batches: &[RecordBatch], quick: bool) -> Result<Self> {
        let options = Arc::new(InputOptions::default());
        let schema = batches.first().map_or_else(|| Schema::empty().into(), RecordBatch::schema);
        let batches = batches.to_vec();
        let source = Source::Batches { schema, batches };
        Self::of(source::open(source, &ANY, &ColumnNames::default(), &options, true)?, quick)
    }

    fn of(reader: TableReader, quick: bool) -> Result<Self> {
        let mut sample = TableSample {
            columns: Vec::new(),
            is_text_file: reader.untyped,
            encoding: None,
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

/// The encoding of a plain text file whose start is not UTF-8 and does not show another one.
fn likely_encoding(path: &Path) -> Option<&'static str> {
    let files = TableFiles::of(path).ok().filter(|files| files.kind == FileKind::Csv)?;
    let mut start = Vec::new();
    let (file, _) = open_file(files.files.first()?).ok()?;
    file.take(START).read_to_end(&mut start).ok()?;
    let is_utf8 = match std::str::from_utf8(&start) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(), // cut within a character
    };
    let is_packed = start.starts_with(b"\x1f\x8b");
    if is_utf8 || is_packed || encoding::shown_encoding(&start).is_some() {
        return None;
    }
    Some(encoding::likely(&start).0)
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

fn add_cells(array: &ArrayRef, column: &mut SampledColumn) {
    match arrow_cast::cast(array, &DataType::LargeUtf8) {
        Ok(texts) => {
            let texts = texts.as_string::<i64>().iter();
            column.cells.extend(texts.map(|text| text.map(str::to_owned)));
        }
        Err(_) => column.given = GivenType::Other,
    }
}
