//! Files as they come: each is read for what it says, or refused by one clear message.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use winback::answer::output::write_table;
use winback::log::{BadRows, EventLogBuilder, MissingIds, PartitionOptions, check_spared};
use winback::{Error, EventLog, Timestamp};

pub(crate) fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn build(builder: EventLogBuilder) -> Result<EventLog, Error> {
    builder.observed_until("2025-01-01")?.build()
}

pub(crate) fn read(path: impl AsRef<Path>) -> Result<EventLog, Error> {
    build(EventLog::builder().transactions_path(path)?)
}

pub(crate) fn read_bytes(name: &str, bytes: impl AsRef<[u8]>) -> Result<EventLog, Error> {
    let folder = tempfile::tempdir().unwrap();
    read(write(folder.path(), name, bytes))
}

fn read_as(encoding: &str, bytes: &[u8]) -> Result<EventLog, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "orders.csv", bytes);
    build(EventLog::builder().transactions_path(path)?.encoding(encoding)?)
}

/// Id, time, amount and category of every row.
pub(crate) fn rows(log: &EventLog) -> Vec<String> {
    let mut rows = Vec::new();
    for customer in log.customers().indices() {
        let id = log.customers().get(customer).to_string();
        for line in log.history(customer, log.observed_until()).lines() {
            let time = Timestamp::from_micros(line.time).unwrap();
            let category = line.category.and_then(|code| log.category(code)).unwrap_or("-");
            rows.push(format!("{id} {time} {} {category}", line.amount));
        }
    }
    rows
}

#[track_caller]
pub(crate) fn assert_says(result: Result<EventLog, Error>, expected: &str) {
    let text = result.expect_err("this input cannot be used").in_full();
    assert!(text.contains(expected), "\"{text}\" lacks \"{expected}\"");
    assert!(text.len() < 2_500, "{} characters", text.len());
}

const TEA: &str = "customer_id;time;amount;category\n7;2024-01-05;3.5;чай\n9;2024-01-06;4;кофе\n";
const TEA_ROWS: [&str; 2] = ["7 2024-01-05 3.5 чай", "9 2024-01-06 4 кофе"];

