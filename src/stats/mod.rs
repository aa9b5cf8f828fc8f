//! Statistics that several rooms need: distributions, intervals, tests, survival, exact sums.

mod always_valid;
mod beta;
mod clustered;
mod decimal;
mod exact_sum;
mod gamma_step;
mod least_squares;
mod logarithms;
mod means;
mod normal;
mod percentile;
mod proportions;
mod random_effects;
mod rates;
mod sample_size;
mod several;
mod shares;
#[cfg(test)]
mod simulations;
mod special;
mod student;
mod survival;

pub(crate) use always_valid::{always_valid_p_value, always_valid_reach, narrowest_tau};
pub(crate) use beta::beta_cdf;
pub(crate) use clustered::ClusteredMean;
pub(crate) use decimal::{SHARED, parting, rounded_among, shortest_between};
pub(crate) use exact_sum::{ExactSum, exact_sum};
pub(crate) use gamma_step::{Jet, far_step, log_gamma, log_gamma_step};
pub(crate) use least_squares::{adjusted_mean, log_odds_gain};
pub(crate) use logarithms::{ln, ln_1p};
pub(crate) use means::{Mean, MeanDifference, fieller_lift_interval};
pub(crate) use normal::{Z95, normal_density, normal_quantile, two_sided, upper_tail};
pub(crate) use percentile::percentile;
pub(crate) use proportions::{Share, log_lift_interval, newcombe_interval, pooled_p_value};
pub(crate) use random_effects::{Effect, RandomEffects};
pub use rates::wilson_interval;
pub(crate) use rates::{effective_number, wilson_of_share};
pub(crate) use sample_size::{Arms, SizeMethod};
pub(crate) use several::{benjamini_hochberg, holm};
pub(crate) use shares::ShareChange;
pub(crate) use special::{chi_squared_quantile, chi_squared_tail};
pub(crate) use student::student_cdf;
pub use survival::{IntervalKind, KaplanMeier, Step};

/// Shares of arms whose p value is below this are no chance.
pub(crate) const LEAST_RATIO_P_VALUE: f64 = 0.001;
