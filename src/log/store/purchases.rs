//! Which rows form a purchase.
//!
//! A purchase is one order: the rows of one customer with one order id (or at one instant, or on
//! one day). Its time is that of its first row. Its check is the sum of its rows within 24 hours of
//! the first, for lines of one receipt may be written down minutes apart, a voucher before the
//! goods; it counts when that is more than zero. All other rows are returns and adjustments, which
//! change net spend from their own time on.
//!
//! A purchase of a history is formed from the rows that the history has, so no later row can change
//! an earlier feature: an order that a cutoff divides has the check that was known then.

use super::options::{PurchaseBy, PurchaseRules, ZeroAmounts};
use super::transactions::Rows;
use super::values::NO_ORDER;
use crate::stats::ExactSum;
use crate::time::MICROS_PER_DAY;

/// One purchase.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Purchase {
    /// Its time, in microseconds since 1970-01-01 UTC.
    pub time: i64,
    /// The check: the sum of its rows. NaN if the log has no amounts.
    pub check: f64,
}

/// For so long after its first row, an order's rows are part of its check.
pub(crate) const CHECK_LASTS: i64 = MICROS_PER_DAY;

/// A sum this small against what was added up is rounding, not money.
const ROUNDING: f64 = 1e-9;

#[derive(Debug, Clone, Copy)]
struct Check {
    sum: f64,
    absolute: f64,
}

impl Check {
    fn of(amounts: &[f64]) -> Self {
        if let [amount] = *amounts {
            return Check { sum: amount, absolute: amount.abs() };
        }
        let [mut sum, mut absolute] = <[ExactSum; 2]>::default();
        for &amount in amounts {
            sum.add(amount);
            absolute.add(amount.abs());
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
    orders: Vec<i64>,
    /// Orders and their rows.
    rows: Vec<(i64, usize)>,
    amounts: Vec<f64>,
}

/// Forms the purchases of one customer's rows, which are sorted by time, and appends them to
/// `out` by time; of several at one instant the largest check comes last.
pub(crate) fn form_purchases(
    rows: &Rows<'_>,
    rules: PurchaseRules,
    scratch: &mut PurchaseScratch,
    out: &mut Vec<Purchase>,
) {
    let day = |time: i64| time.div_euclid(MICROS_PER_DAY);
    match (rules.purchase_by, rows.order) {
        (PurchaseBy::Day, _) => by_time(rows, |a, b| day(a) == day(b), rules, out),
        (PurchaseBy::Order, Some(orders)) => by_order(rows, orders, rules, scratch, out),
        _ => by_time(rows, |a, b| a == b, rules, out),
    }
}

/// The rows at times that are `together` are a purchase.
fn by_time(
    rows: &Rows<'_>,
    together: impl Fn(i64, i64) -> bool,
    rules: PurchaseRules,
    out: &mut Vec<Purchase>,
) {
    let mut start = 0;
    for group in rows.time.chunk_by(|&a, &b| together(a, b)) {
        let end = start + group.len();
        form_purchase(group[0], rows.amount.map(|amounts| &amounts[start..end]), rules, out);
        start = end;
    }
}

/// Whether every row has an order, and the rows of each follow one another: most customers make one
/// order after the other, so that no rows need to be sorted.
pub(crate) fn orders_follow(orders: &[i64], scratch: &mut Vec<i64>) -> bool {
    scratch.clear();
    scratch.extend(orders.chunk_by(|a, b| a == b).map(|order| order[0]));
    scratch.sort_unstable();
    scratch.first() != Some(&NO_ORDER) && scratch.windows(2).all(|pair| pair[0] < pair[1])
}

/// The rows of one order are a purchase, and those without an order at one instant.
fn by_order(
    rows: &Rows<'_>,
    orders: &[i64],
    rules: PurchaseRules,
    scratch: &mut PurchaseScratch,
    out: &mut Vec<Purchase>,
) {
    let first_out = out.len();
    if orders_follow(orders, &mut scratch.orders) {
        let mut start = 0;
        for order in orders.chunk_by(|a, b| a == b) {
            let (first, end) = (rows.time[start], start + order.len());
            let own = rows.time[start..end].partition_point(|time| time - first < CHECK_LASTS);
            let check = rows.amount.map(|amounts| &amounts[start..start + own]);
            form_purchase(first, check, rules, out);
            start = end;
        }
    } else {
        by_sorted_order(rows, orders, rules, scratch, out);
    }
    let by_time_and_check =
        |a: &Purchase, b: &Purchase| a.time.cmp(&b.time).then(a.check.total_cmp(&b.check));
    out[first_out..].sort_unstable_by(by_time_and_check);
}

fn by_sorted_order(
    rows: &Rows<'_>,
    orders: &[i64],
    rules: PurchaseRules,
    PurchaseScratch { rows: by_order, amounts: check, .. }: &mut PurchaseScratch,
    out: &mut Vec<Purchase>,
) {
    let time = |row: usize| rows.time[row];
    for group in rows_by_order(rows.time, orders, by_order) {
        let first = time(group[0].1);
        let own = group.iter().take_while(|(_, row)| time(*row) - first < CHECK_LASTS);
        check.clear();
        if let Some(amounts) = rows.amount {
            check.extend(own.map(|(_, row)| amounts[*row]));
        }
        form_purchase(first, rows.amount.map(|_| check.as_slice()), rules, out);
    }
}

/// The rows of each order by time, and those without an order by instant, each with its order.
fn rows_by_order<'a>(
    times: &'a [i64],
    orders: &[i64],
    by_order: &'a mut Vec<(i64, usize)>,
) -> impl Iterator<Item = &'a [(i64, usize)]> {
    by_order.clear();
    by_order.extend(orders.iter().copied().zip(0..));
    by_order.sort_unstable();
    by_order.chunk_by(|a, b| a.0 == b.0 && (a.0 != NO_ORDER || times[a.1] == times[b.1]))
}

