//! How good a model's probabilities are before and after calibration, as a table.

use arrow_array::RecordBatch;

use super::calibration::{CalibrationTrial, StateCalibration};
use super::model::ChurnModel;
use crate::answer::columns::{batch, counts, flags, numbers, texts};
use crate::error::Result;
use crate::labels::State;
use crate::models::Calibrator;

impl ChurnModel {
    /// How good the probabilities are before and after calibration, as an Arrow table with a row
    /// for each state and method that could be judged: `state`, `method` (`none`: as they are),
    /// `used`, `customers` (on whom it was judged), `log_loss`, `gain` (log loss saved), `gain_se`
    /// (its standard error), `brier_score`, `calibration_slope`, `calibration_intercept` (null if
    /// undefined), `expected_calibration_error`.
    ///
    /// # Errors
    /// None in practice; [`Error::Arrow`](crate::Error::Arrow) is passed on.
    pub fn calibration_to_batch(&self) -> Result<RecordBatch> {
        let rows: Vec<(State, &StateCalibration, &CalibrationTrial)> = State::ALL
            .into_iter()
            .filter_map(|state| Some((state, self.calibration(state)?)))
            .flat_map(|(state, found)| found.trials.iter().map(move |trial| (state, found, trial)))
            .collect();
        let rows = || rows.iter();
        let number = |name: &str, value: fn(&CalibrationTrial) -> Option<f64>| {
            numbers(name, rows().map(move |row| value(row.2)))
        };
        let used = |row: &(State, &StateCalibration, &CalibrationTrial)| {
            row.1.calibrator.as_ref().map(Calibrator::method) == row.2.method
        };
        batch([
            texts("state", rows().map(|row| row.0.name())),
            texts("method", rows().map(|row| row.2.method.map_or("none", |method| method.name()))),
            flags("used", rows().map(used)),
            counts("customers", rows().map(|row| row.1.customers.all() as u64)),
            number("log_loss", |trial| Some(trial.log_loss)),
            number("gain", |trial| Some(trial.gain)),
            number("gain_se", |trial| Some(trial.gain_se)),
            number("brier_score", |trial| Some(trial.brier_score)),
            number("calibration_slope", |trial| trial.slope),
            number("calibration_intercept", |trial| trial.intercept),
            number("expected_calibration_error", |trial| Some(trial.expected_calibration_error)),
        ])
    }
}
