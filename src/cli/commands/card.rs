//! `winback card`: what a model is, from what it learned, how good it is and where its limits are.

use std::path::PathBuf;

use clap::Args;
use winback::answer::output;
use winback::evaluation::BacktestOptions;
use winback::{ChurnModel, Error};

use super::backtest::TestOptions;
use super::evaluate::is_json;
use crate::cli::console::{print, wrote};
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Write a model's card: data, cutoffs, label, quality out of time, calibration, limits
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
The card is Markdown (.md), or JSON for a file ending in .json; without -o it goes to stdout. Its figures
come from a backtest with the model's own settings on the log.

Examples:
  winback card --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback -o card.md
  winback card --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --tests 4 --test-stride 3mo -o card.json")]
pub(crate) struct Card {
    /// Model file that `winback fit` wrote
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    #[command(flatten)]
    tests: TestOptions,
    /// File to write: Markdown, or JSON when it ends in .json
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    tables: Tables,
}

impl Card {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if let Some(path) = &self.output {
            output::check_path(path)?;
            self.tables.spare_with(path, Some(&self.model))?;
            if !is_json(path) && path.extension().is_none_or(|ending| ending != "md") {
                let expected = "a file ending in .md or .json";
                return Err(Error::path_argument("output", path, expected).into());
            }
        }
        let model: ChurnModel = crate::cli::args::load(&self.model)?;
        let log = self.tables.read(Some(&model))?;
        let options: BacktestOptions = self.tests.options();
        let card = during("training and judging", || model.card(&log, &options))?;
        match &self.output {
            None => print(card.to_string().trim_end())?,
            Some(path) => {
                let text = match is_json(path) {
                    true => super::evaluate::json(&card)?,
                    false => card.to_string(),
                };
                output::write_text(&text, path)?;
                wrote(path);
            }
        }
        Ok(())
    }
}
