//! What lists within other budgets would bring.

use rayon::prelude::*;

use super::problem::{Problem, Totals};
use super::solve::Solution;
use crate::stats::percentile;

/// Points of the curve between nothing and all that pays.
const POINTS: usize = 24;

/// The list at one price of money.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct SpendPoint {
    /// What it costs.
    pub spend: f64,
    /// What it is expected to bring, less what it costs.
    pub profit: f64,
    /// Customers to contact.
    pub customers: u64,
    /// What another unit of money would bring.
    pub price: f64,
}

/// Lists from no money to all that pays, by rising spend, with the list that was found among them.
/// Between two points no list is above the line from one to the other by more than an offer.
pub(super) fn curve(problem: &Problem<'_>, capacity: usize, found: &Solution) -> Vec<SpendPoint> {
    let all: Vec<u32> = (0..problem.customers() as u32).collect();
    let mut ratios: Vec<f64> = (problem.best(&all, 0.0).par_iter().enumerate())
        .filter(|(_, best)| best.worth > 0.0)
        .map(|(customer, best)| best.worth / problem.cost_of(customer as u32, best.offer))
        .filter(|ratio| ratio.is_finite())
        .collect();
    ratios.par_sort_unstable_by(f64::total_cmp);
    let mut prices = vec![0.0];
    if !ratios.is_empty() {
        // The first money brings most: there the points lie closer.
        let shares = (1..POINTS).map(|i| i as f64 / POINTS as f64).chain([0.98, 0.995]);
        prices.extend(shares.map(|share| percentile(&ratios, share)));
        // Only what costs nothing.
        prices.push(f64::MAX.sqrt());
    }
    let mut points: Vec<SpendPoint> = prices
        .into_iter()
        .map(|price| point(problem.totals(&problem.at_price(price, capacity).choice), price))
        .collect();
    points.push(point(found.totals, found.price));
    points.sort_by(|a, b| a.spend.total_cmp(&b.spend).then_with(|| a.profit.total_cmp(&b.profit)));
    points.dedup_by(|next, kept| (next.spend, next.profit) == (kept.spend, kept.profit));
    points
}

fn point(Totals { customers, spend, profit }: Totals, price: f64) -> SpendPoint {
    SpendPoint { spend, profit, customers, price }
}
