//! Summarises a table of transactions with its own column names.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchReader, TimestampMicrosecondArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit as ArrowUnit};
use jiff::fmt::strtime::BrokenDownTime;

use super::rfm_summary::{RfmSummary, RfmSummaryOptions};
use crate::error::{Error, Result, quoted};
use crate::log::{EventLog, MissingIds, ObservedUntil, ZeroAmounts};
use crate::time::Timestamp;

const TABLE: &str = "transactions";

/// The columns of a table of transactions; all others are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default)]
pub struct SummaryColumns {
    /// The customer.
    #[serde(rename = "customer_id_col")]
    pub customer_id: String,
    /// The time.
    #[serde(rename = "datetime_col")]
    pub datetime: String,
    /// The amount; if none, the summary has no `monetary_value`.
    #[serde(rename = "monetary_value_col")]
    pub monetary_value: Option<String>,
    /// The format of the times if they are texts or integers, as for strptime. None: ISO 8601.
    pub datetime_format: Option<String>,
}

impl SummaryColumns {
    /// The instant that a text stands for: by the format if there is one and it fits, otherwise
    /// ISO 8601.
    ///
    /// # Errors
    /// [`Error::Argument`], called `name`, for a text that is neither.
    pub fn instant(&self, name: &'static str, text: &str) -> Result<Timestamp> {
        let by_format = self.datetime_format.as_ref().and_then(|format| parse(text, format));
        by_format.map_or_else(|| text.parse(), Timestamp::from_micros).map_err(|_| {
            let expected = match &self.datetime_format {
                Some(format) => format!("a time written as \"{format}\" or in ISO 8601"),
                None => "an ISO date or time such as 2011-09-01".to_owned(),
            };
            Error::text_argument(name, text, expected)
        })
    }
}

/// Summarises a table of transactions as lifetimes' `summary_data_from_transaction_data` does:
/// every row counts, including returns. See [`RfmSummary::of_rows`].
///
/// ```
/// use arrow_array::{Float64Array, Int64Array, RecordBatch, RecordBatchIterator, StringArray};
/// use std::sync::Arc;
/// use winback::log::MissingIds;
/// use winback::timing::{RfmSummaryOptions, SummaryColumns, summarise_transactions};
/// let batch = RecordBatch::try_from_iter([
///     ("who", Arc::new(Int64Array::from(vec![1, 1])) as _),
///     ("day", Arc::new(StringArray::from(vec!["19970101", "19970118"])) as _),
///     ("spent", Arc::new(Float64Array::from(vec![29.33, 29.73])) as _),
/// ])?;
/// let stream = RecordBatchIterator::new([Ok(batch.clone())], batch.schema());
/// let columns = SummaryColumns {
///     customer_id: "who".into(),
///     datetime: "day".into(),
///     monetary_value: Some("spent".into()),
///     datetime_format: Some("%Y%m%d".into()),
/// };
/// let options = RfmSummaryOptions::default();
/// let summary = summarise_transactions(Box::new(stream), &columns, MissingIds::Error, None, &options)?;
/// assert_eq!(summary.rows()[0].recency, 17.0);
/// assert_eq!(summary.rows()[0].monetary_value, Some(29.73));
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// As [`crate::log::EventLogBuilder::build`] and [`RfmSummary::of_rows`].
pub fn summarise_transactions(
    stream: Box<dyn RecordBatchReader + Send>,
    columns: &SummaryColumns,
    missing_ids: MissingIds,
    end: Option<Timestamp>,
    options: &RfmSummaryOptions,
) -> Result<RfmSummary> {
    let SummaryColumns { customer_id, datetime, monetary_value, datetime_format } = columns;
    let schema = stream.schema();
    // Names of other columns may be those that a log reads by default.
    let wanted = |schema: &SchemaRef| -> Result<Vec<usize>> {
        let names = [Some(customer_id), Some(datetime), monetary_value.as_ref()];
        names.into_iter().flatten().map(|name| index(schema, name)).collect()
    };
    let schema = Arc::new(schema.project(&wanted(&schema)?)?);
    let names = ["customer_id", "time", "amount"];
    let inputs = [Some(customer_id), Some(datetime), monetary_value.as_ref()];
    let mut builder = EventLog::builder()
        .missing_ids(missing_ids)
        // Every row counts, one of amount zero too.
        .zero_amounts(ZeroAmounts::Purchase)
        .observed_until(ObservedUntil::LastEvent)?;
    for (name, input) in names.iter().zip(inputs.into_iter().flatten()) {
        builder = builder.column(&format!("{TABLE}.{name}"), input)?;
    }
    let mut rows_before = 0;
    let mut batches = Vec::new();
    for batch in stream {
        let batch = batch?;
        let batch = batch.project(&wanted(batch.schema_ref())?)?;
        let rows = batch.num_rows() as u64;
        batches.push(match datetime_format {
            Some(format) => with_times(&batch, datetime, format, rows_before)?,
            None => batch,
        });
        rows_before += rows;
    }
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(schema));
    }
    RfmSummary::of_rows(&builder.transactions(batches).build()?, end, options)
}

