//! `winback survey-plan`: whom to ask on a given day.

use clap::Args;
use winback::answer::value;
use winback::surveys::{PlanOptions, SurveyPlan as Found};
use winback::time::Moment;

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_and};

/// List the customers to ask on a day, so that everyone is asked once before anyone is asked twice
#[derive(Debug, Args)]
#[command(mut_args(log_and(&["output"])))]
#[command(after_help = "\
Every customer has one day of the round, drawn from salt and id, and is asked on that day of every
round. So no state is kept from day to day, and two questions are exactly a round apart. Keep share
and salt the same.

Examples:
  winback survey-plan --transactions orders.csv --observed-until 2025-01-01 \\
    --day 2025-01-01 -o ask.csv
  winback survey-plan --transactions orders.csv --tickets tickets.csv \\
    --observed-until 2025-01-01 --day 2025-01-01 --share 0.01 --min-gap 90d \\
    --skip-open-tickets -o ask.csv")]
pub(crate) struct SurveyPlan {
    /// The day; only what was known before it is used
    #[arg(long, value_name = "DATE", value_parser = value::<Moment>)]
    day: Moment,
    #[command(flatten)]
    options: PlanOptions,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
}

impl SurveyPlan {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        self.options.round_days()?;
        let log = self.tables.read(None)?;
        let plan =
            during("planning", || Found::build(&log.at_argument("day", self.day)?, &self.options))?;
        self.output.show(&plan)
    }
}