/// The times of purchases, ascending, but of orders that their later rows take back in full.
pub(crate) fn kept_times(rows: &Rows<'_>, orders: &[i64], rules: PurchaseRules) -> Vec<i64> {
    let time = |row: usize| rows.time[row];
    let counts = |rows_of: &[(i64, usize)]| {
        let Some(amounts) = rows.amount else { return true };
        let amounts: Vec<f64> = rows_of.iter().map(|(_, row)| amounts[*row]).collect();
        Check::of(&amounts).counts(rules.zero_amounts)
    };
    let (mut by_order, mut kept) = (Vec::new(), Vec::new());
    for group in rows_by_order(rows.time, orders, &mut by_order) {
        let first = time(group[0].1);
        let own = group.partition_point(|(_, row)| time(*row) - first < CHECK_LASTS);
        if counts(&group[..own]) && counts(group) {
            kept.push(first);
        }
    }
    kept.sort_unstable();
    kept
}

/// The rows of the purchases at `time` that come before an instant.
pub(crate) fn rows_of_purchase(
    rows: Rows<'_>,
    rules: PurchaseRules,
    time: i64,
    before: i64,
) -> impl Iterator<Item = usize> + '_ {
    let orders = rows.order.filter(|_| rules.purchase_by == PurchaseBy::Order);
    let start = rows.time.partition_point(|&other| other < time);
    let at_once = start + rows.time[start..].partition_point(|&other| other == time);
    let lasts = match rules.purchase_by {
        PurchaseBy::Day => MICROS_PER_DAY - time.rem_euclid(MICROS_PER_DAY),
        _ if orders.is_some() => CHECK_LASTS,
        _ => 1,
    };
    let end = rows.time.partition_point(|&other| other < before.min(time.saturating_add(lasts)));
    let goes_on = move |row: &usize| match orders {
        Some(orders) if *row >= at_once => {
            orders[*row] != NO_ORDER && orders[start..at_once].contains(&orders[*row])
        }
        _ => true,
    };
    (start..end).filter(goes_on)
}