/// Bytes as Python's codec gives them.
fn utf_16(text: &str, big_endian: bool) -> Vec<u8> {
    let bytes = |unit: u16| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

fn cp1251(text: &str) -> Vec<u8> {
    let (bytes, _, failed) = encoding_rs::WINDOWS_1251.encode(text);
    assert!(!failed);
    bytes.into_owned()
}

#[test]
fn texts_of_any_encoding_say_the_same() {
    let marked = |mark: &[u8], text: Vec<u8>| [mark, &text].concat();
    for (name, bytes) in [
        ("UTF-8", TEA.as_bytes().to_vec()),
        ("mark", marked(b"\xef\xbb\xbf", TEA.into())),
        ("little, mark", marked(b"\xff\xfe", utf_16(TEA, false))),
        ("big, mark", marked(b"\xfe\xff", utf_16(TEA, true))),
        ("little", utf_16(TEA, false)),
        ("big", utf_16(TEA, true)),
        ("sep", format!("sep=;\r\n{TEA}").into()),
        ("mark, sep", format!("\u{feff}sep=;\n{TEA}").into()),
        ("gzip", gzip(&marked(b"\xff\xfe", utf_16(TEA, false)))),
    ] {
        assert_eq!(rows(&read_bytes("orders.csv", &bytes).unwrap()), TEA_ROWS, "{name}");
        assert_eq!(rows(&read_bytes("orders.csv.gz", &bytes).unwrap()), TEA_ROWS, "{name}");
        // What a file shows goes before what was said.
        if name.contains("mark") {
            assert_eq!(rows(&read_as("cp1251", &bytes).unwrap()), TEA_ROWS, "{name}");
        }
    }
    assert_eq!(rows(&read_as("windows-1251", &cp1251(TEA)).unwrap()), TEA_ROWS);
    assert_eq!(rows(&read_as("utf-16", &utf_16(TEA, false)).unwrap()), TEA_ROWS);
    let western = b"customer_id,time,amount,category\n7,2024-01-05,3,caf\xe9 \x80\n";
    assert_eq!(rows(&read_as("cp1252", western).unwrap()), ["7 2024-01-05 3 café €"]);
}

#[test]
fn the_likely_encoding_is_proposed_and_none_is_guessed() {
    assert_says(
        read_bytes("orders.csv", cp1251(TEA)),
        "transactions.category, row 1: is not UTF-8 text; encoding=\"cp1251\" reads it as \"чай\"",
    );
    let header = cp1251("customer_id;time;категория\n7;2024-01-05;чай\n");
    assert_says(
        read_bytes("orders.csv", header),
        "the name of column 3: is not UTF-8 text; encoding=\"cp1251\" reads it as \"категория\"",
    );
    assert_says(
        read_as("cp1253", b"customer_id,time,category\n7,2024-01-05,a\n8,2024-01-05,\xd2\n"),
        "transactions.category, row 2: is not windows-1253 text",
    );
    let long = format!("customer_id,time,category\n7,2024-01-05,{}\n", "я".repeat(100_000));
    assert_says(read_bytes("orders.csv", cp1251(&long)), "яяя…\"");
    let error = EventLog::builder().encoding("klingon").unwrap_err().to_string();
    assert!(error.starts_with("encoding: expected the name of an encoding"), "{error}");
}

#[test]
fn files_that_are_no_text_are_refused_by_what_they_are() {
    for (bytes, expected) in [
        (&b"PK\x03\x04rest"[..], "is no text but a zip archive; workbooks end in .xlsx"),
        (b"PAR1rest", "a Parquet file"),
        (b"\x28\xb5\x2f\xfdrest", "packed by zstd; text is read plain or packed by gzip"),
        (b"\xd0\xcf\x11\xe0rest", "an old Excel file"),
        (b"\xff\xfe\0\0c\0\0\0", "UTF-32"),
    ] {
        assert_says(read_bytes("orders.csv", bytes), expected);
    }
    for name in ["orders.csv.zst", "orders.csv.bz2", "orders.zip", "orders.csv.xz", "orders.xls"] {
        let expected =
            "expected a file ending in .parquet, .csv, .tsv, .txt (these three with .gz too)";
        assert_says(read_bytes(name, "x"), expected);
    }
}

#[test]
fn quotes_are_read_or_refused_and_swallow_no_row() {
    let log = read_bytes(
        "orders.csv",
        "customer_id,time,amount,category\n1,2024-01-01,1,5\" pipe\n2,2024-01-02,2,\"6\"\" pipe\"\n\
         3,2024-01-03,3, \"a, b\" \n4,2024-01-04,4,a \"b\" c\n",
    );
    assert_eq!(
        rows(&log.unwrap()),
        [
            "1 2024-01-01 1 5\" pipe",
            "2 2024-01-02 2 6\" pipe",
            "3 2024-01-03 3 a, b",
            "4 2024-01-04 4 a \"b\" c"
        ]
    );
    let head = "customer_id,time,category\n1,2024-01-01,a\n";
    for (rest, expected) in [
        ("2,2024-01-02,\"b\n3,2024-01-03,c\n", "row 2 (line 3): the quote that opens a cell here"),
        (
            "2,2024-01-02,\"b\n3,2024-01-03,\"c\"\n",
            "row 2 (line 3): text follows the closing quote",
        ),
        ("2,2024-01-02,\"b\"c\n", "row 2 (line 3): text follows the closing quote"),
        ("\n2,2024-01-02, \"b\" c\n", "row 2 (line 4): text follows the closing quote"),
        ("2,\"2024\n-01-02\",\"b\"c\n", "row 2 (line 4): text follows the closing quote"),
    ] {
        assert_says(read_bytes("orders.csv", format!("{head}{rest}")), expected);
    }
    // However far the reader has run on.
    let rest: String = (0..200_000).map(|_| "3,2024-01-03,c\n").collect();
    let text = format!("{head}2,2024-01-02,\"b\n{rest}");
    assert_says(read_bytes("orders.csv", text), "row 2 (line 3): a cell that begins here has more");
    assert_says(read_bytes("orders.csv", "customer_id,\"time\n"), "header (line 1): the quote");
}

#[test]
fn lines_end_and_headers_are_as_they_come() {
    for (text, expected) in [
        ("customer_id,time\r1,2024-01-01\r\r2,2024-01-02\r", 2),
        ("\n\ncustomer_id,time\n\n1,2024-01-01\n  \n2,2024-01-02\n\n", 2),
        ("customer_id;time;\n1;2024-01-01;\n", 1),
        (",customer_id,time\n0,1,2024-01-01\n", 1),
        ("x,x,customer_id,time\n0,0,1,2024-01-01\n", 1),
        (" customer_id ,\"time\"\n1,2024-01-01\n", 1),
        ("customer_id;time;\"amount, in EUR\"\n1;2024-01-01;3,50\n2;2024-01-02;4,50\n", 2),
        ("customer_id,time\n1,\"2024-01-01\"", 1),
    ] {
        let log = read_bytes("orders.csv", text).unwrap();
        assert_eq!(log.report().transactions.rows_kept, expected, "{text:?}");
    }
    for (text, expected) in [
        (
            "customer_id,time\n1,2024-01-01,x\n",
            "row 1 (line 2): found 3 fields where the header has 2",
        ),
        ("customer_id,time\n\n1,2024-01-01\n2\n", "row 2 (line 4): found 1 fields where"),
        ("customer_id,time,time\n1,2024-01-01,\n", "transactions.time: is there twice"),
        ("1;2024-01-01\n", "transactions.customer_id: no such column; found: 1, 2024-01-01"),
    ] {
        assert_says(read_bytes("orders.csv", text), expected);
    }
    let folder = tempfile::tempdir().unwrap();
    let orders = write(folder.path(), "orders.csv", "customer_id,time\n1,2024-01-01\n");
    let with = |customers: &str| {
        let customers = write(folder.path(), "customers.csv", customers);
        build(EventLog::builder().transactions_path(&orders)?.customers_path(customers)?)
    };
    let log = with("customer_id,plan,\n1,basic,\n").unwrap();
    assert_eq!(log.attribute_names().collect::<Vec<_>>(), ["plan"]);
    assert_says(with("customer_id,plan,plan\n1,a,b\n"), "customers.plan: is there twice");
}

#[test]
fn uneven_rows_are_dropped_where_bad_rows_are() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "a.csv",
        "customer_id,time\n1,2024-01-01\n2\n3,2024-01-03,x\n,2024-01-04\n",
    );
    write(folder.path(), "b.csv", "customer_id,time\n4\n5,soon\n6,2024-01-06\n");
    let builder = EventLog::builder().transactions_path(folder.path()).unwrap();
    let builder = builder.bad_rows(BadRows::Drop).missing_ids(MissingIds::Drop);
    let log = build(builder).unwrap();
    let report = log.report();
    let counts = &report.transactions;
    assert_eq!(
        (counts.rows_read, counts.bad_rows, counts.missing_id, counts.rows_kept),
        (7, 4, 1, 2)
    );
    let told: Vec<String> = report
        .dropped
        .iter()
        .map(|row| {
            let file = row.file.as_deref().unwrap_or("").rsplit('/').next().unwrap().to_owned();
            format!("{} {} {} {}", row.column, row.row, file, row.reason)
        })
        .collect();
    assert_eq!(
        told[..3],
        [
            "customer_id 2 a.csv found 1 fields where the header has 2",
            "customer_id 3 a.csv found 3 fields where the header has 2",
            "customer_id 1 b.csv found 1 fields where the header has 2",
        ]
    );
    assert!(told[3].starts_with("time 2 b.csv \"soon\" is not"), "{}", told[3]);
    // A row of nothing but its flaw is no row without an id.
    let builder = EventLog::builder().transactions_path(folder.path().join("b.csv")).unwrap();
    assert_eq!(build(builder.bad_rows(BadRows::Drop)).unwrap().report().transactions.bad_rows, 2);
}

