//! `winback campaign offers`: what to offer each customer next.

use clap::Args;
use winback::campaign::{CategoryOfferOptions, CategoryOffers};

use crate::cli::args::At;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Say which categories to offer each customer next, and whether that would have been right
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
The table `offers` has each customer's categories, `quality` how good the rankings were, `pairs` the
categories that are bought together.

Examples:
  winback campaign offers --transactions orders.csv --column transactions.category=product \\
    --observed-until 2025-01-01 --at 2025-01-01 --count 3 -o offers.csv")]
pub(crate) struct Offers {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    options: CategoryOfferOptions,
    #[command(flatten)]
    output: Output<CategoryOffers>,
    #[command(flatten)]
    tables: Tables,
}

impl Offers {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let log = self.tables.read(None)?;
        let found =
            during("ranking", || CategoryOffers::build(&log.at(self.at.at)?, &self.options))?;
        self.output.show(&found)
    }
}
