//! `winback retention`: how many customers of one period are there in the next.

use clap::Args;
use winback::retention;

use crate::cli::args::Grouping;
use crate::cli::failure::Failure;
use crate::cli::over_time::{AlsoTo, PeriodArgs, columns};
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Retention rates of customers and revenue, period by period
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
S, E, N: customers active in the period before (active_before), in the period (active), and of
these the new ones. crr_percent = (E - N) / S x 100 counts customers who came back as kept;
retained_percent is the share of S that is really there again. GRR and NRR are the same for what
the customers of S spent. A period that is not over has no figures.

Examples:
  winback retention --transactions orders.csv --observed-until 2025-01-01 --every 1q
  winback retention --transactions orders.csv --observed-until 2025-01-01 --by channel \\
    -o retention.csv
  winback retention --transactions orders.csv --customers customers.csv \\
    --observed-until 2025-01-01 --attribute region")]
pub(crate) struct Retention {
    #[command(flatten)]
    periods: PeriodArgs,
    #[command(flatten)]
    grouping: Grouping,
    #[command(flatten)]
    output: AlsoTo,
    #[command(flatten)]
    tables: Tables,
}

impl Retention {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables)?;
        let by = self.grouping.by();
        let log = self.tables.read(None)?;
        let options = self.periods.options();
        let found =
            during("counting", || retention::Retention::by_period(&log, &options, by.as_ref()))?;
        let whole = found.to_batch()?;
        let shown = columns(&whole, |name| name != "period_end" && !name.starts_with("revenue"))?;
        self.output.show(&shown, &found.notes, &whole)
    }
}
