//! Tables in packed files, attacked from outside and, with what is inside made to fit, from within.

use std::io::{Cursor, Read, Write};
use std::sync::LazyLock;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::GzEncoder;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use winback::Result;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::same;
use super::tables::{read, seeds, unpacked};
use crate::target::Target;

/// CSV packed by gzip.
pub(super) const GZIP: Target = Target {
    name: "gzip",
    seeds: || seeds("csv").iter().map(|text| gzip(text)).collect(),
    mend: gzip_sums,
    run: |bytes| read(bytes, "csv.gz"),
    unpacked,
};

/// A workbook of Excel.
pub(super) const WORKBOOK: Target = Target {
    name: "workbook",
    seeds: || vec![workbook()],
    mend: same,
    run: |bytes| read(bytes, "xlsx"),
    unpacked,
};

/// A sheet within a workbook.
pub(super) const SHEET: Target = Target {
    name: "sheet",
    seeds: || vec![sheet(&workbook())],
    mend: same,
    run: in_workbook,
    unpacked,
};

/// The head of a file without a name, and the tail with a checksum and a length.
const HEAD: usize = 10;
const TAIL: usize = 8;
/// More is not unpacked here.
const MOST: u64 = 16 << 20;
const SHEET_FILE: &str = "xl/worksheets/sheet1.xml";

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

/// A checksum and a length that fit what is packed, where it can be unpacked.
fn gzip_sums(mut bytes: Vec<u8>) -> Vec<u8> {
    let Some(end) = bytes.len().checked_sub(TAIL).filter(|&end| end > HEAD) else { return bytes };
    let mut text = Vec::new();
    if DeflateDecoder::new(&bytes[HEAD..end]).take(MOST).read_to_end(&mut text).is_ok() {
        let sum = crc32fast::hash(&text);
        bytes[end..end + 4].copy_from_slice(&sum.to_le_bytes());
        bytes[end + 4..].copy_from_slice(&(text.len() as u32).to_le_bytes());
    }
    bytes
}

/// Rows with every kind of cell.
fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["customer_id", "time", "amount", "category"]).unwrap();
    let time = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    for row in 1..9 {
        sheet.write(row, 0, format!("c{}", row % 4)).unwrap();
        let day = ExcelDateTime::from_serial_datetime(45_000.25 + f64::from(7 * row)).unwrap();
        sheet.write_with_format(row, 1, &day, &time).unwrap();
        sheet.write(row, 2, 1.25 * f64::from(row)).unwrap();
    }
    sheet.write(3, 3, "tea").unwrap();
    sheet.write(4, 3, true).unwrap();
    sheet.write_formula(5, 3, Formula::new("=1+1").set_result("2")).unwrap();
    book.save_to_buffer().unwrap()
}

fn sheet(book: &[u8]) -> Vec<u8> {
    let mut book = ZipArchive::new(Cursor::new(book)).unwrap();
    let mut sheet = Vec::new();
    book.by_name(SHEET_FILE).unwrap().read_to_end(&mut sheet).unwrap();
    sheet
}

fn in_workbook(sheet: &[u8]) -> Result<()> {
    static BOOK: LazyLock<Vec<u8>> = LazyLock::new(workbook);
    let book = {
        let mut from = ZipArchive::new(Cursor::new(BOOK.as_slice())).unwrap();
        let mut to = ZipWriter::new(Cursor::new(Vec::new()));
        for i in 0..from.len() {
            let mut file = from.by_index(i).unwrap();
            let name = file.name().unwrap().into_owned();
            to.start_file(&name, SimpleFileOptions::default()).unwrap();
            match name == SHEET_FILE {
                true => to.write_all(sheet).unwrap(),
                false => drop(std::io::copy(&mut file, &mut to).unwrap()),
            }
        }
        to.finish().unwrap().into_inner()
    };
    read(&book, "xlsx")
}
