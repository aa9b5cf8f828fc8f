//! Times in all forms and zones, and numbers as the world writes them: each is read as what it says,
//! or refused by one clear message.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arrow_array::{
    ArrayRef, Int64Array, RecordBatch, RecordBatchIterator, StringArray, TimestampMicrosecondArray,
    TimestampNanosecondArray,
};
use proptest::prelude::*;
use winback::answer::output::write_table;
use winback::features::FeatureTable;
use winback::log::{AttributeValue, EventLogBuilder, NewTransaction, PartitionOptions, PurchaseBy};
use winback::retention::{Migration, MigrationOptions};
use winback::segments::{RfmOptions, RfmSegments};
use winback::surveys::{NpsOptions, NpsReport};
use winback::time::{IntoTimestamp, Moment, TimeZone};
use winback::{ChurnModel, Error, EventLog, Timestamp};

use crate::common;

const UNTIL: &str = "2025-01-01";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A log of one CSV file of transactions.
fn csv(
    text: &str,
    options: impl FnOnce(EventLogBuilder) -> Result<EventLogBuilder, Error>,
) -> Result<EventLog, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, text).unwrap();
    let builder = EventLog::builder().transactions_path(path)?.observed_until(UNTIL)?;
    options(builder)?.build()
}

/// Rows of customer 1 at these times.
fn rows_at<'a>(times: impl IntoIterator<Item = &'a str>) -> String {
    let rows = times.into_iter().map(|time| format!("1;{time}\n"));
    format!("customer_id;time\n{}", rows.collect::<String>())
}

/// The times of the first customer's purchases.
fn times(log: &EventLog) -> Vec<String> {
    let history = log.history(0.into(), log.observed_until());
    let time = |micros| Timestamp::from_micros(micros).unwrap().to_string();
    history.purchases().iter().map(|purchase| time(purchase.time)).collect()
}

fn message(log: Result<EventLog, Error>) -> String {
    log.unwrap_err().to_string()
}

fn plain(builder: EventLogBuilder) -> Result<EventLogBuilder, Error> {
    Ok(builder)
}

fn batch(time: ArrayRef) -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![1; time.len()]));
    RecordBatch::try_from_iter([("customer_id", ids), ("time", time)]).unwrap()
}

/// Local times by Python's zoneinfo (tzdata 2024a).
#[test]
fn instants_become_what_the_clocks_of_a_zone_show() {
    for (zone, utc, local) in [
        ("America/New_York", "2024-02-01T01:00:00", "2024-01-31T20:00:00"),
        ("America/New_York", "2024-03-10T06:59:59", "2024-03-10T01:59:59"),
        ("America/New_York", "2024-03-10T07:00:00", "2024-03-10T03:00:00"),
        ("America/New_York", "2024-11-03T05:30:00", "2024-11-03T01:30:00"),
        ("America/New_York", "2024-11-03T06:30:00", "2024-11-03T01:30:00"),
        ("Europe/Berlin", "2024-03-31T00:59:59", "2024-03-31T01:59:59"),
        ("Europe/Berlin", "2024-03-31T01:00:00", "2024-03-31T03:00:00"),
        ("Europe/Berlin", "1979-12-31T23:30:00", "1980-01-01T00:30:00"),
        ("Asia/Kolkata", "2024-01-31T18:30:00", "2024-02-01"),
        ("Asia/Kathmandu", "1985-12-31T18:29:00", "1985-12-31T23:59:00"),
        ("Pacific/Apia", "2011-12-30T10:00:00", "2011-12-31"),
        ("Europe/Moscow", "2014-10-25T21:59:00", "2014-10-26T01:59:00"),
        ("Europe/Moscow", "2014-10-25T22:01:00", "2014-10-26T01:01:00"),
        ("UTC", "2024-02-01T01:00:00", "2024-02-01T01:00:00"),
    ] {
        let micros = at(utc).micros();
        let texts = [format!("{utc}Z"), format!("{utc} UTC"), format!("{utc}+0000")];
        let mut tables: Vec<RecordBatch> =
            texts.into_iter().map(|text| batch(Arc::new(StringArray::from(vec![text])))).collect();
        let micro = TimestampMicrosecondArray::from(vec![micros]).with_timezone("UTC");
        let nano = TimestampNanosecondArray::from(vec![micros * 1_000]).with_timezone("Asia/Tokyo");
        tables.extend([batch(Arc::new(micro)), batch(Arc::new(nano))]);
        // Without a zone they are of the clock already.
        tables.push(batch(Arc::new(TimestampMicrosecondArray::from(vec![at(local).micros()]))));
        tables.push(batch(Arc::new(StringArray::from(vec![local]))));
        for table in tables {
            let log = EventLog::builder()
                .transactions([table])
                .time_zone(zone)
                .unwrap()
                .observed_until("last_event")
                .unwrap()
                .build()
                .unwrap();
            assert_eq!(times(&log), [local], "{zone} {utc}");
            assert_eq!((log.time_zone().name(), log.first_event()), (zone, at(local)));
        }
    }
}

