//! What a cell means: blanks, missing values, leading zeros, ids by any type, and tables whose ids
//! do not meet.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Decimal256Array, DictionaryArray, Int16Array, LargeStringArray, RecordBatch,
    StringArray,
};
use arrow_buffer::i256;
use arrow_schema::DataType;
use proptest::prelude::*;
use winback::EventLog;
use winback::answer::output::write_table;
use winback::log::{
    AttributeValue, CustomerHistory, CustomerId, LogColumns, MissingIds, NewTicket, NewTransaction,
    OrderId, PartitionOptions, PurchaseRules, TicketLogColumns,
};

use crate::made_tables::{Made, Way, builder, log_of_csv, made, orders_of, seen};

/// Customers and the number of their purchases.
fn customers(log: &EventLog) -> BTreeMap<String, usize> {
    let count = |customer| {
        let history = log.history(customer, log.observed_until());
        (log.customers().get(customer).to_string(), history.purchases().len())
    };
    log.customers().indices().map(count).collect()
}

/// The categories of the only customer's rows, by time.
fn categories(log: &EventLog) -> Vec<Option<&str>> {
    let history = log.history(0.into(), log.observed_until());
    history.lines().map(|line| line.category.and_then(|code| log.category(code))).collect()
}

/// A log of a customers table beside one customer.
fn attribute(cells: &[&str]) -> (EventLog, Vec<AttributeValue<'static>>) {
    let folder = tempfile::tempdir().unwrap();
    let rows = |cell: fn(usize, &[&str]) -> Vec<String>| -> Vec<Vec<String>> {
        (0..cells.len()).map(|i| cell(i, cells)).collect()
    };
    let orders = Made {
        name: "transactions",
        header: vec!["customer_id", "time"],
        rows: rows(|i, _| vec![i.to_string(), "2024-01-05".into()]),
    };
    let customers = Made {
        name: "customers",
        header: vec!["customer_id", "charges"],
        rows: rows(|i, cells| vec![i.to_string(), cells[i].to_owned()]),
    };
    let log = builder(&[orders, customers], Way::Csv, folder.path()).build().unwrap();
    let values = log.customers().indices().map(|customer| {
        match log.attribute(customer, "charges").unwrap() {
            AttributeValue::Text(text) => AttributeValue::Text(text.into_owned().into()),
            AttributeValue::Number(number) => AttributeValue::Number(number),
            AttributeValue::Missing => AttributeValue::Missing,
        }
    });
    let values = values.collect();
    (log, values)
}

use AttributeValue::{Missing, Number};

fn text(text: &str) -> AttributeValue<'static> {
    AttributeValue::Text(text.to_owned().into())
}

#[test]
fn an_attribute_is_of_numbers_where_all_that_is_there_is_a_number() {
    let (log, values) = attribute(&["1.5", " ", "NA", "-", "?", "NULL", " 2 ", "#N/A", "1e3"]);
    let missing = || Missing;
    let expected = vec![
        Number(1.5),
        missing(),
        missing(),
        missing(),
        missing(),
        missing(),
        Number(2.0),
        missing(),
        Number(1000.0),
    ];
    assert_eq!(values, expected);
    assert!(log.report().notes().is_empty());
    // Namibia, and nothing that would be a number.
    let (_, values) = attribute(&["NA", "", "NULL", "NA"]);
    assert_eq!(values, [text("NA"), Missing, Missing, text("NA")]);
    let (_, values) = attribute(&["", " ", "null"]);
    assert_eq!(values, [Missing, Missing, Missing]);
}

#[test]
fn digits_with_a_leading_zero_are_texts() {
    let (log, values) = attribute(&["01234", "20095", "", "99999"]);
    assert_eq!(values, [text("01234"), text("20095"), Missing, text("99999")]);
    assert!(log.report().odd_cells.is_empty());
    let (_, values) = attribute(&["0", "0.5", "-0.25", "10"]);
    assert_eq!(values, [Number(0.0), Number(0.5), Number(-0.25), Number(10.0)]);
}

