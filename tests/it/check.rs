//! What in a log may mislead, each tell planted in a log that has none; and what a table seems to be.

use std::path::Path;

use winback::EventLog;
use winback::check::{LogCheck, Severity, TableCheck, TableCheckOptions, notes};
use winback::log::{MissingIds, PurchaseBy};

use super::common::{data, simulated};

/// A row: customer, time, amount, order, discount.
type Row = (String, String, f64, String, f64);

/// Two years of a shop without a tell: 60 customers, an order of two lines every 23 days.
fn shop() -> Vec<Row> {
    let mut rows = Vec::new();
    for customer in 0..60 {
        for order in 0..30 {
            let day = customer + order * 23;
            let at = winback::Timestamp::from_days(19_000 + day).unwrap();
            let time = format!("{at}T10:{:02}", order % 60);
            for line in 0..2 {
                let amount = f64::from(1 + (customer * 7 + order * 13 + line) % 40) + 0.25;
                let number = format!("o{customer}-{order}");
                rows.push((format!("c{customer}"), time.clone(), amount, number, 1.5));
            }
        }
    }
    rows
}

fn csv(rows: &[Row]) -> String {
    let line = |(customer, time, amount, order, discount): &Row| {
        format!("{customer},{time},{amount},{order},{discount}\n")
    };
    let lines: String = rows.iter().map(line).collect();
    format!("customer_id,time,amount,order_id,discount\n{lines}")
}

fn checked(text: &str, more: &[(&str, &str)], by: PurchaseBy) -> LogCheck {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let mut builder = EventLog::builder().transactions_path(write("orders.csv", text)).unwrap();
    for (table, text) in more {
        let path = write(&format!("{table}.csv"), text);
        builder = match *table {
            "tickets" => builder.tickets_path(path).unwrap(),
            "surveys" => builder.surveys_path(path).unwrap(),
            "events" => builder.events_path(path).unwrap(),
            _ => builder.customers_path(path).unwrap(),
        };
    }
    let builder = builder.missing_ids(MissingIds::Drop).purchase_by(by);
    builder.observed_until("last_event").unwrap().build().unwrap().check()
}

fn names(check: &LogCheck) -> Vec<&'static str> {
    check.findings.iter().map(|finding| finding.check).collect()
}

fn found_in(rows: &[Row]) -> LogCheck {
    checked(&csv(rows), &[], PurchaseBy::Order)
}

#[test]
fn a_clean_log_has_no_tells_and_says_what_was_looked_for() {
    let clean = found_in(&shop());
    assert_eq!(names(&clean), Vec::<&str>::new());
    assert_eq!((clean.rows, clean.customers, clean.looked_for.len()), (3_600, 60, 30));
    let text = clean.to_string();
    assert!(text.contains("Nothing found that may mislead."), "{text}");
    assert!(text.contains("Not looked for (no tickets): tickets of unknown customers."), "{text}");
    let all = simulated(2_000);
    let log = super::common::log_of(&all);
    assert_eq!(names(&log.check()), Vec::<&str>::new());
    assert!(notes(&log).is_empty());
}