#[test]
fn days_and_months_are_those_of_the_zone() {
    let rows = "customer_id;time\n1;2024-03-10T04:30:00Z\n1;2024-03-10T05:30:00Z\n";
    let by_day = |builder: EventLogBuilder| builder.purchase_by(PurchaseBy::Day);
    let utc = csv(rows, |builder| Ok(by_day(builder))).unwrap();
    let there = csv(rows, |builder| by_day(builder).time_zone("America/New_York")).unwrap();
    assert_eq!((utc.report().purchases, there.report().purchases), (1, 2));
    assert_eq!(times(&there), ["2024-03-09T23:30:00", "2024-03-10T00:30:00"]);
}

#[test]
fn cutoffs_are_of_the_clock_or_converted_to_it() {
    let zone = "America/New_York";
    let rows = rows_at(["2024-01-01", "2024-11-03T01:30:00", "2024-12-31 23:00"]);
    let log = csv(&rows, |builder| builder.time_zone(zone)?.observed_until("2025-01-01T05:00:00Z"))
        .unwrap();
    assert_eq!(log.observed_until(), at("2025-01-01"));
    let instant = SystemTime::UNIX_EPOCH + Duration::from_secs(1_717_200_000); // 2024-06-01 00:00 Z
    for cutoff in ["2024-05-31T20:00", "2024-06-01T00:00Z", "2024-06-01T02:00[Europe/Berlin]"] {
        assert_eq!(log.at(cutoff).unwrap().at(), at("2024-05-31T20:00"), "{cutoff}");
    }
    assert_eq!(log.at(instant).unwrap().at(), at("2024-05-31T20:00"));
    assert_eq!(log.at(at("2024-06-01")).unwrap().at(), at("2024-06-01"));
    // The hour that comes twice.
    assert_eq!(log.at("2024-11-03T01:30").unwrap().at(), at("2024-11-03T01:30"));
    for cutoff in ["2024-11-03T05:30Z", "2024-11-03T01:30-05:00"] {
        let error = log.at(cutoff).unwrap_err().to_string();
        assert!(
            error.starts_with(
                "at: expected a time outside the hour that the clocks of America/New_York show twice"
            ),
            "{error}"
        );
    }
    // An hour that does not come is as good as another.
    assert_eq!(log.at("2024-03-10T02:30").unwrap().at(), at("2024-03-10T02:30"));
    let periods = winback::periods::PeriodOptions::default()
        .start("2024-01-01T05:00Z")
        .unwrap()
        .periods(&log)
        .unwrap();
    assert_eq!(periods.window(0).start, at("2024-01-01"));
    assert_eq!(
        FeatureTable::extract(&log, ["2024-06-01T04:00Z"], &[]).unwrap().cutoffs(),
        [at("2024-06-01")]
    );
    assert!(
        "2024-06-01T04:00Z".into_argument("at", TimeZone::UTC).unwrap() == at("2024-06-01T04:00")
    );
}

#[test]
fn a_zone_is_known_by_its_name() {
    let error = message(csv(&rows_at(["2024-01-01"]), |builder| builder.time_zone("Mars")));
    let expected = "time_zone: expected the name of a time zone, such as Europe/Berlin or \
                    America/New_York, got \"Mars\"";
    assert_eq!(error, expected);
    for (given, name) in [("europe/berlin", "Europe/Berlin"), ("Etc/UTC", "UTC"), ("utc", "UTC")] {
        assert_eq!(given.parse::<TimeZone>().unwrap().name(), name);
    }
}

