//! The list of customers to contact.

use rayon::prelude::*;

use super::curve::{SpendPoint, curve};
use super::offers::Offers;
use super::problem::{Limits, Totals};
use super::solve::{Solution, solve};
use crate::answer::options::options;
use crate::campaign::Arm;
use crate::error::{Error, Result};
use crate::hash;
use crate::log::CustomerIndex;

options! {
    /// What may be spent, on how many customers, and whom to leave out for comparison.
    pub struct TargetOptions {
        /// Most that may be spent; by default there is no limit
        #[option(value_name = "AMOUNT", allow_negative_numbers = true)]
        #[takes(into)]
        budget: Option<f64> = None,
        /// Most customers to contact; by default there is no limit
        #[option(value_name = "N")]
        #[takes(into)]
        capacity: Option<u64> = None,
        /// Share of the customers who are left out for comparison whatever they would bring: 0 to
        /// below 1. The budget is spent on the others
        #[value(value_name = "SHARE", allow_negative_numbers = true)]
        control_share: f64 = 0.0,
        /// Text that decides who is in the control group; the same text draws the same customers,
        /// here and in a database (the first 52 bits of md5(salt, 0xff, id))
        #[value(value_name = "TEXT")]
        #[takes(into)]
        salt: String = hash::DEFAULT_SALT.to_owned(),
        /// More money, of which is told what it would bring
        #[value(value_name = "AMOUNT", allow_negative_numbers = true)]
        more: f64 = 1000.0,
    }
}

impl TargetOptions {
    fn check(&self) -> Result<()> {
        if !(0.0..1.0).contains(&self.control_share) {
            let expected = "from 0 to below 1";
            return Err(Error::argument("control_share", self.control_share, expected));
        }
        for (name, amount) in [("budget", self.budget), ("more", Some(self.more))] {
            if let Some(amount) = amount.filter(|amount| !(0.0..=1e100).contains(amount)) {
                return Err(Error::argument(name, amount, "0 or more, at most 1e100"));
            }
        }
        Ok(())
    }

    fn limits(&self, more: f64) -> Limits {
        Limits {
            budget: self.budget.map_or(f64::INFINITY, |budget| budget + more),
            capacity: self.capacity.map_or(usize::MAX, |most| most as usize),
        }
    }
}

/// A customer who gets an offer, or who would if he were not in control.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Target {
    /// His place among [`Offers::customers`].
    pub customer: CustomerIndex,
    /// The place of the offer among [`Offers::names`].
    pub offer: u32,
    /// What it is expected to bring before its cost.
    pub gain: f64,
    /// What it costs.
    pub cost: f64,
    /// Whether he is to be contacted.
    pub arm: Arm,
}

/// Whom to contact with which offer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Targets {
    pub(super) offers: Offers,
    /// The list, the most profitable first.
    pub rows: Vec<Target>,
    /// Customers to contact.
    pub contacted: u64,
    /// What that costs.
    pub spend: f64,
    /// What it is expected to bring, less what it costs.
    pub profit: f64,
    /// No list within these limits can bring more.
    pub bound: f64,
    /// What another unit of money would bring; 0 where money is not short.
    pub price: f64,
    /// With [`TargetOptions::more`] in addition: customers to contact, and profit.
    pub with_more: (u64, f64),
    /// Of the customers who are not in control, how much all lists within other budgets bring.
    pub curve: Vec<SpendPoint>,
    /// As given.
    pub options: TargetOptions,
    /// The lowest cost of an offer that brings more than it costs, if there is one.
    pub(super) lowest_cost: Option<f64>,
}

