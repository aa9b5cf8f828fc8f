//! A fitted tree: predicts, explains, describes itself.

use std::fmt;

use linfa::traits::PredictInplace;
use ndarray::{Array1, ArrayBase, ArrayView2, Data, Ix2};
use rayon::prelude::*;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::binning::infinite;
use super::shap;
use super::text;
use super::tree::{Node, Schema, Tree};
use crate::error::{Error, Result};

/// Rows that one task predicts.
const BLOCK: usize = 4096;

/// A tree made by [`DecisionTree`](super::DecisionTree).
///
/// Its leaves hold log-odds ln(p / (1−p)); their probabilities lie strictly between 0 and 1. It can
/// be written and read with serde; reading does [`check`](FittedTree::check).
///
/// ```
/// use ndarray::array;
/// use winback::models::trees::DecisionTree;
///
/// let x = array![[1.0, 5.0], [2.0, 5.0], [8.0, 5.0], [9.0, 5.0]];
/// let params = DecisionTree::default().min_child_samples(1).min_gain(0.0).smoothing(2.0);
/// let tree = params.fit_weighted(x.view(), &[false, false, true, true], None, &[])?;
/// let p = tree.probabilities(x.view())?;
/// assert!((p[0] - 0.25).abs() < 1e-12 && (p[3] - 0.75).abs() < 1e-12);
///
/// // How the log-odds of a row come about: the base and one contribution per column.
/// let mut contributions = [0.0; 2];
/// tree.contributions_row(&[9.0, 5.0], &mut contributions)?;
/// assert!(tree.base().abs() < 1e-12);
/// assert!((contributions[0] - 3f64.ln()).abs() < 1e-12 && contributions[1] == 0.0);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct FittedTree {
    pub(super) schema: Schema,
    pub(super) tree: Tree,
}

impl FittedTree {
    pub(crate) fn new(schema: Schema, tree: Tree) -> Self {
        FittedTree { schema, tree }
    }

    /// Number of columns of the table it was fitted to.
    pub fn columns(&self) -> usize {
        self.schema.columns
    }

    /// Number of leaves; 1 when no split was worth it.
    pub fn leaf_count(&self) -> usize {
        self.tree.nodes.len().div_ceil(2)
    }

    /// Probability of `true` for one row, strictly between 0 and 1.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of columns or an infinite value.
    pub fn probability_row(&self, row: &[f64]) -> Result<f64> {
        Ok(sigmoid(self.log_odds_row(row)?))
    }

    /// Log-odds ln(p / (1−p)) of `true` for one row.
    ///
    /// # Errors
    /// As [`FittedTree::probability_row`].
    pub fn log_odds_row(&self, row: &[f64]) -> Result<f64> {
        self.check_columns(row.len())?;
        check_row(0, row)?;
        Ok(self.tree.value(&self.schema, row))
    }

