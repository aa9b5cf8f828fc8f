//! Computes features of neighbouring customers, customers in parallel, straight into the columns.

use std::ops::Range;

use rayon::prelude::*;

use super::compute::{EMPTY_ROW, Scratch, compute_with};
use super::of_rows::OfRows;
use super::wanted::Wanted;
use crate::error::Result;
use crate::log::{CustomerIndex, EventLog};
use crate::progress::Pieces;
use crate::time::Timestamp;

/// Customers whose features one task computes.
const CUSTOMERS_AT_ONCE: usize = 2_048;

/// Features of the customers with a purchase, column by column.
pub(super) struct Extract {
    /// Each row's customer.
    pub(super) customers: Vec<CustomerIndex>,
    /// Rows of cutoff `i` are `ends[i - 1]..ends[i]`.
    pub(super) ends: Vec<usize>,
    /// Of every place asked for.
    pub(super) values: Vec<Vec<f64>>,
}

/// One task: some customers at every cutoff, while their rows are in the processor's cache.
struct Task<'a> {
    first: usize,
    /// One a cutoff.
    rooms: Vec<Room<'a>>,
}

/// What was found of a customer's rows at the last cutoff, and of how many.
type Found = Option<(Option<[usize; 2]>, OfRows)>;

/// Room in the columns for some customers at one cutoff.
struct Room<'a> {
    cutoff: Timestamp,
    customers: &'a mut [CustomerIndex],
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
    let mut customers = vec![CustomerIndex::at(0); rows];
    let mut values: Vec<Vec<f64>> = places.iter().map(|_| vec![0.0; rows]).collect();
    let done = log.progress().pieces("computing features", rows as u64);
    let kept: Vec<Vec<usize>> = tasks(range, cutoffs, &mut customers, &mut values)
        .into_par_iter()
        .map(|task| task.compute(log, places, &done))
        .collect::<Result<_>>()?;
    // Customers without a purchase left gaps.
    let mut ends = Vec::with_capacity(cutoffs.len());
    let mut moves = Vec::with_capacity(kept.len() * cutoffs.len());
    let mut end = 0;
    for cutoff in 0..cutoffs.len() {
        for (task, kept) in kept.iter().enumerate() {
            moves.push((cutoff * all + task * CUSTOMERS_AT_ONCE, end, kept[cutoff]));
            end += kept[cutoff];
        }
        ends.push(end);
    }
    close_gaps(&mut customers, &moves, end);
    values.par_iter_mut().for_each(|column| close_gaps(column, &moves, end));
    Ok(Extract { customers, ends, values })
}

fn tasks<'a>(
    range: Range<usize>,
    cutoffs: &[Timestamp],
    customers: &'a mut [CustomerIndex],
    values: &'a mut [Vec<f64>],
) -> Vec<Task<'a>> {
    let firsts = range.clone().step_by(CUSTOMERS_AT_ONCE);
    let mut tasks: Vec<Task<'a>> =
        firsts.map(|first| Task { first, rooms: Vec::with_capacity(cutoffs.len()) }).collect();
    let mut rest = customers;
    for &cutoff in cutoffs {
        for task in &mut tasks {
            let count = CUSTOMERS_AT_ONCE.min(range.end - task.first);
            let customers = rest.split_off_mut(..count).unwrap_or_default();
            task.rooms.push(Room { cutoff, customers, values: Vec::with_capacity(values.len()) });
        }
    }
    for column in values {
        let mut rest = column.as_mut_slice();
        for cutoff in 0..cutoffs.len() {
            for task in &mut tasks {
                let room = &mut task.rooms[cutoff];
                room.values.extend(rest.split_off_mut(..room.customers.len()));
            }
        }
    }
    tasks
}

impl Task<'_> {
    /// Fills the first rows of each cutoff and returns how many customers have a purchase there.
    fn compute(self, log: &EventLog, places: &[usize], done: &Pieces<'_>) -> Result<Vec<usize>> {
        let mut scratch = Scratch::default();
        let customers = self.rooms.first().map_or(0, |room| room.customers.len());
        let mut found: Vec<Found> = vec![None; customers];
        let of_cutoff = |room: Room<'_>| {
            let looked_at = room.customers.len();
            let kept = room.compute(self.first, log, places, (&mut found[..], &mut scratch));
            done.add(looked_at).map(|()| kept)
        };
        self.rooms.into_iter().map(of_cutoff).collect()
    }
}

impl Room<'_> {
    fn compute(
        mut self,
        first: usize,
        log: &EventLog,
        places: &[usize],
        (found, scratch): (&mut [Found], &mut Scratch),
    ) -> usize {
        let wanted = Wanted::places(places);
        let mut row = EMPTY_ROW;
        let mut kept = 0;
        for (customer, found) in (first..).map(CustomerIndex::at).zip(found) {
            let history = log.history(customer, self.cutoff);
            if history.purchases().is_empty() {
                continue;
            }
            let extent = history.extent();
            let of_rows = match found.take() {
                Some((of, known)) if extent.is_some() && of == extent => {
                    scratch.rows.forget();
                    known
                }
                _ => OfRows::of(&history, wanted, &mut scratch.rows),
            };
            compute_with(&of_rows, &history, wanted, scratch, &mut row);
            *found = Some((extent, of_rows));
            self.customers[kept] = customer;
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
