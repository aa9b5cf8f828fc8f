//! Text cut into records and cells.
//!
//! A quote opens a cell only where the cell begins, blanks before it aside; elsewhere it stands for
//! itself. An opened cell ends at the next quote that is not doubled, and nothing but blanks may
//! stand between that and the separator: everything else is an error, for a quote that is not meant
//! would swallow rows. Records end with LF, CRLF or CR; empty lines are none.

use std::borrow::Cow;
use std::io::Read;

use crate::log::read::input_limits::InputLimits;

/// Bytes that are asked for at once, at least.
const BUFFER: usize = 1 << 17;

/// Why there is no further record.
#[derive(Debug)]
pub(crate) enum Fault {
    Input(std::io::Error),
    /// What is wrong at this line, counted from 1.
    Text {
        line: u64,
        message: String,
    },
}

pub(crate) struct Records {
    input: Box<dyn Read + Send>,
    separator: u8,
    /// Whether a byte ends a cell that no quote opens.
    ends_cell: [bool; 256],
    limits: InputLimits,
    /// Cells of a record that are kept; further ones are counted only.
    most_cells: usize,
    buffer: Vec<u8>,
    /// What of `buffer` was read and is not yet cut.
    start: usize,
    filled: usize,
    at_end: bool,
    /// The line at `start`.
    line: u64,
    /// Of the last record.
    cells: Vec<Cell>,
    found: usize,
    first_line: u64,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    from: usize,
    to: usize,
    has_doubled_quotes: bool,
}

/// What stands in the buffer from where it is not yet cut.
enum Next {
    /// A record that ends before this place, and the line there.
    Record {
        end: usize,
        line: u64,
    },
    /// Less than a record; the rest of it must be read.
    More,
    End,
}

impl Records {
    /// `line` is that of the first byte, counted from 1.
    pub(crate) fn new(
        input: Box<dyn Read + Send>,
        separator: u8,
        line: u64,
        limits: InputLimits,
    ) -> Self {
        let mut ends_cell = [false; 256];
        [separator, b'\n', b'\r'].into_iter().for_each(|byte| ends_cell[usize::from(byte)] = true);
        Records {
            input,
            separator,
            ends_cell,
            limits,
            most_cells: limits.columns.try_into().unwrap_or(usize::MAX),
            buffer: Vec::new(),
            start: 0,
            filled: 0,
            at_end: false,
            line,
            cells: Vec::new(),
            found: 0,
            first_line: line,
        }
    }

    /// Keeps only so many cells of the records that follow.
    pub(crate) fn keep(&mut self, cells: usize) {
        self.most_cells = cells;
    }

    /// Goes to the next record; false where there is none.
    pub(crate) fn next(&mut self) -> Result<bool, Fault> {
        loop {
            // Out of the way, for the cells are marked while it is looked at.
            let buffer = std::mem::take(&mut self.buffer);
            let next = self.cut(&buffer[..self.filled]);
            self.buffer = buffer;
            match next? {
                Next::Record { end, line } => {
                    (self.start, self.line) = (end, line);
                    return Ok(true);
                }
                Next::More => self.fill()?,
                Next::End => return Ok(false),
            }
        }
    }

    /// Number of cells of the record.
    pub(crate) fn cells(&self) -> usize {
        self.found
    }

    /// The line on which the record begins.
    pub(crate) fn first_line(&self) -> u64 {
        self.first_line
    }

