//! Fitted trees: predict, explain, describe themselves.

use std::fmt;
use std::sync::OnceLock;

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::background::Background;
use super::batch::{self, BatchWalker};
use super::binning::infinite;
use super::branches::Branches;
use super::contributions::{self, Explainer};
use super::text::{self, Words};
use super::tree::{Node, Schema, Tree};
use super::walk::RowWalker;
use crate::error::{Error, Result};
use crate::models::odds::sigmoid;
use crate::models::rows::for_each_row;

/// Fewer rows than this are walked one by one.
const FEW_ROWS: usize = 64;
/// The most trees, so that no file can make a reader work without end.
pub(super) const MAX_TREES: usize = 100_000;

/// One tree made by [`DecisionTree`](super::DecisionTree), or many by
/// [`Boosting`](super::Boosting).
///
/// The log-odds ln(p / (1−p)) of a row are a start value plus the values of the leaves it falls
/// into, one per tree; for a single tree they are its leaf's value alone. Probabilities lie
/// strictly between 0 and 1 (in double precision: log-odds above 36 give 1). It can be written and
/// read with serde; reading calls [`check`](TreeEnsemble::check).
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
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct TreeEnsemble {
    pub(super) schema: Schema,
    /// Log-odds before the first tree.
    pub(super) start: f64,
    /// One tree of probabilities, not one of several that add to log-odds.
    #[serde(default)]
    single: bool,
    pub(super) trees: Vec<Tree>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    backgrounds: Vec<Background>,
    /// The same trees laid out for single rows and for batches.
    #[serde(skip)]
    walker: RowWalker,
    #[serde(skip)]
    batch_walker: Option<BatchWalker>,
    /// Their branches, once an explanation is asked for, and what their ways add by the covers.
    #[serde(skip)]
    branches: OnceLock<Branches>,
    #[serde(skip)]
    by_covers: OnceLock<Vec<f64>>,
}

impl PartialEq for TreeEnsemble {
    fn eq(&self, other: &Self) -> bool {
        // All else follows from these.
        let same_start = self.schema == other.schema && self.start == other.start;
        let same_kind = same_start && self.single == other.single;
        same_kind && self.trees == other.trees && self.backgrounds == other.backgrounds
    }
}

impl TreeEnsemble {
    pub(crate) fn new(schema: Schema, start: f64, trees: Vec<Tree>) -> Self {
        TreeEnsemble {
            schema,
            start,
            single: false,
            trees,
            backgrounds: Vec::new(),
            walker: RowWalker::default(),
            batch_walker: None,
            branches: OnceLock::new(),
            by_covers: OnceLock::new(),
        }
        .laid_out()
    }

    /// A decision tree, whose leaves hold the log-odds of their probabilities.
    pub(crate) fn single(schema: Schema, tree: Tree) -> Self {
        TreeEnsemble { single: true, ..TreeEnsemble::new(schema, 0.0, vec![tree]) }
    }

    fn laid_out(mut self) -> Self {
        self.walker = RowWalker::new(&self.schema, &self.trees);
        self.batch_walker = BatchWalker::new(&self.schema, &self.trees);
        self
    }

    /// Number of columns of the table it was fitted to.
    pub fn columns(&self) -> usize {
        self.schema.columns
    }

    /// Number of trees.
    pub fn tree_count(&self) -> usize {
        self.trees.len()
    }

    /// Number of leaves of all trees; a tree has 1 if no split was worth it.
    pub fn leaf_count(&self) -> usize {
        self.trees.iter().map(|tree| tree.nodes.len().div_ceil(2)).sum()
    }

    /// Probability of `true` for one row. Nothing is allocated.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of columns or an infinite value.
    pub fn probability_row(&self, row: &[f64]) -> Result<f64> {
        Ok(sigmoid(self.log_odds_row(row)?))
    }

    /// Log-odds ln(p / (1−p)) of `true` for one row.
    ///
    /// # Errors
    /// As [`TreeEnsemble::probability_row`].
    pub fn log_odds_row(&self, row: &[f64]) -> Result<f64> {
        self.check_columns(row.len())?;
        check_row(0, row)?;
        Ok(self.walker.add(&self.schema, row, self.start))
    }

