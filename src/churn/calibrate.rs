//! Whether and how a model's probabilities are recalibrated, judged at a cutoff later than all that
//! the judged model learned from.

use super::calibration::{CalibrationChoice, CalibrationTrial, StateCalibration};
use super::early::Judged;
use crate::error::{Error, Result};
use crate::metrics::{brier_score, calibration, expected_calibration_error, log_loss};
use crate::models::{CalibrationMethod, Calibrator};

/// Standard errors by which the log loss must fall before `auto` calibrates.
const STANDARD_ERRORS: f64 = 2.0;

/// Fewer outcomes of either kind than this let `auto` leave out isotonic regression, whose steps
/// then follow chance (scikit-learn's guide gives the same limit).
const ISOTONIC_OUTCOMES: usize = 1_000;

/// Bins of the expected calibration error.
const BINS: usize = 10;

impl CalibrationTrial {
    fn of(
        method: Option<CalibrationMethod>,
        y: &[bool],
        before: &[f64],
        p: &[f64],
    ) -> Result<CalibrationTrial> {
        let loss = |row: usize, p: f64| {
            let p = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
            -(if y[row] { p } else { 1.0 - p }).ln()
        };
        let n = y.len() as f64;
        let gains: Vec<f64> =
            (0..y.len()).map(|row| loss(row, before[row]) - loss(row, p[row])).collect();
        let gain = gains.iter().sum::<f64>() / n;
        let squares: f64 = gains.iter().map(|each| (each - gain).powi(2)).sum();
        let found = calibration(y, p, None).ok();
        Ok(CalibrationTrial {
            method,
            log_loss: log_loss(y, p, None)?,
            gain,
            gain_se: (squares / (n * (n - 1.0))).sqrt(),
            brier_score: brier_score(y, p, None)?,
            slope: found.map(|found| found.slope),
            intercept: found.map(|found| found.intercept),
            expected_calibration_error: expected_calibration_error(y, p, BINS, None)?,
        })
    }

    /// What was said at a cutoff, as it is and by each method as fitted at the cutoff before.
    fn all(before: &Judged, then: &Judged) -> Result<Vec<CalibrationTrial>> {
        let (y, p) = (&then.purchased[..], &then.probability[..]);
        let mut trials = vec![CalibrationTrial::of(None, y, p, p)?];
        for method in CalibrationMethod::ALL {
            let map = method.fit(&before.purchased, &before.probability, None);
            if let Some(map) = defined(map)? {
                let calibrated: Vec<f64> = p.iter().map(|&p| map.apply(p)).collect();
                trials.push(CalibrationTrial::of(Some(method), y, p, &calibrated)?);
            }
        }
        Ok(trials)
    }

    fn helps(&self) -> bool {
        self.gain > STANDARD_ERRORS * self.gain_se
    }
}

impl StateCalibration {
    /// Judges every method and fits the chosen one to what was said at the latest cutoff.
    ///
    /// `asked`: what early models said at the latest cutoff, at the one before it whose outcomes were
    /// known there, and so on.
    pub(crate) fn choose(choice: CalibrationChoice, asked: &[Judged]) -> Result<StateCalibration> {
        let Some(latest) = asked.first() else {
            return Err(Error::TooLittleData("nothing to calibrate by".into()));
        };
        let (y, p) = (&latest.purchased[..], &latest.probability[..]);
        let customers = latest.outcomes();
        let trials = match asked {
            [latest, before, ..] => CalibrationTrial::all(before, latest)?,
            _ => Vec::new(),
        };
        let earlier = match asked {
            [_, before, first, ..] => CalibrationTrial::all(first, before)?,
            _ => Vec::new(),
        };
        let helped_before = |method| {
            earlier.iter().any(|trial: &CalibrationTrial| trial.method == method && trial.helps())
        };
        let few = customers.least() < ISOTONIC_OUTCOMES;
        let allowed = |trial: &&CalibrationTrial| {
            trial.helps()
                && helped_before(trial.method)
                && !(few && trial.method == Some(CalibrationMethod::Isotonic))
        };
        let method = match choice {
            CalibrationChoice::Auto => trials
                .iter()
                .filter(allowed)
                .max_by(|a, b| a.gain.total_cmp(&b.gain))
                .and_then(|trial| trial.method),
            CalibrationChoice::None => None,
            CalibrationChoice::Method(method) => Some(method),
        };
        let calibrator = match method {
            Some(method) => defined(method.fit(y, p, None))?.map(Calibrator::rounded),
            None => None,
        };
        Ok(StateCalibration { calibrator, customers, trials })
    }
}