    /// A cell of the record; nothing where it has less.
    pub(crate) fn cell(&self, index: usize) -> Cow<'_, [u8]> {
        let Some(cell) = self.cells.get(index) else { return Cow::Borrowed(&[]) };
        let bytes = &self.buffer[cell.from..cell.to];
        if !cell.has_doubled_quotes {
            return Cow::Borrowed(bytes);
        }
        let mut plain = Vec::with_capacity(bytes.len());
        let mut bytes = bytes.iter();
        while let Some(&byte) = bytes.next() {
            plain.push(byte);
            if byte == b'"' {
                bytes.next();
            }
        }
        Cow::Owned(plain)
    }

    /// Reads on, behind what is not yet cut.
    fn fill(&mut self) -> Result<(), Fault> {
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        if self.filled as u64 > self.limits.record_bytes {
            return Err(self.too_long(self.line));
        }
        let size = BUFFER.max(2 * self.filled);
        if self.buffer.len() < size {
            self.buffer.resize(size, 0);
        }
        // Inputs that unpack or decode give little at a time.
        let wanted = self.filled + size / 2;
        while self.filled < wanted && !self.at_end {
            match self.input.read(&mut self.buffer[self.filled..]) {
                Ok(0) => self.at_end = true,
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::Input(error)),
            }
        }
        Ok(())
    }

    /// Finds the next record in the buffer.
    fn cut(&mut self, bytes: &[u8]) -> Result<Next, Fault> {
        let (mut at, mut line) = (self.start, self.line);
        while let Some(b'\n' | b'\r') = bytes.get(at) {
            let Some(end) = line_end(bytes, at, self.at_end) else { return Ok(Next::More) };
            (at, line) = (end, line + 1);
            (self.start, self.line) = (at, line);
        }
        if at == bytes.len() {
            return Ok(if self.at_end { Next::End } else { Next::More });
        }
        self.first_line = line;
        self.cells.clear();
        self.found = 0;
        loop {
            let begin = at;
            let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t') && *byte != self.separator;
            let mut quote = begin;
            while bytes.get(quote).is_some_and(is_blank) {
                quote += 1;
            }
            let cell = if bytes.get(quote) == Some(&b'"') {
                let opened = line;
                let Some(cell) = quoted(bytes, quote, &mut line) else {
                    if self.at_end {
                        let message = "the quote that opens a cell here is not closed; the file \
                                       may be cut short";
                        return Err(Fault::Text { line: opened, message: message.into() });
                    }
                    self.check_cell(bytes.len() - begin, opened)?;
                    return Ok(Next::More);
                };
                at = cell.to + 1;
                while bytes.get(at).is_some_and(is_blank) {
                    at += 1;
                }
                match bytes.get(at) {
                    // What follows may be a second quote, too.
                    None if !self.at_end => return Ok(Next::More),
                    Some(&byte) if !self.ends_cell[usize::from(byte)] => {
                        let message = "text follows the closing quote of a cell that opens here; \
                                       quotes inside a cell are doubled, as in \"5\"\" pipe\"";
                        return Err(Fault::Text { line: opened, message: message.into() });
                    }
                    _ => {}
                }
                self.check_cell(cell.to - cell.from, opened)?;
                cell
            } else {
                let rest = &bytes[begin..];
                let length = rest.iter().position(|&byte| self.ends_cell[usize::from(byte)]);
                self.check_cell(length.unwrap_or(rest.len()), line)?;
                if length.is_none() && !self.at_end {
                    return Ok(Next::More);
                }
                at = begin + length.unwrap_or(rest.len());
                Cell { from: begin, to: at, has_doubled_quotes: false }
            };
            if self.found < self.most_cells {
                self.cells.push(cell);
            }
            self.found += 1;
            if bytes.get(at) == Some(&self.separator) {
                at += 1;
                continue;
            }
            let end = if at == bytes.len() { Some(at) } else { line_end(bytes, at, self.at_end) };
            let Some(end) = end else { return Ok(Next::More) };
            if (end - self.start) as u64 > self.limits.record_bytes {
                return Err(self.too_long(self.first_line));
            }
            return Ok(Next::Record { end, line: line + 1 });
        }
    }

    fn check_cell(&self, length: usize, line: u64) -> Result<(), Fault> {
        let limit = self.limits.cell_bytes;
        if length as u64 <= limit {
            return Ok(());
        }
        let message = format!(
            "a cell that begins here has more than {limit} bytes, the limit `cell_bytes`; a quote \
             may not be closed"
        );
        Err(Fault::Text { line, message })
    }

    fn too_long(&self, line: u64) -> Fault {
        let limit = self.limits.record_bytes;
        let message = format!("the row has more than {limit} bytes, the limit `record_bytes`");
        Fault::Text { line, message }
    }
}

/// The cell that a quote opens, up to its closing quote, if that is there.
fn quoted(bytes: &[u8], quote: usize, line: &mut u64) -> Option<Cell> {
    let mut cell = Cell { from: quote + 1, to: quote + 1, has_doubled_quotes: false };
    loop {
        let rest = &bytes[cell.to..];
        cell.to += rest.iter().position(|&byte| byte == b'"')?;
        if bytes.get(cell.to + 1) != Some(&b'"') {
            break;
        }
        cell.has_doubled_quotes = true;
        cell.to += 2;
    }
    let inside = &bytes[cell.from..cell.to];
    let breaks = |(i, &byte): (usize, &u8)| {
        byte == b'\n' || byte == b'\r' && inside.get(i + 1) != Some(&b'\n')
    };
    *line += inside.iter().enumerate().filter(|&byte| breaks(byte)).count() as u64;
    Some(cell)
}

