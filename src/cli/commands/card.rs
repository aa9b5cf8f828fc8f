//! `winback card`: what a model is, what it learned from, how good it is and where its limits are.

use std::path::PathBuf;

use clap::Args;
use winback::evaluation::{BacktestOptions, ModelCard};

use crate::cli::args::load;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Write a model card: data, cutoffs, label, out-of-time quality, calibration, limits
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
The card is Markdown (.md), or JSON for a file ending in .json; without -o it goes to stdout. Its
figures come from a backtest with the model's own settings on the log.

Examples:
  winback card --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback -o card.md
  winback card --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --tests 4 --test-stride 3mo -o card.json")]
pub(crate) struct Card {
    /// Model file written by `winback fit`
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    #[command(flatten)]
    tests: BacktestOptions,
    #[command(flatten)]
    output: Output<ModelCard>,
    #[command(flatten)]
    tables: Tables,
}

impl Card {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, Some(&self.model))?;
        let model = load(&self.model)?;
        let log = self.tables.read(Some(&model))?;
        let card = during("training and judging", || model.card(&log, &self.tests))?;
        self.output.show(&card)
    }
}
