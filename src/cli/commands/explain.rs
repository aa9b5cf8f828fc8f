//! `winback explain`: what moves each customer's chance of a purchase.

use clap::Args;
use winback::churn::{ExplainOptions, Explanations};

use crate::cli::args::ModelAt;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Explain what moves each customer's chance of a purchase, in log-odds and in words
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
What matters over all customers of each state goes to stdout. The table written by -o has one row
per reason: for each customer, those that raise the chance and those that lower it. The table
`contributions` has a row per customer and a column for every column that the model reads: base +
contributions = log-odds. `groups` has these sums by group, `importance` shows how much groups and
columns matter in each state, and `main_reasons` groups each state's customers by their strongest
negative reason.

Examples:
  winback explain --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --at 2025-01-01 -o reasons.csv
  Two customers, in Russian:
    winback explain --transactions orders.csv --observed-until 2025-01-01 \\
      --model churn.winback --at 2025-01-01 --customer-id 17 --customer-id 42 --language ru
  Customers grouped by their strongest negative reason:
    winback explain --transactions orders.csv --observed-until 2025-01-01 \\
      --model churn.winback --at 2025-01-01 --table main_reasons=main_reasons.csv")]
pub(crate) struct Explain {
    #[command(flatten)]
    model: ModelAt,
    /// Customer to explain; may be repeated [default: all]
    #[arg(long, value_name = "ID")]
    customer_id: Vec<String>,
    #[command(flatten)]
    options: ExplainOptions,
    #[command(flatten)]
    output: Output<Explanations>,
    #[command(flatten)]
    tables: Tables,
}

impl Explain {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, Some(self.model.path()))?;
        self.options.reasons.check()?;
        let model = self.model.load()?;
        let log = self.tables.read(Some(&model))?;
        let number = |id: &String| log.customers().find(id).map(|customer| customer as u32);
        let mut options = self.options;
        if !self.customer_id.is_empty() {
            options.customers =
                Some(self.customer_id.iter().map(number).collect::<Result<_, _>>()?);
        } else if !self.output.writes("reasons") {
            // Sentences take far more room than figures.
            options.reasons.count = 0;
        }
        let found = during("explaining", || model.explain(&log.at(self.model.at)?, &options))?;
        self.output.show(&found)
    }
}
