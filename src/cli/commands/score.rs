//! `winback score`: every customer's chance of churn.

use clap::Args;
use winback::churn::{ScoreOptions, Scores};

use super::drift::DRIFT_LEVEL;
use crate::cli::args::ModelAt;
use crate::cli::console::{note, print, told, wrote};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::{Partition, Tables, log_and};

/// Write every customer's churn probability
#[derive(Debug, Args)]
#[command(mut_args(log_and(&["output"])))]
#[command(after_help = "\
Columns: customer_id, state (active, lapsed, lost), days_since_last_purchase, purchase_count,
average_check, purchase_probability (a purchase in the outcome window), churn_probability, with
--value expected_spend also purchases_if_any, expected_check and expected_value, and with --reasons 3
reason_1 to reason_3. Customers without a purchase before the cutoff are not scored,
only counted.

Examples:
  winback score --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --at 2025-01-01 -o scores.csv
  With reasons, and a warning when customers no longer look like those in training:
    winback score --transactions orders.csv --observed-until 2025-01-01 \\
      --model churn.winback --at 2025-01-01 --reasons 3 --drift -o scores.csv
  winback score --transactions orders.parquet --missing-ids drop \\
    --observed-until last_event --model churn.winback --at 2011-12-01 -o scores.parquet")]
pub(crate) struct Score {
    #[command(flatten)]
    model: ModelAt,
    /// Report which columns have moved since training, by population stability index
    #[arg(long, conflicts_with = "memory")]
    drift: bool,
    #[command(flatten)]
    options: ScoreOptions,
    #[command(flatten)]
    output: Output<Scores>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

impl Score {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, Some(self.model.path()))?;
        let model = self.model.load()?;
        let parts = self.partition.read(&self.tables, Some(&model))?;
        if let (Some(log), Some(path)) = (parts, self.output.path()) {
            let written = model.write_scores(&log.at(self.model.at)?, &self.options, path)?;
            Partition::note(&self.tables, &log);
            print(&told(&written.to_string()))?;
            wrote(path);
            return Ok(());
        }
        let now = self.tables.read(Some(&model))?.at(self.model.at)?;
        let scores = during("scoring", || model.score_with(&now, &self.options))?;
        if self.drift {
            note(&model.drift(&now, DRIFT_LEVEL)?.to_string());
        }
        self.output.show(&scores)
    }
}
