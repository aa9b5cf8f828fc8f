//! How much memory training takes, told by some of the customers.

use rayon::prelude::*;

use super::builder::ChurnModelBuilder;
use super::estimator::Estimator;
use super::whom::Whom;
use crate::error::Result;
use crate::features::{KindColumns, available};
use crate::labels::{LifecycleLimits, LimitsAt};
use crate::log::{AttributeValues, CustomerIndex, EventLog, Need};
use crate::panel::{PanelOptions, training_cutoffs_of};
use crate::time::Timestamp;

/// Bytes of a number.
const NUMBER: u64 = 8;
/// Most columns that are learned of all customers together.
const LEARNED: u64 = 5;
/// Bytes of a row beside its numbers: customer, state, outcome, times and weight.
const ROW: u64 = 144;
/// Bytes of a row while trees grow, beside its bins: margin, derivatives and places.
const GROWING: u64 = 48;
/// Bytes of what explains trees, and of the trees themselves, however many rows they grew from.
const TREES: u64 = 16 << 20;
/// Bytes of a customer of whom all is known that a model tells, beside the numbers of the columns.
const SCORED: u64 = 160;

/// How many rows customers have at some cutoffs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RowCounts {
    active: u64,
    silent: u64,
}

impl RowCounts {
    /// Of all customers of a log.
    pub(crate) fn of(
        log: &EventLog,
        cutoffs: &[Timestamp],
        limits: LifecycleLimits,
    ) -> Result<Self> {
        let at = |&cutoff: &Timestamp| Ok((cutoff, limits.at(cutoff)?));
        let cutoffs: Vec<(Timestamp, LimitsAt)> = cutoffs.iter().map(at).collect::<Result<_>>()?;
        let of_customer = |customer: CustomerIndex| {
            let mut counts = RowCounts::default();
            for (cutoff, limits) in &cutoffs {
                let Some(last) = log.history(customer, *cutoff).last_purchase() else { continue };
                match Whom::of(limits.state(last)) {
                    Whom::Active => counts.active += 1,
                    _ => counts.silent += 1,
                }
            }
            counts
        };
        let add = |a: RowCounts, b: RowCounts| RowCounts {
            active: a.active + b.active,
            silent: a.silent + b.silent,
        };
        let all = log.customers().par_indices().with_min_len(1_024);
        Ok(all.map(of_customer).reduce(RowCounts::default, add))
    }

    pub(crate) fn all(self) -> u64 {
        self.active + self.silent
    }

    /// Those of the kind that has more.
    fn of_a_kind(self) -> u64 {
        self.active.max(self.silent)
    }
}

/// Bytes of a row of the feature table, and of the same as models read it.
pub(crate) fn table_bytes(columns: u64) -> u64 {
    2 * columns * NUMBER + ROW
}

/// Bytes of a customer who is scored at a cutoff, and by whose outcome a model is judged.
pub(crate) fn scored_bytes(columns: u64) -> u64 {
    table_bytes(columns) + SCORED
}

impl ChurnModelBuilder {
    /// What training on a log takes at its peak, beside the log: the feature table and the rows that models
    /// read, of which those of one kind of customers are copied while it is learned from; then the columns
    /// that a regression makes of each, or the bins of trees and the keys that are sorted for them.
    ///
    /// Measured of 317,482 rows of 20,000 customers at 24 cutoffs on two threads, the process before aside,
    /// and in brackets what this says: with 65 columns 1,347 bytes a row for an average (1,704), 1,375 for
    /// logistic (1,796), 1,101 for boosting and for a tree (1,184); with 43 columns 893 (1,176), 1,084
    /// (1,236), 749 and 822 (832). Regressions take less than is said where few columns miss values.
    pub(crate) fn training_need(&self, log: &EventLog, until: Timestamp) -> Result<Need> {
        let PanelOptions { lead, horizon, limits, .. } = self.panel;
        let cutoffs = training_cutoffs_of(log, until, self.cutoffs, self.stride, lead, horizon)?;
        let rows = RowCounts::of(log, &cutoffs, limits)?;
        let columns = self.columns_of(log);
        let known = rows.all() * (columns * NUMBER + ROW);
        let copied = rows.of_a_kind() * columns * NUMBER;
        // Of each number its value and whether there is one, and each level of a text.
        let derived = (2 * columns + self.levels_of(log)?) * NUMBER;
        let sorted = 2 * NUMBER * (rayon::current_num_threads() as u64).min(columns.div_ceil(2));
        let grown = 2 * columns + sorted + GROWING;
        let learning = match &self.estimator {
            Estimator::Average(_) => {
                (copied + rows.of_a_kind() * derived).max(rows.all() * derived.max(grown))
            }
            // Calibration is judged by a model of the past, whose rows are copied once more.
            Estimator::Logistic(_) => 2 * copied + rows.of_a_kind() * derived,
            Estimator::Tree(_) | Estimator::Boosting(_) => copied + rows.of_a_kind() * grown,
        };
        let growing = (rows.all() * table_bytes(columns)).max(known + learning);
        let fixed = if matches!(self.estimator, Estimator::Logistic(_)) { 0 } else { TREES };
        Ok(Need { fixed, growing })
    }

    /// Most columns that a model of a log reads.
    pub(crate) fn columns_of(&self, log: &EventLog) -> u64 {
        let own = log.columns();
        let kinds: Vec<String> =
            log.event_kinds().into_iter().take(self.most_kinds).map(str::to_owned).collect();
        let of_kinds = KindColumns::of(&kinds, own.events.is_some_and(|events| events.value)).len();
        (available(&own).len() + self.panel.attributes.len() + of_kinds) as u64 + LEARNED
    }

    /// Most texts of the attributes that are told apart.
    fn levels_of(&self, log: &EventLog) -> Result<u64> {
        let levels = |name: &String| {
            Ok(match &log.attribute_column("attributes", name)?.values {
                AttributeValues::Texts { pool, .. } => pool.len() as u64,
                AttributeValues::Numbers(_) => 0,
            })
        };
        self.panel.attributes.iter().map(levels).sum()
    }
}
