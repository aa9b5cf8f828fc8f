//! How a table is read, found out from little: what is given is taken as it is, all rows settle what
//! some leave open, and no row is dropped that another reading would read.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};
use winback::answer::Answer;
use winback::check::{Reading, Severity, TableCheck, TableCheckOptions};
use winback::{EventLog, Timestamp};

fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn checked_by(bytes: &[u8], given: Value) -> winback::Result<TableCheck> {
    let (_folder, path) = written("table.csv", bytes);
    let reading = Reading::of(given.as_object().unwrap())?;
    TableCheck::of_path_by(&path, &reading, &TableCheckOptions::default())
}

fn checked(text: &str) -> TableCheck {
    checked_by(text.as_bytes(), json!({})).unwrap()
}

fn spent(check: &TableCheck) -> f64 {
    let log = check.event_log.as_ref().unwrap_or_else(|| panic!("no log: {check}"));
    let of = |customer| {
        let history = log.history(customer, Timestamp::MAX);
        history.lines().map(|line| line.amount).sum::<f64>()
    };
    log.customers().indices().map(of).sum()
}

/// The arguments but for `observed_until`.
fn proposed(check: &TableCheck) -> Value {
    let mut arguments = check.arguments.clone();
    arguments.remove("observed_until");
    arguments.into()
}

/// So many rows below a header, made of their numbers.
fn rows(header: &str, count: usize, row: impl Fn(usize) -> String) -> String {
    let mut text = format!("{header}\n");
    (0..count).for_each(|i| writeln!(text, "{}", row(i)).unwrap());
    text
}

#[test]
fn what_is_given_is_taken_as_it_is_and_shown() {
    let text =
        "Report\nwho|when|worth\n7|01/02/2024|1.000\n-|01/02/2024|2.000\n8|03/04/2024|none\n";
    let given = json!({
        "columns": {"transactions": {"customer_id": "who", "time": "when", "amount": "worth"}},
        "skip_rows": 1,
        "csv_separator": "|",
        "time_format": "%m/%d/%Y",
        "decimal": ",",
        "thousands": ".",
        "missing_values": ["-", "none"],
        "missing_ids": "drop",
        "bad_rows": "drop",
        "time_zone": "Europe/Berlin",
        "observed_until": "2024-06-01",
    });
    let check = checked_by(text.as_bytes(), given.clone()).unwrap();
    let mut expected = given.as_object().unwrap().clone();
    expected.remove("columns");
    assert_eq!(Value::from(check.arguments.clone()), Value::from(expected));
    assert_eq!(spent(&check), 1_000.0);
    let log = check.event_log.as_ref().unwrap();
    assert_eq!(log.first_event(), "2024-01-02".parse().unwrap());
    assert_eq!(log.observed_until(), "2024-06-01".parse().unwrap());
    let command = check.command_line.unwrap();
    for part in ["--decimal ,", "--skip-rows 1", "--missing-values -,none", "--bad-rows drop"] {
        assert!(command.contains(part), "{part} in {command}");
    }
    let cp866 = b"\x8a\xab\xa8\xa5\xad\xe2;\x84\xa0\xe2\xa0\n7;2024-01-05\n";
    let check = checked_by(cp866, json!({"encoding": "cp866"})).unwrap();
    assert_eq!(check.columns[0].column, "Клиент");
    assert_eq!(proposed(&check), json!({"encoding": "cp866"}));
}

