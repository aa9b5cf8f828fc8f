//! `winback timing`: when customers buy next, when they leave, and what they are worth.

use clap::Args;
use winback::timing::{Forecast, ForecastOptions};

use crate::cli::args::At;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Tell when each customer buys next, when silence means that they have left, and their value
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
A model of purchases is fitted to frequency, recency and T of all customers, and a Gamma-Gamma model
to their checks. Columns: customer_id, p_alive (has not left), purchase_probability and
expected_purchases (within --within), p_ever (ever buys again), next_purchase with the ends of its
80 % interval, alarm_date (silent until then, the customer has left with the certainty),
expected_check, lifetime_value (over --horizon).

Examples:
  winback timing --transactions orders.csv --observed-until 2025-01-01 --at 2025-01-01 \\
    -o timing.csv
  winback timing --transactions orders.csv --observed-until 2025-01-01 --at 2025-01-01 \\
    --within 30d --certainty 0.95 --horizon 24mo --discount-rate 0.01 --margin 0.3 -o timing.csv")]
pub(crate) struct Timing {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    options: ForecastOptions,
    #[command(flatten)]
    output: Output<Forecast>,
    #[command(flatten)]
    tables: Tables,
}

impl Timing {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let log = self.tables.read(None)?;
        let found = during("fitting", || Forecast::build(&log.at(self.at.at)?, &self.options))?;
        self.output.show(&found)
    }
}
