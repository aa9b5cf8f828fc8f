//! `winback inactivity`: how long a silence means that a customer has left.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use winback::answer::output;
use winback::groups::GroupBy;
use winback::inactivity::{InactivityOptions, InactivityReport};
use winback::labels::LifecycleLimits;
use winback::{Span, Timestamp};

use crate::cli::args::value;
use crate::cli::console::{print, wrote};
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Find the limits of inactivity and the horizon that fit the log: who comes back after which silence
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
The report goes to stdout: the gaps between purchases, who comes back after which silence, suggested
limits beside the given ones with their cost in wrong alarms, by number of purchases and, if named,
by an attribute of the customers; and whether purchases follow the calendar.

Examples:
  winback inactivity --transactions orders.csv --observed-until 2025-01-01 \\
    --until 2025-01-01
  winback inactivity --transactions orders.csv --customers customers.csv \\
    --group-by plan --observed-until 2025-01-01 --until 2025-01-01 -o returns.csv
  winback inactivity --transactions orders.csv --observed-until 2025-01-01 \\
    --until 2025-01-01 --lapsed-share 0.3 --table limits -o limits.csv")]
pub(crate) struct Inactivity {
    /// Only what was known before it is used. A date means its first instant
    #[arg(long, value_name = "DATE", value_parser = value::<Timestamp>)]
    until: Timestamp,
    /// The time after a silence within which a purchase is a return: 30d, 12w, 3mo, 1y ...
    #[arg(long, value_name = "SPAN", default_value = "3mo", value_parser = value::<Span>)]
    horizon: Span,
    /// Limit to judge beside the suggested one: silence from which on a customer is lapsed
    #[arg(long, value_name = "SPAN", default_value = "3mo", value_parser = value::<Span>)]
    lapsed_after: Span,
    /// Limit to judge beside the suggested one: silence from which on a customer is lost
    #[arg(long, value_name = "SPAN", default_value = "6mo", value_parser = value::<Span>)]
    lost_after: Span,
    /// A customer is lapsed once less than this share of the silent return within the horizon
    #[arg(long, value_name = "SHARE", default_value_t = InactivityOptions::default().lapsed_share)]
    lapsed_share: f64,
    /// A customer is lost once less than this share returns within the horizon
    #[arg(long, value_name = "SHARE", default_value_t = InactivityOptions::default().lost_share)]
    lost_share: f64,
    /// Column of the customers table by which to group too
    #[arg(long, value_name = "NAME", requires = "customers")]
    group_by: Option<String>,
    /// File to write a table to as well, ending in .parquet or .csv
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The table that is written
    #[arg(long, value_name = "NAME", value_enum, default_value_t = Table::Returns,
          requires = "output")]
    table: Table,
    #[command(flatten)]
    tables: Tables,
}

/// The tables of the report.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Table {
    /// Who comes back after which silence
    Returns,
    /// The limits and what they cost
    Limits,
    /// The distribution of gaps
    Gaps,
}

impl Inactivity {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if let Some(path) = &self.output {
            output::check_table_path(path)?;
            self.tables.spare(path)?;
        }
        let log = self.tables.read(None)?;
        let options = InactivityOptions {
            horizon: self.horizon,
            limits: LifecycleLimits {
                lapsed_after: self.lapsed_after,
                lost_after: self.lost_after,
            },
            lapsed_share: self.lapsed_share,
            lost_share: self.lost_share,
            group_by: self.group_by.map(GroupBy::Attribute),
        };
        let report = during("looking at the silences", || {
            InactivityReport::build(&log.at_argument("until", self.until)?, &options)
        })?;
        print(report.to_string().trim_end())?;
        if let Some(path) = &self.output {
            let batch = match self.table {
                Table::Returns => report.returns_batch()?,
                Table::Limits => report.limits_batch()?,
                Table::Gaps => report.gaps_batch()?,
            };
            output::write_table(&batch, path)?;
            wrote(path);
        }
        Ok(())
    }
}
