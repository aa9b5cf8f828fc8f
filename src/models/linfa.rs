//! Fitting and predicting by the traits of linfa.

use linfa::DatasetBase;
use linfa::dataset::{AsSingleTargets, Records};
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, ArrayBase, Data, Ix2};

use super::logistic::{FittedLogistic, Logistic};
use super::trees::{Boosting, DecisionTree, TreeEnsemble};
use crate::error::{Error, Result};

impl From<linfa::Error> for Error {
    fn from(error: linfa::Error) -> Self {
        Error::Linfa(error.into())
    }
}

impl<D, T> Fit<ArrayBase<D, Ix2>, T, Error> for Logistic
where
    D: Data<Elem = f64>,
    T: AsSingleTargets<Elem = bool>,
{
    type Object = FittedLogistic;

    /// [`Logistic::fit_weighted`] with the weights and the feature names of the dataset.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<FittedLogistic> {
        let labels = dataset.targets().as_single_targets().to_vec();
        let weights: Option<Vec<f64>> =
            dataset.weights().map(|w| w.iter().map(|&v| f64::from(v)).collect());
        let fitted = self.fit_weighted(dataset.records().view(), &labels, weights.as_deref())?;
        match dataset.feature_names() {
            [] => Ok(fitted),
            names => fitted.with_names(names.to_vec()),
        }
    }
}

/// linfa's way to predict classes: yes where the probability is at least 0.5.
///
/// # Panics
/// linfa's trait has no way to return an error: as with linfa's own models, a wrong number of
/// columns panics, and here so does a value that is NaN or infinite. If a table may be unsound, use
/// [`FittedLogistic::probabilities`], which returns an error.
impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<bool>> for FittedLogistic {
    fn predict_inplace(&self, x: &ArrayBase<D, Ix2>, y: &mut Array1<bool>) {
        assert_eq!(x.nrows(), y.len(), "rows and targets differ in number");
        match self.probabilities(x.view()) {
            Ok(probabilities) => y.zip_mut_with(&probabilities, |y, p| *y = *p >= 0.5),
            Err(error) => panic!("{error}"),
        }
    }

    fn default_target(&self, x: &ArrayBase<D, Ix2>) -> Array1<bool> {
        Array1::from_elem(x.nrows(), false)
    }
}

/// Fits to a linfa dataset, with its weights; every column is a number.
///
/// ```
/// use linfa::Dataset;
/// use linfa::traits::{Fit, Predict};
/// use ndarray::array;
/// use winback::models::trees::DecisionTree;
///
/// let data = Dataset::new(array![[1.0], [2.0], [9.0], [9.5]], array![false, false, true, true]);
/// let tree = DecisionTree::default().min_child_samples(1).min_gain(0.0).fit(&data)?;
/// assert_eq!(tree.predict(&data), array![false, false, true, true]);
/// # Ok::<(), winback::Error>(())
/// ```
impl<D, T> Fit<ArrayBase<D, Ix2>, T, Error> for DecisionTree
where
    D: Data<Elem = f64>,
    T: AsSingleTargets<Elem = bool>,
{
    type Object = TreeEnsemble;

    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<TreeEnsemble> {
        let (y, weights) = outcomes_and_weights(dataset);
        self.fit_weighted(dataset.records.view(), &y, weights.as_deref(), &[])
    }
}

/// Fits to a linfa dataset, with its weights; every column is a number.
///
/// ```
/// use linfa::Dataset;
/// use linfa::traits::{Fit, Predict};
/// use ndarray::array;
/// use winback::models::trees::Boosting;
///
/// let data = Dataset::new(array![[1.0], [2.0], [9.0], [9.5]], array![false, false, true, true]);
/// let model = Boosting::lightgbm().min_child_samples(1).fit(&data)?;
/// assert_eq!(model.predict(&data), array![false, false, true, true]);
/// # Ok::<(), winback::Error>(())
/// ```
impl<D, T> Fit<ArrayBase<D, Ix2>, T, Error> for Boosting
where
    D: Data<Elem = f64>,
    T: AsSingleTargets<Elem = bool>,
{
    type Object = TreeEnsemble;

    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<TreeEnsemble> {
        let (y, weights) = outcomes_and_weights(dataset);
        self.fit_weighted(dataset.records.view(), &y, weights.as_deref(), &[])
    }
}

/// Predicts `true` where the probability is at least one half.
///
/// # Panics
/// If the number of columns is wrong or a value is infinite, because linfa's trait cannot return an
/// error; [`TreeEnsemble::probabilities`] does.
impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<bool>> for TreeEnsemble {
    fn predict_inplace<'a>(&'a self, x: &'a ArrayBase<D, Ix2>, y: &mut Array1<bool>) {
        match self.probabilities(x.view()) {
            Ok(probabilities) => *y = probabilities.mapv(|p| p >= 0.5),
            Err(error) => panic!("{error}"),
        }
    }

    fn default_target(&self, x: &ArrayBase<D, Ix2>) -> Array1<bool> {
        Array1::from_elem(x.nrows(), false)
    }
}

/// The outcomes of a linfa dataset and its weights, if it has any.
fn outcomes_and_weights<R: Records, T: AsSingleTargets<Elem = bool>>(
    dataset: &DatasetBase<R, T>,
) -> (Vec<bool>, Option<Vec<f64>>) {
    let y = dataset.targets.as_single_targets().iter().copied().collect();
    let weights = dataset.weights.iter().copied().map(f64::from).collect();
    (y, (!dataset.weights.is_empty()).then_some(weights))
}
