//! Gradient-boosted trees: their parameters.

use serde::{Deserialize, Serialize};

use super::binning::MAX_BIN;
use super::check::check_max_bin;
use super::ensemble::MAX_TREES;
use super::tree::MAX_DEPTH;
use crate::error::{Error, Result};

/// The most leaves of a tree.
const MAX_LEAVES: usize = 1 << 16;

/// Trees grown one after another, each correcting the errors of those before it, that together give
/// the log-odds of `true`.
///
/// Every tree is a Newton step on the log loss (Friedman 2000, "Greedy function approximation";
/// Chen and Guestrin 2016): with G and H the sums of w·(p − y) and of w·p·(1 − p) over rows, a leaf
/// has the value −`learning_rate`·G / (H + λ), and a split gains G²ₗ / (Hₗ + λ) + G²ᵣ / (Hᵣ + λ) −
/// G² / (H + λ). The leaf whose split gains most is split next. Numbers are cut at up to `max_bin`
/// quantiles; missing values (NaN) go to the side where they gain more. Levels of a category are
/// ordered by G / (H + 10) and divided along that order, with λ increased by 10 if there are more
/// than 4; levels with fewer than about 10 rows in a node go with the missing values. The names of
/// the parameters and these constants are LightGBM's.
///
/// G and H are whole numbers of fixed-point units, so a fit is bit-identical for any number of
/// threads and, with `subsample` 1, for any order of the rows.
///
/// ```
/// use ndarray::array;
/// use winback::models::trees::Boosting;
///
/// // Days of silence and whether the customer left.
/// let x = array![[3.0], [5.0], [8.0], [40.0], [55.0], [f64::NAN]];
/// let y = [false, false, false, true, true, true];
/// let model = Boosting::lightgbm().min_child_samples(1).fit_weighted(x.view(), &y, None, &[])?;
/// assert!(model.probability_row(&[60.0])? > 0.5);
/// assert!(model.probability_row(&[4.0])? < 0.5);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Boosting {
    pub(super) n_estimators: usize,
    pub(super) learning_rate: f64,
    pub(super) num_leaves: usize,
    pub(super) max_depth: usize,
    pub(super) min_child_samples: usize,
    pub(super) min_child_weight: f64,
    pub(super) min_split_gain: f64,
    pub(super) lambda_l2: f64,
    pub(super) max_bin: usize,
    pub(super) subsample: f64,
    pub(super) colsample_bytree: f64,
    pub(super) monotone_constraints: Vec<i8>,
    pub(super) early_stopping_rounds: usize,
    pub(super) seed: u64,
}

/// For small and noisy tables, such as customers at several cutoffs: small steps, small trees, each
/// from half of the columns. A churn model of the name `boosting` starts from these. They were chosen
/// out of time on four real transaction logs at nine cutoffs, where they beat
/// [`Boosting::lightgbm`] by about 0.01 to 0.02 in AUC.
impl Default for Boosting {
    fn default() -> Self {
        Boosting {
            n_estimators: 200,
            learning_rate: 0.05,
            num_leaves: 15,
            max_depth: MAX_DEPTH,
            min_child_samples: 20,
            min_child_weight: 1e-3,
            min_split_gain: 2.0,
            lambda_l2: 5.0,
            max_bin: MAX_BIN,
            subsample: 1.0,
            colsample_bytree: 0.5,
            monotone_constraints: Vec::new(),
            early_stopping_rounds: 50,
            seed: 0,
        }
    }
}

impl Boosting {
    /// Parameters close to LightGBM's defaults, which are hard to beat on large tables with much to
    /// learn: rate 0.1, 100 trees of up to 31 leaves, each from all columns, `lambda_l2` 0, and
    /// `min_split_gain` 0.3, which spares small tables the worst (LightGBM's is 0).
    ///
    /// The scikit-learn estimators start from these. They are chosen by name only. The gain was
    /// chosen by 10-fold cross-validation on four public churn tables, whole and in parts of 1,000
    /// rows, and on synthetic ones of 5,000 to 200,000 rows.
    ///
    /// ```
    /// use winback::models::trees::Boosting;
    /// assert!(Boosting::lightgbm().validate().is_ok());
    /// assert_ne!(Boosting::lightgbm(), Boosting::default());
    /// ```
    #[must_use]
    pub fn lightgbm() -> Self {
        Boosting {
            n_estimators: 100,
            learning_rate: 0.1,
            num_leaves: 31,
            min_split_gain: 0.3,
            lambda_l2: 0.0,
            colsample_bytree: 1.0,
            ..Boosting::default()
        }
    }