    /// Probability of `true` for every row of `x` (rows x columns), to the bit what
    /// [`FittedTree::probability_row`] gives.
    ///
    /// # Errors
    /// As [`FittedTree::probability_row`].
    pub fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        self.check_columns(x.ncols())?;
        let mut out = vec![0.0; x.nrows()];
        let blocks = out.par_chunks_mut(BLOCK).enumerate().map(|(block, out)| {
            let mut buffer = Vec::with_capacity(x.ncols());
            for (i, p) in out.iter_mut().enumerate() {
                let row = x.row(block * BLOCK + i);
                let row = row.as_slice().unwrap_or_else(|| {
                    buffer.clear();
                    buffer.extend(row.iter().copied());
                    &buffer
                });
                check_row(block * BLOCK + i, row)?;
                *p = sigmoid(self.tree.value(&self.schema, row));
            }
            Ok(())
        });
        // All blocks first, so that the error is always that of the first bad row.
        blocks.collect::<Vec<Result<()>>>().into_iter().collect::<Result<()>>()?;
        Ok(Array1::from_vec(out))
    }

    /// Sets `out`, one number per column, to what each column adds to the log-odds of `row`:
    /// contributions + [`base`](FittedTree::base) = log-odds.
    ///
    /// Path-dependent TreeSHAP (Lundberg, Erion, Lee 2018, algorithm 2).
    ///
    /// # Errors
    /// As [`FittedTree::probability_row`], and for another length of `out`.
    pub fn contributions_row(&self, row: &[f64], out: &mut [f64]) -> Result<()> {
        self.check_columns(row.len())?;
        self.check_columns(out.len())?;
        check_row(0, row)?;
        out.fill(0.0);
        shap::add_contributions(&self.tree, &self.schema, row, out);
        Ok(())
    }

    /// Mean log-odds of the leaves, weighted by the rows that came to each in the fit.
    pub fn base(&self) -> f64 {
        self.tree.mean()
    }

    /// Log loss (in nats, summed over the rows of the fit) that the splits of each column saved.
    pub fn gain_importances(&self) -> Vec<f64> {
        let mut gains = vec![0.0; self.columns()];
        for (column, gain) in self.splits() {
            gains[column] += gain;
        }
        gains
    }

    /// Number of splits of each column.
    pub fn split_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.columns()];
        for (column, _) in self.splits() {
            counts[column] += 1;
        }
        counts
    }

    /// Column and gain of every split.
    fn splits(&self) -> impl Iterator<Item = (usize, f64)> {
        self.tree.nodes.iter().zip(&self.tree.gain).filter_map(|(node, &gain)| match *node {
            Node::Leaf { .. } => None,
            Node::Number { column, .. } | Node::Category { column, .. } => {
                Some((column as usize, gain))
            }
        })
    }

    /// The tree as text: a line per question and leaf, with the weight of its rows in brackets.
    ///
    /// # Errors
    /// [`Error::Shape`] when there is not one name per column.
    ///
    /// ```
    /// use ndarray::array;
    /// use winback::models::trees::DecisionTree;
    ///
    /// let x = array![[1.0], [2.0], [8.0], [f64::NAN]];
    /// let params = DecisionTree::default().min_child_samples(1).min_gain(0.0).smoothing(2.0);
    /// let tree = params.fit_weighted(x.view(), &[false, false, true, true], None, &[])?;
    /// assert_eq!(
    ///     tree.text(&["silence"])?,
    ///     "silence < 5? [4]\n  yes: probability 0.2500 [2]\n  no: probability 0.7500 [2]\n",
    /// );
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn text(&self, names: &[&str]) -> Result<String> {
        self.check_columns(names.len())?;
        Ok(self.text_of(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()))
    }

    fn text_of(&self, names: &[String]) -> String {
        let end = |log_odds| format!("probability {:.4}", sigmoid(log_odds));
        text::text(&self.tree, &self.schema, names, end)
    }

    /// Whether the tree can be used, wherever it comes from: places in range, no cycles, numbers
    /// finite, probabilities between 0 and 1.
    ///
    /// # Errors
    /// [`Error::ModelFile`] with the first thing that is wrong.
    pub fn check(&self) -> Result<()> {
        self.schema.check()?;
        self.tree.check(&self.schema)?;
        for at in 0..self.tree.nodes.len() {
            if let Some(p) = self.tree.leaf_value(at).map(sigmoid)
                && !(p > 0.0 && p < 1.0)
            {
                return Err(Error::ModelFile(format!("tree: leaf {at} has probability {p}")));
            }
        }
        Ok(())
    }

    fn check_columns(&self, given: usize) -> Result<()> {
        if given == self.columns() {
            Ok(())
        } else {
            let fitted = self.columns();
            Err(Error::Shape(format!("{given} columns; the tree was fitted to {fitted}")))
        }
    }
}

fn check_row(row: usize, values: &[f64]) -> Result<()> {
    match values.iter().position(|value| value.is_infinite()) {
        Some(column) => Err(infinite(row, column)),
        None => Ok(()),
    }
}

fn sigmoid(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// The text with columns named `x0`, `x1`, ….
impl fmt::Display for FittedTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = (0..self.columns()).map(|column| format!("x{column}")).collect();
        f.write_str(&self.text_of(&names))
    }
}

impl Serialize for FittedTree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        FittedTree::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for FittedTree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tree = FittedTree::deserialize(deserializer)?;
        tree.check().map_err(serde::de::Error::custom)?;
        Ok(tree)
    }
}

/// Predicts `true` where the probability is at least one half.
///
/// # Panics
/// For a wrong number of columns or an infinite value, since linfa's trait cannot return an error;
/// [`FittedTree::probabilities`] does.
impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<bool>> for FittedTree {
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
