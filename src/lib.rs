#![doc = include_str!("../README.md")]

mod aside;
mod columns;
pub mod error;
mod hash;
pub mod output;
mod progress;
pub mod rates;
mod special;
mod stop;
pub mod survival;
pub mod time;

pub mod log;

pub mod features;

pub mod inactivity;
pub mod labels;
pub mod panel;
pub mod retention;
pub mod rfm_summary;
pub mod service;
pub mod surveys;

pub mod models;

pub mod evaluate;
pub mod explain;

pub mod churn;
pub mod persist;

pub mod segments;

pub mod report;

pub mod simulate;

pub use churn::{CandidateOptions, ChurnModel, Estimator};
pub use error::{Error, Result};
pub use log::EventLog;
pub use models::logistic::Logistic;
pub use models::trees::{Boosting, DecisionTree};
pub use progress::Step;
pub use time::{Span, Timestamp};
