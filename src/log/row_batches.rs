//! Rows of some customers as tables that a log is read from.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, LargeStringArray, RecordBatch};

use super::customer_history::{NewAnswer, NewEvent, NewTicket, NewTransaction};
use super::read::slices::{EventSlices, IdSlice, SurveySlices, TicketSlices, TransactionSlices};
use super::store::customer_id::CustomerId;
use super::store::log_columns::{EventLogColumns, LogColumns, TicketLogColumns};
use super::store::options::{PurchaseRules, ZeroAmounts};
use super::store::order_id::OrderId;
use crate::error::{Error, Result};
use crate::time::{Moment, Timestamp};

/// Whose rows they are: ids of one kind, also in a table without rows.
pub(super) enum Owners<'a> {
    Int(Vec<i64>),
    Text(Vec<&'a str>),
}

impl<'a> Owners<'a> {
    /// Of these ids, given for the argument of this name.
    pub(super) fn of(argument: &'static str, ids: Vec<CustomerId<'a>>) -> Result<Self> {
        let integers: Vec<i64> = ids.iter().filter_map(|id| id.integer()).collect();
        let texts: Vec<&str> = ids.iter().filter_map(|id| id.text()).collect();
        match (integers.len(), texts.len()) {
            (_, 0) => Ok(Owners::Int(integers)),
            (0, _) => Ok(Owners::Text(texts)),
            _ => Err(Error::argument(argument, "both", "ids that are all integers or all texts")),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Owners::Int(ids) => ids.len(),
            Owners::Text(ids) => ids.len(),
        }
    }

    /// One id a customer.
    pub(super) fn ids(&self) -> ArrayRef {
        match self {
            Owners::Int(ids) => Arc::new(Int64Array::from(ids.clone())),
            Owners::Text(ids) => Arc::new(LargeStringArray::from_iter_values(ids)),
        }
    }

