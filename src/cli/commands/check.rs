//! `winback check`: what a file seems to be, and what in a log may mislead.

use std::fmt::{Display, Formatter};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value};
use winback::check::{LogCheck, TableCheck, TableCheckOptions};

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::progress::during;
use crate::cli::tables::Tables;
use winback::answer::{Analysis, Answer, Table};

/// Say what a file seems to be and how to read it, or what in a log may mislead
#[derive(Debug, Args)]
#[command(after_help = "\
With FILE alone, before anything is set up: which table it is, what each column seems to be, how to
read it, ready to be copied, and what in the log that this gives may mislead. Columns are told by
their names and by 10,000 rows at the start and some more in between. What is known already may be
given, as --encoding cp1251, --sheet Orders or --column transactions.customer_id=KdNr, and is taken
as it is.

With --transactions: what in the log may mislead, the gravest first, such as order numbers that
start again, placeholder dates, or one id for all guests, each with an example and with
what to do about it. The table `findings` holds the same, `looked_for` all that was looked for,
`columns` what the columns of FILE seem to be.

Examples:
  winback check orders.csv
  winback check orders.parquet --quick
  winback check --transactions orders.csv --observed-until 2025-01-01 -o findings.csv")]
pub(crate) struct Check {
    /// A file or folder of which nothing is known yet
    #[arg(
        value_name = "FILE",
        conflicts_with_all = [
            "transactions", "tickets", "surveys", "events", "contacts", "roles", "activity",
            "customers",
        ],
        required_unless_present_any = ["transactions", "events"],
        group = "log"
    )]
    file: Option<PathBuf>,
    #[command(flatten)]
    options: TableCheckOptions,
    #[command(flatten)]
    output: Output<Found>,
    #[command(flatten)]
    tables: Tables,
}

impl Check {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let found = match &self.file {
            Some(path) => {
                let reading = self.tables.reading()?;
                let look = || TableCheck::of_path_by(path, &reading, &self.options);
                Found::Table(Box::new(during("looking at the file", look)?))
            }
            None => {
                let log = self.tables.read(None)?;
                Found::Log(Box::new(log.check()))
            }
        };
        self.output.show(&found)
    }
}

/// What was looked at.
#[derive(Debug)]
enum Found {
    Table(Box<TableCheck>),
    Log(Box<LogCheck>),
}

impl Found {
    fn answer(&self) -> &dyn Answer {
        match self {
            Found::Table(check) => check.as_ref(),
            Found::Log(check) => check.as_ref(),
        }
    }
}

impl Analysis for Found {
    const TABLES: &'static [Table<Self>] = &[
        ("findings", |found| found.answer().table("findings")),
        ("looked_for", |found| found.answer().table("looked_for")),
        ("columns", |found| found.answer().table("columns")),
    ];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        self.answer().figures()
    }

    fn notes(&self) -> Vec<String> {
        self.answer().notes()
    }
}

impl Display for Found {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        self.answer().fmt(f)
    }
}