    /// Maximum number of trees, 1 to 100,000; default 200.
    ///
    /// ```
    /// use winback::models::trees::Boosting;
    /// assert!(Boosting::default().n_estimators(1).validate().is_ok());
    /// assert!(Boosting::default().n_estimators(0).validate().is_err());
    /// ```
    #[must_use]
    pub fn n_estimators(mut self, n_estimators: usize) -> Self {
        self.n_estimators = n_estimators;
        self
    }

    /// Share of every tree's values that is added, above 0 and up to 1; default 0.05.
    ///
    /// Smaller steps need more trees.
    ///
    /// ```
    /// use winback::models::trees::Boosting;
    /// assert!(Boosting::default().learning_rate(0.3).validate().is_ok());
    /// assert!(Boosting::default().learning_rate(0.0).validate().is_err());
    /// ```
    #[must_use]
    pub fn learning_rate(mut self, learning_rate: f64) -> Self {
        self.learning_rate = learning_rate;
        self
    }

    /// Maximum number of leaves per tree, 2 to 65,536; default 15.
    ///
    /// The leaf whose split gains most is split next.
    ///
    /// ```
    /// use winback::models::trees::Boosting;
    /// assert!(Boosting::default().num_leaves(7).validate().is_ok());
    /// assert!(Boosting::default().num_leaves(1).validate().is_err());
    /// ```
    #[must_use]
    pub fn num_leaves(mut self, num_leaves: usize) -> Self {
        self.num_leaves = num_leaves;
        self
    }

    /// Maximum depth: the number of questions asked in a row, 1 to 64; default 64.
    ///
    /// ```
    /// use winback::models::trees::Boosting;
    /// assert!(Boosting::default().max_depth(3).validate().is_ok());
    /// assert!(Boosting::default().max_depth(65).validate().is_err());
    /// ```
    #[must_use]
    pub fn max_depth(mut self, max_depth: usize) -> Self {
        self.max_depth = max_depth;
        self
    }

    /// Minimum number of rows in a leaf, 1 or more; default 20.
    ///
    /// Rows are counted, whatever their weight.
    ///
    /// ```
    /// use winback::models::trees::Boosting;
    /// assert!(Boosting::default().min_child_samples(5).validate().is_ok());
    /// assert!(Boosting::default().min_child_samples(0).validate().is_err());
    /// ```
    #[must_use]
    pub fn min_child_samples(mut self, min_child_samples: usize) -> Self {
        self.min_child_samples = min_child_samples;
        self
    }

    /// Minimum sum of hessians w·p·(1 − p) in a leaf, 0 or more; default 0.001.
    ///
    /// ```
    /// use winback::models::trees::Boosting;
    /// assert!(Boosting::default().min_child_weight(1.0).validate().is_ok());
    /// assert!(Boosting::default().min_child_weight(-1.0).validate().is_err());
    /// ```
    #[must_use]
    pub fn min_child_weight(mut self, min_child_weight: f64) -> Self {
        self.min_child_weight = min_child_weight;
        self
    }

    /// Gain that a split must exceed, 0 or more; default 2.
    ///
    /// The gain is about twice the log loss saved, so it grows with the weights. Even a small
    /// minimum keeps small tables from splitting on noise. A tree whose first split gains less ends
    /// the fit, however many trees were requested; if rows or columns are drawn, 20 such trees in a
    /// row do.
    ///
    /// ```
    /// use winback::models::trees::Boosting;
    /// assert!(Boosting::default().min_split_gain(2.0).validate().is_ok());
    /// assert!(Boosting::default().min_split_gain(f64::NAN).validate().is_err());
    /// ```
    #[must_use]
    pub fn min_split_gain(mut self, min_split_gain: f64) -> Self {
        self.min_split_gain = min_split_gain;
        self
    }

    /// Penalty λ on the squared values of leaves, 0 or more; default 5.
    ///
    /// ```
    /// use winback::models::trees::Boosting;
    /// assert!(Boosting::default().lambda_l2(10.0).validate().is_ok());
    /// assert!(Boosting::default().lambda_l2(-1.0).validate().is_err());
    /// ```
    #[must_use]
    pub fn lambda_l2(mut self, lambda_l2: f64) -> Self {
        self.lambda_l2 = lambda_l2;
        self
    }

    /// Maximum number of bins per column, 2 to 255; default 255.
    ///
    /// A category with more levels keeps its most frequent ones; the others count as missing.
    ///
    /// ```
    /// use winback::models::trees::Boosting;
    /// assert!(Boosting::default().max_bin(63).validate().is_ok());
    /// assert!(Boosting::default().max_bin(256).validate().is_err());
    /// ```
    #[must_use]
    pub fn max_bin(mut self, max_bin: usize) -> Self {
        self.max_bin = max_bin;
        self
    }

