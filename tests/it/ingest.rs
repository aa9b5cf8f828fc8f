//! Reading tables: every kind of source and type gives the same log.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int32Array, Int64Array,
    RecordBatch, StringArray, StringViewArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray,
};
use winback::EventLog;
use winback::answer::output::write_table;
use winback::features::{ColumnValues, FeatureTable};
use winback::log::{AttributeValue, CustomerId, EventLogBuilder, MissingIds};

/// Three customers; 2 has two lines of one order and a return.
const CSV: &str = "\
customer_id,time,amount,order_id,category
1,2024-01-05T10:00:00,20.5,a,tea
2,2024-01-07,10,b,tea
2,2024-01-07 00:00:00,5,b,cups
2,2024-02-01T12:00:00Z,-5,b,cups
3,2024-01-20T03:00:00+03:00,7.25,c,tea
";

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn build(builder: EventLogBuilder) -> EventLog {
    builder.observed_until("2024-03-01").unwrap().build().unwrap()
}

/// Ids and all features at a cutoff, as texts.
fn features(log: &EventLog) -> Vec<String> {
    let table = FeatureTable::extract(log, ["2024-02-15"], &[]).unwrap();
    let row = |i: usize| {
        let values: Vec<String> = table
            .columns()
            .iter()
            .map(|column| match &column.values {
                ColumnValues::Numbers(values) => format!("{}={:?}", column.name, values.value(i)),
                ColumnValues::Texts { .. } => unreachable!("no attributes"),
            })
            .collect();
        let id = log.customers().get(table.customers()[i]);
        format!("{id}: {}", values.join(" "))
    };
    (0..table.len()).map(row).collect()
}

fn expected() -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "orders.csv", CSV);
    let log = build(EventLog::builder().transactions_path(path).unwrap());
    let report = log.report();
    assert_eq!((report.purchases, report.customers, report.transactions.rows_kept), (3, 3, 5));
    let all = features(&log);
    assert!(
        all[1].contains("purchase_count=1.0 average_check=10.0 total_spend=10.0"),
        "{}",
        all[1]
    );
    assert!(all[1].contains("return_share=0.3333333333333333"), "{}", all[1]);
    all
}

#[test]
fn csv_in_all_its_dialects() {
    let folder = tempfile::tempdir().unwrap();
    let expected = expected();
    let marked = format!("\u{feff}{CSV}");
    let windows = CSV.replace('\n', "\r\n");
    let quoted = CSV.replace("tea", "\"green, \"\"fresh\"\"\ntea\"").replace(",a,", ",\"a\",");
    for (name, bytes) in [
        ("mark.csv", marked.into_bytes()),
        ("semicolon.csv", CSV.replace(',', ";").into_bytes()),
        ("tab.csv", CSV.replace(',', "\t").into_bytes()),
        ("pipe.txt", CSV.replace(',', "|").into_bytes()),
        ("windows.csv", windows.into_bytes()),
        ("quoted.csv", quoted.into_bytes()),
        ("last_line.csv", CSV.trim_end().as_bytes().to_vec()),
        ("zipped.csv.gz", gzip(CSV)),
        ("two_members.csv.gz", [gzip(&CSV[..60]), gzip(&CSV[60..])].concat()),
    ] {
        let path = write(folder.path(), name, bytes);
        let log = build(EventLog::builder().transactions_path(path).unwrap());
        assert_eq!(features(&log), expected, "{name}");
    }
    let path = write(folder.path(), "star.csv", CSV.replace(',', "*"));
    let builder = EventLog::builder().transactions_path(path).unwrap().csv_separator(b'*');
    assert_eq!(features(&build(builder)), expected);
}

fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
        .unwrap()
}

