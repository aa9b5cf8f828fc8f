//! How good is a score? Measures of ranking (who comes first), of probability (does 30 % mean
//! thirty in a hundred) and of profit (what contacting the top of the ranking earns).
//!
//! All take `y`, the outcome of each customer, and a score or probability of the same length that
//! should be higher for customers with the outcome. Names and values are scikit-learn's, with two
//! differences that are stated where they occur: an undefined measure returns no value but an error
//! that says why, and ties are never broken by the label or by row order.
//!
//! ```
//! use winback::metrics::{Quality, roc_auc};
//! let churned = [false, false, true, true];
//! let probability = [0.1, 0.4, 0.35, 0.8];
//! assert_eq!(roc_auc(&churned, &probability, None)?, 0.75);
//! println!("{}", Quality::of(&churned, &probability)?);
//! # Ok::<(), winback::Error>(())
//! ```

mod calibration;
mod delong;
mod drift;
mod economics;
mod inputs;
mod measures;
mod probability;
mod profit;
mod quality;
mod ranking;
mod uplift;

pub use calibration::{Calibration, calibration, expected_calibration_error};
pub use delong::roc_auc_standard_error;
pub use drift::{Stability, StabilityIndex, population_stability_index};
pub use economics::{AcceptRate, Economics, PerCustomer};
pub use measures::{Measure, Measures};
pub use probability::{brier_score, log_loss};
pub use profit::{MaximumProfit, ProfitCurve, ProfitPoint, empc, mpc, profit_curve};
pub use quality::Quality;
pub use ranking::{average_precision, capture, lift, lift_quality, roc_auc};
pub use uplift::{
    Gain, PolicyPoint, PolicyTest, PolicyValues, UpliftAt, UpliftInterval, UpliftIntervals,
    UpliftMeasure, UpliftPoint, UpliftRanking,
};

pub(crate) use measures::Sample;
pub(crate) use uplift::mean_of;
