//! Tables from plain slices, for callers without Arrow.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, Int64Array, LargeStringArray, RecordBatch, TimestampMicrosecondArray,
};

use crate::error::{Error, Result};
use crate::log::store::customer_id::CustomerId;
use crate::time::Timestamp;

/// Ids of one kind, one per row.
///
/// ```
/// use winback::log::{EventLog, IdSlice, TransactionSlices};
/// let day = "2024-01-05".parse()?;
/// let orders = TransactionSlices {
///     customer_id: IdSlice::Int(&[7, 7, 7]),
///     time: &[day, day, "2024-03-01".parse()?],
///     // Of rows without an order those at one instant are a purchase.
///     order_id: Some(IdSlice::SomeText(&[Some("A-1"), Some("A-2"), None])),
///     ..TransactionSlices::default()
/// };
/// let log = EventLog::builder()
///     .transactions([orders.to_batch()?])
///     .observed_until("2024-04-01")?
///     .build()?;
/// assert_eq!(log.report().purchases, 3);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub enum IdSlice<'a> {
    /// Integer ids.
    Int(&'a [i64]),
    /// Text ids.
    Text(&'a [&'a str]),
    /// Integer ids, some of which may be missing.
    SomeInt(&'a [Option<i64>]),
    /// Text ids, some of which may be missing.
    SomeText(&'a [Option<&'a str>]),
}

impl<'a> IdSlice<'a> {
    /// Makes something of ids of one kind; `argument` is what they are given by.
    ///
    /// ```
    /// use winback::log::IdSlice;
    /// let count = |ids: IdSlice<'_>| match ids {
    ///     IdSlice::Text(ids) => Ok(ids.len()),
    ///     _ => Ok(0),
    /// };
    /// assert_eq!(IdSlice::with("ids", &["a".into(), "b".into()], count)?, 2);
    /// assert!(IdSlice::with("ids", &["a".into(), 1_i64.into()], count).is_err());
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for ids of both kinds; those of `make`.
    pub fn with<T>(
        argument: &'static str,
        ids: &[CustomerId<'_>],
        make: impl FnOnce(IdSlice<'_>) -> Result<T>,
    ) -> Result<T> {
        let integers: Vec<i64> = ids.iter().filter_map(|id| id.integer()).collect();
        let texts: Vec<&str> = ids.iter().filter_map(|id| id.text()).collect();
        match (integers.len(), texts.len()) {
            (_, 0) => make(IdSlice::Int(&integers)),
            (0, _) => make(IdSlice::Text(&texts)),
            _ => Err(Error::argument(argument, "both", "ids that are all integers or all texts")),
        }
    }

    /// All ids; none if one of them is missing.
    pub(crate) fn all(self) -> Option<Vec<CustomerId<'a>>> {
        match self {
            IdSlice::Int(ids) => Some(ids.iter().map(|&id| CustomerId::Int(id)).collect()),
            IdSlice::Text(ids) => Some(ids.iter().map(|&id| CustomerId::Text(id)).collect()),
            IdSlice::SomeInt(ids) => ids.iter().map(|id| id.map(CustomerId::Int)).collect(),
            IdSlice::SomeText(ids) => ids.iter().map(|id| id.map(CustomerId::Text)).collect(),
        }
    }
}

impl Default for IdSlice<'_> {
    fn default() -> Self {
        IdSlice::Int(&[])
    }
}

/// Transactions as slices of one length; [`TransactionSlices::to_batch`] makes a table of them. As in all
/// slices, times are what the log's clock shows: [`Moment::on`](crate::time::Moment::on) makes them of
/// instants.
#[derive(Debug, Clone, Copy, Default)]
pub struct TransactionSlices<'a> {
    /// The customer.
    pub customer_id: IdSlice<'a>,
    /// The time.
    pub time: &'a [Timestamp],
    /// The amount, negative for a return.
    pub amount: Option<&'a [f64]>,
    /// Order the row belongs to.
    pub order_id: Option<IdSlice<'a>>,
    /// Category.
    pub category: Option<&'a [Option<&'a str>]>,
    /// Channel.
    pub channel: Option<&'a [Option<&'a str>]>,
    /// Part of the price given away.
    pub discount: Option<&'a [f64]>,
    /// Until when what was bought is valid.
    pub valid_until: Option<&'a [Option<Timestamp>]>,
    /// When the business learned of the row.
    pub known_at: Option<&'a [Option<Timestamp>]>,
}

/// Tickets as slices of one length.
#[derive(Debug, Clone, Copy, Default)]
pub struct TicketSlices<'a> {
    /// The customer.
    pub customer_id: IdSlice<'a>,
    /// When the ticket was opened.
    pub opened_at: &'a [Timestamp],
    /// When it was first answered.
    pub first_response_at: Option<&'a [Option<Timestamp>]>,
    /// When it was resolved; if none, it is open.
    pub resolved_at: Option<&'a [Option<Timestamp>]>,
    /// Topic.
    pub topic: Option<&'a [Option<&'a str>]>,
    /// How often it was reopened.
    pub reopened_count: Option<&'a [f64]>,
    /// The customer's rating, NaN if there is none.
    pub satisfaction: Option<&'a [f64]>,
    /// When the business learned of the ticket.
    pub known_at: Option<&'a [Option<Timestamp>]>,
}