#[test]
fn few_cells_that_make_a_column_one_of_texts_are_told() {
    let mut cells: Vec<String> = (0..1_503).map(|i| format!("{i}.5")).collect();
    for row in [1, 700, 1_499] {
        cells[row] = "n/a".to_owned();
    }
    cells[5].clear();
    cells[6] = "NaN".to_owned();
    cells[7] = " ".to_owned();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let (log, values) = attribute(&cells);
    assert_eq!((values[0].clone(), values[6].clone()), (text("0.5"), text("NaN")));
    let note = "customers.charges: 3 of 1,500 cells are not numbers, first in row 2 (\"n/a\"); read \
                as text";
    assert_eq!(log.report().notes(), [note]);
    assert!(log.report().to_string().ends_with(&format!("\nnote: {note}")));
    assert_eq!(log.notes().first().map(String::as_str), Some(note));
    for (cells, told) in [
        (vec!["1", "2", "3", "x"], 0), // one in four
        ([vec!["7"; 19], vec!["x"]].concat(), 1),
        ([vec!["7"; 18], vec!["x"]].concat(), 0),
        (vec!["7", "8", "inf"], 0),
        ([vec!["7"; 40], vec!["08", "x"]].concat(), 0), // codes, as of post offices
    ] {
        let (log, values) = attribute(&cells);
        assert_eq!(log.report().odd_cells.len(), told, "{cells:?}");
        assert_eq!(values[0], text(cells[0]));
    }
}

#[test]
fn texts_are_missing_by_one_rule_whatever_holds_them() {
    let cells = ["tea", " tea\u{a0}", "NULL", "\\N", "null", "\u{feff}", "NA", "None", "-"];
    let expected =
        [Some("tea"), Some("tea"), None, None, None, None, Some("NA"), Some("None"), Some("-")];
    let times = (1..=cells.len()).map(|day| format!("2024-01-0{day}"));
    let times: ArrayRef = Arc::new(StringArray::from_iter_values(times));
    let ids: ArrayRef = Arc::new(StringArray::from(vec!["c"; cells.len()]));
    let texts: ArrayRef = Arc::new(LargeStringArray::from(cells.to_vec()));
    let dictionary = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
    for to in [DataType::Utf8, DataType::LargeUtf8, DataType::Utf8View, dictionary] {
        let category = arrow_cast::cast(&texts, &to).unwrap();
        let columns =
            [("customer_id", ids.clone()), ("time", times.clone()), ("category", category)];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let builder = EventLog::builder().transactions([batch]);
        let log = builder.observed_until("2024-04-01").unwrap().build().unwrap();
        assert_eq!(categories(&log), expected, "{to}");
    }
    // A dictionary of which the rows use little.
    let keys = Int16Array::from(vec![1, 2]);
    let values: Vec<String> = [" a", "b ", "NULL"].map(str::to_owned).into();
    let values = values.into_iter().chain((0..99).map(|i| format!(" {i}")));
    let category = DictionaryArray::new(keys, Arc::new(StringArray::from_iter_values(values)));
    let category: ArrayRef = Arc::new(category);
    let columns =
        [("customer_id", ids.slice(0, 2)), ("time", times.slice(0, 2)), ("category", category)];
    let builder = EventLog::builder().transactions([RecordBatch::try_from_iter(columns).unwrap()]);
    let log = builder.observed_until("2024-04-01").unwrap().build().unwrap();
    assert_eq!(categories(&log), [Some("b"), None]);

    let rows: Vec<String> = cells
        .iter()
        .enumerate()
        .map(|(i, cell)| format!("c,2024-01-0{},\"{cell}\"\n", i + 1))
        .collect();
    let log = log_of_csv(&format!("customer_id,time,category\n{}", rows.concat())).unwrap();
    assert_eq!(categories(&log), expected);

    // A service says the same.
    let columns = LogColumns {
        category: true,
        order_id: true,
        tickets: Some(TicketLogColumns::default()),
        ..LogColumns::default()
    };
    let mut service = CustomerHistory::new(columns, PurchaseRules::default());
    let time = "2024-01-05".parse().unwrap();
    for (order, category) in [(" 7 ", " tea"), ("7", "NULL"), ("\u{a0}", "x"), ("NULL", "y")] {
        let (order_id, category) = (Some(OrderId::Text(order)), Some(category));
        let row = NewTransaction { order_id, category, ..NewTransaction::at(time) };
        service.push_transaction(row).unwrap();
    }
    service.push_ticket(NewTicket { topic: Some("null"), ..NewTicket::opened(time) }).unwrap();
    let history = service.history("2024-04-01".parse().unwrap());
    // Order 7, and the rows of one instant without an order.
    assert_eq!(history.purchases().len(), 2);
    assert_eq!(history.lines().filter(|line| line.category.is_none()).count(), 1);
}

