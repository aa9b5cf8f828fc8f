//! How customers move between segments, and between loyalty groups.

use super::{LoyaltyGroup, LoyaltyRules, RfmSegments};
use crate::churn::ChurnModel;
use crate::error::Result;
use crate::retention::{Labels, Migration, MigrationOptions};
use crate::snapshot::{PartitionedSnapshot, Snapshot};

impl RfmSegments {
    /// Transitions between the segments of two cutoffs, by the same thresholds at both, with net
    /// spend from the first to the second. There is an alarm where `options.vulnerable` names
    /// segments.
    ///
    /// ```
    /// use winback::retention::MigrationOptions;
    /// use winback::segments::{RfmOptions, RfmSegments};
    /// use winback::{EventLog, simulate::Simulation};
    /// let shop = Simulation::default().customers(500).run()?;
    /// let log = EventLog::builder()
    ///     .transactions([shop.transactions])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let (july, october) = (log.at("2024-07-01")?, log.at("2024-10-01")?);
    /// let fitted = RfmSegments::fit(&july, &RfmOptions::default())?;
    /// let options = MigrationOptions::default().vulnerable(["at risk", "lost"]);
    /// let migration = fitted.migration(&july, &october, &options)?;
    /// let row = migration.cells.iter().filter(|cell| cell.from.as_deref() == Some("champions"));
    /// assert!((row.filter_map(|cell| cell.share()).sum::<f64>() - 1.0).abs() < 1e-12);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`RfmSegments::score`] and [`Migration::of_snapshots`].
    pub fn migration(
        &self,
        before: &Snapshot,
        after: &Snapshot,
        options: &MigrationOptions,
    ) -> Result<Migration> {
        Migration::of_snapshots(before, after, |snapshot| self.labels(snapshot), options)
    }

    /// As [`RfmSegments::migration`], bit-identical, of a log in parts.
    ///
    /// # Errors
    /// As [`RfmSegments::migration`].
    pub fn migration_of_parts(
        &self,
        before: &PartitionedSnapshot<'_>,
        after: &PartitionedSnapshot<'_>,
        options: &MigrationOptions,
    ) -> Result<Migration> {
        Migration::of_parts(before, after, |snapshot| self.labels(snapshot), options)
    }

    fn labels(&self, snapshot: &Snapshot) -> Result<Labels> {
        let scores = self.score(snapshot)?;
        let mut codes = vec![None; snapshot.log().customers().len()];
        for (row, &segment) in scores.rows().zip(scores.segments()) {
            codes[row.customer.index()] = Some(segment.into());
        }
        Labels::new(scores.segment_names().to_vec(), codes)
    }
}

impl LoyaltyRules {
    /// Transitions between the loyalty groups of two cutoffs, by the same rules at both, with net
    /// spend from the first to the second. Without other ones, the vulnerable group rings the
    /// alarm.
    ///
    /// Rules that read a model's `churn_probability` use the same model at both cutoffs; it should
    /// not have learned from what came after the first.
    ///
    /// # Errors
    /// As [`LoyaltyRules::group`] and [`Migration::of_snapshots`].
    pub fn migration(
        &self,
        before: &Snapshot,
        after: &Snapshot,
        model: Option<&ChurnModel>,
        options: &MigrationOptions,
    ) -> Result<Migration> {
        let label = |snapshot: &Snapshot| self.labels(snapshot, model);
        Migration::of_snapshots(before, after, label, &of_groups(options))
    }

    /// As [`LoyaltyRules::migration`], bit-identical, of a log in parts.
    ///
    /// # Errors
    /// As [`LoyaltyRules::migration`].
    pub fn migration_of_parts(
        &self,
        before: &PartitionedSnapshot<'_>,
        after: &PartitionedSnapshot<'_>,
        model: Option<&ChurnModel>,
        options: &MigrationOptions,
    ) -> Result<Migration> {
        let label = |snapshot: &Snapshot| self.labels(snapshot, model);
        Migration::of_parts(before, after, label, &of_groups(options))
    }

    fn labels(&self, snapshot: &Snapshot, model: Option<&ChurnModel>) -> Result<Labels> {
        let groups = self.group(snapshot, model)?;
        let mut codes = vec![None; snapshot.log().customers().len()];
        for (&customer, group) in groups.customers().iter().zip(groups.groups()) {
            codes[customer.index()] = Some(group as u32);
        }
        Labels::new(LoyaltyGroup::ALL.map(|group| group.name().to_owned()).into(), codes)
    }
}

/// Unless others are given, the vulnerable group is.
fn of_groups(options: &MigrationOptions) -> MigrationOptions {
    let mut options = options.clone();
    if options.vulnerable.is_empty() {
        options.vulnerable = vec![LoyaltyGroup::Vulnerable.name().to_owned()];
    }
    options
}
