//! Rows added to a log give the log that is built from all rows.

use arrow_array::RecordBatch;
use arrow_schema::DataType;
use winback::features::{ColumnValues, FeatureTable};
use winback::log::{CustomerIndex, EventLogBuilder, MissingIds};
use winback::simulate::{Simulated, Simulation};
use winback::{EventLog, Timestamp};

/// Parts of a table, row blocks of any length dealt out by a seed.
fn dealt(table: &RecordBatch, parts: usize, seed: u64) -> Vec<Vec<RecordBatch>> {
    let mut dealt = vec![Vec::new(); parts];
    let mut state = seed;
    let mut draw = |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut row = 0;
    while row < table.num_rows() {
        let rows = (1 + draw(9) as usize).min(table.num_rows() - row);
        dealt[draw(parts as u64) as usize].push(table.slice(row, rows));
        row += rows;
    }
    // Each part has the schema even where it has no rows.
    dealt.iter_mut().for_each(|part| part.push(table.slice(0, 0)));
    dealt
}

/// The same table, customers named by texts of several lengths.
fn with_text_ids(table: &RecordBatch) -> RecordBatch {
    let fields = table.schema();
    let columns = table.columns().iter().zip(fields.fields()).map(|(column, field)| {
        let column = match field.name().as_str() {
            "customer_id" => arrow_cast::cast(column, &DataType::Utf8).unwrap(),
            _ => column.clone(),
        };
        (field.name().clone(), column)
    });
    RecordBatch::try_from_iter(columns).unwrap()
}

fn builder() -> EventLogBuilder {
    EventLog::builder().missing_ids(MissingIds::Drop).observed_until("2025-01-01").unwrap()
}

fn built(shop: &Simulated) -> EventLog {
    let builder = builder()
        .transactions([shop.transactions.clone()])
        .tickets([shop.tickets.clone()])
        .surveys([shop.surveys.clone()])
        .customers([shop.customers.clone()]);
    let builder = match &shop.events {
        Some(events) => builder.events([events.clone()]),
        None => builder,
    };
    builder.build().unwrap()
}

fn cells(log: &EventLog) -> Vec<Vec<String>> {
    let cutoffs: Vec<Timestamp> =
        ["2023-02-01", "2024-01-01", "2025-01-01"].map(|at| at.parse().unwrap()).into();
    let attributes: Vec<String> = log.attribute_names().map(str::to_owned).collect();
    let table = FeatureTable::extract(log, &cutoffs, &attributes).unwrap();
    let mut cells: Vec<Vec<String>> = table
        .columns()
        .iter()
        .map(|column| match &column.values {
            ColumnValues::Numbers(values) => {
                values.values().iter().map(|v| format!("{:x}", v.to_bits())).collect()
            }
            ColumnValues::Texts { codes, texts } => {
                let text = |&code: &u32| texts.get(code as usize).cloned().unwrap_or_default();
                codes.iter().map(text).collect()
            }
        })
        .collect();
    cells.push(table.customers().iter().map(|c| log.customers().get(*c).to_string()).collect());
    cells
}

/// What a person would see of every customer: times, amounts, texts. Rows that differ in their
/// texts alone have no order.
fn events(log: &EventLog) -> Vec<String> {
    let at = log.observed_until();
    let sorted = |mut rows: Vec<String>| {
        rows.sort();
        rows.join("; ")
    };
    let of_customer = |customer: CustomerIndex| {
        let history = log.history(customer, at);
        let lines = history.lines().map(|line| {
            let category = line.category.and_then(|code| log.category(code));
            let channel = line.channel.and_then(|code| log.channel(code));
            format!("{} {} {category:?} {channel:?}", line.time, line.amount)
        });
        let tickets = history.tickets().into_iter().flatten().map(|ticket| {
            let topic = ticket.topic.and_then(|code| log.ticket_topic(code));
            format!("{} {:?} {topic:?}", ticket.opened_at, ticket.resolved_at)
        });
        let answers = history.answers().into_iter().flatten().map(|answer| {
            let topic = answer.topic.and_then(|code| log.survey_topic(code));
            format!("{} {} {topic:?}", answer.time, answer.score)
        });
        let acts = history.events().into_iter().flatten().map(|event| {
            let channel = event.channel.and_then(|code| log.event_channel(code));
            format!(
                "{} {} {:?} {channel:?}",
                event.time,
                log.event_kind(event.kind).unwrap(),
                event.value
            )
        });
        let id = log.customers().get(customer);
        let parts =
            [lines.collect(), tickets.collect(), answers.collect(), acts.collect()].map(sorted);
        format!("{id}: {}", parts.join(" | "))
    };
    log.customers().indices().map(of_customer).collect()
}

