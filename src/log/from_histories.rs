//! A log of the histories that a service keeps, to train on or to score in one go.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, LargeStringArray, RecordBatch};

use super::builder::EventLogBuilder;
use super::customer_history::CustomerHistory;
use super::row_batches::Owners;
use super::store::attributes::AttributeValue;
use super::store::customer_id::CustomerId;
use crate::error::{Error, Result};

/// The customers' ids and histories.
type Histories<'a> = [(CustomerId<'a>, &'a CustomerHistory)];

impl EventLogBuilder {
    /// Takes the rows, attributes, columns and rules of these customers' histories. The log is the one
    /// that a table of the same rows gives; of rows that were left out because their amount is zero its
    /// report counts one a customer. Customers without any transaction row are none of it.
    ///
    /// ```
    /// use winback::log::{CustomerHistory, EventLog, LogColumns, NewTransaction, PurchaseRules};
    /// let mut customer = CustomerHistory::new(LogColumns::default(), PurchaseRules::default());
    /// customer.push_transaction(NewTransaction::at("2024-02-01".parse()?))?;
    /// let log = EventLog::builder()
    ///     .histories([("C-17".into(), &customer)])?
    ///     .observed_until("2024-04-01")?
    ///     .build()?;
    /// assert_eq!(log.customers().get(0.into()).to_string(), "C-17");
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Table`] for histories of differing columns, [`Error::Argument`] for histories of
    /// differing rules, for one that forgot rows, for two of one customer, for ids of which some are
    /// integers and some texts, and for an attribute that is a number in one history and a text in another.
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
        let mut ids: Vec<CustomerId<'_>> = customers.iter().map(|(id, _)| *id).collect();
        let owners = Owners::of("histories", ids.clone())?;
        ids.sort_unstable();
        if let Some(twice) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            let got = format!("two of customer {}", twice[0]);
            return Err(Error::argument("histories", got, "one history a customer"));
        }
        if !columns.tells_activity() {
            let (rows, counts) = rows(&customers, CustomerHistory::transactions);
            let left_out = |place: usize| customers[place].1.zero_amounts() > 0;
            let zeros = owners.zero_amounts(left_out, columns, rules)?;
            let rows = owners.transactions(&counts, &rows, columns)?;
            self = self.transactions(std::iter::once(rows).chain(zeros));
        }
        if let Some(columns) = columns.tickets {
            let (rows, counts) = rows(&customers, CustomerHistory::tickets);
            self = self.tickets([owners.tickets(&counts, &rows, columns)?]);
        }
        if columns.surveys {
            let (rows, counts) = rows(&customers, CustomerHistory::answers);
            self = self.surveys([owners.answers(&counts, &rows)?]);
        }
        if let Some(columns) = columns.events {
            let (rows, counts) = rows(&customers, CustomerHistory::events);
            self = self.events([owners.events(&counts, &rows, columns)?]);
            self = first
                .event_roles()
                .iter()
                .fold(self, |builder, (role, kind)| builder.event_role(role, [kind]));
        }
        Ok(match attributes(&customers, &owners)? {
            Some(table) => self.customers([table]),
            None => self,
        })
    }
}

/// The rows of all histories, and how many each has.
fn rows<'a, T, I: ExactSizeIterator<Item = T>>(
    customers: &Histories<'a>,
    of: impl Fn(&'a CustomerHistory) -> I,
) -> (Vec<T>, Vec<usize>) {
    let counts = customers.iter().map(|(_, customer)| of(customer).len()).collect();
    (customers.iter().flat_map(|(_, customer)| of(customer)).collect(), counts)
}

/// None where no history has any.
fn attributes(customers: &Histories<'_>, owners: &Owners<'_>) -> Result<Option<RecordBatch>> {
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
    let mut columns = vec![("customer_id", owners.ids())];
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
