//! The one pass over all customers: each part of them gives sums, which are merged and finished once
//! ([`Part`](super::Part)). Parts may be those of one log's tasks, the logs of a `PartitionedLog`, of
//! which one at a time is in memory, or logs on other machines.

use rayon::prelude::*;

use super::facts::LogFacts;
use super::{CustomerIndex, CustomerIndices, EventLog, History};
use crate::error::Result;

/// Fewest customers that one task looks at.
const LEAST: usize = 1_024;
/// Most tasks, so that their results together stay small.
const MOST_TASKS: usize = 64;
/// Numbers that the results of all tasks may hold together.
const BUDGET: usize = 1 << 23;

/// All customers: a log in memory, or one in parts. Results from the two are bit-identical.
pub trait AllCustomers: sealed::Logs<Log = EventLog> {}

impl<T: sealed::Logs<Log = EventLog>> AllCustomers for T {}

pub(crate) mod sealed {
    use super::{LogFacts, Result};

    /// What holds all customers, in one log or in several, in the order of their ids.
    pub trait Logs {
        /// A log, or a snapshot of one.
        type Log;

        /// Calls `each` with every log, at least one.
        fn each_log(&self, each: impl FnMut(&Self::Log) -> Result<()>) -> Result<()>;

        /// What is known of it beside the customers.
        fn facts(&self) -> LogFacts;
    }
}

impl sealed::Logs for EventLog {
    type Log = EventLog;

    fn each_log(&self, mut each: impl FnMut(&EventLog) -> Result<()>) -> Result<()> {
        each(self)
    }

    fn facts(&self) -> LogFacts {
        self.inner.span.facts(self.purchase_rules())
    }
}

/// The sum over the customers of one log, neighbouring ones at a time and in parallel: it depends
/// neither on the number of threads nor on their pace. `part` gives that of neighbouring customers,
/// `merge` adds a later one. `size` says how many numbers one sum holds.
pub(crate) fn over_customers<T: Send>(
    log: &EventLog,
    size: usize,
    part: impl Fn(CustomerIndices) -> T + Sync,
    merge: impl Fn(&mut T, T),
) -> T {
    let customers = log.customers().len();
    let tasks = (BUDGET / size.max(1)).clamp(1, MOST_TASKS);
    let at_once = customers.div_ceil(tasks).max(LEAST);
    let range =
        |task: usize| CustomerIndices::of(task * at_once..customers.min((task + 1) * at_once));
    let tasks = customers.div_ceil(at_once);
    let parts: Vec<T> = (1..tasks).into_par_iter().map(|task| part(range(task))).collect();
    let mut sum = part(range(0));
    parts.into_iter().for_each(|part| merge(&mut sum, part));
    sum
}

/// All that is known of a customer.
pub(crate) fn known(log: &EventLog, customer: CustomerIndex) -> History<'_> {
    log.history(customer, log.observed_until())
}
