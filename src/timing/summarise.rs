//! Summarises a table of transactions with its own column names.

use std::sync::Arc;

use arrow_array::{Array, RecordBatch, RecordBatchReader};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::rfm_summary::{RfmSummary, RfmSummaryOptions};
use crate::error::{Error, Result};
use crate::log::{EventLog, MissingIds, ObservedUntil, ZeroAmounts};
use crate::time::{Moment, TimeFormat, TimeZone, Timestamp};

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
        let format = self.datetime_format.as_ref();
        let format = format.map(|format| TimeFormat::of_argument("datetime_format", format));
        let by_format = format.transpose()?.and_then(|format| format.parse(text).ok());
        by_format
            .map_or_else(|| text.parse(), Ok)
            .and_then(|at: Moment| at.on(name, TimeZone::UTC))
            .map_err(|_| {
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
        let monetary_value = monetary_value.iter().map(|name| (name, "amount"));
        let named = [(customer_id, "customer_id"), (datetime, "time")].into_iter();
        named.chain(monetary_value).map(|(name, is)| index(schema, name, is)).collect()
    };
    let schema = Arc::new(schema.project(&wanted(&schema)?)?);
    let names = ["customer_id", "time", "amount"];
    let inputs = [Some(customer_id), Some(datetime), monetary_value.as_ref()];
    let mut builder = EventLog::builder()
        .missing_ids(missing_ids)
        // Every row counts, one of amount zero too.
        .zero_amounts(ZeroAmounts::Purchase)
        .observed_until(ObservedUntil::LastEvent)?;
    if let Some(format) = datetime_format {
        builder = builder.time_format(format)?;
    }
    for (name, input) in names.iter().zip(inputs.into_iter().flatten()) {
        builder = builder.column(&format!("{TABLE}.{name}"), input)?;
    }
    let mut batches = Vec::new();
    for batch in stream {
        let batch = batch?;
        let batch = batch.project(&wanted(batch.schema_ref())?)?;
        batches.push(match datetime_format {
            Some(_) => with_texts(&batch, datetime)?,
            None => batch,
        });
    }
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(schema));
    }
    let log = builder.transactions(batches).build().map_err(by_own_name)?;
    RfmSummary::of_rows(&log, end, options)
}

/// An error of the log that names the option of times as it is called here.
fn by_own_name(mut error: Error) -> Error {
    if let Error::Data { message, .. } | Error::Column { message, .. } = &mut error {
        *message = message.replace(" time_format=", " datetime_format=");
    }
    error
}

fn index(schema: &SchemaRef, name: &str, given_for: &'static str) -> Result<usize> {
    let fields = schema.fields().iter();
    let names: Vec<&str> = fields.map(|field| field.name().as_str()).collect();
    let mut places = (0..names.len()).filter(|&i| names[i] == name);
    match (places.next(), places.next()) {
        (Some(index), None) => Ok(index),
        (Some(_), Some(_)) => Err(Error::bad_column(TABLE, name, "is there twice")),
        (None, _) => Err(Error::missing_column(TABLE, name, Some(given_for), &names)),
    }
}

/// The batch with the numbers of its second column as texts, which a format reads.
fn with_texts(batch: &RecordBatch, column: &str) -> Result<RecordBatch> {
    let times = batch.column(1);
    if !times.data_type().is_numeric() {
        return Ok(batch.clone());
    }
    let (schema, mut arrays, _) = batch.clone().into_parts();
    arrays[1] = arrow_cast::cast(&arrays[1], &DataType::LargeUtf8)?;
    let mut fields: Vec<Field> = schema.fields().iter().map(|f| f.as_ref().clone()).collect();
    fields[1] = Field::new(column, DataType::LargeUtf8, true);
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}
