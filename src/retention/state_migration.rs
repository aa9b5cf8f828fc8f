//! Migration between lifecycle states, of a log in parts too.

use super::migration::{
    Labels, Migration, MigrationOptions, check_options, check_order, of_another_log, of_states,
    spent_between, state_names,
};
use super::transitions::TransitionSums;
use crate::error::Result;
use crate::labels::{LifecycleLimits, State};
use crate::log::{EventLog, LogFacts, Mergeable, Part};
use crate::snapshot::PartitionedSnapshot;
use crate::time::Timestamp;

/// What is asked of the lifecycle states at two cutoffs.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct StateMigration {
    /// The first cutoff.
    pub before: Timestamp,
    /// The second one.
    pub after: Timestamp,
    /// The limits of the states.
    pub limits: LifecycleLimits,
    /// What to report.
    pub options: MigrationOptions,
}

impl StateMigration {
    /// From one cutoff to another.
    pub fn new(
        before: Timestamp,
        after: Timestamp,
        limits: LifecycleLimits,
        options: MigrationOptions,
    ) -> Self {
        StateMigration { before, after, limits, options }
    }
}

impl Migration {
    /// As [`Migration::lifecycle`], bit-identical, from a log in parts.
    ///
    /// # Errors
    /// As [`Migration::lifecycle`].
    pub fn lifecycle_of_parts(
        before: &PartitionedSnapshot<'_>,
        after: &PartitionedSnapshot<'_>,
        limits: LifecycleLimits,
        options: &MigrationOptions,
    ) -> Result<Self> {
        if !after.log().is(before.log()) {
            return Err(of_another_log());
        }
        let asked = StateMigration {
            before: before.at(),
            after: after.at(),
            limits,
            options: options.clone(),
        };
        Part::of(before.log(), &asked)?.finish()
    }
}

impl Mergeable for Migration {
    const NAME: &'static str = "lifecycle_migration";
    type Log = EventLog;
    type Asked = StateMigration;
    type Sums = TransitionSums;

    fn sums(log: &EventLog, _: &LogFacts, asked: &StateMigration) -> Result<TransitionSums> {
        check_order(asked.before, asked.after)?;
        let before = log.at_argument("before", asked.before)?;
        let after = log.at_argument("after", asked.after)?;
        let revenue = spent_between(&before, &after);
        let label = |snapshot| Labels::lifecycle(snapshot, asked.limits);
        Ok(label(&before)?.to(&label(&after)?, revenue.as_deref()))
    }

    fn merge(sums: &mut TransitionSums, other: TransitionSums) {
        sums.merge(&other);
    }

    fn fits(sums: &TransitionSums, _: &LogFacts, _: &StateMigration) -> Result<bool> {
        Ok(sums.cells.len() == (State::ALL.len() + 1).pow(2))
    }

    fn finish(sums: TransitionSums, _: &LogFacts, asked: &StateMigration) -> Result<Self> {
        let (names, options) = (state_names(), of_states(&asked.options));
        check_options(&names, &names, &options)?;
        Ok(Migration::of_sums(sums, &names, &names, &options))
    }
}
