//! One customer's events in a service: appended one by one, in any order, and then seen through the
//! same [`History`] as a customer of a log.

use std::cmp::Ordering;
use std::sync::Arc;

use super::read::cells::{MAX_AMOUNT, NO_ORDER, NO_TIME, order_number};
use super::read::missing::meant;
use super::read::schema::{EVENTS, SURVEYS, TICKETS, TRANSACTIONS};
use super::store::event_columns::{EventColumns, MOST_KINDS, NO_CHANNEL, narrow};
use super::store::event_roles::{EventRoles, KindRoles};
use super::store::events::{CustomerRows, Events};
use super::store::history::History;
use super::store::ids::CustomerId;
use super::store::log_columns::LogColumns;
use super::store::options::{PurchaseRules, ZeroAmounts};
use super::store::placed::Columns;
use super::store::pool::{NO_CODE, TextPool};
use super::store::purchases::{Purchase, PurchaseScratch};
use super::store::surveys::SurveyColumns;
use super::store::tickets::TicketColumns;
use super::store::transactions::TransactionColumns;
use super::{AttributeValue, Topics};
use crate::error::{Error, Result};
use crate::time::{IntoTimestamp, TimeZone, Timestamp};

/// A transaction row to append to a [`CustomerHistory`].
#[derive(Debug, Clone, Copy)]
pub struct NewTransaction<'a> {
    /// When it happened, by the log's clock ([`CustomerHistory::clock`]), as all times.
    pub time: Timestamp,
    /// Amount, negative for a return; required if the log has amounts.
    pub amount: Option<f64>,
    /// The order it belongs to.
    pub order_id: Option<CustomerId<'a>>,
    /// Its category.
    pub category: Option<&'a str>,
    /// Its channel.
    pub channel: Option<&'a str>,
    /// Part of the price given away.
    pub discount: Option<f64>,
    /// When the business learned of it; if none, when it happened.
    pub known_at: Option<Timestamp>,
}

impl NewTransaction<'_> {
    /// A row with a time and nothing else.
    pub fn at(time: Timestamp) -> Self {
        NewTransaction {
            time,
            amount: None,
            order_id: None,
            category: None,
            channel: None,
            discount: None,
            known_at: None,
        }
    }
}

/// A ticket to append to a [`CustomerHistory`].
#[derive(Debug, Clone, Copy)]
pub struct NewTicket<'a> {
    /// When it was opened, by the log's clock ([`CustomerHistory::clock`]), as all times.
    pub opened_at: Timestamp,
    /// When it was first answered.
    pub first_response_at: Option<Timestamp>,
    /// When it was resolved; if none, it is open.
    pub resolved_at: Option<Timestamp>,
    /// Its topic.
    pub topic: Option<&'a str>,
    /// How often it was reopened.
    pub reopened_count: Option<f64>,
    /// How the customer rated it.
    pub satisfaction: Option<f64>,
    /// When the business learned of it; if none, when it was opened.
    pub known_at: Option<Timestamp>,
}

impl NewTicket<'_> {
    /// An open ticket and nothing else.
    pub fn opened(opened_at: Timestamp) -> Self {
        NewTicket {
            opened_at,
            first_response_at: None,
            resolved_at: None,
            topic: None,
            reopened_count: None,
            satisfaction: None,
            known_at: None,
        }
    }
}

/// The events of one customer, for a service that scores one customer at a time.
///
/// Its columns and rules are those of the log a model was trained on
/// ([`crate::ChurnModel::customer_history`]), so the same events give the same features and a
/// bit-identical score. Values for columns that the log does not have are ignored. Texts are taken as
/// in tables: without blanks around them, and as missing where they are blank, `NULL`, `null` or
/// `\\N`.
///
/// ```
/// use winback::log::{CustomerHistory, LogColumns, NewTransaction, PurchaseRules};
/// let columns = LogColumns { amount: true, ..LogColumns::default() };
/// let mut customer = CustomerHistory::new(columns, PurchaseRules::default());
/// for (day, amount) in [("2024-02-01", 30.0), ("2024-01-05", 20.0)] {
///     let row = NewTransaction { amount: Some(amount), ..NewTransaction::at(day.parse()?) };
///     customer.push_transaction(row)?;
/// }
/// let history = customer.history("2024-02-01".parse()?);
/// assert_eq!(history.purchases()[0].check, 20.0);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CustomerHistory {
    events: Events,
    purchases: Vec<Purchase>,
    topics: Topics,
    attributes: Vec<(String, AttributeValue<'static>)>,
}

