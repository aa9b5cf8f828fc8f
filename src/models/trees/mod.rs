//! Trees of questions about single columns, grown from histograms: one, or many boosted.
//!
//! In the order of the work: `binning` turns every column into at most 255 bins (`quantile` finds
//! where to cut), `histogram` sums two statistics per bin, `split` finds the best question of a
//! column, `seek` that of a node, `grow` builds a tree and `divide` its rows. [`DecisionTree`] is
//! the estimator of one tree; for [`Boosting`], `boost` grows one tree after another on
//! `gradients`, from a `sample` of rows and columns. [`TreeEnsemble`] is what both produce: `tree`
//! is its form on disk, `walk` predicts a row and `batch` many, `paths`, `branches`, `shap`,
//! `background` and `contributions` explain, `text` displays. `vectorized` makes loops use wide registers.
//!
//! Statistics are fixed-point whole numbers, so a fit is bit-identical for any number of threads
//! and any order of the rows.

mod background;
mod batch;
mod binning;
mod bits;
mod boost;
mod boosting;
mod boosting_fit;
mod branches;
mod check;
mod contributions;
mod decision_tree;
mod divide;
mod ensemble;
mod gradients;
mod grow;
mod histogram;
mod paths;
mod quantile;
mod sample;
mod seek;
mod shap;
mod split;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod vectorized;
mod walk;

pub use boosting::Boosting;
pub use decision_tree::DecisionTree;
pub use ensemble::TreeEnsemble;
pub(crate) use tree::MAX_DEPTH;
