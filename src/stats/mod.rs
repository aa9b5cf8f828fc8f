//! Statistics that several rooms need: distributions, intervals, tests, survival, exact sums.

mod beta;
mod exact_sum;
mod gamma_step;
mod normal;
mod percentile;
mod rates;
mod shares;
mod special;
mod survival;

pub(crate) use beta::beta_cdf;
pub(crate) use exact_sum::{ExactSum, exact_sum};
pub(crate) use gamma_step::{Jet, far_step, log_gamma, log_gamma_step};
pub(crate) use normal::{Z95, normal_quantile, two_sided, upper_tail};
pub(crate) use percentile::percentile;
pub use rates::wilson_interval;
pub(crate) use rates::{effective_number, wilson_of_share};
pub(crate) use shares::ShareChange;
pub(crate) use special::chi_squared_quantile;
pub use survival::{IntervalKind, KaplanMeier, Step};
