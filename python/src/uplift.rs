//! Effects of offers, learned from a test.

use numpy::ndarray::ArrayView2;
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use winback::campaign::{Each, Propensity, RecommendationOptions, Trial, Uplift};
use winback::log::IdSlice;
use winback::{Error, Estimator};

use crate::analyses::answer;
use crate::answer::{Answer, options};
use crate::error::Result;
use crate::long::Watch;
use crate::params::with_params;
use crate::target::Ids;
use crate::threads::Compute;
use crate::to_python::for_people;

/// A test: columns, arms with that of the control first, and outcomes.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct GivenTrial<'py> {
    x: PyReadonlyArray2<'py, f64>,
    arm: Vec<u32>,
    arms: Vec<String>,
    y: Vec<f64>,
    /// For all, or for each customer.
    known: Option<Vec<f64>>,
    each: Option<PyReadonlyArray2<'py, f64>>,
    /// Whether chances are learned.
    estimated: bool,
    customer_ids: Option<Ids>,
}

/// Learned effects.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct FittedUplift {
    fitted: winback::campaign::FittedUplift,
}

#[pymethods]
impl FittedUplift {
    #[staticmethod]
    fn fit(
        py: Python<'_>,
        trial: GivenTrial<'_>,
        estimator: &str,
        params: &Bound<'_, PyDict>,
        options: &Bound<'_, PyDict>,
    ) -> Result<Self> {
        let estimator = with_params(estimator.parse::<Estimator>()?, params)?;
        let how = Uplift::new(estimator, self::options(options)?)?;
        let GivenTrial { x, arm, arms, y, known, each, estimated, customer_ids } = &trial;
        let arms: Vec<&str> = arms.iter().map(String::as_str).collect();
        let (x, each) = (x.as_array(), each.as_ref().map(|each| each.as_array()));
        let watch = Watch::calm(None);
        let fit = |customer_ids: Option<IdSlice<'_>>| {
            let propensity = match (known, &each) {
                (_, Some(each)) => Propensity::Each(each.reborrow()),
                (Some(known), None) => Propensity::Known(known),
                (None, None) if *estimated => Propensity::Estimated,
                (None, None) => Propensity::Shares,
            };
            let trial = Trial { x: x.reborrow(), arm, arms: &arms, y, propensity, customer_ids };
            how.fit_while(&trial, &|| watch.goes_on())
        };
        let fitted = watch.run(py, || match customer_ids {
            Some(ids) => ids.with(|ids| fit(Some(ids))),
            None => fit(None),
        })?;
        Ok(FittedUplift { fitted })
    }

    /// Rows × arms but the control.
    fn predict<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, f64>,
    ) -> Result<Bound<'py, PyArray2<f64>>> {
        let x = x.as_array();
        let found = py.compute(|| self.fitted.predict(x))?;
        matrix(py, found.view())
    }

    /// As `predict`, of the customers of the test by models that have not seen them.
    fn out_of_fold<'py>(&self, py: Python<'py>) -> Result<Option<Bound<'py, PyArray2<f64>>>> {
        self.fitted.out_of_fold().map(|found| matrix(py, found)).transpose()
    }

    /// Outcomes in each arm, the control first.
    fn expected<'py>(&self, py: Python<'py>) -> Result<Option<Bound<'py, PyArray2<f64>>>> {
        self.fitted.expected().map(|found| matrix(py, found)).transpose()
    }

    /// Chances of the arms, the control first, where they were estimated.
    fn propensity<'py>(&self, py: Python<'py>) -> Result<Option<Bound<'py, PyArray2<f64>>>> {
        self.fitted.propensity().map(|found| matrix(py, found)).transpose()
    }

    /// `costs` are of each offer, or one for all.
    fn recommend(&self, py: Python<'_>, margin: f64, costs: Vec<f64>) -> Result<Answer> {
        let offers = self.fitted.arms()[1..].iter().cloned();
        let costs = match costs.as_slice() {
            [one] => Each::All(*one),
            _ => Each::Some(offers.zip(costs).collect()),
        };
        let options = RecommendationOptions::default().margin(margin).costs(costs);
        answer(py, || self.fitted.recommend(&options))
    }

    fn describe(&self) -> String {
        for_people(&self.fitted.to_string())
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.fitted.to_bytes()?))
    }

    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(FittedUplift { fitted: winback::campaign::FittedUplift::from_bytes(bytes)? })
    }
}

fn matrix<'py>(py: Python<'py>, values: ArrayView2<'_, f64>) -> Result<Bound<'py, PyArray2<f64>>> {
    let flat = PyArray1::from_iter(py, values.iter().copied());
    let shaped = flat.reshape([values.nrows(), values.ncols()]);
    Ok(shaped.map_err(|error| Error::Shape(error.to_string()))?)
}
