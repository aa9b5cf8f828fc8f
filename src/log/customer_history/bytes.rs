//! A customer's history as bytes, to be kept and read again by this release and later ones.
//!
//! A mark and a version, then tagged sections of known length, then the CRC-32 of all before it. Each
//! section is there only where it says something. What a later release adds is another section, or
//! another column of a table: older bytes lack it and are read as before, and a release that does not
//! know it refuses the bytes rather than lose what is in it.

use super::customer::CustomerHistory;
use super::new_rows::{NewAnswer, NewEvent, NewTicket, NewTransaction};
use super::row_tables::{self, put_roles, read_roles, read_shape, shape};
use super::wire::{BYTES, Reader, put_section, put_text, put_whole, refused, sealed, unsealed};
use crate::error::{Error, Result};
use crate::log::AttributeValue;
use crate::time::Timestamp;

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
    /// The history as bytes: about 20 bytes a row, and the keys and texts in full. What is read back has
    /// the same rows in the same order, equal to the bit, and scores as this one does. Histories of equal
    /// rows without keys are equal bytes, in whatever order the rows were pushed.
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
        put_section(&mut out, section::SHAPE, &shape(self.columns(), self.purchase_rules()));
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
        sealed(out)
    }

    /// A history from the bytes that [`CustomerHistory::to_bytes`] gave, in this release or an earlier
    /// one.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for bytes that are damaged, cut short, of a later
    /// release, or something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut reader = unsealed(bytes, MARK, VERSION)?;
        let (tag, shape) = reader.section()?;
        if tag != section::SHAPE {
            return Err(refused("bytes without a shape"));
        }
        let (columns, rules) = read_shape(shape)?;
        let mut history = CustomerHistory::new(columns, rules);
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
            section::TRANSACTIONS => {
                self.extend_transactions(row_tables::read_transactions(content)?)?;
                Ok(())
            }
            section::TICKETS => {
                let rows = row_tables::read_tickets(content)?;
                rows.into_iter().try_for_each(|row| self.push_ticket(row).map(drop))
            }
            section::ANSWERS => {
                let rows = row_tables::read_answers(content)?;
                rows.into_iter().try_for_each(|row| self.push_answer(row).map(drop))
            }
            section::EVENTS => {
                let rows = row_tables::read_events(content)?;
                rows.into_iter().try_for_each(|row| self.push_event(row).map(drop))
            }
            section::EVENT_ROLES => {
                self.set_event_roles(read_roles(content)?);
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

    fn put_transactions(&self, out: &mut Vec<u8>) {
        let rows: Vec<NewTransaction<'_>> = self.transactions().collect();
        if !rows.is_empty() {
            let table = row_tables::transactions(rows.len(), rows.iter().copied());
            table.into_section(out, section::TRANSACTIONS);
        }
    }

    fn put_tickets(&self, out: &mut Vec<u8>) {
        let rows: Vec<NewTicket<'_>> = self.tickets().collect();
        if !rows.is_empty() {
            let table = row_tables::tickets(rows.len(), rows.iter().copied());
            table.into_section(out, section::TICKETS);
        }
    }

    fn put_answers(&self, out: &mut Vec<u8>) {
        let rows: Vec<NewAnswer<'_>> = self.answers().collect();
        if !rows.is_empty() {
            let table = row_tables::answers(rows.len(), rows.iter().copied());
            table.into_section(out, section::ANSWERS);
        }
    }

    fn put_events(&self, out: &mut Vec<u8>) {
        put_roles(out, section::EVENT_ROLES, self.event_roles());
        let rows: Vec<NewEvent<'_>> = self.events().collect();
        if !rows.is_empty() {
            let table = row_tables::events(rows.len(), rows.iter().copied());
            table.into_section(out, section::EVENTS);
        }
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
                2 => AttributeValue::Text(content.text()?.into()),
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
