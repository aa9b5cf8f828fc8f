#![doc = include_str!("../README.md")]
// What only rooms use that a build leaves out.
#![cfg_attr(not(feature = "train"), allow(dead_code, unused_imports))]

pub mod error;
pub mod time;

mod hash;
mod input_file;
mod language;
mod progress;

pub mod stats;

pub mod answer;
pub mod model_file;

#[cfg(feature = "io")]
pub mod simulate;

pub mod labels;

pub mod log;

#[cfg(feature = "io")]
pub mod check;
#[cfg(feature = "io")]
pub mod groups;
#[cfg(feature = "io")]
pub mod periods;

pub mod features;
#[cfg(feature = "io")]
pub mod snapshot;

pub mod panel;

pub mod models;

#[cfg(feature = "io")]
pub mod metrics;

pub mod explain;

#[cfg(feature = "io")]
pub mod events;
#[cfg(feature = "io")]
pub mod followup;
#[cfg(feature = "io")]
pub mod inactivity;
#[cfg(feature = "io")]
pub mod retention;
#[cfg(feature = "io")]
pub mod service;
#[cfg(feature = "io")]
pub mod surveys;
pub mod timing;

pub mod churn;
#[cfg(feature = "train")]
pub mod hazard;

#[cfg(feature = "train")]
pub mod evaluation;

#[cfg(feature = "io")]
pub mod segments;

#[cfg(feature = "train")]
pub mod campaign;

#[cfg(feature = "train")]
pub mod report;

// In this crate's own signatures, so that callers need no dependencies of the same versions.
#[cfg(feature = "io")]
pub use arrow_array;
pub use arrow_schema;
#[cfg(feature = "train")]
pub use linfa;
pub use ndarray;

#[cfg(feature = "train")]
pub use campaign::CandidateOptions;
pub use churn::{ChurnModel, Estimator};
pub use error::{Error, Result};
#[cfg(feature = "io")]
pub use log::EventLog;
pub use models::logistic::Logistic;
pub use models::trees::{Boosting, DecisionTree};
pub use progress::Step;
#[cfg(feature = "io")]
pub use snapshot::Snapshot;
pub use time::{Span, Timestamp};