impl CustomerHistory {
    /// An empty history with the columns and rules of a log.
    pub fn new(columns: LogColumns, rules: PurchaseRules) -> Self {
        let events = Events {
            transactions: Arc::new(TransactionColumns {
                time: Vec::new(),
                amount: columns.amount.then(Vec::new),
                order: columns.order_id.then(Vec::new),
                category: columns.category.then(Vec::new),
                channel: columns.channel.then(Vec::new),
                discount: columns.discount.then(Vec::new),
                known_at: Some(Vec::new()),
            }),
            tickets: columns.tickets.map(|columns| TicketColumns {
                opened_at: Vec::new(),
                first_response_at: columns.first_response_at.then(Vec::new),
                resolved_at: columns.resolved_at.then(Vec::new),
                topic: Some(Vec::new()),
                reopened_count: columns.reopened_count.then(Vec::new),
                satisfaction: columns.satisfaction.then(Vec::new),
                known_at: Some(Vec::new()),
            }),
            surveys: columns.surveys.then(|| SurveyColumns {
                time: Vec::new(),
                score: Vec::new(),
                topic: None,
                known_at: Some(Vec::new()),
            }),
            events: columns.events.map(EventColumns::with),
            kinds: Arc::default(),
            rules,
        };
        CustomerHistory {
            events,
            purchases: Vec::new(),
            topics: Topics::default(),
            attributes: Vec::new(),
        }
    }

    /// Its columns, those of the log that it stands for.
    pub fn columns(&self) -> LogColumns {
        self.events.columns()
    }

    /// How purchases are formed from its rows.
    pub fn purchase_rules(&self) -> PurchaseRules {
        self.events.rules
    }

    /// Appends a transaction row.
    ///
    /// # Errors
    /// [`Error::Data`] for an amount that is missing, NaN or above 10¹⁵ in absolute value if the log
    /// has amounts, an infinite discount, or the order id −2⁶³.
    pub fn push_transaction(&mut self, row: NewTransaction<'_>) -> Result<()> {
        let columns = Arc::make_mut(&mut self.events.transactions);
        let mut amount = 0.0;
        if columns.amount.is_some() {
            amount = row.amount.map_or_else(
                || Err(Error::value(TRANSACTIONS.name, "amount", "nothing", "a finite number")),
                |amount| finite(TRANSACTIONS.name, "amount", amount),
            )?;
            if amount.abs() > MAX_AMOUNT {
                let expected = "at most 1e15 in absolute value";
                return Err(Error::value(TRANSACTIONS.name, "amount", amount, expected));
            }
            if amount == 0.0 && self.events.rules.zero_amounts == ZeroAmounts::Ignore {
                return Ok(());
            }
        }
        let discount =
            row.discount.map(|d| finite(TRANSACTIONS.name, "discount", d)).transpose()?;
        let order = match row.order_id {
            None => NO_ORDER,
            Some(CustomerId::Int(NO_ORDER)) => {
                return Err(Error::value(
                    TRANSACTIONS.name,
                    "order_id",
                    NO_ORDER,
                    "-2^63 + 1 or more",
                ));
            }
            Some(CustomerId::Int(id)) => id,
            Some(CustomerId::Text(id)) => meant(id).map_or(NO_ORDER, |id| order_number(id, false)),
        };
        let category =
            row.category.and_then(meant).map_or(NO_CODE, |text| self.topics.categories.code(text));
        let channel =
            row.channel.and_then(meant).map_or(NO_CODE, |text| self.topics.channels.code(text));
        columns.time.push(row.time.micros());
        push(&mut columns.amount, amount);
        push(&mut columns.order, order);
        push(&mut columns.category, category);
        push(&mut columns.channel, channel);
        push(&mut columns.discount, discount.unwrap_or(f64::NAN));
        push(&mut columns.known_at, row.known_at.map_or(NO_TIME, Timestamp::micros));
        let place = place_of_last(columns.time.len(), |a, b| columns.compare(a, b));
        columns.time[place..].rotate_right(1);
        rotate(&mut columns.amount, place);
        rotate(&mut columns.order, place);
        rotate(&mut columns.category, place);
        rotate(&mut columns.channel, place);
        rotate(&mut columns.discount, place);
        rotate(&mut columns.known_at, place);
        self.purchases.clear();
        let rows = 0..self.events.transactions.time.len();
        self.events.purchases(rows, &mut PurchaseScratch::default(), &mut self.purchases);
        Ok(())
    }

