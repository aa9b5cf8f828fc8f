//! `winback renewals`: how many contracts are renewed, by their age.

use clap::Args;
use winback::timing::{RenewalOptions, Renewals as Found};

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Count the contracts that are renewed, by age: transactions with the column valid_until
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
What a customer buys on one day is a period, until its latest end (valid_until). It is renewed by the
next purchase that lasts longer, before the end or at most --grace after it. What becomes of a period
counts when its grace is over; contracts that are still running are censored. The table `models` has
the shifted beta-geometric model of each group.

Examples:
  winback renewals --transactions contracts.csv --observed-until 2025-01-01 -o ages.csv
  winback renewals --transactions contracts.csv --observed-until 2025-01-01 --grace 30d \\
    --group-by category --table models=models.csv")]
pub(crate) struct Renewals {
    #[command(flatten)]
    options: RenewalOptions,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
}

impl Renewals {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let log = self.tables.read(None)?;
        let found = during("counting", || Found::new(&log, &self.options))?;
        self.output.show(&found)
    }
}
