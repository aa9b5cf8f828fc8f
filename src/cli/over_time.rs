//! What the commands about the base over time share: periods, limits, and tables to read.

use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use clap::Args;
use winback::answer::output;
use winback::labels::LifecycleLimits;
use winback::periods::PeriodOptions;
use winback::{Span, Timestamp};

use super::args::value;
use super::console::{note, print, wrote};
use super::failure::Failure;
use super::tables::Tables;
use winback::answer::text_table::{Side, aligned};

/// The periods to look at.
#[derive(Debug, Args)]
pub(super) struct PeriodArgs {
    /// Length of a period: 1w, 1mo, 1q, 1y or any span
    #[arg(long, value_name = "SPAN", default_value = "1mo", value_parser = value::<Span>)]
    every: Span,
    /// Start of the first period [default: that of the first transaction's calendar period]
    #[arg(long, value_name = "DATE", value_parser = value::<Timestamp>)]
    start: Option<Timestamp>,
    /// No period begins at or after it [default: --observed-until]
    #[arg(long, value_name = "DATE", value_parser = value::<Timestamp>)]
    end: Option<Timestamp>,
}

impl PeriodArgs {
    pub(super) fn options(&self) -> PeriodOptions {
        PeriodOptions { every: self.every, start: self.start, end: self.end }
    }
}

/// From which silence on a customer is lapsed, and lost.
#[derive(Debug, Args)]
pub(super) struct LimitArgs {
    /// Silence from which on a customer is lapsed
    #[arg(long, value_name = "SPAN", default_value = "3mo", value_parser = value::<Span>)]
    lapsed_after: Span,
    /// Silence from which on a customer is lost
    #[arg(long, value_name = "SPAN", default_value = "6mo", value_parser = value::<Span>)]
    lost_after: Span,
}

impl LimitArgs {
    pub(super) fn limits(&self) -> LifecycleLimits {
        LifecycleLimits { lapsed_after: self.lapsed_after, lost_after: self.lost_after }
    }
}

/// The file a table is written to beside what is printed.
#[derive(Debug, Args)]
pub(super) struct AlsoTo {
    /// File to write the table to as well, ending in .parquet or .csv
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl AlsoTo {
    /// Makes sure that the file can be written before anything is read.
    pub(super) fn check(&self, tables: &Tables) -> Result<(), Failure> {
        let Some(path) = &self.output else { return Ok(()) };
        output::check_table_path(path)?;
        tables.spare(path)
    }

    /// Prints a table and what a reader should know, and writes the whole of it.
    pub(super) fn show(
        &self,
        shown: &RecordBatch,
        notes: &[String],
        whole: &RecordBatch,
    ) -> Result<(), Failure> {
        print(&as_text(shown))?;
        notes.iter().for_each(|text| note(&format!("note: {text}")));
        if let Some(path) = &self.output {
            output::write_table(whole, path)?;
            wrote(path);
        }
        Ok(())
    }
}

/// The columns of a table that `keep` chooses by name.
pub(super) fn columns(
    table: &RecordBatch,
    keep: impl Fn(&str) -> bool,
) -> Result<RecordBatch, Failure> {
    let fields = table.schema_ref().fields().iter().enumerate();
    let places: Vec<usize> =
        fields.filter(|(_, field)| keep(field.name())).map(|(place, _)| place).collect();
    Ok(table.project(&places).map_err(winback::Error::from)?)
}

fn as_text(table: &RecordBatch) -> String {
    let schema = table.schema_ref();
    let side = |data_type: &DataType| match data_type {
        DataType::Int64 | DataType::Float64 => Side::Right,
        _ => Side::Left,
    };
    let fields = schema.fields().iter();
    let heads: Vec<_> =
        fields.map(|field| (field.name().as_str(), side(field.data_type()))).collect();
    let row =
        |row: usize| table.columns().iter().map(|column| cell(column.as_ref(), row)).collect();
    aligned(&heads, &(0..table.num_rows()).map(row).collect::<Vec<Vec<String>>>())
}

fn cell(column: &dyn Array, row: usize) -> String {
    if column.is_null(row) {
        return "-".to_owned();
    }
    match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => match column.as_primitive::<Float64Type>().value(row) {
            small if small.abs() <= 1.0 => format!("{small:.4}"),
            large => format!("{large:.2}"),
        },
        DataType::Boolean => if column.as_boolean().value(row) { "yes" } else { "no" }.to_owned(),
        DataType::Timestamp(..) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            Timestamp::from_micros(micros).map_or_else(|_| "-".to_owned(), |at| at.to_string())
        }
        _ => column.as_string_opt::<i64>().map_or("-", |texts| texts.value(row)).to_owned(),
    }
}