    /// Appends a ticket. To change a ticket, remove all tickets with
    /// [`CustomerHistory::clear_tickets`] and append them again.
    ///
    /// # Errors
    /// [`Error::Data`] for a ticket answered or resolved before it is opened, or an infinite
    /// number.
    pub fn push_ticket(&mut self, ticket: NewTicket<'_>) -> Result<()> {
        for (name, time) in
            [("resolved_at", ticket.resolved_at), ("first_response_at", ticket.first_response_at)]
        {
            if let Some(time) = time.filter(|&time| time < ticket.opened_at) {
                return Err(Error::value(
                    TICKETS.name,
                    name,
                    time,
                    "a time not before the ticket is opened",
                ));
            }
        }
        let reopened =
            ticket.reopened_count.map(|n| finite(TICKETS.name, "reopened_count", n)).transpose()?;
        let satisfaction =
            ticket.satisfaction.map(|n| finite(TICKETS.name, "satisfaction", n)).transpose()?;
        let Some(columns) = &mut self.events.tickets else { return Ok(()) };
        let time = |time: Option<Timestamp>| time.map_or(NO_TIME, Timestamp::micros);
        let topic =
            ticket.topic.and_then(meant).map_or(NO_CODE, |text| self.topics.tickets.code(text));
        columns.opened_at.push(ticket.opened_at.micros());
        push(&mut columns.first_response_at, time(ticket.first_response_at));
        push(&mut columns.resolved_at, time(ticket.resolved_at));
        push(&mut columns.topic, topic);
        push(&mut columns.reopened_count, reopened.unwrap_or(f64::NAN));
        push(&mut columns.satisfaction, satisfaction.unwrap_or(f64::NAN));
        push(&mut columns.known_at, time(ticket.known_at));
        let place = place_of_last(columns.opened_at.len(), |a, b| columns.compare(a, b));
        columns.opened_at[place..].rotate_right(1);
        rotate(&mut columns.first_response_at, place);
        rotate(&mut columns.resolved_at, place);
        rotate(&mut columns.topic, place);
        rotate(&mut columns.reopened_count, place);
        rotate(&mut columns.satisfaction, place);
        rotate(&mut columns.known_at, place);
        Ok(())
    }

    /// What the clock of the log's time zone shows at a time: the time of a row to append.
    ///
    /// ```
    /// use winback::log::{CustomerHistory, LogColumns, PurchaseRules};
    /// let time_zone = "Europe/Berlin".parse()?;
    /// let rules = PurchaseRules { time_zone, ..PurchaseRules::default() };
    /// let customer = CustomerHistory::new(LogColumns::default(), rules);
    /// let time = customer.clock("time", "2024-03-01T09:00:00Z")?;
    /// assert_eq!(time.to_string(), "2024-03-01T10:00:00");
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] of this name for a text that is no time.
    pub fn clock(&self, name: &'static str, at: impl IntoTimestamp) -> Result<Timestamp> {
        at.into_moment(name)?.row_argument(name, self.time_zone())
    }

    /// Whose wall clock its times are by.
    pub fn time_zone(&self) -> TimeZone {
        self.events.rules.time_zone
    }

    /// Removes all tickets.
    pub fn clear_tickets(&mut self) {
        if let Some(columns) = &mut self.events.tickets {
            *columns = columns.take(&[]);
        }
    }

    /// Appends a survey answer, with a score from 0 to 10.
    ///
    /// # Errors
    /// [`Error::Data`] for any other score.
    pub fn push_answer(
        &mut self,
        time: Timestamp,
        score: f64,
        known_at: Option<Timestamp>,
    ) -> Result<()> {
        if !(0.0..=10.0).contains(&score) {
            return Err(Error::value(SURVEYS.name, "score", score, "0 to 10"));
        }
        let Some(columns) = &mut self.events.surveys else { return Ok(()) };
        columns.time.push(time.micros());
        columns.score.push(score);
        push(&mut columns.known_at, known_at.map_or(NO_TIME, Timestamp::micros));
        let place = place_of_last(columns.time.len(), |a, b| columns.compare(a, b));
        columns.time[place..].rotate_right(1);
        columns.score[place..].rotate_right(1);
        rotate(&mut columns.known_at, place);
        Ok(())
    }

    /// Sets an attribute; one that was never set is missing.
    pub fn set_attribute(&mut self, name: &str, value: AttributeValue<'static>) {
        let value = match value {
            AttributeValue::Text(text) => meant(&text).map_or(AttributeValue::Missing, |meant| {
                AttributeValue::Text(meant.to_owned().into())
            }),
            value => value,
        };
        match self.attributes.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.attributes.push((name.to_owned(), value)),
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> &AttributeValue<'_> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map_or(&AttributeValue::Missing, |(_, value)| value)
    }

    /// The events strictly before the cutoff, as far as known then.
    pub fn history(&self, cutoff: Timestamp) -> History<'_> {
        let rows = CustomerRows {
            transactions: 0..self.events.transactions.time.len(),
            purchases: &self.purchases,
            tickets: 0..self.events.tickets.as_ref().map_or(0, |t| t.opened_at.len()),
            surveys: 0..self.events.surveys.as_ref().map_or(0, |s| s.time.len()),
            events: 0..self.events.events.as_ref().map_or(0, |e| e.time.len()),
        };
        self.events.history(rows, cutoff)
    }
}

