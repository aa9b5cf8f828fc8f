//! Which model is trained.

use super::average::Average;
use crate::error::{Error, Result};
use crate::models::logistic::Logistic;
use crate::models::trees::{Boosting, DecisionTree, MAX_DEPTH};

/// Which model is trained on the training table.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Estimator {
    /// The mean of the log-odds of regressions and boosted trees.
    Average(Average),
    /// Logistic regression on preprocessed columns: log1p, median and missing flag, standardised,
    /// one-hot.
    Logistic(Logistic),
    /// One decision tree on the columns as they are.
    Tree(DecisionTree),
    /// Boosted trees on the columns as they are.
    ///
    /// Unless `early_stopping_rounds` is 0, the number of trees is chosen first: trees are grown
    /// from the cutoffs whose outcome windows end before the latest cutoff, and the number with the
    /// lowest log loss at the latest cutoff is chosen. Then that many trees are grown from all
    /// cutoffs. If either part has fewer than [`MIN_OUTCOMES`](super::MIN_OUTCOMES) rows of an
    /// outcome, `n_estimators` trees are grown.
    Boosting(Boosting),
}

impl Default for Estimator {
    fn default() -> Self {
        Estimator::Average(Average::default())
    }
}

impl Estimator {
    /// `average`, `logistic`, `tree` or `boosting`.
    pub const fn name(&self) -> &'static str {
        match self {
            Estimator::Average(_) => "average",
            Estimator::Logistic(_) => "logistic",
            Estimator::Tree(_) => "tree",
            Estimator::Boosting(_) => "boosting",
        }
    }

    /// The estimator with all its parameters replaced by a named set: `lightgbm`, those of
    /// [`Boosting::lightgbm`].
    ///
    /// # Errors
    /// [`Error::Argument`] for an unknown name.
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
                Err(Error::text_argument("params", name, "\"lightgbm\""))
            }
            _ => {
                let expected = "none, for only \"boosting\" has named parameters";
                Err(Error::text_argument("params", name, expected))
            }
        }
    }

    /// The names of its parameters. The churn model knows its columns and sets constraints itself.
    pub fn params(&self) -> Vec<String> {
        let tagged = serde_json::to_value(self).unwrap_or_default();
        let params = tagged.get(self.name()).and_then(|params| params.as_object());
        let names = params.into_iter().flat_map(|params| params.keys());
        names.filter(|name| *name != "monotone_constraints").cloned().collect()
    }

    /// The estimator with one parameter set from text, as on a command line: numbers, `true`,
    /// `false`, and names as they are.
    ///
    /// # Errors
    /// [`Error::Argument`] for an unknown name, or a value of another kind or outside its range.
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
        let damaged = |error: serde_json::Error| Error::argument("param", name, error.to_string());
        let mut tagged = serde_json::to_value(self).map_err(damaged)?;
        let names = self.params();
        let params = tagged.get_mut(self.name()).and_then(|params| params.as_object_mut());
        let Some(params) = params else {
            return Err(Error::text_argument("param", name, "none"));
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        if !names.contains(&name) {
            let expected = match own_name(name).filter(|own| names.contains(own)) {
                Some(own) => format!("{own}, its name here"),
                None => format!("one of {}", names.join(", ")),
            };
            return Err(Error::text_argument("param", name, expected));
        }
        let value_of = match (self, name, value) {
            // As LightGBM writes "no limit".
            (Estimator::Boosting(_) | Estimator::Average(_), "max_depth", "-1") => MAX_DEPTH.into(),
            _ => value_of,
        };
        params.insert(name.to_owned(), value_of);
        let refused = |error: serde_json::Error| {
            let expected = expected_value(&error.to_string());
            Error::argument("param", format!("{name}={value}"), expected)
        };
        let estimator: Estimator = serde_json::from_value(tagged).map_err(refused)?;
        estimator.validate()?;
        Ok(estimator)
    }

    pub(crate) fn validate(&self) -> Result<()> {
        match self {
            Estimator::Average(average) => {
                average.logistic.validate()?;
                average.boosting.validate()
            }
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

impl TryFrom<&str> for Estimator {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        name.parse()
    }
}

impl From<Average> for Estimator {
    fn from(params: Average) -> Self {
        Estimator::Average(params)
    }
}

impl From<Logistic> for Estimator {
    fn from(params: Logistic) -> Self {
        Estimator::Logistic(params)
    }
}

impl From<DecisionTree> for Estimator {
    fn from(params: DecisionTree) -> Self {
        Estimator::Tree(params)
    }
}

impl From<Boosting> for Estimator {
    fn from(params: Boosting) -> Self {
        Estimator::Boosting(params)
    }
}

impl std::str::FromStr for Estimator {
    type Err = Error;

    /// The estimator of this name with its default parameters.
    fn from_str(name: &str) -> Result<Self> {
        match name {
            "average" => Ok(Estimator::Average(Average::default())),
            "logistic" => Ok(Estimator::Logistic(Logistic::default())),
            "tree" => Ok(Estimator::Tree(DecisionTree::default())),
            "boosting" => Ok(Estimator::Boosting(Boosting::default())),
            _ => Err(Error::argument(
                "estimator",
                name,
                "\"average\", \"logistic\", \"tree\" or \"boosting\"",
            )),
        }
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
            ("subsample", "2", "subsample: expected above 0 to 1, got 2"),
            (
                "n_estimators",
                "-1",
                "param: expected a whole number, 0 or more, got n_estimators=-1",
            ),
            ("num_leaves", "abc", "param: expected a whole number, 0 or more, got num_leaves=abc"),
            ("reg_lambda", "1", "param: expected lambda_l2, its name here, got \"reg_lambda\""),
            ("leaves", "1", "param: expected one of n_estimators, "),
            ("monotone_constraints", "[1]", "param: expected one of n_estimators, "),
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