#[test]
fn models_keep_the_zone_of_their_log() {
    let shop = common::simulated(400);
    let log = |zone: &str| {
        EventLog::builder()
            .transactions([shop.transactions.clone()])
            .time_zone(zone)
            .unwrap()
            .observed_until(UNTIL)
            .unwrap()
            .build()
            .unwrap()
    };
    let (utc, berlin) = (log("UTC"), log("Europe/Berlin"));
    let model = ChurnModel::builder().fit(&berlin, "2024-09-30T22:00:00Z").unwrap();
    assert_eq!(model.training().until, at("2024-10-01"));
    let model = ChurnModel::from_bytes(&model.to_bytes().unwrap()).unwrap();
    assert_eq!(model.purchase_rules().time_zone.name(), "Europe/Berlin");
    let expected = "time_zone: expected \"Europe/Berlin\", as in training, got UTC";
    assert_eq!(model.score(&utc.at(UNTIL).unwrap()).unwrap_err().to_string(), expected);
    assert!(model.score(&berlin.at(UNTIL).unwrap()).is_ok());
    let segments = RfmSegments::fit(&utc.at(UNTIL).unwrap(), &RfmOptions::default()).unwrap();
    let expected = "time_zone: expected \"UTC\", as when the scores were fitted, got Europe/Berlin";
    assert_eq!(segments.score(&berlin.at(UNTIL).unwrap()).unwrap_err().to_string(), expected);
    // One customer of a service, by instants.
    let mut customer = model.customer_history();
    let order = NewTransaction::at("2024-11-05T18:30:00Z".parse().unwrap());
    customer.push_transaction(NewTransaction { amount: Some(35.0), ..order }).unwrap();
    let score = |cutoff: &str| model.score_customer(&customer, cutoff).unwrap().unwrap();
    assert_eq!(score("2024-12-01T00:00"), score("2024-11-30T23:00:00Z"));
    let times: Vec<Moment> = customer.transactions().map(|row| row.time).collect();
    assert_eq!(times, [at("2024-11-05T19:30:00").into()]);
}