#[test]
fn a_named_table_is_the_table() {
    let text = "a,b,c\n7,2024-01-05,3\n7,2024-01-06,9\n";
    let columns =
        |table: &str, time: &str| json!({"columns": {table: {"customer_id": "a", time: "b"}}});
    let mut log_ins = columns("events", "time");
    log_ins["columns"]["events"]["kind"] = "'login'".into();
    let check = checked_by(text.as_bytes(), log_ins).unwrap();
    assert_eq!((check.table, &check.problem), ("events", &None), "{check}");
    assert!(check.python.unwrap().contains("\"kind\": \"'login'\""));
    assert_eq!(checked_by(text.as_bytes(), columns("events", "time")).unwrap().table, "none");
    for (table, time) in [("transactions", "time"), ("tickets", "opened_at")] {
        let check = checked_by(text.as_bytes(), columns(table, time)).unwrap();
        assert_eq!((check.table, &check.problem), (table, &None), "{check}");
    }
    for (given, expected) in [
        (columns("orders", "time"), "columns: expected one of the tables transactions"),
        (columns("surveys", "when"), "columns: expected one of the columns of surveys"),
        (
            json!({"columns": {"transactions": {"time": "d"}}}),
            "transactions.d: is not among the columns",
        ),
        (
            json!({"columns": {"tickets": {}}, "time_format": {"surveys.time": "%d.%m.%Y"}}),
            "time_format: expected the table tickets",
        ),
        (json!({"sheets": "Orders"}), "sheets: expected none, for only workbooks have sheets"),
        (json!({"decimals": ","}), "given: expected arguments of the log"),
        (json!({"decimal": ";"}), "decimal: expected"),
    ] {
        let error = checked_by(text.as_bytes(), given).unwrap_err().to_string().replace('"', "");
        assert!(error.contains(expected), "{error}");
    }
    let batch = super::common::simulated(20).transactions;
    for (name, value) in [("encoding", "cp1251"), ("decimal", ","), ("sheets", "Orders")] {
        let reading = Reading::of(json!({name: value}).as_object().unwrap()).unwrap();
        let options = TableCheckOptions::default();
        let error = TableCheck::of_batches_by(std::slice::from_ref(&batch), &reading, &options)
            .unwrap_err();
        assert!(error.to_string().starts_with(&format!("{name}: expected none")), "{error}");
    }
}

/// Behind what is looked at first.
const DEEP: usize = 11_111;

#[test]
fn a_cell_deep_in_a_table_corrects_how_it_is_read() {
    let german = |deep: &str, usual: fn(usize) -> String| {
        rows("Kunde;Datum;Betrag", 12_000, |i| {
            let amount = if i == DEEP { deep.to_owned() } else { usual(i) };
            format!("{};{:02}.{:02}.2024;{amount}", i % 20, i % 27 + 1, i % 12 + 1)
        })
    };
    let thousands = json!({"decimal": ",", "thousands": "."});
    let check = checked(&german("12,50", |i| format!("1.{:03}", i % 1_000)));
    assert_eq!(proposed(&check), thousands);
    let sum: usize = (0..12_000).filter(|i| *i != DEEP).map(|i| 1_000 + i % 1_000).sum();
    assert_eq!(spent(&check), sum as f64 + 12.5);
    assert!(Answer::notes(&check).iter().all(|note| !note.contains("is read as")), "{check}");
    let check = checked(&german("1.286,01", |i| format!("{},50", i % 90)));
    assert_eq!(proposed(&check), thousands);
    let check = checked(&german("7.25", |_| "1.250".to_owned()));
    assert_eq!((proposed(&check), spent(&check)), (json!({}), 11_999.0 * 1.25 + 7.25));

    let dates = |deep: &str| {
        rows("customer;date;total", 12_000, |i| {
            let date = format!("{:02}/{:02}/2024", i % 12 + 1, i % 11 + 1);
            format!("{};{};1.50", i % 20, if i == DEEP { deep } else { &date })
        })
    };
    for (deep, format) in [("25/02/2024", "%d/%m/%Y"), ("02/25/2024", "%m/%d/%Y")] {
        let check = checked(&dates(deep));
        assert_eq!(proposed(&check), json!({"time_format": format}));
        assert!(!check.python.as_ref().unwrap().contains("a guess"), "{check}");
        assert_eq!(check.event_log.unwrap().report().transactions.rows_kept, 12_000);
    }
    // With and without a time of day.
    let check = checked("user_id,date,total\n7,1/31/2024 10:00,5\n7,2/3/2024,6\n8,3/4/2024,7\n");
    assert_eq!((proposed(&check), spent(&check)), (json!({}), 18.0), "{check}");
    // Rows without an id, behind those that were looked at.
    let check = checked(&rows("user_id,date,total", 12_000, |i| {
        format!("{},2024-01-05,2", if i == DEEP { String::new() } else { (i % 9).to_string() })
    }));
    assert_eq!(proposed(&check), json!({"missing_ids": "drop"}));
}

