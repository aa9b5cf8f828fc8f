//! `winback time-to-purchase`: when each customer buys next, by all features.

use std::path::PathBuf;

use clap::Args;
use winback::Span;
use winback::answer::{output, value};
use winback::hazard::{self, PurchaseTimes, PurchaseTimesOptions};
use winback::time::Moment;

use crate::cli::args::{At, Learning};
use crate::cli::console::{note, wrote};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::{ModelRules, Tables, log_required};

/// Tell when each customer buys next, from all features
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
A hazard model is trained on what was known before --until, or read from --model. Columns:
customer_id, state, days_since_last_purchase, purchase_probability_30d and so on (within each span of
--within), next_purchase (up to then the chance of a purchase is one half), next_purchase_low and
next_purchase_high (10 and 90 %). Empty where the outcomes of training do not reach so far. The table
survival has a row a customer and period: the chance that nothing is bought up to its end.

Examples:
  winback time-to-purchase --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2025-01-01 --save times.winback -o times.csv
  winback time-to-purchase --transactions orders.csv --observed-until 2025-01-01 \\
    --model times.winback --at 2025-01-01 --within 7d,1mo,1y -o times.csv")]
pub(crate) struct TimeToPurchase {
    /// Train on nothing at or after this instant [default: the cutoff]
    #[arg(long, value_name = "DATE", value_parser = value::<Moment>)]
    until: Option<Moment>,
    /// Model file to write
    #[arg(long, value_name = "FILE", conflicts_with = "model")]
    save: Option<PathBuf>,
    /// Model file written by --save, in place of training
    #[arg(long, value_name = "FILE",
          conflicts_with_all = ["until", "max_horizon", "Learning", "LifecycleLimits", "Attributes"])]
    model: Option<PathBuf>,
    /// The longest time to a purchase that is to be told, at most four years
    #[arg(long, value_name = "SPAN", default_value = "12mo", value_parser = value::<Span>)]
    max_horizon: Span,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    options: PurchaseTimesOptions,
    #[command(flatten)]
    learning: Learning,
    #[command(flatten)]
    output: Output<PurchaseTimes>,
    #[command(flatten)]
    tables: Tables,
}

impl TimeToPurchase {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, self.model.as_deref())?;
        if let Some(path) = &self.save {
            output::check_path(path)?;
            self.tables.spare(path, None)?;
            self.output.check_apart(path)?;
        }
        let loaded = match &self.model {
            Some(path) => Some(during("reading the model", || hazard::TimeToPurchase::load(path))?),
            None => None,
        };
        let rules = loaded.as_ref().map(ModelRules::of_times);
        let builder = hazard::TimeToPurchase::builder()
            .learning(self.learning.builder()?)
            .max_horizon(self.max_horizon)?;
        let log = self.tables.read_by(rules)?;
        let until = self.until.unwrap_or(self.at.at);
        let model = match loaded {
            Some(model) => model,
            None => during("training", || builder.fit(&log, until))?,
        };
        if let Some(path) = &self.save {
            model.save(path)?;
            note(&model.to_string());
            wrote(path);
        }
        let now = log.at(self.at.at)?;
        let found = during("scoring", || model.score(&now, &self.options))?;
        self.output.show(&found)
    }
}
