//! Each kind of bad input gives one clear typed error.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, Int64Array, ListArray, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use winback::answer::output::{check_table_path, write_table};
use winback::error::{ErrorCode, ErrorKind};
use winback::features::FeatureTable;
use winback::{Error, EventLog};

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn read_csv(name: &str, bytes: impl AsRef<[u8]>) -> Result<EventLog, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), name, bytes);
    EventLog::builder().transactions_path(path)?.observed_until("2024-03-01")?.build()
}

fn read_tickets(tickets: &str) -> Result<EventLog, Error> {
    let folder = tempfile::tempdir().unwrap();
    let orders = write(folder.path(), "orders.csv", "customer_id,time\n1,2024-01-01\n");
    let tickets = write(folder.path(), "tickets.csv", tickets);
    let builder = EventLog::builder().transactions_path(orders)?.tickets_path(tickets)?;
    builder.observed_until("2024-03-01")?.build()
}

fn read_batch(columns: Vec<(&str, ArrayRef)>) -> Result<EventLog, Error> {
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    EventLog::builder().transactions([batch]).observed_until("2024-03-01")?.build()
}

#[track_caller]
fn assert_says(result: Result<EventLog, Error>, expected: &str) -> Error {
    let error = result.expect_err("this input cannot be used");
    let text = error.to_string();
    assert!(text.contains(expected), "\"{text}\" lacks \"{expected}\"");
    error
}

#[test]
fn cells_that_cannot_be_read_are_named_by_table_column_and_row() {
    for (text, expected) in [
        (
            "customer_id,time\n1,2024-01-01\n2,1.13.2024\n",
            "transactions.time, row 2: \"1.13.2024\" is not a date",
        ),
        (
            "customer_id,time\n1,2024-02-30\n",
            "transactions.time, row 1: \"2024-02-30\" is not a date",
        ),
        (
            "customer_id,time\n1,1500-01-01\n",
            "transactions.time, row 1: \"1500-01-01\" is not a date or time of the years 1677 to 2262",
        ),
        ("customer_id,time\n1,\n", "transactions.time, row 1: is missing"),
        (
            "customer_id,time,amount\n1,2024-01-01,1\n1,2024-01-01,12 €\n",
            "transactions.amount, row 2: \"12 €\" is not a number",
        ),
        ("customer_id,time,amount\n1,2024-01-01,inf\n", "transactions.amount, row 1: is infinite"),
        (
            "customer_id,time,amount\n1,2024-01-01,NaN\n",
            "transactions.amount, row 1: is missing or not a number",
        ),
        (
            "customer_id,time,amount\n1,2024-01-01,\n",
            "transactions.amount, row 1: is missing or not a number",
        ),
        (
            "customer_id,time\n1,2024-01-01\n,2024-01-01\n",
            "transactions.customer_id, row 2: has no customer id",
        ),
    ] {
        let error = assert_says(read_csv("orders.csv", text), expected);
        assert!(matches!(error, Error::Data { .. }), "{error:?}");
    }
    let error = assert_says(
        read_csv(
            "orders.csv",
            b"customer_id,time,category\n1,2024-01-01,ok\n2,2024-01-01,caf\xe9\n",
        ),
        "transactions.category, row 2: is not UTF-8 text",
    );
    assert!(matches!(error, Error::Data { row: Some(2), .. }));
}

#[test]
fn rows_are_counted_across_batches() {
    let mut text = String::from("customer_id,time\n");
    (0..70_000).for_each(|_| text.push_str("1,2024-01-01\n"));
    text.push_str("1,never\n");
    assert_says(read_csv("orders.csv", text), "transactions.time, row 70001: \"never\"");
}

