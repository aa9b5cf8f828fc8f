//! The history of one customer: what it holds and how it is read.

use std::sync::{Arc, OnceLock};

use super::keys::KnownKeys;
use super::stored::{Settled, StoredRows};
use crate::error::{Error, Result, names};
use crate::log::AttributeValue;
use crate::log::read::meant::meant;
use crate::log::store::event_roles::{EventRoles, KindRoles};
use crate::log::store::events::CustomerRows;
use crate::log::store::history::History;
use crate::log::store::log_columns::LogColumns;
use crate::log::store::options::PurchaseRules;
use crate::log::store::pool::TextPool;
use crate::log::store::topics::Topics;
use crate::time::{TimeZone, Timestamp};

/// The rows of one customer, for a service that scores one customer at a time.
///
/// Its columns and rules are those of the log a model was trained on
/// ([`crate::ChurnModel::customer_history`]), so the same rows give the same features and a
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
    /// As they were pushed.
    pub(super) rows: StoredRows,
    /// Whether the rows of every table were pushed in the order in which they are read.
    pub(super) in_order: bool,
    /// Worked out when it is first asked for after a change.
    settled: OnceLock<Settled>,
    pub(super) topics: Topics,
    pub(super) attributes: Vec<(String, AttributeValue<'static>)>,
    /// Those that may be set; none: any.
    pub(super) attribute_names: Option<Arc<[String]>>,
    pub(super) zero_amounts: u64,
    /// None while no row has any.
    pub(super) known_keys: Option<Box<KnownKeys>>,
    pub(super) forgotten_before: Option<Timestamp>,
}

impl CustomerHistory {
    /// An empty history with the columns and rules of a log.
    pub fn new(columns: LogColumns, rules: PurchaseRules) -> Self {
        CustomerHistory {
            rows: StoredRows::none(columns, rules),
            in_order: true,
            settled: OnceLock::new(),
            topics: Topics::default(),
            attributes: Vec::new(),
            attribute_names: None,
            zero_amounts: 0,
            known_keys: None,
            forgotten_before: None,
        }
    }

    /// Allows attributes of these names only.
    pub(crate) fn with_attribute_names(mut self, names: Arc<[String]>) -> Self {
        self.attribute_names = Some(names);
        self
    }

    /// With so many rows that were left out because their amount is zero.
    pub(in crate::log) fn with_zero_amounts(mut self, rows: u64) -> Self {
        self.zero_amounts = rows;
        self
    }

    /// With what kinds of events stand for.
    #[must_use]
    pub fn with_event_roles(mut self, roles: EventRoles) -> Self {
        self.set_event_roles(roles);
        self
    }

    pub(super) fn set_event_roles(&mut self, roles: EventRoles) {
        self.unsettle();
        self.rows.events.kinds = Arc::new(KindRoles::of(roles, &self.topics.events));
    }

    /// What kinds of events stand for.
    pub fn event_roles(&self) -> &EventRoles {
        &self.rows.events.kinds.roles
    }

    /// Kinds and channels of events by their codes.
    pub(crate) fn event_texts(&self) -> &TextPool {
        &self.topics.events
    }

    /// Its columns, those of the log that it stands for.
    pub fn columns(&self) -> LogColumns {
        self.rows.events.columns()
    }

    /// How purchases are formed from its rows.
    pub fn purchase_rules(&self) -> PurchaseRules {
        self.rows.events.rules
    }

    /// How many transaction rows were left out because their amount is zero.
    pub fn zero_amounts(&self) -> u64 {
        self.zero_amounts
    }

    /// Whose wall clock its times are by.
    pub fn time_zone(&self) -> TimeZone {
        self.rows.events.rules.time_zone
    }

    /// Sets an attribute, to a number, a text or [`AttributeValue::Missing`]; one that was never set is
    /// missing, and so is NaN.
    ///
    /// ```
    /// use winback::log::{AttributeValue, CustomerHistory, LogColumns, PurchaseRules};
    /// let mut customer = CustomerHistory::new(LogColumns::default(), PurchaseRules::default());
    /// customer.set_attribute("city", "Hamburg")?;
    /// customer.set_attribute("age", 41.0)?;
    /// customer.set_attribute("plan", AttributeValue::Missing)?;
    /// assert_eq!(customer.attribute("city"), &"Hamburg".into());
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a name that is none of the attributes of the model that made this
    /// history, and for an infinite number.
    pub fn set_attribute<'a>(
        &mut self,
        name: &str,
        value: impl Into<AttributeValue<'a>>,
    ) -> Result<()> {
        if let Some(known) = &self.attribute_names
            && !known.iter().any(|known| known == name)
        {
            let expected = match known.len() {
                0 => "none, for the model reads no attributes".to_owned(),
                _ => {
                    format!("one that the model reads, {}", names(known.iter().map(String::as_str)))
                }
            };
            return Err(Error::text_argument("name", name, expected));
        }
        let value = match value.into() {
            AttributeValue::Text(text) => meant(&text).map_or(AttributeValue::Missing, |meant| {
                AttributeValue::Text(meant.to_owned().into())
            }),
            AttributeValue::Number(number) if number.is_infinite() => {
                return Err(Error::argument("value", number, "a finite number, a text or nothing"));
            }
            AttributeValue::Number(number) if !number.is_nan() => AttributeValue::Number(number),
            AttributeValue::Number(_) | AttributeValue::Missing => AttributeValue::Missing,
        };
        match self.attributes.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.attributes.push((name.to_owned(), value)),
        }
        Ok(())
    }

    /// The value of an attribute; missing where it was never set.
    pub fn attribute(&self, name: &str) -> &AttributeValue<'_> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map_or(&AttributeValue::Missing, |(_, value)| value)
    }

    /// The rows strictly before the cutoff, which is by the log's clock, as far as known then.
    pub fn history(&self, cutoff: Timestamp) -> History<'_> {
        let (StoredRows { events, .. }, settled) = self.settled();
        let columns = settled.activity.as_deref().unwrap_or(&events.transactions);
        let rows = CustomerRows {
            columns,
            transactions: 0..columns.time.len(),
            purchases: &settled.purchases,
            tickets: 0..events.tickets.as_ref().map_or(0, |t| t.opened_at.len()),
            surveys: 0..events.surveys.as_ref().map_or(0, |s| s.time.len()),
            events: 0..events.events.as_ref().map_or(0, |e| e.time.len()),
        };
        events.history(rows, cutoff)
    }

    /// The rows in their order, and what follows from them.
    pub(super) fn settled(&self) -> (&StoredRows, &Settled) {
        let settled =
            self.settled.get_or_init(|| Settled::of(&self.rows, &self.topics, self.in_order));
        (settled.sorted.as_deref().unwrap_or(&self.rows), settled)
    }

    /// Forgets what followed from the rows, before they change. If they were put into their order,
    /// they stay in it.
    pub(super) fn unsettle(&mut self) {
        if let Some(Settled { sorted: Some(sorted), .. }) = self.settled.take() {
            self.rows = *sorted;
            self.in_order = true;
        }
    }
}
