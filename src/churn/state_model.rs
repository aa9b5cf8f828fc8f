//! A model of customers of one kind: the chance that one purchases in the outcome window.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::calibration::{CalibrationChoice, StateCalibration};
use super::early::{Early, RowTime};
use super::learner::Learner;
use super::recipe::Recipe;
use crate::error::{Error, Result};
use crate::labels::State;
use crate::models::logistic::{FittedLogistic, Logistic};
use crate::models::preprocess::FittedPreprocess;
use crate::models::trees::{Boosting, DecisionTree, MAX_DEPTH, TreeEnsemble};

/// Fewer training rows of either outcome than this are too few to fit a model.
pub const MIN_OUTCOMES: usize = 30;

/// Which model learns from the training table.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Estimator {
    /// Logistic regression on preprocessed columns: log1p, median and missing flag, standardised,
    /// one-hot.
    Logistic(Logistic),
    /// One decision tree on the columns as they are.
    Tree(DecisionTree),
    /// Boosted trees on the columns as they are.
    ///
    /// Unless `early_stopping_rounds` is 0, the number of trees is first chosen: trees are grown from
    /// the cutoffs whose outcome windows end before the latest cutoff, and their number is that with
    /// the lowest log loss at the latest cutoff. Then so many trees are grown from all cutoffs. Where
    /// either part has fewer than [`MIN_OUTCOMES`] rows of an outcome, `n_estimators` are grown.
    Boosting(Boosting),
}

impl Default for Estimator {
    fn default() -> Self {
        Estimator::Logistic(Logistic::default())
    }
}

impl Estimator {
    /// `logistic`, `tree` or `boosting`.
    pub const fn name(&self) -> &'static str {
        match self {
            Estimator::Logistic(_) => "logistic",
            Estimator::Tree(_) => "tree",
            Estimator::Boosting(_) => "boosting",
        }
    }
}

impl Estimator {
    /// The estimator with all its parameters replaced by a set that has a name: `lightgbm`, those of
    /// [`Boosting::lightgbm`].
    ///
    /// # Errors
    /// [`Error::Parameter`] for a name that it does not have.
    ///
    /// ```
    /// use winback::{Estimator, models::trees::Boosting};
    /// let boosting: Estimator = "boosting".parse()?;
    /// assert_eq!(boosting.with_params("lightgbm")?, Estimator::Boosting(Boosting::lightgbm()));
    /// assert!(Estimator::default().with_params("lightgbm").is_err());
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn with_params(&self, name: &str) -> Result<Self> {
        match (self, name) {
            (Estimator::Boosting(_), "lightgbm") => Ok(Estimator::Boosting(Boosting::lightgbm())),
            (Estimator::Boosting(_), _) => {
                Err(Error::parameter("params", format!("\"{name}\""), "\"lightgbm\""))
            }
            _ => {
                let allowed = "a name only of the parameters of \"boosting\"";
                Err(Error::parameter("params", format!("\"{name}\""), allowed))
            }
        }
    }