/// What is done to the clean rows, and what is found then, how often, and how grave it is.
type Plant = (&'static str, fn(&mut Vec<Row>), u64, Severity);

fn row(customer: &str, time: &str, amount: f64, order: &str) -> Row {
    (customer.into(), time.into(), amount, order.into(), 1.5)
}

const PLANTS: [Plant; 19] = [
    (
        "order-restarts",
        |rows| {
            for row in rows.iter_mut() {
                row.3 = row.3.replace("-20", "-1"); // 19 orders of 23 days later
            }
        },
        60,
        Severity::High,
    ),
    ("order-long", |rows| rows.push(row("c3", "2022-01-12T10:00", 5.0, "o3-0")), 1, Severity::Low),
    (
        "order-lines",
        |rows| {
            for (place, row) in rows.iter_mut().enumerate() {
                row.3 = place.to_string();
            }
        },
        3_600,
        Severity::High,
    ),
    (
        "order-of-many",
        |rows| rows.iter_mut().take(1_200).for_each(|row| row.3 = "none".into()),
        1_200,
        Severity::Medium,
    ),
    ("default-dates", |rows| rows.push(row("c3", "1970-01-01", 5.0, "x")), 1, Severity::High),
    ("lone-end", |rows| rows.push(row("c3", "2099-12-31", 5.0, "x")), 1, Severity::High),
    ("lone-start", |rows| rows.push(row("c3", "2002-01-31", 5.0, "x")), 1, Severity::High),
    (
        "burst",
        |rows| {
            for (place, row) in rows.iter_mut().enumerate().filter(|(place, _)| place % 10 < 3) {
                (row.1, row.3) = ("2023-03-05T10:00".into(), format!("i{}", place / 2));
            }
        },
        1_085,
        Severity::High,
    ),
    ("empty-months", |rows| rows.retain(|row| !row.1.starts_with("2022-11")), 1, Severity::Medium),
    (
        "not-positive",
        |rows| {
            rows.iter_mut()
                .enumerate()
                .filter(|(i, _)| i % 3 > 0)
                .for_each(|(_, row)| row.2 = -row.2);
        },
        2_400,
        Severity::High,
    ),
    ("outlier", |rows| rows[7].2 = 1e9, 1, Severity::High),
    (
        "cents",
        |rows| rows.iter_mut().for_each(|row| row.2 = (row.2 * 100_000.0).round()),
        3_600,
        Severity::Low,
    ),
    ("discount-negative", |rows| rows[7].4 = -1.0, 1, Severity::Medium),
    (
        "discount-large",
        |rows| rows.iter_mut().for_each(|row| row.4 = 60.0),
        3_600,
        Severity::Medium,
    ),
    ("id-of-nobody", |rows| rows[7].0 = "Guest".into(), 1, Severity::Medium),
    ("ids-alike", |rows| rows[7].0 = "C\u{200b}3".into(), 1, Severity::Medium),
    ("ids-cut-short", |rows| rows[7].0 = "4.60701E+12".into(), 1, Severity::High),
    (
        "one-of-all",
        |rows| {
            for i in 0..2_000 {
                let at = format!("2022-06-{:02}T11:{:02}", 1 + i % 30, i / 30 % 60);
                rows.push(row("till", &at, 5.0, &format!("t{i}")));
            }
        },
        2_000,
        Severity::High,
    ),
    ("duplicates", |rows| rows.extend_from_within(..100), 100, Severity::Low),
];

#[test]
fn each_tell_is_found_where_it_is_planted() {
    for (name, plant, count, severity) in PLANTS {
        let mut rows = shop();
        plant(&mut rows);
        let check = found_in(&rows);
        let found = check.findings.iter().find(|finding| finding.check == name);
        let found = found.unwrap_or_else(|| panic!("{name}: {:?}", names(&check)));
        assert_eq!((found.count, found.severity), (count, severity), "{name}: {}", found.finding);
        assert!(!found.advice.is_empty());
        let text = check.to_string();
        assert!(
            text.contains(name) && text.lines().all(|line| line.chars().count() <= 100),
            "{text}"
        );
    }
}

#[test]
fn what_orders_and_other_tables_tell() {
    let no_orders = |rows: &[Row]| csv(rows).replace(",order_id", ",line");
    let mut apart = shop();
    for (place, row) in apart.iter_mut().enumerate().filter(|(place, _)| place % 2 == 1) {
        row.1 = format!("{}:{:02}", row.1, 1 + place % 59);
    }
    let check = checked(&no_orders(&apart), &[], PurchaseBy::Order);
    assert!(names(&check).contains(&"close-purchases"), "{:?}", names(&check));

    let mut dates = shop();
    dates.iter_mut().for_each(|row| row.1.truncate(10));
    let check = checked(&no_orders(&dates), &[], PurchaseBy::Order);
    assert!(names(&check).contains(&"dates-alone"), "{:?}", names(&check));

    let mut shares = shop();
    shares.iter_mut().for_each(|row| row.4 = 0.15);
    assert_eq!(names(&found_in(&shares)), ["discount-share"]);

    let unused = csv(&shop()).replace(",amount", ",revenue");
    let check = checked(&unused, &[], PurchaseBy::Order);
    let found = check.findings.iter().find(|finding| finding.check == "unused-column").unwrap();
    assert_eq!(found.example.as_deref(), Some("transactions.amount=revenue"));

    for (table, columns, rest, name) in [
        ("tickets", "customer_id,opened_at", ",2023-01-05", "ticket-strangers"),
        ("surveys", "customer_id,time,score", ",2023-01-05,9", "survey-strangers"),
        ("customers", "customer_id,plan", ",a", "attribute-strangers"),
    ] {
        // Two of nine are customers of the transactions.
        let id = |i: usize| format!("{}{i}", if i < 2 { "c" } else { "x" });
        let rows: String = (0..9).map(|i| format!("{}{rest}\n", id(i))).collect();
        let text = format!("{columns}\n{rows}");
        let check = checked(&csv(&shop()), &[(table, &text)], PurchaseBy::Order);
        assert_eq!(names(&check), [name], "{text}");
        assert_eq!(check.findings[0].count, 7);
    }
}

/// A log of few columns, complete up to a time.
fn until(rows: &[(String, String, f64)], until: &str) -> EventLog {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    let lines: String =
        rows.iter().map(|(id, time, amount)| format!("{id},{time},{amount}\n")).collect();
    std::fs::write(&path, format!("customer_id,time,amount\n{lines}")).unwrap();
    let builder = EventLog::builder().transactions_path(&path).unwrap();
    builder.observed_until(until).unwrap().build().unwrap()
}

/// So many rows, one an hour, of customers in turn.
fn hourly(rows: i64, customers: i64) -> Vec<(String, String, f64)> {
    let row = |i: i64| {
        let at = winback::Timestamp::from_micros((19_000 * 24 + i) * 3_600_000_000).unwrap();
        (format!("c{}", i % customers), at.to_string(), 1.25 + (i % 50) as f64)
    };
    (0..rows).map(row).collect()
}

fn found<'a>(check: &'a LogCheck, name: &str) -> Option<&'a winback::check::Finding> {
    check.findings.iter().find(|finding| finding.check == name)
}