/// Forms the purchase of rows with these amounts, the first of them at `time`, if they are one.
#[inline]
fn form_purchase(
    time: i64,
    amounts: Option<&[f64]>,
    rules: PurchaseRules,
    out: &mut Vec<Purchase>,
) {
    let check = match amounts {
        None => f64::NAN,
        Some(amounts) => {
            let check = Check::of(amounts);
            if !check.counts(rules.zero_amounts) {
                return;
            }
            check.sum
        }
    };
    out.push(Purchase { time, check });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::log::store::transactions::TransactionColumns;

    #[test]
    fn a_purchase_has_all_rows_at_its_time_and_those_of_their_orders_for_a_day() {
        let mut columns = TransactionColumns {
            time: vec![5, 10, 10, 20, 20, 30, 9 + CHECK_LASTS, 10 + CHECK_LASTS],
            order: Some(vec![1, 1, NO_ORDER, 1, 2, NO_ORDER, 1, 1]),
            ..TransactionColumns::default()
        };
        let found = |columns: &TransactionColumns, purchase_by: PurchaseBy, before: i64| {
            let rules = PurchaseRules { purchase_by, ..PurchaseRules::default() };
            rows_of_purchase(columns.all(), rules, 10, before).collect::<Vec<usize>>()
        };
        assert_eq!(found(&columns, PurchaseBy::Order, i64::MAX), [1, 2, 3, 6]);
        assert_eq!(found(&columns, PurchaseBy::Order, 21), [1, 2, 3]);
        assert_eq!(found(&columns, PurchaseBy::Order, 20), [1, 2]);
        assert_eq!(found(&columns, PurchaseBy::Timestamp, i64::MAX), [1, 2]);
        assert_eq!(found(&columns, PurchaseBy::Day, i64::MAX), [1, 2, 3, 4, 5]);
        columns.order = None;
        assert_eq!(found(&columns, PurchaseBy::Order, i64::MAX), [1, 2]);
    }

    /// A billionth of what was added up is rounding, more is money.
    #[test]
    fn a_check_counts_if_it_is_more_than_rounding_or_nothing_was_paid_at_all() {
        for (amounts, if_ignored, if_purchase) in [
            (&[0.01][..], true, true),
            (&[-5.0], false, false),
            (&[5.0, -4.0], true, true),
            (&[5.0, -5.0], false, false),
            (&[0.5, -0.5], false, false),
            (&[0.0, 0.0], false, true),
            (&[0.0], false, true),
            // 2 of 2 · 10⁹, and 3.
            (&[1e9 + 1.0, 1.0 - 1e9], false, false),
            (&[1e9 + 2.0, 1.0 - 1e9], true, true),
        ] {
            let check = Check::of(amounts);
            assert_eq!(check.counts(ZeroAmounts::Ignore), if_ignored, "{amounts:?}");
            assert_eq!(check.counts(ZeroAmounts::Purchase), if_purchase, "{amounts:?}");
        }
    }

    #[test]
    fn an_order_is_kept_if_its_first_day_and_all_its_rows_come_to_something() {
        let kept = |order: i64, time: &[i64], amount: Option<&[f64]>| {
            let columns = TransactionColumns {
                time: time.to_vec(),
                amount: amount.map(<[f64]>::to_vec),
                ..TransactionColumns::default()
            };
            let orders = vec![order; time.len()];
            kept_times(&columns.all(), &orders, PurchaseRules::default())
        };
        // The first row is a voucher; goods exactly a day later are no part of the check.
        assert_eq!(kept(1, &[0, CHECK_LASTS - 1], Some(&[-1.0, 5.0])), [0]);
        assert!(kept(1, &[0, CHECK_LASTS], Some(&[-1.0, 5.0])).is_empty());
        assert_eq!(kept(1, &[0, CHECK_LASTS], Some(&[5.0, -4.0])), [0]);
        assert!(kept(1, &[0, CHECK_LASTS], Some(&[5.0, -5.0])).is_empty());
        assert_eq!(kept(1, &[0, CHECK_LASTS], None), [0]);
        // Without an order the rows at one instant are a purchase.
        assert_eq!(kept(NO_ORDER, &[0, 0, 7], None), [0, 7]);
    }

    /// Times in order, orders and amounts.
    fn rows() -> impl Strategy<Value = (Vec<i64>, Vec<i64>, Vec<f64>)> {
        let row = (0..6i64, 0..5i64, -4..9i32);
        prop::collection::vec(row, 0..12).prop_map(|mut rows| {
            rows.sort_by_key(|row| row.0);
            let time = rows.iter().map(|row| row.0 * CHECK_LASTS / 2).collect();
            let order = rows.iter().map(|row| if row.1 == 0 { NO_ORDER } else { row.1 }).collect();
            (time, order, rows.iter().map(|row| f64::from(row.2)).collect())
        })
    }

    proptest! {
        #[test]
        fn prop_orders_that_follow_one_another_need_no_sorting((time, order, amount) in rows()) {
            let rows = Rows {
                time: &time,
                amount: Some(&amount),
                order: Some(&order),
                category: None,
                channel: None,
                discount: None,
                valid_until: None,
                known_at: None,
            };
            let (rules, mut scratch) = (PurchaseRules::default(), PurchaseScratch::default());
            let (mut found, mut sorted) = (Vec::new(), Vec::new());
            by_order(&rows, &order, rules, &mut scratch, &mut found);
            by_sorted_order(&rows, &order, rules, &mut scratch, &mut sorted);
            sorted.sort_by(|a, b| a.time.cmp(&b.time).then(a.check.total_cmp(&b.check)));
            prop_assert_eq!(found, sorted);
            let mut seen: Vec<i64> = order.clone();
            seen.dedup();
            let runs = seen.len();
            seen.sort_unstable();
            seen.dedup();
            let follow = runs == seen.len() && !order.contains(&NO_ORDER);
            prop_assert_eq!(orders_follow(&order, &mut Vec::new()), follow);
        }
    }
}
