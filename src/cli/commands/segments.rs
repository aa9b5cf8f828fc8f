//! `winback segments`: RFM scores and segments.

use std::path::PathBuf;

use clap::Args;
use winback::Timestamp;
use winback::answer::output;
use winback::segments::{Monetary, RfmOptions, RfmSegments, SegmentRules};

use crate::cli::args::{Attributes, segment_rules, value};
use crate::cli::console::{note, print, wrote};
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Tables, log_required};

/// Score recency, frequency and monetary value of every customer, and name the segments
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Columns: customer_id, recency (days), frequency, monetary, r_score, f_score, m_score, rfm_score,
segment. The thresholds are found at --fit-at and kept with --save, so that later scores can be
compared: --fitted applies them. The segments' figures go to stdout.

Own rules are a JSON file, of which the first rule that fits decides:
  [{\"name\": \"best\", \"r\": [4, 5], \"m\": [5, 5]}, {\"name\": \"gone\", \"scores\": [\"111\", \"112\"]}]

Examples:
  winback segments --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2024-07-01 --save rfm.winback -o july.csv
  winback segments --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2025-01-01 --fitted rfm.winback --profile champions -o january.csv
  winback segments --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2025-01-01 --segments pymc-marketing --monetary average_check -o segments.parquet")]
pub(crate) struct Segments {
    /// Cutoff: only what was known before it is used. A date means its first instant
    #[arg(long, value_name = "DATE", value_parser = value::<Timestamp>)]
    at: Timestamp,
    /// Cutoff at which the thresholds are found [default: --at]
    #[arg(long, value_name = "DATE", value_parser = value::<Timestamp>)]
    fit_at: Option<Timestamp>,
    /// File that --save wrote: its thresholds and rules are applied
    #[arg(long, value_name = "FILE", conflicts_with_all =
          ["fit_at", "segments", "quantiles", "recency_cuts", "frequency_cuts", "monetary_cuts",
           "monetary", "save"])]
    fitted: Option<PathBuf>,
    /// Rules of the segments: common (eleven), pymc-marketing (six), or a JSON file
    #[arg(long, value_name = "NAME|FILE", default_value = "common", value_parser = segment_rules)]
    segments: SegmentRules,
    /// Into how many scores a figure is parted [default: 5; of pymc-marketing 4]
    #[arg(long, value_name = "N")]
    quantiles: Option<usize>,
    /// Thresholds of the days since the last purchase in place of quantiles, as 30,90,180,365
    #[arg(long, value_name = "DAYS", value_delimiter = ',')]
    recency_cuts: Option<Vec<f64>>,
    /// Thresholds of the number of purchases
    #[arg(long, value_name = "COUNTS", value_delimiter = ',')]
    frequency_cuts: Option<Vec<f64>>,
    /// Thresholds of the monetary value
    #[arg(long, value_name = "AMOUNTS", value_delimiter = ',', allow_negative_numbers = true)]
    monetary_cuts: Option<Vec<f64>>,
    /// What the monetary value is: total_spend or average_check
    #[arg(long, value_name = "NAME", default_value = "total_spend",
          value_parser = value::<Monetary>)]
    monetary: Monetary,
    /// File to keep thresholds and rules in
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Segment of which to say what it has in common against all others
    #[arg(long, value_name = "SEGMENT")]
    profile: Option<String>,
    #[command(flatten)]
    attributes: Attributes,
    /// File to write, ending in .parquet or .csv
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    tables: Tables,
}

impl Segments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if let Some(path) = &self.output {
            output::check_table_path(path)?;
            self.tables.spare(path)?;
        }
        if let Some(path) = &self.save {
            output::check_path(path)?;
            self.tables.spare(path)?;
        }
        let loaded = self.fitted.as_deref().map(RfmSegments::load).transpose()?;
        let log = self.tables.read(None)?;
        let options = RfmOptions {
            quantiles: self.quantiles,
            recency_cuts: self.recency_cuts,
            frequency_cuts: self.frequency_cuts,
            monetary_cuts: self.monetary_cuts,
            monetary: self.monetary,
            segments: self.segments,
        };
        let now = log.at(self.at)?;
        let (fitted, scores) = during("scoring", || {
            let fitted = match (loaded, self.fit_at) {
                (None, None) => RfmSegments::fit(&now, &options)?,
                (None, Some(fit_at)) => {
                    RfmSegments::fit(&log.at_argument("fit_at", fit_at)?, &options)?
                }
                (Some(fitted), _) => fitted,
            };
            fitted.score(&now).map(|scores| (fitted, scores))
        })?;
        let profile = self.profile.map(|name| scores.profile(&name, &self.attributes.names));
        let profile = profile.transpose()?;
        note(&format!("{fitted}\n"));
        print(&scores.to_string())?;
        if let Some(profile) = profile {
            print(&format!("\n{profile}"))?;
        }
        if let Some(path) = &self.save {
            fitted.save(path)?;
            wrote(path);
        }
        if let Some(path) = &self.output {
            output::write_table(&scores.to_batch()?, path)?;
            wrote(path);
        }
        Ok(())
    }
}
