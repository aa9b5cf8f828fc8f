//! What is counted of orders.

use hashbrown::HashMap;

use super::cases::Cases;
use crate::log::{CHECK_LASTS, CustomerIndex, NO_ORDER, orders_follow};
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
    scratch: Scratch,
}

#[derive(Debug, Clone, Default)]
struct Scratch {
    orders: Vec<i64>,
    rows: Vec<(i64, usize)>,
}

impl OrderFacts {
    pub(super) fn add(
        &mut self,
        customer: CustomerIndex,
        times: &[i64],
        orders: &[i64],
        amounts: Option<&[f64]>,
    ) {
        let positive = |row: usize| amounts.is_none_or(|amounts| amounts[row] > 0.0);
        let mut scratch = std::mem::take(&mut self.scratch);
        if orders_follow(orders, &mut scratch.orders) {
            let next = self.rows.next_multiple_of(ONE_IN) - self.rows;
            for order in orders.iter().skip(next as usize).step_by(ONE_IN as usize) {
                *self.sample.entry(*order).or_default() += 1;
            }
            self.rows += orders.len() as u64;
            let mut first = 0;
            for order in orders.chunk_by(|a, b| a == b) {
                let end = first + order.len();
                let last = (first..end).rev().find(|&row| positive(row));
                self.add_order(customer, times, first, order.len(), last);
                first = end;
            }
        } else {
            let rows = &mut scratch.rows;
            rows.clear();
            rows.extend(orders.iter().copied().zip(0..).filter(|(order, _)| *order != NO_ORDER));
            for (order, row) in &*rows {
                if (self.rows + *row as u64).is_multiple_of(ONE_IN) {
                    *self.sample.entry(*order).or_default() += 1;
                }
            }
            self.rows += rows.len() as u64;
            rows.sort_unstable();
            for order in rows.chunk_by(|a, b| a.0 == b.0) {
                let last = order.iter().rev().map(|(_, row)| *row).find(|&row| positive(row));
                self.add_order(customer, times, order[0].1, order.len(), last);
            }
        }
        self.scratch = scratch;
    }

    /// Adds an order by its first row, its number of rows, and its last positive one.
    fn add_order(
        &mut self,
        customer: CustomerIndex,
        times: &[i64],
        first: usize,
        rows: usize,
        last: Option<usize>,
    ) {
        self.orders += 1;
        let lasts = last.map_or(0, |last| times[last] - times[first]);
        if lasts >= RESTARTS {
            self.restarted.add(customer, times[first]);
        } else if lasts >= CHECK_LASTS {
            self.long.add(customer, times[first]);
        }
        let near =
            |row: Option<usize>| row.is_some_and(|row| times.get(row) == Some(&times[first]));
        if rows == 1 && (near(first.checked_sub(1)) || near(Some(first + 1))) {
            self.beside.add(customer, times[first]);
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A row without an order makes all rows be sorted, and is none of an order.
        #[test]
        fn prop_facts_are_the_same_whether_rows_are_sorted_or_not(
            rows in prop::collection::vec((0..900i64, 1..6i64, -1..3i32), 0..12)
        ) {
            let mut rows = rows;
            rows.sort_by_key(|row| row.0);
            let mut times: Vec<i64> = rows.iter().map(|row| row.0 * MICROS_PER_DAY).collect();
            let mut orders: Vec<i64> = rows.iter().map(|row| row.1).collect();
            let mut amounts: Vec<f64> = rows.iter().map(|row| f64::from(row.2)).collect();
            let mut facts = OrderFacts::default();
            facts.add(7.into(), &times, &orders, Some(&amounts));
            times.push(i64::MAX / 2);
            orders.push(NO_ORDER);
            amounts.push(1.0);
            let mut sorted = OrderFacts::default();
            sorted.add(7.into(), &times, &orders, Some(&amounts));
            let shown = |facts: &OrderFacts| {
                let counts = [facts.restarted, facts.long, facts.beside].map(|cases| cases.count);
                (facts.rows, facts.orders, counts, facts.sample.clone())
            };
            prop_assert_eq!(shown(&facts), shown(&sorted));
        }
    }
}
