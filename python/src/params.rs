//! Parameters of estimators between Python and the core.

use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use winback::{Error, Estimator};

use crate::error::{BindingError, Result};
use crate::values::to_python;

/// The deepest that boosted trees may be, which stands for LightGBM's "no limit", -1.
const NO_LIMIT: usize = 64;

/// The name of LightGBM's parameters.
const LIGHTGBM: &str = "lightgbm";

/// The parameters of an estimator, as a constructor takes them: a name of them all, or a dict of those
/// that differ from the defaults.
pub(crate) fn params_of<'py>(py: Python<'py>, estimator: &Estimator) -> Result<Bound<'py, PyAny>> {
    let default: Estimator = estimator.name().parse()?;
    if let Ok(named) = default.with_params(LIGHTGBM)
        && named == *estimator
    {
        return Ok(LIGHTGBM.into_pyobject(py).map_err(PyErr::from)?.into_any());
    }
    let dict = |estimator: &Estimator| -> Result<Bound<'py, PyDict>> {
        let tagged = to_python(py, estimator)?;
        Ok(tagged.get_item(estimator.name())?.cast_into::<PyDict>().map_err(PyErr::from)?)
    };
    let (all, default) = (dict(estimator)?, dict(&default)?);
    let changed = PyDict::new(py);
    for (name, value) in &all {
        if default.get_item(&name)?.is_none_or(|default| !default.eq(&value).unwrap_or(false)) {
            // JSON has no infinity; the core writes null for it.
            let infinite = f64::INFINITY.into_pyobject(py).map_err(PyErr::from)?.into_any();
            changed.set_item(name, if value.is_none() { infinite } else { value })?;
        }
    }
    Ok(changed.into_any())
}

/// The estimator with the parameters of a dict; fitting checks their ranges.
pub(crate) fn with_params(estimator: Estimator, params: &Bound<'_, PyDict>) -> Result<Estimator> {
    use Estimator::{Average, Boosting, Logistic, Tree};
    let mut estimator = estimator;
    if let Average(average) = estimator {
        return of_average(average, params);
    }
    for (name, value) in params {
        let name: String = argument("a name", &name, name.extract())?;
        macro_rules! set {
            ($kind:ident, $params:ident, $setter:ident) => {
                $kind($params.$setter(argument(&name, &value, value.extract())?))
            };
        }
        estimator = match (estimator, name.as_str()) {
            (Logistic(e), "c") => set!(Logistic, e, c),
            (Logistic(e), "fit_intercept") => set!(Logistic, e, fit_intercept),
            (Logistic(e), "solver") => {
                let solver: String = argument(&name, &value, value.extract())?;
                Logistic(e.solver(solver.parse()?))
            }
            (Logistic(e), "tol") => set!(Logistic, e, tol),
            (Logistic(e), "max_iter") => set!(Logistic, e, max_iter),
            (Tree(e), "max_depth") => set!(Tree, e, max_depth),
            (Tree(e), "min_child_samples") => set!(Tree, e, min_child_samples),
            (Tree(e), "min_gain") => set!(Tree, e, min_gain),
            (Tree(e), "max_bin") => set!(Tree, e, max_bin),
            (Tree(e), "smoothing") => set!(Tree, e, smoothing),
            (Boosting(e), "n_estimators") => set!(Boosting, e, n_estimators),
            (Boosting(e), "learning_rate") => set!(Boosting, e, learning_rate),
            (Boosting(e), "num_leaves") => set!(Boosting, e, num_leaves),
            (Boosting(e), "max_depth") if matches!(value.extract::<i64>(), Ok(-1)) => {
                Boosting(e.max_depth(NO_LIMIT))
            }
            (Boosting(e), "max_depth") => set!(Boosting, e, max_depth),
            (Boosting(e), "min_child_samples") => set!(Boosting, e, min_child_samples),
            (Boosting(e), "min_child_weight") => set!(Boosting, e, min_child_weight),
            (Boosting(e), "min_split_gain") => set!(Boosting, e, min_split_gain),
            (Boosting(e), "lambda_l2") => set!(Boosting, e, lambda_l2),
            (Boosting(e), "max_bin") => set!(Boosting, e, max_bin),
            (Boosting(e), "subsample") => set!(Boosting, e, subsample),
            (Boosting(e), "colsample_bytree") => set!(Boosting, e, colsample_bytree),
            (Boosting(e), "early_stopping_rounds") => set!(Boosting, e, early_stopping_rounds),
            (Boosting(e), "seed") => set!(Boosting, e, seed),
            (estimator, _) => return Err(unknown(&name, &estimator).into()),
        };
    }
    Ok(estimator)
}

/// The average with the parameters of a dict, each of which either its regressions or its trees have.
fn of_average(average: winback::churn::Average, params: &Bound<'_, PyDict>) -> Result<Estimator> {
    let whole = Estimator::from(average.clone());
    let winback::churn::Average { logistic, boosting } = average;
    let (logistic, boosting) = (Estimator::from(logistic), Estimator::from(boosting));
    let of_logistic = PyDict::new(params.py());
    let others = PyDict::new(params.py());
    let (names, all) = (logistic.params(), whole.params());
    for (name, value) in params {
        match name.extract::<String>() {
            Ok(name) if !all.contains(&name) => return Err(unknown(&name, &whole).into()),
            Ok(own) if names.contains(&own) => of_logistic.set_item(name, value)?,
            _ => others.set_item(name, value)?,
        }
    }
    let logistic = with_params(logistic, &of_logistic)?;
    match (logistic, with_params(boosting, &others)?) {
        (Estimator::Logistic(logistic), Estimator::Boosting(boosting)) => {
            Ok(winback::churn::Average { logistic, boosting }.into())
        }
        (other, _) => Ok(other),
    }
}

fn unknown(name: &str, estimator: &Estimator) -> Error {
    let expected = match estimator.with_param(name, "") {
        Err(Error::Argument { expected, .. }) => expected,
        _ => "a parameter of the estimator".to_owned(),
    };
    Error::text_argument("params", name, expected)
}

/// An error of a wrong type names the parameter; a number that does not fit is a wrong value.
fn argument<T>(name: &str, value: &Bound<'_, PyAny>, extracted: PyResult<T>) -> PyResult<T> {
    let py = value.py();
    extracted.map_err(|error| {
        if error.is_instance_of::<PyOverflowError>(py) {
            let expected = "a number of 0 or more, in 64 bits";
            BindingError::from(Error::argument("params", format!("{name} = {value}"), expected))
                .into()
        } else {
            PyTypeError::new_err(format!("params: {name}: {}", error.value(py)))
        }
    })
}
