//! What is counted of orders.

use hashbrown::HashMap;

use super::cases::Cases;
use crate::log::{CHECK_LASTS, NO_ORDER};
use crate::time::MICROS_PER_DAY;

/// Positive rows of one order this far apart are two orders with one number.
const RESTARTS: i64 = 200 * MICROS_PER_DAY;
/// Of the rows with an order, one in so many is looked at to find ids with very many.
pub(super) const ONE_IN: u64 = 64;

/// Orders by what their rows look like.
#[derive(Debug, Clone, Default)]
pub(super) struct OrderFacts {
    pub(super) rows: u64,
    pub(super) orders: u64,
    /// Orders with a positive row 200 days after their first or later, and how far.
    pub(super) restarted: Cases,
    /// Other orders with a positive row 24 hours after their first or later.
    pub(super) long: Cases,
    /// Orders of one row at an instant at which the customer has others.
    pub(super) beside: Cases,
    /// Some of the rows, by order.
    pub(super) sample: HashMap<i64, u64>,
    scratch: Vec<(i64, usize)>,
}

impl OrderFacts {
    pub(super) fn add(
        &mut self,
        customer: usize,
        times: &[i64],
        orders: &[i64],
        amounts: Option<&[f64]>,
    ) {
        let mut rows = std::mem::take(&mut self.scratch);
        rows.clear();
        rows.extend(orders.iter().copied().zip(0..).filter(|(order, _)| *order != NO_ORDER));
        for (order, row) in &rows {
            if (self.rows + *row as u64).is_multiple_of(ONE_IN) {
                *self.sample.entry(*order).or_default() += 1;
            }
        }
        self.rows += rows.len() as u64;
        rows.sort_unstable();
        for order in rows.chunk_by(|a, b| a.0 == b.0) {
            self.orders += 1;
            let first = order[0].1;
            let positive = |row: usize| amounts.is_none_or(|amounts| amounts[row] > 0.0);
            let last = order.iter().rev().map(|(_, row)| *row).find(|&row| positive(row));
            let lasts = last.map_or(0, |last| times[last] - times[first]);
            if lasts >= RESTARTS {
                self.restarted.add(customer, times[first]);
            } else if lasts >= CHECK_LASTS {
                self.long.add(customer, times[first]);
            }
            let near =
                |row: Option<usize>| row.is_some_and(|row| times.get(row) == Some(&times[first]));
            if order.len() == 1 && (near(first.checked_sub(1)) || near(Some(first + 1))) {
                self.beside.add(customer, times[first]);
            }
        }
        self.scratch = rows;
    }

    pub(super) fn merge(&mut self, later: OrderFacts) {
        self.rows += later.rows;
        self.orders += later.orders;
        self.restarted.merge(later.restarted);
        self.long.merge(later.long);
        self.beside.merge(later.beside);
        for (order, rows) in later.sample {
            *self.sample.entry(order).or_default() += rows;
        }
    }
}
