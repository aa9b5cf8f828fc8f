//! What a table says does not depend on how its cells are written: by type, unit, order of columns
//! or place of the rows.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::data_type::{Int64Type, Int96, Int96Type};
use parquet::file::writer::SerializedFileWriter;
use winback::log::PartitionOptions;
use winback::{Error, EventLog, Timestamp};

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// A time of 96 bits: the nanoseconds of a day, and its Julian number, that of 1970-01-01 being
/// 2,440,588.
fn wide_time(days_since_1970: i64, nanos: u64) -> Int96 {
    let mut time = Int96::new();
    time.set_data(nanos as u32, (nanos >> 32) as u32, (days_since_1970 + 2_440_588) as u32);
    time
}

/// Rows of customer 1 in a file as Spark writes it.
fn write_wide_times(path: &Path, time: &[Int96], known_at: &[Int96]) {
    let schema = "message m {
        required int64 customer_id; required int96 time; required int96 known_at;
    }";
    let schema = parquet::schema::parser::parse_message_type(schema).unwrap();
    let file = File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::default()).unwrap();
    let mut rows = writer.next_row_group().unwrap();
    let mut ids = rows.next_column().unwrap().unwrap();
    ids.typed::<Int64Type>().write_batch(&vec![1; time.len()], None, None).unwrap();
    ids.close().unwrap();
    for times in [time, known_at] {
        let mut column = rows.next_column().unwrap().unwrap();
        column.typed::<Int96Type>().write_batch(times, None, None).unwrap();
        column.close().unwrap();
    }
    rows.close().unwrap();
    writer.close().unwrap();
}

/// The log of one file, and the parts of it.
fn both_ways(path: &Path) -> Vec<Result<EventLog, Error>> {
    let builder = || {
        let builder = EventLog::builder().transactions_path(path).unwrap();
        builder.observed_until("2024-03-01").unwrap()
    };
    let parts = builder().partition(&PartitionOptions::new(1 << 30));
    vec![builder().build(), parts.and_then(|log| log.part(0))]
}

/// 2024-01-01 is day 19,723, 9999-12-31 day 2,932,896 and 0001-01-01 day -719,162.
#[test]
fn times_of_96_bits_are_judged_before_they_wrap_around() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.parquet");
    let good = wide_time(19_723, 45_296_123_456_789);
    write_wide_times(&path, &[good], &[good]);
    for log in both_ways(&path) {
        assert_eq!(log.unwrap().first_event(), at("2024-01-01T12:34:56.123456"));
    }
    for day in [2_932_896, -719_162] {
        let bad = wide_time(day, 0);
        for (time, known_at, column) in
            [([good, bad], [good, good], "time"), ([good, good], [good, bad], "known_at")]
        {
            write_wide_times(&path, &time, &known_at);
            for log in both_ways(&path) {
                let error = log.unwrap_err().to_string();
                let expected =
                    format!("transactions.{column}, row 2: lies outside the years 1677 to 2262");
                assert_eq!(error, expected);
            }
        }
    }
}
