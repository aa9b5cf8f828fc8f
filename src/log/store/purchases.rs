//! Which rows form a purchase.
//!
//! A purchase is one order: the rows of one customer with one order id (or at one instant, or on
//! one day). Its time is that of its first row. It counts when its rows at that time sum to more
//! than zero. All other rows are returns and adjustments, which change net spend from their own
//! time on, so no later row can change an earlier feature.

use hashbrown::HashSet;

use super::options::{PurchaseBy, PurchaseRules, ZeroAmounts};
use super::transactions::Rows;
use crate::log::read::cells::NO_ORDER;
use crate::stats::ExactSum;
use crate::time::MICROS_PER_DAY;

/// One purchase.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Purchase {
    /// Its time, in microseconds since 1970-01-01 UTC.
    pub time: i64,
    /// The check: the sum of its rows. NaN if the log has no amounts.
    pub check: f64,
}

/// A sum this small against what was added up is rounding, not money.
const ROUNDING: f64 = 1e-9;

#[derive(Debug, Clone, Copy)]
struct Check {
    sum: f64,
    absolute: f64,
}

impl Check {
    fn of(amounts: &[f64], group: &[(i64, usize)]) -> Self {
        if let [(_, row)] = group {
            return Check { sum: amounts[*row], absolute: amounts[*row].abs() };
        }
        let [mut sum, mut absolute] = <[ExactSum; 2]>::default();
        for &(_, row) in group {
            sum.add(amounts[row]);
            absolute.add(amounts[row].abs());
        }
        Check { sum: sum.value(), absolute: absolute.value() }
    }

    fn counts(self, zero_amounts: ZeroAmounts) -> bool {
        self.sum > ROUNDING * self.absolute
            || (zero_amounts == ZeroAmounts::Purchase && self.absolute == 0.0)
    }
}

/// Buffers kept from customer to customer.
#[derive(Debug, Default)]
pub(crate) struct PurchaseScratch {
    seen: HashSet<i64>,
    at_once: Vec<(i64, usize)>,
}

/// Forms the purchases of one customer's rows, which are sorted by time, and appends them to
/// `out` by time; of several at one instant the largest check comes last.
pub(crate) fn form_purchases(
    rows: &Rows<'_>,
    rules: PurchaseRules,
    scratch: &mut PurchaseScratch,
    out: &mut Vec<Purchase>,
) {
    let rows_of_customer = rows.time.len();
    let orders = rows.order.filter(|_| rules.purchase_by == PurchaseBy::Order);
    let group_time = |row: usize| match rules.purchase_by {
        PurchaseBy::Day => rows.time[row].div_euclid(MICROS_PER_DAY),
        PurchaseBy::Order | PurchaseBy::Timestamp => rows.time[row],
    };
    scratch.seen.clear();
    let mut row = 0;
    while row < rows_of_customer {
        let here = group_time(row);
        if row + 1 == rows_of_customer || group_time(row + 1) != here {
            // Alone at its time, as most rows of most logs.
            let order = orders.map_or(NO_ORDER, |orders| orders[row]);
            form_purchase(rows, &[(order, row)], rules, &mut scratch.seen, out);
            row += 1;
            continue;
        }
        let first_out = out.len();
        scratch.at_once.clear();
        while row < rows_of_customer && group_time(row) == here {
            scratch.at_once.push((orders.map_or(NO_ORDER, |orders| orders[row]), row));
            row += 1;
        }
        if orders.is_some() {
            scratch.at_once.sort_unstable();
        }
        for group in scratch.at_once.chunk_by(|a, b| a.0 == b.0) {
            form_purchase(rows, group, rules, &mut scratch.seen, out);
        }
        if out.len() - first_out > 1 {
            out[first_out..].sort_by(|a, b| a.check.total_cmp(&b.check));
        }
    }
}

/// Forms the purchase of rows of one order at one time, if they are one.
#[inline]
fn form_purchase(
    rows: &Rows<'_>,
    group: &[(i64, usize)],
    rules: PurchaseRules,
    seen: &mut HashSet<i64>,
    out: &mut Vec<Purchase>,
) {
    let (order, first_row) = group[0];
    if order != NO_ORDER && !seen.insert(order) {
        return;
    }
    let check = match rows.amount {
        None => f64::NAN,
        Some(amounts) => {
            let check = Check::of(amounts, group);
            if !check.counts(rules.zero_amounts) {
                return;
            }
            check.sum
        }
    };
    out.push(Purchase { time: rows.time[first_row], check });
}
