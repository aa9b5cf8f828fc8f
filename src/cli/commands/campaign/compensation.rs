//! `winback campaign compensation`: who is owed what.

use clap::Args;
use winback::campaign::{Compensation as Found, CompensationOptions};

use crate::cli::args::At;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Say who gets which compensation for what they went through, out of a fund
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Columns: customer_id, arm, compensation, by, spend_365d, harms, reasons. Each customer gets the
highest compensation that he is owed. If the fund does not reach for all, it goes to those who
together bought for most in the year before, as nearly as a list within a budget is found; the table
`beyond_fund` has the others.

Examples:
  winback campaign compensation --transactions orders.csv --tickets tickets.csv \\
    --observed-until 2025-01-01 --at 2025-01-01 --unresolved 20 --badly-rated 10 --fund 2000 \\
    --control-share 0.1 -o compensations.csv")]
pub(super) struct Compensation {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    options: CompensationOptions,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
}

impl Compensation {
    pub(super) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let log = self.tables.read(None)?;
        let found = during("looking", || Found::build(&log.at(self.at.at)?, &self.options))?;
        self.output.show(&found)
    }
}
