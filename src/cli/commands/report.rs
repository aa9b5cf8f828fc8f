//! `winback report`: a one-page report for readers without statistics.

use std::path::PathBuf;

use clap::Args;
use winback::report::{ReportOptions, check_report_path};

use crate::cli::args::ModelAt;
use crate::cli::console::wrote;
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Write a one-page report for readers without statistics: states, who leaves and why, whom to win
/// back
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Writes one HTML file that needs no network: customers by state and how that changed, who is leaving
and why, the candidates, how good the predictions were in the past, retention, loyalty, surveys and
support if the log has them, and what the words mean. The same input gives the same bytes.

Examples:
  winback report --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --at 2025-01-01 -o report.html
  In Russian, with 50 customers in each list and a tenth of the candidates as control group:
    winback report --transactions orders.csv --observed-until 2025-01-01 \\
      --model churn.winback --at 2025-01-01 --language ru --top 50 \\
      --control-share 0.1 -o report.html")]
pub(crate) struct Report {
    #[command(flatten)]
    model: ModelAt,
    #[command(flatten)]
    options: ReportOptions,
    /// File to write, ending in .html or .htm
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    tables: Tables,
}

impl Report {
    pub(crate) fn run(self) -> Result<(), Failure> {
        check_report_path(&self.output)?;
        self.tables.spare(&self.output, Some(self.model.path()))?;
        self.options.check()?;
        let model = self.model.load()?;
        let log = self.tables.read(Some(&model))?;
        let make = || model.report(&log.at(self.model.at)?, &self.options);
        during("making the report", make)?.write(&self.output)?;
        wrote(&self.output);
        Ok(())
    }
}
