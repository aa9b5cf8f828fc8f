//! `winback service`: what customers do after a ticket, depending on how it was handled.

use clap::Args;
use winback::service::{ServiceOptions, ServiceReport};

use crate::cli::args::At;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::tables::{Partition, Tables, log_and};

/// Show whether customers buy again after their tickets were handled well or badly
#[derive(Debug, Args)]
#[command(mut_args(log_and(&["tickets"])))]
#[command(after_help = "\
A ticket is judged some time after its opening, by what was known then; purchases count from then
on. Tickets are compared with customers without one who had bought as often and as recently. The
report goes to stdout.

Examples:
  winback service --transactions orders.csv --tickets tickets.csv \\
    --observed-until 2025-01-01 --at 2025-01-01
  winback service --transactions orders.csv --tickets tickets.csv \\
    --observed-until 2025-01-01 --at 2025-01-01 --fast-hours 4 --judged-after 90d \\
    --response-hours 0.5,2,24 -o service.csv")]
pub(crate) struct Service {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    options: ServiceOptions,
    #[command(flatten)]
    output: Output<ServiceReport>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

impl Service {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let report = self.partition.analysed(
            &self.tables,
            None,
            "looking at the tickets",
            |log| ServiceReport::build(&log.at(self.at.at)?, &self.options),
            |log| ServiceReport::build(&log.at(self.at.at)?, &self.options),
        )?;
        self.output.show(&report)
    }
}
