//! What is known of a model's probabilities before and after calibration, as a table.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, LargeStringArray, RecordBatch,
};

use super::calibration::{CalibrationTrial, StateCalibration};
use super::model::ChurnModel;
use crate::error::Result;
use crate::labels::State;
use crate::models::Calibrator;

impl ChurnModel {
    /// What is known of the probabilities before and after calibration, as an Arrow table with a row
    /// for each state and method that could be judged: `state`, `method` (`none`: as they are),
    /// `used`, `customers` (by whom it was judged), `log_loss`, `gain` (log loss saved), `gain_se`
    /// (its standard error), `brier_score`, `calibration_slope`, `calibration_intercept` (null where
    /// not defined), `expected_calibration_error`.
    ///
    /// # Errors
    /// None in practice; [`Error::Arrow`](crate::Error::Arrow) is passed on.
    pub fn calibration_to_batch(&self) -> Result<RecordBatch> {
        let rows: Vec<(State, &StateCalibration, &CalibrationTrial)> = State::ALL
            .into_iter()
            .filter_map(|state| Some((state, self.calibration(state)?)))
            .flat_map(|(state, found)| found.trials.iter().map(move |trial| (state, found, trial)))
            .collect();
        let number = |value: fn(&CalibrationTrial) -> Option<f64>| -> ArrayRef {
            Arc::new(Float64Array::from_iter(rows.iter().map(|row| value(row.2))))
        };
        let states = rows.iter().map(|row| row.0.name());
        let methods = rows.iter().map(|row| row.2.method.map_or("none", |method| method.name()));
        let used = rows.iter().map(|(_, found, trial)| {
            Some(found.calibrator.as_ref().map(Calibrator::method) == trial.method)
        });
        let customers = rows.iter().map(|row| row.1.customers.all() as i64);
        Ok(RecordBatch::try_from_iter_with_nullable([
            ("state", Arc::new(LargeStringArray::from_iter_values(states)) as ArrayRef, false),
            ("method", Arc::new(LargeStringArray::from_iter_values(methods)), false),
            ("used", Arc::new(BooleanArray::from_iter(used)), false),
            ("customers", Arc::new(Int64Array::from_iter_values(customers)), false),
            ("log_loss", number(|trial| Some(trial.log_loss)), false),
            ("gain", number(|trial| Some(trial.gain)), false),
            ("gain_se", number(|trial| Some(trial.gain_se)), false),
            ("brier_score", number(|trial| Some(trial.brier_score)), false),
            ("calibration_slope", number(|trial| trial.slope), true),
            ("calibration_intercept", number(|trial| trial.intercept), true),
            (
                "expected_calibration_error",
                number(|trial| Some(trial.expected_calibration_error)),
                false,
            ),
        ])?)
    }
}
