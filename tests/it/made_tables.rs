//! Small tables of text cells, as CSV or Arrow, and all that a log says of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, LargeStringArray, RecordBatch, StringArray};
use arrow_schema::DataType;
use winback::answer::output::write_table;
use winback::log::{AttributeValue, EventLogBuilder};
use winback::{Error, EventLog, Timestamp};

/// A table of text cells; an empty one is missing.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) name: &'static str,
    pub(crate) header: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Made {
    pub(crate) fn csv(&self) -> String {
        let quoted = |cell: &String| match cell.contains([',', '"', '\n']) {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell.clone(),
        };
        let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",");
        let rows: Vec<String> = self.rows.iter().map(line).collect();
        format!("{}\n{}\n", self.header.join(","), rows.join("\n"))
    }

    /// Ids are integers where all of them are, numbers are floats, and all else is texts of one of
    /// several types.
    pub(crate) fn batch(&self) -> RecordBatch {
        let columns = self.header.iter().enumerate().map(|(i, &name)| {
            let cells = self.rows.iter().map(|row| Some(&row[i]).filter(|cell| !cell.is_empty()));
            let texts: ArrayRef = Arc::new(LargeStringArray::from_iter(cells.clone()));
            let all = |is: fn(&str) -> bool| cells.clone().flatten().all(|cell| is(cell));
            let to = match name {
                "customer_id" | "order_id" if all(is_integer) => DataType::Int64,
                "amount" | "discount" | "score" | "value" | "reopened_count" | "satisfaction"
                | "age" => DataType::Float64,
                "channel" => DataType::Utf8View,
                "category" | "topic" => {
                    DataType::Dictionary(Box::new(DataType::Int16), Box::new(DataType::Utf8))
                }
                _ => DataType::LargeUtf8,
            };
            (name, arrow_cast::cast(&texts, &to).unwrap(), true)
        });
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    }
}

/// Whether a text is an integer as it is usually written.
pub(crate) fn is_integer(text: &str) -> bool {
    text.parse::<i64>().is_ok_and(|integer| integer.to_string() == text)
}

