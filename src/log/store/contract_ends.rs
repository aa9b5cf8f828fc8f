//! Until when what was bought is valid, as later returns leave it.

use std::borrow::Cow;

use hashbrown::HashMap;

use super::transactions::Rows;
use super::values::{NO_ORDER, NO_TIME};

/// A sum this small against what was added up is rounding, not money.
const ROUNDING: f64 = 1e-9;

/// The end of what each row bought, [`NO_TIME`] where it says none and for returns; none without
/// ends.
///
/// A return that has an end says when what it takes back ends: that of its order or, where no
/// earlier row bears its order, all that was bought before. One without an end says nothing of it,
/// unless with it an order is returned in full, which is over then.
pub(super) fn contract_ends<'a>(rows: Rows<'a>) -> Option<Cow<'a, [i64]>> {
    let ends = rows.valid_until?;
    match rows.amount {
        Some(amounts) if amounts.iter().any(|&amount| amount < 0.0) => {
            Some(Cow::Owned(as_returns_leave_them(&rows, ends, amounts)))
        }
        _ => Some(Cow::Borrowed(ends)),
    }
}

fn as_returns_leave_them(rows: &Rows<'_>, ends: &[i64], amounts: &[f64]) -> Vec<i64> {
    let order = |row: usize| rows.order.map(|orders| orders[row]).filter(|&o| o != NO_ORDER);
    // What each return says: the order that it names, and the end.
    let mut said: Vec<(Option<i64>, i64)> = vec![(None, NO_TIME); ends.len()];
    // The sum of each order so far, and that of its absolute amounts.
    let mut sums: HashMap<i64, (f64, f64)> = HashMap::new();
    for (row, &amount) in amounts.iter().enumerate() {
        let is_return = amount < 0.0;
        let own = order(row);
        let named = own.filter(|order| sums.contains_key(order));
        if let Some(own) = own.filter(|_| !is_return || named.is_some()) {
            let (sum, size) = sums.entry(own).or_default();
            (*sum, *size) = (*sum + amount, *size + amount.abs());
            if is_return && ends[row] == NO_TIME && *sum <= ROUNDING * *size {
                said[row].1 = rows.time[row];
            }
        }
        if is_return && ends[row] != NO_TIME {
            said[row].1 = ends[row];
        }
        said[row].0 = named;
    }
    // From the last row back: the earliest end that the returns after a row say.
    let mut of_all = i64::MAX;
    let mut of_order: HashMap<i64, i64> = HashMap::new();
    let mut left = ends.to_vec();
    for row in (0..ends.len()).rev() {
        if amounts[row] < 0.0 {
            left[row] = NO_TIME;
            match said[row] {
                (_, NO_TIME) => {}
                (Some(order), end) => {
                    let of_order = of_order.entry(order).or_insert(i64::MAX);
                    *of_order = end.min(*of_order);
                }
                (None, end) => of_all = of_all.min(end),
            }
            continue;
        }
        let own = order(row).and_then(|order| of_order.get(&order));
        let latest = own.map_or(of_all, |&own| own.min(of_all));
        if latest != i64::MAX {
            left[row] = if ends[row] == NO_TIME { latest } else { ends[row].min(latest) };
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::store::transactions::TransactionColumns;

    fn left(rows: &[(f64, i64, i64)]) -> Vec<i64> {
        let columns = TransactionColumns {
            time: (0..rows.len() as i64).collect(),
            amount: Some(rows.iter().map(|row| row.0).collect()),
            order: Some(rows.iter().map(|row| row.1).collect()),
            valid_until: Some(rows.iter().map(|row| row.2).collect()),
            ..TransactionColumns::default()
        };
        contract_ends(columns.all()).unwrap().into_owned()
    }

    #[test]
    fn a_return_ends_what_it_takes_back() {
        let (none, no_order) = (NO_TIME, NO_ORDER);
        // Of its order only.
        assert_eq!(left(&[(9.0, 1, 50), (9.0, 2, 60), (-9.0, 1, 20)]), [20, 60, none]);
        // Of all before it, where no earlier row bears its order; not of what follows.
        for order in [no_order, 7] {
            let rows = [(9.0, 1, 50), (-9.0, order, 20), (9.0, 2, 60)];
            assert_eq!(left(&rows), [20, none, 60]);
        }
        // One without an end says nothing of it, unless all is returned; none makes it longer.
        assert_eq!(left(&[(9.0, 1, 50), (-2.0, 1, none)]), [50, none]);
        assert_eq!(left(&[(9.0, 1, 50), (-2.0, 1, none), (-7.0, 1, none)]), [2, none, none]);
        assert_eq!(left(&[(9.0, 1, 50), (-9.0, no_order, none)]), [50, none]);
        assert_eq!(left(&[(9.0, 1, 50), (-2.0, 1, 80)]), [50, none]);
        // An open contract gets an end; of two returns the earlier end counts.
        assert_eq!(left(&[(9.0, 1, none), (-2.0, 1, 80), (-2.0, 1, 30)]), [30, none, none]);
        // What is bought by the same order after the return is not taken back.
        assert_eq!(left(&[(9.0, 1, 50), (-9.0, 1, 20), (9.0, 1, 70)]), [20, none, 70]);
    }

    /// A billionth of what was added up is rounding, more is money.
    #[test]
    fn an_order_is_returned_in_full_if_only_rounding_is_left() {
        for (left_over, first, end) in [(2.0, 1e9 + 1.0, 1), (3.0, 1e9 + 2.0, 50)] {
            let rows = [(first, 1, 50), (1.0 - 1e9, 1, NO_TIME)];
            assert_eq!(left(&rows), [end, NO_TIME], "{left_over}");
        }
    }

    #[test]
    fn what_costs_little_or_nothing_is_no_return() {
        let (none, no_order) = (NO_TIME, NO_ORDER);
        let rows = [(0.5, 1, 50), (0.0, 2, 60), (-0.5, 1, 20)];
        assert_eq!(left(&rows), [20, 60, none]);
        // A row that costs nothing says no end of what was bought before it.
        let rows = [(9.0, 1, 50), (0.0, no_order, 20), (-0.25, 1, none)];
        assert_eq!(left(&rows), [50, 20, none]);
    }
}
