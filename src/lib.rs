#![doc = include_str!("../README.md")]

pub mod error;
pub mod time;

mod hash;
mod language;
mod progress;

pub mod stats;

pub mod answer;
pub mod model_file;

pub mod simulate;

pub mod labels;

pub mod log;

pub mod check;
pub mod groups;
pub mod periods;

pub mod features;
pub mod snapshot;

pub mod panel;

pub mod models;

pub mod metrics;

pub mod explain;

pub mod events;
pub mod followup;
pub mod inactivity;
pub mod retention;
pub mod service;
pub mod surveys;
pub mod timing;

pub mod churn;
pub mod hazard;

pub mod evaluation;

pub mod segments;

pub mod campaign;

pub mod report;

// In this crate's own signatures, so that callers need no dependencies of the same versions.
pub use arrow_array;
pub use arrow_schema;
pub use linfa;
pub use ndarray;

pub use campaign::CandidateOptions;
pub use churn::{ChurnModel, Estimator};
pub use error::{Error, Result};
pub use log::EventLog;
pub use models::logistic::Logistic;
pub use models::trees::{Boosting, DecisionTree};
pub use progress::Step;
pub use snapshot::Snapshot;
pub use time::{Span, Timestamp};
