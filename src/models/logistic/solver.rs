//! How the coefficients are found.

use serde::{Deserialize, Serialize};

use crate::error::named_choice;

/// How the coefficients are found.
///
/// ```
/// use winback::models::Solver;
/// assert_eq!("newton-cholesky".parse::<Solver>()?, Solver::NewtonCholesky);
/// assert_eq!(Solver::Lbfgs.to_string(), "lbfgs");
/// assert!("saga".parse::<Solver>().is_err());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Solver {
    /// [`Solver::NewtonCholesky`]; [`Solver::Lbfgs`] for more than 1,000 columns when `c` is finite
    /// and rows have equal weights.
    #[default]
    Auto,
    /// Newton's method with the exact Hessian: few passes over the rows, exact to rounding, and
    /// insensitive to the columns' scales. Time grows with rows × columns².
    NewtonCholesky,
    /// linfa's L-BFGS, for wide tables. Columns must be of similar scale, and rows of equal weight;
    /// accurate to about 1e-4 of a standardised coefficient. With `c` infinite it takes at most
    /// 1,000 columns.
    Lbfgs,
}

named_choice!(Solver, "solver": Auto = "auto", NewtonCholesky = "newton-cholesky", Lbfgs = "lbfgs");
