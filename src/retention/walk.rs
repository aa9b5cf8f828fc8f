//! One pass over all customers, and what one of them did period by period.

use std::ops::Range;

use rayon::prelude::*;

use super::periods::Periods;
use crate::log::{EventLog, History};

/// Fewest customers that one task looks at.
const LEAST: usize = 1_024;
/// Most tasks, so that their results together stay small.
const MOST_TASKS: usize = 64;
/// Numbers that the results of all tasks may hold together.
const BUDGET: usize = 1 << 23;

/// Looks at all customers, neighbouring ones at a time and in parallel, and adds up what the tasks
/// give in the customers' order: sums depend neither on the number of threads nor on their pace.
/// `size` says how many numbers one result holds.
pub(super) fn over_customers<T: Send>(
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

/// What a customer did in one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Deed {
    pub(super) period: usize,
    /// Purchases made.
    pub(super) purchases: u32,
    /// Net spend; 0 where the log has no amounts.
    pub(super) spend: f64,
}

/// All that is known of a customer.
pub(super) fn known(log: &EventLog, customer: usize) -> History<'_> {
    log.history(customer, log.observed_until())
}

/// Sums up a customer's rows and purchases by period, ascending; periods without a row are left
/// out.
pub(super) fn deeds(history: &History<'_>, periods: &Periods, out: &mut Vec<Deed>) {
    out.clear();
    if let Some(amounts) = history.rows.amount {
        let mut period = 0;
        // Rows come by time: the period is looked up once for all rows before its end.
        let mut until = i64::MIN;
        for (row, &time) in history.rows.time.iter().enumerate() {
            if time >= until {
                let Some(found) = periods.of(time) else { continue };
                period = found;
                until = periods.window(period).end.micros();
            }
            if !history.sees(row) {
                continue;
            }
            match out.last_mut() {
                Some(deed) if deed.period == period => deed.spend += amounts[row],
                _ => out.push(Deed { period, purchases: 0, spend: amounts[row] }),
            }
        }
    }
    let mut place = 0;
    for purchase in history.purchases() {
        let Some(period) = periods.of(purchase.time) else { continue };
        while place < out.len() && out[place].period < period {
            place += 1;
        }
        match out.get_mut(place) {
            Some(deed) => deed.purchases += 1,
            // The log has no amounts: nothing was pushed yet for this period.
            None => out.push(Deed { period, purchases: 1, spend: 0.0 }),
        }
    }
}
