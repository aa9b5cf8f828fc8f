//! The churn model: models of active and of silent customers, with everything needed to score a
//! customer the way they were trained.

mod adopt;
mod average;
mod builder;
mod calibration;
mod calibration_table;
mod early;
mod estimator;
pub(crate) mod explain;
mod explain_report;
mod file;
pub(crate) mod fit;
mod fitted;
mod gap_scale;
pub(crate) mod learned;
pub(crate) mod learner;
pub(crate) mod member;
mod model;
mod one_customer;
pub(crate) mod profile;
pub(crate) mod recipe;
pub(crate) mod score;
mod silences;
pub(crate) mod state_models;
mod telling;
mod training;
pub(crate) mod training_rows;
mod trees;
pub(crate) mod value;
pub(crate) mod whom;
pub(crate) mod write;

pub use average::Average;
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
