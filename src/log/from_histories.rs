//! A log of the histories that a service keeps, to train on or to score in one go.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, LargeStringArray, RecordBatch};

use super::builder::EventLogBuilder;
use super::customer_history::{CustomerHistory, NewAnswer, NewEvent, NewTicket, NewTransaction};
use super::read::slices::{EventSlices, IdSlice, SurveySlices, TicketSlices, TransactionSlices};
use super::store::attributes::AttributeValue;
use super::store::customer_id::CustomerId;
use super::store::log_columns::{EventLogColumns, LogColumns};
use crate::error::{Error, Result};

/// The customers' ids and histories.
type Histories<'a> = [(CustomerId<'a>, &'a CustomerHistory)];

impl EventLogBuilder {
    /// Takes the rows, attributes, columns and rules of these customers' histories. The log is the one
    /// that a table of the same rows gives. Customers without transaction rows are none of it.
    ///
    /// ```
    /// use winback::log::{CustomerHistory, EventLog, LogColumns, NewTransaction, PurchaseRules};
    /// let mut customer = CustomerHistory::new(LogColumns::default(), PurchaseRules::default());
    /// customer.push_transaction(NewTransaction::at("2024-02-01".parse()?))?;
    /// let log = EventLog::builder()
    ///     .histories([("C-17".into(), &customer)])?
    ///     .observed_until("2024-04-01")?
    ///     .build()?;
    /// assert_eq!(log.customers().get(0).to_string(), "C-17");
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Table`] for histories of differing columns, [`Error::Argument`] for histories of
    /// differing rules, for one that forgot rows, for ids of which some are integers and some texts, and
    /// for an attribute that is a number in one history and a text in another.
    pub fn histories<'a>(
        mut self,
        customers: impl IntoIterator<Item = (CustomerId<'a>, &'a CustomerHistory)>,
    ) -> Result<Self> {
        let customers: Vec<(CustomerId<'a>, &CustomerHistory)> = customers.into_iter().collect();
        let Some((_, first)) = customers.first() else { return Ok(self) };
        let (columns, rules) = (first.columns(), first.purchase_rules());
        for (id, customer) in &customers {
            rules.check(customer.purchase_rules(), "as in the other histories")?;
            let same_roles = customer.event_roles() == first.event_roles();
            if customer.columns() != columns || !same_roles {
                let message = format!("the history of customer {id} has other columns");
                return Err(Error::bad_table("transactions", message));
            }
            if let Some(at) = customer.forgotten_before() {
                let got = format!("one that forgot rows before {at}, of customer {id}");
                return Err(Error::argument("histories", got, "histories of all rows"));
            }
        }
        self = self.purchase_by(rules.purchase_by).zero_amounts(rules.zero_amounts);
        self = self.time_zone(rules.time_zone.name())?;
        if !columns.tells_activity() {
            self = self.transactions([transactions(&customers, columns)?]);
        }
        if columns.tickets.is_some() {
            self = self.tickets([tickets(&customers, columns)?]);
        }
        if columns.surveys {
            self = self.surveys([answers(&customers)?]);
        }
        if let Some(columns) = columns.events {
            self = self.events([events(&customers, columns)?]);
            self = first
                .event_roles()
                .iter()
                .fold(self, |builder, (role, kind)| builder.event_role(role, [kind]));
        }
        Ok(match attributes(&customers)? {
            Some(table) => self.customers([table]),
            None => self,
        })
    }
}

/// The rows of all histories, each with its id.
fn rows<'a, T, I: Iterator<Item = T>>(
    customers: &Histories<'a>,
    of: impl Fn(&'a CustomerHistory) -> I,
) -> (Vec<CustomerId<'a>>, Vec<T>) {
    customers.iter().flat_map(|&(id, customer)| of(customer).map(move |row| (id, row))).unzip()
}

fn column<R, T>(rows: &[R], there: bool, of: impl Fn(&R) -> T) -> Option<Vec<T>> {
    there.then(|| rows.iter().map(of).collect())
}

fn transactions(customers: &Histories<'_>, columns: LogColumns) -> Result<RecordBatch> {
    let (ids, rows) = rows(customers, CustomerHistory::transactions);
    let time: Vec<_> = rows.iter().map(|row: &NewTransaction<'_>| row.time).collect();
    let amount = column(&rows, columns.amount, |row| row.amount.unwrap_or(f64::NAN));
    let order = |row: &NewTransaction<'_>| row.order_id.and_then(CustomerId::integer);
    let order = column(&rows, columns.order_id, order);
    let category = column(&rows, columns.category, |row| row.category);
    let channel = column(&rows, columns.channel, |row| row.channel);
    let discount = column(&rows, columns.discount, |row| row.discount.unwrap_or(f64::NAN));
    let valid_until = column(&rows, columns.valid_until, |row| row.valid_until);
    let known_at = column(&rows, true, |row| row.known_at);
    IdSlice::with("histories", &ids, |customer_id| {
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

fn tickets(customers: &Histories<'_>, columns: LogColumns) -> Result<RecordBatch> {
    let (ids, rows) = rows(customers, CustomerHistory::tickets);
    let columns = columns.tickets.unwrap_or_default();
    let opened_at: Vec<_> = rows.iter().map(|row: &NewTicket<'_>| row.opened_at).collect();
    let answered = column(&rows, columns.first_response_at, |row| row.first_response_at);
    let resolved = column(&rows, columns.resolved_at, |row| row.resolved_at);
    let topic = column(&rows, true, |row| row.topic);
    let reopened = |row: &NewTicket<'_>| row.reopened_count.unwrap_or(f64::NAN);
    let reopened = column(&rows, columns.reopened_count, reopened);
    let rated = |row: &NewTicket<'_>| row.satisfaction.unwrap_or(f64::NAN);
    let rated = column(&rows, columns.satisfaction, rated);
    let known_at = column(&rows, true, |row| row.known_at);
    IdSlice::with("histories", &ids, |customer_id| {
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

fn answers(customers: &Histories<'_>) -> Result<RecordBatch> {
    let (ids, rows) = rows(customers, CustomerHistory::answers);
    let time: Vec<_> = rows.iter().map(|row: &NewAnswer<'_>| row.time).collect();
    let score: Vec<f64> = rows.iter().map(|row| row.score).collect();
    let topic: Vec<Option<&str>> = rows.iter().map(|row| row.topic).collect();
    let known_at: Vec<_> = rows.iter().map(|row| row.known_at).collect();
    IdSlice::with("histories", &ids, |customer_id| {
        let (topic, known_at) = (Some(topic.as_slice()), Some(known_at.as_slice()));
        SurveySlices { customer_id, time: &time, score: &score, topic, known_at }.to_batch()
    })
}

fn events(customers: &Histories<'_>, columns: EventLogColumns) -> Result<RecordBatch> {
    let (ids, rows) = rows(customers, CustomerHistory::events);
    let time: Vec<_> = rows.iter().map(|row: &NewEvent<'_>| row.time).collect();
    let kind: Vec<&str> = rows.iter().map(|row| row.kind).collect();
    let value = column(&rows, columns.value, |row| row.value.unwrap_or(f64::NAN));
    let channel = column(&rows, true, |row| row.channel);
    let known_at = column(&rows, true, |row| row.known_at);
    IdSlice::with("histories", &ids, |customer_id| {
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

/// None where no history has any.
fn attributes(customers: &Histories<'_>) -> Result<Option<RecordBatch>> {
    let mut names: Vec<&str> = Vec::new();
    for name in
        customers.iter().flat_map(|(_, customer)| customer.attributes()).map(|(name, _)| name)
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return Ok(None);
    }
    names.sort_unstable();
    let ids: Vec<CustomerId<'_>> = customers.iter().map(|(id, _)| *id).collect();
    let ids = IdSlice::with("histories", &ids, |ids| {
        Ok(match ids {
            IdSlice::Text(ids) => Arc::new(LargeStringArray::from_iter_values(ids)) as ArrayRef,
            IdSlice::Int(ids) => Arc::new(Int64Array::from(ids.to_vec())),
            IdSlice::SomeInt(ids) => Arc::new(Int64Array::from(ids.to_vec())),
            IdSlice::SomeText(ids) => Arc::new(LargeStringArray::from_iter(ids)),
        })
    })?;
    let mut columns = vec![("customer_id", ids)];
    for name in names {
        let values = || customers.iter().map(|(_, customer)| customer.attribute(name));
        let number = |value: &AttributeValue<'_>| match value {
            AttributeValue::Number(number) => Some(*number),
            _ => None,
        };
        let numbers: Vec<Option<f64>> = values().map(number).collect();
        let has_texts = values().any(|value| matches!(value, AttributeValue::Text(_)));
        if has_texts && numbers.iter().any(Option::is_some) {
            let expected = "all numbers or all texts";
            return Err(Error::text_argument("histories", name, expected));
        }
        let column: ArrayRef = if has_texts {
            let text = |value: &AttributeValue<'_>| match value {
                AttributeValue::Text(text) => Some(text.to_string()),
                _ => None,
            };
            Arc::new(LargeStringArray::from_iter(values().map(text)))
        } else {
            Arc::new(Float64Array::from(numbers))
        };
        columns.push((name, column));
    }
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    Ok(Some(RecordBatch::try_from_iter_with_nullable(columns)?))
}
