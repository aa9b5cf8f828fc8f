//! `winback segments`: RFM scores and segments.

use std::path::PathBuf;

use clap::Args;
use winback::answer::output;
use winback::answer::value;
use winback::segments::{RfmOptions, RfmScores, RfmSegments};
use winback::snapshot::AllCustomersAt;
use winback::time::Moment;

use crate::cli::args::{At, Attributes};
use crate::cli::console::{note, print, told, wrote};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::tables::{Partition, Tables, log_required};

/// Score every customer's recency, frequency and monetary value, and name the segments
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Columns: customer_id, recency (days), frequency, monetary, r_score, f_score, m_score, rfm_score,
segment. The thresholds are computed at --fit-at and saved with --save, so later scores can be
compared: --fitted applies them. The segments' figures go to stdout.

Your own rules are a JSON file; the first rule that fits decides:
  [{\"name\": \"best\", \"r\": [4, 5], \"m\": [5, 5]}, {\"name\": \"gone\", \"scores\": [\"111\", \"112\"]}]

Examples:
  winback segments --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2024-07-01 --save rfm.winback -o july.csv
  winback segments --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2025-01-01 --fitted rfm.winback --profile champions -o january.csv
  winback segments --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2025-01-01 --segments pymc-marketing --monetary average_check -o segments.parquet")]
pub(crate) struct Segments {
    #[command(flatten)]
    at: At,
    /// Cutoff at which the thresholds are computed [default: --at]
    #[arg(long, value_name = "DATE", value_parser = value::<Moment>)]
    fit_at: Option<Moment>,
    /// File written by --save; its thresholds and rules are applied
    #[arg(long, value_name = "FILE", conflicts_with_all =
          ["fit_at", "segments", "quantiles", "recency_cuts", "frequency_cuts", "monetary_cuts",
           "monetary", "save"])]
    fitted: Option<PathBuf>,
    #[command(flatten)]
    options: RfmOptions,
    /// File in which to save thresholds and rules
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Segment to profile: what sets it apart from all other customers
    #[arg(long, value_name = "SEGMENT", conflicts_with = "memory")]
    profile: Option<String>,
    #[command(flatten)]
    attributes: Attributes,
    #[command(flatten)]
    output: Output<RfmScores>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

impl Segments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.output.check(&self.tables, None)?;
        if let Some(path) = &self.save {
            output::check_path(path)?;
            self.tables.spare(path, None)?;
            self.output.check_apart(path)?;
        }
        let loaded = self.fitted.as_deref().map(RfmSegments::load).transpose()?;
        let (fitted, scores) = self.partition.analysed(
            &self.tables,
            None,
            "scoring",
            |log| {
                let (now, then) = (log.at(self.at.at)?, self.fit_at);
                let then = then.map(|then| log.at_argument("fit_at", then)).transpose()?;
                let fitted = self.fitted_at(loaded.clone(), &now, then)?;
                fitted.score(&now).map(|scores| (fitted, scores))
            },
            |log| {
                let (now, then) = (log.at(self.at.at)?, self.fit_at);
                let then = then.map(|then| log.at_argument("fit_at", then)).transpose()?;
                let fitted = self.fitted_at(loaded.clone(), &now, then)?;
                fitted.score_parts(&now).map(|scores| (fitted, scores))
            },
        )?;
        let profile = self.profile.map(|name| scores.profile(&name, &self.attributes.names));
        let profile = profile.transpose()?;
        note(&format!("{fitted}\n"));
        self.output.show(&scores)?;
        if let Some(profile) = profile {
            print(&told(&format!("\n{profile}")))?;
        }
        if let Some(path) = &self.save {
            fitted.save(path)?;
            wrote(path);
        }
        Ok(())
    }

    /// The segments that were loaded or, where none were, those of customers then or now.
    fn fitted_at<S: AllCustomersAt>(
        &self,
        loaded: Option<RfmSegments>,
        now: &S,
        then: Option<S>,
    ) -> winback::Result<RfmSegments> {
        let fit = || RfmSegments::fit(then.as_ref().unwrap_or(now), &self.options);
        loaded.map_or_else(fit, Ok)
    }
}
