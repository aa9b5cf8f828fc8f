//! `winback cohorts`: customers by first purchase, followed through the periods after it.

use clap::Args;
use winback::answer::value;
use winback::retention::{CohortOptions, CohortValue, Cohorts as Found};

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::tables::{Partition, Tables, log_required};

/// Follow customers, grouped by the period of their first purchase, through the periods after it
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
One row per cohort; column 0 is the period of the first purchase itself. A cell whose period is not
over is `-`, never 0. The table `cohorts` has all values, with a row per cohort and column and 95 %
intervals; the other tables are wide and have one value each.

Examples:
  winback cohorts --transactions orders.csv --observed-until 2025-01-01
  winback cohorts --transactions orders.csv --observed-until 2025-01-01 --every 1q \\
    --value share -o cohorts.csv
  winback cohorts --transactions orders.csv --observed-until 2025-01-01 --every 1w \\
    --mode bracket --brackets 0,1,5,13")]
pub(crate) struct Cohorts {
    #[command(flatten)]
    options: CohortOptions,
    /// Value to print: customers, share, revenue or average_check
    #[arg(long, value_name = "VALUE", default_value = "customers",
          value_parser = value::<CohortValue>)]
    value: CohortValue,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

impl Cohorts {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let found = self.partition.analysed(
            &self.tables,
            None,
            "counting",
            |log| Found::new(log, &self.options),
            |log| Found::new(log, &self.options),
        )?;
        self.output.show_as(&found.text_of(self.value)?, &found)
    }
}
