//! Preprocessing and estimators on NumPy's matrices of numbers.

use numpy::ndarray::{Array1, ArrayView2, Axis};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::PyClass;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyType};
use winback::models::trees;
use winback::models::{self, ColumnKind, ColumnSpec};
use winback::{Boosting, DecisionTree, Error, Estimator, Logistic};

use crate::error::Result;
use crate::long::Watch;
use crate::params::with_params;
use crate::threads::Compute;

/// Rows that are worked on between two looks at signals.
const ROWS: usize = 1 << 16;

/// A column of names, kind (`number`, `skewed`, `category`) and levels.
type Spec = (String, String, Vec<String>);

/// The rows to fit to; y and the weights lie in one piece.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Rows<'py> {
    x: PyReadonlyArray2<'py, f64>,
    y: PyReadonlyArray1<'py, bool>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
}

/// A fitted logistic regression.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct FittedLogistic {
    model: models::FittedLogistic,
}

#[pymethods]
impl FittedLogistic {
    /// From the bytes that a fitted one is pickled as.
    #[new]
    fn new(bytes: &[u8]) -> Result<Self> {
        Ok(FittedLogistic { model: models::FittedLogistic::from_bytes(bytes)? })
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> Result<Reduced<'py>> {
        reduced(slf, &slf.get().model.to_bytes()?)
    }

    #[staticmethod]
    fn fit(py: Python<'_>, params: &Bound<'_, PyDict>, rows: Rows<'_>) -> Result<Self> {
        let estimator = with_params(Estimator::Logistic(Logistic::scikit_learn()), params)?;
        let Estimator::Logistic(logistic) = estimator else { return Err(changed().into()) };
        let (x, y) = (rows.x.as_array(), slice(&rows.y)?);
        let weights = rows.weights.as_ref().map(slice).transpose()?;
        let watch = Watch::default();
        let fit = || logistic.fit_while(x, y, weights, &|| watch.goes_on());
        Ok(FittedLogistic { model: watch.run(py, || fit().map_err(with_its_name_in_python))? })
    }

    fn log_odds<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, f64>,
    ) -> Result<Bound<'py, PyArray1<f64>>> {
        of_rows(py, &x, |x| self.model.log_odds(x))
    }

    fn probabilities<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, f64>,
    ) -> Result<Bound<'py, PyArray1<f64>>> {
        of_rows(py, &x, |x| self.model.probabilities(x))
    }

    fn coefficients<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, self.model.coefficients())
    }

    #[getter]
    fn intercept(&self) -> f64 {
        self.model.intercept()
    }

    /// None where the solver does not tell.
    #[getter]
    fn n_iter(&self) -> Option<usize> {
        self.model.n_iter()
    }
}

/// One tree or many boosted ones.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct TreeEnsemble {
    model: trees::TreeEnsemble,
}

#[pymethods]
impl TreeEnsemble {
    /// From the bytes that a fitted one is pickled as.
    #[new]
    fn new(bytes: &[u8]) -> Result<Self> {
        Ok(TreeEnsemble { model: trees::TreeEnsemble::from_bytes(bytes)? })
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> Result<Reduced<'py>> {
        reduced(slf, &slf.get().model.to_bytes()?)
    }

    /// `categories` are columns and their numbers of levels.
    #[staticmethod]
    fn fit_tree(
        py: Python<'_>,
        params: &Bound<'_, PyDict>,
        rows: Rows<'_>,
        categories: Vec<(usize, usize)>,
    ) -> Result<Self> {
        let estimator = with_params(Estimator::Tree(DecisionTree::default()), params)?;
        let Estimator::Tree(tree) = estimator else { return Err(changed().into()) };
        let (x, y) = (rows.x.as_array(), slice(&rows.y)?);
        let weights = rows.weights.as_ref().map(slice).transpose()?;
        let watch = Watch::default();
        let fit = || tree.fit_while(x, y, weights, &categories, &|| watch.goes_on());
        Ok(TreeEnsemble { model: watch.run(py, fit)? })
    }

    /// As `fit_tree`, with signs of the columns and rows held out; either may be empty.
    #[staticmethod]
    fn fit_boosting(
        py: Python<'_>,
        params: &Bound<'_, PyDict>,
        rows: Rows<'_>,
        categories: Vec<(usize, usize)>,
        monotone_constraints: Vec<i8>,
        held_out: PyReadonlyArray1<'_, bool>,
    ) -> Result<Self> {
        let estimator = with_params(Estimator::Boosting(Boosting::lightgbm()), params)?;
        let Estimator::Boosting(boosting) = estimator else { return Err(changed().into()) };
        let boosting = boosting.monotone_constraints(monotone_constraints);
        let (x, y, held_out) = (rows.x.as_array(), slice(&rows.y)?, slice(&held_out)?);
        let weights = rows.weights.as_ref().map(slice).transpose()?;
        let watch = Watch::default();
        let go_on = || watch.goes_on();
        let fit = || boosting.fit_while(x, y, weights, &categories, held_out, &go_on);
        Ok(TreeEnsemble { model: watch.run(py, fit)? })
    }

