//! Models of purchases and of checks, and the customers they are about.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use winback::timing::{
    self, BetaGeo, Buyer, Buyers, FittedGammaGamma, FittedPurchaseModel, LeavesOptions,
    LifetimeValue, ModifiedBetaGeo, ParetoNBD, TimeUnit,
};

use crate::answer::{Answer, options};
use crate::arrow::import_stream;
use crate::error::Result;
use crate::long::Watch;
use crate::snapshot::Snapshot;
use crate::threads::Compute;
use crate::values::span;

/// Customers with their ids, the unit of their times and the cutoff, where there is one.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct BuyerTable {
    table: timing::BuyerTable,
}

#[pymethods]
impl BuyerTable {
    #[staticmethod]
    fn of_snapshot(py: Python<'_>, now: &Snapshot, time_unit: &str) -> Result<Self> {
        let unit = time_unit.parse()?;
        let table = py.compute(|| timing::BuyerTable::of_snapshot(&now.snapshot, unit))?;
        Ok(BuyerTable { table })
    }

    /// From an object that has `__arrow_c_stream__`.
    #[staticmethod]
    fn of_table(table: &Bound<'_, PyAny>, time_unit: &str) -> Result<Self> {
        let (unit, stream) = (time_unit.parse()?, import_stream("data", table)?);
        Ok(BuyerTable { table: timing::BuyerTable::of_stream(stream, unit)? })
    }

    /// Of models of checks.
    #[staticmethod]
    fn of_checks(table: &Bound<'_, PyAny>, time_unit: &str) -> Result<Self> {
        let (unit, stream) = (time_unit.parse()?, import_stream("data", table)?);
        Ok(BuyerTable { table: timing::BuyerTable::of_checks(stream, unit)? })
    }

    #[staticmethod]
    fn of_columns(
        frequency: Vec<f64>,
        recency: Vec<f64>,
        t: Vec<f64>,
        log_gaps: Option<Vec<f64>>,
        monetary_value: Option<Vec<f64>>,
        time_unit: &str,
    ) -> Result<Self> {
        let mut buyers = Buyers::new(&frequency, &recency, &t)?;
        if let Some(log_gaps) = log_gaps {
            buyers = buyers.with_log_gaps(&log_gaps)?;
        }
        if let Some(checks) = monetary_value {
            buyers = buyers.with_mean_checks(checks)?;
        }
        let unit: TimeUnit = time_unit.parse()?;
        Ok(BuyerTable { table: timing::BuyerTable::of_buyers(buyers, unit) })
    }

    /// A span in the table's unit, given as the argument `horizon` or `within`.
    fn length(&self, name: &str, length: &str) -> Result<f64> {
        let name = if name == "horizon" { "horizon" } else { "within" };
        Ok(self.table.length(name, span(name, length)?)?)
    }
}

/// Works on customers until Ctrl-C.
fn watched<T: Send>(
    py: Python<'_>,
    customers: &BuyerTable,
    work: impl FnOnce(&timing::BuyerTable) -> winback::Result<T> + Send,
) -> Result<T> {
    let watch = Watch::calm(None);
    let table = customers.table.on_progress(watch.ear());
    watch.run(py, || work(&table))
}

/// What a model says of customers. Of one that takes less time than to wake another thread.
fn said<A: winback::answer::Answer + Send>(
    py: Python<'_>,
    customers: &BuyerTable,
    say: impl FnOnce(&timing::BuyerTable) -> winback::Result<A> + Send,
) -> Result<Answer> {
    let table = &customers.table;
    match table.buyers().rows() {
        [_one] => Answer::new(py, &say(table)?),
        _ => Answer::new(py, &watched(py, customers, say)?),
    }
}

/// Parameters with their standard errors, and how the search for them ended.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct Estimates {
    estimates: timing::Estimates,
}

#[pymethods]
impl Estimates {
    /// Names, parameters and standard errors.
    fn rows(&self) -> Vec<(String, f64, Option<f64>)> {
        let found = &self.estimates;
        let values = found.names().iter().zip(found.params()).zip(found.standard_errors());
        values.map(|((name, value), error)| (name.clone(), *value, *error)).collect()
    }

    #[getter]
    fn log_likelihood(&self) -> Option<f64> {
        self.estimates.log_likelihood()
    }

    #[getter]
    fn converged(&self) -> bool {
        self.estimates.converged()
    }

    #[getter]
    fn remark(&self) -> Option<&str> {
        self.estimates.remark()
    }

    fn summary(&self, py: Python<'_>) -> Result<Answer> {
        Answer::new(py, &self.estimates)
    }
}

/// A fitted model of when customers buy.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct PurchaseModel {
    model: FittedPurchaseModel,
}

