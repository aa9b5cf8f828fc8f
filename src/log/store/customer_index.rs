//! The place of a customer among all of a log.

use std::fmt;
use std::ops::Range;

use rayon::prelude::*;

/// The place of a customer among [`CustomerIds`](super::ids::CustomerIds), which ascend: those of a
/// log, [`EventLog::customers`](crate::EventLog::customers), unless it is said of which others.
///
/// It is neither the customer's id, which [`CustomerIds::get`](super::ids::CustomerIds::get) tells, nor
/// the row of a table or a result, which is a `usize`. Of another log, or of one that was appended
/// to, it is another customer.
///
/// ```
/// # use winback::{EventLog, simulate::Simulation};
/// # let shop = Simulation::default().customers(50).run()?;
/// # let log = EventLog::builder().transactions([shop.transactions])
/// #     .observed_until("2025-01-01")?.build()?;
/// let mut purchases = Vec::new();
/// for customer in log.customers().indices() {
///     purchases.push(log.history(customer, log.observed_until()).purchases().len());
/// }
/// let last = log.customers().indices().next_back().expect("somebody bought");
/// println!("{}: {} purchases", log.customers().get(last), purchases[last.index()]);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
#[repr(transparent)]
pub struct CustomerIndex(u32);

impl CustomerIndex {
    /// As an index into what has a value for each customer.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The customer at a place of a log, which has fewer than 2³² of them.
    pub(crate) const fn at(place: usize) -> Self {
        CustomerIndex(place as u32)
    }
}

/// Neighbouring customers, one after the other, as
/// [`CustomerIds::indices`](super::ids::CustomerIds::indices) gives all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerIndices(Range<usize>);

impl CustomerIndices {
    /// Those at these places.
    pub(crate) const fn of(places: Range<usize>) -> Self {
        CustomerIndices(places)
    }

    /// The same, to be looked at in parallel.
    pub(crate) fn par(self) -> impl IndexedParallelIterator<Item = CustomerIndex> {
        self.0.into_par_iter().map(CustomerIndex::at)
    }
}

impl Iterator for CustomerIndices {
    type Item = CustomerIndex;

    fn next(&mut self) -> Option<CustomerIndex> {
        self.0.next().map(CustomerIndex::at)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }

    fn nth(&mut self, n: usize) -> Option<CustomerIndex> {
        self.0.nth(n).map(CustomerIndex::at)
    }
}

impl DoubleEndedIterator for CustomerIndices {
    fn next_back(&mut self) -> Option<CustomerIndex> {
        self.0.next_back().map(CustomerIndex::at)
    }
}

impl ExactSizeIterator for CustomerIndices {}

impl From<u32> for CustomerIndex {
    fn from(place: u32) -> Self {
        CustomerIndex(place)
    }
}

impl From<CustomerIndex> for u32 {
    fn from(customer: CustomerIndex) -> Self {
        customer.0
    }
}

impl From<CustomerIndex> for usize {
    fn from(customer: CustomerIndex) -> Self {
        customer.index()
    }
}

impl fmt::Display for CustomerIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_its_number() {
        let customer = CustomerIndex::from(7);
        assert_eq!(customer.to_string(), "7");
        assert_eq!(format!("{customer:>3}"), "  7");
        assert_eq!(serde_json::to_string(&customer).unwrap(), "7");
        assert_eq!(serde_json::from_str::<CustomerIndex>("7").unwrap(), customer);
        assert_eq!((u32::from(customer), usize::from(customer)), (7, 7));
    }

    #[test]
    fn neighbours_are_the_same_in_parallel() {
        let neighbours = CustomerIndices::of(3..9);
        let all: Vec<CustomerIndex> = neighbours.clone().collect();
        assert_eq!(all, neighbours.clone().par().collect::<Vec<_>>());
        assert_eq!((all[0].index(), all.len(), neighbours.len()), (3, 6, 6));
        assert!(neighbours.clone().rev().eq(all.iter().rev().copied()));
        assert_eq!(neighbours.step_by(4).nth(1), Some(7.into()));
        assert_eq!(std::mem::size_of::<CustomerIndex>(), std::mem::size_of::<u32>());
    }
}
