//! `winback campaign report`: a page on what a campaign changed.

use std::path::PathBuf;

use clap::Args;
use winback::answer::AnswerParts;
use winback::report::{CampaignAnswers, CampaignReportOptions, Report as Page, check_report_path};

use super::inputs::{EffectOf, spare};
use crate::cli::console::wrote;
use crate::cli::failure::Failure;
use crate::cli::tables::Tables;

/// Days within the window that the page shows.
const LOOKS: u32 = 12;

/// Write a one-page report on a campaign: planned, drawn, changed, earned, and what next
#[derive(Debug, Args)]
#[command(after_help = "\
Writes one HTML file that needs no network: what was planned, who was in it, did it work, in money, by
whom, and what next. Its figures are those of `winback campaign effect` with the same options. The
same input gives the same bytes.

Examples:
  winback campaign report --arms arms.csv --plan spring.json --start 2025-01-08 --window 30d \\
    --transactions orders.csv --observed-until 2025-03-01 --margin 0.3 --contact-cost 0.5 \\
    -o result.html
  In Russian, with outcomes of another system:
    winback campaign report --arms test.csv --arm segment --control none \\
      --metrics visit,conversion,spend --language ru -o result.html")]
pub(super) struct Report {
    #[command(flatten)]
    effect: EffectOf,
    #[command(flatten)]
    options: CampaignReportOptions,
    /// File to write, ending in .html or .htm
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    tables: Tables,
}

impl Report {
    pub(super) fn run(self) -> Result<(), Failure> {
        check_report_path(&self.output)?;
        spare(&self.output, &self.tables, &self.effect.inputs())?;
        self.options.check()?;
        let (found, of_activity) = self.effect.find(&self.tables, Some(LOOKS))?;
        let mut parts = AnswerParts::of(&found)?;
        parts.of_activity = of_activity;
        if of_activity {
            parts.notes.iter_mut().for_each(|note| *note = winback::answer::of_activity(note));
        }
        Page::of_campaign(&CampaignAnswers::new(parts)?, &self.options)?.write(&self.output)?;
        wrote(&self.output);
        Ok(())
    }
}