#[test]
fn columns_that_are_missing_or_of_the_wrong_type_are_named() {
    assert_says(
        read_csv("orders.csv", "id,time,amount\n1,2024-01-01,5\n"),
        "transactions.customer_id: no such column; found: id, time, amount",
    );
    assert_says(
        read_csv("orders.csv", "customer_id,time,time\n1,2024-01-01,2024-01-01\n"),
        "transactions.time: is there twice",
    );
    let ids = || Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef;
    let times = || Arc::new(TimestampMicrosecondArray::from(vec![1, 2])) as ArrayRef;
    let texts = || Arc::new(StringArray::from(vec!["1", "2"])) as ArrayRef;
    let floats = |values: Vec<f64>| Arc::new(Float64Array::from(values)) as ArrayRef;
    let list = Arc::new(ListArray::from_iter_primitive::<arrow_array::types::Int32Type, _, _>([
        Some(vec![Some(1)]),
        None,
    ])) as ArrayRef;
    for (columns, expected) in [
        (
            vec![("customer_id", ids()), ("time", ids())],
            "transactions.time: is of type Int64; expected dates or timestamps",
        ),
        (
            vec![("customer_id", times()), ("time", times())],
            "transactions.customer_id: is of type Timestamp",
        ),
        (
            vec![("customer_id", ids()), ("time", times()), ("amount", texts())],
            "transactions.amount: is of type Utf8; expected numbers",
        ),
        (
            vec![("customer_id", list), ("time", times())],
            "transactions.customer_id: is of type List",
        ),
    ] {
        let error = assert_says(read_batch(columns), expected);
        assert!(matches!(error, Error::Column { .. }), "{error:?}");
    }
    for (columns, expected) in [
        (
            vec![("customer_id", ids()), ("time", times()), ("category", floats(vec![1.0, 2.5]))],
            "transactions.category, row 2: 2.5 is not a whole number",
        ),
        (
            vec![("customer_id", floats(vec![1.0, 2.5])), ("time", times())],
            "transactions.customer_id, row 2: 2.5 is not a whole number",
        ),
        (
            vec![("customer_id", ids()), ("time", times()), ("category", floats(vec![1.0, 2.5]))],
            "transactions.category, row 2: 2.5 is not a whole number",
        ),
        (
            vec![
                ("customer_id", ids()),
                ("time", times()),
                ("amount", floats(vec![1.0, f64::NEG_INFINITY])),
            ],
            "transactions.amount, row 2: is infinite",
        ),
        (
            vec![
                ("customer_id", ids()),
                ("time", Arc::new(TimestampMicrosecondArray::from(vec![0, i64::MAX]))),
            ],
            "transactions.time, row 2: lies outside the years 1677 to 2262",
        ),
        (
            vec![
                ("customer_id", ids()),
                ("time", Arc::new(arrow_array::TimestampSecondArray::from(vec![0, i64::MAX]))),
            ],
            "transactions.time, row 2: lies outside the years 1677 to 2262",
        ),
    ] {
        assert_says(read_batch(columns), expected);
    }
}

#[test]
fn ids_that_change_type_between_tables_are_refused() {
    let orders = RecordBatch::try_from_iter([
        ("customer_id", Arc::new(Int64Array::from(vec![1])) as ArrayRef),
        ("time", Arc::new(TimestampMicrosecondArray::from(vec![1])) as ArrayRef),
    ]);
    let tickets = RecordBatch::try_from_iter([
        ("customer_id", Arc::new(StringArray::from(vec!["1"])) as ArrayRef),
        ("opened_at", Arc::new(TimestampMicrosecondArray::from(vec![1])) as ArrayRef),
    ]);
    let builder = EventLog::builder().transactions([orders.unwrap()]).tickets([tickets.unwrap()]);
    assert_says(
        builder.observed_until("2024-03-01").unwrap().build(),
        "tickets: customer ids are texts here and integers in transactions",
    );
    assert_says(
        read_tickets("customer_id,opened_at\nC-1,2024-01-01\n"),
        "tickets: customer ids are texts here and integers in transactions",
    );
}

