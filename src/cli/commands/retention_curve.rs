//! `winback retention-curve`: how long customers stay before a long silence.

use clap::Args;
use winback::retention::{CurveOptions, RetentionCurve as Found};

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::tables::{Partition, Tables, log_required};

/// Show the share of customers not yet silent for long, by days since first purchase (Kaplan-Meier)
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
A customer is gone on the day when the first silence of --silent-for is complete; a customer who has
not been silent for that long when the log ends is censored. The printed curve has a row every
--step days; the file has every day on which it changes, the table `at_days` those of --days.

Examples:
  winback retention-curve --transactions orders.csv --observed-until 2025-01-01 \\
    --silent-for 90d -o curve.csv
  winback retention-curve --transactions orders.csv --observed-until 2025-01-01 \\
    --start 2024-01-01 --end 2024-04-01 --group-by channel")]
pub(crate) struct RetentionCurve {
    #[command(flatten)]
    options: CurveOptions,
    /// Days between printed rows
    #[arg(long, value_name = "DAYS", default_value = "30")]
    step: std::num::NonZeroU32,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

impl RetentionCurve {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let found = self.partition.analysed(
            &self.tables,
            None,
            "counting",
            |log| Found::new(log, &self.options),
            |log| Found::new(log, &self.options),
        )?;
        self.output.show_as(&found.text_every(self.step)?, &found)
    }
}