/// A number below another one, drawn.
type Draw<'a> = &'a mut dyn FnMut(u64) -> u64;
/// The cells of a row.
type Row<'a> = &'a mut dyn FnMut(usize, Draw<'_>) -> Vec<String>;

/// Shop tables of so many rows each, different ones for every seed.
pub(crate) fn made(seed: u64, rows: usize) -> [Made; 5] {
    let mut state = seed.wrapping_mul(2) | 1;
    let mut draw = move |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut table = |name, header: &[&'static str], row: Row<'_>| {
        let rows = (0..rows).map(|i| row(i, &mut draw)).collect();
        Made { name, header: header.to_vec(), rows }
    };
    let day = |day: u64| format!("2024-{:02}-{:02}", 1 + day / 28, 1 + day % 28);
    let text = |of: &[&str], i: u64| of[i as usize % of.len()].to_owned();
    [
        table(
            "transactions",
            &[
                "customer_id",
                "time",
                "amount",
                "order_id",
                "category",
                "channel",
                "discount",
                "known_at",
            ],
            &mut |i, draw| {
                // Every customer of the other tables but one is here.
                let id = if i < 6 { i as u64 } else { draw(6) };
                let at = draw(50);
                vec![
                    id.to_string(),
                    day(at),
                    (1 + draw(90)).to_string(),
                    draw(9).to_string(),
                    text(&["tea", "cups", "", "NA"], draw(4)),
                    text(&["shop", "web"], draw(2)),
                    text(&["1.5", ""], draw(2)),
                    if draw(3) == 0 { day(at + draw(20)) } else { String::new() },
                ]
            },
        ),
        table(
            "tickets",
            &[
                "customer_id",
                "opened_at",
                "first_response_at",
                "resolved_at",
                "topic",
                "reopened_count",
                "satisfaction",
                "known_at",
            ],
            &mut |_, draw| {
                let at = draw(50);
                vec![
                    draw(7).to_string(),
                    day(at),
                    day(at + draw(3)),
                    if draw(2) == 0 { day(at + draw(9)) } else { String::new() },
                    text(&["late", "broken", ""], draw(3)),
                    draw(3).to_string(),
                    text(&["4", "5", ""], draw(3)),
                    String::new(),
                ]
            },
        ),
        table("surveys", &["customer_id", "time", "score", "topic", "known_at"], &mut |_, draw| {
            let at = draw(50);
            vec![
                draw(7).to_string(),
                day(at),
                draw(11).to_string(),
                text(&["price", ""], draw(2)),
                if draw(3) == 0 { day(at + draw(20)) } else { String::new() },
            ]
        }),
        table("customers", &["customer_id", "age", "plan"], &mut |i, draw| {
            vec![i.to_string(), (20 + draw(60)).to_string(), text(&["gold", "", "basic"], draw(3))]
        }),
        table(
            "events",
            &["customer_id", "time", "kind", "value", "channel", "known_at"],
            &mut |_, draw| {
                let at = draw(50);
                vec![
                    draw(7).to_string(),
                    day(at),
                    text(&["visit", "cart"], draw(2)),
                    text(&["-2.5", "", "7"], draw(3)),
                    text(&["app", ""], draw(2)),
                    if draw(3) == 0 { day(at + draw(20)) } else { String::new() },
                ]
            },
        ),
    ]
}

/// How tables come to a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Csv,
    Arrow,
    Parquet,
}

pub(crate) fn builder(tables: &[Made], way: Way, folder: &Path) -> EventLogBuilder {
    let mut builder = EventLog::builder().observed_until("2024-04-01").unwrap();
    for table in tables {
        let path = folder.join(table.name);
        let batches = || [table.batch()];
        let path: PathBuf = match way {
            Way::Arrow => {
                builder = match table.name {
                    "transactions" => builder.transactions(batches()),
                    "tickets" => builder.tickets(batches()),
                    "surveys" => builder.surveys(batches()),
                    "events" => builder.events(batches()),
                    _ => builder.customers(batches()),
                };
                continue;
            }
            Way::Csv => {
                let path = path.with_extension("csv");
                std::fs::write(&path, table.csv()).unwrap();
                path
            }
            Way::Parquet => {
                let path = path.with_extension("parquet");
                write_table(&table.batch(), &path).unwrap();
                path
            }
        };
        builder = match table.name {
            "transactions" => builder.transactions_path(path),
            "tickets" => builder.tickets_path(path),
            "surveys" => builder.surveys_path(path),
            "events" => builder.events_path(path),
            _ => builder.customers_path(path),
        }
        .unwrap();
    }
    builder
}

/// All that a log says of its customers, at two cutoffs.
pub(crate) fn seen(log: &EventLog) -> Vec<String> {
    let attributes: Vec<&str> = log.attribute_names().collect();
    let cutoffs: [Timestamp; 2] = ["2024-02-10", "2024-04-01"].map(|at| at.parse().unwrap());
    let mut seen = Vec::new();
    for customer in log.customers().indices() {
        let id = log.customers().get(customer);
        for cutoff in cutoffs {
            let history = log.history(customer, cutoff);
            let mut rows: Vec<String> = history
                .lines()
                .map(|line| {
                    let category = line.category.and_then(|code| log.category(code));
                    let channel = line.channel.and_then(|code| log.channel(code));
                    let (time, amount, discount) = (line.time, line.amount, line.discount);
                    format!("{time} {amount} {discount} {category:?} {channel:?}")
                })
                .collect();
            rows.extend(history.purchases().iter().map(|purchase| format!("{purchase:?}")));
            rows.extend(history.tickets().into_iter().flatten().map(|ticket| {
                let topic = ticket.topic.filter(|&code| code != u32::MAX);
                let topic = topic.and_then(|code| log.ticket_topic(code));
                let times = (ticket.opened_at, ticket.first_response_at, ticket.resolved_at);
                format!("{times:?} {topic:?} {:?} {:?}", ticket.reopened_count, ticket.satisfaction)
            }));
            rows.extend(history.answers().into_iter().flatten().map(|answer| {
                let topic = answer.topic.filter(|&code| code != u32::MAX);
                let topic = topic.and_then(|code| log.survey_topic(code));
                format!("{} {} {topic:?}", answer.time, answer.score)
            }));
            rows.extend(history.events().into_iter().flatten().map(|event| {
                let channel = event.channel.and_then(|code| log.event_channel(code));
                let (time, kind) = (event.time, log.event_kind(event.kind).unwrap());
                format!("{time} {kind} {:?} {channel:?}", event.value)
            }));
            rows.sort();
            seen.extend(rows.into_iter().map(|row| format!("{id} before {cutoff}: {row}")));
        }
        for name in &attributes {
            let value = log.attribute(customer, name).unwrap();
            if value != AttributeValue::Missing {
                seen.push(format!("{id}: {name} is {value:?}"));
            }
        }
    }
    seen
}

/// Tables of one column of customer ids that are texts, and times.
pub(crate) fn orders_of(ids: &[&str]) -> RecordBatch {
    let ids: ArrayRef = Arc::new(StringArray::from(ids.to_vec()));
    let times: ArrayRef = Arc::new(StringArray::from(vec!["2024-01-05"; ids.len()]));
    RecordBatch::try_from_iter([("customer_id", ids), ("time", times)]).unwrap()
}

/// The log of a CSV file of transactions.
pub(crate) fn log_of_csv(text: &str) -> Result<EventLog, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, text).unwrap();
    EventLog::builder().transactions_path(path)?.observed_until("2024-04-01")?.build()
}
