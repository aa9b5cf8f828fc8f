//! What was pushed, row by row.

use super::customer::CustomerHistory;
use super::keys::{KeyedTable, RowKeys};
use super::new_rows::{NewAnswer, NewEvent, NewTicket, NewTransaction};
use super::stored::StoredRows;
use crate::error::Result;
use crate::log::AttributeValue;
use crate::log::store::event_columns::EventColumns;
use crate::log::store::surveys::SurveyColumns;
use crate::log::store::tickets::TicketColumns;
use crate::log::store::topics::Topics;
use crate::log::store::transactions::TransactionColumns;
use crate::log::store::values::{NO_ORDER, NO_TIME};
use crate::time::{Moment, Timestamp};

impl CustomerHistory {
    /// The transaction rows, by time, as they can be pushed again. A text order id that is no integer
    /// comes as the number by which it is kept, which stands for it.
    ///
    /// ```
    /// use winback::log::{CustomerHistory, LogColumns, NewTransaction, PurchaseRules};
    /// let mut customer = CustomerHistory::new(LogColumns::default(), PurchaseRules::default());
    /// let row = NewTransaction::at("2024-02-01".parse()?);
    /// customer.push_transaction(row)?;
    /// assert_eq!(customer.transactions().collect::<Vec<_>>(), [row]);
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn transactions(&self) -> impl ExactSizeIterator<Item = NewTransaction<'_>> {
        let StoredRows { events, keys } = self.settled().0;
        let (rows, keys) = (&events.transactions, keys.as_deref());
        (0..rows.time.len()).map(move |row| NewTransaction {
            key: key(keys, KeyedTable::Transactions, row),
            ..transaction(rows, &self.topics, row)
        })
    }

    /// The tickets, by opening.
    pub fn tickets(&self) -> impl ExactSizeIterator<Item = NewTicket<'_>> {
        let StoredRows { events, keys } = self.settled().0;
        let (tickets, keys) = (events.tickets.as_ref(), keys.as_deref());
        (0..tickets.map_or(0, |tickets| tickets.opened_at.len())).map(move |row| {
            let Some(tickets) = tickets else { return NewTicket::opened(Timestamp::MIN.into()) };
            let id = key(keys, KeyedTable::Tickets, row);
            NewTicket { id, ..ticket(tickets, &self.topics, row) }
        })
    }

    /// The survey answers, by time.
    pub fn answers(&self) -> impl ExactSizeIterator<Item = NewAnswer<'_>> {
        let StoredRows { events, keys } = self.settled().0;
        let (answers, keys) = (events.surveys.as_ref(), keys.as_deref());
        (0..answers.map_or(0, |answers| answers.time.len())).map(move |row| {
            let Some(answers) = answers else { return NewAnswer::at(Timestamp::MIN.into(), 0.0) };
            let id = key(keys, KeyedTable::Answers, row);
            NewAnswer { id, ..answer(answers, &self.topics, row) }
        })
    }

    /// The events, by time.
    pub fn events(&self) -> impl ExactSizeIterator<Item = NewEvent<'_>> {
        let events = self.settled().0.events.events.as_ref();
        (0..events.map_or(0, |events| events.time.len())).map(move |row| match events {
            Some(events) => event(events, &self.topics, row),
            None => NewEvent::at(Timestamp::MIN.into(), ""),
        })
    }

    /// The attributes that were set, in the order in which they first were.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = (&str, &AttributeValue<'static>)> {
        self.attributes.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Appends the rows of another history, and sets those of its attributes that may be set here.
    pub(crate) fn copy_rows(&mut self, other: &CustomerHistory) -> Result<()> {
        self.forgotten_before = other.forgotten_before;
        self.zero_amounts = other.zero_amounts;
        self.extend_transactions(other.transactions())?;
        for ticket in other.tickets() {
            self.push_ticket(ticket)?;
        }
        for answer in other.answers() {
            self.push_answer(answer)?;
        }
        for event in other.events() {
            self.push_event(event)?;
        }
        for (name, value) in other.attributes() {
            let allowed = self.attribute_names.as_ref();
            if allowed.is_none_or(|names| names.iter().any(|own| own == name)) {
                self.set_attribute(name, value)?;
            }
        }
        Ok(())
    }

    /// How many rows it has: transaction rows, tickets, answers and events.
    pub fn len(&self) -> usize {
        KeyedTable::ALL.iter().map(|&table| self.rows.count(table)).sum()
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A stored row of transactions, without a key.
pub(in crate::log) fn transaction<'a>(
    rows: &TransactionColumns,
    topics: &'a Topics,
    row: usize,
) -> NewTransaction<'a> {
    NewTransaction {
        time: time(rows.time[row]).unwrap_or(Timestamp::MIN.into()),
        amount: at(&rows.amount, row),
        order_id: at(&rows.order, row).filter(|&id| id != NO_ORDER).map(Into::into),
        category: at(&rows.category, row).and_then(|code| topics.categories.find(code)),
        channel: at(&rows.channel, row).and_then(|code| topics.channels.find(code)),
        discount: at(&rows.discount, row).filter(|number| !number.is_nan()),
        valid_until: at(&rows.valid_until, row).and_then(time),
        known_at: at(&rows.known_at, row).and_then(time),
        key: None,
    }
}

/// A stored ticket, without an id.
pub(in crate::log) fn ticket<'a>(
    tickets: &TicketColumns,
    topics: &'a Topics,
    row: usize,
) -> NewTicket<'a> {
    NewTicket {
        opened_at: time(tickets.opened_at[row]).unwrap_or(Timestamp::MIN.into()),
        first_response_at: at(&tickets.first_response_at, row).and_then(time),
        resolved_at: at(&tickets.resolved_at, row).and_then(time),
        topic: at(&tickets.topic, row).and_then(|code| topics.tickets.find(code)),
        reopened_count: at(&tickets.reopened_count, row).filter(|n| !n.is_nan()),
        satisfaction: at(&tickets.satisfaction, row).filter(|n| !n.is_nan()),
        known_at: at(&tickets.known_at, row).and_then(time),
        id: None,
    }
}

/// A stored answer, without an id.
pub(in crate::log) fn answer<'a>(
    answers: &SurveyColumns,
    topics: &'a Topics,
    row: usize,
) -> NewAnswer<'a> {
    NewAnswer {
        time: time(answers.time[row]).unwrap_or(Timestamp::MIN.into()),
        score: answers.score[row],
        topic: at(&answers.topic, row).and_then(|code| topics.surveys.find(code)),
        known_at: at(&answers.known_at, row).and_then(time),
        id: None,
    }
}

/// A stored event.
pub(in crate::log) fn event<'a>(
    events: &EventColumns,
    topics: &'a Topics,
    row: usize,
) -> NewEvent<'a> {
    let text = |code: u16| topics.events.find(code.into());
    NewEvent {
        time: time(events.time[row]).unwrap_or(Timestamp::MIN.into()),
        kind: text(events.kind[row]).unwrap_or_default(),
        value: at(&events.value, row).filter(|number| !number.is_nan()),
        channel: at(&events.channel, row).and_then(text),
        known_at: at(&events.known_at, row).and_then(time),
    }
}

fn time(micros: i64) -> Option<Moment> {
    (micros != NO_TIME).then(|| Timestamp::from_micros(micros).ok().map(Moment::from))?
}

fn key(keys: Option<&RowKeys>, table: KeyedTable, row: usize) -> Option<&str> {
    keys?.of(table, row).map(AsRef::as_ref)
}

fn at<T: Copy>(column: &Option<Vec<T>>, row: usize) -> Option<T> {
    column.as_ref().map(|column| column[row])
}