impl Offers {
    /// Whom to contact with which offer, so that the profit expected is highest: Σ gain − cost.
    ///
    /// Where all costs are equal the list is the best there is; else it misses the best by no more
    /// than what the last unit of money brings, and [`Targets::bound`] says how much that can be.
    /// Customers in control are drawn before, by their ids alone; who of them would get an offer at
    /// the same price of money is listed too, to be compared with those who are contacted. Neither
    /// the order of the customers nor the number of threads changes anything.
    ///
    /// ```
    /// use winback::campaign::{Offer, Offers, TargetOptions};
    /// use winback::log::IdSlice;
    /// let letter = Offer { name: "letter", gain: &[3.0, 9.0, 2.5], cost: 2.0.into() };
    /// let call = Offer { name: "call", gain: &[9.0, 12.0, 3.0], cost: 5.0.into() };
    /// let offers = Offers::new(IdSlice::Text(&["Ann", "Bob", "Cy"]), &[letter, call])?;
    /// let found = offers.target(&TargetOptions::default().budget(7.0))?;
    /// assert_eq!((found.contacted, found.spend, found.profit), (2, 7.0, 11.0));
    /// println!("{found}");
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for an option out of its range; [`Error::TooLittleData`] where everybody is
    /// in control.
    pub fn target(&self, options: &TargetOptions) -> Result<Targets> {
        options.check()?;
        let (kept, control): (Vec<u32>, Vec<u32>) =
            (0..self.ids.len() as u32).into_par_iter().partition(|&customer| {
                let id = self.ids.get(customer.into());
                options.control_share == 0.0
                    || hash::drawn_share(&options.salt, id) >= options.control_share
            });
        if kept.is_empty() {
            return Err(Error::TooLittleData(
                "all customers are in control; take a smaller control_share".to_owned(),
            ));
        }
        let open = self.of(&kept);
        let problem = open.problem();
        let found = solve(&problem, options.limits(0.0));
        let with_more = match options.budget {
            Some(_) => {
                let Totals { customers, profit, .. } =
                    solve(&problem, options.limits(options.more)).totals;
                // What fills up is no optimum; with more money the same list can be paid too.
                (customers, profit.max(found.totals.profit))
            }
            None => (found.totals.customers, found.totals.profit),
        };
        let Totals { customers, profit, .. } = found.totals;
        let spend = options.budget.map_or(found.totals.spend, |most| found.totals.spend.min(most));
        let worthwhile =
            problem.cost.iter().zip(problem.profit).filter(|(_, profit)| **profit > 0.0);
        let mut targets = Targets {
            rows: self.rows(&kept, &control, &found),
            contacted: customers,
            spend,
            profit,
            bound: found.bound,
            price: found.price,
            with_more,
            lowest_cost: worthwhile.map(|(cost, _)| *cost).reduce(f64::min),
            curve: curve(&problem, options.limits(0.0).capacity, &found),
            options: options.clone(),
            offers: self.clone(),
        };
        targets.sort();
        Ok(targets)
    }

    fn rows(&self, kept: &[u32], control: &[u32], found: &Solution) -> Vec<Target> {
        let target = |customer: u32, offer: u32, arm| {
            let place = customer as usize * self.names.len() + offer as usize;
            let (gain, cost) = (self.gain[place], self.cost[place]);
            Target { customer: customer.into(), offer, gain, cost, arm }
        };
        let contact = kept.iter().zip(&found.choice).filter_map(|(&customer, offer)| {
            offer.map(|offer| target(customer, offer, Arm::Contact))
        });
        let problem = self.problem();
        let best = problem.best(control, found.price);
        let would = control
            .iter()
            .zip(best)
            .filter(|(_, best)| best.worth > 0.0 && best.worth >= found.entry)
            .map(|(&customer, best)| target(customer, best.offer, Arm::Control));
        contact.chain(would).collect()
    }
}

impl Targets {
    fn sort(&mut self) {
        let profit = |target: &Target| target.gain - target.cost;
        self.rows.par_sort_unstable_by(|a, b| {
            profit(b).total_cmp(&profit(a)).then_with(|| a.customer.cmp(&b.customer))
        });
    }

    /// The offer of a row of the list.
    pub fn offer(&self, target: &Target) -> &str {
        &self.offers.names[target.offer as usize]
    }

    /// How far the list may be from the best, at most.
    pub fn gap(&self) -> f64 {
        self.bound - self.profit
    }

    pub(super) fn in_control(&self) -> u64 {
        self.rows.iter().filter(|target| target.arm == Arm::Control).count() as u64
    }
}
