//! A customer's history as bytes, to be kept and read again by this release and later ones.
//!
//! A mark and a version, then tagged sections of known length, then the CRC-32 of all before it. Each
//! section is there only where it says something. What a later release adds is another section, or
//! another column of a table: older bytes lack it and are read as before, and a release that does not
//! know it refuses the bytes rather than lose what is in it.

use super::customer::CustomerHistory;
use super::new_rows::{NewAnswer, NewEvent, NewTicket, NewTransaction};
use super::wire::{
    BYTES, Reader, TableReader, TableWriter, put_section, put_text, put_whole, refused,
};
use crate::error::{Error, Result};
use crate::log::AttributeValue;
use crate::log::store::event_roles::{EventRole, EventRoles};
use crate::log::store::log_columns::{EventLogColumns, LogColumns, TicketLogColumns};
use crate::log::store::options::{PurchaseBy, PurchaseRules, ZeroAmounts};
use crate::time::{TimeZone, Timestamp};

const MARK: &[u8] = b"winback customer\n";
const VERSION: u8 = 1;

/// Sections; a number is never used for anything else.
mod section {
    pub(super) const SHAPE: u8 = 1;
    pub(super) const TRANSACTIONS: u8 = 2;
    pub(super) const TICKETS: u8 = 3;
    pub(super) const ANSWERS: u8 = 4;
    pub(super) const ATTRIBUTES: u8 = 5;
    pub(super) const ATTRIBUTE_NAMES: u8 = 6;
    pub(super) const ZERO_AMOUNTS: u8 = 7;
    pub(super) const FORGOTTEN_BEFORE: u8 = 8;
    pub(super) const EVENTS: u8 = 9;
    pub(super) const EVENT_ROLES: u8 = 10;
}