#[test]
fn a_log_that_ends_long_before_it_is_complete_is_told() {
    let rows = hourly(3_000, 100); // 125 days
    for (day, is_found) in [("2022-05-20", false), ("2022-05-26", false), ("2022-07-01", true)] {
        let log = until(&rows, day);
        let check = log.check();
        assert_eq!(found(&check, "ends-early").is_some(), is_found, "{day}");
        let notes =
            notes(&log).iter().filter(|note| note.contains("before observed_until")).count();
        assert_eq!(notes, usize::from(is_found), "{day}");
    }
    // Pauses that are usual are none of an end.
    let monthly: Vec<_> = rows.iter().filter(|row| row.1[8..10] == *"07").cloned().collect();
    assert_eq!(found(&until(&monthly, "2022-07-01").check(), "ends-early"), None);
    let few = until(&rows[..40], "2024-01-01").check();
    let result = few.looked_for.iter().find(|looked| looked.check == "ends-early").unwrap();
    assert_eq!(result.result, "too few to tell: 40 rows, 50 needed");
    assert!(few.to_string().contains("Too few to tell:"), "{few}");
}

#[test]
fn rows_alone_at_the_end_are_judged_by_observed_until() {
    let mut rows = hourly(3_000, 100);
    rows.iter_mut().step_by(12).for_each(|row| row.1 = "2099-01-01".into());
    for (day, severity, text) in [
        ("last_event", Severity::High, "the log seems complete up to them"),
        ("2099-06-01", Severity::High, "observed_until is after them"),
        ("2022-06-01", Severity::Medium, "they are after observed_until"),
    ] {
        let check = until(&rows, day).check();
        let lone = found(&check, "lone-end").unwrap();
        assert_eq!((lone.count, lone.severity), (250, severity), "{}", lone.finding);
        assert!(lone.finding.contains(text), "{}", lone.finding);
        assert_eq!(lone.advice.contains("give observed_until"), day == "last_event");
    }
    let one = row("c3", "2099-12-31", 5.0, "x");
    let check = found_in(&[shop(), vec![one]].concat());
    assert!(found(&check, "lone-end").unwrap().finding.starts_with("1 row stands alone"));
}