#[test]
fn what_is_appended_is_by_the_clock_of_the_log() {
    let first = rows_at(["2024-01-31T23:30:00Z"]);
    let log = csv(&first, |builder| builder.time_zone("Europe/Berlin")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("more.csv");
    std::fs::write(&path, rows_at(["2024-06-30T22:00:00Z", "2024-07-02"])).unwrap();
    let more = || {
        let builder = EventLog::builder().transactions_path(&path).unwrap();
        builder.observed_until(UNTIL).unwrap()
    };
    let appended = more().append_to(&log).unwrap();
    assert_eq!(times(&appended), ["2024-02-01T00:30:00", "2024-07-01", "2024-07-02"]);
    assert!(more().time_zone("Europe/Berlin").unwrap().append_to(&log).is_ok());
    let error = message(more().time_zone("Asia/Tokyo").unwrap().append_to(&log));
    assert_eq!(error, "time_zone: expected \"Europe/Berlin\", as of the log, got Asia/Tokyo");
    std::fs::write(&path, rows_at(["07/02/2024"])).unwrap();
    assert!(
        message(more().append_to(&log)).contains("\"07/02/2024\" may have its day or its month")
    );
}

/// A folder of files of which some hold instants and some times of the clock.
fn write_folder(folder: &Path) {
    let micros = |text: &str| at(text).micros();
    let instants = TimestampNanosecondArray::from(vec![micros("2024-02-01T01:00:00") * 1_000])
        .with_timezone("UTC");
    let clock = TimestampMicrosecondArray::from(vec![micros("2024-02-01T01:00:00")]);
    write_table(&batch(Arc::new(instants)), folder.join("a.parquet")).unwrap();
    write_table(&batch(Arc::new(clock)), folder.join("b.parquet")).unwrap();
}

#[test]
fn parts_on_disk_are_by_the_clock_of_the_log_too() {
    let folder = tempfile::tempdir().unwrap();
    write_folder(folder.path());
    let builder = || {
        let builder = EventLog::builder().transactions_path(folder.path()).unwrap();
        builder.time_zone("America/New_York").unwrap().observed_until("2024-03-01").unwrap()
    };
    let parts = builder().partition(&PartitionOptions::new(1 << 30)).unwrap();
    for log in [builder().build().unwrap(), parts.part(0).unwrap()] {
        assert_eq!(times(&log), ["2024-01-31T20:00:00", "2024-02-01T01:00:00"]);
        assert_eq!(log.time_zone(), parts.time_zone());
    }
    // Files of instants alone stay instants on disk.
    std::fs::remove_file(folder.path().join("b.parquet")).unwrap();
    let parts = builder().partition(&PartitionOptions::new(1 << 30)).unwrap();
    assert_eq!(times(&parts.part(0).unwrap()), ["2024-01-31T20:00:00"]);
    assert_eq!(parts.first_event(), at("2024-01-31T20:00:00"));
}

#[test]
fn the_order_of_day_and_month_is_that_of_the_column() {
    for (rows, expected) in [
        (["1/2/2024", "13/2/2024"], ["2024-02-01", "2024-02-13"]),
        (["1/2/2024", "2/13/2024"], ["2024-01-02", "2024-02-13"]),
        (["01-02-2024 10:00", "13-02-2024"], ["2024-02-01T10:00:00", "2024-02-13"]),
        (["05/05/2024", "06/06/2024"], ["2024-05-05", "2024-06-06"]),
        (["31.01.2024", "01.02.2024 9:05"], ["2024-01-31", "2024-02-01T09:05:00"]),
    ] {
        assert_eq!(times(&csv(&rows_at(rows), plain).unwrap()), expected, "{rows:?}");
    }
    for (rows, expected) in [
        (
            ["1/2/2024", "3/4/2024"],
            "transactions.time, row 1: \"1/2/2024\" may have its day or its month first, and no other \
             row of the column tells which; give time_format=, such as \"%d/%m/%Y\" or \"%m/%d/%Y\"",
        ),
        (
            ["1/31/2024", "31/1/2024"],
            "transactions.time, row 2: \"31/1/2024\" has its day first, unlike \"1/31/2024\" in row \
             1; give time_format=, such as \"%d/%m/%Y\" or \"%m/%d/%Y\"",
        ),
        (
            ["2024-01-31", "3/4/2024"],
            "transactions.time, row 2: \"3/4/2024\" is written in another way than the first time of \
             its column; give time_format=",
        ),
        (
            ["31/12/2024", "32/12/2024"],
            "transactions.time, row 2: \"32/12/2024\" is not a date or time",
        ),
    ] {
        let error = message(csv(&rows_at(rows), plain));
        assert!(error.starts_with(expected), "{error}");
    }
}

/// The row that decides may come in another piece of the table than those that need it.
#[test]
fn the_order_of_day_and_month_does_not_depend_on_pieces() {
    let early = "3/4/2024";
    let rows = rows_at(std::iter::repeat_n(early, 70_000).chain(["4/13/2024"]));
    let log = common::on_threads(2, || csv(&rows, plain)).unwrap();
    assert_eq!(log.first_event(), at("2024-03-04"));
    let text = |texts: &[&str]| batch(Arc::new(StringArray::from(texts.to_vec())));
    let batches = || [text(&[early, early]), text(&["13/4/2024"]), text(&["1/4/2024"])];
    let schema = batches()[0].schema();
    let stream = RecordBatchIterator::new(batches().into_iter().map(Ok), schema);
    let builder = || EventLog::builder().observed_until(UNTIL).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (number, table) in batches().iter().enumerate() {
        write_table(table, folder.path().join(format!("{number}.parquet"))).unwrap();
    }
    let of_files = || builder().transactions_path(folder.path()).unwrap();
    let parts = of_files().partition(&PartitionOptions::new(1 << 30)).unwrap();
    for log in [
        builder().transactions(batches()).build().unwrap(),
        builder().transactions_stream(Box::new(stream)).build().unwrap(),
        of_files().build().unwrap(),
        parts.part(0).unwrap(),
    ] {
        assert_eq!(times(&log), ["2024-04-01", "2024-04-03", "2024-04-13"]);
    }
}

#[test]
fn times_that_need_a_format_say_so() {
    for (text, expected) in [
        ("1709287200", "is a number, not a date or time; convert it first"),
        ("1709287200000", "is a number, not a date or time; convert it first"),
        ("31.01.24", "has a year of two digits; give time_format=, such as \"%d.%m.%y\""),
        ("2024/01/31 2:30 PM", "is by a clock of 12 hours; give time_format=, such as"),
        ("2024-01-31T10:00+05:00[Europe/Berlin]", "has an offset that Europe/Berlin does not have"),
        (
            "2024-10-27T02:30[Europe/Berlin]",
            "is shown twice or never by the clocks of Europe/Berlin",
        ),
        ("2024-01-31 10:00 CET", "is not a date or time of the years 1677 to 2262"),
    ] {
        let error = message(csv(&rows_at([text]), plain));
        assert!(
            error.starts_with(&format!("transactions.time, row 1: \"{text}\" {expected}")),
            "{error}"
        );
    }
    // In the zone itself the hour that comes twice is one.
    let rows = rows_at(["2024-10-27T02:30[Europe/Berlin]"]);
    let log = csv(&rows, |builder| builder.time_zone("Europe/Berlin")).unwrap();
    assert_eq!(times(&log), ["2024-10-27T02:30:00"]);
}

#[test]
fn formats_are_those_of_all_columns_or_of_one() {
    let rows = "customer_id;time;known_at\n1;01/02/24 10:30 PM;2024-02-03\n";
    let read = |format: &str| {
        csv(rows, |builder| {
            builder.column_time_format("transactions.known_at", "%Y-%m-%d")?.time_format(format)
        })
    };
    assert_eq!(times(&read("%d/%m/%y %I:%M %p").unwrap()), ["2024-02-01T22:30:00"]);
    assert_eq!(times(&read("%m/%d/%y %I:%M %p").unwrap()), ["2024-01-02T22:30:00"]);
    let seconds = csv(&rows_at(["1709287200"]), |builder| builder.time_format("%s")).unwrap();
    assert_eq!(times(&seconds), ["2024-03-01T10:00:00"]);
    let error = message(read("%d.%m.%Y"));
    let expected = "transactions.time, row 1: \"01/02/24 10:30 PM\" is not a time written as \
                    \"%d.%m.%Y\"";
    assert_eq!(error, expected);
    assert!(message(read("%d.%m.")).starts_with("time_format: expected a format that gives year"));
    let column =
        |place: &str| message(csv(rows, |builder| builder.column_time_format(place, "%Y%m%d")));
    let expected = "one of the columns of transactions, time, valid_until, known";
    assert!(column("transactions.amount").contains(expected));
    assert_eq!(
        column("tickets.opened_at"),
        "time_format: expected a table that is given, got tickets"
    );
}

#[test]
fn numbers_are_read_by_their_signs() {
    let amounts =
        |cells: [&str; 2], options: fn(EventLogBuilder) -> Result<EventLogBuilder, Error>| {
            let [a, b] = cells;
            let rows = format!("customer_id;time;amount\n1;2024-01-01;{a}\n1;2024-02-01;{b}\n");
            csv(&rows, options).map(|log| {
                let history = log.history(0.into(), log.observed_until());
                history.purchases().iter().map(|purchase| purchase.check).collect::<Vec<f64>>()
            })
        };
    let german = |builder: EventLogBuilder| builder.decimal(',')?.thousands('.');
    let french = |builder: EventLogBuilder| builder.decimal(',')?.thousands(' ');
    let swiss = |builder: EventLogBuilder| builder.thousands('\'');
    assert_eq!(amounts(["1.234,5", "3,50"], german).unwrap(), [1234.5, 3.5]);
    assert_eq!(amounts(["1\u{202f}234,5", "1\u{a0}000"], french).unwrap(), [1234.5, 1000.0]);
    assert_eq!(amounts(["1'234.50", "1e3"], swiss).unwrap(), [1234.5, 1000.0]);
    let refused = |cells, options| amounts(cells, options).unwrap_err().to_string();
    assert_eq!(
        refused(["1", "1,234"], plain),
        "transactions.amount, row 2: \"1,234\" is not a number: thousands=\",\" reads it as 1234, \
         decimal=\",\" as 1.234"
    );
    assert!(refused(["12.34", "1"], german).starts_with(
        "transactions.amount, row 1: \"12.34\" is not a number with decimal=\",\" and thousands=\".\""
    ));
    let same = |builder: EventLogBuilder| builder.decimal(',')?.thousands(',');
    assert!(refused(["1", "1"], same).starts_with("thousands: expected another character than"));
    let wrong = |builder: EventLogBuilder| builder.decimal(';');
    assert!(refused(["1", "1"], wrong).starts_with("decimal: expected \".\" or \",\", got"));
}

#[test]
fn attributes_are_numbers_by_the_same_signs() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let orders = write("orders.csv", "customer_id;time\n1;2024-01-01\n2;2024-01-02\n");
    let customers = write("customers.csv", "customer_id;limit;tags\n1;1.200,5;a,b\n2;80;c\n");
    let builder = || {
        EventLog::builder()
            .transactions_path(&orders)
            .and_then(|builder| builder.customers_path(&customers)?.observed_until(UNTIL))
            .unwrap()
    };
    let log = builder().decimal(',').unwrap().thousands('.').unwrap().build().unwrap();
    assert_eq!(log.attribute(0.into(), "limit").unwrap(), AttributeValue::Number(1200.5));
    assert_eq!(log.attribute(0.into(), "tags").unwrap(), AttributeValue::Text("a,b".into()));
    assert_eq!(
        message(builder().build()),
        "customers.limit, row 1: \"1.200,5\" is not a number: decimal=\",\" and thousands=\".\" reads \
         it as 1200.5"
    );
}

