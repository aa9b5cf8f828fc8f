//! Sheets of Excel's workbooks: each is read for what it shows, or refused by one clear message.

use std::io::Write;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use winback::EventLog;
use winback::log::BadRows;

use crate::files::{assert_says, build, read, read_bytes, rows};

fn date(text: &str) -> ExcelDateTime {
    ExcelDateTime::parse_from_str(text).unwrap()
}

/// Writes a header and rows of orders, from this row and column on.
fn write_orders(sheet: &mut Worksheet, row: u32, column: u16) {
    let dates = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss.000");
    for (place, name) in ["customer_id", "time", "amount", "category"].into_iter().enumerate() {
        sheet.write(row, column + place as u16, name).unwrap();
    }
    for (place, (id, time, amount, category)) in [
        (7, "2024-01-05", 3.5, "чай"),
        (9, "2024-01-06T12:30:15.250", -0.1, "5\" pipe"),
        (7, "2024-02-29T23:59:59.999", 1e6, ""),
    ]
    .into_iter()
    .enumerate()
    {
        let row = row + 1 + place as u32;
        sheet.write(row, column, id).unwrap();
        sheet.write_with_format(row, column + 1, date(time), &dates).unwrap();
        sheet.write(row, column + 2, amount).unwrap();
        if !category.is_empty() {
            sheet.write(row, column + 3, category).unwrap();
        }
    }
}

const SHEET_ROWS: [&str; 3] = [
    "7 2024-01-05 3.5 чай",
    "7 2024-02-29T23:59:59.999 1000000 -",
    "9 2024-01-06T12:30:15.25 -0.1 5\" pipe",
];

fn saved(book: &mut Workbook, folder: &Path) -> PathBuf {
    let path = folder.join("orders.xlsx");
    book.save(&path).unwrap();
    path
}

#[test]
fn a_sheet_says_what_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    for (row, column) in [(0, 0), (3, 2)] {
        let mut book = Workbook::new();
        write_orders(book.add_worksheet(), row, column);
        book.add_worksheet();
        let log = read(saved(&mut book, folder.path())).unwrap();
        assert_eq!(rows(&log), SHEET_ROWS);
        assert_eq!(log.report().transactions.rows_kept, 3);
    }
    // Texts, booleans, formulas, blank rows, and notes beside the table.
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    write_orders(sheet, 0, 0);
    sheet.write(6, 0, 8).unwrap();
    sheet.write(6, 1, "2024-03-01").unwrap();
    sheet.write_formula(6, 2, Formula::new("=1+1").set_result("2")).unwrap();
    sheet.write(6, 3, true).unwrap();
    sheet.write(5, 7, "a note").unwrap();
    sheet.write_blank(8, 0, &Format::new().set_bold()).unwrap();
    let log = read(saved(&mut book, folder.path())).unwrap();
    assert_eq!(rows(&log)[2], "8 2024-03-01 2 true");
    assert_eq!(log.report().transactions.rows_read, 4);
}

#[test]
fn cells_of_sheets_that_are_no_values_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let with = |change: &dyn Fn(&mut Worksheet)| {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        write_orders(sheet, 0, 0);
        change(sheet);
        read(saved(&mut book, folder.path()))
    };
    assert_says(
        with(&|sheet| {
            sheet.write(2, 1, 45_297.0).unwrap();
        }),
        "transactions.time, row 2: is the number 45297, not a date; give the column a date format \
         in Excel (cell B3 of sheet Sheet1)",
    );
    let error = |result: &str| Formula::new("=A1").set_result(result);
    assert_says(
        with(&|sheet| {
            sheet.write_formula(1, 2, error("#DIV/0!")).unwrap();
        }),
        "transactions.amount, row 1: is the error #DIV/0! (cell C2 of sheet Sheet1)",
    );
    assert_says(
        with(&|sheet| {
            sheet.write_formula(1, 2, error("#N/A")).unwrap();
        }),
        "transactions.amount, row 1: is missing or not a number",
    );
    assert_says(
        with(&|sheet| {
            sheet.write(3, 0, 1234567890123456.0).unwrap();
        }),
        "transactions.customer_id, row 3: is 1234567890123456, and Excel keeps only fifteen digits",
    );
    assert_says(
        with(&|sheet| {
            sheet.write(3, 2, "much").unwrap();
        }),
        "transactions.amount, row 3: \"much\" is not a number",
    );
    assert_says(
        with(&|sheet| {
            sheet.write(0, 0, "id").unwrap();
        }),
        "transactions.customer_id: no such column; found: id, time, amount, category",
    );
}

