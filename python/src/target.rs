//! Lists within a budget.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use winback::campaign::{Offer, Offers, share};
use winback::log::IdSlice;

use crate::analyses::answer;
use crate::answer::{Answer, options};
use crate::error::Result;
use crate::metrics::Numbers;

/// Ids of customers, all whole numbers or all texts.
#[derive(FromPyObject)]
pub(crate) enum Ids {
    Whole(Vec<i64>),
    Texts(Vec<String>),
}

impl Ids {
    /// Does something with them as the core takes them.
    pub(crate) fn with<T>(&self, work: impl FnOnce(IdSlice<'_>) -> T) -> T {
        match self {
            Ids::Whole(ids) => work(IdSlice::Int(ids)),
            Ids::Texts(ids) => {
                work(IdSlice::Text(&ids.iter().map(String::as_str).collect::<Vec<_>>()))
            }
        }
    }
}

/// Where customers fall in the draw with this salt.
#[pyfunction]
pub(crate) fn shares(customer_ids: Ids, salt: &str) -> Vec<f64> {
    match &customer_ids {
        Ids::Whole(ids) => ids.iter().map(|&id| share(id, salt)).collect(),
        Ids::Texts(ids) => ids.iter().map(|id| share(id.as_str(), salt)).collect(),
    }
}

/// Names of offers, what each would bring from each customer, and what it costs.
#[pyfunction]
pub(crate) fn target(
    py: Python<'_>,
    customer_ids: Ids,
    offers: Vec<(String, Vec<f64>, Numbers)>,
    options: &Bound<'_, PyDict>,
) -> Result<Answer> {
    let options = self::options(options)?;
    answer(py, || {
        let offers: Vec<Offer<'_>> = offers
            .iter()
            .map(|(name, gain, cost)| Offer { name, gain, cost: cost.figure() })
            .collect();
        customer_ids.with(|ids| Offers::new(ids, &offers))?.target(&options)
    })
}