    /// Makes something of one id a row; `counts` says how many rows each customer has.
    fn with_rows<T>(
        &self,
        counts: &[usize],
        make: impl FnOnce(IdSlice<'_>) -> Result<T>,
    ) -> Result<T> {
        fn repeated<T: Copy>(ids: &[T], counts: &[usize]) -> Vec<T> {
            ids.iter().zip(counts).flat_map(|(&id, &n)| std::iter::repeat_n(id, n)).collect()
        }
        match self {
            Owners::Int(ids) => make(IdSlice::Int(&repeated(ids, counts))),
            Owners::Text(ids) => make(IdSlice::Text(&repeated(ids, counts))),
        }
    }

    pub(super) fn transactions(
        &self,
        counts: &[usize],
        rows: &[NewTransaction<'_>],
        columns: LogColumns,
    ) -> Result<RecordBatch> {
        let time: Vec<_> = rows.iter().map(|row| row.time.shown()).collect();
        let amount = column(rows, columns.amount, |row| row.amount.unwrap_or(f64::NAN));
        let order = |row: &NewTransaction<'_>| row.order_id.and_then(OrderId::integer);
        let order = column(rows, columns.order_id, order);
        let category = column(rows, columns.category, |row| row.category);
        let channel = column(rows, columns.channel, |row| row.channel);
        let discount = column(rows, columns.discount, |row| row.discount.unwrap_or(f64::NAN));
        let valid_until = column(rows, columns.valid_until, |row| shown(row.valid_until));
        let known_at = column(rows, true, |row| shown(row.known_at));
        self.with_rows(counts, |customer_id| {
            TransactionSlices {
                customer_id,
                time: &time,
                amount: amount.as_deref(),
                order_id: order.as_deref().map(IdSlice::SomeInt),
                category: category.as_deref(),
                channel: channel.as_deref(),
                discount: discount.as_deref(),
                valid_until: valid_until.as_deref(),
                known_at: known_at.as_deref(),
            }
            .to_batch()
        })
    }

    /// A row of amount zero of each of those customers that had such rows left out, by their places: it
    /// is left out again, and tells that there is such a customer.
    pub(super) fn zero_amounts(
        &self,
        left_out: impl Fn(usize) -> bool,
        columns: LogColumns,
        rules: PurchaseRules,
    ) -> Result<Option<RecordBatch>> {
        let counts: Vec<usize> = (0..self.len()).map(|place| left_out(place).into()).collect();
        let leaves_out = columns.amount && rules.zero_amounts == ZeroAmounts::Ignore;
        if !leaves_out || counts.iter().all(|&count| count == 0) {
            return Ok(None);
        }
        let row = NewTransaction::at(Timestamp::from_days(0)?.into());
        let row = NewTransaction { amount: Some(0.0), ..row };
        self.transactions(&counts, &vec![row; counts.iter().sum()], columns).map(Some)
    }

    pub(super) fn tickets(
        &self,
        counts: &[usize],
        rows: &[NewTicket<'_>],
        columns: TicketLogColumns,
    ) -> Result<RecordBatch> {
        let opened_at: Vec<_> = rows.iter().map(|row| row.opened_at.shown()).collect();
        let answered = column(rows, columns.first_response_at, |row| shown(row.first_response_at));
        let resolved = column(rows, columns.resolved_at, |row| shown(row.resolved_at));
        let topic = column(rows, true, |row| row.topic);
        let reopened = |row: &NewTicket<'_>| row.reopened_count.unwrap_or(f64::NAN);
        let reopened = column(rows, columns.reopened_count, reopened);
        let rated = |row: &NewTicket<'_>| row.satisfaction.unwrap_or(f64::NAN);
        let rated = column(rows, columns.satisfaction, rated);
        let known_at = column(rows, true, |row| shown(row.known_at));
        self.with_rows(counts, |customer_id| {
            TicketSlices {
                customer_id,
                opened_at: &opened_at,
                first_response_at: answered.as_deref(),
                resolved_at: resolved.as_deref(),
                topic: topic.as_deref(),
                reopened_count: reopened.as_deref(),
                satisfaction: rated.as_deref(),
                known_at: known_at.as_deref(),
            }
            .to_batch()
        })
    }

    pub(super) fn answers(&self, counts: &[usize], rows: &[NewAnswer<'_>]) -> Result<RecordBatch> {
        let time: Vec<_> = rows.iter().map(|row| row.time.shown()).collect();
        let score: Vec<f64> = rows.iter().map(|row| row.score).collect();
        let topic: Vec<Option<&str>> = rows.iter().map(|row| row.topic).collect();
        let known_at: Vec<_> = rows.iter().map(|row| shown(row.known_at)).collect();
        self.with_rows(counts, |customer_id| {
            let (topic, known_at) = (Some(topic.as_slice()), Some(known_at.as_slice()));
            SurveySlices { customer_id, time: &time, score: &score, topic, known_at }.to_batch()
        })
    }

    pub(super) fn events(
        &self,
        counts: &[usize],
        rows: &[NewEvent<'_>],
        columns: EventLogColumns,
    ) -> Result<RecordBatch> {
        let time: Vec<_> = rows.iter().map(|row| row.time.shown()).collect();
        let kind: Vec<&str> = rows.iter().map(|row| row.kind).collect();
        let value = column(rows, columns.value, |row| row.value.unwrap_or(f64::NAN));
        let channel = column(rows, true, |row| row.channel);
        let known_at = column(rows, true, |row| shown(row.known_at));
        self.with_rows(counts, |customer_id| {
            EventSlices {
                customer_id,
                time: &time,
                kind: &kind,
                value: value.as_deref(),
                channel: channel.as_deref(),
                known_at: known_at.as_deref(),
            }
            .to_batch()
        })
    }
}

/// Rows of histories have times of the log's clock.
fn shown(time: Option<Moment>) -> Option<Timestamp> {
    time.map(Moment::shown)
}

fn column<R, T>(rows: &[R], there: bool, of: impl Fn(&R) -> T) -> Option<Vec<T>> {
    there.then(|| rows.iter().map(of).collect())
}