#[test]
fn rows_of_sheets_are_dropped_where_bad_rows_are() {
    let folder = tempfile::tempdir().unwrap();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    write_orders(sheet, 0, 0);
    sheet.write(1, 1, 45_297.0).unwrap();
    sheet.write_formula(2, 2, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    let builder = EventLog::builder().transactions_path(saved(&mut book, folder.path())).unwrap();
    let log = build(builder.bad_rows(BadRows::Drop)).unwrap();
    assert_eq!(rows(&log), SHEET_ROWS[1..2]);
    let told: Vec<String> = log.report().dropped.iter().map(ToString::to_string).collect();
    assert_eq!(
        told[1],
        "transactions.amount, row 2: is the error #DIV/0! (cell C3 of sheet Sheet1)"
    );
    assert!(told[0].starts_with("transactions.time, row 1: is the number 45297"), "{}", told[0]);
    // When a row became known is not known: no reason to use it at once.
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    write_orders(sheet, 0, 0);
    sheet.write(0, 4, "known_at").unwrap();
    sheet.write_formula(1, 4, Formula::new("=NA()").set_result("#N/A")).unwrap();
    let path = saved(&mut book, folder.path());
    assert_says(read(path), "transactions.known_at, row 1: is the error #N/A (cell E2 of");
}

#[test]
fn the_sheet_of_several_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut book = Workbook::new();
    write_orders(book.add_worksheet().set_name("Orders").unwrap(), 0, 0);
    let customers = book.add_worksheet().set_name("Customers").unwrap();
    customers.write(0, 0, "customer_id").unwrap();
    customers.write(0, 1, "plan").unwrap();
    customers.write(1, 0, 7).unwrap();
    customers.write(1, 1, "basic").unwrap();
    let path = saved(&mut book, folder.path());
    assert_says(
        read(&path),
        "has several sheets with cells, Orders, Customers; `sheets` names the one of the table \
         transactions",
    );
    let builder = |sheet: &str| {
        let builder = EventLog::builder().transactions_path(&path)?.customers_path(&path)?;
        builder.sheet("transactions", sheet)?.sheet("customers", "Customers")
    };
    let log = build(builder("Orders").unwrap()).unwrap();
    assert_eq!(rows(&log), SHEET_ROWS);
    assert_eq!(log.attribute_names().collect::<Vec<_>>(), ["plan"]);
    assert_says(build(builder("Order").unwrap()), "sheets: expected a sheet of ");
    assert!(EventLog::builder().sheet("orders", "a").is_err());
    let mut book = Workbook::new();
    book.add_worksheet();
    assert_says(read(saved(&mut book, folder.path())), "the sheet is empty");
    assert_says(read_bytes("a.xlsx", b"no zip"), "a.xlsx: cannot be read");
    assert_says(read_bytes("a.xlsx", b"\xd0\xcf\x11\xe0"), "protected by a password");
}

#[test]
fn hostile_workbooks_are_refused_early() {
    let folder = tempfile::tempdir().unwrap();
    let mut book = Workbook::new();
    write_orders(book.add_worksheet(), 0, 0);
    let path = saved(&mut book, folder.path());
    let with = |name: &str, value: u64| {
        build(EventLog::builder().transactions_path(&path)?.limit(name, value)?)
    };
    assert_says(with("columns", 3), "has 4 columns; the limit `columns` is 3");
    // Two cells at the ends of a sheet are not a sheet of 17 thousand million cells.
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    write_orders(sheet, 0, 0);
    sheet.write(1_048_575, 0, 11).unwrap();
    sheet.write(1_048_575, 16_383, "end").unwrap();
    assert_says(read(saved(&mut book, folder.path())), "transactions.time, row 4: is missing");
    // A megabyte of zeros in a kilobyte.
    let path = folder.path().join("zeros.xlsx");
    let file = std::fs::File::create(&path).unwrap();
    let mut zip = zip::ZipWriter::new(file);
    zip.start_file("xl/worksheets/sheet1.xml", zip::write::SimpleFileOptions::default()).unwrap();
    (0..130).for_each(|_| zip.write_all(&vec![b' '; 1 << 20]).unwrap());
    zip.finish().unwrap();
    assert_says(read(&path), "zeros.xlsx: becomes more than 200 times its");
}
