//! Trees of questions about single columns, grown from histograms.
//!
//! In the order of the work: `binning` turns every column into at most 255 bins, `histogram` sums two
//! statistics per bin, `split` finds the best question of a column, `grow` divides the rows, `tree`
//! is the flat form that predicts, `shap` explains a prediction. [`DecisionTree`] is the estimator
//! made of them.
//!
//! Statistics are fixed-point whole numbers, so a fit is equal to the bit for any number of threads
//! and any order of the rows.

mod background;
mod batch;
mod binning;
mod boost;
mod boosting;
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
mod shap;
mod split;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod walk;

pub use boosting::Boosting;
pub use decision_tree::DecisionTree;
pub use ensemble::TreeEnsemble;
