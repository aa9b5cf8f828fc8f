//! Gradient-boosted trees: how they are fitted.

use ndarray::ArrayView2;

use super::boost::{Input, boost};
use super::boosting::Boosting;
use super::check::check_table;
use super::ensemble::TreeEnsemble;
use crate::error::{Error, Result};
use crate::progress::Stop;

/// Weights of which sums and products stay ordinary numbers.
const WEIGHTS: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

impl Boosting {
    /// Fits trees to `x` (rows x columns; NaN is missing) and one outcome per row.
    ///
    /// `weights`, one per row, multiply a row's part in the log loss; without them every row
    /// counts 1. `min_split_gain`, `min_child_weight` and `lambda_l2` are measured in them: with
    /// weights whose mean is far below 1, no split is worth it. `categories` are pairs of a column
    /// and its number of levels: such a column holds levels as whole numbers from 0, and everything
    /// else in it counts as missing.
    ///
    /// # Errors
    /// [`Error::Argument`] when a parameter or a category is out of range, a category has a
    /// monotone constraint or the number of constraints is not the number of columns;
    /// [`Error::Shape`] when lengths differ, there is no column, a value is infinite, or weights
    /// are negative, not finite, all zero or sum to less than 10⁻¹⁰⁰ or more than 10¹⁰⁰;
    /// [`Error::TooLittleData`] without rows, or when all rows of weight have the same outcome.
    pub fn fit_weighted(
        &self,
        x: ArrayView2<'_, f64>,
        y: &[bool],
        weights: Option<&[f64]>,
        categories: &[(usize, usize)],
    ) -> Result<TreeEnsemble> {
        self.fit_held_out(x, y, weights, categories, &[])
    }

    /// As [`Boosting::fit_weighted`], with some rows held out: trees are not grown from them, and
    /// once `early_stopping_rounds` trees have not lowered their log loss, fitting stops and keeps
    /// the trees up to the lowest.
    ///
    /// `held_out` says for every row whether it is held out; if it is empty, none are. Hold out the
    /// latest rows, never random ones; otherwise the number of trees suits only the past.
    ///
    /// # Errors
    /// As [`Boosting::fit_weighted`], and [`Error::Shape`] for another length of `held_out`.
    ///
    /// ```
    /// use ndarray::Array2;
    /// use winback::models::trees::Boosting;
    ///
    /// // Noise: no tree helps the later rows for long.
    /// let x = Array2::from_shape_fn((400, 1), |(i, _)| (i * 37 % 101) as f64);
    /// let y: Vec<bool> = (0..400).map(|i| i * 71 % 13 < 5).collect();
    /// let later: Vec<bool> = (0..400).map(|i| i >= 200).collect();
    /// let params = Boosting::lightgbm().n_estimators(200).early_stopping_rounds(10);
    /// let model = params.fit_held_out(x.view(), &y, None, &[], &later)?;
    /// assert!(model.tree_count() < 200);
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn fit_held_out(
        &self,
        x: ArrayView2<'_, f64>,
        y: &[bool],
        weights: Option<&[f64]>,
        categories: &[(usize, usize)],
        held_out: &[bool],
    ) -> Result<TreeEnsemble> {
        self.fit_stoppable(x, y, weights, categories, held_out, Stop::NEVER)
    }

    /// As [`Boosting::fit_held_out`], until `go_on`, which is called often and from any thread,
    /// returns false.
    ///
    /// # Errors
    /// As [`Boosting::fit_held_out`], and [`Error::Interrupted`] once `go_on` has returned false.
    ///
    /// ```
    /// use ndarray::array;
    /// use winback::{Error, models::trees::Boosting};
    ///
    /// let (x, y) = (array![[1.0], [2.0]], [false, true]);
    /// let stopped = Boosting::lightgbm().fit_while(x.view(), &y, None, &[], &[], &|| false);
    /// assert!(matches!(stopped, Err(Error::Interrupted)));
    /// ```
    pub fn fit_while(
        &self,
        x: ArrayView2<'_, f64>,
        y: &[bool],
        weights: Option<&[f64]>,
        categories: &[(usize, usize)],
        held_out: &[bool],
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<TreeEnsemble> {
        self.fit_stoppable(x, y, weights, categories, held_out, Stop::unless(go_on))
    }

    fn fit_stoppable(
        &self,
        x: ArrayView2<'_, f64>,
        y: &[bool],
        weights: Option<&[f64]>,
        categories: &[(usize, usize)],
        held_out: &[bool],
        stop: Stop<'_>,
    ) -> Result<TreeEnsemble> {
        self.validate()?;
        check_table(x, y, weights)?;
        self.check_constraints(x.ncols(), categories)?;
        if !(held_out.is_empty() || held_out.len() == y.len()) {
            let (given, rows) = (held_out.len(), y.len());
            return Err(Error::Shape(format!("{rows} rows and {given} marks of rows held out")));
        }
        if let Some(weights) = weights {
            let total: f64 = weights.iter().sum();
            if !WEIGHTS.contains(&total) {
                return Err(Error::Shape(format!(
                    "the weights sum to {total}; from {:e} to {:e} can be computed with",
                    WEIGHTS.start(),
                    WEIGHTS.end()
                )));
            }
        }
        let has_weight = |row: &u32| weights.is_none_or(|weights| weights[*row as usize] > 0.0);
        let (held_out, used): (Vec<u32>, Vec<u32>) = (0..y.len() as u32)
            .filter(has_weight)
            .partition(|&row| held_out.get(row as usize).copied().unwrap_or(false));
        let positive = used.iter().filter(|&&row| y[row as usize]).count();
        if positive == 0 || positive == used.len() {
            return Err(Error::TooLittleData(format!(
                "all {} rows of weight have the same outcome; boosting needs both",
                used.len()
            )));
        }
        let input = Input { x: x.reborrow(), y, weights, categories, used, held_out, stop };
        // Within the pool: from outside, every parallel step would wait for a thread to wake.
        rayon::scope(|_| boost(self, &input))
    }

    fn check_constraints(&self, columns: usize, categories: &[(usize, usize)]) -> Result<()> {
        let given = &self.monotone_constraints;
        if !(given.is_empty() || given.len() == columns) {
            let value = format!("{} numbers", given.len());
            let expected = format!("one number for each of {columns} columns, or none");
            return Err(Error::argument("monotone_constraints", value, expected));
        }
        let constrained = |column: usize| given.get(column).is_some_and(|&d| d != 0);
        match categories.iter().find(|(column, _)| constrained(*column)) {
            Some((column, _)) => {
                let value = format!("{} (column {column})", given[*column]);
                Err(Error::argument("monotone_constraints", value, "0 for a category"))
            }
            None => Ok(()),
        }
    }
}
