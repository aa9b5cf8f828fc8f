//! CSV files as batches of texts. What a text means is decided where its column is read.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::LargeStringBuilder;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema};
use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, Result};

const BATCH_ROWS: usize = 65_536;
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// An opened CSV file with its header read.
pub(crate) struct CsvTable {
    reader: csv::Reader<QuoteWatch>,
    header: Vec<String>,
    path: PathBuf,
    table: &'static str,
}

impl CsvTable {
    /// Without a separator, the one of `, ; tab |` that stands most often in the header is taken.
    pub(crate) fn open(
        path: &Path,
        table: &'static str,
        gzip: bool,
        separator: Option<u8>,
    ) -> Result<Self> {
        let file = BufReader::new(File::open(path).map_err(|e| Error::io(path, e))?);
        let mut input: Box<dyn BufRead + Send> = if gzip {
            Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(file)))
        } else {
            Box::new(file)
        };
        let start = input.fill_buf().map_err(|e| read_error(path, e))?;
        if start.is_empty() {
            return Err(Error::file(path, "the file is empty; a header line is expected"));
        }
        let mark = if start.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let separator = separator.unwrap_or_else(|| guess_separator(&start[mark..]));
        input.consume(mark);
        let input = QuoteWatch { input, separator, state: Quoting::FieldStart };
        let mut reader =
            csv::ReaderBuilder::new().delimiter(separator).has_headers(true).from_reader(input);
        let header = match reader.headers() {
            Ok(header) => header.iter().map(|name| name.trim().to_owned()).collect(),
            Err(error) => return Err(csv_error(path, error)),
        };
        Ok(CsvTable { reader, header, path: path.to_owned(), table })
    }

    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// The rows as batches of text columns; an empty cell is null.
    pub(crate) fn batches(
        self,
        wanted: Vec<usize>,
    ) -> impl Iterator<Item = Result<RecordBatch>> + Send {
        let fields: Vec<Field> = wanted
            .iter()
            .map(|&index| Field::new(&self.header[index], DataType::LargeUtf8, true))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let CsvTable { mut reader, header, path, table } = self;
        let mut record = csv::ByteRecord::new();
        let mut row = 0u64;
        let mut done = false;
        std::iter::from_fn(move || {
            if done {
                return None;
            }
            let mut columns: Vec<LargeStringBuilder> =
                wanted.iter().map(|_| LargeStringBuilder::new()).collect();
            let mut rows = 0;
            while rows < BATCH_ROWS {
                match reader.read_byte_record(&mut record) {
                    Ok(true) => {}
                    Ok(false) => {
                        done = true;
                        if reader.get_ref().state == Quoting::Quoted {
                            let message = "cut short: the last quoted field is not closed";
                            return Some(Err(Error::file(&path, message)));
                        }
                        break;
                    }
                    Err(error) => {
                        done = true;
                        return Some(Err(csv_error(&path, error)));
                    }
                }
                row += 1;
                rows += 1;
                for (&index, column) in wanted.iter().zip(&mut columns) {
                    let cell = record.get(index).unwrap_or_default();
                    match std::str::from_utf8(cell) {
                        Ok("") => column.append_null(),
                        Ok(text) => column.append_value(text),
                        Err(_) => {
                            done = true;
                            let name = header[index].as_str();
                            return Some(Err(Error::data(table, name, row, "is not UTF-8 text")));
                        }
                    }
                }
            }
            if rows == 0 {
                return None;
            }
            let arrays: Vec<ArrayRef> =
                columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            Some(
                RecordBatch::try_new_with_options(schema.clone(), arrays, &options)
                    .map_err(Error::from),
            )
        })
    }
}

/// Passes bytes on and keeps track of quotes, for the reader takes the end of a file for the end of
/// an open quoted field.
struct QuoteWatch {
    input: Box<dyn BufRead + Send>,
    separator: u8,
    state: Quoting,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote that ends a field unless another one follows.
    QuoteSeen,
}

impl Read for QuoteWatch {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        for &byte in &buffer[..read] {
            let at_end = byte == self.separator || byte == b'\n' || byte == b'\r';
            self.state = match (self.state, byte) {
                (Quoting::Quoted, b'"') => Quoting::QuoteSeen,
                (Quoting::Quoted, _) => Quoting::Quoted,
                (Quoting::QuoteSeen | Quoting::FieldStart, b'"') => Quoting::Quoted,
                _ if at_end => Quoting::FieldStart,
                _ => Quoting::Plain,
            };
        }
        Ok(read)
    }
}

fn guess_separator(start: &[u8]) -> u8 {
    let mut counts = [0usize; SEPARATORS.len()];
    let mut quoted = false;
    for &byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some(i) = SEPARATORS.iter().position(|&s| s == byte) {
                    counts[i] += 1;
                }
            }
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let first = counts.iter().position(|&count| count == most).unwrap_or(0);
    SEPARATORS[first]
}

fn read_error(path: &Path, error: std::io::Error) -> Error {
    use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match error.kind() {
        UnexpectedEof => Error::file(path, "the file is cut short"),
        InvalidData | InvalidInput => Error::unreadable(path, error),
        _ => Error::io(path, error),
    }
}

fn csv_error(path: &Path, error: csv::Error) -> Error {
    let message = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => read_error(path, error),
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let place =
                pos.map_or(String::new(), |p| format!("row {} (line {}): ", p.record(), p.line()));
            Error::file(
                path,
                format!(
                    "{place}found {len} fields where the header has {expected_len}; \
                     the file may be cut short or another separator be used"
                ),
            )
        }
        _ => Error::file(path, message),
    }
}