#[pymethods]
impl PurchaseModel {
    /// `kind` is the name of the class in Python.
    #[staticmethod]
    fn fit(
        py: Python<'_>,
        kind: &str,
        customers: &BuyerTable,
        options: &Bound<'_, PyDict>,
    ) -> Result<Self> {
        let model = match kind {
            "BetaGeo" => {
                let given: BetaGeo = self::options(options)?;
                watched(py, customers, |table| given.fit(table.buyers()))?
            }
            "ParetoNBD" => {
                let given: ParetoNBD = self::options(options)?;
                watched(py, customers, |table| given.fit(table.buyers()))?
            }
            _ => {
                let given: ModifiedBetaGeo = self::options(options)?;
                watched(py, customers, |table| given.fit(table.buyers()))?
            }
        };
        Ok(PurchaseModel { model })
    }

    #[getter]
    fn estimates(&self) -> Estimates {
        Estimates { estimates: self.model.estimates().clone() }
    }

    #[getter]
    fn regularity(&self) -> u32 {
        self.model.regularity()
    }

    fn describe(&self) -> String {
        self.model.estimates().to_string()
    }

    fn p_alive(&self, py: Python<'_>, customers: &BuyerTable) -> Result<Answer> {
        said(py, customers, |table| self.model.p_alive_of(table))
    }

    fn expected_purchases(
        &self,
        py: Python<'_>,
        customers: &BuyerTable,
        within: f64,
    ) -> Result<Answer> {
        said(py, customers, |table| self.model.expected_purchases_of(table, within))
    }

    /// Of a customer at the first purchase.
    fn expected_purchases_of_new(&self, within: f64) -> Result<f64> {
        Ok(self.model.expected_purchases(Buyer::NEW, within)?)
    }

    /// The chance of exactly so many purchases, of each customer.
    fn count_probabilities(
        &self,
        py: Python<'_>,
        customers: &BuyerTable,
        within: f64,
        count: u64,
    ) -> Result<Vec<f64>> {
        // Checks both arguments.
        self.model.count_probability(Buyer::NEW, within, count)?;
        let of = |buyer| self.model.count_probability(buyer, within, count).unwrap_or(f64::NAN);
        py.compute(|| -> winback::Result<_> { Ok(customers.table.buyers().map(of)) })
    }

    /// The same of a customer at the first purchase.
    fn count_probability_of_new(&self, within: f64, count: u64) -> Result<f64> {
        Ok(self.model.count_probability(Buyer::NEW, within, count)?)
    }

    fn purchase_probability(
        &self,
        py: Python<'_>,
        customers: &BuyerTable,
        within: f64,
    ) -> Result<Answer> {
        said(py, customers, |table| self.model.purchase_probability_of(table, within))
    }

    fn next_purchase(&self, py: Python<'_>, customers: &BuyerTable) -> Result<Answer> {
        said(py, customers, |table| self.model.next_purchase_of(table))
    }

    fn leaves(
        &self,
        py: Python<'_>,
        customers: &BuyerTable,
        options: &Bound<'_, PyDict>,
    ) -> Result<Answer> {
        let options: LeavesOptions = self::options(options)?;
        said(py, customers, |table| self.model.leaves_of(table, &options))
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.model.to_bytes()?))
    }

    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(PurchaseModel { model: FittedPurchaseModel::from_bytes(bytes)? })
    }
}

/// A fitted model of the size of checks.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct GammaGamma {
    model: FittedGammaGamma,
}

#[pymethods]
impl GammaGamma {
    #[staticmethod]
    fn fit(py: Python<'_>, customers: &BuyerTable, options: &Bound<'_, PyDict>) -> Result<Self> {
        let given: timing::GammaGamma = self::options(options)?;
        Ok(GammaGamma { model: watched(py, customers, |table| given.fit(table.with_checks()?))? })
    }

    #[getter]
    fn estimates(&self) -> Estimates {
        Estimates { estimates: self.model.estimates().clone() }
    }

    #[getter]
    fn correlation(&self) -> Option<f64> {
        self.model.correlation()
    }

    #[getter]
    fn population_mean(&self) -> f64 {
        self.model.population_mean()
    }

    fn describe(&self) -> String {
        self.model.estimates().to_string()
    }

    fn expected_check(&self, py: Python<'_>, customers: &BuyerTable) -> Result<Answer> {
        said(py, customers, |table| self.model.expected_check_of(table))
    }

    fn lifetime_value(
        &self,
        py: Python<'_>,
        purchases: &PurchaseModel,
        customers: &BuyerTable,
        options: &Bound<'_, PyDict>,
    ) -> Result<Answer> {
        let options: LifetimeValue = self::options(options)?;
        said(py, customers, |table| self.model.lifetime_value_of(&purchases.model, table, &options))
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.model.to_bytes()?))
    }

    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(GammaGamma { model: FittedGammaGamma::from_bytes(bytes)? })
    }
}
