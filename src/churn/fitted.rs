//! What an estimator has learned.
//!
//! Rows are explained against backgrounds, by number: trees against the rows of theirs, a regression, whose
//! contributions are linear, always against its mean row, from which those who ask go on.

use ndarray::{Array1, Array2, ArrayView2};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::models::logistic::FittedLogistic;
use crate::models::preprocess::FittedPreprocess;
use crate::models::trees::TreeEnsemble;

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FittedEstimator {
    Logistic {
        preprocess: FittedPreprocess,
        logistic: FittedLogistic,
    },
    Tree(TreeEnsemble),
    /// `chosen`: the number of trees was chosen at the latest cutoff.
    Boosting {
        trees: TreeEnsemble,
        chosen: bool,
    },
    /// The log-odds that a column holds, one of so many; those of even chances where it is missing.
    Column {
        column: usize,
        columns: usize,
    },
}

fn known_or_even(log_odds: f64) -> f64 {
    if log_odds.is_nan() { 0.0 } else { log_odds }
}

impl FittedEstimator {
    /// The log-odds of a purchase for one row; `buffer` is kept from row to row.
    pub(crate) fn log_odds(&self, row: &[f64], buffer: &mut Vec<f64>) -> Result<f64> {
        match self {
            FittedEstimator::Logistic { preprocess, logistic } => {
                preprocess.derive_row(row, buffer)?;
                logistic.log_odds_row(buffer)
            }
            FittedEstimator::Tree(trees) | FittedEstimator::Boosting { trees, .. } => {
                trees.log_odds_row(row)
            }
            FittedEstimator::Column { column, .. } => Ok(known_or_even(row[*column])),
        }
    }

    /// The same of many rows, each to the bit; an error where one of them is unusable.
    pub(crate) fn log_odds_of(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        match self {
            FittedEstimator::Logistic { .. } => {
                let mut buffer = Vec::new();
                x.rows().into_iter().map(|row| self.log_odds(&row.to_vec(), &mut buffer)).collect()
            }
            FittedEstimator::Tree(trees) | FittedEstimator::Boosting { trees, .. } => {
                trees.log_odds(x)
            }
            FittedEstimator::Column { column, .. } => Ok(x.column(*column).mapv(known_or_even)),
        }
    }

    /// The mean log-odds of a purchase of a background.
    pub(crate) fn base(&self, background: usize) -> Result<f64> {
        match self {
            FittedEstimator::Logistic { logistic, .. } => Ok(logistic.base()),
            FittedEstimator::Tree(trees) | FittedEstimator::Boosting { trees, .. } => {
                trees.interventional_base(background)
            }
            FittedEstimator::Column { .. } => Ok(0.0),
        }
    }

    /// How many backgrounds it has; none if it needs none.
    pub(crate) fn background_count(&self) -> Option<usize> {
        match self {
            FittedEstimator::Logistic { .. } | FittedEstimator::Column { .. } => None,
            FittedEstimator::Tree(trees) | FittedEstimator::Boosting { trees, .. } => {
                Some(trees.background_count())
            }
        }
    }

    /// What each column adds to the log-odds of a purchase, against a background.
    pub(crate) fn contributions(&self, background: usize, row: &[f64]) -> Result<Vec<f64>> {
        let mut out = vec![0.0; row.len()];
        match self {
            FittedEstimator::Logistic { preprocess, logistic } => {
                let mut derived = Vec::with_capacity(preprocess.n_outputs());
                preprocess.derive_row(row, &mut derived)?;
                let mut parts = vec![0.0; derived.len()];
                logistic.contributions_row(&derived, logistic.means(), &mut parts)?;
                for (source, part) in preprocess.sources().zip(parts) {
                    out[source] += part;
                }
            }
            FittedEstimator::Tree(trees) | FittedEstimator::Boosting { trees, .. } => {
                trees.interventional_contributions_row(background, row, &mut out)?;
            }
            FittedEstimator::Column { column, .. } => out[*column] = known_or_even(row[*column]),
        }
        Ok(out)
    }

    /// The same of many rows, on all threads.
    pub(crate) fn contributions_of(
        &self,
        background: usize,
        x: ArrayView2<'_, f64>,
    ) -> Result<Array2<f64>> {
        match self {
            FittedEstimator::Column { column, .. } => {
                let mut out = Array2::zeros(x.raw_dim());
                out.column_mut(*column).assign(&x.column(*column).mapv(known_or_even));
                Ok(out)
            }
            FittedEstimator::Logistic { .. } => {
                let rows: Vec<Vec<f64>> = (0..x.nrows())
                    .into_par_iter()
                    .with_min_len(256)
                    .map(|row| self.contributions(background, &x.row(row).to_vec()))
                    .collect::<Result<_>>()?;
                let all = rows.into_iter().flatten().collect();
                let made = Array2::from_shape_vec((x.nrows(), x.ncols()), all);
                made.map_err(|error| Error::Shape(error.to_string()))
            }
            FittedEstimator::Tree(trees) | FittedEstimator::Boosting { trees, .. } => {
                trees.interventional_contributions(background, x)
            }
        }
    }

    /// How many columns it reads; an error for parts that do not fit together, as of a damaged file.
    pub(crate) fn checked_columns(&self) -> Result<usize> {
        match self {
            FittedEstimator::Logistic { preprocess, logistic } => {
                if preprocess.n_outputs() != logistic.coefficients().len() {
                    return Err(Error::model_file("coefficients and columns differ"));
                }
                Ok(preprocess.n_inputs())
            }
            FittedEstimator::Tree(trees) | FittedEstimator::Boosting { trees, .. } => {
                Ok(trees.columns())
            }
            FittedEstimator::Column { column, columns } if column < columns => Ok(*columns),
            FittedEstimator::Column { .. } => Err(Error::model_file("it reads no such column")),
        }
    }
}
