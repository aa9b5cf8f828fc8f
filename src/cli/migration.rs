//! `winback migration`: where customers of each state at one cutoff stand at another.

use clap::Args;
use winback::Timestamp;
use winback::retention::{self, MigrationOptions};

use super::args::value;
use super::failure::Failure;
use super::over_time::{AlsoTo, LimitArgs};
use super::progress::during;
use super::tables::{Tables, log_required};

/// Where the customers of each lifecycle state at one cutoff stand at another
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
A row of from_label sums to 1; `-` are new customers. An alarm is noted when the share of lapsed
and lost customers rises by more than chance explains.

Examples:
  winback migration --transactions orders.csv --observed-until 2025-01-01 \\
    --start 2024-07-01 --end 2024-10-01
  winback migration --transactions orders.csv --observed-until 2025-01-01 \\
    --start 2024-01-01 --end 2025-01-01 --level 0.001 -o migration.csv")]
pub(super) struct Migration {
    /// The first cutoff
    #[arg(long, value_name = "DATE", value_parser = value::<Timestamp>)]
    start: Timestamp,
    /// The second cutoff
    #[arg(long, value_name = "DATE", value_parser = value::<Timestamp>)]
    end: Timestamp,
    #[command(flatten)]
    limits: LimitArgs,
    /// Rows with fewer customers are marked as too thin to judge
    #[arg(long, value_name = "N", default_value_t = MigrationOptions::default().min_customers)]
    min_customers: u64,
    /// Level of the alarm's test
    #[arg(long, value_name = "P", default_value_t = MigrationOptions::default().level)]
    level: f64,
    #[command(flatten)]
    output: AlsoTo,
    #[command(flatten)]
    tables: Tables,
}

impl Migration {
    pub(super) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables)?;
        let log = self.tables.read(None)?;
        let options = MigrationOptions {
            min_customers: self.min_customers,
            level: self.level,
            ..MigrationOptions::default()
        };
        let limits = self.limits.limits();
        let found = during("counting", || {
            retention::Migration::lifecycle(&log, self.start, self.end, limits, &options)
        })?;
        let whole = found.to_batch()?;
        self.output.show(&whole, &found.notes, &whole)
    }
}
