//! `winback explain`: what moves each customer's chance of a purchase.

use clap::Args;
use winback::answer::value;
use winback::churn::{ExplainOptions, Explanations};
use winback::{Error, Snapshot, Span};

use crate::cli::args::{AnyModel, ModelAt};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// The time that is explained where none is asked for, of a model of the time to a purchase.
const WITHIN: Span = Span::days(90);

/// Explain what moves each customer's chance of a purchase, in log-odds and in words
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
What matters over all customers of each state goes to stdout. The table written by -o has one row
per reason: for each customer, those that raise the chance and those that lower it. The table
`contributions` has a row per customer and a column for every column that the model reads: base +
contributions = log-odds. `groups` has these sums by group, `importance` shows how much groups and
columns matter in each state, and `main_reasons` groups each state's customers by their strongest
negative reason. The model may also be one that `winback time-to-purchase` saved; then the chance of
a purchase within --within is explained.

Examples:
  winback explain --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --at 2025-01-01 -o reasons.csv
  Two customers, in Russian:
    winback explain --transactions orders.csv --observed-until 2025-01-01 \\
      --model churn.winback --at 2025-01-01 --customer-id 17 --customer-id 42 --language ru
  Customers grouped by their strongest negative reason:
    winback explain --transactions orders.csv --observed-until 2025-01-01 \\
      --model churn.winback --at 2025-01-01 --table main_reasons=main_reasons.csv
  The chance of a purchase within a month, by a model of the time to a purchase:
    winback explain --transactions orders.csv --observed-until 2025-01-01 \\
      --model times.winback --at 2025-01-01 --within 1mo -o reasons.csv")]
pub(crate) struct Explain {
    #[command(flatten)]
    model: ModelAt,
    /// Customer to explain; may be repeated [default: all]
    #[arg(long, value_name = "ID")]
    customer_id: Vec<String>,
    /// The time within which a purchase is explained, of a model of the time to a purchase [default: 90d]
    #[arg(long, value_name = "SPAN", value_parser = value::<Span>)]
    within: Option<Span>,
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
        let model = self.model.load_any()?;
        if let (AnyModel::Churn(model), Some(within)) = (&model, self.within) {
            let expected = format!(
                "nothing: a churn model tells of a purchase within its horizon, {}",
                model.horizon()
            );
            return Err(Error::argument("within", within, expected).into());
        }
        let log = self.tables.read_by(Some(model.rules()))?;
        let number = |id: &String| log.customers().find(id);
        let mut options = self.options;
        if !self.customer_id.is_empty() {
            options.customers =
                Some(self.customer_id.iter().map(number).collect::<Result<_, _>>()?);
        } else if !self.output.writes("reasons") {
            // Sentences take far more room than figures.
            options.reasons.count = 0;
        }
        let within = self.within.unwrap_or(WITHIN);
        let found =
            during("explaining", || explained(&model, &log.at(self.model.at)?, within, &options))?;
        self.output.show(&found)
    }
}

fn explained(
    model: &AnyModel,
    now: &Snapshot,
    within: Span,
    options: &ExplainOptions,
) -> winback::Result<Explanations> {
    match model {
        AnyModel::Churn(model) => model.explain(now, options),
        AnyModel::Times(model) => model.explain(now, within, options),
    }
}