    /// Share of the rows that each tree is grown from, above 0 and up to 1; default 1.
    ///
    /// Every row is drawn independently, by `seed`, the tree and the row's place.
    ///
    /// ```
    /// use winback::models::trees::Boosting;
    /// assert!(Boosting::default().subsample(0.8).validate().is_ok());
    /// assert!(Boosting::default().subsample(0.0).validate().is_err());
    /// ```
    #[must_use]
    pub fn subsample(mut self, subsample: f64) -> Self {
        self.subsample = subsample;
        self
    }

    /// Share of the columns that each tree may use, above 0 and up to 1; default 0.5.
    ///
    /// A tree may always use at least one of the columns with more than one bin.
    ///
    /// ```
    /// use winback::models::trees::Boosting;
    /// assert!(Boosting::default().colsample_bytree(0.5).validate().is_ok());
    /// assert!(Boosting::default().colsample_bytree(1.5).validate().is_err());
    /// ```
    #[must_use]
    pub fn colsample_bytree(mut self, colsample_bytree: f64) -> Self {
        self.colsample_bytree = colsample_bytree;
        self
    }

    /// For every column, whether the log-odds must not fall as it rises (1), must not rise (-1), or
    /// are unconstrained (0); default empty, which means 0 for all.
    ///
    /// Missing values are not constrained. Categories cannot be constrained.
    ///
    /// ```
    /// use ndarray::array;
    /// use winback::models::trees::Boosting;
    ///
    /// let x = array![[1.0], [2.0], [3.0], [4.0]];
    /// let rising = Boosting::lightgbm().min_child_samples(1).monotone_constraints(vec![1]);
    /// let model = rising.fit_weighted(x.view(), &[true, false, false, true], None, &[])?;
    /// assert!(model.probability_row(&[1.0])? <= model.probability_row(&[2.0])?);
    /// assert!(rising.monotone_constraints(vec![2]).validate().is_err());
    /// # Ok::<(), winback::Error>(())
    /// ```
    #[must_use]
    pub fn monotone_constraints(mut self, monotone_constraints: Vec<i8>) -> Self {
        self.monotone_constraints = monotone_constraints;
        self
    }

    /// Number of trees without a lower log loss on the held-out rows after which fitting stops;
    /// default 50, 0 to grow all. Without held-out rows it has no effect.
    ///
    /// See [`Boosting::fit_held_out`] for an example.
    #[must_use]
    pub fn early_stopping_rounds(mut self, early_stopping_rounds: usize) -> Self {
        self.early_stopping_rounds = early_stopping_rounds;
        self
    }

    /// Seed of the draws for `subsample` and `colsample_bytree`; default 0.
    ///
    /// ```
    /// use winback::models::trees::Boosting;
    /// assert!(Boosting::default().seed(u64::MAX).validate().is_ok());
    /// ```
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Whether rows held out decide on the number of trees.
    pub(crate) fn stops_early(&self) -> bool {
        self.early_stopping_rounds > 0
    }

    /// Whether there are constraints.
    pub(crate) fn is_constrained(&self) -> bool {
        !self.monotone_constraints.is_empty()
    }

    /// Checks that every parameter is in its range. Fitting does this first.
    ///
    /// # Errors
    /// [`Error::Argument`] with the first one that is not.
    pub fn validate(&self) -> Result<()> {
        let refuse = |name: &'static str, value: &dyn ToString, expected: &str| {
            Err(Error::argument(name, value.to_string(), expected))
        };
        let whole = [
            ("n_estimators", self.n_estimators, 1, MAX_TREES),
            ("num_leaves", self.num_leaves, 2, MAX_LEAVES),
            ("max_depth", self.max_depth, 1, MAX_DEPTH),
            ("min_child_samples", self.min_child_samples, 1, i32::MAX as usize),
        ];
        for (name, value, least, most) in whole {
            if !(least..=most).contains(&value) {
                return refuse(name, &value, &format!("{least} to {most}"));
            }
        }
        for (name, value) in [
            ("learning_rate", self.learning_rate),
            ("subsample", self.subsample),
            ("colsample_bytree", self.colsample_bytree),
        ] {
            if !(value > 0.0 && value <= 1.0) {
                return refuse(name, &value, "above 0 to 1");
            }
        }
        for (name, value) in [
            ("min_child_weight", self.min_child_weight),
            ("min_split_gain", self.min_split_gain),
            ("lambda_l2", self.lambda_l2),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                return refuse(name, &value, "0 or more, and finite");
            }
        }
        check_max_bin(self.max_bin)?;
        match self.monotone_constraints.iter().position(|d| !(-1..=1).contains(d)) {
            Some(column) => {
                let value = format!("{} (column {column})", self.monotone_constraints[column]);
                refuse("monotone_constraints", &value, "-1, 0 or 1 for every column")
            }
            None => Ok(()),
        }
    }
}
