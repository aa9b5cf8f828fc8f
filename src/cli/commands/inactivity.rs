//! `winback inactivity`: how long a silence has to be before a customer counts as gone.

use clap::Args;
use winback::inactivity::{InactivityOptions, InactivityReport};

use crate::cli::args::At;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::tables::{Partition, Tables, log_required};

/// Find the inactivity limits and the horizon that fit the log: who comes back after how long a
/// silence
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
The report goes to stdout: the gaps between purchases; who comes back after how long a silence;
suggested limits next to the given ones, with their cost in wrong alarms, by number of purchases
and, if named, by an attribute of the customers; and whether purchases follow the calendar.

Examples:
  winback inactivity --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2025-01-01
  winback inactivity --transactions orders.csv --customers customers.csv \\
    --group-by plan --observed-until 2025-01-01 --at 2025-01-01 -o returns.csv
  winback inactivity --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2025-01-01 --lapsed-share 0.3 --table limits=limits.csv")]
pub(crate) struct Inactivity {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    options: InactivityOptions,
    #[command(flatten)]
    output: Output<InactivityReport>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

impl Inactivity {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let report = self.partition.analysed(
            &self.tables,
            None,
            "looking at the silences",
            |log| InactivityReport::build(&log.at(self.at.at)?, &self.options),
            |log| InactivityReport::build(&log.at(self.at.at)?, &self.options),
        )?;
        self.output.show(&report)
    }
}
