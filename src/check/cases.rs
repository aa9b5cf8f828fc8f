//! How many rows are of a kind, and one of them to look at.

use crate::log::CustomerIndex;

/// A row to look at: a customer and a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) customer: CustomerIndex,
    pub(super) time: i64,
}

/// How many, and the first of them by customer and time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cases {
    pub(super) count: u64,
    pub(super) first: Option<Place>,
}

impl Cases {
    pub(super) fn add(&mut self, customer: CustomerIndex, time: i64) {
        self.count += 1;
        self.first.get_or_insert(Place { customer, time });
    }

    pub(super) fn merge(&mut self, later: Cases) {
        self.count += later.count;
        self.first = self.first.or(later.first);
    }
}
