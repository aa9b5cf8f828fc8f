//! What a table says does not depend on how its cells are written: by type, unit, order of columns
//! or place of the rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, RecordBatchIterator, StringArray,
    TimestampMicrosecondArray, TimestampNanosecondArray, new_null_array,
};
use arrow_schema::{DataType, Field, Schema};
use parquet::data_type::{Int64Type, Int96, Int96Type};
use parquet::file::writer::SerializedFileWriter;
use proptest::prelude::*;
use winback::answer::output::write_table;
use winback::features::FeatureTable;
use winback::log::{
    AttributeValue, CustomerHistory, EventLogBuilder, LogColumns, MissingIds, NewTransaction,
    OrderId, PartitionOptions, PurchaseRules, UNKNOWN_TYPE,
};
use winback::panel::{Panel, PanelOptions};
use winback::time::MICROS_PER_DAY;
use winback::{Error, EventLog, Timestamp};

use crate::made_tables::is_integer;

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

/// 20:00 UTC on the first of July 2024, day 19,905, is 22:00 in Berlin.
#[test]
fn times_of_96_bits_are_instants() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.parquet");
    let evening = wide_time(19_905, 20 * 3_600 * 1_000_000_000);
    write_wide_times(&path, &[evening], &[evening]);
    let builder = EventLog::builder().transactions_path(&path).unwrap();
    let builder = builder.time_zone("Europe/Berlin").unwrap();
    let log = builder.observed_until("2024-07-02").unwrap().build().unwrap();
    assert_eq!(log.first_event(), at("2024-07-01T22:00"));
}

