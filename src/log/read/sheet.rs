//! Sheets of Excel's workbooks. Cells become texts, as those of CSV files are, so that a table says
//! the same in both.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::guarded::guarded;
use super::input_limits::{CELL_WIDTH, InputLimits};
use super::input_options::InputOptions;
use super::schema::{ANY, Column};
use super::sheet_cells::{cell_name, cell_text};
use super::text_batch::TextBatch;
use crate::error::{Error, Result, names, quoted, shown};
use crate::input_file;
use crate::log::store::options::BadRows;

/// One sheet; its first row that is not empty, those that are skipped aside, is the header.
pub(crate) struct Sheet {
    book: Xlsx<BufReader<File>>,
    name: String,
    path: PathBuf,
    table: &'static str,
    /// The columns that have a name, by their numbers from 0.
    header: Vec<(u32, String)>,
    header_row: u32,
    bytes: u64,
    limits: InputLimits,
    bad_rows: BadRows,
}

impl Sheet {
    pub(crate) fn open(path: &Path, table: &'static str, options: &InputOptions) -> Result<Self> {
        let (limits, asked) = (options.limits, options.sheets.get(table).map(String::as_str));
        let bytes = check_unpacked(path, limits)?;
        let (file, _) = input_file::open(path)?;
        let mut book = guarded(path, || Xlsx::new(BufReader::new(file)))?;
        let above = options.skip_rows.try_into().unwrap_or(u32::MAX);
        let name = guarded(path, || choose(&mut book, asked))?;
        let name = name.map_err(|refused| refused.error(path, table))?;
        let (header_row, header) = guarded(path, || read_header(&mut book, &name, above))?;
        let width = header.last().map_or(0, |(column, _)| u64::from(*column) + 1);
        limits.check_columns(path, width)?;
        let path = path.to_owned();
        Ok(Sheet {
            book,
            name,
            path,
            table,
            header,
            header_row,
            bytes,
            limits,
            bad_rows: options.bad_rows,
        })
    }

    /// The names of the columns that have one.
    pub(crate) fn names(&self) -> Vec<String> {
        self.header.iter().map(|(_, name)| name.clone()).collect()
    }

    /// The rows that are not empty, with these columns of [`Sheet::names`]; an error comes last.
    pub(crate) fn batches(
        mut self,
        columns: Vec<Column>,
    ) -> impl Iterator<Item = Result<RecordBatch>> + Send {
        std::iter::once_with(move || self.read(&columns)).flatten()
    }

    fn read(&mut self, columns: &[Column]) -> Vec<Result<RecordBatch>> {
        let mut batches = Vec::new();
        let read = self.read_rows(columns, &mut batches);
        batches.extend(read.err().map(Err));
        batches
    }

    fn read_rows(
        &mut self,
        columns: &[Column],
        batches: &mut Vec<Result<RecordBatch>>,
    ) -> Result<()> {
        let Sheet { book, name, path, table, header, header_row, bytes, limits, bad_rows } = self;
        let is_1904 = book.has_1904_epoch();
        let mut batch = TextBatch::new(columns.iter().map(|column| column.input.as_str()));
        let mut reader = guarded(path, || book.worksheet_cells_reader(name))?;
        let mut cells: Vec<String> = vec![String::new(); columns.len()];
        let mut wanted = vec![None; header.len()];
        columns.iter().enumerate().for_each(|(i, column)| wanted[column.index] = Some(i));
        let (mut number, mut current) = (0, *header_row);
        // Of the current row, where such rows are dropped.
        let mut unusable = None;
        while let Some(cell) = guarded(path, || reader.next_cell())? {
            let (row, place) = cell.get_position();
            let named = header.binary_search_by_key(&place, |(place, _)| *place);
            let is_value = row > *header_row && !is_empty(cell.get_value());
            let (Ok(named), true) = (named, is_value) else { continue };
            if row < current {
                return Err(Error::file(path, "the rows of the sheet are out of order"));
            }
            if row > current {
                if number > 0 {
                    end_row(&mut batch, &mut cells, unusable.take());
                }
                (number, current) = (number + 1, row);
                let held = (columns.len() as u64 * CELL_WIDTH).saturating_mul(number);
                limits.check_expansion(path, *bytes, held)?;
                if batch.is_full() {
                    batches.extend(batch.take());
                }
            }
            let Some(index) = wanted[named] else { continue };
            let column = &columns[index];
            match cell_text(cell.get_value(), column, is_1904) {
                Ok(text) => cells[index] = text,
                Err(message) => {
                    let cell = cell_name(row, place);
                    let message = format!("{message} (cell {cell} of sheet {})", shown(name));
                    if *bad_rows == BadRows::Drop {
                        unusable.get_or_insert((&column.input, message));
                        continue;
                    }
                    batches.extend(batch.take());
                    return Err(Error::data(table, &column.input, number, message));
                }
            }
        }
        if number > 0 {
            end_row(&mut batch, &mut cells, unusable);
        }
        batches.extend(batch.take());
        Ok(())
    }
}

