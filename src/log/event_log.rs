//! The log of all customers, and the views that features and labels get.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::assemble::LogSpan;
use super::facts::share_note;
use super::owned_id::OwnedId;
use super::read::reading::Reading;
use super::report::{self, IngestReport};
use super::store::attributes::{Attribute, AttributeValue};
use super::store::customer_id::CustomerId;
use super::store::customer_index::CustomerIndex;
use super::store::customers::RawCustomers;
use super::store::event_columns::EventColumns;
use super::store::event_roles::EventRoles;
use super::store::history::{History, Outcome};
use super::store::ids::CustomerIds;
use super::store::log_columns::LogColumns;
use super::store::options::{PurchaseBy, PurchaseRules};
use super::store::placed::RawTable;
use super::store::pool::TextPool;
use super::store::shard::Shard;
use super::store::surveys::SurveyColumns;
use super::store::tickets::TicketColumns;
use super::store::topics::Topics;
#[cfg(doc)]
use super::{Answer, Event, Line, Ticket};
use crate::error::{Error, Result, names};
use crate::labels::Label;
use crate::progress::{Progress, Step};
use crate::time::{TimeZone, Timestamp, Window};

/// All events of all customers, sorted by customer and time.
///
/// Customers are numbered from 0 by ascending id. The log does not depend on the order of the
/// input's rows. It is immutable, and its clones share it.
///
/// ```
/// use winback::log::{EventLog, IdSlice, TransactionSlices};
/// let orders = TransactionSlices {
///     customer_id: IdSlice::Int(&[7, 7, 3]),
///     time: &["2024-01-05".parse()?, "2024-03-01".parse()?, "2024-02-10".parse()?],
///     amount: Some(&[20.0, 35.5, 12.0]),
///     ..TransactionSlices::default()
/// };
/// let log = EventLog::builder()
///     .transactions([orders.to_batch()?])
///     .observed_until("2024-04-01")?
///     .build()?;
/// assert_eq!(log.customers().len(), 2);
/// assert_eq!(log.report().purchases, 3);
/// let history = log.history(1.into(), "2024-03-01".parse()?);     // customer 7, before its second order
/// assert_eq!(history.purchases().len(), 1);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct EventLog {
    /// Shared by all clones, so that a clone costs nothing.
    pub(super) inner: Arc<Inner>,
    progress: Progress,
    /// Of all customers.
    share: f64,
}

/// What a log consists of.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) ids: CustomerIds,
    /// Neighbouring customers each; at least one.
    pub(super) shards: Vec<Shard>,
    /// The first customer of every shard, and the number of customers.
    pub(super) first_customers: Vec<usize>,
    pub(super) attributes: Vec<Attribute>,
    /// The customers table as it was read, if there is one.
    pub(super) customers_table: Option<RawCustomers>,
    /// Rows of customers without transactions, who may come to have some.
    pub(super) stranger_tickets: Option<RawTable<TicketColumns>>,
    pub(super) stranger_surveys: Option<RawTable<SurveyColumns>>,
    pub(super) stranger_events: Option<RawTable<EventColumns>>,
    /// Of a log of gathered parts, which have left such rows behind: the lowest of these ids, by table.
    pub(super) strangers_of_parts: BTreeMap<String, Vec<OwnedId>>,
    pub(super) topics: Topics,
    pub(super) span: LogSpan,
    pub(super) report: IngestReport,
    /// How its tables were read.
    pub(super) reading: Reading,
}

impl EventLog {
    pub(super) fn new(inner: Inner) -> Self {
        EventLog { inner: Arc::new(inner), progress: Progress::default(), share: 1.0 }
    }

    /// This log, to be given to a call that is to say how far it is: the call, and any of a
    /// [`Snapshot`](crate::Snapshot) of it, calls `tell` often, from any thread, and ends with
    /// [`Error::Interrupted`] when it returns false. The log itself stays as it is, and so does a model:
    /// threads that share them are not told of one another's work.
    ///
    /// ```
    /// # use winback::{ChurnModel, Error, EventLog, simulate::Simulation};
    /// # let shop = Simulation::default().customers(400).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// let impatient = log.on_progress(|step| step.what == "computing features");
    /// let ended = ChurnModel::builder().fit(&impatient, "2024-10-01");
    /// assert!(matches!(ended, Err(Error::Interrupted)));
    /// assert!(ChurnModel::builder().fit(&log, "2024-10-01").is_ok());
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn on_progress(&self, tell: impl Fn(Step) -> bool + Send + Sync + 'static) -> EventLog {
        self.with_progress(Progress::to(tell))
    }

    pub(crate) fn with_progress(&self, progress: Progress) -> EventLog {
        EventLog { inner: Arc::clone(&self.inner), progress, share: self.share }
    }

    /// The share of all customers that these are, who were drawn as by
    /// [`PartitionedLog::sample`](super::PartitionedLog::sample); 1 for all.
    pub fn share(&self) -> f64 {
        self.share
    }

