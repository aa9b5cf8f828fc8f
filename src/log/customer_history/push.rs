//! Appending rows to a customer's history.

use std::sync::Arc;

use super::checked::{CheckedAnswer, CheckedEvent, CheckedTicket, CheckedTransaction};
use super::customer::CustomerHistory;
use super::keys::KeyedTable;
use super::new_rows::{NewAnswer, NewEvent, NewTicket, NewTransaction, Pushed};
use crate::error::{Error, Result};
use crate::log::read::schema::EVENTS;
use crate::log::store::event_columns::{MOST_KINDS, NO_CHANNEL, narrow};
use crate::log::store::pool::{NO_CODE, TextPool};
use crate::log::store::values::NO_TIME;

impl CustomerHistory {
    /// Appends a transaction row, in constant time on average. What follows from all rows, such as
    /// their order, is worked out once, when the history is next read. A row whose key is there
    /// already is not added again, whatever else is in it.
    ///
    /// ```
    /// use winback::log::{CustomerHistory, LogColumns, NewTransaction, PurchaseRules, Pushed};
    /// let columns = LogColumns { amount: true, ..LogColumns::default() };
    /// let mut customer = CustomerHistory::new(columns, PurchaseRules::default());
    /// let row = NewTransaction { key: Some("line 1"), ..NewTransaction::at("2024-02-01".parse()?) };
    /// let row = NewTransaction { amount: Some(12.5), ..row };
    /// assert_eq!(customer.push_transaction(row)?, Pushed::Added);
    /// assert_eq!(customer.push_transaction(row)?, Pushed::Known);
    /// let free = NewTransaction { amount: Some(0.0), key: None, ..row };
    /// assert_eq!(customer.push_transaction(free)?, Pushed::ZeroAmount);
    /// assert_eq!((customer.len(), customer.zero_amounts()), (1, 1));
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] for an amount that is missing, NaN or above 10¹⁵ in absolute value if the log
    /// has amounts, an infinite discount, the order id −2⁶³, a blank key, or a time that the log's clock
    /// does not show.
    pub fn push_transaction(&mut self, row: NewTransaction<'_>) -> Result<Pushed> {
        let checked = self.check_transaction(row)?;
        Ok(self.store_transaction(checked, row.key))
    }

    /// Appends transaction rows, all of them or, if one is refused, none. Returns how many were added;
    /// the others have an amount of zero or a key that is there already.
    ///
    /// ```
    /// # use winback::log::{CustomerHistory, LogColumns, NewTransaction, PurchaseRules};
    /// let mut customer = CustomerHistory::new(LogColumns::default(), PurchaseRules::default());
    /// let days = ["2024-02-01".parse()?, "2024-01-05".parse()?];
    /// assert_eq!(customer.extend_transactions(days.map(NewTransaction::at))?, 2);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`CustomerHistory::push_transaction`], with the number of the row, counted from 1.
    pub fn extend_transactions<'a>(
        &mut self,
        rows: impl IntoIterator<Item = NewTransaction<'a>>,
    ) -> Result<usize> {
        let check = |(place, row): (u64, NewTransaction<'a>)| {
            let checked = self.check_transaction(row).map_err(|error| numbered(error, place))?;
            Ok((checked, row.key))
        };
        let checked: Vec<_> = (1..).zip(rows).map(check).collect::<Result<_>>()?;
        let pushed = checked.into_iter().map(|(row, key)| self.store_transaction(row, key));
        Ok(pushed.filter(|&pushed| pushed == Pushed::Added).count())
    }

    fn check_transaction<'a>(
        &self,
        row: NewTransaction<'a>,
    ) -> Result<Option<CheckedTransaction<'a>>> {
        check_key("transactions", "key", row.key)?;
        let has_amounts = self.rows.events.transactions.amount.is_some();
        CheckedTransaction::of(row, has_amounts, self.rows.events.rules)
    }

    fn store_transaction(
        &mut self,
        row: Option<CheckedTransaction<'_>>,
        key: Option<&str>,
    ) -> Pushed {
        let table = KeyedTable::Transactions;
        if self.columns().tells_activity() {
            return Pushed::NoTable;
        }
        if key.is_some_and(|key| self.has_key(table, key)) {
            return Pushed::Known;
        }
        let Some(row) = row else {
            self.zero_amounts += 1;
            return Pushed::ZeroAmount;
        };
        if self.has_forgotten(row.time) {
            return Pushed::Forgotten;
        }
        self.unsettle();
        let columns = Arc::make_mut(&mut self.rows.events.transactions);
        if row.known_at != NO_TIME && columns.known_at.is_none() {
            columns.known_at = Some(vec![NO_TIME; columns.time.len()]);
        }
        push(&mut columns.time, row.time);
        push_some(&mut columns.amount, row.amount);
        push_some(&mut columns.order, row.order);
        push_text(&mut columns.category, &mut self.topics.categories, row.category);
        push_text(&mut columns.channel, &mut self.topics.channels, row.channel);
        push_some(&mut columns.discount, row.discount);
        push_some(&mut columns.valid_until, row.valid_until);
        push_some(&mut columns.known_at, row.known_at);
        self.note_last(table, key);
        Pushed::Added
    }

    /// Appends a ticket, or puts it in place of the one with its id.
    ///
    /// ```
    /// use winback::log::{CustomerHistory, LogColumns, NewTicket, PurchaseRules, Pushed};
    /// let columns = LogColumns { tickets: Some(Default::default()), ..LogColumns::default() };
    /// let mut customer = CustomerHistory::new(columns, PurchaseRules::default());
    /// let ticket = NewTicket { id: Some("T-1"), ..NewTicket::opened("2024-02-01".parse()?) };
    /// assert_eq!(customer.push_ticket(ticket)?, Pushed::Added);
    /// let resolved = NewTicket { resolved_at: Some("2024-02-03".parse()?), ..ticket };
    /// assert_eq!(customer.push_ticket(resolved)?, Pushed::Replaced);
    /// assert_eq!(customer.len(), 1);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] for a ticket answered or resolved before it is opened, an infinite number, a
    /// blank id, or a time that the log's clock does not show.
    pub fn push_ticket(&mut self, ticket: NewTicket<'_>) -> Result<Pushed> {
        check_key("tickets", "id", ticket.id)?;
        let (table, id) = (KeyedTable::Tickets, ticket.id);
        let ticket = CheckedTicket::of(ticket, self.time_zone())?;
        if self.has_forgotten(ticket.opened_at) {
            return Ok(Pushed::Forgotten);
        }
        let replaced = id.is_some_and(|id| self.remove(table, id));
        self.unsettle();
        let Some(columns) = &mut self.rows.events.tickets else { return Ok(Pushed::NoTable) };
        let columns = Arc::make_mut(columns);
        push(&mut columns.opened_at, ticket.opened_at);
        push_some(&mut columns.first_response_at, ticket.first_response_at);
        push_some(&mut columns.resolved_at, ticket.resolved_at);
        push_text(&mut columns.topic, &mut self.topics.tickets, ticket.topic);
        push_some(&mut columns.reopened_count, ticket.reopened_count);
        push_some(&mut columns.satisfaction, ticket.satisfaction);
        push_some(&mut columns.known_at, ticket.known_at);
        self.note_last(table, id);
        Ok(if replaced { Pushed::Replaced } else { Pushed::Added })
    }

    /// Appends a survey answer, with a score from 0 to 10, or puts it in place of the one with its id.
    ///
    /// # Errors
    /// [`Error::Data`] for any other score, a blank id, and a time that the log's clock does not show.
    pub fn push_answer(&mut self, answer: NewAnswer<'_>) -> Result<Pushed> {
        check_key("surveys", "id", answer.id)?;
        let (table, id) = (KeyedTable::Answers, answer.id);
        let answer = CheckedAnswer::of(answer, self.time_zone())?;
        if self.has_forgotten(answer.time) {
            return Ok(Pushed::Forgotten);
        }
        let replaced = id.is_some_and(|id| self.remove(table, id));
        self.unsettle();
        let Some(columns) = &mut self.rows.events.surveys else { return Ok(Pushed::NoTable) };
        let columns = Arc::make_mut(columns);
        push(&mut columns.time, answer.time);
        push(&mut columns.score, answer.score);
        push_text(&mut columns.topic, &mut self.topics.surveys, answer.topic);
        push_some(&mut columns.known_at, answer.known_at);
        self.note_last(table, id);
        Ok(if replaced { Pushed::Replaced } else { Pushed::Added })
    }
}

