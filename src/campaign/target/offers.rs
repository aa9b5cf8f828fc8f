//! What each offer would bring from each customer, and what it costs.

use super::problem::Problem;
use crate::error::{Error, Result};
use crate::log::{CustomerIds, IdColumn, IdSlice, counted};
use crate::metrics::PerCustomer;

/// Amounts stay below this, so that no sum of them overflows.
const MOST: f64 = 1e100;
/// More offers than anyone makes.
const MOST_OFFERS: usize = 1_000;

/// An offer: what it would bring, and what it costs.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// Its name.
    pub name: &'a str,
    /// What making it to each customer is expected to bring before its cost: uplift × margin. It is
    /// the change that the offer makes; what he would buy anyway is no gain.
    pub gain: &'a [f64],
    /// What making it costs, 0 or more.
    pub cost: PerCustomer<'a>,
}

/// Offers to customers, checked, each of whom gets at most one.
#[derive(Debug, Clone)]
pub struct Offers {
    pub(super) ids: CustomerIds,
    pub(super) names: Vec<String>,
    /// Customers in the order of their ids × offers.
    pub(super) gain: Vec<f64>,
    pub(super) cost: Vec<f64>,
    pub(super) profit: Vec<f64>,
    /// What decides between customers who are worth the same.
    key: Vec<u64>,
}

impl Offers {
    /// Offers to these customers, in the order of the ids.
    ///
    /// ```
    /// use winback::campaign::{Offer, Offers};
    /// use winback::log::IdSlice;
    /// let gain = [3.0, 1.0];
    /// let letter = Offer { name: "letter", gain: &gain, cost: 2.0.into() };
    /// assert!(Offers::new(IdSlice::Int(&[1, 2]), &[letter]).is_ok());
    /// let error = Offers::new(IdSlice::Int(&[1, 1]), &[letter]).unwrap_err();
    /// assert_eq!(error.to_string(), "customer_ids: expected each customer once, got 1 more than once");
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a customer who is missing or there twice, an offer without a name or with
    /// that of another, a gain that is not finite, a cost that is negative or not finite;
    /// [`Error::Shape`] when lengths differ; [`Error::TooLittleData`] without customers or offers.
    pub fn new(ids: IdSlice<'_>, offers: &[Offer<'_>]) -> Result<Self> {
        if offers.is_empty() || offers.len() > MOST_OFFERS {
            let expected = format!("1 to {MOST_OFFERS} offers");
            return Err(Error::argument("gain", offers.len(), expected));
        }
        let (ids, places) = sorted(ids)?;
        let n = places.len();
        for (i, offer) in offers.iter().enumerate() {
            offer.check(n)?;
            if offer.name.is_empty() || offers[..i].iter().any(|other| other.name == offer.name) {
                let expected = "names that are not empty and differ";
                return Err(Error::text_argument("offers", offer.name, expected));
            }
        }
        let (mut gain, mut cost) = (vec![0.0; n * offers.len()], vec![0.0; n * offers.len()]);
        for (row, &customer) in places.iter().enumerate() {
            for (i, offer) in offers.iter().enumerate() {
                let place = customer as usize * offers.len() + i;
                // Without the sign of zero.
                (gain[place], cost[place]) = (offer.gain[row] + 0.0, offer.cost.of(row) + 0.0);
            }
        }
        let profit = gain.iter().zip(&cost).map(|(gain, cost)| gain - cost).collect();
        let key = ids.indices().map(|customer| ids.get(customer).key()).collect();
        let names = offers.iter().map(|offer| offer.name.to_owned()).collect();
        Ok(Offers { ids, names, gain, cost, profit, key })
    }

    /// The customers, by their ids.
    pub fn customers(&self) -> &CustomerIds {
        &self.ids
    }

    /// The offers by name.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn problem(&self) -> Problem<'_> {
        Problem { offers: self.names.len(), profit: &self.profit, cost: &self.cost, key: &self.key }
    }

    /// The offers to some of the customers.
    pub(super) fn of(&self, customers: &[u32]) -> Kept {
        let m = self.names.len();
        let pick = |values: &[f64]| -> Vec<f64> {
            let row = |&customer: &u32| &values[customer as usize * m..(customer as usize + 1) * m];
            customers.iter().flat_map(row).copied().collect()
        };
        Kept {
            offers: m,
            cost: pick(&self.cost),
            profit: pick(&self.profit),
            key: customers.iter().map(|&customer| self.key[customer as usize]).collect(),
        }
    }
}

/// Offers to some of the customers.
pub(super) struct Kept {
    offers: usize,
    cost: Vec<f64>,
    profit: Vec<f64>,
    key: Vec<u64>,
}

impl Kept {
    pub(super) fn problem(&self) -> Problem<'_> {
        Problem { offers: self.offers, profit: &self.profit, cost: &self.cost, key: &self.key }
    }
}

impl Offer<'_> {
    fn check(&self, n: usize) -> Result<()> {
        let costs = match self.cost {
            PerCustomer::All(_) => n,
            PerCustomer::Each(costs) => costs.len(),
        };
        for (what, given) in [("gains", self.gain.len()), ("costs", costs)] {
            if given != n {
                let customers = counted(n as u64, "customer", "customers");
                return Err(Error::Shape(format!(
                    "there are {customers} and {given} {what} of {}; they must be the same number",
                    self.name
                )));
            }
        }
        let gain = PerCustomer::Each(self.gain);
        gain.check("gain", n, "finite amounts, of at most 1e100", |gain| gain.abs() <= MOST)?;
        self.cost.check("cost", n, "0 or more, at most 1e100", |cost| (0.0..=MOST).contains(&cost))
    }
}

/// The ids in order, and where each row is among them.
fn sorted(ids: IdSlice<'_>) -> Result<(CustomerIds, Vec<u32>)> {
    let missing = || Error::missing_argument("customer_ids", "an id of each customer");
    let given = ids.all().ok_or_else(missing)?;
    let Some(first) = given.first() else {
        return Err(Error::TooLittleData("there are no customers to make an offer to".to_owned()));
    };
    let is_integer = first.integer().is_some();
    let mut column = if is_integer { IdColumn::integers() } else { IdColumn::texts(false) };
    for (row, &id) in given.iter().enumerate() {
        column.push(id);
        if column.keys.len() <= row {
            let got = format!("{id} more than once");
            return Err(Error::argument("customer_ids", got, "each customer once"));
        }
    }
    let (ids, places) = column.keys.sorted(is_integer);
    Ok((ids, places))
}
