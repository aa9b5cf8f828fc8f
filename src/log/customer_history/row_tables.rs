//! The rows of a log's tables as bytes: which column has which tag. What a later release adds is a
//! column of another tag, so that older bytes are read as before.

use super::new_rows::{NewAnswer, NewEvent, NewTicket, NewTransaction};
use super::wire::{Reader, TableReader, TableWriter, put_section, put_text, put_whole, refused};
use crate::error::Result;
use crate::log::store::event_roles::{EventRole, EventRoles};
use crate::log::store::log_columns::{EventLogColumns, LogColumns, TicketLogColumns};
use crate::log::store::options::{PurchaseBy, PurchaseRules, ZeroAmounts};
use crate::time::TimeZone;

/// Columns as bits, then the rules.
pub(in crate::log) fn shape(columns: LogColumns, rules: PurchaseRules) -> Vec<u8> {
    let tickets = columns.tickets.unwrap_or_default();
    let bits = [
        columns.amount,
        columns.order_id,
        columns.category,
        columns.channel,
        columns.discount,
        columns.surveys,
        columns.tickets.is_some(),
        tickets.first_response_at,
        tickets.resolved_at,
        tickets.reopened_count,
        tickets.satisfaction,
        columns.events.is_some(),
        columns.events.unwrap_or_default().value,
        columns.valid_until,
    ];
    let bits = bits.iter().enumerate().map(|(place, &bit)| u128::from(bit) << place).sum();
    let mut out = Vec::new();
    put_whole(&mut out, bits);
    put_text(&mut out, rules.purchase_by.name());
    put_text(&mut out, rules.zero_amounts.name());
    put_text(&mut out, rules.time_zone.name());
    out
}

/// What [`shape`] wrote; what kinds of events stand for is not in it.
pub(in crate::log) fn read_shape(mut content: Reader<'_>) -> Result<(LogColumns, PurchaseRules)> {
    let bits = content.whole()?;
    let has = |place: u32| bits >> place & 1 == 1;
    if bits >> 14 != 0 {
        return Err(refused("columns of a later release"));
    }
    let columns = LogColumns {
        amount: has(0),
        order_id: has(1),
        category: has(2),
        channel: has(3),
        discount: has(4),
        valid_until: has(13),
        surveys: has(5),
        tickets: has(6).then(|| TicketLogColumns {
            first_response_at: has(7),
            resolved_at: has(8),
            reopened_count: has(9),
            satisfaction: has(10),
        }),
        events: has(11).then(|| EventLogColumns { value: has(12), ..EventLogColumns::default() }),
    };
    let rules = PurchaseRules {
        purchase_by: content.text()?.parse::<PurchaseBy>()?,
        zero_amounts: content.text()?.parse::<ZeroAmounts>()?,
        time_zone: content.text()?.parse::<TimeZone>()?,
    };
    Ok((columns, rules))
}

/// What kinds of events stand for, if any stands for something.
pub(in crate::log) fn put_roles(out: &mut Vec<u8>, tag: u8, roles: &EventRoles) {
    let mut content = Vec::new();
    for (role, kind) in roles.iter() {
        put_text(&mut content, role.name());
        put_text(&mut content, kind);
    }
    if !content.is_empty() {
        put_section(out, tag, &content);
    }
}

pub(in crate::log) fn read_roles(mut content: Reader<'_>) -> Result<EventRoles> {
    let mut roles = EventRoles::default();
    while !content.is_empty() {
        let role: EventRole = content.text()?.parse()?;
        roles = roles.with(role, [content.text()?]);
    }
    Ok(roles)
}

/// So many rows.
pub(in crate::log) fn transactions<'a>(
    count: usize,
    rows: impl Iterator<Item = NewTransaction<'a>> + Clone,
) -> TableWriter {
    let order = |row: NewTransaction<'a>| row.order_id.and_then(|id| id.integer());
    let mut table = TableWriter::new(count);
    table.times(1, rows.clone().map(|row| Some(row.time)));
    table.numbers(2, rows.clone().map(|row| row.amount));
    table.integers(3, rows.clone().map(order));
    table.texts(4, rows.clone().map(|row| row.category));
    table.texts(5, rows.clone().map(|row| row.channel));
    table.numbers(6, rows.clone().map(|row| row.discount));
    table.times(7, rows.clone().map(|row| row.known_at));
    table.texts(8, rows.clone().map(|row| row.key));
    table.times(9, rows.map(|row| row.valid_until));
    table
}

