//! `winback campaign plan`: how many customers show an effect.

use clap::Args;
use winback::campaign::{CampaignPlan, CampaignPlanOptions};

use crate::cli::failure::Failure;
use crate::cli::output::Output;

/// Say how many customers show an effect, and which effect a list shows
#[derive(Debug, Args)]
#[command(after_help = "\
Columns: arm, share, needed (customers for the effect), customers (of the list), smallest_effect
(that the list shows with the power), power (with which it shows the effect).

Examples:
  One buyer more in a hundred, with a tenth of the customers not contacted:
    winback campaign plan --baseline 0.05 --effect 0.01 --control-share 0.1
  What a list of 20,000 can show of spend, with two offers:
    winback campaign plan --baseline 14 --deviation 60 --customers 20000 \\
      --arms control=0.2,offer_a=0.4,offer_b=0.4")]
pub(super) struct Plan {
    #[command(flatten)]
    options: CampaignPlanOptions,
    #[command(flatten)]
    output: Output<CampaignPlan>,
}

impl Plan {
    pub(super) fn run(self) -> Result<(), Failure> {
        self.output.check_beside(|_| Ok(()))?;
        self.output.show(&CampaignPlan::build(&self.options)?)
    }
}
