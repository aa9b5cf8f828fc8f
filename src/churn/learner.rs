//! An estimator at work: on which columns, and up to when.

use super::estimator::Estimator;
use super::fitted::FittedEstimator;
use super::training_rows::TrainingRows;
use crate::error::{Error, Result};
use crate::models::preprocess::{ColumnSpec, Preprocess};
use crate::models::trees::{Boosting, TreeEnsemble};
use crate::progress::Stop;

/// The columns that an estimator reads.
#[derive(Debug, Clone)]
pub(crate) struct Inputs {
    /// How each enters a linear model.
    pub(crate) specs: Vec<ColumnSpec>,
    /// Those that hold categories to trees, with their number of levels.
    pub(crate) categories: Vec<(usize, usize)>,
}

/// What learns, from which columns, and until when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Learner<'a> {
    pub(crate) estimator: &'a Estimator,
    pub(crate) inputs: &'a Inputs,
    /// How much what it learns counts in a mean.
    pub(crate) weight: f64,
    pub(crate) stop: Stop<'a>,
}

impl Learner<'_> {
    pub(crate) fn fit(&self, rows: &TrainingRows) -> Result<FittedEstimator> {
        let go_on = || !self.stop.asked();
        let TrainingRows { x, purchased, .. } = rows;
        let (x, weights) = (x.view(), rows.weights.as_deref());
        Ok(match self.estimator {
            Estimator::Logistic(logistic) => {
                let preprocess = Preprocess::fit(x, &self.inputs.specs, None)?;
                let derived = preprocess.transform(x)?;
                let logistic = logistic
                    .fit_while(derived.view(), purchased, weights, &go_on)?
                    .with_names(preprocess.names())?;
                FittedEstimator::Logistic { preprocess, logistic }
            }
            Estimator::Tree(tree) => {
                let categories = &self.inputs.categories;
                FittedEstimator::Tree(tree.fit_while(x, purchased, weights, categories, &go_on)?)
            }
            Estimator::Boosting(boosting) => {
                FittedEstimator::Boosting { trees: self.boosted(boosting, rows)?, chosen: false }
            }
            Estimator::Average(_) => {
                return Err(Error::Shape("an average learns by its members".into()));
            }
        })
    }

    pub(crate) fn boosted(&self, boosting: &Boosting, rows: &TrainingRows) -> Result<TreeEnsemble> {
        let (categories, go_on) = (&self.inputs.categories, || !self.stop.asked());
        let TrainingRows { x, purchased, .. } = rows;
        let weights = rows.weights.as_deref();
        boosting.fit_while(x.view(), purchased, weights, categories, &[], &go_on)
    }
}
