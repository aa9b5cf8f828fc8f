//! `winback flow`: who comes, stays, falls silent and returns.

use clap::Args;
use winback::retention;

use crate::cli::failure::Failure;
use crate::cli::over_time::{AlsoTo, LimitArgs, PeriodArgs, columns};
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Who comes, stays, falls silent and returns, period by period
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Customers by what they did between the period's start and its end: new; kept (active and still
active); lapsed, lost; reactivated from either; still lapsed, still lost; then how many stand in
each state at its end. The file has their revenue too. A period that is not over has no figures.

Examples:
  winback flow --transactions orders.csv --observed-until 2025-01-01
  winback flow --transactions orders.csv --observed-until 2025-01-01 --every 1q \\
    --lapsed-after 1y --lost-after 2y -o flow.csv")]
pub(crate) struct Flow {
    #[command(flatten)]
    periods: PeriodArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    output: AlsoTo,
    #[command(flatten)]
    tables: Tables,
}

impl Flow {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables)?;
        let log = self.tables.read(None)?;
        let (options, limits) = (self.periods.options(), self.limits.limits());
        let found = during("counting", || retention::Flow::new(&log, &options, limits))?;
        let whole = found.to_batch()?;
        let shown = columns(&whole, |name| name != "period_end" && !name.contains("revenue"))?;
        self.output.show(&shown, &found.notes, &whole)
    }
}
