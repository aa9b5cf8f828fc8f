//! Unpenalised logit on the IBM Telco table against statsmodels.

use approx::assert_relative_eq;
use ndarray::{Array2, Axis};
use winback::models::Logistic;

use crate::common;

/// statsmodels 0.15, Logit(churn, [1, tenure, monthly charges]): params, bse, llf.
const PARAMS: [f64; 3] = [-1.802436121511699, -0.05484970792654093, 0.032953891664319425];
const ERRORS: [f64; 3] = [0.0865577, 0.0016890, 0.0012988];
const LOG_LIKELIHOOD: f64 = -3197.175126307682;

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn telco_logit_matches_statsmodels() {
    let table = common::parquet("telco_ibm/telco_basic.parquet");
    let churn = common::texts(&table, "churn");
    let y: Vec<bool> = churn.iter().map(|churn| churn == "Yes").collect();
    let tenure = common::numbers(&table, "tenure");
    let charges = common::numbers(&table, "monthly_charges");
    assert_eq!(y.len(), 7043);

    let x = Array2::from_shape_vec((2, y.len()), [tenure, charges].concat()).unwrap();
    let x = x.reversed_axes();
    let fitted = Logistic::default().c(f64::INFINITY).fit_weighted(x.view(), &y, None).unwrap();
    let params = [fitted.intercept(), fitted.coefficients()[0], fitted.coefficients()[1]];
    let errors = [
        fitted.intercept_standard_error().unwrap(),
        fitted.standard_errors()[0].unwrap(),
        fitted.standard_errors()[1].unwrap(),
    ];
    for i in 0..3 {
        assert_relative_eq!(params[i], PARAMS[i], max_relative = 1e-9);
        // The reference has five digits.
        assert_relative_eq!(errors[i], ERRORS[i], max_relative = 5e-5);
    }
    assert_relative_eq!(fitted.log_likelihood(), LOG_LIKELIHOOD, max_relative = 1e-11);
    // The fitted probabilities of an unpenalised logit sum to the number of churners.
    let sum: f64 = fitted.probabilities(x.view()).unwrap().sum_axis(Axis(0)).into_scalar();
    assert_relative_eq!(sum, y.iter().filter(|y| **y).count() as f64, max_relative = 1e-9);
}
