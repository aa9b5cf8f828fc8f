//! `winback cohorts`: customers by first purchase, followed through the periods after it.

use clap::{Args, ValueEnum};
use winback::Error;
use winback::retention::{self, CohortMode, CohortOptions, CohortValue};

use crate::cli::args::value;
use crate::cli::failure::Failure;
use crate::cli::over_time::{AlsoTo, PeriodArgs};
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Customers by the period of their first purchase, followed through the periods after it
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
A row a cohort; column 0 is the period of the first purchase itself. A cell whose time is not over
is `-`, never 0. The file has all values, a row a cohort and column, with 95 % intervals.

Examples:
  winback cohorts --transactions orders.csv --observed-until 2025-01-01
  winback cohorts --transactions orders.csv --observed-until 2025-01-01 --every 1q \\
    --value share -o cohorts.csv
  winback cohorts --transactions orders.csv --observed-until 2025-01-01 --every 1w \\
    --mode bracket --brackets 0,1,5,13")]
pub(crate) struct Cohorts {
    #[command(flatten)]
    periods: PeriodArgs,
    /// Who counts as active: in that very period, in it or later, or in any of several periods
    #[arg(long, value_name = "MODE", default_value = "on")]
    mode: Mode,
    /// Edges of the brackets in periods since the first purchase: 0,1,5,13 are 0, 1-4 and 5-12
    #[arg(long, value_name = "N,N,...", value_delimiter = ',', required_if_eq("mode", "bracket"))]
    brackets: Vec<u32>,
    /// What is printed: customers, share, revenue or average_check
    #[arg(long, value_name = "VALUE", default_value = "customers",
          value_parser = value::<CohortValue>)]
    value: CohortValue,
    #[command(flatten)]
    output: AlsoTo,
    #[command(flatten)]
    tables: Tables,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Mode {
    On,
    OnOrAfter,
    Bracket,
}

impl Cohorts {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables)?;
        let mode = match self.mode {
            Mode::Bracket => CohortMode::Bracket(self.brackets),
            _ if !self.brackets.is_empty() => {
                let given = format!("{:?}", self.brackets);
                let expected = "nothing without --mode bracket";
                return Err(Error::argument("brackets", given, expected).into());
            }
            Mode::On => CohortMode::On,
            Mode::OnOrAfter => CohortMode::OnOrAfter,
        };
        let options = CohortOptions { periods: self.periods.options(), mode };
        let log = self.tables.read(None)?;
        let found = during("counting", || retention::Cohorts::new(&log, &options))?;
        self.output.show(&found.to_wide_batch(self.value)?, &found.notes, &found.to_batch()?)
    }
}
