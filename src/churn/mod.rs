//! The churn model: one model for active customers and one for silent ones, with everything needed
//! to score a customer the way the model was trained.

mod adopt;
mod builder;
mod calibration;
mod calibration_table;
mod early;
mod estimator;
pub(crate) mod explain;
mod explain_report;
mod file;
mod fit;
mod fitted;
mod learner;
mod model;
mod one_customer;
pub(crate) mod profile;
pub(crate) mod recipe;
pub(crate) mod score;
mod state_model;
pub(crate) mod state_models;
mod telling;
mod training;
mod training_rows;
mod trees;
pub(crate) mod value;
pub(crate) mod write;

pub use builder::ChurnModelBuilder;
pub use calibration::{CalibrationChoice, CalibrationTrial, StateCalibration};
pub use estimator::Estimator;
pub use explain::{ExplainOptions, Explanations, Reasons};
pub(crate) use file::MODEL_FILE_VERSION;
pub use model::{ChurnModel, Fitted};
pub use one_customer::CustomerExplanation;
pub use score::{CustomerScore, ScoreOptions, ScoreReport, Scores};
pub use training::{Training, TrainingCutoff};
pub use training_rows::{MIN_OUTCOMES, OutcomeCounts};
pub use value::{CustomerValue, Value};
pub use write::WrittenScores;
