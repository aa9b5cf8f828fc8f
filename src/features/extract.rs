//! Computes features of neighbouring customers, customers in parallel, straight into the columns.

use std::ops::Range;

use rayon::prelude::*;

use super::compute::{EMPTY_ROW, Scratch, compute};
use super::wanted::Wanted;
use crate::error::Result;
use crate::log::EventLog;
use crate::time::Timestamp;

/// Customers whose features one task computes.
const CUSTOMERS_AT_ONCE: usize = 2_048;

/// Features of the customers with a purchase, column by column.
pub(super) struct Extract {
    /// Each row's customer.
    pub(super) customers: Vec<u32>,
    /// Rows of cutoff `i` are `ends[i - 1]..ends[i]`.
    pub(super) ends: Vec<usize>,
    /// Of every place asked for.
    pub(super) values: Vec<Vec<f64>>,
}

/// One task: some customers at one cutoff, and their room in the columns.
struct Task<'a> {
    cutoff: Timestamp,
    first: usize,
    customers: &'a mut [u32],
    values: Vec<&'a mut [f64]>,
}

/// Computes the features at these places of the catalogue, of some neighbouring customers at each of
/// the cutoffs.
pub(super) fn extract(
    log: &EventLog,
    cutoffs: &[Timestamp],
    places: &[usize],
    range: Range<usize>,
) -> Result<Extract> {
    let all = range.len();
    let rows = all * cutoffs.len();
    let mut customers = vec![0; rows];
    let mut values: Vec<Vec<f64>> = places.iter().map(|_| vec![0.0; rows]).collect();
    let done = log.progress().pieces("computing features", rows as u64);
    let kept: Vec<usize> = tasks(range, cutoffs, &mut customers, &mut values)
        .into_par_iter()
        .map(|task| {
            let looked_at = task.customers.len();
            let kept = task.compute(log, places);
            done.add(looked_at).map(|()| kept)
        })
        .collect::<Result<_>>()?;
    // Customers without a purchase left gaps.
    let per_cutoff = kept.len() / cutoffs.len();
    let mut ends = Vec::with_capacity(cutoffs.len());
    let mut moves = Vec::with_capacity(kept.len());
    let mut end = 0;
    for (task, &kept) in kept.iter().enumerate() {
        let from = task / per_cutoff * all + task % per_cutoff * CUSTOMERS_AT_ONCE;
        moves.push((from, end, kept));
        end += kept;
        if (task + 1) % per_cutoff == 0 {
            ends.push(end);
        }
    }
    // Without customers there are no tasks.
    ends.resize(cutoffs.len(), end);
    close_gaps(&mut customers, &moves, end);
    values.par_iter_mut().for_each(|column| close_gaps(column, &moves, end));
    Ok(Extract { customers, ends, values })
}

fn tasks<'a>(
    range: Range<usize>,
    cutoffs: &[Timestamp],
    customers: &'a mut [u32],
    values: &'a mut [Vec<f64>],
) -> Vec<Task<'a>> {
    let starts = || range.clone().step_by(CUSTOMERS_AT_ONCE);
    let mut tasks: Vec<Task<'a>> = Vec::with_capacity(cutoffs.len() * starts().len());
    let mut rest = customers;
    for &cutoff in cutoffs {
        for first in starts() {
            let count = CUSTOMERS_AT_ONCE.min(range.end - first);
            let (customers, after) = rest.split_at_mut(count);
            rest = after;
            tasks.push(Task { cutoff, first, customers, values: Vec::with_capacity(values.len()) });
        }
    }
    for column in values {
        let mut rest = column.as_mut_slice();
        for task in &mut tasks {
            let (part, after) = rest.split_at_mut(task.customers.len());
            rest = after;
            task.values.push(part);
        }
    }
    tasks
}

impl Task<'_> {
    /// Fills the first rows and returns how many customers have a purchase.
    fn compute(mut self, log: &EventLog, places: &[usize]) -> usize {
        let wanted = Wanted::places(places);
        let mut scratch = Scratch::default();
        let mut row = EMPTY_ROW;
        let mut kept = 0;
        for customer in self.first..self.first + self.customers.len() {
            let history = log.history(customer, self.cutoff);
            if history.purchases().is_empty() {
                continue;
            }
            compute(&history, wanted, &mut scratch, &mut row);
            self.customers[kept] = customer as u32;
            for (column, &place) in self.values.iter_mut().zip(places) {
                column[kept] = row[place];
            }
            kept += 1;
        }
        kept
    }
}

/// Moves parts of a column, `(from, to, count)` each, to its front.
fn close_gaps<T: Copy>(column: &mut Vec<T>, moves: &[(usize, usize, usize)], end: usize) {
    for &(from, to, count) in moves.iter().filter(|(from, to, _)| from != to) {
        column.copy_within(from..from + count, to);
    }
    column.truncate(end);
}
