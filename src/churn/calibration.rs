//! How a model's probabilities are recalibrated, and how good that is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::outcome_counts::OutcomeCounts;
use crate::error::{Error, Result};
use crate::models::{CalibrationMethod, Calibrator};

/// Which calibration a [`ChurnModel`](super::ChurnModel) applies to its probabilities.
///
/// ```
/// use winback::churn::CalibrationChoice;
/// assert_eq!("auto".parse::<CalibrationChoice>()?, CalibrationChoice::Auto);
/// assert_eq!("beta".parse::<CalibrationChoice>()?.to_string(), "beta");
/// assert!("sigmoid".parse::<CalibrationChoice>().is_err());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum CalibrationChoice {
    /// The method that, fitted at one training cutoff, lowers the log loss most at the latest one,
    /// whose customers came after everything it was fitted to. It must lower it by more than two
    /// standard errors there, and must have done so once before, from a still earlier cutoff to
    /// that one. Otherwise, or if the training cutoffs do not reach back far enough, none. None for
    /// [`Estimator::Average`](super::Estimator::Average): the mean of several models is not as
    /// overconfident as one, and what was off at the last cutoff seldom is at the next.
    #[default]
    Auto,
    /// None.
    None,
    /// This method, whether it helps or not.
    Method(CalibrationMethod),
}

impl fmt::Display for CalibrationChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            CalibrationChoice::Auto => "auto",
            CalibrationChoice::None => "none",
            CalibrationChoice::Method(method) => method.name(),
        })
    }
}

impl FromStr for CalibrationChoice {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "auto" => Ok(CalibrationChoice::Auto),
            "none" => Ok(CalibrationChoice::None),
            name => name.parse().map(CalibrationChoice::Method).map_err(|_| {
                let allowed = "\"auto\", \"none\", \"platt\", \"isotonic\" or \"beta\"";
                Error::text_argument("calibration", name, allowed)
            }),
        }
    }
}

impl TryFrom<String> for CalibrationChoice {
    type Error = Error;

    fn try_from(name: String) -> Result<Self> {
        name.parse()
    }
}

impl From<CalibrationChoice> for String {
    fn from(choice: CalibrationChoice) -> String {
        choice.to_string()
    }
}

/// How good the probabilities of one state's customers are before and after calibration.
///
/// All figures are for the latest training cutoff, for a model that learned only from outcomes that
/// ended before it, and for customers that the calibration itself was not fitted to (five parts of
/// customers, each judged by the fit to the other four).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StateCalibration {
    /// What is applied to the model's probabilities of a purchase; if none, they stay as they are.
    pub calibrator: Option<Calibrator>,
    /// The customers it was judged on.
    pub customers: OutcomeCounts,
    /// First the probabilities as they are, then those of each method that could be fitted.
    pub trials: Vec<CalibrationTrial>,
}

/// The quality of the probabilities of a purchase, as they are or calibrated by one method.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CalibrationTrial {
    /// None: as they are.
    pub method: Option<CalibrationMethod>,
    /// Mean log loss, in nats.
    pub log_loss: f64,
    /// How much lower this is than without calibration.
    pub gain: f64,
    /// The standard error of this difference over customers.
    pub gain_se: f64,
    /// Brier score.
    pub brier_score: f64,
    /// Calibration slope; none if undefined.
    pub slope: Option<f64>,
    /// Calibration intercept; none if undefined.
    pub intercept: Option<f64>,
    /// Expected calibration error, 10 bins of equal count.
    pub expected_calibration_error: f64,
}

impl StateCalibration {
    /// The probability as it is reported.
    pub(crate) fn apply(&self, probability: f64) -> f64 {
        self.calibrator.as_ref().map_or(probability, |calibrator| calibrator.apply(probability))
    }

    /// The probabilities as they are, if they could be judged.
    pub fn before(&self) -> Option<&CalibrationTrial> {
        self.trials.first()
    }

    /// The probabilities as reported, if a calibration is applied and could be judged.
    pub fn after(&self) -> Option<&CalibrationTrial> {
        let method = self.calibrator.as_ref()?.method();
        self.trials.iter().find(|trial| trial.method == Some(method))
    }
}

impl fmt::Display for StateCalibration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(calibrator) = &self.calibrator else {
            return f.write_str("probabilities not calibrated");
        };
        write!(f, "probabilities calibrated by {}", calibrator.method())?;
        if let (Some(before), Some(after)) = (self.before(), self.after()) {
            write!(f, " (log loss {:.4} before, {:.4} after)", before.log_loss, after.log_loss)?;
        }
        Ok(())
    }
}
