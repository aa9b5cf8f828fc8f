//! The mean of an outcome given the columns, by the estimator that was asked for.

use ndarray::{Array2, ArrayView2, Axis, concatenate};
use serde::{Deserialize, Serialize};

use super::options::EXPECTED;
use crate::churn::{Average, Estimator};
use crate::error::{Error, Result};
use crate::models::linear::FittedLinear;
use crate::models::logistic::FittedLogistic;
use crate::models::trees::{Boosting, TreeEnsemble};
use crate::progress::Stop;

/// A fitted regression of a yes or no, or of an amount.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Regression {
    Logistic {
        scale: Scale,
        model: FittedLogistic,
    },
    Linear {
        scale: Scale,
        model: FittedLinear,
    },
    Trees {
        model: TreeEnsemble,
    },
    /// Trees that give where an amount lies between the lowest and the highest.
    Between {
        low: f64,
        high: f64,
        model: TreeEnsemble,
    },
    /// The mean of several.
    Mean {
        models: Vec<Regression>,
    },
}

/// What columns are centred and divided by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Scale {
    centre: Vec<f64>,
    unit: Vec<f64>,
}

impl Scale {
    fn of(x: ArrayView2<'_, f64>) -> Self {
        let n = x.nrows() as f64;
        let centre: Vec<f64> = x.columns().into_iter().map(|column| column.sum() / n).collect();
        let deviation = |(column, centre): (ndarray::ArrayView1<'_, f64>, &f64)| {
            let squares: f64 = column.iter().map(|value| (value - centre).powi(2)).sum();
            let deviation = (squares / n).sqrt();
            // What does not vary is left at 0.
            if deviation > 1e-12 * centre.abs() { deviation } else { 1.0 }
        };
        let unit = x.columns().into_iter().zip(&centre).map(deviation).collect();
        Scale { centre, unit }
    }

    fn apply(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        Array2::from_shape_fn(x.dim(), |(i, j)| (x[[i, j]] - self.centre[j]) / self.unit[j])
    }
}

impl Regression {
    /// Of a yes or no, with weights where given.
    pub(super) fn of_yes(
        estimator: &Estimator,
        x: ArrayView2<'_, f64>,
        y: &[bool],
        weights: Option<&[f64]>,
        stop: Stop<'_>,
    ) -> Result<Self> {
        let go_on = || !stop.asked();
        match estimator {
            Estimator::Logistic(logistic) => {
                let scale = Scale::of(x);
                let model = logistic.fit_while(scale.apply(x).view(), y, weights, &go_on)?;
                Ok(Regression::Logistic { scale, model })
            }
            Estimator::Boosting(boosting) => {
                let model = boosting.fit_while(x, y, weights, &[], &[], &go_on)?;
                Ok(Regression::Trees { model })
            }
            Estimator::Average(average) => {
                let own = |one: &Estimator| Self::of_yes(one, x, y, weights, stop);
                mean_of_both(average, own)
            }
            other => Err(unknown(other)),
        }
    }

    /// Of an amount.
    pub(super) fn of_amount(
        estimator: &Estimator,
        x: ArrayView2<'_, f64>,
        y: &[f64],
        stop: Stop<'_>,
    ) -> Result<Self> {
        match estimator {
            Estimator::Logistic(logistic) => Self::linear(x, y, logistic.c),
            Estimator::Boosting(boosting) => {
                let low = y.iter().copied().fold(f64::INFINITY, f64::min);
                let high = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                Self::between(boosting, x, y, (low, high), stop)
            }
            Estimator::Average(average) => {
                mean_of_both(average, |one| Self::of_amount(one, x, y, stop))
            }
            other => Err(unknown(other)),
        }
    }

    fn linear(x: ArrayView2<'_, f64>, y: &[f64], c: f64) -> Result<Self> {
        let scale = Scale::of(x);
        let model = FittedLinear::fit(scale.apply(x).view(), y, c)?;
        Ok(Regression::Linear { scale, model })
    }