#[test]
fn arrow_types_of_every_kind() {
    let expected = expected();
    let micros: Vec<i64> =
        ["2024-01-05T10:00:00", "2024-01-07", "2024-01-07", "2024-02-01T12:00:00", "2024-01-20"]
            .iter()
            .map(|t| t.parse::<winback::Timestamp>().unwrap().micros())
            .collect();
    let seconds: Vec<i64> = micros.iter().map(|t| t / 1_000_000).collect();
    let ids: [ArrayRef; 5] = [
        Arc::new(Int64Array::from(vec![1, 2, 2, 2, 3])),
        Arc::new(Int32Array::from(vec![1, 2, 2, 2, 3])),
        Arc::new(Float64Array::from(vec![1.0, 2.0, 2.0, 2.0, 3.0])),
        Arc::new(arrow_array::UInt64Array::from(vec![1, 2, 2, 2, 3])),
        Arc::new(DictionaryArray::<Int32Type>::new(
            Int32Array::from(vec![0, 1, 1, 1, 2]),
            Arc::new(Int64Array::from(vec![1, 2, 3])),
        )),
    ];
    let times: [ArrayRef; 5] = [
        Arc::new(arrow_array::TimestampMicrosecondArray::from(micros.clone())),
        Arc::new(TimestampSecondArray::from(seconds.clone())),
        Arc::new(
            TimestampMillisecondArray::from_iter_values(seconds.iter().map(|t| t * 1_000))
                .with_timezone("Europe/Berlin"),
        ), // stored in UTC
        Arc::new(TimestampNanosecondArray::from_iter_values(
            micros.iter().map(|t| t * 1_000 + 999),
        )),
        Arc::new(StringArray::from_iter_values(
            micros.iter().map(|&t| winback::Timestamp::from_micros(t).unwrap().to_string()),
        )),
    ];
    let amounts: [ArrayRef; 5] = [
        Arc::new(Float64Array::from(vec![20.5, 10.0, 5.0, -5.0, 7.25])),
        Arc::new(arrow_array::Float32Array::from(vec![20.5, 10.0, 5.0, -5.0, 7.25])),
        Arc::new(
            Decimal128Array::from(vec![2050, 1000, 500, -500, 725])
                .with_precision_and_scale(12, 2)
                .unwrap(),
        ),
        Arc::new(
            arrow_array::Decimal64Array::from(vec![2050, 1000, 500, -500, 725])
                .with_precision_and_scale(12, 2)
                .unwrap(),
        ),
        Arc::new(
            arrow_array::Decimal256Array::from_iter_values(
                [2050, 1000, 500, -500, 725].map(arrow_buffer_i256),
            )
            .with_precision_and_scale(40, 2)
            .unwrap(),
        ),
    ];
    let orders: [ArrayRef; 2] = [
        Arc::new(StringViewArray::from(vec!["a", "b", "b", "b", "c"])),
        Arc::new(Int64Array::from(vec![10, -20, -20, -20, 30])),
    ];
    let categories: [ArrayRef; 2] = [
        Arc::new(StringArray::from(vec!["tea", "tea", "cups", "cups", "tea"])),
        Arc::new(DictionaryArray::<Int32Type>::from_iter(["tea", "tea", "cups", "cups", "tea"])),
    ];
    for i in 0..5 {
        let batch = table(vec![
            ("customer_id", ids[i].clone()),
            ("time", times[i].clone()),
            ("amount", amounts[i].clone()),
            ("order_id", orders[i % 2].clone()),
            ("category", categories[i % 2].clone()),
        ]);
        assert_eq!(
            features(&build(EventLog::builder().transactions([batch.clone()]))),
            expected,
            "{i}"
        );
        // The same in pieces.
        let pieces = [batch.slice(0, 2), batch.slice(2, 0), batch.slice(2, 3)];
        assert_eq!(features(&build(EventLog::builder().transactions(pieces))), expected, "{i}");
        // And through a file.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.parquet");
        write_table(&batch, &path).unwrap();
        let log = build(EventLog::builder().transactions_path(path).unwrap());
        assert_eq!(features(&log), expected, "{i}");
    }
    let dates = table(vec![
        ("customer_id", Arc::new(StringArray::from(vec!["x", "y"])) as ArrayRef),
        ("time", Arc::new(Date32Array::from(vec![19_700, 19_701]))),
    ]);
    let log = build(EventLog::builder().transactions([dates]));
    assert_eq!(log.customers().get(1.into()), CustomerId::Text("y"));
    assert_eq!(log.first_event().to_string(), "2023-12-09");
    assert_eq!(log.last_event().to_string(), "2023-12-10");
}

fn arrow_buffer_i256(
    value: i64,
) -> <arrow_array::types::Decimal256Type as arrow_array::types::ArrowPrimitiveType>::Native {
    <arrow_array::types::Decimal256Type as arrow_array::types::ArrowPrimitiveType>::Native::from_i128(value.into())
}

#[test]
fn columns_are_found_by_mapping_and_others_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let text = CSV
        .replacen("customer_id,time,amount", "Customer ID,when,total", 1)
        .replace('\n', ",x\n")
        .replacen(",x", ",note", 1);
    let path = write(folder.path(), "orders.csv", text);
    let builder = EventLog::builder()
        .column("transactions.customer_id", "Customer ID")
        .unwrap()
        .column("transactions.time", "when")
        .unwrap()
        .column("transactions.amount", "total")
        .unwrap()
        .transactions_path(path)
        .unwrap();
    assert_eq!(features(&build(builder)), expected());
}