    /// Probability of `true` for every row of `x` (rows x columns), bit-identical to
    /// [`TreeEnsemble::probability_row`].
    ///
    /// # Errors
    /// As [`TreeEnsemble::probability_row`].
    pub fn probabilities(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        let mut out = self.log_odds(x)?;
        out.mapv_inplace(sigmoid);
        Ok(out)
    }

    /// Log-odds ln(p / (1−p)) of `true` for every row of `x` (rows x columns), bit-identical to
    /// [`TreeEnsemble::log_odds_row`].
    ///
    /// # Errors
    /// As [`TreeEnsemble::probability_row`].
    pub fn log_odds(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        self.check_columns(x.ncols())?;
        let mut out = vec![self.start; x.nrows()];
        let blocks = out.par_chunks_mut(batch::BLOCK).enumerate().map_init(
            || (batch::Room::default(), Vec::new()),
            |(room, buffer), (block, out)| {
                let first = block * batch::BLOCK;
                let x = x.slice_axis(Axis(0), (first..first + out.len()).into());
                check_rows(first, x)?;
                match &self.batch_walker {
                    Some(walker) if out.len() >= FEW_ROWS => {
                        walker.add(&self.schema, x, out, room);
                    }
                    _ => {
                        for (sum, row) in out.iter_mut().zip(x.rows()) {
                            buffer.clear();
                            buffer.extend(row.iter().copied());
                            *sum = self.walker.add(&self.schema, buffer, *sum);
                        }
                    }
                }
                Ok(())
            },
        );
        // All blocks first, so that the error is always that of the first bad row.
        blocks.collect::<Vec<Result<()>>>().into_iter().collect::<Result<()>>()?;
        Ok(Array1::from_vec(out))
    }

    /// Sets `out`, one number per column, to what each column adds to the log-odds of `row`:
    /// contributions + [`base`](TreeEnsemble::base) = log-odds.
    ///
    /// Path-dependent TreeSHAP: the Shapley values of a game in which an unknown column goes every
    /// way with the share of the fit's rows that went it (Lundberg, Erion, Lee 2018).
    ///
    /// # Errors
    /// As [`TreeEnsemble::probability_row`], and for another length of `out`.
    pub fn contributions_row(&self, row: &[f64], out: &mut [f64]) -> Result<()> {
        self.explain_row(&self.explainer(), row, out)
    }

    /// The contributions of every column (rows x columns) for every row of `x`, bit-identical to
    /// [`TreeEnsemble::contributions_row`].
    ///
    /// # Errors
    /// As [`TreeEnsemble::probability_row`].
    ///
    /// ```
    /// use ndarray::array;
    /// use winback::models::trees::Boosting;
    ///
    /// let x = array![[1.0, 5.0], [2.0, 4.0], [8.0, 5.0], [9.0, 4.0]];
    /// let params = Boosting::lightgbm().min_child_samples(1);
    /// let model = params.fit_weighted(x.view(), &[false, false, true, true], None, &[])?;
    /// let (contributions, log_odds) = (model.contributions(x.view())?, model.log_odds(x.view())?);
    /// for (row, log_odds) in contributions.rows().into_iter().zip(&log_odds) {
    ///     assert!((row.sum() + model.base() - log_odds).abs() < 1e-9);
    /// }
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn contributions(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.explain(&self.explainer(), x)
    }

    /// Counts how these rows, however many, follow the paths of the trees, for explanations against them:
    /// [`TreeEnsemble::interventional_contributions_row`]. The counts are saved with the model, no value
    /// of a row is. Several backgrounds are numbered from 0, in the order in which they were given.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of columns or an infinite value; [`Error::Argument`] for
    /// no row.
    ///
    /// ```
    /// use ndarray::array;
    /// use winback::models::trees::Boosting;
    ///
    /// let x = array![[1.0], [2.0], [8.0], [9.0]];
    /// let params = Boosting::lightgbm().min_child_samples(1);
    /// let model = params.fit_weighted(x.view(), &[false, false, true, true], None, &[])?;
    /// // Against the customers who stayed.
    /// let model = model.with_background(array![[1.0], [2.0]].view())?;
    /// let mut out = [0.0];
    /// model.interventional_contributions_row(0, &[9.0], &mut out)?;
    /// let sum = out[0] + model.interventional_base(0)?;
    /// assert!((sum - model.log_odds_row(&[9.0])?).abs() < 1e-9);
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn with_background(self, rows: ArrayView2<'_, f64>) -> Result<Self> {
        self.with_background_of(rows, 1)
    }

