//! The table that buy-till-you-die models start from.

use pyo3::prelude::*;
use winback::answer::Answer;
use winback::timing::{RfmSummary, RfmSummaryOptions, SummaryColumns};

use crate::arrow::import_stream;
use crate::error::Result;
use crate::event_log::EventLog;
use crate::table::Table;
use crate::threads::Compute;

fn options(time_unit: &str, time_scaler: f64) -> Result<RfmSummaryOptions> {
    Ok(RfmSummaryOptions { time_unit: time_unit.parse()?, time_scaler })
}

/// From the purchases of a log.
#[pyfunction]
#[pyo3(signature = (log, *, until, time_unit, time_scaler))]
pub(crate) fn rfm_summary(
    py: Python<'_>,
    log: &EventLog,
    until: &str,
    time_unit: &str,
    time_scaler: f64,
) -> Result<Table> {
    let (now, options) = (log.snapshot("until", until)?, options(time_unit, time_scaler)?);
    let summary = || RfmSummary::of_purchases(&now, &options)?.main_table();
    Ok(Table { batch: py.compute(summary)? })
}

/// From every row of a table.
#[pyfunction]
#[pyo3(signature = (
    transactions, *, customer_id, datetime, monetary_value, datetime_format, end, time_unit,
    time_scaler, missing_ids
))]
#[expect(clippy::too_many_arguments, reason = "named in Python")]
pub(crate) fn summarise_transactions(
    py: Python<'_>,
    transactions: &Bound<'_, PyAny>,
    customer_id: String,
    datetime: String,
    monetary_value: Option<String>,
    datetime_format: Option<String>,
    end: Option<&str>,
    time_unit: &str,
    time_scaler: f64,
    missing_ids: &str,
) -> Result<Table> {
    let columns = SummaryColumns { customer_id, datetime, monetary_value, datetime_format };
    let end = end.map(|end| columns.instant("observation_period_end", end)).transpose()?;
    let (missing_ids, options) = (missing_ids.parse()?, options(time_unit, time_scaler)?);
    let stream = import_stream(transactions)?;
    let summarise = || {
        winback::timing::summarise_transactions(stream, &columns, missing_ids, end, &options)?
            .main_table()
    };
    Ok(Table { batch: py.compute(summarise)? })
}
