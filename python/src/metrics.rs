//! Profit of a churn score.

use pyo3::prelude::*;
use winback::metrics::{self, AcceptRate, Economics, MaximumProfit, PerCustomer};

use crate::error::Result;
use crate::table::Table;
use crate::threads::Compute;

/// One number for all customers or one for each.
#[derive(FromPyObject)]
pub(crate) enum Numbers {
    All(f64),
    Each(Vec<f64>),
}

impl Numbers {
    fn figure(&self) -> PerCustomer<'_> {
        match self {
            Numbers::All(value) => PerCustomer::All(*value),
            Numbers::Each(values) => PerCustomer::Each(values),
        }
    }
}

/// What customers do, how they score and what a campaign costs.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Campaign {
    y_true: Vec<bool>,
    y_score: Vec<f64>,
    clv: Numbers,
    incentive_cost: Numbers,
    contact_cost: Numbers,
}

impl Campaign {
    fn economics<'a>(&'a self, accept_rate: AcceptRate<'a>) -> Economics<'a> {
        Economics {
            clv: self.clv.figure(),
            incentive_cost: self.incentive_cost.figure(),
            contact_cost: self.contact_cost.figure(),
            accept_rate,
        }
    }

    fn known<'a>(&'a self, accept_rate: &'a Numbers) -> Economics<'a> {
        self.economics(AcceptRate::Known(accept_rate.figure()))
    }
}

#[pyfunction]
pub(crate) fn mpc(py: Python<'_>, campaign: Campaign, accept_rate: Numbers) -> Result<(f64, f64)> {
    let Campaign { y_true, y_score, .. } = &campaign;
    let best = py.compute(|| metrics::mpc(y_true, y_score, &campaign.known(&accept_rate)))?;
    Ok(pair(best))
}

#[pyfunction]
pub(crate) fn empc(
    py: Python<'_>,
    campaign: Campaign,
    alpha: f64,
    beta: f64,
) -> Result<(f64, f64)> {
    let Campaign { y_true, y_score, .. } = &campaign;
    let economics = campaign.economics(AcceptRate::Beta { alpha, beta });
    Ok(pair(py.compute(|| metrics::empc(y_true, y_score, &economics))?))
}

#[pyfunction]
pub(crate) fn profit_curve(
    py: Python<'_>,
    campaign: Campaign,
    accept_rate: Numbers,
) -> Result<Table> {
    let Campaign { y_true, y_score, .. } = &campaign;
    let economics = campaign.known(&accept_rate);
    let curve = py.compute(|| metrics::profit_curve(y_true, y_score, &economics))?;
    Ok(Table { batch: curve.to_batch()? })
}

fn pair(MaximumProfit { profit, share, .. }: MaximumProfit) -> (f64, f64) {
    (profit, share)
}
