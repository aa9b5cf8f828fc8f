//! One CSV file, row by row.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Cursor, Error as IoError, ErrorKind, Read};
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, UTF_8};
use flate2::bufread::MultiGzDecoder;

use super::dialect::{guessed_separator, told_separator};
use super::encoding::{as_utf8, likely, read_as, shown_encoding};
use super::records::{Fault, Records};
use crate::error::{Error, Result, quoted};
use crate::input_file;
use crate::log::read::input_limits::{CELL_WIDTH, InputLimits};
use crate::log::read::input_options::InputOptions;

/// Bytes by which encoding and separator are found.
const START: u64 = 1 << 16;
const GZIP: &[u8] = b"\x1f\x8b";

/// The first bytes of files that are no text.
const NO_TEXT: [(&[u8], &str); 7] = [
    (b"PK\x03\x04", "a zip archive; workbooks end in .xlsx"),
    (b"PAR1", "a Parquet file; such files end in .parquet"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd; text is read plain or packed by gzip"),
    (b"BZh", "packed by bzip2; text is read plain or packed by gzip"),
    (b"\xfd7zXZ", "packed by xz; text is read plain or packed by gzip"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file; save it as .xlsx or .csv"),
    (b"\xff\xfe\0\0", "in UTF-32; save it as UTF-8"),
];

/// A row that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Row {
    /// It has as many cells as the header.
    Even,
    /// It has more or fewer.
    Uneven,
}

/// A CSV file with its header read.
pub(crate) struct CsvFile {
    path: PathBuf,
    records: Records,
    header: Vec<String>,
    separator: u8,
    encoding: &'static Encoding,
    /// What is likely by the start of a file that is not UTF-8 there.
    likely: Option<&'static str>,
    limits: InputLimits,
    bytes: u64,
    row: u64,
}

impl CsvFile {
    pub(crate) fn open(path: &Path, options: &InputOptions) -> Result<Self> {
        let limits = options.limits;
        let failed = |error| read_error(path, error);
        let (start, input, bytes) = opened(path, limits)?;
        let likely = likely_of(&start);
        let (encoding, mark) =
            shown_encoding(&start).unwrap_or((options.encoding.unwrap_or(UTF_8), 0));
        let mut text = as_utf8(behind(start, mark, input), encoding);
        let start = start_of(&mut text).map_err(failed)?;
        let (told, line) =
            told_separator(&start).map_or((None, 0), |(told, line)| (Some(told), line));
        let mut text = behind(start, line, text);
        let skipped = match options.skip_rows {
            0 => 0,
            lines => {
                let mut lines_of = BufReader::with_capacity(1 << 16, text);
                let skipped = skip_lines(&mut lines_of, lines as u64).map_err(failed)?;
                text = Box::new(lines_of);
                skipped
            }
        };
        let start = start_of(&mut text).map_err(failed)?;
        let guessed = || guessed_separator(&start, (start.len() as u64) < START, limits);
        let separator = options.separator.or(told).unwrap_or_else(guessed);
        let first_line = 1 + u64::from(told.is_some()) + skipped;
        let text = behind(start, 0, text);
        let records = Records::new(text, separator, first_line, limits);
        let (path, header) = (path.to_owned(), Vec::new());
        let mut file =
            CsvFile { path, records, header, separator, encoding, likely, limits, bytes, row: 0 };
        file.read_header()?;
        Ok(file)
    }

    /// The names of the columns; that of a column without a name is empty.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// What separates its cells.
    pub(crate) fn separator(&self) -> u8 {
        self.separator
    }

    /// Goes to the next row, of which so many cells are wanted; nothing where there is none.
    pub(crate) fn next_row(&mut self, wanted: usize) -> Result<Option<Row>> {
        while self.records.next().map_err(|fault| self.error(fault))? {
            let (found, expected) = (self.records.cells(), self.header.len());
            if found == 1
                && expected > 1
                && self.records.cell(0).iter().all(u8::is_ascii_whitespace)
            {
                continue; // a line of blanks is empty
            }
            self.row += 1;
            let bytes = self.row.saturating_mul(wanted as u64 * CELL_WIDTH);
            self.limits.check_expansion(&self.path, self.bytes, bytes)?;
            return Ok(Some(if found == expected { Row::Even } else { Row::Uneven }));
        }
        Ok(None)
    }

    /// The number of the row, counted from 1.
    pub(crate) fn row(&self) -> u64 {
        self.row
    }

    /// A cell of the row, or what is wrong with it.
    pub(crate) fn cell(&self, index: usize) -> Result<Cow<'_, str>, String> {
        let not_text = |bytes: &[u8]| match self.encoding == UTF_8 {
            false => format!("is not {} text", self.encoding.name()),
            true => {
                let (name, text) = match self.likely {
                    Some(name) => (name, read_as(name, bytes)),
                    None => likely(bytes),
                };
                format!("is not UTF-8 text; encoding=\"{name}\" reads it as {}", quoted(&text))
            }
        };
        match self.records.cell(index) {
            Cow::Borrowed(bytes) => {
                std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| not_text(bytes))
            }
            Cow::Owned(bytes) => {
                String::from_utf8(bytes).map(Cow::Owned).map_err(|e| not_text(e.as_bytes()))
            }
        }
    }

    fn read_header(&mut self) -> Result<()> {
        if !self.records.next().map_err(|fault| self.error(fault))? {
            return Err(Error::file(&self.path, "the file is empty; a header line is expected"));
        }
        let columns = self.records.cells();
        self.limits.check_columns(&self.path, columns as u64)?;
        for index in 0..columns {
            let name = self.cell(index).map_err(|message| {
                Error::file(&self.path, format!("the name of column {}: {message}", index + 1))
            })?;
            let name = name.trim().to_owned();
            self.header.push(name);
        }
        self.records.keep(columns);
        Ok(())
    }

    /// What is wrong with an uneven row.
    pub(crate) fn uneven(&self) -> String {
        let (found, expected) = (self.records.cells(), self.header.len());
        format!("found {found} fields where the header has {expected}")
    }

    /// That an uneven row is no row.
    pub(crate) fn uneven_error(&self) -> Error {
        let (row, line, what) = (self.row, self.records.first_line(), self.uneven());
        let message = format!(
            "row {row} (line {line}): {what}; the file may be cut short or another separator be used"
        );
        Error::file(&self.path, message)
    }

    fn error(&self, fault: Fault) -> Error {
        match fault {
            Fault::Input(error) => read_error(&self.path, error),
            Fault::Text { line, message } if self.header.is_empty() => {
                Error::file(&self.path, format!("header (line {line}): {message}"))
            }
            Fault::Text { line, message } => {
                let row = self.row + 1;
                Error::file(&self.path, format!("row {row} (line {line}): {message}"))
            }
        }
    }
}