    /// The same, in which no way to a leaf is told that fewer rows go than `least`: they are counted with
    /// those that go the nearest way.
    pub(crate) fn with_background_of(
        mut self,
        rows: ArrayView2<'_, f64>,
        least: u64,
    ) -> Result<Self> {
        self.check_columns(rows.ncols())?;
        if rows.nrows() == 0 {
            return Err(Error::argument("background rows", 0, "1 or more"));
        }
        check_rows(0, rows)?;
        let (branches, walker) = (self.branches(), self.batch_walker.as_ref());
        let counts = contributions::counts(branches, &self.schema, &self.trees, walker, rows);
        let background = Background::new(branches, rows.nrows(), counts, least);
        self.backgrounds.push(background);
        Ok(self)
    }

    /// Sets `out`, one number per column, to what each column adds to the log-odds of `row` when
    /// unknown columns take the values of a row of a background, averaged over it:
    /// contributions + [`interventional_base`](TreeEnsemble::interventional_base) = log-odds. The first
    /// explanation against a background works out what each way through the trees adds.
    ///
    /// Interventional TreeSHAP (Lundberg et al. 2020), exact against all rows of the background, in time
    /// that does not depend on their number (after Nadel and Wettenstein 2026).
    ///
    /// # Errors
    /// As [`TreeEnsemble::contributions_row`], and [`Error::Argument`] without such a background.
    pub fn interventional_contributions_row(
        &self,
        background: usize,
        row: &[f64],
        out: &mut [f64],
    ) -> Result<()> {
        self.explain_row(&self.interventional(background)?, row, out)
    }

    /// The same for every row of `x`, bit-identical.
    ///
    /// # Errors
    /// As [`TreeEnsemble::interventional_contributions_row`].
    pub fn interventional_contributions(
        &self,
        background: usize,
        x: ArrayView2<'_, f64>,
    ) -> Result<Array2<f64>> {
        self.explain(&self.interventional(background)?, x)
    }

    /// Mean log-odds of the rows of a background.
    ///
    /// # Errors
    /// [`Error::Argument`] without such a background.
    pub fn interventional_base(&self, background: usize) -> Result<f64> {
        Ok(self.start + self.background(background)?.mean(self.branches()))
    }

    /// Number of backgrounds.
    pub(crate) fn background_count(&self) -> usize {
        self.backgrounds.len()
    }

    fn background(&self, number: usize) -> Result<&Background> {
        self.backgrounds.get(number).ok_or_else(|| {
            let expected = format!(
                "a number below {}, that of the backgrounds given to `with_background`",
                self.backgrounds.len()
            );
            Error::argument("background", number, expected)
        })
    }

    fn branches(&self) -> &Branches {
        let walker = self.batch_walker.as_ref();
        self.branches.get_or_init(|| Branches::new(&self.schema, &self.trees, walker))
    }

