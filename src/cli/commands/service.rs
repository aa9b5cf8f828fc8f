//! `winback service`: what customers do after a ticket, by how it went.

use std::path::PathBuf;

use clap::{Arg, Args};
use winback::answer::output;
use winback::service::{ServiceOptions, ServiceReport};
use winback::{Span, Timestamp};

use crate::cli::args::value;
use crate::cli::console::{print, wrote};
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Tell whether customers buy again after their tickets went well or badly
#[derive(Debug, Args)]
#[command(mut_args(tickets_required))]
#[command(after_help = "\
A ticket is judged some time after its opening, by what was known then; purchases count from then
on. Beside the tickets stand customers without one who had bought as often and as lately. The
report goes to stdout.

Examples:
  winback service --transactions orders.csv --tickets tickets.csv \\
    --observed-until 2025-01-01 --until 2025-01-01
  winback service --transactions orders.csv --tickets tickets.csv \\
    --observed-until 2025-01-01 --until 2025-01-01 --fast-hours 4 --judged-after 90d \\
    --response-hours 0.5,2,24 -o service.csv")]
pub(crate) struct Service {
    /// Only what was known before it is used. A date means its first instant
    #[arg(long, value_name = "DATE", value_parser = value::<Timestamp>)]
    until: Timestamp,
    /// A ticket resolved within so many hours of its opening is resolved fast
    #[arg(long, value_name = "HOURS", default_value_t = ServiceOptions::default().fast_hours)]
    fast_hours: f64,
    /// How long after its opening a ticket is judged; the horizon begins then
    #[arg(long, value_name = "SPAN", default_value = "30d", value_parser = value::<Span>)]
    judged_after: Span,
    /// The time in which purchases are looked at
    #[arg(long, value_name = "SPAN", default_value = "3mo", value_parser = value::<Span>)]
    horizon: Span,
    /// Upper limits of the bands of first response, in hours
    #[arg(long, value_name = "HOURS", value_delimiter = ',', default_value = "1,8,24")]
    response_hours: Vec<f64>,
    /// Customers without a ticket: none in this time before
    #[arg(long, value_name = "SPAN", default_value = "6mo", value_parser = value::<Span>)]
    quiet_for: Span,
    /// File to write the table to as well, ending in .parquet or .csv
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    tables: Tables,
}

fn tickets_required(arg: Arg) -> Arg {
    let arg = log_required(arg);
    if arg.get_id() == "tickets" { arg.required(true) } else { arg }
}

impl Service {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if let Some(path) = &self.output {
            output::check_table_path(path)?;
            self.tables.spare(path)?;
        }
        let log = self.tables.read(None)?;
        let options = ServiceOptions {
            fast_hours: self.fast_hours,
            judged_after: self.judged_after,
            horizon: self.horizon,
            response_hours: self.response_hours,
            quiet_for: self.quiet_for,
        };
        let report = during("looking at the tickets", || {
            ServiceReport::build(&log.at_argument("until", self.until)?, &options)
        })?;
        print(report.to_string().trim_end())?;
        if let Some(path) = &self.output {
            output::write_table(&report.to_batch()?, path)?;
            wrote(path);
        }
        Ok(())
    }
}