/// The likely encoding of a text file that is neither UTF-8 nor shows another one. The start of it
/// tells; where that is UTF-8, all that follows.
pub(crate) fn likely_encoding(path: &Path, limits: InputLimits) -> Result<Option<&'static str>> {
    let (mut start, mut rest, _) = opened(path, limits)?;
    if shown_encoding(&start).is_some() {
        return Ok(None);
    }
    loop {
        // What follows the last line may be cut within a character.
        let end = start.iter().rposition(|byte| *byte == b'\n').map_or(start.len(), |end| end + 1);
        if let Some(name) = likely_of(&start[..end]) {
            return Ok(Some(name));
        }
        let next = start_of(&mut rest).map_err(|error| read_error(path, error))?;
        if next.is_empty() {
            return Ok(likely_of(&start));
        }
        start.drain(..end);
        start.extend(next);
    }
}

/// The likely encoding of a text that is not UTF-8; its last character may be cut.
fn likely_of(text: &[u8]) -> Option<&'static str> {
    let is_utf8 = std::str::from_utf8(text).err().is_none_or(|error| error.error_len().is_none());
    (!is_utf8).then(|| likely(text).0)
}

/// The start of a file, unpacked, what follows, and the size of the file.
fn opened(path: &Path, limits: InputLimits) -> Result<(Vec<u8>, Box<dyn Read + Send>, u64)> {
    let (file, bytes) = input_file::open(path)?;
    let failed = |error| read_error(path, error);
    let mut file = BufReader::with_capacity(1 << 16, file);
    let is_packed = file.fill_buf().map_err(failed)?.starts_with(GZIP);
    let mut input: Box<dyn Read + Send> = Box::new(file);
    if is_packed {
        let left = limits.expanded(bytes);
        let input_of = MultiGzDecoder::new(BufReader::with_capacity(1 << 16, input));
        input = Box::new(Unpacked { input: input_of, left, message: limits.expands(bytes) });
    }
    let start = start_of(&mut input).map_err(failed)?;
    match NO_TEXT.iter().find(|(first, _)| start.starts_with(first)) {
        Some((_, what)) => Err(Error::file(path, format!("is no text but {what}"))),
        None => Ok((start, input, bytes)),
    }
}

/// What is unpacked, up to a limit.
struct Unpacked<R> {
    input: R,
    left: u64,
    message: String,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        let left = self.left.checked_sub(read as u64);
        self.left =
            left.ok_or_else(|| IoError::new(ErrorKind::FileTooLarge, self.message.clone()))?;
        Ok(read)
    }
}

/// The first bytes of an input.
fn start_of(input: &mut Box<dyn Read + Send>) -> std::io::Result<Vec<u8>> {
    let mut start = Vec::new();
    input.by_ref().take(START).read_to_end(&mut start)?;
    Ok(start)
}

/// Skips so many lines, which LF, CRLF or CR end; fewer where there are no more.
fn skip_lines(text: &mut impl BufRead, lines: u64) -> std::io::Result<u64> {
    let mut skipped = 0;
    while skipped < lines {
        let buffer = text.fill_buf()?;
        if buffer.is_empty() {
            return Ok(skipped);
        }
        let Some(end) = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            let length = buffer.len();
            text.consume(length);
            continue;
        };
        let is_return = buffer[end] == b'\r';
        text.consume(end + 1);
        if is_return && text.fill_buf()?.first() == Some(&b'\n') {
            text.consume(1);
        }
        skipped += 1;
    }
    Ok(skipped)
}

/// An input from behind so many of its first bytes on, which were read.
fn behind(start: Vec<u8>, skipped: usize, rest: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
    let mut start = Cursor::new(start);
    start.set_position(skipped as u64);
    Box::new(start.chain(rest))
}

fn read_error(path: &Path, error: IoError) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedEof => Error::file(path, "the file is cut short"),
        ErrorKind::FileTooLarge => Error::file(path, error.to_string()),
        ErrorKind::InvalidData | ErrorKind::InvalidInput => Error::unreadable(path, error),
        _ => Error::io(path, error),
    }
}