    /// The estimator with one parameter set from text, as a command line gives it: numbers, `true`,
    /// `false`, and names as they are.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a name that it does not have, or a value of another kind or outside
    /// its range.
    ///
    /// ```
    /// use winback::Estimator;
    /// let boosting: Estimator = "boosting".parse()?;
    /// let small = boosting.with_param("num_leaves", "7")?;
    /// assert_ne!(small, "boosting".parse()?);
    /// assert!(small.with_param("leaves", "7").is_err());
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn with_param(&self, name: &str, value: &str) -> Result<Self> {
        let text = || serde_json::Value::String(value.to_owned());
        let value_of = serde_json::from_str(value).unwrap_or_else(|_| text());
        let damaged = |error: serde_json::Error| Error::parameter("param", name, error.to_string());
        let mut tagged = serde_json::to_value(self).map_err(damaged)?;
        let params = tagged.get_mut(self.name()).and_then(|params| params.as_object_mut());
        let Some(params) = params else {
            return Err(Error::parameter("param", name, "no parameters"));
        };
        // The churn model knows its columns and sets the constraints itself.
        let names: Vec<&str> =
            params.keys().map(String::as_str).filter(|n| *n != "monotone_constraints").collect();
        if !names.contains(&name) {
            let allowed = match own_name(name).filter(|own| names.contains(own)) {
                Some(own) => format!("its name here is {own}"),
                None => format!("one of {}", names.join(", ")),
            };
            return Err(Error::parameter("param", format!("\"{name}\""), allowed));
        }
        let value_of = match (self, name, value) {
            // As LightGBM writes "no limit".
            (Estimator::Boosting(_), "max_depth", "-1") => MAX_DEPTH.into(),
            _ => value_of,
        };
        params.insert(name.to_owned(), value_of);
        let refused = |allowed| Error::parameter("param", format!("{name}={value}"), allowed);
        let estimator: Estimator = serde_json::from_value(tagged)
            .map_err(|error| refused(expected_value(&error.to_string())))?;
        estimator.validate().map_err(|error| match error {
            Error::Parameter { name: of, allowed, .. } if of == name => refused(allowed),
            error => error,
        })?;
        Ok(estimator)
    }

    fn validate(&self) -> Result<()> {
        match self {
            Estimator::Logistic(logistic) => logistic.validate(),
            Estimator::Tree(tree) => tree.validate(),
            Estimator::Boosting(boosting) => boosting.validate(),
        }
    }
}

/// The name here of a parameter that other libraries name otherwise.
fn own_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "C" => "c",
        "reg_lambda" => "lambda_l2",
        "random_state" | "random_seed" => "seed",
        "feature_fraction" => "colsample_bytree",
        "bagging_fraction" => "subsample",
        "num_iterations" | "num_boost_round" | "iterations" | "max_iter" => "n_estimators",
        "early_stopping_round" | "n_iter_no_change" => "early_stopping_rounds",
        "min_data_in_leaf" | "min_samples_leaf" => "min_child_samples",
        "min_sum_hessian_in_leaf" => "min_child_weight",
        "min_gain_to_split" | "gamma" => "min_split_gain",
        "min_impurity_decrease" => "min_gain",
        "max_leaf_nodes" => "num_leaves",
        "max_bins" => "max_bin",
        _ => return None,
    })
}

/// What a value should have been, from the words of serde.
fn expected_value(message: &str) -> String {
    match message.rsplit_once("expected ").map(|(_, expected)| expected) {
        Some("usize" | "u64" | "u32") => "a whole number, 0 or more".to_owned(),
        Some("f64") => "a number".to_owned(),
        Some("a boolean") => "true or false".to_owned(),
        _ => message.to_owned(),
    }
}

impl std::str::FromStr for Estimator {
    type Err = Error;

    /// The estimator of this name with its default parameters.
    fn from_str(name: &str) -> Result<Self> {
        match name {
            "logistic" => Ok(Estimator::Logistic(Logistic::default())),
            "tree" => Ok(Estimator::Tree(DecisionTree::default())),
            "boosting" => Ok(Estimator::Boosting(Boosting::default())),
            _ => Err(Error::parameter(
                "estimator",
                format!("\"{name}\""),
                "\"logistic\", \"tree\" or \"boosting\"",
            )),
        }
    }
}

/// Training rows of one state at one cutoff, or in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct OutcomeCounts {
    /// Rows with a purchase in the outcome window.
    pub purchased: usize,
    /// Rows without.
    pub not_purchased: usize,
}

impl OutcomeCounts {
    /// Counts these rows.
    pub(crate) fn of(rows: &[usize], purchased: &[bool]) -> OutcomeCounts {
        let mut counts = OutcomeCounts::default();
        rows.iter().for_each(|&row| counts.add(purchased[row]));
        counts
    }

    /// Both.
    pub fn all(&self) -> usize {
        self.purchased + self.not_purchased
    }

    /// The smaller of the two.
    pub(crate) fn least(&self) -> usize {
        self.purchased.min(self.not_purchased)
    }

