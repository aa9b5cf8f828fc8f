//! `winback concentration`: how much of the revenue comes from a few customers.

use clap::Args;
use winback::segments::{Concentration as Found, ConcentrationOptions};

use crate::cli::args::At;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::tables::{Partition, Tables, log_required};

/// Show how much of the revenue the top customers bring, and list them
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Shares of the top groups, their thresholds and the Gini coefficient go to stdout. The table `vip`
has the customers of the smallest top group, `top` the top groups, `lorenz` the Lorenz curve. A
revenue below zero (more returned than bought) counts as zero.

Examples:
  winback concentration --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2025-01-01
  winback concentration --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2025-01-01 --top-shares 0.05 --revenue total_spend_365d -o vip.csv")]
pub(crate) struct Concentration {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    options: ConcentrationOptions,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

impl Concentration {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let found = self.partition.analysed(
            &self.tables,
            None,
            "adding up",
            |log| Found::build(&log.at(self.at.at)?, &self.options),
            |log| Found::build(&log.at(self.at.at)?, &self.options),
        )?;
        self.output.show(&found)
    }
}
