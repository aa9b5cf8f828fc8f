//! One log, however it is written: files of every dialect and Arrow arrays of every layout are read
//! as the same log, to the bit.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, TimestampMillisecondType};
use arrow_array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, RunArray, StringArray, TimestampSecondArray,
    new_null_array,
};
use arrow_schema::{DataType, TimeUnit};
use proptest::prelude::*;
#[cfg(feature = "xlsx")]
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use winback::answer::output::write_table;
use winback::features::{ColumnValues, FeatureTable};
use winback::log::{EventLogBuilder, MissingIds};
use winback::{Error, EventLog, Timestamp};

const NAMES: [&str; 6] = ["customer_id", "time", "amount", "order_id", "category", "discount"];
/// With blanks, quotes and separators inside, and some that are not there.
const CATEGORIES: [&str; 6] = ["чай", "кофе; зёрна", "5\" pipe, \"long\"", "", "1\n2", "a|b\tc"];

#[derive(Debug, Clone)]
struct Row {
    customer: i64,
    /// Seconds since 2024-01-01.
    second: i64,
    cents: i64,
    order: i64,
    category: usize,
}

impl Row {
    fn time(&self) -> Timestamp {
        let start: Timestamp = "2024-01-01".parse().unwrap();
        Timestamp::from_micros(start.micros() + self.second * 1_000_000).unwrap()
    }

    /// The cells by the order of `NAMES`; there are no discounts.
    fn cells(&self) -> [String; 6] {
        let amount = format!("{}", self.cents as f64 / 100.0);
        [
            self.customer.to_string(),
            self.time().to_string(),
            amount,
            self.order.to_string(),
            CATEGORIES[self.category].to_owned(),
            String::new(),
        ]
    }
}

fn rows(whole_days: bool) -> impl Strategy<Value = Vec<Row>> {
    let unit: i64 = if whole_days { 86_400 } else { 1 };
    let second = (0..150 * 86_400 / unit).prop_map(move |second| second * unit);
    let row = (-3i64..9, second, -500_000i64..5_000_000, 0i64..50, 0..CATEGORIES.len());
    let row = row.prop_map(|(customer, second, cents, order, category)| Row {
        customer,
        second,
        cents,
        order,
        category,
    });
    proptest::collection::vec(row, 3..30)
}

/// All that was read: the report, and ids and features to the bit.
fn fingerprint(builder: EventLogBuilder) -> Result<String, Error> {
    let builder = builder.missing_ids(MissingIds::Error).observed_until("2024-07-01")?;
    let log = builder.build()?;
    let table = FeatureTable::extract(&log, ["2024-06-15"], &[])?;
    let mut text = format!("{}\n{:?}\n", log.report(), log.customers());
    for column in table.columns() {
        let ColumnValues::Numbers(values) = &column.values else { continue };
        let bits: Vec<u64> = values.iter().map(|v| v.unwrap_or(f64::NAN).to_bits()).collect();
        text.push_str(&format!("{} {bits:x?}\n", column.name));
    }
    assert!(text.lines().count() > 20, "{text}");
    Ok(text)
}

#[derive(Debug, Clone, Copy)]
struct Dialect {
    separator: u8,
    always_quoted: bool,
    line_end: &'static str,
    turned: bool,
}

const PLAIN: Dialect =
    Dialect { separator: b',', always_quoted: false, line_end: "\n", turned: false };