fn end_row(batch: &mut TextBatch, cells: &mut [String], unusable: Option<(&String, String)>) {
    if let Some((column, reason)) = unusable {
        batch.end_unusable_row(column, reason);
    } else {
        cells.iter().enumerate().for_each(|(column, text)| batch.push(column, text));
        batch.end_row();
    }
    cells.iter_mut().for_each(String::clear);
}

/// Why no sheet could be chosen.
enum Refused {
    NoSuch { asked: String, found: Vec<String> },
    Empty,
    Several(Vec<String>),
}

impl Refused {
    fn error(self, path: &Path, table: &str) -> Error {
        let list = |found: &[String]| names(found.iter().map(String::as_str));
        match self {
            Refused::NoSuch { asked, found } => {
                let expected = format!("a sheet of {}: {}", path.display(), list(&found));
                Error::text_argument("sheets", &asked, expected)
            }
            Refused::Empty => Error::file(path, "the sheet is empty; a header row is expected"),
            Refused::Several(found) => {
                let which = match table == ANY.name {
                    true => format!("`sheets` says which one is meant, as {}", quoted(&found[0])),
                    false => format!("`sheets` names the one of the table {table}"),
                };
                let message = format!("has several sheets with cells, {}; {which}", list(&found));
                Error::file(path, message)
            }
        }
    }
}

/// The sheet that is asked for, or the only visible one that is not empty.
fn choose(
    book: &mut Xlsx<BufReader<File>>,
    asked: Option<&str>,
) -> std::result::Result<std::result::Result<String, Refused>, XlsxError> {
    let sheets = book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let sheets: Vec<_> = sheets.cloned().collect();
    if let Some(asked) = asked {
        let found: Vec<String> = sheets.into_iter().map(|sheet| sheet.name).collect();
        return Ok(match found.iter().any(|name| name == asked) {
            true => Ok(asked.to_owned()),
            false => Err(Refused::NoSuch { asked: asked.to_owned(), found }),
        });
    }
    let mut found = Vec::new();
    for sheet in sheets.into_iter().filter(|sheet| sheet.visible == SheetVisible::Visible) {
        if !read_header(book, &sheet.name, 0)?.1.is_empty() {
            found.push(sheet.name);
        }
    }
    Ok(match found.len() {
        0 => Err(Refused::Empty),
        1 => Ok(found.remove(0)),
        _ => Err(Refused::Several(found)),
    })
}

/// The first row below the first `above` that is not empty, and the names in it by their columns.
fn read_header(
    book: &mut Xlsx<BufReader<File>>,
    name: &str,
    above: u32,
) -> std::result::Result<(u32, Vec<(u32, String)>), XlsxError> {
    let is_1904 = book.has_1904_epoch();
    let mut reader = book.worksheet_cells_reader(name)?;
    let mut header: Option<(u32, Vec<(u32, String)>)> = None;
    while let Some(cell) = reader.next_cell()? {
        let (row, column) = cell.get_position();
        if row < above || is_empty(cell.get_value()) {
            continue;
        }
        let (first, found) = header.get_or_insert((row, Vec::new()));
        if row != *first {
            break;
        }
        let plain = Column { name: "", input: String::new(), index: 0 };
        let text = cell_text(cell.get_value(), &plain, is_1904).unwrap_or_else(|message| message);
        found.push((column, text.trim().to_owned()));
    }
    let (row, mut found) = header.unwrap_or_default();
    found.sort();
    Ok((row, found))
}

fn is_empty(value: &DataRef<'_>) -> bool {
    match value {
        DataRef::Empty => true,
        DataRef::String(text) => text.trim().is_empty(),
        DataRef::SharedString(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// Unpacks a workbook to nowhere, before its content is held in memory, and returns its size.
fn check_unpacked(path: &Path, limits: InputLimits) -> Result<u64> {
    let (mut file, bytes) = input_file::open(path)?;
    let mut first = [0; 4];
    let read = file.read(&mut first).map_err(|error| Error::io(path, error))?;
    if first[..read].starts_with(b"\xd0\xcf\x11\xe0") {
        let message = "is protected by a password or an old Excel file; save it as a plain .xlsx";
        return Err(Error::file(path, message));
    }
    let mut archive = guarded(path, || zip::ZipArchive::new(BufReader::new(file)))?;
    let mut unpacked = 0;
    for index in 0..archive.len() {
        let entry = guarded(path, || archive.by_index(index))?;
        let left = limits.expanded(bytes) + 1 - unpacked;
        unpacked += guarded(path, || std::io::copy(&mut entry.take(left), &mut std::io::sink()))?;
        limits.check_expansion(path, bytes, unpacked)?;
    }
    Ok(bytes)
}
