//! Python bindings: conversions only. Everything that computes is in the crate `winback`, and
//! what users see is the package `winback` in Python, which wraps this module.

#![warn(clippy::undocumented_unsafe_blocks)]

mod analyses;
mod answer;
mod arrow;
mod campaign;
mod check;
mod churn;
mod customer_history;
mod error;
mod estimators;
mod event_log;
mod features;
mod given;
mod long;
mod metrics;
mod option_fields;
mod outcomes;
mod params;
mod partitioned_log;
mod parts;
mod purchase_models;
mod simulate;
mod snapshot;
mod table;
mod target;
mod threads;
mod time_to_purchase;
mod to_python;
mod trees;
mod uplift;
mod values;

/// Rust core of winback; use the package `winback`.
#[pyo3::pymodule(gil_used = false)]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("UNKNOWN_TYPE", winback::log::UNKNOWN_TYPE)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }

    #[pymodule_export]
    use crate::analyses::{
        RfmSegments, ShiftedBetaGeometric, clusters, cohorts, concentration, events_summary, flow,
        forecast, inactivity, label_migration, lifecycle_migration, loyalty, loyalty_migration,
        loyalty_rules, nps_counts, nps_difference, nps_of_counts, nps_report, offers, profile,
        purchase_backtest, renewals, retention_curve, retention_rates, rfm_summary, service,
        smallest_nps_difference, summarise_transactions, survey_plan,
    };
    #[pymodule_export]
    use crate::answer::Answer;
    #[pymodule_export]
    use crate::campaign::{
        campaign_assign, campaign_effect, campaign_plan, campaign_report, campaign_write,
        compensation, compensation_outcomes,
    };
    #[pymodule_export]
    use crate::check::check_table;
    #[pymodule_export]
    use crate::churn::ChurnModel;
    #[pymodule_export]
    use crate::customer_history::CustomerHistory;
    #[pymodule_export]
    use crate::estimators::{FittedLogistic, FittedPreprocess, TreeEnsemble, skewed_features};
    #[pymodule_export]
    use crate::event_log::EventLog;
    #[pymodule_export]
    use crate::features::catalogue;
    #[pymodule_export]
    use crate::metrics::{
        empc, mpc, policy_values, profit_curve, uplift_at_k, uplift_curve, uplift_intervals,
        uplift_measure,
    };
    #[pymodule_export]
    use crate::option_fields::option_fields;
    #[pymodule_export]
    use crate::outcomes::outcome_windows;
    #[pymodule_export]
    use crate::partitioned_log::{PartitionedLog, training_salt};
    #[pymodule_export]
    use crate::parts::{best_candidates, finish, part};
    #[pymodule_export]
    use crate::purchase_models::{BuyerTable, Estimates, GammaGamma, PurchaseModel};
    #[pymodule_export]
    use crate::simulate::Simulation;
    #[pymodule_export]
    use crate::snapshot::{PartitionedSnapshot, Snapshot};
    #[pymodule_export]
    use crate::table::{Table, check_spared};
    #[pymodule_export]
    use crate::target::{shares, target};
    #[pymodule_export]
    use crate::threads::set_threads;
    #[pymodule_export]
    use crate::time_to_purchase::TimeToPurchase;
    #[pymodule_export]
    use crate::to_python::{for_html, for_people};
    #[pymodule_export]
    use crate::uplift::FittedUplift;
}
