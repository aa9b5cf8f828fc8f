//! One file a command.

pub(super) mod backtest;
pub(super) mod candidates;
pub(super) mod card;
pub(super) mod cohorts;
pub(super) mod concentration;
pub(super) mod demo;
pub(super) mod drift;
pub(super) mod evaluate;
pub(super) mod explain;
pub(super) mod features;
pub(super) mod fit;
pub(super) mod flow;
pub(super) mod inactivity;
pub(super) mod loyalty;
pub(super) mod migration;
pub(super) mod nps;
pub(super) mod profit;
pub(super) mod report;
pub(super) mod retention;
pub(super) mod retention_curve;
pub(super) mod score;
pub(super) mod segments;
pub(super) mod service;
pub(super) mod simulate;
pub(super) mod survey_plan;
