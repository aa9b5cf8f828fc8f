//! `winback explain`: what moves each customer's chance of a purchase.

use std::path::PathBuf;

use arrow_array::RecordBatch;
use clap::Args;
use winback::Error;
use winback::answer::output;
use winback::churn::{ExplainOptions, Explanations};

use crate::cli::args::{ModelAt, Reasons};
use crate::cli::console::{print, wrote};
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Makes one of the tables.
type ToTable = fn(&Explanations) -> Result<RecordBatch, Error>;

/// Say why: what moves each customer's chance of a purchase, in log-odds and in words
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
What matters over all customers of each state goes to stdout. The table of -o has a row a reason, of
each customer those that raise the chance and those that lower it; --contributions has a row a
customer and a column for every column that the model reads: base + contributions = log-odds.

Examples:
  winback explain --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --at 2025-01-01 -o reasons.csv
  Two customers, in Russian:
    winback explain --transactions orders.csv --observed-until 2025-01-01 \\
      --model churn.winback --at 2025-01-01 --customer-id 17 --customer-id 42 --language ru
  Who is held back by what:
    winback explain --transactions orders.csv --observed-until 2025-01-01 \\
      --model churn.winback --at 2025-01-01 --main-reasons main_reasons.csv")]
pub(crate) struct Explain {
    #[command(flatten)]
    model: ModelAt,
    /// Customer to explain; may be repeated [default: all]
    #[arg(long, value_name = "ID")]
    customer_id: Vec<String>,
    #[command(flatten)]
    reasons: Reasons,
    /// File to write the reasons to, ending in .parquet or .csv, as the following ones
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// File to write every column's contributions to
    #[arg(long, value_name = "FILE")]
    contributions: Option<PathBuf>,
    /// File to write the contributions of groups of columns to
    #[arg(long, value_name = "FILE")]
    groups: Option<PathBuf>,
    /// File to write the importance of groups and columns by state to
    #[arg(long, value_name = "FILE")]
    importance: Option<PathBuf>,
    /// File to write the numbers of customers by what holds them back most to
    #[arg(long, value_name = "FILE")]
    main_reasons: Option<PathBuf>,
    #[command(flatten)]
    tables: Tables,
}

impl Explain {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let places =
            [&self.output, &self.contributions, &self.groups, &self.importance, &self.main_reasons];
        for path in places.into_iter().flatten() {
            output::check_table_path(path)?;
            self.tables.spare_with(path, Some(self.model.path()))?;
        }
        let files: Vec<&PathBuf> = places.into_iter().flatten().collect();
        if let Some(twice) = (1..files.len()).find(|&i| files[..i].contains(&files[i])) {
            let expected = "a file of its own for each table";
            return Err(Error::path_argument("output", &files[twice], expected).into());
        }
        let model = self.model.load()?;
        let log = self.tables.read(Some(&model))?;
        let number = |id: &String| log.customers().find(id).map(|customer| customer as u32);
        let customers = match self.customer_id.is_empty() {
            true => None,
            false => Some(self.customer_id.iter().map(number).collect::<Result<_, _>>()?),
        };
        // Sentences take far more room than figures.
        let wanted = if self.output.is_some() || customers.is_some() { 3 } else { 0 };
        let options = ExplainOptions { customers, reasons: self.reasons.options(wanted) };
        let found = during("explaining", || model.explain(&log.at(self.model.at)?, &options))?;
        print(&found.to_string())?;
        let tables: [ToTable; 5] = [
            Explanations::reasons_to_batch,
            Explanations::to_batch,
            Explanations::groups_to_batch,
            Explanations::importance_to_batch,
            Explanations::main_reasons_to_batch,
        ];
        for (path, table) in places.into_iter().zip(tables) {
            if let Some(path) = path {
                output::write_table(&table(&found)?, path)?;
                wrote(path);
            }
        }
        Ok(())
    }
}
