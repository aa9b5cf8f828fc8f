//! `winback backtest`: how good a model would have been at several past cutoffs.

use clap::Args;
use winback::evaluation::{Backtest as Found, BacktestOptions};
use winback::log::SampleOptions;

use crate::cli::args::ModelOptions;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::tables::{Partition, Tables, log_required};

/// Train a new model before each of several past cutoffs and test it on what came after
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
The model is compared with two baselines: the days since the last purchase, and the chance of a
purchase by an MBG/NBD model of what was bought before the cutoff. The report goes to stdout. The table has a row for each cutoff, their
mean and the worst, by state and score, with 95 % intervals from resampled customers.

Examples:
  winback backtest --transactions orders.csv --observed-until 2025-01-01
  winback backtest --transactions orders.csv --observed-until 2025-01-01 \\
    --estimator boosting --tests 4 --test-stride 3mo -o backtest.csv
  winback backtest --transactions gifts.csv --observed-until 2016-01-01 \\
    --horizon 1y --lapsed-after 1y --lost-after 2y --at 2014-01-01 --at 2015-01-01")]
pub(crate) struct Backtest {
    #[command(flatten)]
    tests: BacktestOptions,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    options: ModelOptions,
    #[command(flatten)]
    partition: Partition,
    #[command(flatten)]
    sample: SampleOptions,
}

impl Backtest {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let builder = self.options.builder()?;
        let found = self.partition.analysed(
            &self.tables,
            None,
            "training and judging",
            |log| builder.backtest(log, &self.tests),
            |log| builder.backtest_on_parts(log, &self.tests, &self.sample),
        )?;
        self.output.show(&found)
    }
}