/// Where the line ends whose last byte is at this place; none where that is not known yet.
fn line_end(bytes: &[u8], at: usize, at_end: bool) -> Option<usize> {
    match (bytes[at], bytes.get(at + 1)) {
        (b'\r', Some(b'\n')) => Some(at + 2),
        (b'\r', None) if !at_end => None,
        _ => Some(at + 1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives its bytes a few at a time.
    struct Slow(std::io::Cursor<Vec<u8>>, usize);

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let few = self.1.min(buffer.len());
            self.0.read(&mut buffer[..few])
        }
    }

    fn records(text: &str, separator: u8, few: usize) -> Result<Vec<(u64, Vec<String>)>, String> {
        let input = Slow(std::io::Cursor::new(text.as_bytes().to_vec()), few);
        let mut records = Records::new(Box::new(input), separator, 1, InputLimits::default());
        let mut found = Vec::new();
        loop {
            match records.next() {
                Ok(true) => {
                    let cell = |i| String::from_utf8(records.cell(i).into_owned()).unwrap();
                    found.push((records.first_line(), (0..records.cells()).map(cell).collect()));
                }
                Ok(false) => return Ok(found),
                Err(Fault::Text { line, message }) => {
                    return Err(format!("line {line}: {message}"));
                }
                Err(Fault::Input(error)) => return Err(error.to_string()),
            }
        }
    }

    #[test]
    fn cells_are_what_the_text_says() {
        for (text, expected) in [
            ("a,b\n1,2\n", vec![(1, vec!["a", "b"]), (2, vec!["1", "2"])]),
            ("a,b\r\n\r\n1,2", vec![(1, vec!["a", "b"]), (3, vec!["1", "2"])]),
            ("a\r\rb\rc", vec![(1, vec!["a"]), (3, vec!["b"]), (4, vec!["c"])]),
            ("a,\n,\n", vec![(1, vec!["a", ""]), (2, vec!["", ""])]),
            ("a,5\" pipe,x\"y\"\n", vec![(1, vec!["a", "5\" pipe", "x\"y\""])]),
            ("\"a,\"\"b\"\"\n\",c\nd", vec![(1, vec!["a,\"b\"\n", "c"]), (3, vec!["d"])]),
            ("a, \"b,c\" ,d\n", vec![(1, vec!["a", "b,c", "d"])]),
            ("a, b c ,\"\"\n", vec![(1, vec!["a", " b c ", ""])]),
            ("", vec![]),
            ("\n\r\n", vec![]),
        ] {
            for few in [1, 3, 1000] {
                let found = records(text, b',', few).unwrap();
                let shown: Vec<(u64, Vec<&str>)> = found
                    .iter()
                    .map(|(line, cells)| (*line, cells.iter().map(String::as_str).collect()))
                    .collect();
                assert_eq!(shown, expected, "{text:?}, {few}");
            }
        }
    }

    #[test]
    fn quotes_that_swallow_rows_are_told_where_they_open() {
        for (text, expected) in [
            ("a,b\n1,\"x\n2,y\n3,z\n", "line 2: the quote that opens a cell here is not closed"),
            ("a,b\n1,\"x\n2,\"y\"\n", "line 2: text follows the closing quote"),
            ("a,b\n\n1,\"x\"y\n2,z\n", "line 3: text follows the closing quote"),
            ("a,b\n1, \"x\" y\n", "line 2: text follows the closing quote"),
            ("a,\"b\nc\",\"d\"e\n", "line 2: text follows the closing quote"),
        ] {
            for few in [1, 1000] {
                let error = records(text, b',', few).unwrap_err();
                assert!(error.starts_with(expected), "{text:?}: {error}");
            }
        }
    }

    proptest! {
        /// Tables that the `csv` crate writes are read as they were, however little is read at once.
        #[test]
        fn what_is_written_is_read(
            table in proptest::collection::vec(
                proptest::collection::vec("[ a\",;\t\r\né]{0,5}", 2..5), 0..8),
            separator in prop_oneof![Just(b','), Just(b';'), Just(b'\t')],
            few in 1usize..9,
            crlf in any::<bool>(),
            always in any::<bool>(),
        ) {
            let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
            let mut writer = csv::WriterBuilder::new()
                .flexible(true)
                .delimiter(separator)
                .terminator(terminator)
                .quote_style(style)
                .from_writer(Vec::new());
            table.iter().for_each(|row| writer.write_record(row).unwrap());
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let found = records(&text, separator, few).unwrap();
            let cells: Vec<Vec<String>> = found.into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(cells, table);
        }

        /// Any text is cut the same way however it arrives, or refused with the same words.
        #[test]
        fn it_does_not_matter_how_text_arrives(text in "[a\",\r\n ]{0,40}", few in 1usize..9) {
            prop_assert_eq!(records(&text, b',', few), records(&text, b',', 1000));
        }
    }
}