    /// This log, known to hold a share of all customers: models and results tell it.
    ///
    /// # Errors
    /// [`Error::Argument`] for a share of 0 or less, or above 1.
    pub fn with_share(&self, share: f64) -> Result<EventLog> {
        if !(share > 0.0 && share <= 1.0) {
            return Err(Error::argument("share", share, "above 0, and 1 or less"));
        }
        Ok(EventLog { share, ..self.clone() })
    }

    /// That it holds a share of the customers, if it does.
    pub(crate) fn share_note(&self) -> Option<String> {
        share_note(self.share)
    }

    /// Whom to tell how far long work is.
    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Whether both are clones of one log.
    pub(crate) fn is(&self, other: &EventLog) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// The ids of all customers with a transaction row, ascending.
    pub fn customers(&self) -> &CustomerIds {
        &self.inner.ids
    }

    /// What was read and what was left out.
    pub fn report(&self) -> &IngestReport {
        &self.inner.report
    }

    /// What to know before relying on the log: the [notes of its report](IngestReport::notes), and
    /// that it has no amounts, that nothing happened in its last 45 days or longer, or that it goes
    /// on after `observed_until`.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = self.report().notes();
        let unmet = self.inner.shards[0].events.kinds.unmet(&self.inner.topics.events);
        if !unmet.is_empty() {
            notes.push(format!(
                "events: no event is of the kind {}, which has a role",
                names(unmet)
            ));
        }
        notes.extend(report::notes(self.columns(), self.last_event(), self.observed_until()));
        notes.extend(self.share_note());
        notes
    }

    /// Customers whose ids look as if they stood for no customer, such as `unknown` or `0`, and the
    /// number of their rows of transactions. They are customers as others are.
    ///
    /// ```
    /// use winback::log::{CustomerId, EventLog, IdSlice, TransactionSlices};
    /// let orders = TransactionSlices {
    ///     customer_id: IdSlice::Text(&["C-1", "Guest", "Guest"]),
    ///     time: &["2024-01-05".parse()?, "2024-02-01".parse()?, "2024-02-10".parse()?],
    ///     ..TransactionSlices::default()
    /// };
    /// let log = EventLog::builder()
    ///     .transactions([orders.to_batch()?])
    ///     .observed_until("2024-04-01")?
    ///     .build()?;
    /// assert_eq!(log.placeholder_ids(), [(CustomerId::Text("Guest"), 2)]);
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn placeholder_ids(&self) -> Vec<(CustomerId<'_>, u64)> {
        let customers = self.customers().indices().map(|c| (c, self.customers().get(c)));
        let placeholders = customers.filter(|(_, id)| id.is_placeholder());
        let rows = |customer| {
            let (shard, customer) = self.place(customer);
            (shard.transactions[customer + 1] - shard.transactions[customer]) as u64
        };
        placeholders.map(|(customer, id)| (id, rows(customer))).collect()
    }

    /// Which columns the log has.
    pub fn columns(&self) -> LogColumns {
        self.inner.shards[0].events.columns()
    }

    /// How purchases are formed from rows.
    pub fn purchase_rules(&self) -> PurchaseRules {
        self.inner.shards[0].events.rules
    }

    /// Whether it says which purchases were returned: by the amounts of orders.
    pub(crate) fn tells_returns(&self) -> bool {
        let columns = self.columns();
        columns.amount && columns.order_id && self.purchase_rules().purchase_by == PurchaseBy::Order
    }

    /// Whose wall clock the log's times, days and periods are by.
    pub fn time_zone(&self) -> TimeZone {
        self.purchase_rules().time_zone
    }

    /// The first transaction.
    pub fn first_event(&self) -> Timestamp {
        self.inner.span.first_event
    }

    /// The last transaction.
    pub fn last_event(&self) -> Timestamp {
        self.inner.span.last_event
    }

    /// Up to when the log is complete (exclusive).
    pub fn observed_until(&self) -> Timestamp {
        self.inner.span.observed_until
    }

    /// Names of the customers' attributes.
    pub fn attribute_names(&self) -> impl Iterator<Item = &str> {
        self.inner.attributes.iter().map(|attribute| attribute.name.as_str())
    }

    /// One customer's value of the attribute of this name.
    ///
    /// # Errors
    /// [`Error::Argument`] when there is no such attribute.
    ///
    /// # Panics
    /// If there is no such customer, as slices do.
    pub fn attribute(&self, customer: CustomerIndex, name: &str) -> Result<AttributeValue<'_>> {
        Ok(self.attribute_column("name", name)?.get(customer.index()))
    }

    /// The attribute of this name, given for the argument `argument`.
    pub(crate) fn attribute_column(
        &self,
        argument: &'static str,
        name: &str,
    ) -> Result<&Attribute> {
        self.inner.attributes.iter().find(|attribute| attribute.name == name).ok_or_else(|| {
            let ignored = &self.report().ignored_attributes;
            let expected = match self.inner.attributes.len() {
                _ if ignored.iter().any(|ignored| ignored == name) => {
                    "an attribute of numbers or texts; this one was left out".to_owned()
                }
                0 => "none, for the log has no customer attributes".to_owned(),
                _ => format!("one of the log's attributes, {}", names(self.attribute_names())),
            };
            Error::text_argument(argument, name, expected)
        })
    }

    /// The category behind a number in [`Line::category`]; none for a number that is none.
    pub fn category(&self, code: u32) -> Option<&str> {
        self.inner.topics.categories.find(code)
    }

    /// The channel behind a number in [`Line::channel`].
    pub fn channel(&self, code: u32) -> Option<&str> {
        self.inner.topics.channels.find(code)
    }

    /// The topic behind a number in [`Ticket::topic`].
    pub fn ticket_topic(&self, code: u32) -> Option<&str> {
        self.inner.topics.tickets.find(code)
    }

    /// The topic behind a number in [`Answer::topic`].
    pub fn survey_topic(&self, code: u32) -> Option<&str> {
        self.inner.topics.surveys.find(code)
    }

    /// The kind behind a number in [`Event::kind`].
    pub fn event_kind(&self, code: u32) -> Option<&str> {
        self.inner.topics.events.find(code)
    }

    /// All kinds of events that customers of the transactions have, by name.
    pub fn event_kinds(&self) -> Vec<&str> {
        let texts = &self.inner.topics.events;
        let mut there = vec![false; texts.len()];
        let events = self.inner.shards.iter().filter_map(|shard| shard.events.events.as_deref());
        events.flat_map(|events| &events.kind).for_each(|&kind| there[usize::from(kind)] = true);
        let kinds = there.iter().zip(texts.iter()).filter(|(there, _)| **there);
        let mut kinds: Vec<&str> = kinds.map(|(_, kind)| kind).collect();
        kinds.sort_unstable();
        kinds
    }

    /// What kinds of events stand for.
    pub fn event_roles(&self) -> &EventRoles {
        &self.inner.shards[0].events.kinds.roles
    }

    /// Kinds and channels of events by their codes.
    pub(crate) fn event_texts(&self) -> &TextPool {
        &self.inner.topics.events
    }

    /// The channel behind a number in [`Event::channel`].
    pub fn event_channel(&self, code: u32) -> Option<&str> {
        self.inner.topics.events.find(code)
    }

    /// One customer's events strictly before the cutoff, as far as known then.
    ///
    /// # Panics
    /// If there is no such customer, as slices do.
    pub fn history(&self, customer: CustomerIndex, cutoff: Timestamp) -> History<'_> {
        let (shard, customer) = self.place(customer);
        shard.history(customer, cutoff)
    }

    /// What one customer did inside an outcome window, as far as known before `known_before`.
    ///
    /// ```
    /// # use winback::{EventLog, simulate::Simulation, time::Window};
    /// # let shop = Simulation::default().customers(50).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// let (autumn, winter) = ("2024-10-01".parse()?, "2025-01-01".parse()?);
    /// let window = Window { start: autumn, end: winter };
    /// let customer = 0.into();
    /// println!("bought: {}", log.outcome(customer, window, log.observed_until())?.purchased());
    /// // What nobody has seen yet is no purchase that was not made.
    /// let later = Window { start: autumn, end: "2025-02-01".parse()? };
    /// assert!(log.outcome(customer, later, log.observed_until()).is_err());
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a window that ends after [`EventLog::observed_until`].
    ///
    /// # Panics
    /// If there is no such customer, as slices do.
    pub fn outcome(
        &self,
        customer: CustomerIndex,
        window: Window,
        known_before: Timestamp,
    ) -> Result<Outcome<'_>> {
        self.outcome_by(Label::Purchase, customer, window, known_before)
    }

    /// As [`EventLog::outcome`], of those purchases that count by a label.
    ///
    /// # Errors
    /// As [`EventLog::outcome`].
    ///
    /// # Panics
    /// If there is no such customer, as slices do.
    pub fn outcome_by(
        &self,
        label: Label,
        customer: CustomerIndex,
        window: Window,
        known_before: Timestamp,
    ) -> Result<Outcome<'_>> {
        let until = self.observed_until();
        if window.end > until {
            let expected = format!("one that ends by {until}, where the log ends (observed_until)");
            return Err(Error::argument("window", window, expected));
        }
        Ok(self.seen(label, customer, window, known_before))
    }

    /// As [`EventLog::outcome_by`], of a window that the log is known to cover, or of the part of it that
    /// it covers.
    pub(crate) fn seen(
        &self,
        label: Label,
        customer: CustomerIndex,
        window: Window,
        known_before: Timestamp,
    ) -> Outcome<'_> {
        let (shard, customer) = self.place(customer);
        shard.outcome(customer, window, known_before, label)
    }

    /// The shard of a customer, and its place there.
    pub(super) fn place(&self, customer: CustomerIndex) -> (&Shard, usize) {
        let customer = customer.index();
        let shard = self.inner.first_customers.partition_point(|&first| first <= customer) - 1;
        (&self.inner.shards[shard], customer - self.inner.first_customers[shard])
    }

    /// Refuses a cutoff before which nothing is known or after which the log was not complete.
    pub(crate) fn check_cutoff(&self, name: &'static str, cutoff: Timestamp) -> Result<()> {
        self.inner.span.check_cutoff(name, cutoff)
    }
}