#[test]
fn appended_rows_give_the_log_of_all_rows() {
    for (seed, parts, text_ids) in [(1, 2, false), (2, 3, true), (3, 5, false), (4, 20, true)] {
        let mut shop = Simulation::default().seed(seed).customers(120).events(true).run().unwrap();
        if text_ids {
            let Simulated { transactions, tickets, surveys, events, customers, .. } = &mut shop;
            let events = events.as_mut().unwrap();
            for table in [transactions, tickets, surveys, events, customers] {
                *table = with_text_ids(table);
            }
        }
        let transactions = dealt(&shop.transactions, parts, seed);
        let tickets = dealt(&shop.tickets, parts, seed + 10);
        let surveys = dealt(&shop.surveys, parts, seed + 20);
        let customers = dealt(&shop.customers, parts, seed + 30);
        let acts = dealt(shop.events.as_ref().unwrap(), parts, seed + 40);
        let mut log: Option<EventLog> = None;
        for ((((transactions, tickets), surveys), customers), acts) in
            transactions.into_iter().zip(tickets).zip(surveys).zip(customers).zip(acts)
        {
            let part = builder()
                .transactions(transactions)
                .tickets(tickets)
                .surveys(surveys)
                .events(acts)
                .customers(customers);
            log = Some(match &log {
                None => part.build().unwrap(),
                Some(log) => part.append_to(log).unwrap(),
            });
        }
        let (log, all) = (log.unwrap(), built(&shop));
        assert_eq!(log.report(), all.report());
        assert_eq!(log.customers(), all.customers());
        assert_eq!(events(&log), events(&all));
        assert_eq!(cells(&log), cells(&all));
        assert_eq!(log.first_event(), all.first_event());
        assert_eq!(log.last_event(), all.last_event());
    }
}

#[test]
fn tables_can_be_appended_alone_and_the_log_stays_as_it_was() {
    let shop = Simulation::default().customers(60).run().unwrap();
    let some = shop.transactions.num_rows() / 2;
    let log = builder()
        .transactions([shop.transactions.slice(0, some)])
        .tickets([shop.tickets.slice(0, 0)])
        .surveys([shop.surveys.clone()])
        .customers([shop.customers.clone()])
        .build()
        .unwrap();
    let before = cells(&log);
    let tickets = builder().tickets([shop.tickets.clone()]).append_to(&log).unwrap();
    assert!(tickets.report().tickets.unwrap().unknown_customer > 0);
    let rest = shop.transactions.slice(some, shop.transactions.num_rows() - some);
    let all = builder().transactions([rest]).append_to(&tickets).unwrap();
    assert_eq!(cells(&all), cells(&built(&shop)));
    assert_eq!(all.report(), built(&shop).report());
    assert_eq!(cells(&log), before);
}

#[test]
fn what_does_not_fit_the_log_is_refused() {
    let shop = Simulation::default().customers(30).run().unwrap();
    let log = built(&shop);
    let bare = builder().transactions([shop.transactions.clone()]).build().unwrap();
    let narrow = shop.transactions.project(&[0, 1]).unwrap();
    let csv = std::env::temp_dir().join(format!("winback-append-{}.csv", std::process::id()));
    std::fs::write(&csv, "customer_id,opened_at\nmary,2024-01-01\n").unwrap();
    let earlier = EventLog::builder().observed_until("2024-12-31").unwrap();
    for (part, log, expected) in [
        (builder().tickets([shop.tickets.clone()]), &bare, "tickets: is new to the log"),
        (builder().transactions([narrow]), &log, "the log has this column"),
        (builder().customers([shop.customers.clone()]), &log, "is there already, in the log"),
        (builder().tickets_path(&csv).unwrap(), &log, "customer ids are texts here and integers"),
        (earlier.surveys([shop.surveys.clone()]), &log, "observed_until: … got 2024-12-31"),
        (EventLog::builder().surveys([shop.surveys.clone()]), &log, "observed_until"),
    ] {
        let error = part.append_to(log).unwrap_err().to_string();
        assert!(crate::common::says(&error, expected), "{error} lacks {expected}");
    }
    std::fs::remove_file(csv).unwrap();
}

#[test]
fn appended_tables_are_read_as_the_log_was() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, rows: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("customer_id;time;amount\n{rows}")).unwrap();
        path
    };
    let read = |path: &std::path::Path| {
        let builder = EventLog::builder().transactions_path(path).unwrap();
        builder.observed_until("2025-01-01").unwrap()
    };
    let first = write("1.csv", "1;31/01/2024;1.234\n");
    let builder = read(&first).decimal(',').unwrap().thousands('.').unwrap();
    let log = builder.missing_values(["-999"]).build().unwrap();
    // Neither the order of day and month nor the thousands show in it.
    let log = read(&write("2.csv", "1.0;01/02/2024;2.000\n")).append_to(&log).unwrap();
    let history = log.history(0.into(), log.observed_until());
    let rows: Vec<_> = history.lines().map(|line| (line.time, line.amount)).collect();
    let at = |time: &str| time.parse::<winback::Timestamp>().unwrap().micros();
    assert_eq!(rows, [(at("2024-01-31"), 1234.0), (at("2024-02-01"), 2000.0)]);
    let error = read(&write("3.csv", "1;02/13/2024;1\n")).append_to(&log).unwrap_err();
    assert!(error.to_string().contains("has its month first, unlike the log"), "{error}");
    let error = read(&write("4.csv", "1;03/02/2024;-999\n")).append_to(&log).unwrap_err();
    assert!(error.to_string().ends_with("is missing or not a number"), "{error}");
}