#[test]
fn no_row_is_dropped_that_another_reading_reads() {
    for (text, place) in [
        (
            rows("user_id;date;total", 100, |i| {
                format!("7;2024-01-05;{}", if i == 60 { "1,50" } else { "1.25" })
            }),
            "row 61",
        ),
        (
            rows("user_id,date,total", 100, |i| {
                format!("7,{},2", if i == 60 { "1/31/2024" } else { "2024-01-05" })
            }),
            "row 61",
        ),
    ] {
        let check = checked(&text);
        let problem = check.problem.unwrap();
        assert!(problem.contains(place) && problem.contains("another way"), "{problem}");
        assert!(!check.arguments.contains_key("bad_rows") && check.log.is_none());
    }
    let text = rows("user_id;date;total", 100, |_| "7;2024-01-05;1.25".to_owned());
    let check = checked_by(text.as_bytes(), json!({"decimal": ","})).unwrap();
    assert!(!check.arguments.contains_key("bad_rows"), "{check}");
    // What no reading reads is left out.
    let check = checked(&rows("user_id,date,total", 100, |i| {
        format!("7,2024-01-05,{}", if i == 60 { "many" } else { "1.25" })
    }));
    assert_eq!(proposed(&check), json!({"bad_rows": "drop"}));
}

#[test]
fn three_digits_behind_a_sign_are_a_guess_and_told_as_one() {
    let of = |separator: char, more: &str| {
        let text = rows("Kunde;Datum;Betrag;Menge", 60, |i| {
            format!("{};2024-01-{:02};1.{i:03};{more}", i % 20, i % 27 + 1)
        });
        checked(&text.replace(';', &separator.to_string()))
    };
    let sum: f64 = (0..60).map(|i| f64::from(1_000 + i)).sum();
    let check = of(';', "1");
    assert_eq!(proposed(&check), json!({"decimal": ",", "thousands": "."}));
    assert!((spent(&check) - sum).abs() < 1e-6);
    let python = check.python.clone().unwrap();
    assert!(python.contains("# a guess: \"1.000\" is read as 1000, and may be 1"), "{python}");
    // A decimal comma, or a decimal point, elsewhere in the file tells.
    let check = of('\t', "12,5");
    assert_eq!(proposed(&check), json!({"decimal": ",", "thousands": "."}));
    assert_eq!(proposed(&of(';', "12.5")), json!({}));
    let check = of(',', "1");
    assert_eq!(proposed(&check), json!({}));
    let text = check.to_string().replace("\n      ", " ");
    assert!(text.contains("give decimal=\",\" and thousands=\".\""), "{text}");
    let check = checked("user_id,date,total\n7,2024-01-05,\"1,000\"\n8,2024-01-06,\"2,500\"\n");
    assert_eq!((proposed(&check), spent(&check)), (json!({"thousands": ","}), 3_500.0));
    assert!(check.python.unwrap().contains("# a guess"));
}

#[test]
fn the_encoding_is_the_one_that_the_log_proposes() {
    let cp1251 = |text: &str| -> Vec<u8> {
        let byte = |c: char| match u32::from(c) {
            code @ 0x410..=0x44f => (code - 0x410 + 0xc0) as u8,
            code => u8::try_from(code).unwrap(),
        };
        text.chars().map(byte).collect()
    };
    let russian = cp1251(&rows("Код клиента;Дата;Сумма", 2_000, |i| {
        format!("{};05.01.2024;1\u{a0}250,50", i % 20)
    }));
    let german =
        cp1251(&rows("K\u{e4}ufer;Datum;Betrag", 2_000, |i| format!("{};05.01.2024;1,5", i % 20)));
    // The first letters come behind the bytes that are looked at first.
    let late = cp1251(&rows("user_id;date;total;city", 9_000, |i| {
        format!("{};05.01.2024;1,5;{}", i % 20, if i > 8_000 { "Москва" } else { "" })
    }));
    for (bytes, name) in [(russian, "cp1251"), (german, "cp1252"), (late, "cp1251")] {
        let check = checked_by(&bytes, json!({})).unwrap();
        assert_eq!(check.arguments["encoding"], name, "{check}");
        assert!(
            check.to_string().contains(&format!("read as {name}, which the file does not say"))
        );
        let (_folder, path) = written("table.csv", &bytes);
        let mut builder = EventLog::builder().transactions_path(&path).unwrap();
        if check.columns.len() > 3 {
            for (own, name) in [("customer_id", "user_id"), ("time", "date"), ("category", "city")]
            {
                builder = builder.column(&format!("transactions.{own}"), name).unwrap();
            }
        }
        let error = builder.observed_until("2025-01-01").unwrap().build().unwrap_err().to_string();
        assert!(error.contains(&format!("encoding=\"{name}\"")), "{error}");
    }
}