proptest! {
    /// Instants in a log of a zone are the clock's times, whatever way they are written.
    #[test]
    fn prop_instants_are_times_of_the_clock(
        seconds in proptest::collection::vec(0i64..2_000_000_000, 1..20),
        offset in -12i64..=12,
        zone in proptest::sample::select(vec!["Europe/Berlin", "America/St_Johns", "Asia/Tokyo"]),
    ) {
        let zone: TimeZone = zone.parse().unwrap();
        let written = |second: i64| {
            let there = Timestamp::from_micros((second + offset * 3_600) * 1_000_000).unwrap();
            let there = there.to_string();
            let time = if there.contains('T') { there } else { format!("{there}T00:00:00") };
            format!("{time}{}{:02}:00", if offset < 0 { '-' } else { '+' }, offset.abs())
        };
        let of_clock = |second: i64| {
            zone.clock(Timestamp::from_micros(second * 1_000_000).unwrap()).unwrap().to_string()
        };
        let log = |times: Vec<String>| {
            let builder = EventLog::builder().transactions([batch(Arc::new(StringArray::from(times)))]);
            let builder = builder.time_zone(zone.name()).unwrap();
            builder.observed_until("last_event").unwrap().build().unwrap()
        };
        let given = log(seconds.iter().map(|&second| written(second)).collect());
        let clock = log(seconds.iter().map(|&second| of_clock(second)).collect());
        prop_assert_eq!(times(&given), times(&clock));
        prop_assert_eq!(given.observed_until(), clock.observed_until());
    }
}

