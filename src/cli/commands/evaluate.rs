//! `winback evaluate`: how good a model is on a time it never saw.

use std::path::{Path, PathBuf};

use clap::Args;
use winback::answer::output;

use crate::cli::args::ModelAt;
use crate::cli::console::{print, wrote};
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Judge a model at a later cutoff, beside the days of silence alone
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
The cutoff lies at or after the instant up to which the model was trained, and its outcome window
ends by --observed-until. The report goes to stdout.

Examples:
  winback evaluate --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --at 2024-10-01
  winback evaluate --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --at 2024-10-01 -o quality.json")]
pub(crate) struct Evaluate {
    #[command(flatten)]
    model: ModelAt,
    /// File to write the report to as well, ending in .csv, .parquet or .json
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    tables: Tables,
}

impl Evaluate {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match &self.output {
            Some(path) if is_json(path) => output::check_path(path)?,
            Some(path) => output::check_table_path(path)?,
            None => {}
        }
        self.output
            .as_ref()
            .map_or(Ok(()), |path| self.tables.spare_with(path, Some(self.model.path())))?;
        let model = self.model.load()?;
        let log = self.tables.read(Some(&model))?;
        let report = during("judging", || model.evaluate(&log.at(self.model.at)?))?;
        print(report.to_string().trim_end())?;
        if let Some(path) = &self.output {
            match is_json(path) {
                true => output::write_text(&json(&report)?, path)?,
                false => output::write_table(&report.to_batch()?, path)?,
            }
            wrote(path);
        }
        Ok(())
    }
}

pub(crate) fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}

/// The report as JSON for programs.
pub(crate) fn json(report: &impl serde::Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(report).map_err(|e| Failure::Output(e.into()))?;
    Ok(text + "\n")
}
