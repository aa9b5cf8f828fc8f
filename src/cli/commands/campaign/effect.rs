//! `winback campaign effect`: what a campaign changed.

use std::path::PathBuf;

use clap::Args;
use winback::campaign::{Effect as Found, EffectOptions, PlanFile};
use winback::log::CustomerTable;

use super::inputs::{has_log, spare};
use crate::cli::args::load;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
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
    /// The table of arms: customer_id, the column of the arm and, without a log, outcomes
    #[arg(long, value_name = "FILE")]
    arms: PathBuf,
    /// Plan that `winback campaign assign` wrote: arms must be those that it drew
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Model file written by `winback fit`, for the covariate purchase_probability
    #[arg(long, value_name = "FILE", requires = "log")]
    model: Option<PathBuf>,
    #[command(flatten)]
    options: EffectOptions,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
}

impl Effect {
    pub(super) fn run(self) -> Result<(), Failure> {
        let inputs: Vec<PathBuf> = [Some(&self.arms), self.plan.as_ref(), self.model.as_ref()]
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        self.output.check_beside(|path| spare(path, &self.tables, &inputs))?;
        let plan = self.plan.as_ref().map(PlanFile::load).transpose()?;
        let model = self.model.as_deref().map(load).transpose()?;
        let log = match has_log(&self.tables) {
            true => Some(self.tables.read(model.as_ref())?),
            false => None,
        };
        let found = during("comparing", || {
            let table = CustomerTable::of_path("arms", &self.arms)?;
            match &log {
                Some(log) => {
                    Found::of_log(log, &table, plan.as_ref(), model.as_ref(), &self.options)
                }
                None => Found::of_table(&table, plan.as_ref(), &self.options),
            }
        })?;
        self.output.show(&found)
    }
}
