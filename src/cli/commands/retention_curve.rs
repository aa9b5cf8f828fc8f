//! `winback retention-curve`: how long customers stay until a long silence.

use clap::Args;
use winback::retention::{CurveOptions, RetentionCurve as Curve};
use winback::{Span, Timestamp};

use crate::cli::args::{Grouping, value};
use crate::cli::failure::Failure;
use crate::cli::over_time::AlsoTo;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Share of customers not yet silent for long, by days since the first purchase (Kaplan-Meier)
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
A customer is gone on the day on which the first silence of --silent-for is complete; whoever was
not silent for so long when the log ends is censored. What is printed is the curve every --step
days; the file has every day on which it changes.

Examples:
  winback retention-curve --transactions orders.csv --observed-until 2025-01-01 \\
    --silent-for 90d -o curve.csv
  winback retention-curve --transactions orders.csv --observed-until 2025-01-01 \\
    --start 2024-01-01 --end 2024-04-01 --by channel")]
pub(crate) struct RetentionCurve {
    /// Silence after which a customer counts as gone
    #[arg(long, value_name = "SPAN", default_value = "6mo", value_parser = value::<Span>)]
    silent_for: Span,
    /// Only customers whose first purchase is not before it
    #[arg(long, value_name = "DATE", value_parser = value::<Timestamp>)]
    start: Option<Timestamp>,
    /// Only customers whose first purchase is before it
    #[arg(long, value_name = "DATE", value_parser = value::<Timestamp>)]
    end: Option<Timestamp>,
    /// Days from one printed row to the next
    #[arg(long, value_name = "DAYS", default_value = "30")]
    step: std::num::NonZeroU32,
    #[command(flatten)]
    grouping: Grouping,
    #[command(flatten)]
    output: AlsoTo,
    #[command(flatten)]
    tables: Tables,
}

impl RetentionCurve {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables)?;
        let options =
            CurveOptions { silent_for: self.silent_for, start: self.start, end: self.end };
        let by = self.grouping.by();
        let log = self.tables.read(None)?;
        let found = during("counting", || Curve::new(&log, &options, by.as_ref()))?;
        let days: Vec<u32> = (0..=found.longest()).step_by(self.step.get() as usize).collect();
        self.output.show(&found.to_batch_at(&days)?, &found.notes, &found.to_batch()?)
    }
}
