//! Reads a table as proposed.

use super::made::with_made;
use super::proposal::Proposal;
use crate::error::Result;
use crate::log::counted;
use crate::log::{EventLog, EventLogBuilder, IdSlice, InputOptions, TableInput, TransactionSlices};
use crate::time::Timestamp;

/// A log with the table, read as proposed. Tables beside transactions are read beside a purchase of
/// each of their customers, or of the one with this id, a number or a text.
pub(super) fn read(
    input: TableInput<'_>,
    proposal: &Proposal,
    options: &InputOptions,
    id: &(String, bool),
) -> Result<EventLog> {
    let mut builder = EventLog::builder().observed_until("last_event")?;
    for argument in &proposal.arguments {
        builder = argument.apply(builder)?;
    }
    for (own, name) in &proposal.columns {
        builder = builder.column(&format!("{}.{own}", proposal.table), name)?;
    }
    let named = |role: &str| {
        let own = proposal.columns.iter().find(|(own, _)| *own == role);
        own.map_or(role, |(_, name)| name.as_str()).to_owned()
    };
    match proposal.table {
        "transactions" if !proposal.made.is_empty() => {
            let batches = with_made(input, options, &proposal.made)?;
            builder.transactions(batches)
        }
        "transactions" => add(builder, input, "transactions")?,
        "customers" => {
            let time = [Timestamp::from_micros(0)?];
            let number = id.0.parse::<i64>().ok().filter(|_| id.1);
            let row = match number {
                Some(number) => TransactionSlices {
                    customer_id: IdSlice::Int(&[number]),
                    time: &time,
                    ..TransactionSlices::default()
                }
                .to_batch()?,
                None => TransactionSlices {
                    customer_id: IdSlice::Text(&[id.0.as_str()]),
                    time: &time,
                    ..TransactionSlices::default()
                }
                .to_batch()?,
            };
            add(builder.transactions([row]), input, "customers")?
        }
        table => {
            let time = if table == "tickets" { "opened_at" } else { "time" };
            builder = builder.column("transactions.customer_id", &named("customer_id"))?;
            builder = builder.column("transactions.time", &named(time))?;
            let formats = proposal.arguments.iter().find(|own| own.name == "time_format");
            let format = formats.and_then(|own| own.value.get(format!("{table}.{time}")));
            if let Some(format) = format.and_then(|format| format.as_str()) {
                builder = builder.column_time_format("transactions.time", format)?;
            }
            if let Some(sheet) = &proposal.sheet {
                builder = builder.sheet("transactions", sheet)?;
            }
            add(add(builder, input, "transactions")?, input, table)?
        }
    }
    .build()
}

fn add(builder: EventLogBuilder, input: TableInput<'_>, table: &str) -> Result<EventLogBuilder> {
    let batches = |batches: &[arrow_array::RecordBatch]| batches.to_vec();
    Ok(match (input, table) {
        (TableInput::Path(path), "tickets") => builder.tickets_path(path)?,
        (TableInput::Path(path), "surveys") => builder.surveys_path(path)?,
        (TableInput::Path(path), "events") => builder.events_path(path)?,
        (TableInput::Path(path), "customers") => builder.customers_path(path)?,
        (TableInput::Path(path), _) => builder.transactions_path(path)?,
        (TableInput::Batches(own), "tickets") => builder.tickets(batches(own)),
        (TableInput::Batches(own), "surveys") => builder.surveys(batches(own)),
        (TableInput::Batches(own), "events") => builder.events(batches(own)),
        (TableInput::Batches(own), "customers") => builder.customers(batches(own)),
        (TableInput::Batches(own), _) => builder.transactions(batches(own)),
    })
}

/// What was read of the table, in words.
pub(super) fn report_of(log: &EventLog, table: &str) -> String {
    let report = log.report();
    let own = match table {
        "tickets" => report.tickets,
        "surveys" => report.surveys,
        "events" => report.events,
        "customers" => report.customer_attributes,
        _ => return report.to_string(),
    };
    let own = own.unwrap_or_default();
    let mut text = counted(own.rows_read, "row", "rows");
    for (count, what) in [
        (own.missing_id, "left out without a customer id"),
        (own.bad_rows, "left out with a cell that cannot be used"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {} {what}", crate::log::grouped(count)));
        }
    }
    text
}