#[test]
fn contracts_that_end_before_they_begin_are_told() {
    let line = |i: usize| {
        let end = if i.is_multiple_of(10) { "2023-11-01" } else { "2025-03-01" };
        format!("c{i},2024-03-{:02},20,{end}\n", i % 28 + 1)
    };
    let lines: String = (0..40).map(line).collect();
    let text = format!("customer_id,time,amount,valid_until\n{lines}");
    let check = checked(&text, &[], PurchaseBy::Timestamp);
    let early = found(&check, "ends-before-start").unwrap();
    assert_eq!((early.count, early.share), (4, Some(0.1)));
    assert_eq!(early.example.as_deref(), Some("customer c0, 2024-03-01"));
    let check = checked(&text.replace("2023-11", "2024-11"), &[], PurchaseBy::Timestamp);
    assert!(found(&check, "ends-before-start").is_none());
}

#[test]
fn imports_and_guests_are_told_from_a_tenth_and_a_fiftieth_of_all_rows() {
    for (every, is_found) in [(10, true), (13, false)] {
        let mut rows = hourly(30_000, 5_000);
        rows.iter_mut().step_by(every).for_each(|row| row.1 = "2023-03-05".into());
        let check = until(&rows, "last_event").check();
        assert_eq!(found(&check, "burst").is_some(), is_found, "1 in {every}");
    }
    for (every, is_found) in [(40, true), (60, false)] {
        let mut rows = hourly(30_000, 5_000);
        rows.iter_mut().step_by(every).for_each(|row| row.0 = "77777".into());
        let check = until(&rows, "last_event").check();
        assert_eq!(found(&check, "one-of-all").is_some(), is_found, "1 in {every}");
    }
}

#[test]
fn numbers_of_a_customers_own_orders_are_orders() {
    let mut rows = Vec::new();
    for (i, (customer, time, amount)) in hourly(30_000, 5_000).into_iter().enumerate() {
        let number = 1 + i / 5_000;
        rows.extend([(customer, time, amount, number.to_string(), 0.0)]);
    }
    assert_eq!(names(&found_in(&rows)), Vec::<&str>::new());
}

#[test]
fn whole_amounts_are_cents_where_that_can_be_told() {
    let result = |amount: fn(i64) -> f64| {
        let mut rows = hourly(500, 40);
        (0..).zip(&mut rows).for_each(|(i, row)| row.2 = amount(i));
        let check = until(&rows, "last_event").check();
        check.looked_for.iter().find(|looked| looked.check == "cents").unwrap().result.clone()
    };
    assert_eq!(result(|i| (i % 50 * 100 + 500) as f64), "found");
    assert_eq!(result(|i| (i * 77 + 20_000) as f64), "found");
    assert_eq!(result(|i| i as f64 + 0.5), "not found");
    assert_eq!(result(|i| (i % 90 + 3) as f64), "amounts are whole, which cents and others are");
}

#[test]
fn a_log_loaded_twice_is_grave() {
    let rows = hourly(600, 40);
    let check = until(&[rows.clone(), rows].concat(), "last_event").check();
    let twice = found(&check, "duplicates").unwrap();
    assert_eq!((twice.count, twice.severity), (600, Severity::High));
    assert_eq!(twice.finding, "600 rows equal another one in all columns used");
}

