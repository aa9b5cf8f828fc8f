//! The customer base over time: who stays, by period and by cohort; who comes, goes and returns;
//! and how a retention curve continues.
//!
//! Everything here looks back: it uses all that is known before the log's `observed_until`, with
//! late rows at their own time. A period that is not entirely before `observed_until` is
//! unfinished, and its figures are null, never 0. Revenue is net spend: the sum of all rows,
//! including returns. Every share of customers has its 95 % Wilson interval
//! ([`crate::stats::wilson_interval`]).
//!
//! - [`Retention`]: CRR by period and group, the share really retained, revenue retention;
//! - [`Cohorts`]: customers by first purchase, followed through the periods after it;
//! - [`Flow`]: how many are active, lapsed and lost at every period's end, and who moved between
//!   these states;
//! - [`RetentionCurve`]: the share not yet silent for long, by days since the first purchase;
//! - [`Migration`]: transitions between any two cutoffs, and an alarm;
//! - [`ShiftedBetaGeometric`](crate::timing::ShiftedBetaGeometric): projection of a retention curve.

mod alarm;
mod cohort_table;
mod cohorts;
mod curve;
mod deeds;
mod flow;
mod flow_table;
mod migration;
mod period_rates;
mod state_migration;
mod transitions;

pub use alarm::Alarm;
pub use cohorts::{CohortCell, CohortMode, CohortOptions, CohortValue, Cohorts};
pub use curve::{CurveOptions, GroupCurve, RetentionCurve};
pub use flow::{Flow, FlowCell, FlowOptions, FlowPeriod};
pub use migration::{Labels, Migration, MigrationOptions};
pub use period_rates::{
    Retention, RetentionCounts, RetentionOptions, RetentionRow, RevenueRetention,
};
pub use state_migration::StateMigration;
pub use transitions::Transition;
