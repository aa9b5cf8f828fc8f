//! `winback events`: which events there are, and what comes after them.

use clap::Args;
use winback::events::{EventsOptions, EventsSummary};

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_and};

/// Show what customers do besides buying, and what it comes before: purchases, or silence
#[derive(Debug, Args)]
#[command(mut_args(log_and(&["events"])))]
#[command(after_help = "\
Customers active at several cutoffs are looked at: of those with an event of a kind shortly before,
how many buy next, and how many fall silent, compared with customers without one who had bought as
recently and as often. The table `around_purchase` has the events by week around the last purchase
of customers who bought no more.

Examples:
  winback events --transactions orders.csv --events events.csv --contact email_sent \\
    --observed-until 2025-01-01
  winback events --events logins.csv --activity login --observed-until 2025-01-01 -o kinds.csv")]
pub(crate) struct Events {
    #[command(flatten)]
    options: EventsOptions,
    #[command(flatten)]
    output: Output<EventsSummary>,
    #[command(flatten)]
    tables: Tables,
}

impl Events {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let log = self.tables.read(None)?;
        let found = during("looking at the events", || EventsSummary::build(&log, &self.options))?;
        self.output.show(&found)
    }
}
