//! Rows brought together by customer and, within a customer, into their order.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::pool::NO_CODE;

/// Rows by customer: those of customer `c` are `order[offsets[c]..offsets[c + 1]]`.
#[derive(Debug)]
pub(crate) struct Groups {
    pub(crate) offsets: Vec<usize>,
    pub(crate) order: Vec<u32>,
}

/// Groups rows by their customer, leaving out those of [`NO_CODE`], and sorts each customer's.
pub(crate) fn group_rows(
    customer_of_row: &[u32],
    customers: usize,
    compare: impl Fn(usize, usize) -> Ordering + Sync,
) -> Groups {
    let mut offsets = vec![0usize; customers + 1];
    for &customer in customer_of_row.iter().filter(|&&c| c != NO_CODE) {
        offsets[customer as usize + 1] += 1;
    }
    for customer in 0..customers {
        offsets[customer + 1] += offsets[customer];
    }
    let mut next = offsets.clone();
    let mut order = vec![0u32; offsets[customers]];
    for (row, &customer) in customer_of_row.iter().enumerate() {
        if customer != NO_CODE {
            let place = &mut next[customer as usize];
            order[*place] = row as u32;
            *place += 1;
        }
    }
    let compare = |a: &u32, b: &u32| compare(*a as usize, *b as usize);
    order
        .par_chunk_by_mut(|&a, &b| customer_of_row[a as usize] == customer_of_row[b as usize])
        .for_each(|rows| {
            if !rows.is_sorted_by(|a, b| compare(a, b).is_le()) {
                rows.sort_by(compare);
            }
        });
    Groups { offsets, order }
}

impl Groups {
    /// How many rows equal the row before them in the same group.
    pub(crate) fn count_repeats(&self, equal: impl Fn(usize, usize) -> bool + Sync) -> u64 {
        self.offsets
            .par_windows(2)
            .map(|bounds| {
                self.order[bounds[0]..bounds[1]]
                    .windows(2)
                    .filter(|pair| equal(pair[0] as usize, pair[1] as usize))
                    .count() as u64
            })
            .sum()
    }
}