fn finite(table: &'static str, column: &'static str, value: f64) -> Result<f64> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Error::value(table, column, value, "a finite number"))
    }
}

fn push<T>(column: &mut Option<Vec<T>>, value: T) {
    if let Some(column) = column {
        column.push(value);
    }
}

fn rotate<T>(column: &mut Option<Vec<T>>, place: usize) {
    if let Some(column) = column {
        column[place..].rotate_right(1);
    }
}

/// Where the last row belongs among the sorted rows before it.
fn place_of_last(rows: usize, compare: impl Fn(usize, usize) -> Ordering) -> usize {
    let last = rows - 1;
    let mut place = last;
    while place > 0 && compare(place - 1, last).is_gt() {
        place -= 1;
    }
    place
}

/// An event to append to a [`CustomerHistory`].
#[derive(Debug, Clone, Copy)]
pub struct NewEvent<'a> {
    /// When it happened, by the log's clock ([`CustomerHistory::clock`]), as all times.
    pub time: Timestamp,
    /// What happened, such as `visit`, `cart` or `email_sent`.
    pub kind: &'a str,
    /// A number that belongs to it.
    pub value: Option<f64>,
    /// Where it happened.
    pub channel: Option<&'a str>,
    /// When the business learned of it; if none, when it happened.
    pub known_at: Option<Timestamp>,
}

impl<'a> NewEvent<'a> {
    /// An event of this kind and nothing else.
    pub fn at(time: Timestamp, kind: &'a str) -> Self {
        NewEvent { time, kind, value: None, channel: None, known_at: None }
    }
}

impl CustomerHistory {
    /// With what kinds of events stand for, before any event is appended.
    #[must_use]
    pub fn with_event_roles(mut self, roles: EventRoles) -> Self {
        self.events.kinds = Arc::new(KindRoles::of(roles, &self.topics.events));
        self
    }

    /// What kinds of events stand for.
    pub fn event_roles(&self) -> &EventRoles {
        &self.events.kinds.roles
    }

    /// Kinds and channels of events by their codes.
    pub(crate) fn event_texts(&self) -> &TextPool {
        &self.topics.events
    }

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
    /// [`Error::Data`] for a blank kind, an infinite value, or more than 10,000 kinds.
    pub fn push_event(&mut self, event: NewEvent<'_>) -> Result<()> {
        let value = event.value.map(|value| finite(EVENTS.name, "value", value)).transpose()?;
        let Some(kind) = meant(event.kind) else {
            return Err(Error::value(EVENTS.name, "kind", event.kind, "what happened, as visit"));
        };
        let Some(columns) = &mut self.events.events else { return Ok(()) };
        if self.topics.events.len() + 2 > MOST_KINDS {
            return Err(Error::value(EVENTS.name, "kind", kind, "at most 10,000 different kinds"));
        }
        let kind = narrow(self.topics.events.code(kind));
        let channel = event.channel.and_then(meant);
        let channel = channel.map_or(NO_CHANNEL, |text| narrow(self.topics.events.code(text)));
        Arc::make_mut(&mut self.events.kinds).extend(&self.topics.events);
        columns.time.push(event.time.micros());
        columns.kind.push(kind);
        push(&mut columns.value, value.unwrap_or(f64::NAN));
        push(&mut columns.channel, channel);
        push(&mut columns.known_at, event.known_at.map_or(NO_TIME, Timestamp::micros));
        let place = place_of_last(columns.time.len(), |a, b| columns.compare(a, b));
        columns.time[place..].rotate_right(1);
        columns.kind[place..].rotate_right(1);
        rotate(&mut columns.value, place);
        rotate(&mut columns.channel, place);
        rotate(&mut columns.known_at, place);
        Ok(())
    }
}
