//! `winback retention`: how many customers of one period are still there in the next.

use clap::Args;
use winback::retention::{Retention as Found, RetentionOptions};

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::tables::{Partition, Tables, log_required};

/// Show retention rates of customers and revenue, period by period
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
S, E, N: customers active in the previous period (active_before), in this period (active), and the
new ones among these. crr_percent = (E - N) / S x 100 counts customers who came back as kept;
retained_percent is the share of S that is really there again. GRR and NRR are the same for what
the customers of S spent. A period that is not over has no figures.

Examples:
  winback retention --transactions orders.csv --observed-until 2025-01-01 --every 1q
  winback retention --transactions orders.csv --observed-until 2025-01-01 --group-by channel \\
    -o retention.csv
  winback retention --transactions orders.csv --customers customers.csv \\
    --observed-until 2025-01-01 --group-by region")]
pub(crate) struct Retention {
    #[command(flatten)]
    options: RetentionOptions,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

impl Retention {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let found = self.partition.analysed(
            &self.tables,
            None,
            "counting",
            |log| Found::by_period(log, &self.options),
            |log| Found::by_period(log, &self.options),
        )?;
        self.output.show(&found)
    }
}