#[test]
fn tickets_and_answers_that_cannot_be_are_refused() {
    assert_says(
        read_tickets("customer_id,opened_at,resolved_at\n1,2024-01-02,\n1,2024-01-02,2024-01-01\n"),
        "tickets.resolved_at, row 2: the ticket is resolved before it is opened",
    );
    assert_says(
        read_tickets("customer_id,opened_at,first_response_at\n1,2024-01-02,2024-01-01T23:59:59\n"),
        "tickets.first_response_at, row 1: the ticket is answered before it is opened",
    );
    let folder = tempfile::tempdir().unwrap();
    let orders = write(folder.path(), "orders.csv", "customer_id,time\n1,2024-01-01\n");
    let surveys = write(folder.path(), "s.csv", "customer_id,time,score\n1,2024-01-02,11\n");
    let builder =
        EventLog::builder().transactions_path(&orders).unwrap().surveys_path(surveys).unwrap();
    assert_says(
        builder.observed_until("2024-03-01").unwrap().build(),
        "surveys.score, row 1: 11 lies outside 0 to 10",
    );
    let customers = write(folder.path(), "c.csv", "customer_id,plan\n1,a\n1,b\n");
    let builder =
        EventLog::builder().transactions_path(orders).unwrap().customers_path(customers).unwrap();
    assert_says(
        builder.observed_until("2024-03-01").unwrap().build(),
        "customers.customer_id, row 2: customer 1 is there already, in row 1",
    );
}

#[test]
fn files_that_are_empty_or_cut_short_are_refused() {
    let good = "customer_id,time,category\n1,2024-01-01,\"tea\"\n2,2024-01-02,\"cups\"\n";
    assert_says(read_csv("orders.csv", ""), "the file is empty; a header line is expected");
    assert_says(read_csv("orders.csv", "customer_id,time\n"), "transactions: has no rows");
    assert_says(read_csv("orders.csv", "\n\n"), "the file is empty; a header line is expected");
    assert_says(read_csv("orders.csv", &good[..good.len() - 10]), "fields where the header has 3");
    assert_says(
        read_csv("orders.csv", &good[..good.len() - 2]),
        "row 2 (line 3): the quote that opens a cell here is not closed; the file may be cut short",
    );
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(good.as_bytes()).unwrap();
    let zipped = encoder.finish().unwrap();
    for cut in [zipped.len() - 1, zipped.len() - 12, 15, 3] {
        let error = assert_says(read_csv("orders.csv.gz", &zipped[..cut]), "orders.csv.gz");
        assert!(matches!(error, Error::File { .. }), "{error:?}");
    }

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.parquet");
    let batch = RecordBatch::try_from_iter([
        ("customer_id", Arc::new(Int64Array::from_iter_values(0..5_000)) as ArrayRef),
        ("time", Arc::new(TimestampMicrosecondArray::from_iter_values(0..5_000)) as ArrayRef),
    ]);
    write_table(&batch.unwrap(), &path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for cut in [0, 4, whole.len() / 2, whole.len() - 1] {
        let error = assert_says(read_csv("orders.parquet", &whole[..cut]), "orders.parquet");
        assert!(matches!(error, Error::File { .. }), "{error:?}");
    }
    let mut damaged = whole.clone();
    damaged[4..4_000].fill(0xff);
    assert_says(read_csv("orders.parquet", damaged), "orders.parquet");
}

#[test]
fn paths_and_parameters_are_checked_first() {
    let error = EventLog::builder().transactions_path("orders.json").unwrap_err().to_string();
    assert!(error.contains("a file ending in .parquet, .csv, .tsv, .txt"), "{error}");
    let error = EventLog::builder().transactions_path("nowhere.csv").unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error:?}");
    assert!(EventLog::builder().observed_until("soon").is_err());
    assert_says(EventLog::builder().build(), "observed_until");
    let builder = EventLog::builder().observed_until("2024-01-01").unwrap();
    assert_says(
        builder.build(),
        "transactions: expected a table or a path, or activity in their place, got nothing",
    );
    let builder = EventLog::builder()
        .transactions([])
        .column("tickets.topic", "reason")
        .unwrap()
        .observed_until("2024-01-01");
    assert_says(builder.unwrap().build(), "columns: expected a table that is given, got tickets");
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "orders.csv", "customer_id,time\n1,2024-01-01\n");
    let builder = EventLog::builder().transactions_path(path).unwrap();
    assert_says(
        builder.observed_until("2023-01-01").unwrap().build(),
        "observed_until: expected a time after the first transaction, 2024-01-01, got 2023-01-01",
    );
}