#[test]
fn errors_come_in_the_order_of_rows() {
    let text = "customer_id,time\n1,never\n2\n";
    assert_says(read_bytes("orders.csv", text), "transactions.time, row 1: \"never\"");
    let text = b"customer_id,time,category\n1,2024-01-01,\xff\n2,never,a\n";
    assert_says(read_bytes("orders.csv", text), "transactions.category, row 1");
}

/// Three files of orders, each with its columns in another order.
fn write_months(folder: &Path) {
    write(folder, "2024-02.csv", "time;category;customer_id;amount\n2024-02-01;b;2;20\n");
    write(folder, "2024-01.csv", "customer_id,time,amount,category\n1,2024-01-01,10,a\n");
    let rows = b"amount,customer_id,time,category\n30,1,2024-03-01,c\n40,3,2024-03-02,d\n";
    write(folder, "2024-03.csv.gz", gzip(rows));
    write(folder, "_SUCCESS", "");
    write(folder, "readme.txt", "no table");
}

#[test]
fn a_folder_or_a_pattern_of_csv_files_is_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_months(folder);
    let all = ["1 2024-01-01 10 a", "1 2024-03-01 30 c", "2 2024-02-01 20 b", "3 2024-03-02 40 d"];
    assert_eq!(rows(&read(folder).unwrap()), all);
    assert_eq!(rows(&read(folder.join("2024-*")).unwrap()), all);
    assert_eq!(rows(&read(folder.join("**/2024-0[123].csv*")).unwrap()), all);
    assert_eq!(rows(&read(folder.join("2024-0?.csv")).unwrap()), [all[0], all[2]]);
    let error = read(folder.join("2023-*.csv")).unwrap_err();
    assert!(
        matches!(&error, Error::Io { source, .. }
                     if source.kind() == std::io::ErrorKind::NotFound),
        "{error:?}"
    );
    // A file may have a name that looks like a pattern.
    let path = write(folder, "odd/a[1].csv", "customer_id,time\n1,2024-01-01\n");
    assert_eq!(read(path).unwrap().customers().len(), 1);

    write(folder, "2024-04.csv", "customer_id,time,category\n1,2024-04-01,a\n");
    assert_says(read(folder.join("2024-*")), "2024-04.csv: has no column `amount`, which");
    write(folder, "2024-04.csv", "customer_id,time,category,amount,channel\n1,2024-04-01,a,1,x\n");
    assert_says(read(folder.join("2024-*")), "2024-04.csv: has a column `channel`, which");
    write(
        folder,
        "2024-04.csv",
        "customer_id,time,amount,category\n1,2024-04-01,1,a\n1,soon,1,b\n",
    );
    assert_says(read(folder.join("2024-*")), "transactions.time, row 2: \"soon\" is not");
    assert_says(read(folder.join("2024-*")), "2024-04.csv)");
    write(folder, "2024-04.csv", "customer_id,time,amount,category\n1,2024-04-01,1,a\n1\n");
    assert_says(read(folder.join("2024-*")), "2024-04.csv: row 2 (line 3): found 1 fields");
}

