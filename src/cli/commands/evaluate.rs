//! `winback evaluate`: how good a model is at a time it never saw.

use clap::Args;
use winback::evaluation::QualityReport;

use crate::cli::args::ModelAt;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::tables::{Partition, Tables, log_required};

/// Test a model at a later cutoff, compared with days of silence alone
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
The cutoff must be at or after the instant up to which the model was trained, and its outcome
window must end by --observed-until. The report goes to stdout.

Examples:
  winback evaluate --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --at 2024-10-01
  winback evaluate --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --at 2024-10-01 -o quality.json")]
pub(crate) struct Evaluate {
    #[command(flatten)]
    model: ModelAt,
    #[command(flatten)]
    output: Output<QualityReport>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

impl Evaluate {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, Some(self.model.path()))?;
        let model = self.model.load()?;
        let report = self.partition.analysed(
            &self.tables,
            Some(&model),
            "judging",
            |log| model.evaluate(&log.at(self.model.at)?),
            |log| model.evaluate(&log.at(self.model.at)?),
        )?;
        self.output.show(&report)
    }
}
