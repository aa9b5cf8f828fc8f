//! An estimator at work: on which columns, and up to when.

use ndarray::ArrayView2;

use super::estimator::Estimator;
use super::fitted::FittedEstimator;
use super::recipe::Recipe;
use crate::error::Result;
use crate::models::preprocess::Preprocess;
use crate::models::trees::{Boosting, TreeEnsemble};
use crate::progress::Stop;

/// What learns, from which columns, and until when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Learner<'a> {
    pub(crate) estimator: &'a Estimator,
    pub(crate) recipe: &'a Recipe,
    pub(crate) stop: Stop<'a>,
}

impl Learner<'_> {
    pub(crate) fn fit(
        &self,
        x: ArrayView2<'_, f64>,
        purchased: &[bool],
    ) -> Result<FittedEstimator> {
        let go_on = || !self.stop.asked();
        let categories = self.recipe.categories();
        Ok(match self.estimator {
            Estimator::Logistic(logistic) => {
                let preprocess = Preprocess::fit(x, &self.recipe.specs()?, None)?;
                let derived = preprocess.transform(x)?;
                let logistic = logistic
                    .fit_while(derived.view(), purchased, None, &go_on)?
                    .with_names(preprocess.names())?;
                FittedEstimator::Logistic { preprocess, logistic }
            }
            Estimator::Tree(tree) => {
                FittedEstimator::Tree(tree.fit_while(x, purchased, None, &categories, &go_on)?)
            }
            Estimator::Boosting(boosting) => FittedEstimator::Boosting {
                trees: self.boosted(boosting, x, purchased)?,
                chosen: false,
            },
        })
    }

    pub(crate) fn boosted(
        &self,
        boosting: &Boosting,
        x: ArrayView2<'_, f64>,
        purchased: &[bool],
    ) -> Result<TreeEnsemble> {
        let (categories, go_on) = (self.recipe.categories(), || !self.stop.asked());
        boosting.fit_while(x, purchased, None, &categories, &[], &go_on)
    }
}
