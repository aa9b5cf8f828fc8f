//! `winback nps`: what survey answers say, and what customers did after them.

use clap::Args;
use winback::surveys::{NpsOptions, NpsReport};

use crate::cli::args::At;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::tables::{Partition, Tables, log_and};

/// Report the Net Promoter Score by period, group and topic, and what customers did after they
/// answered
#[derive(Debug, Args)]
#[command(mut_args(log_and(&["surveys"])))]
#[command(after_help = "\
The report goes to stdout: scores with their intervals, tests against the previous period and
against all other answers, what each topic contributes, and whether customers bought again after
their answer, compared with customers without one who had bought as often and as recently.

Examples:
  winback nps --transactions orders.csv --surveys answers.csv \\
    --observed-until 2025-01-01 --at 2025-01-01
  winback nps --transactions orders.csv --surveys answers.csv --customers customers.csv \\
    --group-by plan --every 1mo --observed-until 2025-01-01 --at 2025-01-01 -o periods.csv
  winback nps --transactions orders.csv --surveys answers.csv --observed-until 2025-01-01 \\
    --at 2025-01-01 --horizon 6mo --table afterwards=afterwards.csv")]
pub(crate) struct Nps {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    options: NpsOptions,
    #[command(flatten)]
    output: Output<NpsReport>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

impl Nps {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        let report = self.partition.analysed(
            &self.tables,
            None,
            "looking at the answers",
            |log| NpsReport::build(&log.at(self.at.at)?, &self.options),
            |log| NpsReport::build(&log.at(self.at.at)?, &self.options),
        )?;
        self.output.show(&report)
    }
}