/// None where there is too little to fit.
fn defined(map: Result<Calibrator>) -> Result<Option<Calibrator>> {
    match map {
        Ok(map) => Ok(Some(map)),
        Err(Error::TooLittleData(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash;
    use crate::models::odds::{logit, sigmoid};

    /// Customers of known chances, whose log-odds the model tells `factor` times too far apart.
    fn early(seed: u64, factor: f64, customers: u64) -> Judged {
        let uniform = |i: u64| hash::share(hash::draw(seed * 1_000_003 + i));
        let truth: Vec<f64> = (0..customers).map(|i| 0.05 + 0.9 * uniform(2 * i)).collect();
        let purchased = truth.iter().zip(0..).map(|(p, i)| uniform(2 * i + 1) < *p).collect();
        let probability = truth.iter().map(|&p| sigmoid(factor * logit(p))).collect();
        Judged { purchased, probability }
    }

    fn method(choice: CalibrationChoice, asked: &[Judged]) -> Option<CalibrationMethod> {
        let found = StateCalibration::choose(choice, asked).unwrap();
        found.calibrator.map(|calibrator| calibrator.method())
    }

    #[test]
    fn auto_calibrates_what_was_off_at_two_cutoffs() {
        let asked = [early(1, 3.0, 3_000), early(2, 3.0, 3_000), early(3, 3.0, 3_000)];
        let found = StateCalibration::choose(CalibrationChoice::Auto, &asked).unwrap();
        let (before, after) = (found.before().unwrap(), found.after().unwrap());
        assert!(after.gain > STANDARD_ERRORS * after.gain_se && after.log_loss < before.log_loss);
        assert!((before.slope.unwrap() - 1.0 / 3.0).abs() < 0.05, "{before:?}");
        assert!((after.slope.unwrap() - 1.0).abs() < 0.15, "{after:?}");
        assert!((found.apply(sigmoid(3.0)) - sigmoid(1.0)).abs() < 0.03);
    }

    #[test]
    fn auto_leaves_alone_what_is_right_or_was_off_once() {
        let right = [early(1, 1.0, 3_000), early(2, 1.0, 3_000), early(3, 1.0, 3_000)];
        assert_eq!(method(CalibrationChoice::Auto, &right), None);
        let once = [early(1, 3.0, 3_000), early(2, 3.0, 3_000), early(3, 0.6, 3_000)];
        assert_eq!(method(CalibrationChoice::Auto, &once), None);
        let passing = [early(1, 1.0, 3_000), early(2, 3.0, 3_000), early(3, 3.0, 3_000)];
        assert_eq!(method(CalibrationChoice::Auto, &passing), None);
    }

    #[test]
    fn auto_needs_three_cutoffs_and_a_named_method_one() {
        let mut asked = vec![early(1, 3.0, 3_000), early(2, 3.0, 3_000)];
        assert_eq!(method(CalibrationChoice::Auto, &asked), None);
        for wanted in CalibrationMethod::ALL {
            assert_eq!(method(CalibrationChoice::Method(wanted), &asked), Some(wanted));
        }
        asked.truncate(1);
        let found = StateCalibration::choose("beta".parse().unwrap(), &asked).unwrap();
        assert!(found.calibrator.is_some() && found.trials.is_empty());
        assert!(StateCalibration::choose(CalibrationChoice::Auto, &[]).is_err());
    }

    #[test]
    fn auto_takes_isotonic_regression_only_with_many_outcomes() {
        // A step that neither Platt's nor the beta map can follow.
        let step = |seed: u64, customers: u64| {
            let mut early = early(seed, 1.0, customers);
            for p in &mut early.probability {
                *p = if *p < 0.5 { 0.02 + *p * 0.01 } else { 0.03 + *p * 0.01 };
            }
            early
        };
        let asked = |customers| [1, 2, 3].map(|seed| step(seed, customers));
        assert_eq!(
            method(CalibrationChoice::Auto, &asked(20_000)),
            Some(CalibrationMethod::Isotonic)
        );
        assert_ne!(
            method(CalibrationChoice::Auto, &asked(1_200)),
            Some(CalibrationMethod::Isotonic)
        );
    }
}
