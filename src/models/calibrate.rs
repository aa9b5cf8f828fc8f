//! Calibrated probabilities: monotone maps from a model's probabilities to better ones.

use serde::{Deserialize, Serialize};

use super::odds::{clipped, logit, sigmoid};
use crate::error::{Error, Result, named_choice};

/// How probabilities are recalibrated.
///
/// ```
/// use winback::models::CalibrationMethod;
/// let p = [0.1, 0.2, 0.6, 0.7, 0.8, 0.9];
/// let y = [false, false, false, true, false, true];
/// let platt = CalibrationMethod::Platt.fit(&y, &p, None)?;
/// assert!(platt.apply(0.9) < 0.9 && platt.apply(0.9) > platt.apply(0.8));
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CalibrationMethod {
    /// logit q = a·logit p + b (Platt 1999, "Probabilistic outputs for support vector machines"),
    /// fitted to the targets (N₊+1)/(N₊+2) and 1/(N₋+2) instead of 1 and 0.
    Platt,
    /// The increasing step function of least squares, interpolated linearly between its steps
    /// (Zadrozny and Elkan 2002). It needs many rows, and makes some probabilities equal, including
    /// 0 and 1.
    Isotonic,
    /// logit q = a·ln p − b·ln(1 − p) + c with a, b ≥ 0 (Kull, Silva Filho and Flach 2017, "Beta
    /// calibration").
    Beta,
}

named_choice!(
    CalibrationMethod, "calibration":
    Platt = "platt",
    Isotonic = "isotonic",
    Beta = "beta",
);

/// A fitted map from probabilities to calibrated ones; it is monotone and so keeps the ranking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent, remote = "Self")]
pub struct Calibrator(pub(super) Map);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Map {
    Platt {
        a: f64,
        b: f64,
    },
    /// Linear between the points (p, q), constant beyond them.
    Isotonic {
        p: Vec<f64>,
        q: Vec<f64>,
    },
    Beta {
        a: f64,
        b: f64,
        c: f64,
    },
}

crate::model_file::checked_serde!(Calibrator);

impl Calibrator {
    /// The method it was fitted by.
    pub fn method(&self) -> CalibrationMethod {
        match self.0 {
            Map::Platt { .. } => CalibrationMethod::Platt,
            Map::Isotonic { .. } => CalibrationMethod::Isotonic,
            Map::Beta { .. } => CalibrationMethod::Beta,
        }
    }

    /// The calibrated probability; NaN for NaN.
    pub fn apply(&self, probability: f64) -> f64 {
        match &self.0 {
            Map::Platt { a, b } => sigmoid(a * logit(probability) + b),
            Map::Beta { a, b, c } => {
                let p = clipped(probability);
                sigmoid(a * p.ln() - b * (-p).ln_1p() + c)
            }
            Map::Isotonic { p, q } => {
                let above = p.partition_point(|&point| point <= probability);
                match (above.checked_sub(1).map(|i| (p[i], q[i])), p.get(above)) {
                    (Some((p0, q0)), Some(&p1)) => {
                        q0 + (q[above] - q0) * ((probability - p0) / (p1 - p0))
                    }
                    (Some((_, q0)), None) => q0,
                    (None, _) if probability.is_nan() => probability,
                    (None, _) => q[0],
                }
            }
        }
    }

    /// Refuses a map that is none, as of a damaged file.
    pub(super) fn check(&self) -> Result<()> {
        let sound = match &self.0 {
            Map::Platt { a, b } => *a > 0.0 && a.is_finite() && b.is_finite(),
            Map::Beta { a, b, c } => {
                *a >= 0.0 && *b >= 0.0 && a + b > 0.0 && (a + b).is_finite() && c.is_finite()
            }
            Map::Isotonic { p, q } => {
                let within = |values: &[f64]| values.iter().all(|v| (0.0..=1.0).contains(v));
                p.len() == q.len()
                    && !p.is_empty()
                    && within(p)
                    && within(q)
                    && p.windows(2).all(|pair| pair[0] < pair[1])
                    && q.windows(2).all(|pair| pair[0] <= pair[1])
            }
        };
        if sound { Ok(()) } else { Err(Error::model_file("its calibration is no increasing map")) }
    }
}