impl CustomerHistory {
    /// The history as bytes: about 20 bytes a row, and the keys and texts in full. What is read back
    /// is equal to the bit, and scores as this one does.
    ///
    /// ```
    /// use winback::log::{CustomerHistory, LogColumns, NewTransaction, PurchaseRules};
    /// let mut customer = CustomerHistory::new(LogColumns::default(), PurchaseRules::default());
    /// customer.push_transaction(NewTransaction::at("2024-02-01".parse()?))?;
    /// let saved = customer.to_bytes();
    /// let read = CustomerHistory::from_bytes(&saved)?;
    /// assert!(read.transactions().eq(customer.transactions()));
    /// assert_eq!(read.to_bytes(), saved);
    /// assert!(CustomerHistory::from_bytes(&saved[..20]).is_err());
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MARK.to_vec();
        out.push(VERSION);
        put_section(&mut out, section::SHAPE, &self.shape());
        self.put_transactions(&mut out);
        self.put_tickets(&mut out);
        self.put_answers(&mut out);
        self.put_events(&mut out);
        self.put_attributes(&mut out);
        if self.zero_amounts > 0 {
            put_number(&mut out, section::ZERO_AMOUNTS, self.zero_amounts.into());
        }
        if let Some(at) = self.forgotten_before {
            put_section(&mut out, section::FORGOTTEN_BEFORE, &at.micros().to_le_bytes());
        }
        let sum = crc32fast::hash(&out);
        out.extend_from_slice(&sum.to_le_bytes());
        out
    }

    /// A history from the bytes that [`CustomerHistory::to_bytes`] gave, in this release or an earlier
    /// one.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for bytes that are damaged, cut short, of a later
    /// release, or something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let Some(rest) = bytes.strip_prefix(MARK) else {
            return Err(refused("something else, or nothing"));
        };
        match rest.first() {
            Some(&VERSION) => {}
            Some(version) => return Err(refused(&format!("bytes of version {version}"))),
            None => return Err(refused("bytes cut short")),
        }
        let Some((content, sum)) = bytes.split_last_chunk::<4>() else {
            return Err(refused("bytes cut short"));
        };
        if crc32fast::hash(content) != u32::from_le_bytes(*sum) {
            return Err(refused("damaged bytes, or cut short"));
        }
        let mut reader = Reader(content.get(MARK.len() + 1..).unwrap_or_default());
        let (tag, shape) = reader.section()?;
        if tag != section::SHAPE {
            return Err(refused("bytes without a shape"));
        }
        let mut history = read_shape(shape)?;
        while !reader.is_empty() {
            let (tag, content) = reader.section()?;
            // What was stored was allowed when it was; but what no push takes is refused.
            history.read_section(tag, content).map_err(|error| match error {
                Error::Argument { name: BYTES, .. } => error,
                error => refused(&error.to_string()),
            })?;
        }
        Ok(history)
    }

    fn read_section(&mut self, tag: u8, mut content: Reader<'_>) -> Result<()> {
        match tag {
            section::TRANSACTIONS => self.read_transactions(TableReader::new(content, 9)?),
            section::TICKETS => self.read_tickets(TableReader::new(content, 8)?),
            section::ANSWERS => self.read_answers(TableReader::new(content, 5)?),
            section::EVENTS => self.read_events(TableReader::new(content, 5)?),
            section::EVENT_ROLES => {
                let mut roles = EventRoles::default();
                while !content.is_empty() {
                    let role: EventRole = content.text()?.parse()?;
                    roles = roles.with(role, [content.text()?]);
                }
                self.set_event_roles(roles);
                Ok(())
            }
            section::ATTRIBUTES => self.read_attributes(content),
            section::ATTRIBUTE_NAMES => {
                let mut names = Vec::new();
                while !content.is_empty() {
                    names.push(content.text()?.to_owned());
                }
                self.attribute_names = Some(names.into());
                Ok(())
            }
            section::ZERO_AMOUNTS => {
                self.zero_amounts = content.whole()? as u64;
                Ok(())
            }
            section::FORGOTTEN_BEFORE => {
                let micros = content.bytes(8)?.try_into().map(i64::from_le_bytes);
                let micros = micros.map_err(|_| refused("damaged content"))?;
                self.forgotten_before = Some(Timestamp::from_micros(micros)?);
                Ok(())
            }
            _ => Err(refused("a section of a later release")),
        }
    }

    /// Columns as bits, then the rules.
    fn shape(&self) -> Vec<u8> {
        let (columns, rules) = (self.columns(), self.purchase_rules());
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

    fn put_transactions(&self, out: &mut Vec<u8>) {
        let rows: Vec<NewTransaction<'_>> = self.transactions().collect();
        if rows.is_empty() {
            return;
        }
        let order = |row: &NewTransaction<'_>| match row.order_id {
            Some(crate::log::CustomerId::Int(id)) => Some(id),
            _ => None,
        };
        let mut table = TableWriter::new(rows.len());
        table.times(1, rows.iter().map(|row| Some(row.time)));
        table.numbers(2, rows.iter().map(|row| row.amount));
        table.integers(3, rows.iter().map(order));
        table.texts(4, rows.iter().map(|row| row.category));
        table.texts(5, rows.iter().map(|row| row.channel));
        table.numbers(6, rows.iter().map(|row| row.discount));
        table.times(7, rows.iter().map(|row| row.known_at));
        table.texts(8, rows.iter().map(|row| row.key));
        table.times(9, rows.iter().map(|row| row.valid_until));
        table.into_section(out, section::TRANSACTIONS);
    }

    fn read_transactions(&mut self, table: TableReader<'_>) -> Result<()> {
        let times = table.known_times(1)?;
        let (amount, order) = (table.numbers(2)?, table.integers(3)?);
        let (category, channel) = (table.texts(4)?, table.texts(5)?);
        let (discount, known_at, key) = (table.numbers(6)?, table.times(7)?, table.texts(8)?);
        let valid_until = table.times(9)?;
        self.extend_transactions(times.into_iter().enumerate().map(|(row, time)| {
            NewTransaction {
                time,
                amount: amount[row],
                order_id: order[row].map(Into::into),
                category: category[row],
                channel: channel[row],
                discount: discount[row],
                valid_until: valid_until[row],
                known_at: known_at[row],
                key: key[row],
            }
        }))?;
        Ok(())
    }

    fn put_tickets(&self, out: &mut Vec<u8>) {
        let rows: Vec<NewTicket<'_>> = self.tickets().collect();
        if rows.is_empty() {
            return;
        }
        let mut table = TableWriter::new(rows.len());
        table.times(1, rows.iter().map(|row| Some(row.opened_at)));
        table.times(2, rows.iter().map(|row| row.first_response_at));
        table.times(3, rows.iter().map(|row| row.resolved_at));
        table.texts(4, rows.iter().map(|row| row.topic));
        table.numbers(5, rows.iter().map(|row| row.reopened_count));
        table.numbers(6, rows.iter().map(|row| row.satisfaction));
        table.times(7, rows.iter().map(|row| row.known_at));
        table.texts(8, rows.iter().map(|row| row.id));
        table.into_section(out, section::TICKETS);
    }

    fn read_tickets(&mut self, table: TableReader<'_>) -> Result<()> {
        let times = table.known_times(1)?;
        let (first_response_at, resolved_at) = (table.times(2)?, table.times(3)?);
        let (topic, reopened_count) = (table.texts(4)?, table.numbers(5)?);
        let (satisfaction, known_at, id) = (table.numbers(6)?, table.times(7)?, table.texts(8)?);
        for (row, opened_at) in times.into_iter().enumerate() {
            self.push_ticket(NewTicket {
                opened_at,
                first_response_at: first_response_at[row],
                resolved_at: resolved_at[row],
                topic: topic[row],
                reopened_count: reopened_count[row],
                satisfaction: satisfaction[row],
                known_at: known_at[row],
                id: id[row],
            })?;
        }
        Ok(())
    }

    fn put_answers(&self, out: &mut Vec<u8>) {
        let rows: Vec<NewAnswer<'_>> = self.answers().collect();
        if rows.is_empty() {
            return;
        }
        let mut table = TableWriter::new(rows.len());
        table.times(1, rows.iter().map(|row| Some(row.time)));
        table.numbers(2, rows.iter().map(|row| Some(row.score)));
        table.texts(3, rows.iter().map(|row| row.topic));
        table.times(4, rows.iter().map(|row| row.known_at));
        table.texts(5, rows.iter().map(|row| row.id));
        table.into_section(out, section::ANSWERS);
    }

    fn read_answers(&mut self, table: TableReader<'_>) -> Result<()> {
        let times = table.known_times(1)?;
        let (score, topic) = (table.numbers(2)?, table.texts(3)?);
        let (known_at, id) = (table.times(4)?, table.texts(5)?);
        for (row, time) in times.into_iter().enumerate() {
            let score = score[row].unwrap_or(f64::NAN);
            let (topic, known_at, id) = (topic[row], known_at[row], id[row]);
            self.push_answer(NewAnswer { time, score, topic, known_at, id })?;
        }
        Ok(())
    }

    fn put_events(&self, out: &mut Vec<u8>) {
        let mut content = Vec::new();
        for (role, kind) in self.event_roles().iter() {
            put_text(&mut content, role.name());
            put_text(&mut content, kind);
        }
        if !content.is_empty() {
            put_section(out, section::EVENT_ROLES, &content);
        }
        let rows: Vec<NewEvent<'_>> = self.events().collect();
        if rows.is_empty() {
            return;
        }
        let mut table = TableWriter::new(rows.len());
        table.times(1, rows.iter().map(|row| Some(row.time)));
        table.texts(2, rows.iter().map(|row| Some(row.kind)));
        table.numbers(3, rows.iter().map(|row| row.value));
        table.texts(4, rows.iter().map(|row| row.channel));
        table.times(5, rows.iter().map(|row| row.known_at));
        table.into_section(out, section::EVENTS);
    }

    fn read_events(&mut self, table: TableReader<'_>) -> Result<()> {
        let times = table.known_times(1)?;
        let (kind, value) = (table.texts(2)?, table.numbers(3)?);
        let (channel, known_at) = (table.texts(4)?, table.times(5)?);
        for (row, time) in times.into_iter().enumerate() {
            let (kind, value) = (kind[row].unwrap_or_default(), value[row]);
            let (channel, known_at) = (channel[row], known_at[row]);
            self.push_event(NewEvent { time, kind, value, channel, known_at })?;
        }
        Ok(())
    }

    /// Each as its name, a byte for what it is, and its value.
    fn put_attributes(&self, out: &mut Vec<u8>) {
        let mut content = Vec::new();
        for (name, value) in self.attributes() {
            put_text(&mut content, name);
            match value {
                AttributeValue::Missing => content.push(0),
                AttributeValue::Number(number) => {
                    content.push(1);
                    content.extend_from_slice(&number.to_le_bytes());
                }
                AttributeValue::Text(text) => {
                    content.push(2);
                    put_text(&mut content, text);
                }
            }
        }
        if !content.is_empty() {
            put_section(out, section::ATTRIBUTES, &content);
        }
        if let Some(names) = &self.attribute_names {
            let mut content = Vec::new();
            names.iter().for_each(|name| put_text(&mut content, name));
            put_section(out, section::ATTRIBUTE_NAMES, &content);
        }
    }

    fn read_attributes(&mut self, mut content: Reader<'_>) -> Result<()> {
        while !content.is_empty() {
            let name = content.text()?;
            let value = match content.byte()? {
                0 => AttributeValue::Missing,
                1 => AttributeValue::Number(content.number()?),
                2 => AttributeValue::Text(content.text()?.to_owned().into()),
                _ => return Err(refused("an attribute of a later release")),
            };
            self.set_attribute(name, value)?;
        }
        Ok(())
    }
}

fn put_number(out: &mut Vec<u8>, tag: u8, number: u128) {
    let mut content = Vec::new();
    put_whole(&mut content, number);
    put_section(out, tag, &content);
}

fn read_shape(mut content: Reader<'_>) -> Result<CustomerHistory> {
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
    Ok(CustomerHistory::new(columns, rules))
}
