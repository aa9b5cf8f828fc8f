//! `winback campaign compensation-outcomes`: what happened to those who were compensated.

use std::path::PathBuf;

use clap::Args;
use winback::campaign::{CompensationOutcomeOptions, CompensationOutcomes as Found};
use winback::log::CustomerTable;

use super::inputs::spare;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Show what customers did after they were compensated, beside those who were not
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
An observation, and no effect: who was compensated was chosen. What compensation changed, `winback
campaign effect` tells of arms that were drawn at random.

Examples:
  winback campaign compensation-outcomes --arms compensations.csv --start 2025-01-01 \\
    --transactions orders.csv --observed-until 2025-06-01")]
pub(super) struct CompensationOutcomes {
    /// The table: customer_id and the column of the arm, one row a customer
    #[arg(long, value_name = "FILE")]
    arms: PathBuf,
    #[command(flatten)]
    options: CompensationOutcomeOptions,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
}

impl CompensationOutcomes {
    pub(super) fn run(self) -> Result<(), Failure> {
        let inputs = std::slice::from_ref(&self.arms);
        self.output.check_beside(|path| spare(path, &self.tables, inputs))?;
        let log = self.tables.read(None)?;
        let found = during("comparing", || {
            let table = CustomerTable::of_path("arms", &self.arms)?;
            Found::build(&log, &table, &self.options)
        })?;
        self.output.show(&found)
    }
}
