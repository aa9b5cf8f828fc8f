//! `winback campaign assign`: who is in which arm.

use std::path::PathBuf;

use clap::Args;
use winback::answer::{output, value};
use winback::campaign::{AssignOptions, Assignment};
use winback::log::CustomerTable;
use winback::time::Moment;

use super::inputs::{has_log, spare};
use crate::cli::console::wrote;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::Tables;

/// Draw an arm for each customer of a list who may be contacted
#[derive(Debug, Args)]
#[command(after_help = "\
Columns: customer_id, arm, with strata stratum. Customers whose column do_not_contact says so, of the
list or of the customers table, are left out; so are, if asked, those with an open ticket, those
contacted lately, and those of other campaigns. The table `exclusions` counts them.

Examples:
  winback campaign assign --customer-list candidates.csv --control-share 0.1 --salt spring \\
    --plan spring.json -o arms.csv
  Two offers, balanced by the candidates' expected value, without those contacted lately:
    winback campaign assign --customer-list candidates.csv \\
      --arms control=0.2,offer_a=0.4,offer_b=0.4 --rank-by expected_value --quiet-for 30d \\
      --transactions orders.csv --events events.csv --contact email_sent \\
      --observed-until 2025-01-01 --at 2025-01-01 -o arms.csv")]
pub(super) struct Assign {
    /// The list: a table with the column customer_id, such as `winback candidates` writes
    #[arg(long, value_name = "FILE")]
    customer_list: PathBuf,
    /// List of another campaign, whose customers are left out; may be repeated
    #[arg(long = "other", value_name = "FILE")]
    others: Vec<PathBuf>,
    /// File to write the plan to, which `winback campaign effect` reads
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Cutoff of the log, if there is one: only what was known before it is used
    #[arg(long, value_name = "DATE", requires = "log", value_parser = value::<Moment>)]
    at: Option<Moment>,
    #[command(flatten)]
    options: AssignOptions,
    #[command(flatten)]
    output: Output<Assignment>,
    #[command(flatten)]
    tables: Tables,
}

impl Assign {
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut inputs = self.others.clone();
        inputs.push(self.customer_list.clone());
        self.output.check_beside(|path| spare(path, &self.tables, &inputs))?;
        if let Some(path) = &self.plan {
            output::check_path(path)?;
            spare(path, &self.tables, &inputs)?;
            self.output.check_apart(path)?;
        }
        let now = match has_log(&self.tables) {
            false => None,
            true => {
                let log = self.tables.read(None)?;
                Some(match self.at {
                    Some(at) => log.at(at)?,
                    None => log.at(log.observed_until())?,
                })
            }
        };
        let found = during("drawing", || {
            let list = CustomerTable::of_path("customer_list", &self.customer_list)?;
            let other = |path| CustomerTable::of_path("others", path);
            let others = self.others.iter().map(other).collect::<Result<Vec<_>, _>>()?;
            Assignment::build(&list, now.as_ref(), &others, &self.options)
        })?;
        self.output.show(&found)?;
        if let Some(path) = &self.plan {
            found.plan().save(path)?;
            wrote(path);
        }
        Ok(())
    }
}
