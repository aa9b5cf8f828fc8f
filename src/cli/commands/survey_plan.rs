//! `winback survey-plan`: whom to ask on a day.

use clap::Args;
use winback::answer::output;
use winback::surveys::{PlanOptions, SurveyPlan};
use winback::{Span, Timestamp};

use crate::cli::args::{TableOut, value};
use crate::cli::console::{note, wrote};
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// List the customers to ask on a day, so that everyone is asked once before anyone is twice
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Every customer has one day of the round, drawn by salt and id, and is asked on that day of every
round. So nothing is kept from day to day, and exactly a round lies between two questions. Keep
share and salt the same.

Examples:
  winback survey-plan --transactions orders.csv --observed-until 2025-01-01 \\
    --day 2025-01-01 -o ask.csv
  winback survey-plan --transactions orders.csv --tickets tickets.csv \\
    --observed-until 2025-01-01 --day 2025-01-01 --share 0.01 --min-gap 90d \\
    --skip-open-tickets -o ask.csv")]
pub(crate) struct Plan {
    /// The day (UTC); only what was known before it is used
    #[arg(long, value_name = "DATE", value_parser = value::<Timestamp>)]
    day: Timestamp,
    /// Share of the customers asked on each day; a round takes 1 / share days
    #[arg(long, value_name = "SHARE", default_value_t = PlanOptions::default().share)]
    share: f64,
    /// Text that draws the days; another one draws them anew
    #[arg(long, value_name = "TEXT", default_value_t = PlanOptions::default().salt)]
    salt: String,
    /// The least time between two questions to one customer; refused if a round is shorter
    #[arg(long, value_name = "SPAN", default_value = "0d", value_parser = value::<Span>)]
    min_gap: Span,
    /// Leave out customers with an open ticket until the next round
    #[arg(long, requires = "tickets")]
    skip_open_tickets: bool,
    #[command(flatten)]
    output: TableOut,
    #[command(flatten)]
    tables: Tables,
}

impl Plan {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let path = self.output.checked()?;
        self.tables.spare(path)?;
        let options = PlanOptions {
            share: self.share,
            salt: self.salt,
            min_gap: self.min_gap,
            skip_open_tickets: self.skip_open_tickets,
        };
        options.round_days()?;
        let log = self.tables.read(None)?;
        let plan =
            during("planning", || SurveyPlan::build(&log.at_argument("day", self.day)?, &options))?;
        output::write_table(&plan.to_batch()?, path)?;
        note(&plan.to_string());
        wrote(path);
        Ok(())
    }
}
