//! A share of the customers of a log in parts, as a log in memory.

use super::drawn::Draw;
use super::partition_options::{BYTES_PER_BYTE, OVERHEAD};
use super::partitioned::PartitionedLog;
use super::sample_options::SampleOptions;
use crate::error::{Error, Result};
use crate::log::EventLog;
use crate::log::counted::grouped;
use crate::progress::Progress;

/// Bytes of rows, uncompressed, of the customers by whom it is estimated what work on all of them takes.
const PILOT_BYTES: u64 = 16 << 20;

/// Memory that some work takes beside the log itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Need {
    /// Bytes whoever the customers are.
    pub(crate) fixed: u64,
    /// Bytes that grow with the number of customers.
    pub(crate) growing: u64,
}

impl PartitionedLog {
    /// A share of the customers, above 0 and at most 1, as a log in memory, whose span is that of all: for
    /// analyses that are made of logs in memory only. Those are taken who are drawn by salt and id, so that
    /// they are the same however the log is cut into parts; with a share of 1 it is the log that is read at
    /// once. [`EventLog::share`] tells the share.
    ///
    /// ```
    /// use winback::answer::output::write_table;
    /// use winback::{EventLog, log::PartitionOptions, simulate::Simulation};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let orders = folder.path().join("orders.parquet");
    /// write_table(&Simulation::default().customers(400).run()?.transactions, &orders)?;
    /// let builder = EventLog::builder().transactions_path(&orders)?.observed_until("2025-01-01")?;
    /// let parts = builder.partition(&PartitionOptions::new(1 << 30))?;
    /// let sample = parts.sample(0.25, "winback")?;
    /// assert!((80..120).contains(&sample.customers().len()));
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a share that is out of range, nobody is in, or for which the memory is not
    /// enough; [`Error::Io`] when the temporary files cannot be read.
    pub fn sample(&self, share: f64, salt: &str) -> Result<EventLog> {
        let options = SampleOptions::default().share(Some(share)).salt(salt);
        let log = self.sample_for(&options, "hold", |_| Ok(Need::default()))?;
        Ok(log.with_progress(Progress::default()))
    }

    /// The log of the customers that are asked for, on whom there is enough memory to work; of the largest
    /// share for which there is, where none is given. `need` tells what the work takes on some of them, from
    /// which it is estimated what it takes on others.
    pub(crate) fn sample_for(
        &self,
        options: &SampleOptions,
        work: &str,
        need: impl Fn(&EventLog) -> Result<Need>,
    ) -> Result<EventLog> {
        let SampleOptions { share, salt } = options;
        if let Some(share) = share.filter(|share| !(*share > 0.0 && *share <= 1.0)) {
            return Err(Error::argument("share", share, "above 0, and 1 or less"));
        }
        let bytes = self.bytes();
        let mut pilot_share = (PILOT_BYTES as f64 / bytes as f64).min(1.0);
        let pilot = loop {
            match self.drawn(pilot_share, salt)? {
                Some(pilot) => break pilot,
                // A few customers, with many rows each.
                None => pilot_share = (4.0 * pilot_share).min(1.0),
            }
        };
        let Need { fixed, growing } = need(&pilot)?;
        let all = bytes as f64 + growing as f64 / pilot_share;
        // Until the log is built it takes more than it does then.
        let all = all.max((bytes * BYTES_PER_BYTE) as f64);
        let fixed = (OVERHEAD + fixed) as f64;
        let fits = ((self.memory as f64 - fixed) / all).clamp(0.0, 1.0);
        let share = match share {
            Some(share) if *share <= fits => *share,
            None if fits > 0.0 => rounded_down(fits),
            _ => {
                let asked = share.unwrap_or(rounded_down(pilot_share));
                return Err(self.too_small(work, asked, fixed + all * asked, fits));
            }
        };
        if share == pilot_share {
            return pilot.with_progress(self.progress.clone()).with_share(share);
        }
        drop(pilot);
        let nobody = || Error::argument("share", share, "a share that some customers are in");
        let sample = self.drawn(share, salt)?.ok_or_else(nobody)?;
        sample.with_progress(self.progress.clone()).with_share(share)
    }

    /// Bytes of all rows without compression.
    fn bytes(&self) -> u64 {
        let tables =
            [&self.transactions, &self.tickets, &self.surveys, &self.events, &self.customers];
        let of_parts =
            |part| tables.iter().filter_map(|table| Some(table.as_ref()?.bytes(part))).sum::<u64>();
        (0..self.parts()).map(of_parts).sum::<u64>().max(1)
    }

    /// The log of the customers of a share, if there are any.
    fn drawn(&self, share: f64, salt: &str) -> Result<Option<EventLog>> {
        let (draw, is_all) = (Draw::new(share, salt), share >= 1.0);
        let log = self.log_of(|table| Ok(table.drawn(&draw, &self.progress)), !is_all, is_all)?;
        if is_all {
            self.report.get_or_init(|| log.report().clone());
        }
        Ok(Some(log).filter(|log| !log.customers().is_empty()))
    }

    fn too_small(&self, work: &str, share: f64, needed: f64, fits: f64) -> Error {
        let mut expected = format!(
            "at least {} bytes to {work} a share of {share} of the customers",
            grouped(needed as u64)
        );
        if fits > 0.0 {
            expected.push_str(&format!("; a share of {} fits", rounded_down(fits)));
        }
        Error::argument("memory", self.memory, expected)
    }
}

/// A share in three digits, not above it.
fn rounded_down(share: f64) -> f64 {
    let places = 10f64.powi(2 - share.log10().floor() as i32);
    ((share * places).floor() / places).min(share)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn shares_are_rounded_down_by_less_than_a_hundredth(share in 1e-6..=1.0f64) {
            let rounded = rounded_down(share);
            prop_assert!(rounded <= share && rounded > 0.99 * share, "{share} {rounded}");
            prop_assert!(rounded.to_string().trim_start_matches(['0', '.']).len() <= 4);
        }
    }

    #[test]
    fn shares_of_three_digits_stay() {
        for share in [1.0, 0.5, 0.0312, 0.00784] {
            assert!(rounded_down(share) >= share * 0.999_999, "{share}");
        }
        assert_eq!(rounded_down(1.0), 1.0);
        assert_eq!(rounded_down(0.031_29), 0.0312);
    }
}
