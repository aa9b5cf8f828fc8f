//! `winback drift`: whether customers still look like those a model was trained on.

use std::path::PathBuf;

use clap::Args;
use winback::answer::output;

use crate::cli::args::ModelAt;
use crate::cli::console::{print, wrote};
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Probability of calling a column moved that did not.
pub(crate) const DRIFT_LEVEL: f64 = 0.01;

/// Compare customers at a cutoff with those the model was trained on
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Population stability index of every column that the model reads and of its score, against the latest
training cutoff: below 0.1, or within chance, stable; from 0.25 major. The columns that have moved
go to stdout; the table has all of them.

Examples:
  winback drift --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --at 2025-01-01 -o drift.csv")]
pub(crate) struct Drift {
    #[command(flatten)]
    model: ModelAt,
    /// Probability of calling a column moved that did not
    #[arg(long, value_name = "P", default_value_t = DRIFT_LEVEL)]
    level: f64,
    /// File to write the table to as well, ending in .parquet or .csv
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    tables: Tables,
}

impl Drift {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if let Some(path) = &self.output {
            output::check_table_path(path)?;
            self.tables.spare_with(path, Some(self.model.path()))?;
        }
        let model = self.model.load()?;
        let log = self.tables.read(Some(&model))?;
        let drift = during("comparing", || model.drift(&log.at(self.model.at)?, self.level))?;
        print(&drift.to_string())?;
        if let Some(path) = &self.output {
            output::write_table(&drift.to_batch()?, path)?;
            wrote(path);
        }
        Ok(())
    }
}
