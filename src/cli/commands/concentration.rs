//! `winback concentration`: how much of the revenue few customers bring.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use winback::Timestamp;
use winback::answer::output;
use winback::segments::{Concentration as Shares, ConcentrationOptions, REVENUES};

use crate::cli::args::value;
use crate::cli::console::{print, wrote};
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Say how much of the revenue the top customers bring, and list them
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Shares of the top groups, their thresholds and the Gini coefficient go to stdout; a table is
written with -o: the VIP list (the customers of the smallest top group), the top groups, or the
Lorenz curve. A revenue below zero (more returned than bought) counts as zero.

Examples:
  winback concentration --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2025-01-01
  winback concentration --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2025-01-01 --top 0.05 --revenue total_spend_365d -o vip.csv")]
pub(crate) struct Concentration {
    /// Cutoff: only what was known before it is used. A date means its first instant
    #[arg(long, value_name = "DATE", value_parser = value::<Timestamp>)]
    at: Timestamp,
    /// Shares of the customers, as 0.01,0.1,0.2
    #[arg(
        long,
        value_name = "SHARES",
        value_delimiter = ',',
        default_value = "0.01,0.1,0.2",
        allow_negative_numbers = true
    )]
    top: Vec<f64>,
    /// The revenue: total_spend, or that of the last days, as total_spend_365d
    #[arg(long, value_name = "NAME", default_value = REVENUES[0])]
    revenue: String,
    /// File to write a table to as well, ending in .parquet or .csv
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The table that is written
    #[arg(long, value_name = "NAME", value_enum, default_value_t = Table::Vip,
          requires = "output")]
    table: Table,
    #[command(flatten)]
    tables: Tables,
}

/// The tables there are.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Table {
    /// The customers of the smallest top group
    Vip,
    /// The top groups
    Top,
    /// The Lorenz curve
    Lorenz,
}

impl Concentration {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if let Some(path) = &self.output {
            output::check_table_path(path)?;
            self.tables.spare(path)?;
        }
        let log = self.tables.read(None)?;
        let options = ConcentrationOptions { top: self.top, revenue: self.revenue };
        let found = during("adding up", || Shares::build(&log.at(self.at)?, &options))?;
        print(&found.to_string())?;
        if let Some(path) = &self.output {
            let batch = match self.table {
                Table::Vip => found.vip_batch()?,
                Table::Top => found.top_batch()?,
                Table::Lorenz => found.lorenz_batch()?,
            };
            output::write_table(&batch, path)?;
            wrote(path);
        }
        Ok(())
    }
}
