//! Tests from outside the crate, in one program so that they are linked once.

mod append;
mod backtest;
mod bad_input;
mod churn;
mod common;
mod customer_history;
mod explain;
mod inactivity;
mod ingest;
mod leakage;
mod lightgbm_trees;
mod logistic_reference;
mod model_file;
mod partitioned;
mod profit;
mod progress;
mod real_tickets;
mod reference_values;
mod report;
mod retention;
mod retention_curve;
mod segments;
mod service;
mod structure;
mod surveys;
mod survival;
