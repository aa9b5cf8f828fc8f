//! `winback campaign write`: files for the tool that sends.

use std::path::PathBuf;

use clap::Args;
use winback::campaign::{Upload, UploadOptions};
use winback::log::{CustomerTable, check_spared};

use crate::cli::console::{print, wrote};
use crate::cli::failure::Failure;
use crate::cli::progress::during;

/// Write a list, without control, as files that the tool which sends takes
#[derive(Debug, Args)]
#[command(after_help = "\
Headers are exactly the tool's, and files no larger than it takes: where one is not enough, there are
several, with numbers behind their names. Customers in control and those without an identifier are
left out and counted. Ids are written as they stand, rows by ascending id, with a budget by profit
for cost.

Examples:
  winback campaign write --customer-list arms.csv --target braze -o braze.csv
  E-mail addresses are in the customers table:
    winback campaign write --customer-list arms.csv --identifiers customers.csv \\
      --target klaviyo -o klaviyo.csv
  A sheet with a cell for the budget, of what `winback campaign target` writes:
    winback campaign write --customer-list list.csv --target xlsx --budget 2000 -o list.xlsx")]
pub(super) struct Write {
    /// The list: a table with the column customer_id and, if it has arms, that of the arm
    #[arg(long, value_name = "FILE")]
    customer_list: PathBuf,
    /// Table with customer_id and the identifiers, such as the customers table
    #[arg(long, value_name = "FILE")]
    identifiers: Option<PathBuf>,
    /// File to write to, ending in .csv, for xlsx in .xlsx
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    options: UploadOptions,
}

impl Write {
    pub(super) fn run(self) -> Result<(), Failure> {
        let inputs: Vec<PathBuf> = [Some(&self.customer_list), self.identifiers.as_ref()]
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        check_spared(&self.output, &inputs)?;
        let written = during("writing", || {
            let list = CustomerTable::texts_of_path("customer_list", &self.customer_list)?;
            let identifiers = self
                .identifiers
                .as_ref()
                .map(|path| CustomerTable::texts_of_path("identifiers", path))
                .transpose()?;
            Upload::write(&list, identifiers.as_ref(), &self.output, &self.options)
        })?;
        print(written.to_string().trim_end())?;
        written.paths().for_each(wrote);
        Ok(())
    }
}