fn csv(rows: &[Row], dialect: Dialect) -> String {
    let separator = char::from(dialect.separator);
    let mut order: Vec<usize> = (0..NAMES.len()).collect();
    if dialect.turned {
        order.reverse();
    }
    let cell = |text: &str| match dialect.always_quoted || text.contains([separator, '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let line = |cells: &[String]| {
        let cells: Vec<String> = order.iter().map(|&i| cell(&cells[i])).collect();
        cells.join(&separator.to_string()) + dialect.line_end
    };
    let header = NAMES.map(str::to_owned);
    let lines = rows.iter().map(|row| line(&row.cells()));
    std::iter::once(line(&header)).chain(lines).collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn utf_16(text: &str, mark: bool) -> Vec<u8> {
    let text = if mark { format!("\u{feff}{text}") } else { text.to_owned() };
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The log in text files of many dialects.
fn texts(rows: &[Row], folder: &Path) -> Vec<(String, EventLogBuilder)> {
    let from = |path: PathBuf| EventLog::builder().transactions_path(path).unwrap();
    let mut found = Vec::new();
    let shuffled: Vec<Row> = rows.iter().rev().cloned().collect();
    for (i, separator) in [b',', b';', b'\t', b'|'].into_iter().enumerate() {
        for (j, line_end) in ["\n", "\r\n", "\r"].into_iter().enumerate() {
            let (always_quoted, turned) = ((i + j) % 2 == 0, j == 1);
            let dialect = Dialect { separator, always_quoted, line_end, turned };
            let path = write(folder, &format!("{i}-{j}.csv"), csv(&shuffled, dialect));
            found.push((format!("{dialect:?}"), from(path)));
        }
    }
    let text = csv(rows, Dialect { separator: b';', ..PLAIN });
    let (cp1251, _, failed) = encoding_rs::WINDOWS_1251.encode(&text);
    assert!(!failed);
    for (name, bytes) in [
        ("mark.csv", format!("\u{feff}{text}").into_bytes()),
        ("sep.csv", format!("sep=;\r\n{text}").into_bytes()),
        ("utf-16.csv", utf_16(&text, true)),
        ("utf-16-unmarked.csv", utf_16(&text, false)),
        ("packed.csv.gz", gzip(&text)),
        ("no-last-line-end.csv", text.trim_end().as_bytes().to_vec()),
        ("blank-lines.csv", format!("\n{}\n\n", text.replacen('\n', "\n\n", 1)).into_bytes()),
    ] {
        found.push((name.to_owned(), from(write(folder, name, bytes))));
    }
    let path = write(folder, "cp1251.csv", cp1251);
    found.push(("cp1251".to_owned(), from(path).encoding("cp1251").unwrap()));
    let half = rows.len() / 2;
    let second = Dialect { turned: true, separator: b'\t', always_quoted: true, line_end: "\r\n" };
    write(folder, "parts/a.csv", csv(&rows[..half], PLAIN));
    write(folder, "parts/b/c.csv.gz", gzip(&csv(&rows[half..], second)));
    found.push(("folder".to_owned(), from(folder.join("parts"))));
    found.push(("pattern".to_owned(), from(folder.join("parts/**/*.csv*"))));
    found
}

/// The log in a sheet of Excel.
#[cfg(feature = "xlsx")]
fn sheet(rows: &[Row], folder: &Path) -> EventLogBuilder {
    let mut book = Workbook::new();
    let dates = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let sheet = book.add_worksheet();
    for (column, name) in NAMES.into_iter().enumerate() {
        sheet.write(0, column as u16, name).unwrap();
    }
    for (i, row) in rows.iter().enumerate() {
        let number = 1 + i as u32;
        let time = ExcelDateTime::parse_from_str(&row.time().to_string()).unwrap();
        sheet.write(number, 0, row.customer).unwrap();
        sheet.write_with_format(number, 1, &time, &dates).unwrap();
        sheet.write(number, 2, row.cents as f64 / 100.0).unwrap();
        sheet.write(number, 3, row.order).unwrap();
        if !CATEGORIES[row.category].is_empty() {
            sheet.write(number, 4, CATEGORIES[row.category]).unwrap();
        }
    }
    let path = folder.join("orders.xlsx");
    book.save(&path).unwrap();
    EventLog::builder().transactions_path(path).unwrap()
}

/// The log as arrays of plain types.
fn arrays(rows: &[Row]) -> [ArrayRef; 6] {
    let integers = |value: fn(&Row) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(rows.iter().map(value)))
    };
    let amounts = rows.iter().map(|row| row.cents as f64 / 100.0);
    let categories = rows.iter().map(|row| CATEGORIES[row.category]);
    let categories = categories.map(|text| (!text.is_empty()).then_some(text));
    let seconds = rows.iter().map(|row| row.time().micros() / 1_000_000);
    [
        integers(|row| row.customer),
        Arc::new(TimestampSecondArray::from_iter_values(seconds)),
        Arc::new(Float64Array::from_iter_values(amounts)),
        integers(|row| row.order),
        Arc::new(categories.collect::<StringArray>()),
        Arc::new(Float64Array::from_iter((0..rows.len()).map(|_| None::<f64>))),
    ]
}

fn batch(arrays: &[ArrayRef; 6]) -> RecordBatch {
    let columns = NAMES.into_iter().zip(arrays).map(|(name, array)| (name, array.clone(), true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn cast(array: &ArrayRef, data_type: &DataType) -> ArrayRef {
    arrow_cast::cast(array, data_type).unwrap()
}

fn dictionary(values: DataType) -> DataType {
    DataType::Dictionary(Box::new(DataType::Int16), Box::new(values))
}

/// Every value by itself as a run.
fn runs(array: &ArrayRef) -> ArrayRef {
    let ends = arrow_array::Int32Array::from_iter_values(1..=array.len() as i32);
    Arc::new(RunArray::<Int32Type>::try_new(&ends, array).unwrap())
}

/// The log as Arrow arrays of many layouts, as they are and as Parquet files.
fn layouts(rows: &[Row], whole_days: bool, folder: &Path) -> Vec<(String, EventLogBuilder)> {
    let plain = arrays(rows);
    let as_types = |types: &[(usize, DataType)]| {
        let mut arrays = plain.clone();
        types.iter().for_each(|(place, own)| arrays[*place] = cast(&arrays[*place], own));
        arrays
    };
    let time = |unit, zone: Option<&str>| DataType::Timestamp(unit, zone.map(Into::into));
    let mut found = vec![
        ("plain", plain.clone()),
        ("small", as_types(&[(0, DataType::Int8), (3, DataType::Int16)])),
        ("floats", as_types(&[(0, DataType::Float64), (3, DataType::Float32)])),
        ("views", as_types(&[(4, DataType::Utf8View)])),
        ("large", as_types(&[(4, DataType::LargeUtf8)])),
        (
            "dictionary",
            as_types(&[(0, dictionary(DataType::Int64)), (4, dictionary(DataType::Utf8))]),
        ),
        ("milliseconds", {
            let mut arrays = as_types(&[(1, time(TimeUnit::Millisecond, None))]);
            let times = arrays[1].as_primitive::<TimestampMillisecondType>().clone();
            arrays[1] = Arc::new(times.with_timezone("Asia/Tokyo")); // still stored in UTC
            arrays
        }),
        ("microseconds", as_types(&[(1, time(TimeUnit::Microsecond, None))])),
        ("nanoseconds", as_types(&[(1, time(TimeUnit::Nanosecond, Some("+00:00")))])),
        (
            "decimals",
            as_types(&[(0, DataType::Decimal128(20, 0)), (2, DataType::Decimal128(20, 2))]),
        ),
        ("decimals 256", as_types(&[(2, DataType::Decimal256(40, 2))])),
        ("decimals 64", as_types(&[(2, DataType::Decimal64(18, 2))])),
        ("nulls", {
            let mut arrays = plain.clone();
            arrays[5] = new_null_array(&DataType::Null, rows.len());
            arrays
        }),
        ("runs", {
            let mut arrays = plain.clone();
            [0, 2, 4].into_iter().for_each(|place| arrays[place] = runs(&arrays[place]));
            arrays
        }),
    ];
    if whole_days {
        found.push(("dates", as_types(&[(1, DataType::Date32)])));
        found.push(("dates 64", as_types(&[(1, DataType::Date64)])));
    }
    let mut builders = Vec::new();
    for (name, arrays) in found {
        let whole = batch(&arrays);
        let half = rows.len() / 2;
        let pieces =
            [whole.slice(half, rows.len() - half), whole.slice(0, 0), whole.slice(0, half)];
        builders.push((name.to_owned(), EventLog::builder().transactions([whole.clone()])));
        builders.push((format!("{name}, in pieces"), EventLog::builder().transactions(pieces)));
        if !["runs", "nulls", "decimals 256", "floats"].contains(&name) {
            let path = folder.join(format!("{name}.parquet"));
            write_table(&whole, &path).unwrap();
            let builder = EventLog::builder().transactions_path(path).unwrap();
            builders.push((format!("{name}, Parquet"), builder));
        }
    }
    builders
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn every_dialect_says_the_same(
        (whole_days, rows) in any::<bool>().prop_flat_map(|days| (Just(days), rows(days))),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let expected = fingerprint(EventLog::builder().transactions([batch(&arrays(&rows))]));
        let expected = expected.unwrap();
        let mut dialects = texts(&rows, folder.path());
        #[cfg(feature = "xlsx")]
        dialects.push(("sheet".to_owned(), sheet(&rows, folder.path())));
        dialects.extend(layouts(&rows, whole_days, folder.path()));
        prop_assert!(dialects.len() > 60, "{} dialects", dialects.len());
        for (name, builder) in dialects {
            match fingerprint(builder) {
                Ok(found) => prop_assert_eq!(&found, &expected, "{}", name),
                Err(error) => prop_assert!(false, "{name}: {}", error.in_full()),
            }
        }
    }
}