fn floats(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn integers(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

/// Times so many days after 2024-01-01.
fn days(after: &[i64]) -> ArrayRef {
    let micros = after.iter().map(|day| (19_723 + day) * MICROS_PER_DAY);
    Arc::new(TimestampMicrosecondArray::from_iter_values(micros))
}

fn table(columns: &[(&str, ArrayRef)]) -> RecordBatch {
    let columns = columns.iter().map(|(name, array)| (*name, array.clone(), true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn build(batches: Vec<RecordBatch>) -> Result<EventLog, Error> {
    EventLog::builder().transactions(batches).observed_until("2024-03-01")?.build()
}

/// Amount and discount of every row.
fn rows(log: &EventLog) -> Vec<(f64, f64)> {
    let mut rows = Vec::new();
    for customer in log.customers().indices() {
        let history = log.history(customer, log.observed_until());
        rows.extend(history.lines().map(|line| (line.amount, line.discount)));
    }
    rows
}

#[test]
fn columns_are_found_by_name_in_every_batch() {
    let (ids, amounts, discounts) = (integers(&[1, 2]), floats(&[30.0, 40.0]), floats(&[1.0, 2.0]));
    let [first, second] = [days(&[0, 1]), days(&[2, 3])];
    let whole = table(&[
        ("customer_id", ids.clone()),
        ("time", first),
        ("amount", amounts.clone()),
        ("discount", discounts.clone()),
    ]);
    let turned = table(&[
        ("discount", discounts.clone()),
        ("note", ids.clone()),
        ("time", second.clone()),
        ("amount", amounts.clone()),
        ("customer_id", ids.clone()),
    ]);
    let expected = [(30.0, 1.0), (30.0, 1.0), (40.0, 2.0), (40.0, 2.0)];
    let log = build(vec![whole.clone(), turned.clone()]).unwrap();
    assert_eq!(rows(&log), expected);
    // A stream whose batches do not keep to its schema.
    let batches = [Ok(whole.clone()), Ok(turned)];
    let stream = RecordBatchIterator::new(batches, whole.schema());
    let builder = EventLog::builder().transactions_stream(Box::new(stream));
    let log = builder.observed_until("2024-03-01").unwrap().build().unwrap();
    assert_eq!(rows(&log), expected);

    let with = |extra: &[(&str, ArrayRef)]| {
        let mut columns = vec![("customer_id", ids.clone()), ("time", second.clone())];
        columns.extend(extra.iter().cloned());
        table(&columns)
    };
    let plain = with(&[]);
    let some = "is in some batches and not in others";
    for (batches, column, expected) in [
        (vec![whole, plain.clone()], "amount", some),
        (vec![plain.clone(), with(&[("channel", ids.clone())])], "channel", some),
        (vec![plain.clone(), with(&[("time", second.clone())])], "time", "is there twice"),
        (vec![plain, with(&[("amount", days(&[1, 2]))])], "amount", some),
    ] {
        let error = build(batches).unwrap_err();
        assert!(matches!(error, Error::Column { .. }), "{error:?}");
        assert_eq!(error.to_string(), format!("transactions.{column}: {expected}"));
    }
}

#[test]
fn types_are_checked_in_every_batch() {
    let batch = |amount: ArrayRef| {
        table(&[("customer_id", integers(&[1])), ("time", days(&[0])), ("amount", amount)])
    };
    let error = build(vec![batch(floats(&[1.0])), batch(days(&[0]))]).unwrap_err().to_string();
    assert_eq!(error, "transactions.amount: is of type Timestamp(µs); expected numbers");
}

/// A column whose type nobody knows, as a stream from elsewhere tells of it.
fn with_unknown_type(batch: &RecordBatch, name: &str) -> RecordBatch {
    let metadata: HashMap<String, String> =
        [(UNKNOWN_TYPE.to_owned(), "`_pli128`".to_owned())].into();
    let mut fields = batch.schema().fields().to_vec();
    fields.push(Arc::new(Field::new(name, DataType::Null, true).with_metadata(metadata)));
    let mut columns = batch.columns().to_vec();
    columns.push(new_null_array(&DataType::Null, batch.num_rows()));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

#[test]
fn unknown_types_matter_where_they_are_used() {
    let orders = table(&[("customer_id", integers(&[1])), ("time", days(&[0]))]);
    let log = build(vec![with_unknown_type(&orders, "note")]).unwrap();
    assert_eq!(log.report().unused_columns, ["transactions.note"]);
    let used = "transactions.amount: is of type `_pli128`, which cannot be read";
    for batches in [
        vec![with_unknown_type(&orders, "amount")],
        vec![
            table(&[
                ("customer_id", integers(&[1])),
                ("time", days(&[0])),
                ("amount", floats(&[1.0])),
            ]),
            with_unknown_type(&orders, "amount"),
        ],
    ] {
        assert_eq!(build(batches).unwrap_err().to_string(), used);
    }
    let customers = table(&[("customer_id", integers(&[1])), ("age", integers(&[40]))]);
    let builder = EventLog::builder().transactions([orders]);
    let builder = builder.customers([with_unknown_type(&customers, "note")]);
    let log = builder.observed_until("2024-03-01").unwrap().build().unwrap();
    assert_eq!(log.report().ignored_attributes, ["note"]);
    assert_eq!(log.attribute_names().collect::<Vec<_>>(), ["age"]);
}

/// Ids by a type that can hold them: texts, or a type of integers.
fn ids_as(ids: &[String], kind: usize) -> ArrayRef {
    let texts = StringArray::from_iter_values(ids);
    let types = [
        DataType::Int64,
        DataType::Int32,
        DataType::Float64,
        DataType::Decimal128(20, 2),
        DataType::LargeUtf8,
        DataType::Utf8View,
        DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
    ];
    let data_type = &types[kind % types.len()];
    let all_integers = ids.iter().all(|id| is_integer(id));
    if all_integers && data_type.is_numeric() {
        let integers: Vec<i64> = ids.iter().map(|id| id.parse().unwrap()).collect();
        arrow_cast::cast(&Int64Array::from(integers), data_type).unwrap()
    } else if data_type.is_numeric() {
        Arc::new(texts)
    } else {
        arrow_cast::cast(&texts, data_type).unwrap()
    }
}

/// Rows as customer, order and day, in parts that hold their ids each by its own type.
#[derive(Debug, Clone)]
struct Part {
    rows: Vec<(i64, String, i64)>,
    customer_kind: usize,
    order_kind: usize,
}

impl Part {
    fn batch(&self) -> RecordBatch {
        let customers: Vec<String> = self.rows.iter().map(|row| row.0.to_string()).collect();
        let orders: Vec<String> = self.rows.iter().map(|row| row.1.clone()).collect();
        let times: Vec<i64> = self.rows.iter().map(|row| row.2).collect();
        table(&[
            // Texts are ids of another kind than integers.
            ("customer_id", ids_as(&customers, self.customer_kind % 4)),
            ("time", days(&times)),
            ("order_id", ids_as(&orders, self.order_kind)),
        ])
    }
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let order = prop_oneof![
        (-2i64..4).prop_map(|order| order.to_string()),
        prop_oneof![Just("007"), Just("+1"), Just("-0"), Just("A-1"), Just("1.0")]
            .prop_map(str::to_owned),
    ];
    let integer = (-2i64..4).prop_map(|order| order.to_string());
    let rows = prop_oneof![
        proptest::collection::vec((0i64..4, order, 0i64..9), 1..12),
        proptest::collection::vec((0i64..4, integer, 0i64..9), 1..12),
    ];
    let part = (rows, 0usize..4, 0usize..7).prop_map(|(rows, customer_kind, order_kind)| Part {
        rows,
        customer_kind,
        order_kind,
    });
    proptest::collection::vec(part, 1..4)
}

/// The number of purchases of every customer.
fn purchase_counts(log: &EventLog) -> BTreeMap<String, usize> {
    let until = log.observed_until();
    let count = |customer| {
        let id = log.customers().get(customer).to_string();
        (id, log.history(customer, until).purchases().len())
    };
    log.customers().indices().map(count).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A purchase is an order of a customer, whatever the types of ids are.
    #[test]
    fn built_appended_in_parts_and_in_a_service_purchases_are_the_same(parts in parts()) {
        let all: Vec<_> = parts.iter().flat_map(|part| part.rows.clone()).collect();
        let mut orders: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for (customer, order, _) in &all {
            orders.entry(customer.to_string()).or_default().insert(order);
        }
        let expected: BTreeMap<String, usize> =
            orders.into_iter().map(|(customer, orders)| (customer, orders.len())).collect();

        let batches: Vec<RecordBatch> = parts.iter().map(Part::batch).collect();
        let log = build(batches.clone()).unwrap();
        prop_assert_eq!(&purchase_counts(&log), &expected);

        let mut log = build(vec![batches[0].clone()]).unwrap();
        for batch in &batches[1..] {
            let builder = EventLog::builder().transactions([batch.clone()]);
            log = builder.observed_until("2024-03-01").unwrap().append_to(&log).unwrap();
        }
        prop_assert_eq!(&purchase_counts(&log), &expected);

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.parquet");
        let kinds = |part: &Part| Part { rows: all.clone(), ..part.clone() }.batch();
        write_table(&kinds(&parts[0]), &path).unwrap();
        let builder = EventLog::builder().transactions_path(&path).unwrap();
        let options = PartitionOptions::new(1 << 30).least_parts(3);
        let log = builder.observed_until("2024-03-01").unwrap().partition(&options).unwrap();
        let mut found = BTreeMap::new();
        (0..log.parts()).for_each(|part| found.extend(purchase_counts(&log.part(part).unwrap())));
        prop_assert_eq!(&found, &expected);

        let mut found = BTreeMap::new();
        for customer in expected.keys() {
            let columns = LogColumns { order_id: true, ..LogColumns::default() };
            let mut history = CustomerHistory::new(columns, PurchaseRules::default());
            for part in &parts {
                let own = part.rows.iter().filter(|row| row.0.to_string() == *customer);
                for (_, order, day) in own {
                    let order_id = match order.parse() {
                        Ok(id) if part.order_kind < 4 && is_integer(order) => OrderId::Int(id),
                        _ => OrderId::Text(order),
                    };
                    let time = Timestamp::from_micros((19_723 + day) * MICROS_PER_DAY).unwrap();
                    let row = NewTransaction { order_id: Some(order_id), ..NewTransaction::at(time.into()) };
                    history.push_transaction(row).unwrap();
                }
            }
            found.insert(customer.clone(), history.history(at("2024-03-01")).purchases().len());
        }
        prop_assert_eq!(&found, &expected);
    }
}

#[test]
fn whole_floats_of_csv_files_are_integers() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let orders = "customer_id,time,order_id\n13085.0,2024-01-01,7.0\n13085,2024-01-02,7\n\
                  13086.0,2024-01-03,8.0\n";
    let tickets = "customer_id,opened_at\n13085.0,2024-01-04\n13086,2024-01-05\n";
    let builder = || {
        let builder = EventLog::builder().transactions_path(write("orders.csv", orders)).unwrap();
        builder.tickets_path(write("tickets.csv", tickets)).unwrap()
    };
    let log = builder().observed_until("2024-03-01").unwrap().build().unwrap();
    let expected = BTreeMap::from([("13085".to_owned(), 1), ("13086".to_owned(), 1)]);
    assert_eq!(purchase_counts(&log), expected);
    assert_eq!(log.report().tickets.as_ref().unwrap().rows_kept, 2);
    let appended = builder().observed_until("2024-03-01").unwrap().append_to(&log).unwrap();
    assert_eq!(purchase_counts(&appended), expected);
    assert_eq!(appended.report().tickets.as_ref().unwrap().rows_kept, 4);
    assert!(log.customers().find("13085").is_ok());
    assert!(log.customers().find("+13085").is_err() && log.customers().find("013085").is_err());
    let arrow = table(&[
        ("customer_id", floats(&[13_085.0, 13_085.0, 13_086.0])),
        ("time", days(&[0, 1, 2])),
        ("order_id", floats(&[7.0, 7.0, 8.0])),
    ]);
    assert_eq!(purchase_counts(&build(vec![arrow]).unwrap()), expected);
}

/// A builder of a log of these tables, as files of this ending.
fn files(folder: &Path, tables: &[(&str, &str)], ending: &str) -> EventLogBuilder {
    let mut builder = EventLog::builder().observed_until("2024-03-01").unwrap();
    for (name, text) in tables {
        let csv = folder.join(format!("{name}.csv"));
        std::fs::write(&csv, text).unwrap();
        let path = match ending {
            "csv" => csv,
            _ => {
                let path = folder.join(format!("{name}.parquet"));
                write_table(&read_table(text), &path).unwrap();
                path
            }
        };
        builder = match *name {
            "transactions" => builder.transactions_path(path),
            "tickets" => builder.tickets_path(path),
            "surveys" => builder.surveys_path(path),
            _ => builder.customers_path(path),
        }
        .unwrap();
    }
    builder.missing_ids(MissingIds::Drop)
}

/// A table of CSV cells: numbers where all cells of a column are, else texts; empty cells are null.
fn read_table(text: &str) -> RecordBatch {
    let mut lines = text.lines().map(|line| line.split(','));
    let names: Vec<&str> = lines.next().unwrap().collect();
    let rows: Vec<Vec<&str>> = lines.map(Iterator::collect).collect();
    let columns: Vec<(&str, ArrayRef)> = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let cells = rows.iter().map(|row| Some(row[i]).filter(|cell| !cell.is_empty()));
            let texts: ArrayRef = Arc::new(StringArray::from_iter(cells.clone()));
            let are_numbers = cells.flatten().all(|cell| cell.parse::<f64>().is_ok());
            let numbers = || arrow_cast::cast(&texts, &DataType::Float64).unwrap();
            (*name, if are_numbers { numbers() } else { texts.clone() })
        })
        .collect();
    table(&columns)
}

#[test]
fn rows_without_an_id_are_dropped_before_they_are_judged() {
    let folder = tempfile::tempdir().unwrap();
    let good = [
        (
            "transactions",
            "customer_id,time,amount\n,never,inf\n1,2024-01-02,5\n,,\n2,2024-01-04,6\n",
        ),
        (
            "tickets",
            "customer_id,opened_at,resolved_at\n,,\n1,2024-01-05,\n,2024-01-05,2024-01-01\n",
        ),
        ("surveys", "customer_id,time,score\n,2024-01-05,11\n,soon,\n2,2024-01-05,9\n"),
        ("customers", "customer_id,age\n,inf\n1,40\n2,41\n"),
    ];
    let with = |table: &str, row: &str| {
        let row = |name: &str| if name == table { row.to_owned() } else { String::new() };
        good.map(|(name, text)| (name, format!("{text}{}", row(name))))
    };
    let error = |tables: &[(&str, String)], ending: &str| {
        let tables: Vec<_> = tables.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let builder = || files(folder.path(), &tables, ending);
        let text = builder().build().unwrap_err().to_string();
        if ending == "parquet" {
            let parts = builder().partition(&PartitionOptions::new(1 << 30).least_parts(2));
            let all = parts
                .and_then(|log| (0..log.parts()).try_for_each(|part| log.part(part).map(drop)));
            assert_eq!(all.unwrap_err().to_string(), text);
        }
        text
    };
    for ending in ["csv", "parquet"] {
        let log = files(folder.path(), &good, ending).build().unwrap();
        let report = log.report();
        let rows = [
            &report.transactions,
            report.tickets.as_ref().unwrap(),
            report.surveys.as_ref().unwrap(),
            report.customer_attributes.as_ref().unwrap(),
        ];
        let counts = rows.map(|counts| (counts.rows_read, counts.missing_id, counts.rows_kept));
        assert_eq!(counts, [(4, 2, 2), (3, 2, 1), (3, 2, 1), (3, 1, 2)], "{ending}");
        assert_eq!(log.attribute(0.into(), "age").unwrap(), AttributeValue::Number(40.0));
        // The numbers of the other rows are still those of the input.
        for (table, row, expected) in [
            ("transactions", "3,2024-01-01,inf\n", "transactions.amount, row 5: is infinite"),
            (
                "tickets",
                "2,2024-01-05,2024-01-01\n",
                "tickets.resolved_at, row 4: the ticket is resolved before it is opened",
            ),
            ("surveys", "2,2024-01-05,12\n", "surveys.score, row 4: 12 lies outside 0 to 10"),
            (
                "customers",
                "2,5\n",
                "customers.customer_id, row 4: customer 2 is there already, in row 3",
            ),
        ] {
            assert_eq!(error(&with(table, row), ending), expected, "{ending}");
        }
    }
    // In a column of numbers only.
    let customers = "customer_id,age\n,1\n1,inf\n";
    let tables = [good[0], ("customers", customers)];
    let error = files(folder.path(), &tables, "parquet").build().unwrap_err().to_string();
    assert_eq!(error, "customers.age, row 2: is infinite");
}

#[test]
fn amounts_too_large_for_money_are_refused() {
    let row = |amount: f64| {
        table(&[
            ("customer_id", integers(&[1, 2])),
            ("time", days(&[0, 1])),
            ("amount", floats(&[5.0, amount])),
        ])
    };
    let columns = LogColumns { amount: true, ..LogColumns::default() };
    let mut history = CustomerHistory::new(columns, PurchaseRules::default());
    let mut push = |amount: f64| {
        let amount = Some(amount);
        history.push_transaction(NewTransaction {
            amount,
            ..NewTransaction::at(at("2024-01-02").into())
        })
    };
    for amount in [1e15, -1e15] {
        assert!(build(vec![row(amount)]).is_ok() && push(amount).is_ok());
    }
    for (amount, shown) in [(1.5e15, "1.5e15"), (-1e300, "-1e300")] {
        let error = build(vec![row(amount)]).unwrap_err().to_string();
        let expected = "is above 1e15 in absolute value";
        assert_eq!(error, format!("transactions.amount, row 2: {shown} {expected}"));
        let error = push(amount).unwrap_err();
        assert_eq!((error.table(), error.column()), (Some("transactions"), Some("amount")));
    }
}

#[test]
fn a_cutoff_given_twice_counts_once() {
    let orders = table(&[("customer_id", integers(&[1, 2])), ("time", days(&[0, 1]))]);
    let log = build(vec![orders]).unwrap();
    let twice = ["2024-02-01", "2024-01-15", "2024-02-01T00:00:00Z"];
    let once = FeatureTable::extract(&log, ["2024-02-01", "2024-01-15"], &[]).unwrap();
    let found = FeatureTable::extract(&log, twice, &[]).unwrap();
    assert_eq!((found.len(), found.cutoffs()), (once.len(), once.cutoffs()));
    let options = PanelOptions::default().horizon("7d").unwrap();
    let panel = Panel::build(&log, twice, "2024-03-01", &options).unwrap();
    assert_eq!(panel.features().len(), once.len());
}

/// Purchases and amounts by customer, and the categories.
fn summary(log: &EventLog) -> Vec<String> {
    let mut rows = Vec::new();
    for customer in log.customers().indices() {
        let history = log.history(customer, log.observed_until());
        rows.extend(history.lines().map(|line| {
            let category = line.category.and_then(|code| log.category(code)).unwrap_or("none");
            let id = log.customers().get(customer);
            format!("{id} {} {} {category}", line.time, line.amount)
        }));
        rows.push(format!("{} purchases", history.purchases().len()));
    }
    rows
}

#[test]
fn files_and_batches_differ_in_type_within_a_kind() {
    let cast = |array: ArrayRef, to: &DataType| arrow_cast::cast(&array, to).unwrap();
    let part = |ids: ArrayRef, time: ArrayRef, amount: ArrayRef, category: ArrayRef| {
        table(&[
            ("customer_id", ids.clone()),
            ("time", time),
            ("amount", amount),
            ("order_id", ids),
            ("category", category),
        ])
    };
    let nanos = |after: [i64; 2]| -> ArrayRef {
        let nanos = after.map(|day| (19_723 + day) * 1_000 * MICROS_PER_DAY);
        Arc::new(TimestampNanosecondArray::from(nanos.to_vec()).with_timezone("UTC"))
    };
    let tea: ArrayRef = Arc::new(StringArray::from(vec!["tea", "tea"]));
    let nothing = || new_null_array(&DataType::Null, 2);
    let before_1970 = Arc::new(TimestampNanosecondArray::from(vec![-1, 1]).with_timezone("UTC"));
    let decimals = cast(floats(&[1.25, 2.0]), &DataType::Decimal128(10, 2));
    let parts = [
        part(integers(&[1, 2]), days(&[0, 1]), integers(&[3, 4]), nothing()),
        part(floats(&[1.0, 3.0]), nanos([2, 3]), floats(&[0.5, 7.0]), tea.clone()),
        part(integers(&[2, 3]), cast(days(&[4, 5]), &DataType::Date32), decimals, nothing()),
        part(cast(integers(&[1, 4]), &DataType::UInt64), before_1970, floats(&[2.0, 1.0]), tea),
    ];
    let day = |after: i64| (19_723 + after) * MICROS_PER_DAY;
    let expected = [
        format!("1 {} 2 tea", -1),
        format!("1 {} 3 none", day(0)),
        format!("1 {} 0.5 tea", day(2)),
        "1 purchases".to_owned(),
        format!("2 {} 4 none", day(1)),
        format!("2 {} 1.25 none", day(4)),
        "1 purchases".to_owned(),
        format!("3 {} 7 tea", day(3)),
        format!("3 {} 2 none", day(5)),
        "1 purchases".to_owned(),
        format!("4 {} 1 tea", 0),
        "1 purchases".to_owned(),
    ];
    assert_eq!(summary(&build(parts.to_vec()).unwrap()), expected);
    let folder = tempfile::tempdir().unwrap();
    let path = |number: usize| folder.path().join(format!("{number}.parquet"));
    for turn in 0..parts.len() {
        for (number, part) in parts.iter().enumerate() {
            write_table(part, path((number + turn) % parts.len())).unwrap();
        }
        let builder = || {
            let builder = EventLog::builder().transactions_path(folder.path()).unwrap();
            builder.observed_until("2024-03-01").unwrap()
        };
        assert_eq!(summary(&builder().build().unwrap()), expected);
        let options = PartitionOptions::new(1 << 30).least_parts(3);
        let log = builder().partition(&options).unwrap();
        let parts = (0..log.parts()).flat_map(|part| summary(&log.part(part).unwrap()));
        assert_eq!(parts.collect::<Vec<_>>(), expected);
    }

    let texts = StringArray::from(vec!["1", "2"]);
    let other = part(Arc::new(texts), days(&[0, 1]), integers(&[3, 4]), nothing());
    write_table(&other, path(9)).unwrap();
    let builder = EventLog::builder().transactions_path(folder.path()).unwrap();
    let error = builder.observed_until("2024-03-01").unwrap().build().unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error:?}");
    let text = error.to_string();
    for part in [
        &*path(9).display().to_string(),
        "`customer_id` is of type Utf8 here and ",
        &*path(0).display().to_string(),
    ] {
        assert!(text.contains(part), "{text} lacks {part}");
    }
}

#[test]
fn an_attribute_of_nothing_is_of_any_type() {
    let orders = table(&[("customer_id", integers(&[1, 2])), ("time", days(&[0, 1]))]);
    let customer =
        |id: i64, plan: ArrayRef| table(&[("customer_id", integers(&[id])), ("plan", plan)]);
    let gold: ArrayRef = Arc::new(StringArray::from(vec!["gold"]));
    let nothing = new_null_array(&DataType::Null, 1);
    let expected = [AttributeValue::Missing, AttributeValue::Text("gold".into())];
    let parts = [customer(1, nothing), customer(2, gold)];
    for turned in [false, true] {
        let mut parts = parts.to_vec();
        if turned {
            parts.reverse();
        }
        let until = |builder: EventLogBuilder| builder.observed_until("2024-03-01").unwrap();
        let builder = || until(EventLog::builder().transactions([orders.clone()]));
        let whole = builder().customers(parts.clone()).build().unwrap();
        let first = builder().customers([parts[0].clone()]).build().unwrap();
        let rest = until(EventLog::builder().customers([parts[1].clone()]));
        for log in [whole, rest.append_to(&first).unwrap()] {
            assert_eq!([0, 1].map(|i| log.attribute(i.into(), "plan").unwrap()), expected);
        }
    }
}

#[test]
fn ids_of_nothing_are_of_any_type() {
    let nulls = || new_null_array(&DataType::Null, 1);
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let orders = |ids: &ArrayRef| table(&[("customer_id", ids.clone()), ("time", days(&[0]))]);
    let tickets = table(&[("customer_id", nulls()), ("opened_at", days(&[1]))]);
    let builder = || {
        let builder = EventLog::builder().missing_ids(MissingIds::Drop);
        builder.observed_until("2024-03-01").unwrap()
    };
    for ids in [texts, integers(&[1])] {
        let given = [orders(&nulls()), orders(&ids)];
        let both = builder().transactions(given).tickets([tickets.clone()]).build().unwrap();
        let first = builder().transactions([orders(&ids)]).tickets([tickets.clone()]);
        let first = first.build().unwrap();
        let rest = builder().transactions([orders(&nulls())]).tickets([tickets.clone()]);
        for log in [both, rest.append_to(&first).unwrap()] {
            let counts = &log.report().transactions;
            assert_eq!((counts.rows_read, counts.missing_id, counts.rows_kept), (2, 1, 1));
        }
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        write_table(&orders(&ids), path("orders.parquet")).unwrap();
        write_table(&tickets, path("tickets.parquet")).unwrap();
        let paths = builder().transactions_path(path("orders.parquet")).unwrap();
        let paths = paths.tickets_path(path("tickets.parquet")).unwrap();
        let log = paths.partition(&PartitionOptions::new(1 << 30)).unwrap().part(0).unwrap();
        assert_eq!(log.report().tickets.as_ref().unwrap().missing_id, 1);
    }
}

/// 500 equal texts of 512 KiB, which a file holds once.
#[test]
fn texts_that_a_file_holds_once_count_as_often_as_they_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.parquet");
    let text = "x".repeat(1 << 19);
    let texts: ArrayRef = Arc::new(arrow_array::StringArray::from(vec![text.as_str(); 500]));
    let batch = table(&[
        ("customer_id", integers(&[1; 500])),
        ("time", days(&[0; 500])),
        ("category", texts),
    ]);
    winback::answer::output::write_table(&batch, &path).unwrap();
    let build = |limit: Option<(&str, u64)>| {
        let builder = EventLog::builder().transactions_path(&path).unwrap();
        let builder = builder.observed_until("2024-03-01").unwrap();
        match limit {
            Some((name, value)) => builder.limit(name, value).unwrap().build(),
            None => builder.build(),
        }
    };
    let error = build(None).unwrap_err().to_string();
    assert!(error.contains("becomes more than 200 times its"), "{error}");
    assert!(build(Some(("expanded_bytes", 1 << 30))).is_ok());
    let error = build(Some(("cell_bytes", 1 << 18))).unwrap_err().to_string();
    assert!(error.contains("has a text of 524288 bytes; the limit `cell_bytes`"), "{error}");
}