#[test]
fn what_is_left_out_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let orders = "\
customer_id,time,amount
A1,2024-01-01,5
,2024-01-01,5
A1,2024-01-01,5
007,2024-01-02,0
12,2024-01-03,-3
";
    let tickets = "\
customer_id,opened_at,resolved_at,topic
A1,2024-01-05,2024-01-06,late
99,2024-01-05,,late
,2024-01-05,,late
7,2024-01-05,,not the customer 007
";
    let surveys = "customer_id,time,score\n12,2024-01-05,9\nB,2024-01-05,2\n";
    let customers = "customer_id,plan,age,joined\nA1,basic,40,2020-01-01\n12,,,\nZ,pro,1,\n";
    let log = EventLog::builder()
        .transactions_path(write(folder.path(), "orders.csv", orders))
        .unwrap()
        .tickets_path(write(folder.path(), "tickets.csv", tickets))
        .unwrap()
        .surveys_path(write(folder.path(), "surveys.csv", surveys))
        .unwrap()
        .customers_path(write(folder.path(), "customers.csv", customers))
        .unwrap()
        .missing_ids(MissingIds::Drop)
        .observed_until("last_event")
        .unwrap()
        .build()
        .unwrap();
    let report = log.report();
    assert_eq!(report.transactions.rows_read, 5);
    assert_eq!(report.transactions.missing_id, 1);
    assert_eq!(report.transactions.zero_amount, 1);
    assert_eq!(report.transactions.rows_kept, 3);
    assert_eq!(report.exact_duplicates, 1);
    assert_eq!((report.customers, report.customers_with_purchase, report.purchases), (3, 1, 1));
    let tickets = report.tickets.unwrap();
    assert_eq!((tickets.missing_id, tickets.unknown_customer, tickets.rows_kept), (1, 2, 1));
    let surveys = report.surveys.unwrap();
    assert_eq!((surveys.unknown_customer, surveys.rows_kept), (1, 1));
    assert_eq!(report.customer_attributes.unwrap().unknown_customer, 1);
    let text = report.to_string();
    assert!(
        text.contains("1 purchase of 1 customer (2 more customers without a purchase)"),
        "{text}"
    );
    assert!(text.contains("1 left out with amount zero"), "{text}");
    assert!(text.contains("2 left out of customers without transactions"), "{text}");
    assert_eq!(log.observed_until().to_string(), "2024-01-03T00:00:00.000001");

    let customer = log.customers().position("A1".into()).unwrap();
    assert_eq!(log.attribute(customer, "age").unwrap(), AttributeValue::Number(40.0));
    assert_eq!(log.attribute(customer, "plan").unwrap(), AttributeValue::Text("basic".into()));
    let other = log.customers().position("007".into()).unwrap();
    assert_eq!(log.attribute(other, "plan").unwrap(), AttributeValue::Missing);
    assert!(log.attribute(customer, "colour").is_err());
}

#[test]
fn ids_of_csv_files_take_the_type_of_the_other_tables() {
    let folder = tempfile::tempdir().unwrap();
    let orders =
        write(folder.path(), "orders.csv", "customer_id,time\n1,2024-01-01\n2,2024-01-02\n");
    let tickets = table(vec![
        ("customer_id", Arc::new(StringArray::from(vec!["1", "x"])) as ArrayRef),
        ("opened_at", Arc::new(Date32Array::from(vec![19_800, 19_801]))),
    ]);
    let log = build(EventLog::builder().transactions_path(orders).unwrap().tickets([tickets]));
    assert_eq!(log.customers().get(0.into()), CustomerId::Text("1"));
    assert_eq!(log.report().tickets.unwrap().rows_kept, 1);
}

#[test]
fn an_empty_ticket_table_is_a_ticket_log_without_tickets() {
    let folder = tempfile::tempdir().unwrap();
    let tickets = write(folder.path(), "tickets.csv", "customer_id,opened_at,resolved_at\n");
    let orders = write(folder.path(), "orders.csv", CSV);
    let log = build(
        EventLog::builder().transactions_path(orders).unwrap().tickets_path(tickets).unwrap(),
    );
    assert!(features(&log)[0].contains("ticket_count=0.0"), "{}", features(&log)[0]);
}