pub(in crate::log) fn read_transactions(content: Reader<'_>) -> Result<Vec<NewTransaction<'_>>> {
    let table = TableReader::new(content, 9)?;
    let times = table.known_times(1)?;
    let (amount, order) = (table.numbers(2)?, table.integers(3)?);
    let (category, channel) = (table.texts(4)?, table.texts(5)?);
    let (discount, known_at, key) = (table.numbers(6)?, table.times(7)?, table.texts(8)?);
    let valid_until = table.times(9)?;
    let row = |(row, time): (usize, _)| NewTransaction {
        time,
        amount: amount[row],
        order_id: order[row].map(Into::into),
        category: category[row],
        channel: channel[row],
        discount: discount[row],
        valid_until: valid_until[row],
        known_at: known_at[row],
        key: key[row],
    };
    Ok(times.into_iter().enumerate().map(row).collect())
}

/// So many tickets.
pub(in crate::log) fn tickets<'a>(
    count: usize,
    rows: impl Iterator<Item = NewTicket<'a>> + Clone,
) -> TableWriter {
    let mut table = TableWriter::new(count);
    table.times(1, rows.clone().map(|row| Some(row.opened_at)));
    table.times(2, rows.clone().map(|row| row.first_response_at));
    table.times(3, rows.clone().map(|row| row.resolved_at));
    table.texts(4, rows.clone().map(|row| row.topic));
    table.numbers(5, rows.clone().map(|row| row.reopened_count));
    table.numbers(6, rows.clone().map(|row| row.satisfaction));
    table.times(7, rows.clone().map(|row| row.known_at));
    table.texts(8, rows.map(|row| row.id));
    table
}

pub(in crate::log) fn read_tickets(content: Reader<'_>) -> Result<Vec<NewTicket<'_>>> {
    let table = TableReader::new(content, 8)?;
    let times = table.known_times(1)?;
    let (first_response_at, resolved_at) = (table.times(2)?, table.times(3)?);
    let (topic, reopened_count) = (table.texts(4)?, table.numbers(5)?);
    let (satisfaction, known_at, id) = (table.numbers(6)?, table.times(7)?, table.texts(8)?);
    let row = |(row, opened_at): (usize, _)| NewTicket {
        opened_at,
        first_response_at: first_response_at[row],
        resolved_at: resolved_at[row],
        topic: topic[row],
        reopened_count: reopened_count[row],
        satisfaction: satisfaction[row],
        known_at: known_at[row],
        id: id[row],
    };
    Ok(times.into_iter().enumerate().map(row).collect())
}

/// So many answers.
pub(in crate::log) fn answers<'a>(
    count: usize,
    rows: impl Iterator<Item = NewAnswer<'a>> + Clone,
) -> TableWriter {
    let mut table = TableWriter::new(count);
    table.times(1, rows.clone().map(|row| Some(row.time)));
    table.numbers(2, rows.clone().map(|row| Some(row.score)));
    table.texts(3, rows.clone().map(|row| row.topic));
    table.times(4, rows.clone().map(|row| row.known_at));
    table.texts(5, rows.map(|row| row.id));
    table
}

pub(in crate::log) fn read_answers(content: Reader<'_>) -> Result<Vec<NewAnswer<'_>>> {
    let table = TableReader::new(content, 5)?;
    let times = table.known_times(1)?;
    let (score, topic) = (table.numbers(2)?, table.texts(3)?);
    let (known_at, id) = (table.times(4)?, table.texts(5)?);
    let row = |(row, time): (usize, _)| NewAnswer {
        time,
        score: score[row].unwrap_or(f64::NAN),
        topic: topic[row],
        known_at: known_at[row],
        id: id[row],
    };
    Ok(times.into_iter().enumerate().map(row).collect())
}

/// So many events.
pub(in crate::log) fn events<'a>(
    count: usize,
    rows: impl Iterator<Item = NewEvent<'a>> + Clone,
) -> TableWriter {
    let mut table = TableWriter::new(count);
    table.times(1, rows.clone().map(|row| Some(row.time)));
    table.texts(2, rows.clone().map(|row| Some(row.kind)));
    table.numbers(3, rows.clone().map(|row| row.value));
    table.texts(4, rows.clone().map(|row| row.channel));
    table.times(5, rows.map(|row| row.known_at));
    table
}

pub(in crate::log) fn read_events(content: Reader<'_>) -> Result<Vec<NewEvent<'_>>> {
    let table = TableReader::new(content, 5)?;
    let times = table.known_times(1)?;
    let (kind, value) = (table.texts(2)?, table.numbers(3)?);
    let (channel, known_at) = (table.texts(4)?, table.times(5)?);
    let row = |(row, time): (usize, _)| NewEvent {
        time,
        kind: kind[row].unwrap_or_default(),
        value: value[row],
        channel: channel[row],
        known_at: known_at[row],
    };
    Ok(times.into_iter().enumerate().map(row).collect())
}