    pub(crate) fn add(&mut self, purchased: bool) {
        if purchased {
            self.purchased += 1;
        } else {
            self.not_purchased += 1;
        }
    }
}

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
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct StateModel {
    pub(crate) estimator: FittedEstimator,
    /// None: not wanted, or too few outcomes to judge by.
    pub(crate) calibration: Option<StateCalibration>,
}

/// Training rows of customers of one kind.
#[derive(Debug)]
pub(crate) struct TrainingRows {
    pub(crate) x: Array2<f64>,
    pub(crate) days: Vec<f64>,
    pub(crate) purchased: Vec<bool>,
    pub(crate) times: Vec<RowTime>,
    pub(crate) states: Vec<State>,
}

impl FittedEstimator {
    /// The chance of a purchase for one row, before calibration; `buffer` is kept from row to row.
    pub(crate) fn probability(&self, row: &[f64], buffer: &mut Vec<f64>) -> Result<f64> {
        match self {
            FittedEstimator::Logistic { preprocess, logistic } => {
                buffer.resize(preprocess.n_outputs(), 0.0);
                preprocess.transform_row(row, buffer)?;
                logistic.probability_row(buffer)
            }
            FittedEstimator::Tree(trees) | FittedEstimator::Boosting { trees, .. } => {
                trees.probability_row(row)
            }
        }
    }
}

impl StateModel {
    /// `whom`: of which customers the rows are, for an error.
    pub(crate) fn fit(
        whom: &str,
        learner: &Learner<'_>,
        rows: &TrainingRows,
        calibration: CalibrationChoice,
    ) -> Result<StateModel> {
        let estimator = learner.estimator;
        let TrainingRows { x, purchased, times, .. } = rows;
        let mut counts = OutcomeCounts::default();
        purchased.iter().for_each(|&p| counts.add(p));
        if counts.least() < MIN_OUTCOMES {
            return Err(Error::TooLittleData(format!(
                "of the {whom} customers' rows at the training cutoffs {} purchased and {} did \
                 not; at least {MIN_OUTCOMES} of each are needed: use more cutoffs, a later \
                 `until`, or another horizon or limits",
                counts.purchased, counts.not_purchased
            )));
        }
        let calibrates = calibration != CalibrationChoice::None;
        let stops = matches!(estimator, Estimator::Boosting(params) if params.stops_early());
        let early = match times.iter().map(|time| time.cutoff).max() {
            Some(latest) if calibrates || stops => Early::fit(learner, rows, latest)?,
            _ => None,
        };
        let fitted = match (estimator, early.as_ref().and_then(|early| early.trees)) {
            (Estimator::Boosting(boosting), Some(trees)) => {
                let boosting = boosting.clone().n_estimators(trees);
                let trees = learner.boosted(&boosting, x.view(), purchased)?;
                FittedEstimator::Boosting { trees, chosen: true }
            }
            _ => learner.fit(x.view(), purchased)?,
        };
        let calibration = match early {
            Some(latest) if calibrates => {
                let asked = Early::chain(learner, rows, latest)?;
                Some(StateCalibration::choose(calibration, &asked)?)
            }
            _ => None,
        };
        Ok(StateModel { estimator: fitted, calibration })
    }

    /// How many boosted trees there are, and whether that number was chosen at the latest cutoff.
    pub(crate) fn boosted_trees(&self) -> Option<(usize, bool)> {
        match &self.estimator {
            FittedEstimator::Boosting { trees, chosen } => Some((trees.tree_count(), *chosen)),
            _ => None,
        }
    }

    /// The chance of a purchase for one row, calibrated; `buffer` is kept from row to row.
    pub(crate) fn purchase_probability(&self, row: &[f64], buffer: &mut Vec<f64>) -> Result<f64> {
        let probability = self.estimator.probability(row, buffer)?;
        let calibration = self.calibration.as_ref();
        Ok(calibration.map_or(probability, |calibration| calibration.apply(probability)))
    }

