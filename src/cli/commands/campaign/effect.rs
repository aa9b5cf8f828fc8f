//! `winback campaign effect`: what a campaign changed.

use clap::Args;
use winback::campaign::Effect as Found;

use super::inputs::{EffectOf, spare};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::tables::Tables;

/// Say what a campaign changed, by intention to treat, and what it earned
#[derive(Debug, Args)]
#[command(after_help = "\
With a log, outcomes are what the customers of each arm did in the window after the start. Without
one, the table of arms has the outcomes too. While the window is not over the result is an interim
one, which may be looked at as often as one likes.

Examples:
  winback campaign effect --arms arms.csv --plan spring.json --start 2025-01-08 --window 30d \\
    --transactions orders.csv --observed-until 2025-03-01 --margin 0.3 --contact-cost 0.5 \\
    -o effects.csv --table money=money.csv
  Outcomes of another system:
    winback campaign effect --arms test.csv --arm segment --control none \\
      --metrics visit,conversion,spend -o effects.csv")]
pub(super) struct Effect {
    #[command(flatten)]
    effect: EffectOf,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
}

impl Effect {
    pub(super) fn run(self) -> Result<(), Failure> {
        let inputs = self.effect.inputs();
        self.output.check_beside(|path| spare(path, &self.tables, &inputs))?;
        self.output.show(&self.effect.find(&self.tables, None)?.0)
    }
}
