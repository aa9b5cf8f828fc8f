//! Taking rows out of a customer's history.

use std::sync::Arc;

use super::customer::CustomerHistory;
use super::keys::KeyedTable;
use crate::error::Result;
use crate::log::store::pool::{NO_CODE, TextPool};
use crate::time::{IntoTimestamp, Timestamp};

/// Texts that may be kept beyond those that rows have.
const SPARE_TEXTS: usize = 16;

impl CustomerHistory {
    /// Removes the transaction row with this key; false if there is none. To change a row, remove it
    /// and push it anew. As with every removal, the time grows with the rows of the history, for those
    /// that stay are put together anew.
    ///
    /// ```
    /// use winback::log::{CustomerHistory, LogColumns, NewTransaction, PurchaseRules};
    /// let mut customer = CustomerHistory::new(LogColumns::default(), PurchaseRules::default());
    /// let row = NewTransaction { key: Some("line 1"), ..NewTransaction::at("2024-02-01".parse()?) };
    /// customer.push_transaction(row)?;
    /// assert!(customer.remove_transaction("line 1") && customer.is_empty());
    /// assert!(!customer.remove_transaction("line 1"));
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn remove_transaction(&mut self, key: &str) -> bool {
        self.remove(KeyedTable::Transactions, key)
    }

    /// Removes the ticket with this id; false if there is none.
    pub fn remove_ticket(&mut self, id: &str) -> bool {
        self.remove(KeyedTable::Tickets, id)
    }

    /// Removes the survey answer with this id; false if there is none.
    pub fn remove_answer(&mut self, id: &str) -> bool {
        self.remove(KeyedTable::Answers, id)
    }

    /// Removes all tickets.
    pub fn clear_tickets(&mut self) {
        self.keep(KeyedTable::Tickets, |_, _| false);
    }

    /// Forgets all rows before an instant, with their keys, to bound memory, and returns how many. Rows
    /// of that time that come later are left out.
    ///
    /// A model does not score a history that lacks what a feature is made of: it refuses it, naming
    /// the feature. Most features are made of all rows, and those by which models tell one customer
    /// from another always are, so that a history that forgot something is scored by no model that
    /// reads one of them; features of the last days are as before.
    ///
    /// ```
    /// use winback::log::{CustomerHistory, LogColumns, NewTransaction, PurchaseRules, Pushed};
    /// let mut customer = CustomerHistory::new(LogColumns::default(), PurchaseRules::default());
    /// let old = NewTransaction::at("2019-02-01".parse()?);
    /// customer.push_transaction(old)?;
    /// customer.push_transaction(NewTransaction::at("2024-02-01".parse()?))?;
    /// assert_eq!(customer.forget_before("2020-01-01")?, 1);
    /// assert_eq!(customer.push_transaction(old)?, Pushed::Forgotten);
    /// assert_eq!(customer.forgotten_before(), Some("2020-01-01".parse()?));
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a text that is not a time.
    pub fn forget_before(&mut self, at: impl IntoTimestamp) -> Result<usize> {
        let at = at.into_argument("at", self.time_zone())?;
        let before = self.len();
        for table in KeyedTable::ALL {
            if self.rows.times(table).iter().any(|&time| time < at.micros()) {
                self.keep(table, |_, time| time >= at.micros());
            }
        }
        let forgotten = before - self.len();
        if forgotten > 0 {
            self.forgotten_before = self.forgotten_before.max(Some(at));
        }
        Ok(forgotten)
    }

    /// Before which instant rows were forgotten; none where all rows that there were are there.
    pub fn forgotten_before(&self) -> Option<Timestamp> {
        self.forgotten_before
    }

    pub(super) fn has_forgotten(&self, time: i64) -> bool {
        self.forgotten_before.is_some_and(|at| time < at.micros())
    }

    pub(super) fn has_key(&self, table: KeyedTable, key: &str) -> bool {
        self.known_keys.as_ref().is_some_and(|known| known.has(table, key))
    }

    /// Notes the row that was pushed last: its key, and whether it is in order.
    pub(super) fn note_last(&mut self, table: KeyedTable, key: Option<&str>) {
        if let Some(key) = key {
            let row = self.rows.count(table) - 1;
            let key = self.known_keys.get_or_insert_default().insert(table, key);
            self.rows.keys.get_or_insert_default().push(table, row, key);
        }
        self.in_order = self.in_order && self.rows.last_in_order(&self.topics, table);
    }

    /// Removes the row with a key; false if there is none.
    pub(super) fn remove(&mut self, table: KeyedTable, key: &str) -> bool {
        if !self.has_key(table, key) {
            return false;
        }
        self.unsettle();
        let found = self.rows.keys.as_ref().and_then(|keys| keys.row(table, key));
        self.keep(table, |row, _| Some(row) != found);
        found.is_some()
    }