    fn log_odds<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, f64>,
    ) -> Result<Bound<'py, PyArray1<f64>>> {
        of_rows(py, &x, |x| self.model.log_odds(x))
    }

    fn probabilities<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, f64>,
    ) -> Result<Bound<'py, PyArray1<f64>>> {
        of_rows(py, &x, |x| self.model.probabilities(x))
    }

    /// What the splits of each column gained.
    fn gains<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_vec(py, self.model.gain_importances())
    }

    #[getter]
    fn tree_count(&self) -> usize {
        self.model.tree_count()
    }
}

/// What was learned of columns.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct FittedPreprocess {
    model: models::FittedPreprocess,
}

#[pymethods]
impl FittedPreprocess {
    /// From the bytes that a fitted one is pickled as.
    #[new]
    fn new(bytes: &[u8]) -> Result<Self> {
        Ok(FittedPreprocess { model: models::FittedPreprocess::from_bytes(bytes)? })
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> Result<Reduced<'py>> {
        reduced(slf, &slf.get().model.to_bytes()?)
    }

    /// `columns` are names, kinds and levels.
    #[staticmethod]
    fn fit(
        py: Python<'_>,
        x: PyReadonlyArray2<'_, f64>,
        columns: Vec<Spec>,
        weights: Option<PyReadonlyArray1<'_, f64>>,
    ) -> Result<Self> {
        let columns: Vec<ColumnSpec> = columns.into_iter().map(spec).collect();
        let weights = weights.as_ref().map(slice).transpose()?;
        let (x, watch) = (x.as_array(), Watch::default());
        let fit = || models::Preprocess::fit_while(x, &columns, weights, &|| watch.goes_on());
        Ok(FittedPreprocess { model: watch.run(py, fit)? })
    }

    fn transform<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, f64>,
    ) -> Result<Bound<'py, PyArray2<f64>>> {
        let (x, width) = (x.as_array(), self.model.n_outputs());
        let mut out = Vec::with_capacity(x.nrows() * width);
        for rows in x.axis_chunks_iter(Axis(0), ROWS) {
            out.extend(py.compute(|| self.model.transform(rows))?);
            py.check_signals()?;
        }
        Ok(PyArray1::from_vec(py, out).reshape([x.nrows(), width])?)
    }

    /// Names of the derived columns and the columns, from 0, that they come from.
    fn names(&self) -> Vec<(String, usize)> {
        let names = self.model.names().into_iter().enumerate();
        names.filter_map(|(i, name)| Some((name, self.model.source(i)?))).collect()
    }
}

/// Names of the features that a linear model takes the logarithm of.
#[pyfunction]
pub(crate) fn skewed_features() -> Vec<&'static str> {
    let features = winback::features::catalogue();
    features.filter(|feature| feature.unit.skewed()).map(|feature| feature.name).collect()
}

type Reduced<'py> = (Bound<'py, PyType>, (Bound<'py, PyBytes>,));

/// How pickle keeps an object: what to call with which bytes.
fn reduced<'py, T: PyClass>(object: &Bound<'py, T>, bytes: &[u8]) -> Result<Reduced<'py>> {
    Ok((object.as_any().get_type(), (PyBytes::new(object.py(), bytes),)))
}

fn of_rows<'py>(
    py: Python<'py>,
    x: &PyReadonlyArray2<'py, f64>,
    of: impl Fn(ArrayView2<'_, f64>) -> winback::Result<Array1<f64>> + Sync,
) -> Result<Bound<'py, PyArray1<f64>>> {
    let x = x.as_array();
    let mut out = Vec::with_capacity(x.nrows());
    for rows in x.axis_chunks_iter(Axis(0), ROWS) {
        out.extend(py.compute(|| of(rows))?);
        py.check_signals()?;
    }
    Ok(PyArray1::from_vec(py, out))
}

fn slice<'a, T: numpy::Element>(array: &'a PyReadonlyArray1<'_, T>) -> Result<&'a [T]> {
    let scattered = |_| Error::Shape("a column that does not lie in one piece".into());
    Ok(array.as_slice().map_err(scattered)?)
}

fn spec((name, kind, levels): Spec) -> ColumnSpec {
    let kind = match kind.as_str() {
        "category" => ColumnKind::Category { levels },
        "skewed" => ColumnKind::Skewed,
        _ => ColumnKind::Number,
    };
    ColumnSpec::new(name, kind)
}

fn with_its_name_in_python(error: Error) -> Error {
    match error {
        Error::Argument { name: "c", got: Some(got), expected, .. } => {
            Error::argument("C", got, expected)
        }
        error => error,
    }
}

fn changed() -> Error {
    Error::Shape("parameters made another estimator of it".into())
}
