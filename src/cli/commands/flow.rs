//! `winback flow`: who comes, stays, falls silent and returns.

use clap::Args;
use winback::retention::{Flow as Found, FlowOptions};

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::tables::{Partition, Tables, log_required};

/// Show who comes, stays, falls silent and returns, period by period
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Counts customers by what they did between the period's start and its end: new; kept (active and
still active); lapsed, lost; reactivated from either; still lapsed, still lost; then how many are in
each state at its end. The file also has their revenue. A period that is not over has no figures.

Examples:
  winback flow --transactions orders.csv --observed-until 2025-01-01
  winback flow --transactions orders.csv --observed-until 2025-01-01 --every 1q \\
    --lapsed-after 1y --lost-after 2y -o flow.csv")]
pub(crate) struct Flow {
    #[command(flatten)]
    options: FlowOptions,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

impl Flow {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let found = self.partition.analysed(
            &self.tables,
            None,
            "counting",
            |log| Found::new(log, &self.options),
            |log| Found::new(log, &self.options),
        )?;
        self.output.show(&found)
    }
}
