//! `winback candidates`: the lapsed customers worth winning back.

use clap::Args;
use winback::CandidateOptions;
use winback::campaign::Candidates as Found;

use crate::cli::args::ModelAt;
use crate::cli::console::{print, told, wrote};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::{Partition, Tables, log_and};

/// List the lapsed customers, ranked by what winning them back is worth, with reasons
#[derive(Debug, Args)]
#[command(mut_args(log_and(&["output"])))]
#[command(after_help = "\
Columns: customer_id, rank, last_purchase, days_since_last_purchase, purchase_count, average_check,
return_probability, purchases_if_any, expected_check, expected_value (the product of the three),
arm, reason_1 to reason_3.

Examples:
  The best 500, with one in ten not contacted, to measure what the campaign changes:
    winback candidates --transactions orders.csv --observed-until 2025-01-01 \\
      --model churn.winback --at 2025-01-01 --top 500 --control-share 0.1 \\
      --salt spring-campaign -o candidates.csv
  By one purchase at each customer's own average check:
    winback candidates --transactions orders.csv --observed-until 2025-01-01 \\
      --model churn.winback --at 2025-01-01 --value average_check -o candidates.csv")]
pub(crate) struct Candidates {
    #[command(flatten)]
    model: ModelAt,
    #[command(flatten)]
    options: CandidateOptions,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

impl Candidates {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, Some(self.model.path()))?;
        let model = self.model.load()?;
        let parts = self.partition.read(&self.tables, Some(&model))?;
        if let (Some(log), Some(path)) = (parts, self.output.path()) {
            let written = model.write_candidates(&log.at(self.model.at)?, &self.options, path)?;
            Partition::note(&self.tables, &log);
            print(&told(&written.to_string()))?;
            wrote(path);
            return Ok(());
        }
        let log = self.tables.read(Some(&model))?;
        let found = during("ranking", || model.candidates(&log.at(self.model.at)?, &self.options))?;
        self.output.show(&found)
    }
}
