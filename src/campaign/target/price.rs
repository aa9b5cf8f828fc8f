//! The price at which money runs out.

use rayon::prelude::*;

use super::problem::{Best, Limits, Problem};
use crate::stats::ExactSum;

/// Steps that halve the price itself; those that follow halve its bits.
const HALVINGS: usize = 32;
/// Steps after which customers are set aside whose offer is certain.
const BETWEEN: usize = 3;

/// Customers whose offer depends on where between two prices the price lies, and what is certain of
/// all others.
struct Search<'a> {
    problem: &'a Problem<'a>,
    open: Vec<u32>,
    capacity: usize,
    spend: ExactSum,
}

/// The lowest price at which the best list costs no more than the budget.
pub(super) fn price(problem: &Problem<'_>, limits: Limits) -> f64 {
    let mut search = Search {
        problem,
        open: (0..problem.customers() as u32).collect(),
        capacity: limits.capacity,
        spend: ExactSum::default(),
    };
    if search.spend(0.0) <= limits.payable() {
        return 0.0;
    }
    let ratios = problem
        .profit
        .par_iter()
        .zip(problem.cost)
        .map(|(profit, cost)| if *cost > 0.0 && *profit > 0.0 { profit / cost } else { 0.0 });
    // Above this price nothing that costs anything is worth it, whatever is rounded.
    let highest = ratios.reduce(|| 0.0, f64::max) * (1.0 + 1e-12);
    let (mut low, mut high) = (0.0, highest.clamp(f64::MIN_POSITIVE, f64::MAX));
    for step in 1.. {
        let middle = match step <= HALVINGS {
            true => low + (high - low) / 2.0,
            false => f64::from_bits(low.to_bits().midpoint(high.to_bits())),
        };
        // Between neighbours there is no number.
        if middle <= low || middle >= high {
            if step > HALVINGS {
                break;
            }
            continue;
        }
        match search.spend(middle) <= limits.payable() {
            true => high = middle,
            false => low = middle,
        }
        if step % BETWEEN == 0 {
            search.set_aside(low, high);
        }
    }
    high
}

impl Search<'_> {
    /// What the best list costs at a price.
    fn spend(&self, price: f64) -> f64 {
        let best = self.problem.best(&self.open, price);
        let (chosen, _) = self.problem.chosen(&self.open, &best, self.capacity);
        let mut spend = self.problem.exact_sum(chosen.len(), |i| {
            let place = chosen[i] as usize;
            Some(self.problem.cost_of(self.open[place], best[place].offer))
        });
        spend.merge(&self.spend);
        spend.value()
    }

    /// Sets aside all whose offer is the same at every price from `low` to `high`.
    ///
    /// As the price rises, what each is worth falls, and so does what the last who gets an offer is
    /// worth. Who has the same best offer at both ends has it in between.
    fn set_aside(&mut self, low: f64, high: f64) {
        let problem = self.problem;
        let (at_low, at_high) = (problem.best(&self.open, low), problem.best(&self.open, high));
        let entry = |best: &[Best]| problem.chosen(&self.open, best, self.capacity).1;
        let (most, least) = (entry(&at_low), entry(&at_high));
        let mut open = Vec::new();
        for ((&customer, low), high) in self.open.iter().zip(&at_low).zip(&at_high) {
            if low.worth <= 0.0 || low.worth < least {
                continue;
            }
            if high.worth > most && high.worth > 0.0 && low.offer == high.offer {
                self.spend.add(problem.cost_of(customer, low.offer));
                self.capacity -= 1;
            } else {
                open.push(customer);
            }
        }
        self.open = open;
    }
}
