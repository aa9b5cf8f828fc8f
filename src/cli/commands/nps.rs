//! `winback nps`: what the answers to surveys say, and what customers did after them.

use std::path::PathBuf;

use clap::{Arg, Args, ValueEnum};
use winback::answer::output;
use winback::groups::GroupBy;
use winback::surveys::{NpsOptions, NpsReport};
use winback::{Span, Timestamp};

use crate::cli::args::value;
use crate::cli::console::{print, wrote};
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Tell the Net Promoter Score by period, group and topic, and what customers did after they answered
#[derive(Debug, Args)]
#[command(mut_args(surveys_required))]
#[command(after_help = "\
The report goes to stdout: scores with their intervals and tests against the period before and
against all other answers, what each topic adds, and whether customers bought again after their
answer, beside customers without one who had bought as often and as lately.

Examples:
  winback nps --transactions orders.csv --surveys answers.csv \\
    --observed-until 2025-01-01 --until 2025-01-01
  winback nps --transactions orders.csv --surveys answers.csv --customers customers.csv \\
    --group-by plan --every 1mo --observed-until 2025-01-01 --until 2025-01-01 -o periods.csv
  winback nps --transactions orders.csv --surveys answers.csv --observed-until 2025-01-01 \\
    --until 2025-01-01 --horizon 6mo --table afterwards -o afterwards.csv")]
pub(crate) struct Nps {
    /// Only what was known before it is used. A date means its first instant
    #[arg(long, value_name = "DATE", value_parser = value::<Timestamp>)]
    until: Timestamp,
    /// Length of a period: 1w, 1mo, 1q, 1y or any span
    #[arg(long, value_name = "SPAN", default_value = "1q", value_parser = value::<Span>)]
    every: Span,
    /// Start of the first period; answers before it are left out [default: that of the first
    /// answer's calendar period]
    #[arg(long, value_name = "DATE", value_parser = value::<Timestamp>)]
    start: Option<Timestamp>,
    /// Column of the customers table by which to group too
    #[arg(long, value_name = "NAME", requires = "customers")]
    group_by: Option<String>,
    /// The time after an answer in which purchases are looked at
    #[arg(long, value_name = "SPAN", default_value = "3mo", value_parser = value::<Span>)]
    horizon: Span,
    /// Customers who did not answer: not in this time before
    #[arg(long, value_name = "SPAN", default_value = "6mo", value_parser = value::<Span>)]
    quiet_for: Span,
    /// File to write a table to as well, ending in .parquet or .csv
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The table that is written
    #[arg(long, value_name = "NAME", value_enum, default_value_t = Table::Periods,
          requires = "output")]
    table: Table,
    #[command(flatten)]
    tables: Tables,
}

/// The tables of the report.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Table {
    /// Scores by group and period
    Periods,
    /// Scores by group
    Groups,
    /// What topics add to the score
    Topics,
    /// What customers did after they answered
    Afterwards,
}

fn surveys_required(arg: Arg) -> Arg {
    let arg = log_required(arg);
    if arg.get_id() == "surveys" { arg.required(true) } else { arg }
}

impl Nps {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if let Some(path) = &self.output {
            output::check_table_path(path)?;
            self.tables.spare(path)?;
        }
        let log = self.tables.read(None)?;
        let options = NpsOptions {
            every: self.every,
            start: self.start,
            group_by: self.group_by.map(GroupBy::Attribute),
            horizon: self.horizon,
            quiet_for: self.quiet_for,
        };
        let report = during("looking at the answers", || {
            NpsReport::build(&log.at_argument("until", self.until)?, &options)
        })?;
        print(report.to_string().trim_end())?;
        if let Some(path) = &self.output {
            let batch = match self.table {
                Table::Periods => report.periods_batch()?,
                Table::Groups => report.groups_batch()?,
                Table::Topics => report.topics_batch()?,
                Table::Afterwards => report.afterwards_batch()?,
            };
            output::write_table(&batch, path)?;
            wrote(path);
        }
        Ok(())
    }
}
