//! Profit of a churn score, and how well a score finds those whom a contact changes.

use pyo3::prelude::*;
use winback::metrics::{
    self, AcceptRate, Economics, MaximumProfit, PerCustomer, PolicyTest, UpliftAt, UpliftRanking,
};

use crate::error::Result;
use crate::long::Watch;
use crate::table::Table;
use crate::threads::Compute;

/// One number for all customers or one for each.
#[derive(FromPyObject)]
pub(crate) enum Numbers {
    All(f64),
    Each(Vec<f64>),
}

impl Numbers {
    pub(crate) fn figure(&self) -> PerCustomer<'_> {
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

/// Outcomes, scores of uplift, and who was treated.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct UpliftTest {
    y_true: Vec<f64>,
    uplift: Vec<f64>,
    treatment: Vec<bool>,
}

impl UpliftTest {
    fn ranking(&self) -> winback::Result<UpliftRanking> {
        UpliftRanking::new(&self.y_true, &self.uplift, &self.treatment)
    }
}

/// `qini`, `auuc` or `radcliffe_q`.
#[pyfunction]
pub(crate) fn uplift_measure(py: Python<'_>, test: UpliftTest, measure: &str) -> Result<f64> {
    py.compute(|| {
        let ranking = test.ranking()?;
        match measure {
            "qini" => ranking.qini(),
            "auuc" => ranking.auuc(),
            _ => Ok(ranking.radcliffe_q()),
        }
    })
}

#[pyfunction]
pub(crate) fn uplift_at_k(py: Python<'_>, test: UpliftTest, k: f64, by_group: bool) -> Result<f64> {
    let at = if by_group { UpliftAt::ByGroup } else { UpliftAt::Overall };
    py.compute(|| test.ranking()?.uplift_at(k, at))
}

#[pyfunction]
pub(crate) fn uplift_curve(py: Python<'_>, test: UpliftTest) -> Result<Table> {
    Ok(Table { batch: py.compute(|| test.ranking()?.to_batch())? })
}

#[pyfunction]
pub(crate) fn uplift_intervals(
    py: Python<'_>,
    test: UpliftTest,
    shares: Vec<f64>,
    bootstraps: usize,
    seed: u64,
) -> Result<Table> {
    let watch = Watch::calm(None);
    let go_on = || watch.goes_on();
    let found = || test.ranking()?.intervals_while(&shares, bootstraps, seed, &go_on)?.to_batch();
    Ok(Table { batch: watch.run(py, found)? })
}

/// `expected` are outcomes in control and treated.
#[pyfunction]
pub(crate) fn policy_values(
    py: Python<'_>,
    test: UpliftTest,
    shares: Vec<f64>,
    propensity: Numbers,
    cost: f64,
    expected: Option<(Vec<f64>, Vec<f64>)>,
) -> Result<Table> {
    let test = PolicyTest {
        y: &test.y_true,
        uplift: &test.uplift,
        treated: &test.treatment,
        propensity: propensity.figure(),
        cost,
        expected: expected.as_ref().map(|(control, treated)| (&control[..], &treated[..])),
    };
    Ok(Table { batch: py.compute(|| test.values(&shares)?.to_batch())? })
}
