//! The measures that belong together, in one struct.

use std::fmt;

use super::{average_precision, brier_score, lift, log_loss, roc_auc};
use crate::error::Result;

/// How good one score is on one set of customers.
///
/// ```
/// use winback::metrics::Quality;
/// let y = [false, false, true, true];
/// let model = Quality::of(&y, &[0.1, 0.4, 0.35, 0.8])?;
/// let baseline = Quality::of_score(&y, &[20.0, 90.0, 60.0, 80.0])?; // days of silence
/// assert!(model.roc_auc > baseline.roc_auc);
/// assert_eq!(baseline.brier, None); // days are no probability
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Quality {
    /// Number of customers.
    pub n: usize,
    /// How many of them have the outcome.
    pub positives: usize,
    /// `positives` / `n`.
    pub base_rate: f64,
    /// See [`roc_auc`].
    pub roc_auc: f64,
    /// See [`average_precision`]; compare it with `base_rate`.
    pub average_precision: f64,
    /// See [`brier_score`]; none for a score that is not a probability.
    pub brier: Option<f64>,
    /// See [`log_loss`]; none for a score that is not a probability.
    pub log_loss: Option<f64>,
    /// [`lift`] of the top tenth.
    pub lift_10: f64,
}

impl Quality {
    /// Quality of the probabilities `p`, one for each outcome in `y`.
    ///
    /// # Errors
    /// As [`roc_auc`] and [`brier_score`]; both outcomes must occur.
    pub fn of(y: &[bool], p: &[f64]) -> Result<Self> {
        // Probabilities first: 1.2 is refused as a probability, not judged as a score.
        let (brier, log_loss) = (brier_score(y, p, None)?, log_loss(y, p, None)?);
        Ok(Quality { brier: Some(brier), log_loss: Some(log_loss), ..Self::of_score(y, p)? })
    }

    /// Quality of a score that only ranks, such as days of silence as a baseline; `brier` and
    /// `log_loss` stay empty.
    ///
    /// # Errors
    /// As [`roc_auc`]; both outcomes must occur.
    pub fn of_score(y: &[bool], score: &[f64]) -> Result<Self> {
        let roc_auc = roc_auc(y, score, None)?;
        let positives = y.iter().filter(|&&y| y).count();
        Ok(Quality {
            n: y.len(),
            positives,
            base_rate: positives as f64 / y.len() as f64,
            roc_auc,
            average_precision: average_precision(y, score, None)?,
            brier: None,
            log_loss: None,
            lift_10: lift(y, score, 0.1)?,
        })
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} ({:.1} %), AUC {:.3}, average precision {:.3}, top-tenth lift {:.2}",
            self.positives,
            self.n,
            100.0 * self.base_rate,
            self.roc_auc,
            self.average_precision,
            self.lift_10
        )?;
        if let Some(brier) = self.brier {
            write!(f, ", Brier {brier:.4}")?;
        }
        if let Some(log_loss) = self.log_loss {
            write!(f, ", log loss {log_loss:.4}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    const Y: [bool; 4] = [false, false, true, true];
    const P: [f64; 4] = [0.1, 0.4, 0.35, 0.8];

    #[test]
    fn quality_holds_the_single_measures() {
        let quality = Quality::of(&Y, &P).unwrap();
        assert_eq!((quality.n, quality.positives, quality.base_rate), (4, 2, 0.5));
        assert_eq!(quality.roc_auc, roc_auc(&Y, &P, None).unwrap());
        assert_eq!(quality.average_precision, average_precision(&Y, &P, None).unwrap());
        assert_eq!(quality.brier, Some(brier_score(&Y, &P, None).unwrap()));
        assert_eq!(quality.log_loss, Some(log_loss(&Y, &P, None).unwrap()));
        assert_eq!(quality.lift_10, 2.0);
        let ranking = Quality { brier: None, log_loss: None, ..quality };
        assert_eq!(Quality::of_score(&Y, &P).unwrap(), ranking);
    }

    #[test]
    fn quality_prints_on_one_line_and_reads_back_from_json() {
        let quality = Quality::of(&Y, &P).unwrap();
        assert_eq!(
            quality.to_string(),
            "2 of 4 (50.0 %), AUC 0.750, average precision 0.833, top-tenth lift 2.00, \
             Brier 0.1581, log loss 0.4723"
        );
        assert!(Quality::of_score(&Y, &P).unwrap().to_string().ends_with("lift 2.00"));
        let json = serde_json::to_string(&quality).unwrap();
        assert_eq!(serde_json::from_str::<Quality>(&json).unwrap(), quality);
    }

    #[test]
    fn scores_outside_0_and_1_are_no_probabilities() {
        let days = [20.0, 90.0, 60.0, 80.0];
        assert!(matches!(Quality::of(&Y, &days), Err(Error::Argument { name: "p", .. })));
        assert!(Quality::of_score(&Y, &days).is_ok());
        assert!(matches!(Quality::of(&[true; 4], &P), Err(Error::TooLittleData(_))));
    }
}