    fn explainer(&self) -> Explainer<'_> {
        let branches = self.branches();
        let cells = self.by_covers.get_or_init(|| contributions::cells(branches, None));
        let (schema, trees) = (&self.schema, self.trees.as_slice());
        Explainer { schema, trees, branches, background: None, cells }
    }

    fn interventional(&self, number: usize) -> Result<Explainer<'_>> {
        let (branches, background) = (self.branches(), self.background(number)?);
        let new = || contributions::cells(branches, Some(background));
        let (schema, trees) = (&self.schema, self.trees.as_slice());
        let cells = background.cells.get_or_init(new);
        Ok(Explainer { schema, trees, branches, background: Some(background), cells })
    }

    fn explain_row(&self, explainer: &Explainer<'_>, row: &[f64], out: &mut [f64]) -> Result<()> {
        self.check_columns(row.len())?;
        self.check_columns(out.len())?;
        check_row(0, row)?;
        out.fill(0.0);
        explainer.add(row, out);
        Ok(())
    }

    fn explain(&self, explainer: &Explainer<'_>, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        self.check_columns(x.ncols())?;
        check_rows(0, x)?;
        if let Some(walker) = self.batch_walker.as_ref().filter(|_| x.nrows() >= FEW_ROWS) {
            return Ok(explainer.table(walker, x));
        }
        let mut out = vec![0.0; x.len()];
        for_each_row(x, x.ncols(), &mut out, |_, row, out| {
            explainer.add(row, out);
            Ok(())
        })?;
        Array2::from_shape_vec(x.dim(), out).map_err(|error| Error::Shape(error.to_string()))
    }

    /// Mean log-odds of the rows of the fit: the start value and every tree's leaves, weighted by
    /// the rows that fell into each.
    pub fn base(&self) -> f64 {
        self.start + self.trees.iter().map(Tree::mean).sum::<f64>()
    }

    /// Total gain of each column's splits: for a single tree the log loss saved (in nats, over the
    /// rows of the fit), for boosted trees about twice that, as LightGBM's `importance_type="gain"`
    /// counts it.
    pub fn gain_importances(&self) -> Vec<f64> {
        let mut gains = vec![0.0; self.columns()];
        for (column, gain) in self.splits() {
            gains[column] += gain;
        }
        gains
    }

    /// Number of splits on each column.
    pub fn split_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.columns()];
        for (column, _) in self.splits() {
            counts[column] += 1;
        }
        counts
    }

    /// Column and gain of every split.
    fn splits(&self) -> impl Iterator<Item = (usize, f64)> {
        let nodes = self.trees.iter().flat_map(|tree| tree.nodes.iter().zip(&tree.gain));
        nodes.filter_map(|(node, &gain)| match *node {
            Node::Leaf { .. } => None,
            Node::Number { column, .. } | Node::Category { column, .. } => {
                Some((column as usize, gain))
            }
        })
    }

    /// The trees as text, all or `tree` alone, counted from 0: a line per question and leaf, with the
    /// weight of its rows in brackets. A single tree's leaves show probabilities, those of boosted
    /// trees what they add to the log-odds.
    ///
    /// # Errors
    /// [`Error::Shape`] when there is not one name per column; [`Error::Argument`] when there is no
    /// such tree.
    ///
    /// ```
    /// use ndarray::array;
    /// use winback::models::trees::DecisionTree;
    ///
    /// let x = array![[1.0], [2.0], [8.0], [f64::NAN]];
    /// let params = DecisionTree::default().min_child_samples(1).min_gain(0.0).smoothing(2.0);
    /// let tree = params.fit_weighted(x.view(), &[false, false, true, true], None, &[])?;
    /// assert_eq!(
    ///     tree.text(&["silence"], None)?,
    ///     "silence < 5? [4]\n  yes: probability 0.2500 [2]\n  no: probability 0.7500 [2]\n",
    /// );
    /// assert!(tree.text(&["silence"], Some(1)).is_err());
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn text(&self, names: &[&str], tree: Option<usize>) -> Result<String> {
        self.text_with(&owned(names), &number_of_level, tree)
    }

    /// [`TreeEnsemble::text`] with names for levels.
    pub(crate) fn text_with(
        &self,
        columns: &[String],
        level: &dyn Fn(usize, u32) -> String,
        tree: Option<usize>,
    ) -> Result<String> {
        self.check_columns(columns.len())?;
        let words = Words { columns, level, end: &|value| self.leaf_text(value) };
        match tree {
            None => Ok(self.text_of(&words)),
            Some(tree) => Ok(text::text(self.tree(tree)?, &self.schema, &words)),
        }
    }

    fn text_of(&self, words: &Words<'_>) -> String {
        if let (true, [tree]) = (self.single, self.trees.as_slice()) {
            return text::text(tree, &self.schema, words);
        }
        let mut out = format!("start: log-odds {:.4}\n", self.start);
        for (i, tree) in self.trees.iter().enumerate() {
            out += &format!("tree {i}:\n");
            out += &text::text(tree, &self.schema, words);
        }
        out
    }

    /// Tree `tree`, counted from 0, as a graph in the DOT language of Graphviz.
    ///
    /// # Errors
    /// [`Error::Shape`] when there is not one name per column; [`Error::Argument`] when there is no
    /// such tree.
    ///
    /// ```
    /// use ndarray::array;
    /// use winback::models::trees::DecisionTree;
    ///
    /// let x = array![[1.0], [2.0], [8.0], [9.0]];
    /// let params = DecisionTree::default().min_child_samples(1).min_gain(0.0).smoothing(2.0);
    /// let tree = params.fit_weighted(x.view(), &[false, false, true, true], None, &[])?;
    /// let dot = tree.graphviz(&["silence"], 0)?;
    /// assert!(dot.starts_with("digraph tree_0 {") && dot.contains("0 -> 1 [label=\"yes\"];"));
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn graphviz(&self, names: &[&str], tree: usize) -> Result<String> {
        self.graphviz_with(&owned(names), &number_of_level, tree)
    }

    /// [`TreeEnsemble::graphviz`] with names for levels.
    pub(crate) fn graphviz_with(
        &self,
        columns: &[String],
        level: &dyn Fn(usize, u32) -> String,
        tree: usize,
    ) -> Result<String> {
        self.check_columns(columns.len())?;
        let words = Words { columns, level, end: &|value| self.leaf_text(value) };
        Ok(text::graphviz(self.tree(tree)?, &self.schema, &words, &format!("tree_{tree}")))
    }

    fn tree(&self, tree: usize) -> Result<&Tree> {
        self.trees.get(tree).ok_or_else(|| {
            let expected = match self.trees.len() {
                0 => "none, for the model has no trees: no split was worth it".to_owned(),
                count => format!("a number below {count}, that of the trees"),
            };
            Error::argument("tree", tree, expected)
        })
    }

    fn leaf_text(&self, value: f64) -> String {
        if self.single {
            format!("probability {:.4}", sigmoid(value))
        } else {
            format!("log-odds {value:+.4}")
        }
    }

    /// Checks that the trees can be used, wherever they come from: places in range, no cycles,
    /// numbers finite.
    ///
    /// # Errors
    /// [`Error::ModelFile`] with the first thing that is wrong.
    pub fn check(&self) -> Result<()> {
        self.schema.check()?;
        if !self.start.is_finite() || self.trees.len() > MAX_TREES {
            let (start, trees) = (self.start, self.trees.len());
            return Err(Error::model_file(format!(
                "trees: start {start} and {trees} trees; at most {MAX_TREES}"
            )));
        }
        self.trees.iter().try_for_each(|tree| tree.check(&self.schema))?;
        self.backgrounds.iter().try_for_each(|background| background.check(&self.trees))?;
        // The largest and the smallest leaf of every tree together must not overflow.
        let largest: f64 = self.trees.iter().map(Tree::largest).sum();
        if !(largest + self.start.abs()).is_finite() {
            return Err(Error::model_file("trees: the leaves' sum overflows"));
        }
        Ok(())
    }

    fn check_columns(&self, given: usize) -> Result<()> {
        if given == self.columns() {
            Ok(())
        } else {
            let fitted = self.columns();
            Err(Error::Shape(format!("{given} columns; the model was fitted to {fitted}")))
        }
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Levels without names are called by their numbers.
fn number_of_level(_: usize, level: u32) -> String {
    level.to_string()
}

fn check_row(row: usize, values: &[f64]) -> Result<()> {
    match values.iter().position(|value| value.is_infinite()) {
        Some(column) => Err(infinite(row, column)),
        None => Ok(()),
    }
}

fn check_rows(first: usize, x: ArrayView2<'_, f64>) -> Result<()> {
    // No early end, so that several values are looked at in one step.
    if !x.fold(false, |found, value| found | value.is_infinite()) {
        return Ok(());
    }
    let mut rows = x.rows().into_iter().enumerate();
    let place = rows.find_map(|(i, row)| Some((i, row.iter().position(|v| v.is_infinite())?)));
    place.map_or(Ok(()), |(row, column)| Err(infinite(first + row, column)))
}

/// The text with columns named `x0`, `x1`, ….
impl fmt::Display for TreeEnsemble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = (0..self.columns()).map(|column| format!("x{column}")).collect();
        let end = |value| self.leaf_text(value);
        let words = Words { columns: &names, level: &number_of_level, end: &end };
        f.write_str(&self.text_of(&words))
    }
}

impl Serialize for TreeEnsemble {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        TreeEnsemble::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for TreeEnsemble {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ensemble = TreeEnsemble::deserialize(deserializer)?;
        ensemble.check().map_err(serde::de::Error::custom)?;
        Ok(ensemble.laid_out())
    }
}