#[test]
fn cutoffs_outside_the_log_are_refused() {
    let log = read_csv("orders.csv", "customer_id,time\n1,2024-01-01\n2,2024-02-01\n").unwrap();
    for (cutoff, expected) in [
        (
            "2023-12-31",
            "at: expected a time after the first transaction, 2024-01-01, got 2023-12-31",
        ),
        (
            "2024-01-01",
            "at: expected a time after the first transaction, 2024-01-01, got 2024-01-01",
        ),
        (
            "2024-03-02",
            "a time up to 2024-03-01, where the log ends (observed_until), got 2024-03-02",
        ),
    ] {
        let error = FeatureTable::extract(&log, [cutoff], &[]).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(log.at(cutoff).unwrap_err().to_string(), error.to_string());
    }
    assert!(FeatureTable::extract(&log, [""; 0], &[]).is_err());
    let attribute = ["plan".to_owned()];
    let error = FeatureTable::extract(&log, ["2024-02-15"], &attribute).unwrap_err().to_string();
    assert!(error.contains("the log has no customer attributes"), "{error}");
}

#[test]
fn an_output_that_cannot_be_written_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let batch =
        RecordBatch::try_from_iter([("a", Arc::new(Int64Array::from(vec![1])) as ArrayRef)])
            .unwrap();
    assert!(matches!(
        write_table(&batch, folder.path().join("a.xlsx")),
        Err(Error::Argument { .. })
    ));
    let nowhere = folder.path().join("no/folder/a.csv");
    assert!(matches!(write_table(&batch, &nowhere), Err(Error::Io { .. })));
    assert!(matches!(check_table_path(&nowhere), Err(Error::Io { .. })));
    let taken = folder.path().join("taken.csv");
    std::fs::create_dir(&taken).unwrap();
    assert!(matches!(write_table(&batch, &taken), Err(Error::Io { .. })));
    // A table that fails while it is written.
    let list =
        Arc::new(ListArray::from_iter_primitive::<arrow_array::types::Int32Type, _, _>([Some(
            vec![Some(1)],
        )]));
    let unwritable = RecordBatch::try_from_iter([("a", list as ArrayRef)]).unwrap();
    let path = write(folder.path(), "old.csv", "what was there");
    assert!(write_table(&unwritable, &path).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "what was there");
    let mut left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["old.csv", "taken.csv"]);
    write_table(&batch, &path).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "a\n1\n");
}

#[test]
fn errors_tell_programs_where_they_are() {
    let csv = "customer_id,time,amount\n1,2024-01-01,2.5\n,2024-01-02,1\n";
    let error = assert_says(read_csv("orders.csv", csv), "row 2: has no customer id");
    assert_eq!((error.code(), error.kind()), (ErrorCode::MissingId, ErrorKind::Data));
    assert_eq!(error.table(), Some("transactions"));
    assert_eq!((error.column(), error.row()), (Some("customer_id"), Some(2)));
    let error = assert_says(read_csv("orders.csv", "id,time\n1,2024-01-01\n"), "no such column");
    assert_eq!((error.code(), error.row()), (ErrorCode::MissingColumn, None));
    let error = assert_says(EventLog::builder().build(), "got nothing");
    assert_eq!((error.code(), error.kind()), (ErrorCode::MissingArgument, ErrorKind::Argument));
    assert_eq!(error.table(), None);
}

#[test]
fn cells_are_shown_short_and_on_one_line() {
    let cell = format!("\u{1b}[31m{}", "x".repeat(10_000));
    let text = format!("customer_id,time,amount\n7,2024-01-01,{cell}\n");
    let message = read_csv("orders.csv", &text).unwrap_err().to_string();
    assert!(message.contains("\"\\u{1b}[31mxxx"), "{message}");
    assert!(message.len() < 200 && !message.contains('\u{1b}'), "{message}");
}

#[test]
fn sources_are_kept_and_told_once() {
    let error = winback::ChurnModel::load("no-such-folder/model").unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(!error.to_string().contains(&source), "{error}");
    assert_eq!(error.in_full(), format!("no-such-folder/model: {source}"));
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "model", "no model\n");
    let error = winback::ChurnModel::load(&path).unwrap_err();
    assert!(error.to_string().starts_with(path.to_str().unwrap()), "{error}");
    assert_eq!(error.kind(), ErrorKind::ModelFile);
}