    /// The log-odds of a purchase of the mean training row.
    pub(crate) fn base(&self) -> f64 {
        match &self.estimator {
            FittedEstimator::Logistic { logistic, .. } => logistic.base(),
            FittedEstimator::Tree(trees) | FittedEstimator::Boosting { trees, .. } => trees.base(),
        }
    }

    /// What each column adds to the log-odds of a purchase, against the mean training row.
    pub(crate) fn contributions(&self, row: &[f64]) -> Result<Vec<f64>> {
        let mut out = vec![0.0; row.len()];
        match &self.estimator {
            FittedEstimator::Logistic { preprocess, logistic } => {
                let mut derived = vec![0.0; preprocess.n_outputs()];
                preprocess.transform_row(row, &mut derived)?;
                let mut parts = vec![0.0; derived.len()];
                logistic.contributions_row(&derived, logistic.means(), &mut parts)?;
                for (j, part) in parts.into_iter().enumerate() {
                    if let Some(source) = preprocess.source(j) {
                        out[source] += part;
                    }
                }
            }
            FittedEstimator::Tree(trees) | FittedEstimator::Boosting { trees, .. } => {
                trees.contributions_row(row, &mut out)?;
            }
        }
        Ok(out)
    }

    /// The same of many rows, on all threads.
    pub(crate) fn contributions_of(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        match &self.estimator {
            FittedEstimator::Logistic { .. } => {
                let rows: Vec<Vec<f64>> = (0..x.nrows())
                    .into_par_iter()
                    .with_min_len(256)
                    .map(|row| self.contributions(&x.row(row).to_vec()))
                    .collect::<Result<_>>()?;
                let all = rows.into_iter().flatten().collect();
                let made = Array2::from_shape_vec((x.nrows(), x.ncols()), all);
                made.map_err(|error| Error::Shape(error.to_string()))
            }
            FittedEstimator::Tree(trees) | FittedEstimator::Boosting { trees, .. } => {
                trees.contributions(x)
            }
        }
    }

    /// Refuses a model that does not fit its recipe, as of a damaged file.
    pub(crate) fn check(&self, recipe: &Recipe) -> Result<()> {
        let columns = match &self.estimator {
            FittedEstimator::Logistic { preprocess, logistic } => {
                preprocess.check()?;
                logistic.check()?;
                if preprocess.n_outputs() != logistic.coefficients().len() {
                    return Err(Error::ModelFile("coefficients and columns differ".into()));
                }
                preprocess.n_inputs()
            }
            FittedEstimator::Tree(trees) | FittedEstimator::Boosting { trees, .. } => {
                trees.check()?;
                trees.columns()
            }
        };
        if let Some(calibrator) = self.calibration.as_ref().and_then(|c| c.calibrator.as_ref()) {
            calibrator.check()?;
        }
        if columns != recipe.width() {
            return Err(Error::ModelFile("model and recipe differ in their columns".into()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str, value: &str) -> String {
        let boosting: Estimator = "boosting".parse().unwrap();
        boosting.with_param(name, value).unwrap_err().to_string()
    }

    #[test]
    fn parameters_from_text_are_checked_and_named() {
        for (name, value, expected) in [
            ("subsample", "2", "param = subsample=2 is not allowed: above 0 to 1"),
            ("n_estimators", "-1", "param = n_estimators=-1 is not allowed: a whole number, 0 or"),
            ("num_leaves", "abc", "param = num_leaves=abc is not allowed: a whole number"),
            (
                "reg_lambda",
                "1",
                "param = \"reg_lambda\" is not allowed: its name here is lambda_l2",
            ),
            ("leaves", "1", "param = \"leaves\" is not allowed: one of colsample_bytree, "),
            ("monotone_constraints", "[1]", "param = \"monotone_constraints\" is not allowed: one"),
        ] {
            let message = refused(name, value);
            assert!(message.starts_with(expected), "{message}");
        }
    }

    #[test]
    fn minus_one_is_no_limit_of_depth() {
        let boosting: Estimator = "boosting".parse().unwrap();
        let shallow = boosting.with_param("max_depth", "3").unwrap();
        assert_eq!(shallow.with_param("max_depth", "-1").unwrap(), boosting);
    }
}
