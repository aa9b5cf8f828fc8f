//! The best list within a budget and a capacity: by the price at which money runs out, then filled up.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::change::{Change, changes_of};
use super::exchange::exchanged;
use super::price::price;
use super::problem::{AtPrice, Choice, Limits, Problem, Totals};

/// Rounds of filling up; each raises the profit.
const ROUNDS: usize = 100;

/// A list within its limits.
#[derive(Debug)]
pub(super) struct Solution {
    pub(super) choice: Choice,
    pub(super) totals: Totals,
    /// No list can bring more than this.
    pub(super) bound: f64,
    /// What another unit of money would bring.
    pub(super) price: f64,
    /// See [`super::problem::AtPrice::entry`].
    pub(super) entry: f64,
}

pub(super) fn solve(problem: &Problem<'_>, limits: Limits) -> Solution {
    let relaxed = relaxed(problem, limits);
    let bound = match relaxed.price > 0.0 {
        true => relaxed.worth + relaxed.price * limits.budget,
        false => relaxed.worth,
    };
    let (price, entry) = (relaxed.price, relaxed.entry);
    let mut found = filled(problem, limits, relaxed.choice, price);
    // Two small offers may take the money of a large one.
    if let Some((customer, offer)) = best_single(problem, limits)
        && problem.profit[problem.place(customer, offer)] > problem.totals(&found).profit
    {
        let mut single: Choice = vec![None; problem.customers()];
        single[customer] = Some(offer);
        found = filled(problem, limits, single, price);
    }
    let totals = problem.totals(&found);
    // Rounding may carry a list that reaches the bound above it.
    Solution { choice: found, bound: bound.max(totals.profit), totals, price, entry }
}

/// The list at the lowest price at which the money suffices.
fn relaxed(problem: &Problem<'_>, limits: Limits) -> AtPrice {
    let (mut price, mut step) = (price(problem, limits), f64::EPSILON);
    loop {
        let found = problem.at_price(price, limits.capacity);
        if problem.totals(&found.choice).spend <= limits.payable() {
            return found;
        }
        // Where offers are so nearly equal that their order is rounded, a little more decides.
        (price, step) = (price * (1.0 + step), 2.0 * step);
    }
}

/// Spends what is left: the changes that bring most for their money first. Where places are short,
/// exchanges too, before or after, whichever brings more.
fn filled(problem: &Problem<'_>, limits: Limits, choice: Choice, price: f64) -> Choice {
    let fill_up = |mut choice: Choice| {
        for _ in 0..ROUNDS {
            if !fill(problem, limits, &mut choice) {
                break;
            }
        }
        choice
    };
    let is_full = |choice: &Choice| choice.iter().flatten().count() >= limits.capacity;
    if limits.capacity == 0 || !is_full(&choice) {
        let filled = fill_up(choice);
        return if is_full(&filled) { exchanged(problem, limits, filled, price) } else { filled };
    }
    let after = exchanged(problem, limits, fill_up(choice.clone()), price);
    let before = fill_up(exchanged(problem, limits, choice, price));
    let profit = |choice: &Choice| problem.totals(choice).profit;
    if profit(&before) > profit(&after) { before } else { after }
}

fn fill(problem: &Problem<'_>, limits: Limits, choice: &mut Choice) -> bool {
    let totals = problem.totals(choice);
    let (mut left, mut free) =
        (limits.payable() - totals.spend, limits.capacity - totals.customers as usize);
    let mut changes: Vec<Change> = (0..problem.customers())
        .into_par_iter()
        .filter(|&customer| choice[customer].is_some() || free > 0)
        .flat_map_iter(|customer| changes_of(problem, customer, choice[customer]))
        .filter(|change| change.profit > 0.0 && change.cost <= left)
        .collect();
    changes.par_sort_unstable_by(|a, b| first(problem, a, b));
    let before = choice.clone();
    let mut changed = Vec::new();
    for change in changes {
        let is_new = before[change.customer].is_none();
        // A customer has one change a round.
        let is_open = choice[change.customer] == before[change.customer];
        if is_open && change.cost <= left && (!is_new || free > 0) {
            choice[change.customer] = Some(change.offer);
            left -= change.cost;
            free -= usize::from(is_new);
            changed.push(change.customer);
        }
    }
    // Sums that were rounded on the way are not relied on.
    while problem.totals(choice).spend > limits.payable() {
        let Some(last) = changed.pop() else { break };
        choice[last] = before[last];
    }
    !changed.is_empty()
}

/// The most profit for its cost first; what costs nothing before all.
fn first(problem: &Problem<'_>, a: &Change, b: &Change) -> Ordering {
    let slope = |change: &Change| match change.cost > 0.0 {
        true => change.profit / change.cost,
        false => f64::INFINITY,
    };
    (slope(b).total_cmp(&slope(a)))
        .then_with(|| b.profit.total_cmp(&a.profit))
        .then_with(|| problem.key[a.customer].cmp(&problem.key[b.customer]))
        .then_with(|| (a.customer, a.offer).cmp(&(b.customer, b.offer)))
}

/// The one offer that brings most, of those within the budget.
fn best_single(problem: &Problem<'_>, limits: Limits) -> Option<(usize, u32)> {
    if limits.capacity == 0 {
        return None;
    }
    (0..problem.customers())
        .into_par_iter()
        .flat_map_iter(|customer| changes_of(problem, customer, None))
        .filter(|change| change.profit > 0.0 && change.cost <= limits.payable())
        .max_by(|a, b| {
            (a.profit.total_cmp(&b.profit))
                .then_with(|| problem.key[b.customer].cmp(&problem.key[a.customer]))
                .then_with(|| (b.customer, b.offer).cmp(&(a.customer, a.offer)))
        })
        .map(|change| (change.customer, change.offer))
}
