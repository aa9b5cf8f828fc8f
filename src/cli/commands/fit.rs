//! `winback fit`: trains a model.

use std::path::PathBuf;

use clap::Args;
use winback::answer::output;
use winback::answer::value;
use winback::log::SampleOptions;
use winback::time::Moment;

use crate::cli::args::ModelOptions;
use crate::cli::console::{note, wrote};
use crate::cli::failure::Failure;
use crate::cli::tables::{Partition, Tables, log_required};

/// Train a model on the past and write it to a file
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Examples:
  Train on what was known before October, and keep October to December to test the model:
    winback fit --transactions orders.csv --observed-until 2025-01-01 \\
      --until 2024-10-01 -o churn.winback

  A yearly rhythm needs a long outcome window:
    winback fit --transactions gifts.csv --observed-until 2016-01-01 \\
      --until 2015-01-01 --horizon 14mo --lapsed-after 14mo --lost-after 3y \\
      -o donors.winback

  Add tickets and an attribute of the customers to the orders:
    winback fit --transactions orders.parquet --tickets tickets.csv \\
      --customers customers.csv --attribute segment --observed-until 2025-01-01 \\
      --until 2025-01-01 -o churn.winback

  More than fits into memory: learn from as many customers as 4 GB are enough for:
    winback fit --transactions orders --observed-until 2025-01-01 --until 2024-10-01 \\
      --memory 4GB --temp-folder . -o churn.winback")]
pub(crate) struct Fit {
    /// Train on nothing at or after this instant; the latest outcome window ends here
    #[arg(long, value_name = "DATE", value_parser = value::<Moment>)]
    until: Moment,
    /// Model file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    options: ModelOptions,
    #[command(flatten)]
    partition: Partition,
    #[command(flatten)]
    sample: SampleOptions,
}

impl Fit {
    pub(crate) fn run(self) -> Result<(), Failure> {
        output::check_path(&self.output)?;
        self.tables.spare(&self.output, None)?;
        let builder = self.options.builder()?;
        let model = self.partition.analysed(
            &self.tables,
            None,
            "training",
            |log| builder.fit(log, self.until),
            |log| builder.fit_on_parts(log, self.until, &self.sample),
        )?;
        model.save(&self.output)?;
        note(&model.to_string());
        wrote(&self.output);
        Ok(())
    }
}
