//! `winback score`: the chance of churn of every customer.

use clap::Args;
use winback::answer::output::write_table;
use winback::churn::ScoreOptions;

use super::drift::DRIFT_LEVEL;
use crate::cli::args::{ModelAt, Reasons, TableOut};
use crate::cli::console::{note, wrote};
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Partition, Tables, log_required};

/// Write the churn probability of every customer
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Columns: customer_id, state (active, lapsed, lost), days_since_last_purchase, purchase_count,
average_check, purchase_probability (a purchase in the outcome window), churn_probability, and with
--reasons 3 reason_1 to reason_3. Customers without a purchase before the cutoff are not scored, but counted.

Examples:
  winback score --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --at 2025-01-01 -o scores.csv
  With reasons, and a warning when customers no longer look like those of the training:
    winback score --transactions orders.csv --observed-until 2025-01-01 \\
      --model churn.winback --at 2025-01-01 --reasons 3 --drift -o scores.csv
  winback score --transactions orders.parquet --missing-ids drop \\
    --observed-until last_event --model churn.winback --at 2011-12-01 -o scores.parquet")]
pub(crate) struct Score {
    #[command(flatten)]
    model: ModelAt,
    /// Say which columns have moved since the training: population stability index
    #[arg(long, conflicts_with = "memory")]
    drift: bool,
    #[command(flatten)]
    reasons: Reasons,
    #[command(flatten)]
    output: TableOut,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

impl Score {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let path = self.output.checked()?;
        self.tables.spare_with(path, Some(self.model.path()))?;
        let model = self.model.load()?;
        let options = ScoreOptions { reasons: self.reasons.options(0) };
        let report = if let Some(log) = self.partition.read(&self.tables, Some(&model))? {
            let written = model.write_scores(&log.at(self.model.at)?, &options, path)?;
            Partition::note(&self.tables, &log, &written.log);
            written.scores
        } else {
            let snapshot = self.tables.read(Some(&model))?.at(self.model.at)?;
            let scores = during("scoring", || model.score_with(&snapshot, &options))?;
            write_table(&scores.to_batch()?, path)?;
            if self.drift {
                note(&model.drift(&snapshot, DRIFT_LEVEL)?.to_string());
            }
            *scores.report()
        };
        note(&report.to_string());
        wrote(path);
        Ok(())
    }
}