#[test]
fn the_gravest_are_notes_of_the_log() {
    let mut rows = shop();
    rows.push(row("c3", "2099-12-31", 5.0, "x"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, csv(&rows)).unwrap();
    let builder = EventLog::builder().transactions_path(&path).unwrap();
    let log = builder.observed_until("2100-01-01").unwrap().build().unwrap();
    let notes = notes(&log);
    assert!(notes.iter().any(|note| note.ends_with("(lone-end)")), "{notes:?}");
}

fn table(text: &str) -> TableCheck {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    std::fs::write(&path, text).unwrap();
    look(&path)
}

fn look(path: &Path) -> TableCheck {
    TableCheck::of_path(path, &TableCheckOptions::default()).unwrap()
}

/// The columns that are something, as `winback's name=the table's`.
fn mapping(check: &TableCheck) -> String {
    let mut named: Vec<String> = check
        .columns
        .iter()
        .filter_map(|guess| Some(format!("{}={}", guess.seems_to_be?, guess.column)))
        .collect();
    named.sort_unstable();
    named.join(" ")
}

#[test]
fn tables_are_told_by_names_and_cells() {
    for (text, kind, expected) in [
        (
            "Kunde,Datum,Betrag\n7,2024-01-05,20\n7,2024-03-01,35\n",
            "transactions",
            "amount=Betrag customer_id=Kunde time=Datum",
        ),
        (
            "Клиент;Дата;Сумма;Номер чека\nа1;2024-01-05;20;1\nа1;2024-03-01;35;2\n",
            "transactions",
            "amount=Сумма customer_id=Клиент order_id=Номер чека time=Дата",
        ),
        (
            "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n1,a,2,2024-01-05,2.5,7\n2,b,1,2024-01-06,1.5,8\n",
            "transactions",
            "category=StockCode customer_id=CustomerID order_id=InvoiceNo price=UnitPrice quantity=Quantity time=InvoiceDate",
        ),
        (
            "CUST_NO,order_purchase_timestamp,dollar_value\n7,2024-01-05T10:00:00,2\n8,2024-01-06T10:00:00,1\n",
            "transactions",
            "amount=dollar_value customer_id=CUST_NO time=order_purchase_timestamp",
        ),
        (
            "user_id,date,score\n7,2024-01-05,9\n8,2024-01-06,10\n",
            "surveys",
            "customer_id=user_id score=score time=date",
        ),
        (
            "user_id,timestamp,event_type\n7,2024-01-05,visit\n8,2024-01-06,cart\n",
            "events",
            "customer_id=user_id kind=event_type time=timestamp",
        ),
        (
            "user_id,created_at,resolved_at,priority\n7,2024-01-05,2024-01-06,high\n8,2024-01-06,2024-01-08,low\n",
            "tickets",
            "customer_id=user_id opened_at=created_at resolved_at=resolved_at",
        ),
        (
            "customer_id,plan,birth_date\n7,a,1980-01-05\n8,b,1990-01-06\n",
            "customers",
            "customer_id=customer_id",
        ),
        ("sku,price\na,1\nb,2\n", "none", ""),
        ("customer_id,visits\n7,1\n7,2\n", "none", ""),
        ("customer_id,time\n", "none", ""),
    ] {
        let check = table(text);
        assert_eq!((check.table, mapping(&check).as_str()), (kind, expected), "{text}{check}");
    }
}

#[test]
fn what_is_proposed_is_what_reads_the_table() {
    let check = table(
        "Kunde;Datum;Betrag\n7;2024-01-05;20\n;2024-01-06;5\n7;2024-01-32;1\n8;2024-03-01;0\n8;2024-03-01;9\n",
    );
    let text = check.to_string();
    assert_eq!(check.arguments["missing_ids"], "drop");
    assert_eq!(check.arguments["bad_rows"], "drop");
    assert_eq!(check.arguments["observed_until"], "2024-03-02");
    assert_eq!(check.problem, None);
    for part in [
        "1 left out without a customer id",
        "1 left out with amount zero",
        "columns={\"transactions\": {\"customer_id\": \"Kunde\", \"time\": \"Datum\", \"amount\": \"Betrag\"}},",
        "--column transactions.customer_id=Kunde",
        "--observed-until 2024-03-02",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let quick = TableCheckOptions::default().quick(true);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it's.csv");
    std::fs::write(&path, "customer_id,time\n7,2024-01-05\n7,2024-01-06\n").unwrap();
    let check = TableCheck::of_path(&path, &quick).unwrap();
    assert!(check.log.is_none() && check.rows == Some(2));
    assert!(check.command_line.unwrap().contains("it'\\''s.csv'"));
    assert!(TableCheck::of_path(folder.path().join("none.csv"), &quick).is_err());
}

/// Every set of real data, the table it is, and its columns.
const REAL: [(&str, &str, &str); 29] = [
    ("cdnow/cdnow_master", "transactions", "amount=dollar_value customer_id=customer_id time=date"),
    ("cdnow/cdnow_sample", "transactions", "amount=dollar_value customer_id=customer_id time=date"),
    ("complete_journey_sample/campaigns", "none", ""),
    // Each use of a coupon is an act of a customer.
    (
        "complete_journey_sample/coupon_redemptions",
        "transactions",
        "customer_id=household_id time=redemption_date",
    ),
    ("complete_journey_sample/demographics", "customers", "customer_id=household_id"),
    ("complete_journey_sample/products", "none", ""),
    (
        "complete_journey_sample/transactions_sample",
        "transactions",
        "amount=sales_value category=product_id channel=store_id customer_id=household_id \
      discount=retail_disc order_id=basket_id time=transaction_timestamp",
    ),
    (
        "donations_2005_2015/purchases",
        "transactions",
        "amount=purchase_amount customer_id=customer_id time=date_of_purchase",
    ),
    ("ecommerce_churn/ecommerce_churn", "customers", "customer_id=customer_id"),
    ("hillstrom_email/hillstrom", "none", ""),
    (
        "incident_tickets/incident_events",
        "tickets",
        "customer_id=caller_id opened_at=opened_at reopened_count=reopen_count \
      resolved_at=resolved_at topic=category",
    ),
    (
        "incident_tickets/incident_tickets",
        "tickets",
        "customer_id=customer_id opened_at=opened_at reopened_count=reopen_count \
      resolved_at=resolved_at topic=category",
    ),
    ("iranian_churn/iranian_churn", "none", ""),
    ("mlc_churn/mlc_churn", "none", ""),
    (
        "online_retail/year_2010_2011",
        "transactions",
        "category=stock_code channel=country customer_id=customer_id order_id=invoice price=price \
      quantity=quantity time=invoice_date",
    ),
    ("ravenstack_saas_synthetic/accounts", "customers", "customer_id=account_id"),
    ("ravenstack_saas_synthetic/churn_events", "none", ""),
    ("ravenstack_saas_synthetic/feature_usage", "none", ""),
    (
        "ravenstack_saas_synthetic/subscriptions",
        "transactions",
        "amount=mrr_amount category=plan_tier customer_id=account_id order_id=subscription_id \
      time=start_date",
    ),
    (
        "ravenstack_saas_synthetic/support_tickets",
        "tickets",
        "customer_id=account_id opened_at=submitted_at resolved_at=closed_at \
      satisfaction=satisfaction_score",
    ),
    ("retail_2011_2015/campaign_response", "customers", "customer_id=customer_id"),
    (
        "retail_2011_2015/transactions",
        "transactions",
        "amount=tran_amount customer_id=customer_id time=trans_date",
    ),
    ("smcrm_textbook/acquisition_retention", "customers", "customer_id=customer"),
    ("smcrm_textbook/customer_acquisition", "customers", "customer_id=customer"),
    ("smcrm_textbook/customer_churn", "customers", "customer_id=customer"),
    ("smcrm_textbook/customer_retention_demographics", "customers", "customer_id=customer"),
    ("smcrm_textbook/customer_retention_transactions", "none", ""),
    ("smcrm_textbook/customer_win_back", "customers", "customer_id=customer"),
    ("telco_ibm/telco_basic", "customers", "customer_id=customer_id"),
];

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn real_tables_are_told() {
    for (name, kind, expected) in REAL {
        let check = look(&data(&format!("{name}.parquet")));
        assert_eq!((check.table, mapping(&check).as_str()), (kind, expected), "{name}");
        assert_eq!(check.problem, None, "{name}");
    }
    let retail = look(&data("online_retail/year_2010_2011.parquet"));
    assert_eq!(retail.arguments["observed_until"], "2011-12-10");
    assert_eq!(retail.arguments["missing_ids"], "drop");
    assert!(retail.python.unwrap().contains("amount=pl.col(\"quantity\") * pl.col(\"price\")"));
    assert_eq!(look(&data("telco_ibm/telco_extended.parquet")).table, "customers");
}

/// What is found in the real logs is so: times of CDNOW and of the coupons are dates, and of Online
/// Retail more than 1 % of the rows equal another one.
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn real_logs_have_the_tells_that_they_have() {
    let found: Vec<(&str, Vec<&str>)> = REAL
        .iter()
        .filter_map(|(name, ..)| {
            let log = look(&data(&format!("{name}.parquet"))).log?;
            Some((*name, names(&log)))
        })
        .filter(|(_, found)| !found.is_empty())
        .collect();
    let expected: [(&str, Vec<&str>); 4] = [
        ("cdnow/cdnow_master", vec!["dates-alone"]),
        ("cdnow/cdnow_sample", vec!["dates-alone"]),
        ("complete_journey_sample/coupon_redemptions", vec!["duplicates", "dates-alone"]),
        ("online_retail/year_2010_2011", vec!["duplicates"]),
    ];
    assert_eq!(found, expected);
}
