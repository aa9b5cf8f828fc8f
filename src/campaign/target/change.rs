//! What another offer to a customer changes.

use super::problem::Problem;

/// A change of one customer's offer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub(super) customer: usize,
    pub(super) offer: u32,
    pub(super) profit: f64,
    pub(super) cost: f64,
}

/// All other offers of a customer, by what they change.
pub(super) fn changes_of<'a>(
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