#[test]
fn folders_name_columns_of_csv_files_too() {
    let folder = tempfile::tempdir().unwrap();
    for (name, row) in [("web", "1,2024-01-01"), ("__HIVE_DEFAULT_PARTITION__", "2,2024-01-02")] {
        let file = format!("orders/category={name}/amount=1.50/part.csv");
        write(folder.path(), &file, format!("customer_id,time\n{row}\n"));
    }
    let expected = ["1 2024-01-01 1.5 web", "2 2024-01-02 1.5 -"];
    assert_eq!(rows(&read(folder.path().join("orders")).unwrap()), expected);
    let pattern = folder.path().join("orders/category=*/*/*.csv");
    assert_eq!(rows(&read(pattern).unwrap()), expected);
}

#[test]
fn files_of_two_kinds_are_no_table() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.csv", "customer_id,time\n1,2024-01-01\n");
    write(folder.path(), "b.parquet", "");
    assert_says(read(folder.path()), "holds files of two kinds, ");
    let error = read(folder.path()).unwrap_err().to_string();
    assert!(error.contains("a.csv and ") && error.contains("b.parquet; name those"), "{error}");
    let empty = tempfile::tempdir().unwrap();
    write(empty.path(), "readme.txt", "no table");
    assert_says(read(empty.path()), "the folder holds no .parquet and no .csv file");
}

