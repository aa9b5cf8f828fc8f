//! Which offer each customer gets at a given price of money: the relaxed problem.
//!
//! A budget B gets a price λ: an offer with profit p and cost c is worth p − λc, each customer gets
//! the offer that is worth most, if it is worth more than 0, and of a capacity of K the K best
//! customers get theirs. What they are worth plus λB is never below the best list's profit (Lagrange),
//! and at the price at which it is lowest it is the optimum of the linear relaxation.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::stats::ExactSum;

/// Rows that one task works on.
const ROWS: usize = 1 << 13;

/// Customers × offers, row by row, and what decides between equals.
#[derive(Debug)]
pub(super) struct Problem<'a> {
    pub(super) offers: usize,
    /// Profit when the offer is made, its cost subtracted.
    pub(super) profit: &'a [f64],
    pub(super) cost: &'a [f64],
    /// A number of each customer that differs, or mostly does.
    pub(super) key: &'a [u64],
}

/// What sums of rounded amounts may be off by, as a part of them: less than a cent of any budget.
pub(in crate::campaign) const ROUNDED: f64 = 1e-10;

/// What may be paid of a budget. Costs are decimals: a hundred of .55 are 55, but as binary numbers they
/// are a little more.
pub(in crate::campaign) fn payable(budget: f64) -> f64 {
    budget * (1.0 + ROUNDED)
}

/// What may be spent, and on how many customers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Infinite for none.
    pub(super) budget: f64,
    pub(super) capacity: usize,
}

impl Limits {
    pub(super) fn payable(self) -> f64 {
        payable(self.budget)
    }
}

/// The offer of each customer.
pub(super) type Choice = Vec<Option<u32>>;

/// A customer's best offer at a price.
#[derive(Debug, Clone, Copy)]
pub(super) struct Best {
    pub(super) worth: f64,
    pub(super) offer: u32,
}

/// What the choice at a price comes to.
#[derive(Debug, Clone)]
pub(super) struct AtPrice {
    pub(super) price: f64,
    pub(super) choice: Choice,
    /// Sum of p − λc over the chosen.
    pub(super) worth: f64,
    /// What the last who got an offer is worth, where the capacity binds, else 0; infinite where
    /// there is no place.
    pub(super) entry: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Totals {
    pub(super) customers: u64,
    pub(super) spend: f64,
    pub(super) profit: f64,
}

impl Problem<'_> {
    pub(super) fn customers(&self) -> usize {
        self.key.len()
    }

    pub(super) fn place(&self, customer: usize, offer: u32) -> usize {
        customer * self.offers + offer as usize
    }

    /// The best list at a price, for at most `capacity` customers. Of offers and customers that are
    /// worth the same the cheaper is taken.
    pub(super) fn at_price(&self, price: f64, capacity: usize) -> AtPrice {
        let all: Vec<u32> = (0..self.customers() as u32).collect();
        let best = self.best(&all, price);
        let mut choice: Choice = vec![None; self.customers()];
        let (chosen, entry) = self.chosen(&all, &best, capacity);
        for &place in &chosen {
            choice[place as usize] = Some(best[place as usize].offer);
        }
        let worth =
            self.sum(self.customers(), |customer| choice[customer].map(|_| best[customer].worth));
        AtPrice { price, worth, choice, entry }
    }

    /// The places in a list of customers of those who get their best offer: of those who are worth
    /// more than 0 the `capacity` best. And what the last of them is worth, if the capacity binds.
    pub(super) fn chosen(
        &self,
        customers: &[u32],
        best: &[Best],
        capacity: usize,
    ) -> (Vec<u32>, f64) {
        let mut order: Vec<u32> =
            (0..best.len() as u32).filter(|&place| best[place as usize].worth > 0.0).collect();
        if order.len() <= capacity {
            return (order, 0.0);
        }
        let mut entry = f64::INFINITY;
        if capacity > 0 {
            let by_worth = |a: &u32, b: &u32| {
                let (a, b) = (*a as usize, *b as usize);
                self.compare((customers[a], best[a]), (customers[b], best[b]))
            };
            let last = *order.select_nth_unstable_by(capacity - 1, by_worth).1;
            entry = best[last as usize].worth;
        }
        order.truncate(capacity);
        (order, entry)
    }

    /// What all who are chosen cost and bring.
    pub(super) fn totals(&self, choice: &Choice) -> Totals {
        let of = |values: &[f64]| {
            let its =
                |customer: usize| choice[customer].map(|offer| values[self.place(customer, offer)]);
            self.sum(choice.len(), its)
        };
        Totals {
            customers: choice.par_iter().flatten().count() as u64,
            spend: of(self.cost),
            profit: of(self.profit),
        }
    }

    /// The best offer of each of these customers.
    pub(super) fn best(&self, customers: &[u32], price: f64) -> Vec<Best> {
        let of_one = |&customer: &u32| {
            let start = self.place(customer as usize, 0);
            let (profit, cost) = (&self.profit[start..], &self.cost[start..]);
            let mut best = Best { worth: f64::NEG_INFINITY, offer: 0 };
            let mut its_cost = f64::INFINITY;
            for (offer, (p, c)) in profit.iter().zip(cost).take(self.offers).enumerate() {
                let worth = p - price * c;
                if worth > best.worth || (worth == best.worth && *c < its_cost) {
                    best = Best { worth, offer: offer as u32 };
                    its_cost = *c;
                }
            }
            best
        };
        customers.par_iter().with_min_len(ROWS).map(of_one).collect()
    }

    pub(super) fn cost_of(&self, customer: u32, offer: u32) -> f64 {
        self.cost[self.place(customer as usize, offer)]
    }

    /// Who comes first for a place: the more worth, then the cheaper.
    fn compare(&self, (a, best_a): (u32, Best), (b, best_b): (u32, Best)) -> Ordering {
        let key = |customer: u32| self.key[customer as usize];
        (best_b.worth.total_cmp(&best_a.worth))
            .then_with(|| self.cost_of(a, best_a.offer).total_cmp(&self.cost_of(b, best_b.offer)))
            .then_with(|| key(a).cmp(&key(b)))
            .then_with(|| a.cmp(&b))
    }

    /// An exact sum over `n` places, which no number of threads changes.
    fn sum(&self, n: usize, of: impl Fn(usize) -> Option<f64> + Sync) -> f64 {
        self.exact_sum(n, of).value()
    }

    pub(super) fn exact_sum(&self, n: usize, of: impl Fn(usize) -> Option<f64> + Sync) -> ExactSum {
        let parts: Vec<ExactSum> = (0..n.div_ceil(ROWS))
            .into_par_iter()
            .map(|part| (part * ROWS..((part + 1) * ROWS).min(n)).filter_map(&of).collect())
            .collect();
        let mut sum = ExactSum::default();
        parts.iter().for_each(|part| sum.merge(part));
        sum
    }
}
