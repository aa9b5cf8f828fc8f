//! `winback drift`: whether customers still look like those the model was trained on.

use clap::Args;
use winback::evaluation::Drift as Found;

use crate::cli::args::ModelAt;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::tables::{Partition, Tables, log_required};

/// The level where none is given
pub(crate) const DRIFT_LEVEL: f64 = 0.01;

/// Compare customers at a cutoff with those the model was trained on
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Computes the population stability index of every column that the model reads and of its score,
against the latest training cutoff: below 0.1, or within chance, is stable; 0.25 or more is major.
The columns that have moved go to stdout; the table has all of them.

Examples:
  winback drift --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --at 2025-01-01 -o drift.csv")]
pub(crate) struct Drift {
    #[command(flatten)]
    model: ModelAt,
    /// Probability of reporting a column as moved when it has not
    #[arg(long, value_name = "P", default_value_t = DRIFT_LEVEL)]
    level: f64,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

impl Drift {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, Some(self.model.path()))?;
        let model = self.model.load()?;
        let drift = self.partition.analysed(
            &self.tables,
            Some(&model),
            "comparing",
            |log| model.drift(&log.at(self.model.at)?, self.level),
            |log| model.drift_of_parts(&log.at(self.model.at)?, self.level),
        )?;
        self.output.show(&drift)
    }
}