#[test]
fn a_pattern_of_parquet_files_is_read_in_parts_too() {
    let folder = tempfile::tempdir().unwrap();
    for day in 1..4 {
        let batch = RecordBatch::try_from_iter([
            ("customer_id", Arc::new(Int64Array::from(vec![day])) as ArrayRef),
            ("time", Arc::new(TimestampMicrosecondArray::from(vec![day])) as ArrayRef),
        ]);
        write_table(&batch.unwrap(), folder.path().join(format!("day-{day}.parquet"))).unwrap();
    }
    let pattern = folder.path().join("day-[12].parquet");
    assert_eq!(read(&pattern).unwrap().customers().len(), 2);
    let in_parts = |path: &Path| {
        let builder = EventLog::builder().transactions_path(path)?.observed_until("2025-01-01")?;
        builder.partition(&PartitionOptions::new(1 << 30))
    };
    assert_eq!(in_parts(&pattern).unwrap().part(0).unwrap().customers().len(), 2);
    write_months(folder.path());
    let error = in_parts(&folder.path().join("*.csv")).unwrap_err().to_string();
    assert!(error.contains("tables in Parquet files or folders of them"), "{error}");
}

#[test]
fn results_do_not_replace_what_a_pattern_matches() {
    let folder = tempfile::tempdir().unwrap();
    write_months(folder.path());
    let pattern = [folder.path().join("2024-*.csv")];
    let output = |name: &str| check_spared(&folder.path().join(name), &pattern);
    assert!(output("2024-01.csv").is_err());
    assert!(output("2024-09.csv").is_err(), "the next run would read it");
    assert!(output("scores.csv").is_ok());
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("2024-01.csv", folder.path().join("link.csv")).unwrap();
        assert!(output("link.csv").is_err());
    }
    let folders = [folder.path().join("20*")];
    write(folder.path(), "2024/a.csv", "");
    assert!(check_spared(&folder.path().join("2024/scores.csv"), &folders).is_err());
}

/// Pipes may never end; they are refused at once wherever they are.
#[cfg(unix)]
#[test]
fn pipes_are_refused_and_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let begin = Instant::now();
    for name in ["pipe.csv", "pipe.csv.gz", "pipe.parquet", "pipe.xlsx"] {
        if name == "pipe.xlsx" && !cfg!(feature = "xlsx") {
            continue;
        }
        let path = folder.path().join(name).join(name);
        std::fs::create_dir(path.parent().unwrap()).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let expected = "is a pipe, a socket or a device";
        assert_says(read(&path), expected);
        let link = folder.path().join(format!("link-{name}"));
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_says(read(&link), expected);
        if name != "pipe.xlsx" {
            assert_says(read(path.parent().unwrap()), expected);
        }
    }
    let socket = folder.path().join("socket.csv");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert_says(read(&socket), "is a pipe, a socket or a device");
    assert!(begin.elapsed() < Duration::from_secs(30));
    // Links to files are followed.
    let file = write(folder.path(), "orders.csv", "customer_id,time\n1,2024-01-01\n");
    let link = folder.path().join("link.csv");
    std::os::unix::fs::symlink(file, &link).unwrap();
    assert_eq!(read(link).unwrap().customers().len(), 1);
}

