//! Groups rows by customer and, within a customer, puts them in order.

use std::cmp::Ordering;
use std::ops::Range;

use super::pool::NO_CODE;

/// Rows by customer: those of customer `c` are `order[offsets[c]..offsets[c + 1]]`.
#[derive(Debug)]
pub(crate) struct Groups {
    pub(crate) offsets: Vec<usize>,
    pub(crate) order: Vec<u32>,
}

/// Customers whose rows one task sorts.
const CUSTOMERS_AT_ONCE: usize = 1 << 13;

/// Groups rows by their customer, leaving out those of [`NO_CODE`], and sorts each customer's by
/// `time`; rows at one instant by `compare`.
pub(crate) fn group_rows(
    customer_of_row: &[u32],
    customers: usize,
    time: &[i64],
    compare: impl Fn(usize, usize) -> Ordering + Sync,
) -> Groups {
    let Groups { offsets, mut order } = in_groups(customer_of_row, customers);
    sort_customers(&offsets, &mut order, time, &compare);
    Groups { offsets, order }
}

/// Brings the rows of each group together in their order, leaving out those of [`NO_CODE`].
pub(crate) fn in_groups(group_of_row: &[u32], groups: usize) -> Groups {
    let mut offsets = vec![0usize; groups + 1];
    for &group in group_of_row.iter().filter(|&&c| c != NO_CODE) {
        offsets[group as usize + 1] += 1;
    }
    for group in 0..groups {
        offsets[group + 1] += offsets[group];
    }
    let mut next = offsets.clone();
    let mut order = vec![0u32; offsets[groups]];
    for (row, &group) in group_of_row.iter().enumerate() {
        if group != NO_CODE {
            let place = &mut next[group as usize];
            order[*place] = row as u32;
            *place += 1;
        }
    }
    Groups { offsets, order }
}

/// Sorts the rows of every customer; `order` holds those of `offsets`, from the first on.
fn sort_customers(
    offsets: &[usize],
    order: &mut [u32],
    time: &[i64],
    compare: &(impl Fn(usize, usize) -> Ordering + Sync),
) {
    if offsets.len() > CUSTOMERS_AT_ONCE {
        let middle = offsets.len() / 2;
        let (left, right) = order.split_at_mut(offsets[middle] - offsets[0]);
        rayon::join(
            || sort_customers(&offsets[..=middle], left, time, compare),
            || sort_customers(&offsets[middle..], right, time, compare),
        );
        return;
    }
    let mut timed: Vec<(i64, u32)> = Vec::new();
    for customer in offsets.windows(2) {
        let rows = &mut order[customer[0] - offsets[0]..customer[1] - offsets[0]];
        // Most logs come in the order of time.
        if rows.windows(2).all(|pair| time[pair[0] as usize] < time[pair[1] as usize]) {
            continue;
        }
        timed.clear();
        timed.extend(rows.iter().map(|&row| (time[row as usize], row)));
        timed.sort_unstable_by(|a, b| {
            let ties = || compare(a.1 as usize, b.1 as usize).then(a.1.cmp(&b.1));
            a.0.cmp(&b.0).then_with(ties)
        });
        rows.iter_mut().zip(&timed).for_each(|(row, &(_, sorted))| *row = sorted);
    }
}

impl Groups {
    /// The offsets and rows of neighbouring customers by themselves.
    pub(crate) fn part(&self, customers: Range<usize>) -> (Vec<usize>, &[u32]) {
        let offsets = &self.offsets[customers.start..=customers.end];
        let (start, end) = (offsets[0], self.offsets[customers.end]);
        (offsets.iter().map(|offset| offset - start).collect(), &self.order[start..end])
    }

    /// How many rows equal the row before them in the same group.
    pub(crate) fn count_repeats(&self, equal: impl Fn(usize, usize) -> bool) -> u64 {
        let groups = self.offsets.windows(2).map(|ends| &self.order[ends[0]..ends[1]]);
        let repeats = groups.map(|rows| {
            rows.windows(2).filter(|pair| equal(pair[0] as usize, pair[1] as usize)).count() as u64
        });
        repeats.sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_hold_their_rows_and_may_be_empty() {
        let groups = in_groups(&[1, 0, NO_CODE, 0, 3], 4);
        assert_eq!(groups.offsets, [0, 2, 3, 3, 4]);
        assert_eq!(groups.order, [1, 3, 0, 4]);
        assert_eq!(groups.part(1..3), (vec![0, 1, 1], &[0][..]));
        assert_eq!(groups.part(2..2), (vec![0], &[][..]));
        assert_eq!(in_groups(&[NO_CODE], 0).offsets, [0]);
    }

    #[test]
    fn rows_of_more_customers_than_at_once_are_sorted_customer_by_customer() {
        let customers = 3 * CUSTOMERS_AT_ONCE;
        // Each has three rows, the last one first, all of them apart from one another.
        let owners: Vec<u32> = (0..3).flat_map(|_| 0..customers as u32).collect();
        let time: Vec<i64> = (0..owners.len() as i64).map(|row| -row).collect();
        let groups = group_rows(&owners, customers, &time, |_, _| Ordering::Equal);
        let expected = (0..customers).flat_map(|c| [2, 1, 0].map(|round| round * customers + c));
        assert!(groups.order.iter().map(|&row| row as usize).eq(expected));
    }

    #[test]
    fn repeats_are_counted_within_each_group() {
        let groups = in_groups(&[0, 0, 0, 1, 1, 3], 4);
        let repeats = |values: [u8; 6]| groups.count_repeats(|a, b| values[a] == values[b]);
        assert_eq!(repeats([1, 2, 3, 4, 5, 6]), 0);
        assert_eq!(repeats([7, 7, 7, 7, 8, 8]), 2);
        assert_eq!(repeats([7; 6]), 3);
        assert_eq!(in_groups(&[], 2).count_repeats(|_, _| true), 0);
    }
}
