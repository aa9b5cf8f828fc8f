//! Customer ids: integers or texts, kept as given, in ascending order.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, LargeStringArray};
use arrow_schema::DataType;
use hashbrown::HashMap;
use rayon::iter::IndexedParallelIterator;

use super::customer_id::{CustomerId, canonical_integer, untyped_integer};
use super::customer_index::{CustomerIndex, CustomerIndices};
use super::pool::{NO_CODE, TextPool};
use crate::error::{Error, Result};
use crate::log::read::meant::trimmed;

/// The distinct ids of a log, ascending: integers by value, texts by their bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerIds(Ids);

#[derive(Debug, Clone, PartialEq)]
enum Ids {
    Int(Vec<i64>),
    Text(LargeStringArray),
}

impl CustomerIds {
    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Ids::Int(ids) => ids.len(),
            Ids::Text(ids) => arrow_array::Array::len(ids),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where each customer is, by ascending id.
    pub fn indices(&self) -> CustomerIndices {
        CustomerIndices::of(0..self.len())
    }

    /// The same, to be looked at in parallel.
    pub(crate) fn par_indices(&self) -> impl IndexedParallelIterator<Item = CustomerIndex> {
        self.indices().par()
    }

    /// The id of a customer.
    ///
    /// # Panics
    /// If there is no such customer, as slices do.
    pub fn get(&self, customer: CustomerIndex) -> CustomerId<'_> {
        match &self.0 {
            Ids::Int(ids) => CustomerId::Int(ids[customer.index()]),
            Ids::Text(ids) => CustomerId::Text(ids.value(customer.index())),
        }
    }

    /// Where the customer with this id is.
    pub fn position(&self, id: CustomerId<'_>) -> Option<CustomerIndex> {
        match (&self.0, id) {
            (Ids::Int(ids), CustomerId::Int(id)) => {
                ids.binary_search(&id).ok().map(CustomerIndex::at)
            }
            (Ids::Text(ids), CustomerId::Text(id)) => {
                let mut low = 0;
                let mut high = arrow_array::Array::len(ids);
                while low < high {
                    let middle = low + (high - low) / 2;
                    match ids.value(middle).cmp(id) {
                        std::cmp::Ordering::Equal => return Some(CustomerIndex::at(middle)),
                        std::cmp::Ordering::Less => low = middle + 1,
                        std::cmp::Ordering::Greater => high = middle,
                    }
                }
                None
            }
            _ => None,
        }
    }

    /// Where the customer is whose id is written this way.
    ///
    /// ```
    /// # use winback::{EventLog, simulate::Simulation};
    /// # let shop = Simulation::default().customers(50).run()?;
    /// let log = EventLog::builder()
    ///     .transactions([shop.transactions])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let text = log.customers().get(7.into()).to_string();
    /// assert_eq!(log.customers().find(&text)?, 7.into());
    /// assert!(log.customers().find("nobody").is_err());
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when there is none.
    pub fn find(&self, customer_id: &str) -> Result<CustomerIndex> {
        let text = trimmed(customer_id);
        let id = match &self.0 {
            Ids::Int(_) => canonical_integer(text).map(CustomerId::Int),
            Ids::Text(_) => Some(CustomerId::Text(text)),
        };
        let unknown = || Error::text_argument("customer_id", text, "an id that the log has");
        id.and_then(|id| self.position(id)).ok_or_else(unknown)
    }

    /// The Arrow type of the ids: 64-bit integers or texts.
    pub fn data_type(&self) -> DataType {
        match &self.0 {
            Ids::Int(_) => DataType::Int64,
            Ids::Text(_) => DataType::LargeUtf8,
        }
    }

    /// The lowest id.
    pub(crate) fn first(&self) -> Option<CustomerId<'_>> {
        self.indices().next().map(|first| self.get(first))
    }

    /// Neighbouring ids.
    pub(crate) fn slice(&self, customers: std::ops::Range<usize>) -> CustomerIds {
        CustomerIds(match &self.0 {
            Ids::Int(ids) => Ids::Int(ids[customers].to_vec()),
            Ids::Text(ids) => Ids::Text(ids.slice(customers.start, customers.len())),
        })
    }

    /// Rising ids of several parts, each above those before it.
    pub(crate) fn concat(parts: &[CustomerIds]) -> CustomerIds {
        let texts = |part: &CustomerIds| match &part.0 {
            Ids::Int(_) => None,
            Ids::Text(ids) => Some(ids.clone()),
        };
        let integers = |part: &CustomerIds| match &part.0 {
            Ids::Int(ids) => Some(ids.clone()),
            Ids::Text(_) => None,
        };
        CustomerIds(if parts.first().is_some_and(|part| texts(part).is_some()) {
            let texts: Vec<LargeStringArray> = parts.iter().filter_map(texts).collect();
            Ids::Text(LargeStringArray::from_iter(texts.iter().flat_map(LargeStringArray::iter)))
        } else {
            Ids::Int(parts.iter().filter_map(integers).flatten().collect())
        })
    }

    /// The ids of some customers, who ascend.
    pub(crate) fn some(&self, customers: &[CustomerIndex]) -> CustomerIds {
        let places = customers.iter().map(|customer| customer.index());
        CustomerIds(match &self.0 {
            Ids::Int(ids) => Ids::Int(places.map(|place| ids[place]).collect()),
            Ids::Text(ids) => {
                Ids::Text(LargeStringArray::from_iter_values(places.map(|place| ids.value(place))))
            }
        })
    }

    /// As an Arrow array.
    pub(crate) fn array(&self) -> ArrayRef {
        match &self.0 {
            Ids::Int(ids) => Arc::new(Int64Array::from(ids.clone())),
            Ids::Text(ids) => Arc::new(ids.clone()),
        }
    }

    /// The ids of these customers as an Arrow array.
    ///
    /// # Panics
    /// If there is no such customer, as slices do.
    pub fn take(&self, customers: impl IntoIterator<Item = CustomerIndex>) -> ArrayRef {
        let places = customers.into_iter().map(CustomerIndex::index);
        match &self.0 {
            Ids::Int(ids) => Arc::new(Int64Array::from_iter_values(places.map(|c| ids[c]))),
            Ids::Text(ids) => {
                Arc::new(LargeStringArray::from_iter_values(places.map(|c| ids.value(c))))
            }
        }
    }
}