#[test]
fn no_marker_says_when_a_row_became_known() {
    for cell in ["NULL", "NaN", "-", "never"] {
        let text = format!("customer_id,time,known_at\n1,2024-01-01,\n1,2024-01-02,{cell}\n");
        let error = log_of_csv(&text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("transactions.known_at, row 2: \"{cell}\"")), "{error}");
    }
    let error =
        log_of_csv("customer_id,time,known_at\n1,2024-01-01,NULL\n").unwrap_err().to_string();
    assert!(error.ends_with("leave the cell empty where that was when it happened"), "{error}");
    // An empty cell says that it was known at once.
    let log = log_of_csv("customer_id,time,known_at\n1,2024-01-01, \n1,2024-01-02,2024-03-01\n");
    let log = log.unwrap();
    let lines = |at: &str| log.history(0.into(), at.parse().unwrap()).lines().count();
    assert_eq!((lines("2024-02-01"), lines("2024-03-02")), (1, 2));
}

#[test]
fn blanks_around_ids_are_taken_off_and_told() {
    let text = "customer_id,time,order_id\n C-1,2024-01-01,7\n\"C-1\u{a0} \",2024-01-02,\" 7\"\n\
                C-2 ,2024-01-03,8\nC-3,2024-01-04,8\n\"  \",2024-01-05,8\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, text).unwrap();
    let until =
        |builder: winback::log::EventLogBuilder| builder.observed_until("2024-04-01").unwrap();
    let tickets = RecordBatch::try_from_iter([
        ("customer_id", Arc::new(StringArray::from(vec!["C-2\t", "C-3"])) as ArrayRef),
        ("opened_at", Arc::new(StringArray::from(vec!["2024-01-05"; 2])) as ArrayRef),
    ]);
    let builder = EventLog::builder().transactions_path(path).unwrap().tickets([tickets.unwrap()]);
    let log = until(builder).missing_ids(MissingIds::Drop).build().unwrap();
    let expected = [("C-1", 1), ("C-2", 1), ("C-3", 1)].map(|(id, n)| (id.to_owned(), n));
    assert_eq!(customers(&log), BTreeMap::from(expected));
    let report = log.report();
    assert_eq!((report.padded_ids, report.joined_ids), (4, 1));
    assert_eq!((report.transactions.missing_id, report.tickets.unwrap().rows_kept), (1, 2));
    let note = "customer ids: 4 rows had blanks around the id, which were taken off; 1 ids became one \
                by it";
    assert_eq!(report.notes(), [note]);
    assert_eq!(log.customers().find(" C-1 ").unwrap(), 0.into());
    // One that stands there with blanks and without.
    let log = until(EventLog::builder().transactions([orders_of(&["a", "a ", "b "])]));
    assert_eq!(log.build().unwrap().report().joined_ids, 1);
    // Integers of a CSV file.
    let log = log_of_csv("customer_id,time\n 7 ,2024-01-01\n7,2024-01-02\n").unwrap();
    assert_eq!(log.customers().get(0.into()), CustomerId::Int(7));
    assert_eq!((log.report().padded_ids, log.report().joined_ids), (1, 1));

    let path = folder.path().join("orders.parquet");
    write_table(&orders_of(&["a", "b ", " b", "c", " c", "d "]), &path).unwrap();
    let parts = || until(EventLog::builder().transactions_path(&path).unwrap());
    let whole = parts().build().unwrap();
    assert_eq!((whole.report().padded_ids, whole.report().joined_ids), (4, 2));
    let parts = parts().partition(&PartitionOptions::new(1 << 30).least_parts(3)).unwrap();
    assert!(parts.parts() > 1);
    let path = folder.path().join("features.csv");
    let written = winback::features::FeatureTable::write(&parts, ["2024-02-01"], None, &[], path);
    assert_eq!(&written.unwrap().report, whole.report());
}

#[test]
fn ids_that_look_like_missing_ones_are_customers_and_can_be_asked_for() {
    let ids = ["NA", "None", "unknown", "Guest", "c", "NA", "n/a"];
    let builder = EventLog::builder().transactions([orders_of(&ids)]);
    let log = builder.observed_until("2024-04-01").unwrap().build().unwrap();
    let rows: Vec<(String, u64)> =
        log.placeholder_ids().iter().map(|(id, rows)| (id.to_string(), *rows)).collect();
    let expected = [("Guest", 1), ("NA", 2), ("None", 1), ("n/a", 1), ("unknown", 1)];
    assert_eq!(rows, expected.map(|(id, rows)| (id.to_owned(), rows)));
    let log = log_of_csv("customer_id,time\n-1,2024-01-01\n0,2024-01-01\n7,2024-01-01\n").unwrap();
    assert_eq!(log.placeholder_ids(), [(CustomerId::Int(-1), 1), (CustomerId::Int(0), 1)]);
}