impl CustomerHistory {
    /// Appends an event.
    ///
    /// ```
    /// use winback::log::{CustomerHistory, EventLogColumns, LogColumns, NewEvent, PurchaseRules};
    /// let events = Some(EventLogColumns::default());
    /// let columns = LogColumns { events, ..LogColumns::default() };
    /// let mut customer = CustomerHistory::new(columns, PurchaseRules::default());
    /// customer.push_event(NewEvent::at("2024-02-01".parse()?, "visit"))?;
    /// customer.push_event(NewEvent::at("2024-02-03".parse()?, "cart"))?;
    /// let history = customer.history("2024-02-03".parse()?);
    /// assert_eq!(history.events().map(Iterator::count), Some(1));
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] for a blank kind, an infinite value, more than 10,000 kinds and channels, or a
    /// time that the log's clock does not show.
    pub fn push_event(&mut self, event: NewEvent<'_>) -> Result<Pushed> {
        let event = CheckedEvent::of(event, self.time_zone())?;
        if self.has_forgotten(event.time) {
            return Ok(Pushed::Forgotten);
        }
        if self.rows.events.events.is_none() {
            return Ok(Pushed::NoTable);
        }
        if self.topics.events.len() + 2 > MOST_KINDS {
            let expected = "at most 10,000 different kinds and channels";
            return Err(Error::value(EVENTS.name, "kind", event.kind, expected));
        }
        self.unsettle();
        let (rows, texts) = (&mut self.rows.events, &mut self.topics.events);
        let Some(columns) = &mut rows.events else { return Ok(Pushed::NoTable) };
        let columns = Arc::make_mut(columns);
        push(&mut columns.time, event.time);
        push(&mut columns.kind, narrow(texts.code(event.kind)));
        push_some(&mut columns.value, event.value);
        let channel = event.channel.map_or(NO_CHANNEL, |text| narrow(texts.code(text)));
        push_some(&mut columns.channel, channel);
        push_some(&mut columns.known_at, event.known_at);
        if !rows.kinds.roles.is_empty() {
            Arc::make_mut(&mut rows.kinds).extend(texts);
        }
        self.note_last(KeyedTable::Events, None);
        Ok(Pushed::Added)
    }
}

/// Refuses a key that tells nothing, such as a field left empty: all rows with it would be one.
fn check_key(table: &'static str, name: &'static str, key: Option<&str>) -> Result<()> {
    match key.filter(|key| key.trim().is_empty()) {
        Some(blank) => Err(Error::value(table, name, blank, "a key that is not blank, or none")),
        None => Ok(()),
    }
}

/// Names the row of an error of data.
fn numbered(mut error: Error, place: u64) -> Error {
    if let Error::Data { row, .. } = &mut error {
        *row = Some(place);
    }
    error
}

/// Appends with little room to spare, for a service keeps many short histories; as the room grows
/// by a quarter, the time is constant on average.
fn push<T>(column: &mut Vec<T>, value: T) {
    if column.len() == column.capacity() {
        column.reserve_exact((column.len() / 4).max(2));
    }
    column.push(value);
}

fn push_some<T>(column: &mut Option<Vec<T>>, value: T) {
    if let Some(column) = column {
        push(column, value);
    }
}

fn push_text(column: &mut Option<Vec<u32>>, texts: &mut TextPool, text: Option<&str>) {
    if let Some(column) = column {
        push(column, text.map_or(NO_CODE, |text| texts.code(text)));
    }
}
