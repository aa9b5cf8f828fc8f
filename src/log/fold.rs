//! The one pass over all customers: each part of them gives a sum, sums are merged in the
//! customers' order, and the caller finishes the total. Parts may be those of one log's tasks, or
//! the logs of a `PartitionedLog`, of which one at a time is in memory.

use std::ops::Range;

use rayon::prelude::*;

use super::{EventLog, History};
use crate::error::{Error, Result};
use crate::time::{TimeZone, Timestamp};

/// Fewest customers that one task looks at.
const LEAST: usize = 1_024;
/// Most tasks, so that their results together stay small.
const MOST_TASKS: usize = 64;
/// Numbers that the results of all tasks may hold together.
const BUDGET: usize = 1 << 23;

/// All customers: a log in memory, or one in parts. Results from the two are bit-identical.
pub trait AllCustomers: sealed::Logs {
    /// The first transaction.
    fn first_event(&self) -> Timestamp;

    /// The last transaction.
    fn last_event(&self) -> Timestamp;

    /// Up to when all is known (exclusive).
    fn observed_until(&self) -> Timestamp;

    /// Whose wall clock all times are by.
    fn time_zone(&self) -> TimeZone;
}

pub(crate) mod sealed {
    use super::{EventLog, Result};

    /// The logs that hold all customers, in their order.
    pub trait Logs {
        /// Calls `each` with every log, at least one.
        fn each_log(&self, each: impl FnMut(&EventLog) -> Result<()>) -> Result<()>;

        /// The log that holds all customers, if there is one.
        fn whole(&self) -> Option<&EventLog>;
    }
}

impl AllCustomers for EventLog {
    fn first_event(&self) -> Timestamp {
        EventLog::first_event(self)
    }

    fn last_event(&self) -> Timestamp {
        EventLog::last_event(self)
    }

    fn observed_until(&self) -> Timestamp {
        EventLog::observed_until(self)
    }

    fn time_zone(&self) -> TimeZone {
        EventLog::time_zone(self)
    }
}

impl sealed::Logs for EventLog {
    fn each_log(&self, mut each: impl FnMut(&EventLog) -> Result<()>) -> Result<()> {
        each(self)
    }

    fn whole(&self) -> Option<&EventLog> {
        Some(self)
    }
}

/// The whole log, for what can be told of customers only together; an error where it is in parts.
pub(crate) fn whole<'a>(
    customers: &'a impl AllCustomers,
    what: &'static str,
) -> Result<&'a EventLog> {
    let refused = || Error::argument(what, "a log in parts", "a log in memory");
    customers.whole().ok_or_else(refused)
}

/// The sum over all customers: `part` gives that of neighbouring customers of a log, `merge` adds a
/// later one. `size` says how many numbers one sum holds.
pub(crate) fn over_all<T: Send>(
    customers: &impl AllCustomers,
    size: usize,
    part: impl Fn(&EventLog, Range<usize>) -> T + Sync,
    merge: impl Fn(&mut T, T),
) -> Result<T> {
    let mut all: Option<T> = None;
    customers.each_log(|log| {
        let own = over_customers(log, size, |range| part(log, range), &merge);
        match &mut all {
            Some(all) => merge(all, own),
            None => all = Some(own),
        }
        Ok(())
    })?;
    all.ok_or_else(|| Error::Shape("the log has no parts".into()))
}

/// The sum over the customers of one log, neighbouring ones at a time and in parallel: it depends
/// neither on the number of threads nor on their pace.
pub(crate) fn over_customers<T: Send>(
    log: &EventLog,
    size: usize,
    part: impl Fn(Range<usize>) -> T + Sync,
    merge: impl Fn(&mut T, T),
) -> T {
    let customers = log.customers().len();
    let tasks = (BUDGET / size.max(1)).clamp(1, MOST_TASKS);
    let at_once = customers.div_ceil(tasks).max(LEAST);
    let range = |task: usize| task * at_once..customers.min((task + 1) * at_once);
    let tasks = customers.div_ceil(at_once);
    let parts: Vec<T> = (1..tasks).into_par_iter().map(|task| part(range(task))).collect();
    let mut sum = part(range(0));
    parts.into_iter().for_each(|part| merge(&mut sum, part));
    sum
}

/// All that is known of a customer.
pub(crate) fn known(log: &EventLog, customer: usize) -> History<'_> {
    log.history(customer, log.observed_until())
}