    /// The share (y − low) / (high − low) as a chance, as a fractional logit does (Papke and
    /// Wooldridge 1996): each row is a yes of this weight and a no of the rest. Weights are divided by
    /// the dispersion, so that what a split gains is measured in the amounts' own variance.
    fn between(
        boosting: &Boosting,
        x: ArrayView2<'_, f64>,
        y: &[f64],
        (low, high): (f64, f64),
        stop: Stop<'_>,
    ) -> Result<Self> {
        let n = y.len();
        let shares: Vec<f64> = y.iter().map(|y| (y - low) / (high - low)).collect();
        let mean = shares.iter().sum::<f64>() / n as f64;
        let variance = shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / n as f64;
        // Nothing varies: no column can tell anything. Trees need two outcomes; a line does not.
        if variance.is_nan() || variance <= 0.0 {
            let flat = Array2::zeros(x.dim());
            return Self::linear(flat.view(), y, f64::INFINITY);
        }
        let precision = mean * (1.0 - mean) / variance;
        let doubled = concatenate(Axis(0), &[x, x])
            .map_err(|error| Error::Shape(format!("the rows cannot be doubled: {error}")))?;
        let is_yes: Vec<bool> = (0..2 * n).map(|row| row < n).collect();
        let yes = shares.iter().map(|share| precision * share);
        let no = shares.iter().map(|share| precision * (1.0 - share));
        let weights: Vec<f64> = yes.chain(no).collect();
        let go_on = || !stop.asked();
        let model =
            boosting.fit_while(doubled.view(), &is_yes, Some(&weights), &[], &[], &go_on)?;
        Ok(Regression::Between { low, high, model })
    }

    /// The mean of each row.
    pub(super) fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Vec<f64>> {
        Ok(match self {
            Regression::Logistic { scale, model } => {
                model.probabilities(scale.apply(x).view())?.to_vec()
            }
            Regression::Linear { scale, model } => model.predict(scale.apply(x).view()),
            Regression::Trees { model } => model.probabilities(x)?.to_vec(),
            Regression::Between { low, high, model } => {
                model.probabilities(x)?.iter().map(|p| low + (high - low) * p).collect()
            }
            Regression::Mean { models } => {
                let mut sums = vec![0.0; x.nrows()];
                for model in models {
                    let own = model.predict(x)?;
                    sums.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
                }
                sums.into_iter().map(|sum| sum / models.len() as f64).collect()
            }
        })
    }

    /// Whether it is one that a fit can give, for so many columns.
    pub(super) fn is_sound(&self, columns: usize) -> bool {
        let fits = |scale: &Scale, width: usize| {
            let ends = [&scale.centre, &scale.unit];
            width == columns
                && ends.iter().all(|each| each.len() == columns)
                && ends.iter().all(|each| each.iter().all(|value| value.is_finite()))
        };
        match self {
            Regression::Logistic { scale, model } => fits(scale, model.coefficients().len()),
            Regression::Linear { scale, model } => fits(scale, model.width()) && model.is_finite(),
            Regression::Trees { model } => model.columns() == columns,
            Regression::Between { low, high, model } => {
                model.columns() == columns && low.is_finite() && high.is_finite()
            }
            Regression::Mean { models } => {
                !models.is_empty() && models.iter().all(|model| model.is_sound(columns))
            }
        }
    }
}

/// The regressions whose mean an average is.
fn mean_of_both(
    Average { logistic, boosting }: &Average,
    fit: impl Fn(&Estimator) -> Result<Regression>,
) -> Result<Regression> {
    let both = [Estimator::Logistic(logistic.clone()), Estimator::Boosting(boosting.clone())];
    Ok(Regression::Mean { models: both.iter().map(fit).collect::<Result<_>>()? })
}

fn unknown(estimator: &Estimator) -> Error {
    Error::text_argument("estimator", estimator.name(), EXPECTED)
}
