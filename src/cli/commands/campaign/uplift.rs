//! `winback campaign uplift`: whom an offer changes.

use std::path::PathBuf;

use clap::Args;
use winback::answer::output;
use winback::campaign::{LearnedUplift, LearnedUpliftOptions, UpliftOptions};
use winback::log::{CustomerTable, check_spared};

use crate::cli::args::EstimatorOf;
use crate::cli::console::wrote;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;

/// Learn whom an offer changes from a test with a control arm, and say whether a targeted list pays
#[derive(Debug, Args)]
#[command(after_help = "\
The table `effects` has each customer's effect of each offer by models that have not seen him,
`measures` how well it ranks, `policies` what lists bring, `curve` what lists of every length gain.
`winback campaign uplift-predict` applies the model to other customers.

Examples:
  winback campaign uplift --arms test.csv --control none --outcome bought \\
    --covariates recency,frequency,spend --margin 30 --costs 1 --model uplift.winback -o effects.csv
  Boosted trees, which take gaps; two offers:
    winback campaign uplift --arms test.csv --outcome spend --covariates recency,frequency,age \\
      --estimator boosting --costs letter=0.5,call=2 --table curve=curve.csv")]
pub(super) struct Uplift {
    /// The test: customer_id, the column of the arm, the outcome, and what was known before
    #[arg(long, value_name = "FILE")]
    arms: PathBuf,
    #[command(flatten)]
    options: LearnedUpliftOptions,
    #[command(flatten)]
    how: UpliftOptions,
    #[command(flatten)]
    estimator: EstimatorOf,
    /// Model file to write, which `winback campaign uplift-predict` reads
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    #[command(flatten)]
    output: Output<LearnedUplift>,
}

impl Uplift {
    pub(super) fn run(self) -> Result<(), Failure> {
        let inputs = std::slice::from_ref(&self.arms);
        self.output.check_beside(|path| Ok(check_spared(path, inputs)?))?;
        if let Some(path) = &self.model {
            output::check_path(path)?;
            check_spared(path, inputs)?;
            self.output.check_apart(path)?;
        }
        let how = winback::campaign::Uplift::new(self.estimator.read()?, self.how)?;
        let found = during("learning", || {
            let table = CustomerTable::of_path("arms", &self.arms)?;
            LearnedUplift::build(&how, table, &self.options)
        })?;
        self.output.show(&found)?;
        if let Some(path) = &self.model {
            found.model.save(path)?;
            wrote(path);
        }
        Ok(())
    }
}
