//! The table of coefficients.

use std::fmt;

use super::fitted::FittedLogistic;
use crate::stats::Z95;

/// Coefficients of a fitted logistic regression, to read or to print.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// The intercept, if it has a standard error or is not 0, then one row per column.
    pub rows: Vec<SummaryRow>,
    /// Weighted log-likelihood of the training rows.
    pub log_likelihood: f64,
}

/// One line of [`Summary`].
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct SummaryRow {
    /// Column, or `(intercept)`.
    pub name: String,
    /// Change of the log-odds per unit.
    pub coefficient: f64,
    /// See [`FittedLogistic::standard_errors`].
    pub standard_error: Option<f64>,
    /// exp(coefficient); for the intercept the odds of a row of zeros.
    pub odds_ratio: f64,
    /// 95 % interval of the odds ratio, exp(coefficient ± 1.96 standard errors).
    pub interval: Option<(f64, f64)>,
}

impl FittedLogistic {
    /// Coefficients, standard errors and odds ratios as a table to print.
    pub fn summary(&self) -> Summary {
        Summary::new(self)
    }
}

impl Summary {
    fn new(fitted: &FittedLogistic) -> Self {
        let row = |name: &str, coefficient: f64, standard_error: Option<f64>| SummaryRow {
            name: name.to_owned(),
            coefficient,
            standard_error,
            odds_ratio: coefficient.exp(),
            interval: standard_error
                .map(|se| ((coefficient - Z95 * se).exp(), (coefficient + Z95 * se).exp())),
        };
        let intercept_error = fitted.intercept_standard_error();
        let intercept = (intercept_error.is_some() || fitted.intercept() != 0.0)
            .then(|| row("(intercept)", fitted.intercept(), intercept_error));
        let columns = (fitted.names().iter().zip(fitted.coefficients()))
            .zip(fitted.standard_errors())
            .map(|((name, w), se)| row(name, *w, *se));
        Self {
            rows: intercept.into_iter().chain(columns).collect(),
            log_likelihood: fitted.log_likelihood(),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.rows.iter().map(|row| row.name.chars().count());
        let width = names.max().unwrap_or(0).max("column".len());
        writeln!(
            f,
            "{:width$} {:>12} {:>11} {:>11}  95 % interval",
            "column", "coefficient", "std. error", "odds ratio"
        )?;
        for row in &self.rows {
            let error = row.standard_error.map_or("-".into(), short);
            let interval = row
                .interval
                .map_or("-".into(), |(low, high)| format!("{} to {}", short(low), short(high)));
            writeln!(
                f,
                "{:width$} {:>12} {error:>11} {:>11}  {interval}",
                row.name,
                short(row.coefficient),
                short(row.odds_ratio)
            )?;
        }
        write!(f, "log-likelihood {:.4}", self.log_likelihood)
    }
}

/// About five digits, without a row of zeros before or behind them.
fn short(value: f64) -> String {
    if value == 0.0 || (1e-3..1e5).contains(&value.abs()) {
        // Zero has no sign.
        format!("{:.4}", value + 0.0)
    } else {
        format!("{value:.3e}")
    }
}