#[test]
fn tables_whose_ids_do_not_meet_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let tables = |ids: &dyn Fn(usize) -> String, rows: usize| {
        let row = |id: String| vec![id, "2024-01-05".to_owned()];
        let orders = Made {
            name: "transactions",
            header: vec!["customer_id", "time"],
            rows: (0..500).map(|i| row(format!("{:03}", i % 250))).collect(),
        };
        let tickets = Made {
            name: "tickets",
            header: vec!["customer_id", "opened_at"],
            rows: (0..rows).map(|i| row(ids(i))).collect(),
        };
        [orders, tickets]
    };
    let told = |tables: &[Made; 2]| {
        let whole = builder(tables, Way::Parquet, folder.path()).build().unwrap();
        let options = PartitionOptions::new(1 << 30).least_parts(3);
        let parts = builder(tables, Way::Parquet, folder.path()).partition(&options).unwrap();
        let path = folder.path().join("features.csv");
        let written =
            winback::features::FeatureTable::write(&parts, ["2024-02-01"], None, &[], path);
        assert_eq!(&written.unwrap().report, whole.report());
        assert_eq!(
            builder(tables, Way::Csv, folder.path()).build().unwrap().report(),
            whole.report()
        );
        assert_eq!(whole.notes()[..whole.report().notes().len()], whole.report().notes());
        whole.report().unmet_ids.clone()
    };
    let ids = "ids are C-000, C-001, C-002 here and 000, 001, 002 there";
    let prefix = "which differ in what stands before the digits";
    let expected =
        format!("tickets: none of 30 rows is of a customer of the transactions; {ids}, {prefix}");
    assert_eq!(told(&tables(&|i| format!("C-{i:03}"), 30)), [expected]);
    // One in 200, and one in 100.
    let some = |every: usize| {
        move |i: usize| {
            if i.is_multiple_of(every) { format!("{:03}", i % 250) } else { format!("x{i}y") }
        }
    };
    let expected = "tickets: 1 of 200 rows are of customers of the transactions; ids are x100y, x101y, \
                    x102y here and 000, 001, 002 there";
    assert_eq!(told(&tables(&some(200), 200)), [expected]);
    assert!(told(&tables(&some(100), 200)).is_empty());
    assert!(told(&tables(&some(99), 99)).is_empty());
    assert!(told(&tables(&|i| i.to_string(), 0)).is_empty());

    // A later table brings them together, or does not.
    let [orders, tickets] = tables(&|i| format!("{i:03} "), 30);
    let strangers = Made { rows: vec![vec!["zz".into(), "2024-01-05".into()]], ..orders.clone() };
    let log = builder(&[strangers, tickets], Way::Arrow, folder.path()).build().unwrap();
    assert_eq!(log.report().unmet_ids.len(), 1);
    let log = builder(&[orders], Way::Arrow, folder.path()).append_to(&log).unwrap();
    assert!(log.report().unmet_ids.is_empty());
}

/// Integers as a column of every type that can hold them, and as texts.
fn ids_as(ids: &[i64], kind: usize) -> ArrayRef {
    let integers: ArrayRef = Arc::new(arrow_array::Int64Array::from(ids.to_vec()));
    let cast = |to: &DataType| arrow_cast::cast(&integers, to).unwrap();
    let dictionary = |values: DataType| {
        arrow_cast::cast(
            &cast(&values),
            &DataType::Dictionary(Box::new(DataType::Int32), Box::new(values)),
        )
        .unwrap()
    };
    match kind {
        0 => integers,
        1 => cast(&DataType::Int8),
        2 => cast(&DataType::Int16),
        3 => cast(&DataType::Int32),
        4 => cast(&DataType::UInt8),
        5 => cast(&DataType::UInt32),
        6 => cast(&DataType::UInt64),
        7 => cast(&DataType::Float64),
        8 => cast(&DataType::Decimal128(38, 0)),
        9 => cast(&DataType::Decimal128(20, 3)),
        10 => dictionary(DataType::Int64),
        11 => {
            let ids =
                ids.iter().map(|&id| i256::from_i128(id.into()).wrapping_mul(i256::from_i128(100)));
            Arc::new(
                Decimal256Array::from_iter_values(ids).with_precision_and_scale(70, 2).unwrap(),
            )
        }
        12 => cast(&DataType::Utf8),
        13 => cast(&DataType::Utf8View),
        14 => cast(&DataType::LargeUtf8),
        _ => dictionary(DataType::Utf8),
    }
}

