//! Places given to other customers, where places are short.

use super::change::{Change, changes_of};
use super::problem::{Choice, Limits, Problem};

/// Customers on either side of the last one who got an offer that are tried in each other's place.
const POOL: usize = 64;
/// Exchanges; each raises the profit.
const SWAPS: usize = 1_000;

/// Gives a place to another customer, or another offer to one who has a place, as long as it pays.
pub(super) fn exchanged(
    problem: &Problem<'_>,
    limits: Limits,
    mut choice: Choice,
    price: f64,
) -> Choice {
    let (mut inside, mut outside) = pool(problem, &choice, price);
    let mut spend = problem.exact_sum(choice.len(), |customer| {
        choice[customer].map(|offer| problem.cost[problem.place(customer, offer)])
    });
    for _ in 0..SWAPS {
        let left = limits.payable() - spend.value();
        let Some((change, leaver)) = best(problem, &choice, &inside, &outside, left) else { break };
        let cost = |customer: usize, offer: Option<u32>| {
            offer.map_or(0.0, |offer| problem.cost[problem.place(customer, offer)])
        };
        spend.add(cost(change.customer, Some(change.offer)));
        spend.add(-cost(change.customer, choice[change.customer]));
        if let Some(leaver) = leaver {
            spend.add(-cost(leaver, choice[leaver]));
        }
        // What was left was rounded.
        if spend.value() > limits.payable() {
            break;
        }
        choice[change.customer] = Some(change.offer);
        if let Some(leaver) = leaver {
            choice[leaver] = None;
            replace(&mut inside, leaver, change.customer);
            replace(&mut outside, change.customer, leaver);
        }
    }
    choice
}

/// The exchange that brings most, and who loses his place by it.
fn best(
    problem: &Problem<'_>,
    choice: &Choice,
    inside: &[usize],
    outside: &[usize],
    left: f64,
) -> Option<(Change, Option<usize>)> {
    let mut best: Option<(Change, Option<usize>)> = None;
    let mut offered = |change: Change, leaver: Option<usize>| {
        let pays = change.profit > 0.0 && change.cost <= left;
        if pays && best.is_none_or(|(other, _)| change.profit > other.profit) {
            best = Some((change, leaver));
        }
    };
    for &leaver in inside {
        changes_of(problem, leaver, choice[leaver]).for_each(|change| offered(change, None));
        let Some(offer) = choice[leaver] else { continue };
        let place = problem.place(leaver, offer);
        for &comer in outside {
            for change in changes_of(problem, comer, None) {
                let profit = change.profit - problem.profit[place];
                let cost = change.cost - problem.cost[place];
                offered(Change { profit, cost, ..change }, Some(leaver));
            }
        }
    }
    best
}

fn replace(list: &mut [usize], from: usize, to: usize) {
    list.iter_mut().filter(|own| **own == from).for_each(|own| *own = to);
}

/// The customers who are nearest to losing their place, and those nearest to getting one.
fn pool(problem: &Problem<'_>, choice: &Choice, price: f64) -> (Vec<usize>, Vec<usize>) {
    let worth = |place: usize| problem.profit[place] - price * problem.cost[place];
    let best = |customer: usize| {
        (0..problem.offers as u32)
            .map(|offer| worth(problem.place(customer, offer)))
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let mut inside: Vec<(f64, usize)> = Vec::new();
    let mut outside: Vec<(f64, usize)> = Vec::new();
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