#[test]
fn tables_beside_transactions_are_read_as_proposed() {
    let tickets = rows("caller_id,opened_at,resolved_at,priority", 30, |i| {
        let id = if i == 7 { String::new() } else { format!("c{i}") };
        format!("{id},{:02}/01/2024,{:02}/02/2024,high", i % 28 + 1, i % 28 + 1)
    });
    let check = checked(&tickets);
    assert_eq!((check.table, &check.problem), ("tickets", &None), "{check}");
    assert_eq!(proposed(&check), json!({"time_format": "%d/%m/%Y", "missing_ids": "drop"}));
    let text = check.to_string();
    assert!(text.contains("Read so: 30 rows, 1 left out without a customer id"), "{text}");
    let surveys = rows("user_id;answered_at;nps", 40, |i| {
        format!("{};2024-01-03;{}", i % 30, if i == 9 { "x".into() } else { (i % 11).to_string() })
    });
    let check = checked(&surveys);
    assert_eq!((check.table, &check.problem), ("surveys", &None), "{check}");
    assert_eq!(proposed(&check), json!({"bad_rows": "drop"}));
    let check = checked("customer_id,plan\n007,a\n008,b\n");
    assert_eq!((check.table, &check.problem), ("customers", &None), "{check}");
    for check in [checked(&tickets), checked(&surveys), check] {
        let (python, command) = (check.python.unwrap(), check.command_line.unwrap());
        assert!(python.contains("\"YOUR_ORDERS.csv\",  # your transactions"), "{python}");
        assert!(python.contains("observed_until=\"YYYY-MM-DD\","), "{python}");
        assert!(command.contains("--transactions YOUR_ORDERS.csv"), "{command}");
        assert!(command.contains("--observed-until YYYY-MM-DD"), "{command}");
    }
}

#[test]
fn figures_are_those_of_the_amounts_that_are_proposed() {
    let text = rows("InvoiceNo;CustomerID;InvoiceDate;Quantity;UnitPrice", 40, |i| {
        format!("{i};{};2024-01-{:02};{};2,50", i % 7, i % 28 + 1, if i == 3 { -4 } else { 2 })
    });
    let check = checked(&text);
    assert_eq!(spent(&check), 39.0 * 5.0 - 10.0);
    let python = check.python.clone().unwrap();
    for part in [
        "separator=\";\",",
        "schema_overrides={\"Quantity\": pl.String, \"UnitPrice\": pl.String},",
        "amount=pl.col(\"Quantity\").str.replace_all(\"[^0-9,-]\", \"\")",
    ] {
        assert!(python.contains(part), "{part} in {python}");
    }
    assert_eq!(check.command_line, None);
    assert!(check.to_string().contains("On the command line, write the table"), "{check}");
    // Thousands that come late, beside a sign.
    let late = rows("user_id,date,total", 12_000, |i| {
        format!("{},2024-01-05,\"{}\"", i % 9, if i == DEEP { "$1,286.01" } else { "$2.00" })
    });
    let check = checked(&late);
    assert_eq!(proposed(&check), json!({}));
    assert!((spent(&check) - (11_999.0 * 2.0 + 1_286.01)).abs() < 1e-6);
    // Of one amount in other words nothing can be told: the last row has another one.
    for (amount, other, sum) in [
        ("$1,250.50", "$1,350.50", 25_110.0),
        ("1250.50 EUR", "1350.50 EUR", 25_110.0),
        ("12 руб.", "13 руб.", 241.0),
    ] {
        let text = rows("user_id,date,total", 20, |i| {
            format!("{},2024-01-05,\"{}\"", i % 9, if i == 19 { other } else { amount })
        });
        let check = checked(&text);
        assert_eq!(spent(&check), sum, "{check}");
        assert!(!check.to_string().contains("unused-column"), "{check}");
    }
}

#[test]
fn an_open_order_and_offsets_are_said_where_the_code_is() {
    let text = rows("user_id,date,total", 60, |i| {
        format!("{},{:02}/{:02}/2024,5", i % 20, i % 12 + 1, i % 11 + 1)
    });
    let python = checked(&text).python.unwrap();
    assert!(python.contains("time_format=\"%d/%m/%Y\",  # a guess, for no date tells"), "{python}");
    for (offset, zone) in [("-05:00", Some("Etc/GMT+5")), ("Z", None), ("", None)] {
        let check = checked(&rows("user_id,created_at,amount", 60, |i| {
            format!("{},2024-01-{:02}T23:30:00{offset},5", i % 20, i % 27 + 1)
        }));
        assert_eq!(check.arguments.get("time_zone").and_then(Value::as_str), zone);
        let said = check.python.unwrap().contains("By default days are UTC's");
        assert_eq!(said, zone.is_some());
        let last = "2024-01-27T23:30:00".parse().unwrap();
        assert_eq!(check.event_log.unwrap().last_event(), last);
    }
}