/// Answers, one of each customer.
fn answers(scores: &[f64]) -> EventLog {
    let rows = |row: usize| format!("{row};2024-01-01\n");
    let orders = (1..=scores.len()).map(rows).collect::<String>();
    let says = |(row, score): (usize, &f64)| format!("{};2024-02-01;{score};price\n", row + 1);
    let folder = tempfile::tempdir().unwrap();
    let (orders_path, path) = (folder.path().join("orders.csv"), folder.path().join("answers.csv"));
    std::fs::write(&orders_path, format!("customer_id;time\n{orders}")).unwrap();
    let says = scores.iter().enumerate().map(says).collect::<String>();
    std::fs::write(&path, format!("customer_id;time;score;topic\n{says}")).unwrap();
    let builder = EventLog::builder().transactions_path(orders_path).unwrap();
    builder.surveys_path(path).unwrap().observed_until(UNTIL).unwrap().build().unwrap()
}

#[test]
fn no_interval_has_no_width_however_few_there_are() {
    for scores in [&[10.0][..], &[10.0, 10.0], &[0.0, 10.0], &[10.0; 3], &[3.0, 7.0, 10.0]] {
        let log = answers(scores);
        let report = NpsReport::build(&log.at(UNTIL).unwrap(), &NpsOptions::default()).unwrap();
        let wide = |low: Option<f64>, high: Option<f64>| low.zip(high).is_none_or(|(a, b)| a < b);
        for row in &report.groups {
            assert!(row.nps.is_none_or(|nps| nps.low < nps.high), "{row:?}");
            assert!(row.against_others.is_none_or(|found| wide(found.low, found.high)), "{row:?}");
        }
        for row in &report.topics {
            let found = row.contribution;
            assert!(wide(found.low, found.high) && found.points.abs() < 1e-9, "{row:?}");
        }
        for row in &report.afterwards {
            let share = row.afterwards.purchase_share.and_then(|share| share.interval);
            assert!(share.is_none_or(|(low, high)| low < high), "{row:?}");
        }
        let text = report.to_string();
        assert!(!text.contains("-0.0 ") && !text.contains("+0.0"), "{text}");
        // One customer, who falls silent.
        let (before, after) = (log.at("2024-02-01").unwrap(), log.at(UNTIL).unwrap());
        let options = MigrationOptions::default().vulnerable(["lost"]);
        let limits = winback::labels::LifecycleLimits::default();
        let found = Migration::lifecycle(&before, &after, limits, &options).unwrap();
        let alarm = found.alarm.unwrap();
        assert_eq!(alarm.rise, 1.0);
        assert!(alarm.rise_interval.0 < alarm.rise_interval.1, "{alarm:?}");
    }
}