fn index(schema: &SchemaRef, name: &str) -> Result<usize> {
    let fields = schema.fields().iter();
    let names: Vec<&str> = fields.map(|field| field.name().as_str()).collect();
    let mut places = (0..names.len()).filter(|&i| names[i] == name);
    match (places.next(), places.next()) {
        (Some(index), None) => Ok(index),
        (Some(_), Some(_)) => Err(Error::bad_column(TABLE, name, "is there twice")),
        (None, _) => Err(Error::missing_column(TABLE, name, None, &names)),
    }
}

/// The batch with the texts of its second column read as times.
fn with_times(
    batch: &RecordBatch,
    column: &str,
    format: &str,
    rows_before: u64,
) -> Result<RecordBatch> {
    let times = batch.column(1);
    let texts = match times.data_type() {
        // They need no format, and lifetimes does not use it either.
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 | DataType::Null => {
            return Ok(batch.clone());
        }
        _ => arrow_cast::cast(times, &DataType::LargeUtf8)?,
    };
    let mut micros = Vec::with_capacity(texts.len());
    for (row, text) in texts.as_string::<i64>().iter().enumerate() {
        let parsed = text.map(|text| {
            parse(text, format).ok_or_else(|| {
                let message = format!("{} is not a time written as \"{format}\"", quoted(text));
                Error::data(TABLE, column, rows_before + row as u64 + 1, message)
            })
        });
        micros.push(parsed.transpose()?);
    }
    let times: ArrayRef = Arc::new(TimestampMicrosecondArray::from(micros));
    let mut fields: Vec<Field> =
        batch.schema().fields().iter().map(|f| f.as_ref().clone()).collect();
    fields[1] = Field::new(column, DataType::Timestamp(ArrowUnit::Microsecond, None), true);
    let mut arrays = batch.columns().to_vec();
    arrays[1] = times;
    let made: Result<_, ArrowError> = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays);
    Ok(made?)
}

/// Microseconds since 1970; a text without an offset is UTC.
fn parse(text: &str, format: &str) -> Option<i64> {
    let parts = BrokenDownTime::parse(format, text.trim()).ok()?;
    let micros = match parts.offset() {
        Some(_) => parts.to_timestamp().ok()?.as_microsecond(),
        None => {
            jiff::tz::Offset::UTC.to_timestamp(parts.to_datetime().ok()?).ok()?.as_microsecond()
        }
    };
    Some(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_by_a_format() {
        for (text, format, expected) in [
            ("19970101", "%Y%m%d", Some("1997-01-01")),
            ("31.12.2024 23:05", "%d.%m.%Y %H:%M", Some("2024-12-31T23:05")),
            ("2024-03-01 01:00:00 +0200", "%Y-%m-%d %H:%M:%S %z", Some("2024-02-29T23:00")),
            ("2024-03-01 01:00:00.25", "%Y-%m-%d %H:%M:%S%.f", Some("2024-03-01T01:00:00.25")),
            ("2024-13-01", "%Y-%m-%d", None),
            ("2024-02-30", "%Y-%m-%d", None),
            ("12:30", "%H:%M", None),
            ("2024-03-01 and more", "%Y-%m-%d", None),
            ("2024-03-01", "%nonsense", None),
        ] {
            let expected = expected.map(|at| at.parse::<Timestamp>().unwrap().micros());
            assert_eq!(parse(text, format), expected, "{text}");
        }
    }
}