#[test]
fn what_is_no_log_says_why_and_what_to_do() {
    assert!(checked("customer_id,time,amount\n").to_string().contains("is not a log: it is empty"));
    for (text, why) in [
        ("customer_id,time,amount\n7,2024-01-05\n8,2024-01-06\n", "no row has a cell"),
        ("7,2024-01-01,1.50\n8,2024-01-02,2.50\n", "its first line looks like a row"),
        ("customer_id,visits\n7,1\n7,2\n", "no column holds dates or times"),
        (
            "customer_id,churn_date\n7,2024-01-01\n7,2024-01-02\n",
            "the only column of dates or times, \"churn_date\", is named as something else",
        ),
    ] {
        let check = checked(text);
        let shown = check.to_string().replace('\n', " ");
        assert!(check.table == "none" && shown.contains(why), "{check}");
        assert!(shown.contains("columns={\"transactions\": {\"customer_id\": ..."), "{check}");
    }
    // The only column of times is the time, whatever its name.
    for name in ["Belegtag", "foo", "answered", "submitted"] {
        let text = rows(&format!("user_id,{name},total"), 40, |i| {
            format!("{},2024-01-{:02},5", i % 9, i % 28 + 1)
        });
        assert_eq!(checked(&text).columns[1].seems_to_be, Some("time"), "{name}");
    }
    let check = checked(&rows("user_id,timestamp,amount", 60, |i| {
        format!("{},{},5", i % 20, 1_700_000_000 + i * 86_400)
    }));
    assert_eq!(proposed(&check), json!({"time_format": "%s"}));
    let check = checked(&rows("user_id,timestamp,amount", 60, |i| {
        format!("{},{},5", i % 20, 1_700_000_000_000_u64 + i as u64)
    }));
    assert_eq!(proposed(&check), json!({"time_format": "epoch_ms"}));
    let check = checked(&rows("contract,account_id,start_date,end_date,mrr", 30, |i| {
        format!("k{i},a{},2024-01-{:02},,10", i % 9, i % 28 + 1)
    }));
    assert!(check.to_string().contains("each row seems to be a contract"), "{check}");
}

#[test]
fn states_and_repeats_are_told_by_columns_that_a_log_has_not() {
    let text = |state: fn(usize) -> &'static str| {
        rows("order_id,customer_id,order_date,total,status", 60, |i| {
            format!("{i},c{},2024-01-{:02} 10:00,10.00,{}", i % 20, i % 28 + 1, state(i))
        })
    };
    let check = checked(&text(|i| if i % 4 == 0 { "Cancelled" } else { "paid" })).log.unwrap();
    let found = &check.findings[0];
    assert_eq!((found.check, found.count, found.severity), ("status", 15, Severity::High));
    assert!(found.finding.contains("as \"Cancelled\" in \"status\""), "{}", found.finding);
    let check = checked(&text(|i| if i % 4 == 0 { "shipped" } else { "paid" })).log.unwrap();
    assert!(check.findings.iter().all(|finding| finding.check != "status"));
    let looked = check.looked_for.iter().find(|looked| looked.check == "status").unwrap();
    assert_eq!(looked.result, "not found");
    let twice = |more: fn(usize) -> usize| {
        checked(&rows("customer_id,time,amount,line", 80, |i| {
            format!("c{},2024-01-{:02},5,{}", i % 40, i % 40 % 28 + 1, more(i))
        }))
        .log
        .unwrap()
    };
    let found = |check: &winback::check::LogCheck| {
        let found = check.findings.iter().find(|f| f.check == "duplicates").unwrap();
        (found.severity, found.finding.clone())
    };
    let (severity, text) = found(&twice(|_| 1));
    assert_eq!(severity, Severity::High);
    assert!(text.ends_with("40 rows do so in all columns of the table"), "{text}");
    let (severity, text) = found(&twice(|i| i));
    assert_eq!(severity, Severity::Low);
    assert!(text.ends_with("in columns that are not used all of them differ"), "{text}");
}
