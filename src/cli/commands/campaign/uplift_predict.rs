//! `winback campaign uplift-predict`: effects on other customers.

use std::path::PathBuf;

use clap::Args;
use winback::campaign::{FittedUplift, PredictedUplift};
use winback::log::{CustomerTable, check_spared};

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;

/// Say what each offer would change in other customers, by a model of `winback campaign uplift`
#[derive(Debug, Args)]
#[command(after_help = "\
Columns: customer_id and of each offer uplift_OFFER, in units of the outcome, and gain_OFFER, that
times the margin, as `winback campaign target` takes it.

Examples:
  winback campaign uplift-predict --model uplift.winback --customer-list now.csv --margin 30 \\
    -o gains.csv
  winback campaign target --customer-list gains.csv --gain letter=gain_letter --cost letter=1 \\
    --budget 2000 -o list.csv")]
pub(super) struct UpliftPredict {
    /// Model file that `winback campaign uplift` wrote
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// The customers: a table with the columns that the model learned from
    #[arg(long, value_name = "FILE")]
    customer_list: PathBuf,
    /// What a unit of the outcome is worth
    #[arg(long, value_name = "AMOUNT", default_value_t = 1.0)]
    margin: f64,
    #[command(flatten)]
    output: Output<PredictedUplift>,
}

impl UpliftPredict {
    pub(super) fn run(self) -> Result<(), Failure> {
        let inputs = [self.model.clone(), self.customer_list.clone()];
        self.output.check_beside(|path| Ok(check_spared(path, &inputs)?))?;
        let found = during("predicting", || {
            let model = FittedUplift::load(&self.model)?;
            let table = CustomerTable::of_path("customer_list", &self.customer_list)?;
            PredictedUplift::build(&model, table, self.margin)
        })?;
        self.output.show(&found)
    }
}
