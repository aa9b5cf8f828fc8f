//! `winback profit`: what contacting the likeliest churners would have earned.

use clap::Args;
use winback::answer::value;
use winback::campaign::{Clv, ProfitOptions, ProfitReport};
use winback::metrics::AcceptRate;

use crate::cli::args::ModelAt;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Compute what contacting the likeliest churners would have earned at a past cutoff that the model
/// did not see
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Of the customers active at the cutoff, those with the highest churn probability are contacted. Each
contact costs --contact-cost. A churner accepts the offer with --accept-rate, then costs
--incentive-cost and stays, which saves --clv. Customers who would have stayed take the incentive
too. You give every cost: there are no defaults.
The report goes to stdout; the table is the profit curve, a row for each churn probability.

Examples:
  winback profit --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --at 2024-10-01 \\
    --clv 200 --incentive-cost 10 --contact-cost 1 --accept-rate 0.3 -o curve.csv
  winback profit --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --at 2024-10-01 --clv 0.3*total_spend_365d \\
    --incentive-cost 10 --contact-cost 1 --alpha 6 --beta 14")]
pub(crate) struct Profit {
    #[command(flatten)]
    model: ModelAt,
    #[command(flatten)]
    economics: EconomicsOptions,
    #[command(flatten)]
    output: Output<ProfitReport>,
    #[command(flatten)]
    tables: Tables,
}

/// The economics of a campaign.
#[derive(Debug, Args)]
#[command(next_help_heading = "Economics")]
struct EconomicsOptions {
    /// Customer lifetime value, lost when a customer leaves: a number, or a number times a feature,
    /// such as 0.3*total_spend_365d for a margin of 30 % on a year's spend
    #[arg(long, value_name = "VALUE", value_parser = value::<Clv>, allow_hyphen_values = true)]
    clv: Clv,
    /// Cost of the incentive when a customer takes it
    #[arg(long, value_name = "COST", allow_negative_numbers = true)]
    incentive_cost: f64,
    /// Cost of contacting one customer
    #[arg(long, value_name = "COST", allow_negative_numbers = true)]
    contact_cost: f64,
    /// Share of contacted churners who accept the offer and stay, 0 to 1; or use --alpha and --beta
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true,
          required_unless_present_any = ["alpha", "beta"], conflicts_with_all = ["alpha", "beta"])]
    accept_rate: Option<f64>,
    /// With --beta: the accept rate is unknown and distributed as Beta(alpha, beta)
    #[arg(long, value_name = "A", allow_negative_numbers = true, requires = "beta")]
    alpha: Option<f64>,
    /// With --alpha
    #[arg(long, value_name = "B", allow_negative_numbers = true, requires = "alpha")]
    beta: Option<f64>,
}

impl EconomicsOptions {
    fn economics(self) -> ProfitOptions {
        let EconomicsOptions { clv, incentive_cost, contact_cost, accept_rate, alpha, beta } = self;
        let accept_rate = match (accept_rate, alpha, beta) {
            (_, Some(alpha), Some(beta)) => AcceptRate::Beta { alpha, beta },
            (rate, ..) => rate.unwrap_or(f64::NAN).into(), // there: clap demands one or the other
        };
        ProfitOptions { clv, incentive_cost, contact_cost, accept_rate }
    }
}

impl Profit {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, Some(self.model.path()))?;
        let model = self.model.load()?;
        let log = self.tables.read(Some(&model))?;
        let economics = self.economics.economics();
        let report = during("judging", || model.profit(&log.at(self.model.at)?, &economics))?;
        self.output.show(&report)
    }
}