/// The ids of one table while it is read: each row's id as a number into the distinct ones.
#[derive(Debug, Clone)]
pub(crate) struct IdColumn {
    pub(crate) keys: IdKeys,
    /// One number a row.
    pub(crate) codes: Vec<u32>,
}

#[derive(Debug, Clone)]
pub(crate) enum IdKeys {
    Int { ids: Vec<i64>, codes: HashMap<i64, u32> },
    Text { pool: TextPool, untyped: bool },
}

impl IdColumn {
    pub(crate) fn integers() -> Self {
        IdColumn { keys: IdKeys::Int { ids: Vec::new(), codes: HashMap::new() }, codes: Vec::new() }
    }

    /// `untyped`: the texts come from a CSV file and may turn out to be integers.
    pub(crate) fn texts(untyped: bool) -> Self {
        IdColumn { keys: IdKeys::Text { pool: TextPool::default(), untyped }, codes: Vec::new() }
    }
}

impl IdColumn {
    /// A column for ids of the kind of these.
    pub(crate) fn like(ids: &CustomerIds) -> Self {
        match &ids.0 {
            Ids::Int(_) => IdColumn::integers(),
            Ids::Text(_) => IdColumn::texts(false),
        }
    }

    /// Appends ids.
    pub(crate) fn extend(&mut self, other: &IdColumn) {
        for &code in &other.codes {
            match code {
                NO_CODE => self.codes.push(NO_CODE),
                code => self.push(other.keys.id(code)),
            }
        }
    }

    /// Appends an id. A text that is no integer is nobody's in a column of integers.
    pub(crate) fn push(&mut self, id: CustomerId<'_>) {
        let code = match (&mut self.keys, id) {
            (IdKeys::Int { ids, codes }, id) => {
                let id = match id {
                    CustomerId::Int(id) => Some(id),
                    CustomerId::Text(text) => untyped_integer(text),
                };
                id.map_or(NO_CODE, |id| int_code(ids, codes, id))
            }
            (IdKeys::Text { pool, .. }, CustomerId::Text(text)) => pool.code(text),
            (IdKeys::Text { pool, .. }, CustomerId::Int(id)) => pool.code(&id.to_string()),
        };
        self.codes.push(code);
    }
}

/// The number of an integer id, a new one when it was not seen before.
pub(crate) fn int_code(ids: &mut Vec<i64>, codes: &mut HashMap<i64, u32>, id: i64) -> u32 {
    *codes.entry(id).or_insert_with(|| {
        ids.push(id);
        (ids.len() - 1) as u32
    })
}

