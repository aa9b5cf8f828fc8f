//! `winback report`: one page for those who read no statistics.

use std::path::PathBuf;

use clap::Args;
use winback::Span;
use winback::explain::Language;
use winback::report::{ReportOptions, check_report_path};

use crate::cli::args::{ModelAt, value};
use crate::cli::console::wrote;
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Write a page for those who read no statistics: states, who leaves and why, whom to win back
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
One HTML file that needs no network: customers by state and how that changed, who is leaving and
why, the candidates, how good the predictions were on the past, retention, loyalty, surveys and
support where there are any, and what the words mean. The same input gives the same bytes.

Examples:
  winback report --transactions orders.csv --observed-until 2025-01-01 \\
    --model churn.winback --at 2025-01-01 -o report.html
  In Russian, with 50 customers in each list, a tenth of the candidates to be left alone:
    winback report --transactions orders.csv --observed-until 2025-01-01 \\
      --model churn.winback --at 2025-01-01 --language ru --top 50 \\
      --control-share 0.1 -o report.html")]
pub(crate) struct Report {
    #[command(flatten)]
    model: ModelAt,
    /// Customers in each of the two lists, of those who leave and of the candidates: 1 to 200
    #[arg(long, value_name = "N", default_value_t = ReportOptions::default().top)]
    top: usize,
    /// Share of the candidates that is not to be contacted, for comparison: 0 to below 1
    #[arg(long, value_name = "SHARE", default_value_t = ReportOptions::default().control_share)]
    control_share: f64,
    /// Text that draws these customers for comparison; another text draws others
    #[arg(long, value_name = "TEXT", default_value_t = ReportOptions::default().salt)]
    salt: String,
    /// Language of the page: en or ru
    #[arg(long, value_name = "NAME", default_value = "en", value_parser = value::<Language>)]
    language: Language,
    /// Past cutoffs at which the model is trained anew and tested, up to 24; 0 for no test
    #[arg(long, value_name = "N", default_value_t = ReportOptions::default().tests)]
    tests: usize,
    /// Spacing of the test cutoffs
    #[arg(long, value_name = "SPAN", default_value = "30d", value_parser = value::<Span>)]
    test_stride: Span,
    /// Resampled sets of customers by which the test's intervals are found; 0 for none
    #[arg(long, value_name = "N", default_value_t = ReportOptions::default().draws)]
    draws: usize,
    /// Seed of the draws
    #[arg(long, value_name = "S", default_value_t = ReportOptions::default().seed)]
    seed: u64,
    /// File to write, ending in .html or .htm
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    tables: Tables,
}

impl Report {
    pub(crate) fn run(self) -> Result<(), Failure> {
        check_report_path(&self.output)?;
        self.tables.spare_with(&self.output, Some(self.model.path()))?;
        let options = ReportOptions {
            top: self.top,
            control_share: self.control_share,
            salt: self.salt,
            language: self.language,
            tests: self.tests,
            test_stride: self.test_stride,
            draws: self.draws,
            seed: self.seed,
        };
        options.check()?;
        let model = self.model.load()?;
        let log = self.tables.read(Some(&model))?;
        let report =
            during("making the report", || model.report(&log.at(self.model.at)?, &options))?;
        report.write(&self.output)?;
        wrote(&self.output);
        Ok(())
    }
}
