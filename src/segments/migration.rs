//! How customers move between segments, and between loyalty groups.

use super::{LoyaltyGroup, LoyaltyRules, RfmSegments};
use crate::churn::ChurnModel;
use crate::error::{Error, Result};
use crate::log::EventLog;
use crate::retention::{Labels, Migration, MigrationOptions};
use crate::time::Timestamp;

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
    /// let fitted = RfmSegments::fit(&log, "2024-07-01", &RfmOptions::default())?;
    /// let options = MigrationOptions {
    ///     vulnerable: vec!["at risk".into(), "lost".into()],
    ///     ..Default::default()
    /// };
    /// let migration = fitted.migration(&log, "2024-07-01", "2024-10-01", &options)?;
    /// let row = migration.cells.iter().filter(|cell| cell.from.as_deref() == Some("champions"));
    /// assert!((row.filter_map(|cell| cell.share()).sum::<f64>() - 1.0).abs() < 1e-12);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`RfmSegments::score`] and [`Migration::of_log`].
    pub fn migration<T>(
        &self,
        log: &EventLog,
        start: T,
        end: T,
        options: &MigrationOptions,
    ) -> Result<Migration>
    where
        T: TryInto<Timestamp>,
        Error: From<T::Error>,
    {
        let label = |at| self.labels(log, at);
        Migration::of_log(log, start.try_into()?, end.try_into()?, label, options)
    }

    fn labels(&self, log: &EventLog, at: Timestamp) -> Result<Labels> {
        let scores = self.score(log, at)?;
        let mut codes = vec![None; log.customers().len()];
        for (row, &segment) in scores.rows().zip(scores.segments()) {
            codes[row.customer as usize] = Some(segment.into());
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
    /// As [`LoyaltyRules::group`] and [`Migration::of_log`].
    pub fn migration<T>(
        &self,
        log: &EventLog,
        start: T,
        end: T,
        model: Option<&ChurnModel>,
        options: &MigrationOptions,
    ) -> Result<Migration>
    where
        T: TryInto<Timestamp>,
        Error: From<T::Error>,
    {
        let label = |at| self.labels(log, at, model);
        let mut options = options.clone();
        if options.vulnerable.is_empty() {
            options.vulnerable = vec![LoyaltyGroup::Vulnerable.name().to_owned()];
        }
        Migration::of_log(log, start.try_into()?, end.try_into()?, label, &options)
    }

    fn labels(&self, log: &EventLog, at: Timestamp, model: Option<&ChurnModel>) -> Result<Labels> {
        let groups = self.group(log, at, model)?;
        let mut codes = vec![None; log.customers().len()];
        for (&customer, group) in groups.customers().iter().zip(groups.groups()) {
            codes[customer as usize] = Some(group as u32);
        }
        Labels::new(LoyaltyGroup::ALL.map(|group| group.name().to_owned()).into(), codes)
    }
}