#[test]
fn hostile_texts_are_refused_early() {
    let commas = vec![b','; 64 << 20];
    let names: Vec<String> = (0..10_001).map(|i| format!("c{i}")).collect();
    let wide = format!("customer_id,time,{}\n", names.join(","));
    let head = "customer_id,time\n1,2024-01-01\n";
    let rows = "1,2024-01-01\n".repeat(12 << 20);
    let many = format!("customer_id,time,a{}\n1,2024-01-01,", ",".repeat(9_000));
    let many = format!("{many}{}", "\n1,2024-01-01,".repeat(4));
    for (name, bytes, expected) in [
        ("a.csv.gz", gzip(&commas), "header (line 1): the row has more than 16777216 bytes"),
        ("a.csv", wide.into_bytes(), "has 10003 columns; the limit `columns` is 10000"),
        (
            "a.csv",
            format!("{head}2,{}\n", "x".repeat(2 << 20)).into(),
            "row 2 (line 3): a cell that",
        ),
        (
            "a.csv.gz",
            gzip(&[head.as_bytes(), &commas].concat()),
            "row 2 (line 3): the row has more",
        ),
        ("a.csv.gz", gzip(format!("{head}{rows}").as_bytes()), "the limit `expanded_bytes` allows"),
        ("a.csv", many.into_bytes(), "found 3 fields where the header has 9003"),
    ] {
        assert_says(read_bytes(name, bytes), expected);
    }
    // The same, if it is meant.
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "a.csv", "customer_id,time,a,b\n1,2024-01-01,123456,\n");
    let with = |name: &str, value: u64| {
        build(EventLog::builder().transactions_path(&path)?.limit(name, value)?)
    };
    for (name, enough, expected) in [
        ("columns", 4, "has 4 columns; the limit `columns` is 3"),
        ("record_bytes", 21, "the row has more than 20 bytes, the limit `record_bytes`"),
        (
            "cell_bytes",
            11,
            "a cell that begins here has more than 10 bytes, the limit `cell_bytes`",
        ),
    ] {
        assert_eq!(with(name, enough).unwrap().customers().len(), 1);
        assert_says(with(name, enough - 1), expected);
    }
}

/// Equal rows, of which a Parquet file of a few kilobytes holds millions.
#[test]
fn hostile_parquet_files_are_refused_before_they_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.parquet");
    let rows = 12_000_000;
    let batch = RecordBatch::try_from_iter([
        ("customer_id", Arc::new(Int64Array::from(vec![1; rows])) as ArrayRef),
        ("time", Arc::new(TimestampMicrosecondArray::from(vec![1; rows])) as ArrayRef),
    ]);
    write_table(&batch.unwrap(), &path).unwrap();
    let expected = "becomes more than 200 times its";
    assert_says(read(&path), expected);
    let builder = || EventLog::builder().transactions_path(&path).unwrap();
    let parts = builder().observed_until("2025-01-01").unwrap();
    let error = parts.partition(&PartitionOptions::new(1 << 30)).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
    let log = build(builder().limit("expanded_bytes", 1 << 30).unwrap()).unwrap();
    assert_eq!(log.report().transactions.rows_kept, rows as u64);
}

#[test]
fn texts_of_arrow_are_not_what_files_are() {
    // Texts in CSV and in sheets may be numbers; those of Arrow are texts.
    let batch = RecordBatch::try_from_iter([
        ("customer_id", Arc::new(StringArray::from(vec!["7"])) as ArrayRef),
        ("time", Arc::new(StringArray::from(vec!["2024-01-05"])) as ArrayRef),
    ]);
    let log = build(EventLog::builder().transactions([batch.unwrap()])).unwrap();
    assert_eq!(log.customers().data_type(), arrow_schema::DataType::LargeUtf8);
    let log = read_bytes("orders.csv", "customer_id,time\n7,2024-01-05\n").unwrap();
    assert_eq!(log.customers().data_type(), arrow_schema::DataType::Int64);
}
