//! The churn model: models of active and of silent customers, with everything needed to score a
//! customer the way they were trained.

mod adopt;
mod adopted;
mod average;
mod builder;
#[cfg(feature = "train")]
mod calibrate;
mod calibration;
#[cfg(feature = "io")]
mod calibration_table;
mod customer_score;
#[cfg(feature = "train")]
mod early;
mod estimator;
#[cfg(feature = "io")]
pub(crate) mod explain;
#[cfg(feature = "io")]
mod explain_report;
#[cfg(feature = "io")]
mod features;
mod file;
#[cfg(feature = "train")]
pub(crate) mod fit;
#[cfg(feature = "train")]
mod fit_parts;
mod fitted;
mod gap_scale;
pub(crate) mod learned;
#[cfg(feature = "train")]
mod learned_fit;
#[cfg(feature = "train")]
pub(crate) mod learner;
pub(crate) mod member;
#[cfg(feature = "train")]
pub(crate) mod member_fit;
mod model;
mod one_customer;
mod outcome_counts;
pub(crate) mod profile;
mod ready;
pub(crate) mod reasons;
pub(crate) mod recipe;
#[cfg(feature = "train")]
mod recipe_fit;
#[cfg(feature = "io")]
mod recipe_table;
#[cfg(feature = "io")]
mod save;
#[cfg(feature = "io")]
pub(crate) mod score;
mod silences;
pub(crate) mod state_models;
#[cfg(feature = "train")]
mod state_models_fit;
#[cfg(feature = "train")]
mod telling;
#[cfg(feature = "train")]
mod trained_on;
mod training;
#[cfg(feature = "train")]
pub(crate) mod training_rows;
#[cfg(feature = "train")]
pub(crate) mod training_size;
mod trees;
#[cfg(feature = "io")]
pub(crate) mod value;
pub(crate) mod whom;
#[cfg(feature = "io")]
pub(crate) mod write;

pub use adopted::Adopted;
pub use average::Average;
pub use builder::ChurnModelBuilder;
pub use calibration::{CalibrationChoice, CalibrationTrial, StateCalibration};
pub use customer_score::CustomerScore;
pub use estimator::Estimator;
#[cfg(feature = "io")]
pub use explain::{ExplainOptions, Explanations};
pub(crate) use file::MODEL_FILE_VERSION;
pub use model::{ChurnModel, Fitted};
pub use one_customer::CustomerExplanation;
pub use outcome_counts::{MIN_OUTCOMES, OutcomeCounts};
pub use reasons::Reasons;
#[cfg(feature = "io")]
pub use score::{ScoreOptions, ScoreReport, Scores};
pub use training::{Training, TrainingCutoff};
#[cfg(feature = "io")]
pub use value::{CustomerValue, Value};
#[cfg(feature = "io")]
pub use write::WrittenScores;
