//! The best list within a budget and a capacity: by the price at which money runs out, then filled up.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::price::price;
use super::problem::{AtPrice, Choice, Limits, Problem, Totals};

/// Customers on either side of the last one who got an offer that are tried in each other's place.
const POOL: usize = 64;
/// Improvements of that kind; each raises the profit.
const SWAPS: usize = 1_000;
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
        if problem.totals(&found.choice).spend <= limits.budget {
            return found;
        }
        // Where offers are so nearly equal that their order is rounded, a little more decides.
        (price, step) = (price * (1.0 + step), 2.0 * step);
    }
}

/// A change of one customer's offer.
#[derive(Debug, Clone, Copy)]
struct Change {
    customer: usize,
    offer: u32,
    profit: f64,
    cost: f64,
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
        (limits.budget - totals.spend, limits.capacity - totals.customers as usize);
    let mut changes: Vec<Change> = (0..problem.customers())
        .into_par_iter()
        .filter(|&customer| choice[customer].is_some() || free > 0)
        .flat_map_iter(|customer| changes_of(problem, customer, choice[customer]))
        .filter(|change| change.profit > 0.0 && change.cost <= left)
        .collect();
    changes.par_sort_unstable_by(|a, b| first(problem, a, b));
    let before = choice.clone();
    let mut changed = false;
    for change in changes {
        let is_new = before[change.customer].is_none();
        // A customer has one change a round.
        let is_open = choice[change.customer] == before[change.customer];
        if is_open && change.cost <= left && (!is_new || free > 0) {
            choice[change.customer] = Some(change.offer);
            left -= change.cost;
            free -= usize::from(is_new);
            changed = true;
        }
    }
    // Sums that were rounded on the way are not relied on.
    if problem.totals(choice).spend > limits.budget {
        *choice = before;
        return false;
    }
    changed
}

/// All other offers of a customer, by what they change.
fn changes_of<'a>(
    problem: &'a Problem<'_>,
    customer: usize,
    now: Option<u32>,
) -> impl Iterator<Item = Change> + 'a {
    let (profit, cost) = now.map_or((0.0, 0.0), |offer| {
        let place = problem.place(customer, offer);
        (problem.profit[place], problem.cost[place])
    });
    (0..problem.offers as u32).filter(move |&offer| Some(offer) != now).map(move |offer| {
        let place = problem.place(customer, offer);
        Change {
            customer,
            offer,
            profit: problem.profit[place] - profit,
            cost: problem.cost[place] - cost,
        }
    })
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

/// The customers who are nearest to losing their place, and those nearest to getting one.
fn pool(problem: &Problem<'_>, choice: &Choice, price: f64) -> (Vec<usize>, Vec<usize>) {
    let worth = |place: usize| problem.profit[place] - price * problem.cost[place];
    let best = |customer: usize| {
        (0..problem.offers as u32)
            .map(|offer| worth(problem.place(customer, offer)))
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let (mut inside, mut outside): (Vec<(f64, usize)>, Vec<(f64, usize)>) =
        (Vec::new(), Vec::new());
    for (customer, offer) in choice.iter().enumerate() {
        match offer {
            Some(offer) => inside.push((worth(problem.place(customer, *offer)), customer)),
            None => outside.push((-best(customer), customer)),
        }
    }
    let nearest = |mut all: Vec<(f64, usize)>| {
        let order = |a: &(f64, usize), b: &(f64, usize)| {
            (a.0.total_cmp(&b.0))
                .then_with(|| problem.key[a.1].cmp(&problem.key[b.1]))
                .then_with(|| a.1.cmp(&b.1))
        };
        if all.len() > POOL {
            all.select_nth_unstable_by(POOL, order);
            all.truncate(POOL);
        }
        all.sort_unstable_by(order);
        all.into_iter().map(|(_, customer)| customer).collect()
    };
    (nearest(inside), nearest(outside))
}

/// Gives a place to another customer, or another offer to one who has a place, as long as it pays.
fn exchanged(problem: &Problem<'_>, limits: Limits, mut choice: Choice, price: f64) -> Choice {
    let (mut inside, mut outside) = pool(problem, &choice, price);
    for _ in 0..SWAPS {
        let left = limits.budget - problem.totals(&choice).spend;
        let mut best: Option<(Change, Option<usize>)> = None;
        let mut offered = |change: Change, leaves: Option<usize>| {
            let pays = change.profit > 0.0 && change.cost <= left;
            if pays && best.is_none_or(|(other, _)| change.profit > other.profit) {
                best = Some((change, leaves));
            }
        };
        for &leaver in &inside {
            changes_of(problem, leaver, choice[leaver]).for_each(|change| offered(change, None));
            let Some(offer) = choice[leaver] else { continue };
            let place = problem.place(leaver, offer);
            for &comer in &outside {
                for change in changes_of(problem, comer, None) {
                    let profit = change.profit - problem.profit[place];
                    let cost = change.cost - problem.cost[place];
                    offered(Change { profit, cost, ..change }, Some(leaver));
                }
            }
        }
        let Some((change, leaves)) = best else { break };
        let before = (choice[change.customer], leaves.and_then(|leaver| choice[leaver]));
        choice[change.customer] = Some(change.offer);
        if let Some(leaver) = leaves {
            choice[leaver] = None;
        }
        if problem.totals(&choice).spend > limits.budget {
            choice[change.customer] = before.0;
            if let Some(leaver) = leaves {
                choice[leaver] = before.1;
            }
            break;
        }
        if let Some(leaver) = leaves {
            let swap = |list: &mut Vec<usize>, from: usize, to: usize| {
                list.iter_mut().filter(|own| **own == from).for_each(|own| *own = to);
            };
            swap(&mut inside, leaver, change.customer);
            swap(&mut outside, change.customer, leaver);
        }
    }
    choice
}

/// The one offer that brings most, of those within the budget.
fn best_single(problem: &Problem<'_>, limits: Limits) -> Option<(usize, u32)> {
    if limits.capacity == 0 {
        return None;
    }
    (0..problem.customers())
        .into_par_iter()
        .flat_map_iter(|customer| changes_of(problem, customer, None))
        .filter(|change| change.profit > 0.0 && change.cost <= limits.budget)
        .max_by(|a, b| {
            (a.profit.total_cmp(&b.profit))
                .then_with(|| problem.key[b.customer].cmp(&problem.key[a.customer]))
                .then_with(|| (b.customer, b.offer).cmp(&(a.customer, a.offer)))
        })
        .map(|change| (change.customer, change.offer))
}
