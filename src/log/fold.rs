//! The one pass over all customers.

use std::ops::Range;

use rayon::prelude::*;

use super::{EventLog, History};

/// Fewest customers that one task looks at.
const LEAST: usize = 1_024;
/// Most tasks, so that their results together stay small.
const MOST_TASKS: usize = 64;
/// Numbers that the results of all tasks may hold together.
const BUDGET: usize = 1 << 23;

/// Looks at all customers, neighbouring ones at a time and in parallel, and adds up what the tasks
/// give in the customers' order: sums depend neither on the number of threads nor on their pace.
/// `size` says how many numbers one result holds.
pub(crate) fn over_customers<T: Send>(
    customers: usize,
    size: usize,
    work: impl Fn(Range<usize>) -> T + Sync,
    add: impl Fn(&mut T, T),
) -> T {
    let tasks = (BUDGET / size.max(1)).clamp(1, MOST_TASKS);
    let at_once = customers.div_ceil(tasks).max(LEAST);
    let range = |task: usize| task * at_once..customers.min((task + 1) * at_once);
    let tasks = customers.div_ceil(at_once);
    let parts: Vec<T> = (1..tasks).into_par_iter().map(|task| work(range(task))).collect();
    let mut sum = work(range(0));
    parts.into_iter().for_each(|part| add(&mut sum, part));
    sum
}

/// All that is known of a customer.
pub(crate) fn known(log: &EventLog, customer: usize) -> History<'_> {
    log.history(customer, log.observed_until())
}
