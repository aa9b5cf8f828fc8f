//! `winback features`: the features of all customers, and the catalogue of features.

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use clap::Args;
use indicatif::HumanCount;
use winback::answer::output::{check_table_path, write_table};
use winback::answer::value;
use winback::features::{Feature, FeatureTable, catalogue, catalogue_table};
use winback::log::PartitionedLog;
use winback::time::Moment;

use crate::cli::args::Attributes;
use crate::cli::console::{note, print, wrote};
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::{Partition, Tables, is_log_argument};
use winback::answer::text_table::{Side, with_texts};

/// Write the features of all customers at one or several cutoffs, or list the available features
#[derive(Debug, Args)]
#[command(mut_args(log_required_unless_listed))]
#[command(after_help = "\
One row per customer with a purchase before the cutoff; with several cutoffs, a column `cutoff`
comes first. Features that your tables cannot give are left out; `--list` says what each one needs.

Examples:
  winback features --list
  winback features --transactions orders.csv --observed-until 2025-01-01 \\
    --at 2025-01-01 -o features.csv
  winback features --transactions orders.parquet --tickets tickets.csv \\
    --customers customers.csv --attribute segment --observed-until last_event \\
    --at 2024-07-01 --at 2024-10-01 -o features.parquet")]
pub(crate) struct Features {
    /// List all features: name, family, unit, needs, value without events, expected sign, meaning
    #[arg(long, conflicts_with_all = ["transactions", "at"])]
    list: bool,
    /// Cutoff: only what was known before it is used. May be repeated
    #[arg(long, value_name = "DATE", value_parser = value::<Moment>,
          required_unless_present = "list")]
    at: Vec<Moment>,
    /// Feature to compute; may be repeated. By default, all that the tables allow
    #[arg(long = "feature", value_name = "NAME", conflicts_with = "list")]
    features: Vec<String>,
    #[command(flatten)]
    attributes: Attributes,
    /// Kind of events that has columns of its own; may be repeated. All other kinds count as other
    #[arg(long = "kind", value_name = "NAME", conflicts_with = "list")]
    kinds: Vec<String>,
    /// File to write, ending in .parquet or .csv
    #[arg(short, long, value_name = "FILE", required_unless_present = "list")]
    output: Option<PathBuf>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    partition: Partition,
}

fn log_required_unless_listed(arg: clap::Arg) -> clap::Arg {
    match arg.get_id().as_str() {
        "transactions" => arg.required_unless_present_any(["list", "events"]),
        _ if is_log_argument(&arg) => arg.required_unless_present("list"),
        _ => arg,
    }
}

impl Features {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if let Some(path) = &self.output {
            check_table_path(path)?;
            self.tables.spare(path, None)?;
        }
        let Some(path) = &self.output else { return print(&list()) };
        if self.list {
            write_table(&catalogue_table()?, path)?;
        } else if let Some(log) = self.partition.read(&self.tables, None)? {
            self.write_parts(&log, path)?;
        } else {
            write_table(&self.extract()?, path)?;
        }
        wrote(path);
        Ok(())
    }

    fn write_parts(&self, log: &PartitionedLog, path: &Path) -> Result<(), Failure> {
        let names: Vec<&str> = self.features.iter().map(String::as_str).collect();
        let names = (!names.is_empty()).then_some(names.as_slice());
        let attributes = &self.attributes.names;
        let (at, kinds) = (&self.at, &self.kinds);
        let written = FeatureTable::write_with_kinds(log, at, names, attributes, kinds, path)?;
        Partition::note(&self.tables, log);
        self.note_size(written.rows, written.columns);
        Ok(())
    }

    fn extract(&self) -> Result<RecordBatch, Failure> {
        let log = self.tables.read(None)?;
        let features = during("computing the features", || match self.features.as_slice() {
            [] => FeatureTable::extract(&log, &self.at, &self.attributes.names),
            names => FeatureTable::extract_some(&log, &self.at, names, &self.attributes.names),
        })?;
        let features = features.with_kinds(&log, &self.kinds)?;
        self.note_size(features.len() as u64, features.columns().len());
        Ok(features.to_batch(&log)?)
    }

    fn note_size(&self, rows: u64, columns: usize) {
        note(&format!(
            "{} rows of {columns} column{} at {}",
            HumanCount(rows),
            if columns == 1 { "" } else { "s" },
            self.at.iter().map(Moment::to_string).collect::<Vec<_>>().join(", ")
        ));
    }
}

/// The catalogue to read.
fn list() -> String {
    let heads = ["name", "family", "unit", "empty", "sign"];
    let row = |feature: &Feature| {
        let empty = if feature.empty.is_nan() { "-".into() } else { feature.empty.to_string() };
        let sign = match feature.expected_sign {
            0 => "-".to_owned(),
            sign => format!("{sign:+}"),
        };
        vec![
            feature.name.to_owned(),
            feature.family.name().to_owned(),
            feature.unit.name().to_owned(),
            empty,
            sign,
        ]
    };
    let rows: Vec<Vec<String>> = catalogue().map(row).collect();
    let text = |feature: &Feature| format!("{} Needs {}.", feature.meaning, feature.needs());
    let texts: Vec<String> = catalogue().map(text).collect();
    with_texts(&heads.map(|head| (head, Side::Left)), &rows, &texts)
}