impl IdKeys {
    /// The id of a number.
    pub(crate) fn id(&self, code: u32) -> CustomerId<'_> {
        match self {
            IdKeys::Int { ids, .. } => CustomerId::Int(ids[code as usize]),
            IdKeys::Text { pool, .. } => CustomerId::Text(pool.get(code)),
        }
    }

    pub(crate) fn is_typed_as(&self) -> Option<&'static str> {
        match self {
            // Nulls may be of any type.
            _ if self.len() == 0 => None,
            IdKeys::Int { .. } => Some("integers"),
            IdKeys::Text { untyped: false, .. } => Some("texts"),
            IdKeys::Text { untyped: true, .. } => None,
        }
    }

    /// Whether the ids can be those of a log whose ids are integers, or texts.
    pub(crate) fn fit(&self, as_integers: bool) -> bool {
        match self {
            _ if self.len() == 0 => true,
            IdKeys::Int { .. } => as_integers,
            IdKeys::Text { untyped: false, .. } => !as_integers,
            IdKeys::Text { untyped: true, .. } => !as_integers || self.all_integers(),
        }
    }

    /// Whether every id is an integer as [`untyped_integer`] reads it.
    pub(crate) fn all_integers(&self) -> bool {
        match self {
            IdKeys::Int { .. } => true,
            IdKeys::Text { pool, .. } => pool.iter().all(|text| untyped_integer(text).is_some()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            IdKeys::Int { ids, .. } => ids.len(),
            IdKeys::Text { pool, .. } => pool.len(),
        }
    }

    /// Each id by its number, as an integer. Texts must be integers.
    fn integer(&self, code: u32) -> Option<i64> {
        match self {
            IdKeys::Int { ids, .. } => Some(ids[code as usize]),
            IdKeys::Text { pool, .. } => untyped_integer(pool.get(code)),
        }
    }

    /// The ids sorted, and for each number of this column the position in the sorted ids.
    pub(crate) fn sorted(&self, as_integers: bool) -> (CustomerIds, Vec<u32>) {
        let n = self.len() as u32;
        let mut order: Vec<u32> = (0..n).collect();
        let ids = if as_integers {
            let values: Vec<i64> = (0..n).filter_map(|code| self.integer(code)).collect();
            order.sort_unstable_by_key(|&code| values[code as usize]);
            Ids::Int(order.iter().map(|&code| values[code as usize]).collect())
        } else {
            match self {
                IdKeys::Text { pool, .. } => {
                    order.sort_unstable_by_key(|&code| pool.get(code));
                    Ids::Text(LargeStringArray::from_iter_values(
                        order.iter().map(|&c| pool.get(c)),
                    ))
                }
                IdKeys::Int { ids, .. } => Ids::Int(ids.clone()),
            }
        };
        let mut position = vec![0; n as usize];
        for (rank, &code) in order.iter().enumerate() {
            position[code as usize] = rank as u32;
        }
        (CustomerIds(ids), position)
    }

    /// For each number of this column the position in `ids`, none for an unknown customer.
    pub(crate) fn positions_in(&self, ids: &CustomerIds) -> Vec<Option<CustomerIndex>> {
        (0..self.len() as u32)
            .map(|code| {
                let id = match (self, &ids.0) {
                    (_, Ids::Int(_)) => CustomerId::Int(self.integer(code)?),
                    (IdKeys::Text { pool, .. }, Ids::Text(_)) => CustomerId::Text(pool.get(code)),
                    (IdKeys::Int { .. }, Ids::Text(_)) => return None,
                };
                ids.position(id)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_ids_are_sorted_and_found() {
        let mut column = IdColumn::texts(false);
        if let IdKeys::Text { pool, .. } = &mut column.keys {
            for id in ["b", "a", "c10", "c9"] {
                column.codes.push(pool.code(id));
            }
        }
        let (ids, position) = column.keys.sorted(false);
        assert_eq!(position, [1, 0, 2, 3]);
        assert_eq!(ids.position("c9".into()), Some(3.into()));
        assert_eq!(ids.position("c".into()), None);
        assert_eq!(ids.position(1.into()), None);
        assert_eq!(ids.get(2.into()), CustomerId::Text("c10"));
        assert!(ids.indices().all(|customer| ids.position(ids.get(customer)) == Some(customer)));
        assert_eq!(ids.indices().len(), 4);
    }
}
