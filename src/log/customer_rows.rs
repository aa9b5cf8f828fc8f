//! Rows of customers, of which every part of a log has those of its own.

use std::sync::Arc;

use arrow_array::{ArrayRef, LargeStringArray};

use super::event_log::EventLog;
use super::owned_id::OwnedId;
use super::store::customer_index::CustomerIndex;
use crate::error::{Error, Result, shown};

/// Columns of numbers with a row a customer, in no order until those of all parts are together.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerRows {
    ids: Vec<OwnedId>,
    /// Whether the log's ids are texts, which no rows do not tell.
    has_texts: bool,
    /// By name, as bits: JSON knows neither NaN nor infinity.
    columns: Vec<(String, Vec<u64>)>,
}

/// The rows of all customers, by ascending id.
#[derive(Debug)]
pub(crate) struct SortedRows {
    pub(crate) ids: ArrayRef,
    pub(crate) columns: Vec<(String, Vec<f64>)>,
}

impl CustomerRows {
    /// Of these customers of a log.
    pub(crate) fn new<'a>(
        log: &EventLog,
        customers: &[CustomerIndex],
        columns: impl IntoIterator<Item = (&'a str, &'a [f64])>,
    ) -> Self {
        let ids = customers.iter().map(|&customer| log.customers().get(customer).into());
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect();
        let columns = columns.into_iter().map(|(name, values)| (name.to_owned(), bits(values)));
        CustomerRows {
            ids: ids.collect(),
            has_texts: log.customers().first().is_some_and(|id| id.text().is_some()),
            columns: columns.collect(),
        }
    }

    /// Adds those of other customers; of parts without rows the columns do not matter.
    pub(crate) fn merge(&mut self, mut other: CustomerRows) {
        self.has_texts |= other.has_texts;
        if self.ids.is_empty() {
            if !other.columns.is_empty() {
                (self.ids, self.columns) = (other.ids, other.columns);
            }
            return;
        }
        if other.ids.is_empty() {
            return;
        }
        self.ids.append(&mut other.ids);
        for (name, values) in &mut self.columns {
            // Of other columns nothing is added, so that the rows are not whole.
            if let Some((_, more)) = other.columns.iter_mut().find(|(other, _)| other == name) {
                values.append(more);
            }
        }
    }

    /// Whether every column has a value for each customer.
    pub(crate) fn is_whole(&self) -> bool {
        self.columns.iter().all(|(_, values)| values.len() == self.ids.len())
    }

    /// Whether it has these columns, in this order; without rows it may have none.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        let own = self.columns.iter().map(|(name, _)| name.as_str());
        self.columns.is_empty() && self.ids.is_empty() || own.eq(names.iter().copied())
    }

    /// All rows by ascending id.
    ///
    /// # Errors
    /// [`Error::Argument`] for a customer with rows in two parts, and for parts of different columns.
    pub(crate) fn sorted(self) -> Result<SortedRows> {
        if !self.is_whole() {
            let expected = "parts of one log and one question";
            return Err(Error::argument("parts", "parts with different columns", expected));
        }
        let CustomerRows { ids, has_texts, columns } = self;
        let (order, _) = ranks(&ids)?;
        let of = |bits: &[u64]| order.iter().map(|&row| f64::from_bits(bits[row])).collect();
        let columns = columns.iter().map(|(name, bits)| (name.clone(), of(bits))).collect();
        let ids: Vec<OwnedId> = order.iter().map(|&row| ids[row].clone()).collect();
        let none: ArrayRef = Arc::new(LargeStringArray::from_iter_values([""; 0]));
        let ids = if ids.is_empty() && has_texts { none } else { OwnedId::array(&ids) };
        Ok(SortedRows { ids, columns })
    }
}

/// The places of ids in their order, and the rank of each.
///
/// # Errors
/// [`Error::Argument`] for one that is there twice, so in two parts, and for ids of two kinds.
pub(crate) fn ranks(ids: &[OwnedId]) -> Result<(Vec<usize>, Vec<usize>)> {
    let mut order: Vec<usize> = (0..ids.len()).collect();
    order.sort_by(|&a, &b| ids[a].cmp(&ids[b]));
    let kind = |row: Option<&usize>| row.map(|&row| matches!(ids[row], OwnedId::Int(_)));
    if kind(order.first()) != kind(order.last()) {
        let expected = "ids of one kind";
        return Err(Error::argument("parts", "integers and texts as ids", expected));
    }
    let twice = order.windows(2).find(|pair| ids[pair[0]] == ids[pair[1]]);
    if let Some(pair) = twice {
        let got = format!("customer {} in two of them", shown(&ids[pair[0]].to_string()));
        return Err(Error::argument("parts", got, "all rows of a customer in one part"));
    }
    let mut rank = vec![0; ids.len()];
    order.iter().enumerate().for_each(|(place, &row)| rank[row] = place);
    Ok((order, rank))
}
