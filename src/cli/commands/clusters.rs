//! `winback clusters`: few groups of customers who are alike.

use clap::Args;
use winback::segments::{ClusterOptions, Clusters as Found};

use crate::cli::args::At;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Find few groups of customers who are alike, and say what sets each apart
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
What sets the groups apart goes to stdout. The table `customers` has each customer's group,
`clusters` the groups with their medians, `trials` how well other numbers of groups last.

Examples:
  winback clusters --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2025-01-01 -o groups.csv
  winback clusters --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2025-01-01 --k 4 --features purchase_count,average_check --table clusters=four.csv")]
pub(crate) struct Clusters {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    options: ClusterOptions,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
}

impl Clusters {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let log = self.tables.read(None)?;
        let found = during("grouping", || Found::build(&log.at(self.at.at)?, &self.options))?;
        self.output.show(&found)
    }
}
