//! `winback migration`: where the customers of each state or group at one cutoff are at another.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use winback::answer::value;
use winback::labels::LifecycleLimits;
use winback::log::PartitionedLog;
use winback::retention::{Migration as Found, MigrationOptions};
use winback::segments::{
    LoyaltyRules, RfmOptions, RfmSegments, SegmentRules, loyalty_rules, segment_rules,
};
use winback::time::{Moment, Timestamp};
use winback::{ChurnModel, Error, EventLog, Result};

use crate::cli::args::load;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::tables::{Partition, Tables, log_required};

/// Show where the customers of each state, segment or loyalty group at one cutoff are at another
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Each row of from_label sums to 1; `-` stands for new customers. An alarm is reported when the share
of lapsed and lost customers, of the vulnerable group or of the segments in --vulnerable rises by
more than chance explains. Segments use the same thresholds at both cutoffs, those of --start or of
a file.

Examples:
  winback migration --transactions orders.csv --observed-until 2025-01-01 \\
    --start 2024-07-01 --end 2024-10-01
  winback migration --transactions orders.csv --observed-until 2025-01-01 \\
    --start 2024-01-01 --end 2025-01-01 --level 0.001 -o migration.csv
  winback migration --transactions orders.csv --observed-until 2025-01-01 \\
    --start 2024-07-01 --end 2024-10-01 --of segments --vulnerable hibernating,lost
  winback migration --transactions orders.csv --tickets tickets.csv \\
    --observed-until 2025-01-01 --start 2024-07-01 --end 2024-10-01 --of loyalty")]
pub(crate) struct Migration {
    /// The first cutoff
    #[arg(long, value_name = "DATE", value_parser = value::<Moment>)]
    start: Moment,
    /// The second cutoff
    #[arg(long, value_name = "DATE", value_parser = value::<Moment>)]
    end: Moment,
    /// What to label customers by
    #[arg(long, value_name = "WHAT", default_value = "states")]
    of: Of,
    #[command(flatten)]
    limits: LifecycleLimits,
    /// Rules of the segments: common (eleven), pymc-marketing (six), or a JSON file
    #[arg(long, value_name = "NAME|FILE", default_value = "common", value_parser = segment_rules)]
    segments: SegmentRules,
    /// File written by `winback segments --save`; its thresholds and rules are applied
    #[arg(long, value_name = "FILE", conflicts_with = "segments")]
    fitted: Option<PathBuf>,
    /// JSON file of loyalty rules, in the form that `winback loyalty --print-rules` prints
    #[arg(long, value_name = "FILE", value_parser = loyalty_rules)]
    rules: Option<LoyaltyRules>,
    /// Model file written by `winback fit`, for loyalty rules that use its churn_probability
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    #[command(flatten)]
    options: MigrationOptions,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Of {
    States,
    Segments,
    Loyalty,
}

impl Migration {
    pub(crate) fn run(self) -> std::result::Result<(), Failure> {
        self.check()?;
        self.output.check(&self.tables, None)?;
        let fitted = self.fitted.as_deref().map(RfmSegments::load).transpose()?;
        let model = self.model.as_deref().map(load).transpose()?;
        let found = self.partition.analysed(
            &self.tables,
            model.as_ref(),
            "counting",
            |log| self.of_log(log, fitted.clone(), model.as_ref()),
            |log| self.of_parts(log, fitted.clone(), model.as_ref()),
        )?;
        self.output.show(&found)
    }

    fn of_log(
        &self,
        log: &EventLog,
        fitted: Option<RfmSegments>,
        model: Option<&ChurnModel>,
    ) -> Result<Found> {
        let before = log.at_argument("start", self.start)?;
        let after = log.at_argument("end", self.end)?;
        check_order(before.at(), after.at())?;
        match self.of {
            Of::States => Found::lifecycle(&before, &after, self.limits, &self.options),
            Of::Segments => {
                let fit = || RfmSegments::fit(&before, &self.rfm());
                fitted.map_or_else(fit, Ok)?.migration(&before, &after, &self.options)
            }
            Of::Loyalty => {
                let rules = self.rules.clone().unwrap_or_default();
                rules.migration(&before, &after, model, &self.options)
            }
        }
    }

    fn of_parts(
        &self,
        log: &PartitionedLog,
        fitted: Option<RfmSegments>,
        model: Option<&ChurnModel>,
    ) -> Result<Found> {
        let before = log.at_argument("start", self.start)?;
        let after = log.at_argument("end", self.end)?;
        check_order(before.at(), after.at())?;
        match self.of {
            Of::States => Found::lifecycle_of_parts(&before, &after, self.limits, &self.options),
            Of::Segments => {
                let fit = || RfmSegments::fit(&before, &self.rfm());
                fitted.map_or_else(fit, Ok)?.migration_of_parts(&before, &after, &self.options)
            }
            Of::Loyalty => {
                let rules = self.rules.clone().unwrap_or_default();
                rules.migration_of_parts(&before, &after, model, &self.options)
            }
        }
    }

    fn rfm(&self) -> RfmOptions {
        RfmOptions::default().segments(self.segments.clone())
    }

    /// Refuses options of other labels, which would change nothing.
    fn check(&self) -> std::result::Result<(), Failure> {
        let given = [
            ("fitted", self.fitted.is_some(), Of::Segments),
            ("rules", self.rules.is_some(), Of::Loyalty),
            ("model", self.model.is_some(), Of::Loyalty),
        ];
        match given.into_iter().find(|(_, given, of)| *given && *of != self.of) {
            None => Ok(()),
            Some((name, _, of)) => {
                let of = if of == Of::Segments { "segments" } else { "loyalty" };
                let expected = format!("nothing without --of {of}");
                Err(Error::argument(name, "a file", expected).into())
            }
        }
    }
}

fn check_order(start: Timestamp, end: Timestamp) -> Result<()> {
    if end > start {
        return Ok(());
    }
    Err(Error::argument("end", end, format!("a time after the start, {start}")))
}
