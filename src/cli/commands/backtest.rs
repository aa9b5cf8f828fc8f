//! `winback backtest`: how good a model would have been at several past cutoffs.

use std::path::PathBuf;

use clap::Args;
use winback::answer::output;
use winback::evaluation::BacktestOptions;
use winback::{Span, Timestamp};

use crate::cli::args::{ModelOptions, value};
use crate::cli::console::{print, wrote};
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Train anew before each of several past cutoffs and judge by what came after
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Beside the model stand two baselines: the days since the last purchase, and these days by the
customer's own rhythm. The report goes to stdout; the table has a row for each cutoff, their mean
and the worst, by state and score, with 95 % intervals from resampled customers.

Examples:
  winback backtest --transactions orders.csv --observed-until 2025-01-01
  winback backtest --transactions orders.csv --observed-until 2025-01-01 \\
    --estimator boosting --tests 4 --test-stride 3mo -o backtest.csv
  winback backtest --transactions gifts.csv --observed-until 2016-01-01 \\
    --horizon 1y --lapsed-after 1y --lost-after 2y --at 2014-01-01 --at 2015-01-01")]
pub(crate) struct Backtest {
    #[command(flatten)]
    tests: TestOptions,
    /// File to write the table to as well, ending in .parquet or .csv
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    options: ModelOptions,
}

impl Backtest {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if let Some(path) = &self.output {
            output::check_table_path(path)?;
            self.tables.spare(path)?;
        }
        let builder = self.options.builder()?;
        let log = self.tables.read(None)?;
        let options = self.tests.options();
        let backtest = during("training and judging", || builder.backtest(&log, &options))?;
        print(backtest.to_string().trim_end())?;
        if let Some(path) = &self.output {
            output::write_table(&backtest.to_batch()?, path)?;
            wrote(path);
        }
        Ok(())
    }
}

/// At which cutoffs a model is tested and how intervals are found.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tests")]
pub(crate) struct TestOptions {
    /// Test cutoff; may be repeated [default: as many as --tests says, the outcome window of the
    /// latest ending with the log]
    #[arg(long, value_name = "DATE", value_parser = value::<Timestamp>)]
    at: Vec<Timestamp>,
    /// Number of test cutoffs
    #[arg(long, value_name = "N", default_value_t = BacktestOptions::default().tests,
          conflicts_with = "at")]
    tests: usize,
    /// Spacing of the test cutoffs
    #[arg(long, value_name = "SPAN", default_value = "30d", value_parser = value::<Span>,
          conflicts_with = "at")]
    test_stride: Span,
    /// Resampled sets of customers by which intervals are found; 0 for none
    #[arg(long, value_name = "N", default_value_t = BacktestOptions::default().draws)]
    draws: usize,
    /// Seed of the draws
    #[arg(long, value_name = "S", default_value_t = BacktestOptions::default().seed)]
    seed: u64,
}

impl TestOptions {
    pub(crate) fn options(&self) -> BacktestOptions {
        BacktestOptions {
            at: (!self.at.is_empty()).then(|| self.at.clone()),
            tests: self.tests,
            test_stride: self.test_stride,
            draws: self.draws,
            seed: self.seed,
        }
    }
}
