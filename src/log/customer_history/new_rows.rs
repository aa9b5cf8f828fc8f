//! The rows that a service appends to a customer's history. Their times are [`Moment`]s, so that one that
//! was read from a text keeps its offset until the history converts it to the clock of the log.

use crate::log::store::order_id::OrderId;
use crate::time::Moment;

/// A transaction row to append to a [`CustomerHistory`](super::CustomerHistory).
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct NewTransaction<'a> {
    /// When it happened, as all times either by the log's clock or, with an offset, an instant, which
    /// becomes what that clock shows then.
    pub time: Moment,
    /// Amount, negative for a return; required if the log has amounts.
    pub amount: Option<f64>,
    /// The order it belongs to.
    pub order_id: Option<OrderId<'a>>,
    /// Its category.
    pub category: Option<&'a str>,
    /// Its channel.
    pub channel: Option<&'a str>,
    /// Part of the price given away.
    pub discount: Option<f64>,
    /// Until when what was bought is valid: the end of a contract or of a paid period.
    pub valid_until: Option<Moment>,
    /// When the business learned of it; if none, when it happened.
    pub known_at: Option<Moment>,
    /// The caller's key of the row, such as the id of an order line: a row whose key the history has is
    /// not added again.
    pub key: Option<&'a str>,
}

impl NewTransaction<'_> {
    /// A row with a time and nothing else.
    ///
    /// ```
    /// use winback::log::{CustomerHistory, LogColumns, NewTransaction, PurchaseRules};
    /// let rules = PurchaseRules { time_zone: "Europe/Berlin".parse()?, ..PurchaseRules::default() };
    /// let mut customer = CustomerHistory::new(LogColumns::default(), rules);
    /// customer.push_transaction(NewTransaction::at("2024-03-01T09:00:00Z".parse()?))?;
    /// customer.push_transaction(NewTransaction::at("2024-03-02T10:00:00".parse()?))?;
    /// let times: Vec<String> = customer.transactions().map(|row| row.time.to_string()).collect();
    /// assert_eq!(times, ["2024-03-01T10:00:00", "2024-03-02T10:00:00"]);
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn at(time: Moment) -> Self {
        NewTransaction {
            time,
            amount: None,
            order_id: None,
            category: None,
            channel: None,
            discount: None,
            valid_until: None,
            known_at: None,
            key: None,
        }
    }
}

/// A ticket to append to a [`CustomerHistory`](super::CustomerHistory).
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct NewTicket<'a> {
    /// When it was opened, as all times either by the log's clock or, with an offset, an instant, which
    /// becomes what that clock shows then.
    pub opened_at: Moment,
    /// When it was first answered.
    pub first_response_at: Option<Moment>,
    /// When it was resolved; if none, it is open.
    pub resolved_at: Option<Moment>,
    /// Its topic.
    pub topic: Option<&'a str>,
    /// How often it was reopened.
    pub reopened_count: Option<f64>,
    /// How the customer rated it.
    pub satisfaction: Option<f64>,
    /// When the business learned of it; if none, when it was opened.
    pub known_at: Option<Moment>,
    /// The caller's id of the ticket: it takes the place of the ticket of this id, if there is one.
    pub id: Option<&'a str>,
}

impl NewTicket<'_> {
    /// An open ticket and nothing else.
    pub fn opened(opened_at: Moment) -> Self {
        NewTicket {
            opened_at,
            first_response_at: None,
            resolved_at: None,
            topic: None,
            reopened_count: None,
            satisfaction: None,
            known_at: None,
            id: None,
        }
    }
}

/// An answer to a survey to append to a [`CustomerHistory`](super::CustomerHistory).
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct NewAnswer<'a> {
    /// When it was given, as all times either by the log's clock or, with an offset, an instant, which
    /// becomes what that clock shows then.
    pub time: Moment,
    /// The score, 0 to 10.
    pub score: f64,
    /// Its topic.
    pub topic: Option<&'a str>,
    /// When the business learned of it; if none, when it was given.
    pub known_at: Option<Moment>,
    /// The caller's id of the answer: it takes the place of the answer of this id, if there is one.
    pub id: Option<&'a str>,
}

impl NewAnswer<'_> {
    /// A score given at a time, and nothing else.
    pub fn at(time: Moment, score: f64) -> Self {
        NewAnswer { time, score, topic: None, known_at: None, id: None }
    }
}

/// An event to append to a [`CustomerHistory`](super::CustomerHistory).
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct NewEvent<'a> {
    /// When it happened, as all times either by the log's clock or, with an offset, an instant, which
    /// becomes what that clock shows then.
    pub time: Moment,
    /// What happened, such as `visit`, `cart` or `email_sent`.
    pub kind: &'a str,
    /// A number that belongs to it.
    pub value: Option<f64>,
    /// Where it happened.
    pub channel: Option<&'a str>,
    /// When the business learned of it; if none, when it happened.
    pub known_at: Option<Moment>,
}

impl<'a> NewEvent<'a> {
    /// An event of this kind and nothing else.
    pub fn at(time: Moment, kind: &'a str) -> Self {
        NewEvent { time, kind, value: None, channel: None, known_at: None }
    }
}

/// What became of a row that was pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Pushed {
    /// It is a row of the history now.
    Added,
    /// It was left out because its amount is zero, as a log leaves it out
    /// ([`ZeroAmounts::Ignore`](crate::log::ZeroAmounts::Ignore)).
    ZeroAmount,
    /// It is in place of the row of the same id.
    Replaced,
    /// It was left out because the history has a row of the same key.
    Known,
    /// It was left out because it is of a time that was forgotten
    /// ([`CustomerHistory::forget_before`](super::CustomerHistory::forget_before)).
    Forgotten,
    /// It was left out because the history has no such table.
    NoTable,
}