/// Survey answers as slices of one length.
#[derive(Debug, Clone, Copy, Default)]
pub struct SurveySlices<'a> {
    /// The customer.
    pub customer_id: IdSlice<'a>,
    /// The time.
    pub time: &'a [Timestamp],
    /// Score, 0 to 10.
    pub score: &'a [f64],
    /// Topic.
    pub topic: Option<&'a [Option<&'a str>]>,
    /// When the business learned of the answer.
    pub known_at: Option<&'a [Option<Timestamp>]>,
}

/// Events as slices of one length.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventSlices<'a> {
    /// The customer.
    pub customer_id: IdSlice<'a>,
    /// When it happened.
    pub time: &'a [Timestamp],
    /// What happened, such as `visit`, `cart` or `email_sent`.
    pub kind: &'a [&'a str],
    /// A number that belongs to it, NaN if there is none.
    pub value: Option<&'a [f64]>,
    /// Where it happened.
    pub channel: Option<&'a [Option<&'a str>]>,
    /// When the business learned of it.
    pub known_at: Option<&'a [Option<Timestamp>]>,
}

impl TransactionSlices<'_> {
    /// The table as an Arrow record batch with the default column names.
    ///
    /// # Errors
    /// [`Error::Shape`] when the slices differ in length.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        batch([
            ("customer_id", Some(ids(self.customer_id))),
            ("time", Some(times(self.time))),
            ("amount", self.amount.map(numbers)),
            ("order_id", self.order_id.map(ids)),
            ("category", self.category.map(texts)),
            ("channel", self.channel.map(texts)),
            ("discount", self.discount.map(numbers)),
            ("valid_until", self.valid_until.map(some_times)),
            ("known_at", self.known_at.map(some_times)),
        ])
    }
}

impl TicketSlices<'_> {
    /// The table as an Arrow record batch with the default column names.
    ///
    /// # Errors
    /// [`Error::Shape`] when the slices differ in length.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        batch([
            ("customer_id", Some(ids(self.customer_id))),
            ("opened_at", Some(times(self.opened_at))),
            ("first_response_at", self.first_response_at.map(some_times)),
            ("resolved_at", self.resolved_at.map(some_times)),
            ("topic", self.topic.map(texts)),
            ("reopened_count", self.reopened_count.map(numbers)),
            ("satisfaction", self.satisfaction.map(numbers)),
            ("known_at", self.known_at.map(some_times)),
        ])
    }
}

impl SurveySlices<'_> {
    /// The table as an Arrow record batch with the default column names.
    ///
    /// # Errors
    /// [`Error::Shape`] when the slices differ in length.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        batch([
            ("customer_id", Some(ids(self.customer_id))),
            ("time", Some(times(self.time))),
            ("score", Some(numbers(self.score))),
            ("topic", self.topic.map(texts)),
            ("known_at", self.known_at.map(some_times)),
        ])
    }
}

impl EventSlices<'_> {
    /// The table as an Arrow record batch with the default column names.
    ///
    /// # Errors
    /// [`Error::Shape`] when the slices differ in length.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let kinds: ArrayRef = Arc::new(LargeStringArray::from_iter_values(self.kind));
        batch([
            ("customer_id", Some(ids(self.customer_id))),
            ("time", Some(times(self.time))),
            ("kind", Some(kinds)),
            ("value", self.value.map(numbers)),
            ("channel", self.channel.map(texts)),
            ("known_at", self.known_at.map(some_times)),
        ])
    }
}

fn batch<const N: usize>(columns: [(&str, Option<ArrayRef>); N]) -> Result<RecordBatch> {
    let columns: Vec<(&str, ArrayRef)> =
        columns.into_iter().filter_map(|(name, array)| Some((name, array?))).collect();
    let rows = columns.first().map_or(0, |(_, array)| array.len());
    if let Some((name, array)) = columns.iter().find(|(_, array)| array.len() != rows) {
        return Err(Error::Shape(format!(
            "`{name}` has {} values where `customer_id` has {rows}",
            array.len()
        )));
    }
    Ok(RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )?)
}

fn ids(ids: IdSlice<'_>) -> ArrayRef {
    match ids {
        IdSlice::Int(ids) => Arc::new(Int64Array::from(ids.to_vec())),
        IdSlice::Text(ids) => Arc::new(LargeStringArray::from_iter_values(ids)),
        IdSlice::SomeInt(ids) => Arc::new(Int64Array::from(ids.to_vec())),
        IdSlice::SomeText(ids) => texts(ids),
    }
}

fn times(times: &[Timestamp]) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from_iter_values(times.iter().map(|t| t.micros())))
}

fn some_times(times: &[Option<Timestamp>]) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from_iter(times.iter().map(|t| t.map(Timestamp::micros))))
}

fn numbers(numbers: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(numbers.to_vec()))
}

fn texts(texts: &[Option<&str>]) -> ArrayRef {
    Arc::new(LargeStringArray::from_iter(texts.iter().copied()))
}