    /// Keeps the rows of a table, given by their number and time, that are wanted.
    fn keep(&mut self, table: KeyedTable, wanted: impl Fn(usize, i64) -> bool) {
        self.unsettle();
        let times = self.rows.times(table);
        let (kept, gone): (Vec<u32>, Vec<u32>) =
            (0..times.len() as u32).partition(|&row| wanted(row as usize, times[row as usize]));
        if let (Some(known), Some(keys)) = (&mut self.known_keys, &self.rows.keys) {
            let gone = gone.iter().filter_map(|&row| keys.of(table, row as usize));
            gone.for_each(|key| known.remove(table, key));
        }
        self.rows.take(table, &kept);
        self.drop_unused_texts();
    }

    /// Texts of rows that are gone do not pile up.
    fn drop_unused_texts(&mut self) {
        let events = &mut self.rows.events;
        if self.topics.categories.len() + self.topics.channels.len()
            > 2 * events.transactions.time.len() + SPARE_TEXTS
        {
            let columns = Arc::make_mut(&mut events.transactions);
            drop_unused(&mut self.topics.categories, &mut columns.category);
            drop_unused(&mut self.topics.channels, &mut columns.channel);
        }
        if let Some(tickets) = &mut events.tickets
            && self.topics.tickets.len() > 2 * tickets.opened_at.len() + SPARE_TEXTS
        {
            drop_unused(&mut self.topics.tickets, &mut Arc::make_mut(tickets).topic);
        }
        if let Some(surveys) = &mut events.surveys
            && self.topics.surveys.len() > 2 * surveys.time.len() + SPARE_TEXTS
        {
            drop_unused(&mut self.topics.surveys, &mut Arc::make_mut(surveys).topic);
        }
    }
}

/// Keeps only the texts of a column, under new codes.
fn drop_unused(texts: &mut TextPool, column: &mut Option<Vec<u32>>) {
    let mut used = TextPool::default();
    for code in column.iter_mut().flatten().filter(|code| **code != NO_CODE) {
        *code = texts.find(*code).map_or(NO_CODE, |text| used.code(text));
    }
    *texts = used;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{LogColumns, NewAnswer, NewTicket, NewTransaction, PurchaseRules};

    fn at(day: i32) -> Timestamp {
        Timestamp::from_days(day).unwrap()
    }

    fn history() -> CustomerHistory {
        let tickets = Some(Default::default());
        let columns =
            LogColumns { category: true, channel: true, tickets, ..LogColumns::default() };
        CustomerHistory::new(LogColumns { surveys: true, ..columns }, PurchaseRules::default())
    }

    /// Two rows stay, one of them with texts: twice as many texts and 16 more may be there.
    #[test]
    fn texts_are_dropped_once_there_are_many_more_than_rows() {
        let mut customer = history();
        let row = |day| NewTransaction::at(at(day).into());
        let (category, channel) = (Some("tea"), Some("web"));
        customer.push_transaction(NewTransaction { category, channel, ..row(0) }).unwrap();
        customer.push_transaction(row(1)).unwrap();
        let mut pass_through = |number: i32| {
            let text = format!("text {number}");
            let (category, channel, key) = (Some(&*text), Some(&*text), Some("key"));
            let passing = NewTransaction { category, channel, key, ..row(2) };
            customer.push_transaction(passing).unwrap();
            assert!(customer.remove_transaction("key"));
            [customer.topics.categories.len(), customer.topics.channels.len()]
        };
        let found: Vec<[usize; 2]> = (0..11).map(&mut pass_through).collect();
        let expected: Vec<[usize; 2]> = (2..=10).chain([1, 2]).map(|count| [count; 2]).collect();
        assert_eq!(found, expected);
        let left: Vec<_> = customer.transactions().map(|row| (row.category, row.channel)).collect();
        assert_eq!(left, [(Some("tea"), Some("web")), (None, None)]);
    }

    #[test]
    fn topics_of_tickets_and_answers_are_dropped_as_well() {
        let mut customer = history();
        for topic in [Some("price"), None] {
            let ticket = NewTicket { topic, ..NewTicket::opened(at(0).into()) };
            customer.push_ticket(ticket).unwrap();
            customer.push_answer(NewAnswer { topic, ..NewAnswer::at(at(0).into(), 9.0) }).unwrap();
        }
        let mut pass_through = |number: i32| {
            let text = format!("topic {number}");
            let (topic, id) = (Some(&*text), Some("id"));
            let ticket = NewTicket { topic, id, ..NewTicket::opened(at(1).into()) };
            customer.push_ticket(ticket).unwrap();
            let answer = NewAnswer { topic, id, ..NewAnswer::at(at(1).into(), 9.0) };
            customer.push_answer(answer).unwrap();
            assert!(customer.remove_ticket("id") && customer.remove_answer("id"));
            [customer.topics.tickets.len(), customer.topics.surveys.len()]
        };
        let found: Vec<[usize; 2]> = (0..21).map(&mut pass_through).collect();
        let expected: Vec<[usize; 2]> = (2..=20).chain([1, 2]).map(|count| [count; 2]).collect();
        assert_eq!(found, expected);
        let mut tickets: Vec<_> = customer.tickets().map(|ticket| ticket.topic).collect();
        let mut answers: Vec<_> = customer.answers().map(|answer| answer.topic).collect();
        tickets.sort_unstable();
        answers.sort_unstable();
        assert_eq!((tickets, answers), (vec![None, Some("price")], vec![None, Some("price")]));
    }
}
