//! `winback candidates`: the silent customers worth winning back.

use clap::Args;
use indicatif::HumanCount;
use winback::answer::output::write_table;
use winback::campaign::Candidates as Found;
use winback::campaign::{Arm, Candidate};
use winback::explain::Reason;
use winback::{CandidateOptions, EventLog};

use crate::cli::args::{ModelAt, Reasons, TableOut};
use crate::cli::console::{note, wrote};
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Partition, Tables, log_required};
use winback::answer::text_table::{Side, aligned};

/// Characters of a time that are its date.
const DATE: usize = "2025-01-01".len();

/// Write the lapsed customers, ranked by what winning them back is worth, with reasons
#[derive(Debug, Args)]
#[command(mut_args(log_required))]
#[command(after_help = "\
Columns: customer_id, rank, last_purchase, days_since_last_purchase, purchase_count, average_check,
return_probability, expected_value (return_probability x average_check), arm, reason_1 to reason_3.

Examples:
  The best 500, a tenth of whom is left alone to measure what the campaign does:
    winback candidates --transactions orders.csv --observed-until 2025-01-01 \\
      --model churn.winback --at 2025-01-01 --top 500 --control-share 0.1 \\
      --salt spring-campaign -o candidates.csv")]
pub(crate) struct Candidates {
    #[command(flatten)]
    model: ModelAt,
    /// Keep only so many of the best [default: all]
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// Share of the candidates that is not to be contacted, for comparison: 0 to below 1
    #[arg(long, value_name = "SHARE", default_value_t = CandidateOptions::default().control_share)]
    control_share: f64,
    /// Text that draws these customers for comparison; another text draws others
    #[arg(long, value_name = "TEXT", default_value_t = CandidateOptions::default().salt)]
    salt: String,
    #[command(flatten)]
    reasons: Reasons,
    #[command(flatten)]
    output: TableOut,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

impl Candidates {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let path = self.output.checked()?;
        self.tables.spare_with(path, Some(self.model.path()))?;
        let model = self.model.load()?;
        let options = CandidateOptions {
            top: self.top,
            control_share: self.control_share,
            salt: self.salt,
            reasons: self.reasons.options(CandidateOptions::default().reasons.count),
        };
        if let Some(log) = self.partition.read(&self.tables, Some(&model))? {
            let written = model.write_candidates(&log.at(self.model.at)?, &options, path)?;
            Partition::note(&self.tables, &log, &written.log);
            note(&written.scores.to_string());
            note(&counts(written.candidates, written.lapsed, written.control));
        } else {
            let log = self.tables.read(Some(&model))?;
            let found = during("ranking", || model.candidates(&log.at(self.model.at)?, &options))?;
            write_table(&found.to_batch()?, path)?;
            note(&found.report().to_string());
            note(&summary(&found));
            found.notes().iter().for_each(|each| note(&format!("note: {each}")));
        }
        wrote(path);
        Ok(())
    }
}

/// How many candidates there are and what is to be done with them.
pub(crate) fn summary(found: &Found) -> String {
    let control = found.rows().iter().filter(|row| row.arm == Arm::Control).count();
    counts(found.rows().len(), found.lapsed(), control)
}

fn counts(kept: usize, lapsed: usize, control: usize) -> String {
    let n = |count: usize| HumanCount(count as u64);
    let mut text = match kept == lapsed {
        true => format!("{} candidates: all lapsed customers", n(kept)),
        false => format!("{} candidates: the best of {} lapsed customers", n(kept), n(lapsed)),
    };
    if control > 0 {
        text += &format!("; {} to contact, {} for comparison", n(kept - control), n(control));
    }
    text
}

/// The first candidates as a table to read.
pub(crate) fn first_rows(found: &Found, log: &EventLog, count: usize) -> String {
    let with_amounts = log.columns().amount;
    let mut heads = vec![
        ("rank", Side::Right),
        ("customer", Side::Left),
        ("last purchase", Side::Left),
        ("purchases", Side::Right),
        ("chance of return", Side::Right),
    ];
    if with_amounts {
        heads.extend([("average check", Side::Right), ("expected value", Side::Right)]);
    }
    heads.push(("first reason", Side::Left));
    let row = |candidate: &Candidate| {
        let mut cells = vec![
            candidate.rank.to_string(),
            log.customers().get(candidate.customer as usize).to_string(),
            candidate.last_purchase.to_string().chars().take(DATE).collect(),
            candidate.purchase_count.to_string(),
            format!("{:.1} %", candidate.return_probability * 100.0),
        ];
        if with_amounts {
            cells.push(format!("{:.2}", candidate.average_check));
            cells.push(format!("{:.2}", candidate.expected_value));
        }
        cells.push(candidate.reasons.first().map(Reason::to_string).unwrap_or_default());
        cells
    };
    let rows: Vec<Vec<String>> = found.rows().iter().take(count).map(row).collect();
    aligned(&heads, &rows)
}