const NUMERIC: std::ops::Range<usize> = 0..12;
const KINDS: std::ops::Range<usize> = 0..16;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Ids and order ids by any type give equal logs, at once, one after the other, and in parts.
    #[test]
    fn ids_by_any_type_give_one_log(
        seed in any::<u64>(),
        id_kinds in (NUMERIC, NUMERIC),
        order_kinds in (KINDS, KINDS),
        text_kind in 12usize..16,
        cut in 1usize..29,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let [orders, ..] = made(seed, 30);
        let expected = builder(std::slice::from_ref(&orders), Way::Csv, folder.path()).build().unwrap();
        let expected = seen(&expected);
        let ids = |column: usize| -> Vec<i64> {
            orders.rows.iter().map(|row| row[column].parse().unwrap()).collect()
        };
        let (customer_ids, order_ids) = (ids(0), ids(3));
        let batch = |id_kind, order_kind, rows: std::ops::Range<usize>| {
            let own = Made { rows: orders.rows[rows.clone()].to_vec(), ..orders.clone() }.batch();
            let columns = own.schema().fields().iter().zip(own.columns()).map(|(field, column)| {
                let column = match field.name().as_str() {
                    "customer_id" => ids_as(&customer_ids[rows.clone()], id_kind),
                    "order_id" => ids_as(&order_ids[rows.clone()], order_kind),
                    _ => column.clone(),
                };
                (field.name().clone(), column, true)
            }).collect::<Vec<_>>();
            RecordBatch::try_from_iter_with_nullable(columns).unwrap()
        };
        let until = |builder: winback::log::EventLogBuilder| builder.observed_until("2024-04-01").unwrap();
        let halves = [
            batch(id_kinds.0, order_kinds.0, 0..cut),
            batch(id_kinds.1, order_kinds.1, cut..30),
        ];
        let whole = until(EventLog::builder().transactions(halves.clone())).build().unwrap();
        prop_assert_eq!(&seen(&whole), &expected);
        let first = until(EventLog::builder().transactions([halves[0].clone()])).build().unwrap();
        let rest = until(EventLog::builder().transactions([halves[1].clone()]));
        prop_assert_eq!(&seen(&rest.append_to(&first).unwrap()), &expected);
        let path = folder.path().join("orders.parquet");
        // Parquet cannot hold the wider decimals by every writer's type.
        write_table(&batch(id_kinds.0, order_kinds.0, 0..30), &path).unwrap();
        let parts = until(EventLog::builder().transactions_path(&path).unwrap());
        let parts = parts.partition(&PartitionOptions::new(1 << 30).least_parts(2)).unwrap();
        let in_parts: Vec<String> =
            (0..parts.parts()).flat_map(|part| seen(&parts.part(part).unwrap())).collect();
        prop_assert_eq!(&in_parts, &expected);
        // Texts are ids of another kind, which reads the same.
        let texts = batch(text_kind, order_kinds.0, 0..30);
        let texts = until(EventLog::builder().transactions([texts])).build().unwrap();
        prop_assert_eq!(&seen(&texts), &expected);
        let mut floats = orders.clone();
        for row in &mut floats.rows {
            row[0].push_str(".0");
            row[3] = format!("\u{a0}{} ", row[3]);
        }
        let floats = builder(&[floats], Way::Csv, folder.path()).build().unwrap();
        prop_assert_eq!(&seen(&floats), &expected);
    }
}

#[test]
fn wide_decimals_that_are_no_ids_are_refused_by_row() {
    let ids = [700, 701].map(i256::from_i128);
    let ids: ArrayRef =
        Arc::new(Decimal256Array::from_iter_values(ids).with_precision_and_scale(50, 2).unwrap());
    let orders = orders_of(&["", ""]);
    let columns = [("customer_id", ids), ("time", orders.column(1).clone())];
    let builder = EventLog::builder().transactions([RecordBatch::try_from_iter(columns).unwrap()]);
    let error = builder.observed_until("2024-04-01").unwrap().build().unwrap_err().to_string();
    assert_eq!(error, "transactions.customer_id, row 2: is not a whole number of 64 bits");
}
