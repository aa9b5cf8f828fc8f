//! The customers that a model is fitted to or asked about, with their ids.

use std::collections::HashSet;
use std::hash::Hash;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchReader};
use arrow_schema::{DataType, SchemaRef};

use super::buyer::{Buyer, TABLE};
use super::buyers::Buyers;
use super::rfm_summary::{RfmSummary, RfmSummaryOptions};
use super::time_unit::TimeUnit;
use crate::error::{Error, Result, number};
use crate::log::id_array;
use crate::progress::Step;
use crate::snapshot::Snapshot;
use crate::time::{MICROS_PER_DAY, Span, Timestamp};

/// Customers with their ids, the unit of their times and the cutoff, where there is one.
///
/// ```
/// use winback::timing::{BuyerTable, ModifiedBetaGeo, TimeUnit};
/// use winback::{EventLog, Span, simulate::Simulation};
/// let shop = Simulation::default().customers(500).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let table = BuyerTable::of_snapshot(&log.at("2024-10-01")?, TimeUnit::Week)?;
/// let model = ModifiedBetaGeo::default().fit(table.buyers())?;
/// let within = table.length("within", Span::days(91))?;
/// assert_eq!(within, 13.0);
/// let chances = table.buyers().map(|buyer| model.p_alive(buyer));
/// assert_eq!(chances.len(), table.buyers().rows().len());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct BuyerTable {
    buyers: Buyers,
    ids: Option<ArrayRef>,
    unit: TimeUnit,
    at: Option<Timestamp>,
}

impl BuyerTable {
    /// The customers with a purchase before a cutoff, by ascending id. What one buys within a day
    /// is one purchase, by the log's rules; T runs from the first of these days to the cutoff.
    /// Times are measured in `unit`. Fits to them and answers about them tell whom the snapshot tells.
    ///
    /// # Errors
    /// None in practice.
    pub fn of_snapshot(snapshot: &Snapshot, unit: TimeUnit) -> Result<Self> {
        let scaler = unit.micros() as f64 / MICROS_PER_DAY as f64;
        let options = RfmSummaryOptions::default().time_scaler(scaler);
        let summary = RfmSummary::up_to_cutoff(snapshot, &options)?;
        let at = Some(snapshot.at());
        let buyers = of_summary(&summary)?.with_progress(snapshot.progress().clone());
        Ok(BuyerTable { ids: Some(summary.ids().clone()), buyers, unit, at })
    }

    /// The customers of a summary; `unit` is that of its times.
    ///
    /// # Errors
    /// None in practice.
    pub fn of_summary(summary: &RfmSummary, unit: TimeUnit) -> Result<Self> {
        let buyers = of_summary(summary)?;
        Ok(BuyerTable { buyers, ids: Some(summary.ids().clone()), unit, at: None })
    }

    /// The customers of a table with the columns `frequency`, `recency`, `T` and, if there are,
    /// `customer_id` (texts or integers), `monetary_value` (mean check of the repeat purchases) and
    /// `log_gaps`; others are ignored. `unit` is that of its times.
    ///
    /// # Errors
    /// [`Error::MissingColumn`] and [`Error::Column`] for columns that are not there or hold no
    /// numbers, or no ids, [`Error::Data`] with the row of a customer that cannot be or has no id;
    /// errors of the stream.
    pub fn of_stream(stream: Box<dyn RecordBatchReader + Send>, unit: TimeUnit) -> Result<Self> {
        let schema = stream.schema();
        let batches = stream.collect::<Result<Vec<RecordBatch>, _>>()?;
        let column = |name| numbers(&schema, &batches, name);
        let needed = |name| needed(&schema, &batches, name);
        let mut buyers = Buyers::new(&needed("frequency")?, &needed("recency")?, &needed("T")?)?;
        if let Some(log_gaps) = column("log_gaps")? {
            buyers = buyers.with_log_gaps(&log_gaps)?;
        }
        if let Some(checks) = column("monetary_value")? {
            buyers = buyers.with_mean_checks(checks)?;
        }
        Ok(BuyerTable { buyers, ids: ids(&schema, &batches)?, unit, at: None })
    }

    /// The customers of a table with the columns `frequency`, `monetary_value` and, if there is,
    /// `customer_id`, for models of checks, which do not look at times; others are ignored.
    ///
    /// # Errors
    /// As [`BuyerTable::of_stream`].
    pub fn of_checks(stream: Box<dyn RecordBatchReader + Send>, unit: TimeUnit) -> Result<Self> {
        let schema = stream.schema();
        let batches = stream.collect::<Result<Vec<RecordBatch>, _>>()?;
        let needed = |name| needed(&schema, &batches, name);
        let frequency = needed("frequency")?;
        // Whoever bought again did so after some time.
        let times: Vec<f64> = frequency.iter().map(|&x| f64::from(u8::from(x > 0.0))).collect();
        let buyers = Buyers::new(&frequency, &times, &times)?;
        let buyers = buyers.with_mean_checks(needed("monetary_value")?)?;
        Ok(BuyerTable { buyers, ids: ids(&schema, &batches)?, unit, at: None })
    }

    /// Customers without ids; `unit` is that of their times.
    pub fn of_buyers(buyers: Buyers, unit: TimeUnit) -> Self {
        BuyerTable { buyers, ids: None, unit, at: None }
    }

    /// This table, for fits and answers that are to say how far they are: see
    /// [`Buyers::on_progress`].
    #[must_use]
    pub fn on_progress(&self, tell: impl Fn(Step) -> bool + Send + Sync + 'static) -> BuyerTable {
        BuyerTable { buyers: self.buyers.on_progress(tell), ..self.clone() }
    }

    /// The customers.
    pub fn buyers(&self) -> &Buyers {
        &self.buyers
    }

    /// Their ids, where they have some.
    pub fn ids(&self) -> Option<&ArrayRef> {
        self.ids.as_ref()
    }

    /// The customers with their mean checks, which a model of checks needs.
    ///
    /// # Errors
    /// [`Error::Column`] for a log without amounts, [`Error::MissingColumn`] for a table without
    /// `monetary_value`.
    pub fn with_checks(&self) -> Result<&Buyers> {
        if self.at.is_some() && self.buyers.mean_checks().is_none() {
            return Err(Error::bad_column("transactions", "amount", "is needed for the checks"));
        }
        self.buyers.known_checks()?;
        Ok(&self.buyers)
    }

    /// The customers and their mean checks, of which those of a table are 0 or more. Those of a log
    /// are net of what went back.
    ///
    /// # Errors
    /// As [`BuyerTable::with_checks`], and [`Error::Data`] with the row of a mean below 0.
    pub(super) fn mean_checks(&self) -> Result<impl Iterator<Item = (&Buyer, f64)>> {
        let checks = self.with_checks()?.known_checks()?;
        if let Some(row) = checks.iter().position(|&check| check < 0.0 && self.at.is_none()) {
            let expected = format!("expected a number, 0 or more, got {}", number(checks[row]));
            return Err(Error::data(TABLE, "monetary_value", row as u64 + 1, expected));
        }
        Ok(self.buyers.rows().iter().zip(checks.iter().copied()))
    }

    /// The cutoff, where there is one.
    pub fn at(&self) -> Option<Timestamp> {
        self.at
    }

    /// A span in the unit of the table: from the cutoff on or, without one, with months of
    /// 365.2425 / 12 days.
    ///
    /// # Errors
    /// [`Error::Argument`] of this name for a span that ends after the last time there is.
    pub fn length(&self, name: &'static str, span: Span) -> Result<f64> {
        let days = match self.at {
            Some(at) => {
                let end = at.add(span).map_err(|_| {
                    Error::argument(name, span, "a span that ends before the year 2262")
                })?;
                end.days_since(at)
            }
            None => span.approx_days(),
        };
        Ok(days * (MICROS_PER_DAY as f64 / self.unit.micros() as f64))
    }

    /// The instant so many units after the cutoff; none without a cutoff or beyond all times.
    pub fn after(&self, units: f64) -> Option<Timestamp> {
        let micros = units * self.unit.micros() as f64;
        let at = self.at?.micros();
        // Far below the largest integer, so that the sum is one.
        (micros < 4e18).then(|| Timestamp::from_micros(at.checked_add(micros as i64)?).ok())?
    }
}

fn of_summary(summary: &RfmSummary) -> Result<Buyers> {
    let rows = summary.rows();
    let column = |of: fn(&super::RfmSummaryRow) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
    let (x, recency) = (column(|row| row.frequency as f64), column(|row| row.recency));
    let buyers = Buyers::new(&x, &recency, &column(|row| row.t))?
        .with_log_gaps(&column(|row| row.log_gaps))?;
    match rows.iter().map(|row| row.monetary_value).collect::<Option<Vec<f64>>>() {
        Some(checks) => buyers.with_mean_checks(checks),
        None => Ok(buyers),
    }
}

/// The cells of a column as floats.
fn needed(schema: &SchemaRef, batches: &[RecordBatch], name: &'static str) -> Result<Vec<f64>> {
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let missing = || Error::missing_column(TABLE, name, None, &names);
    numbers(schema, batches, name)?.ok_or_else(missing)
}

/// The cells of a column as floats; none where there is no such column.
fn numbers(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    name: &'static str,
) -> Result<Option<Vec<f64>>> {
    let Some(place) = place(schema, name)? else { return Ok(None) };
    let mut values = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        let column = batch.column(place);
        if !(column.data_type().is_numeric() || *column.data_type() == DataType::Null) {
            let message = format!("expected numbers, got {}", column.data_type());
            return Err(Error::bad_column(TABLE, name, message));
        }
        let floats = arrow_cast::cast(column, &DataType::Float64)?;
        let floats = floats.as_primitive::<Float64Type>();
        if let Some(place) = (0..floats.len()).find(|&place| floats.is_null(place)) {
            let row = (values.len() + place) as u64 + 1;
            return Err(Error::data(TABLE, name, row, "expected a number, got nothing"));
        }
        values.extend_from_slice(floats.values());
    }
    Ok(Some(values))
}

fn ids(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Option<ArrayRef>> {
    const COLUMN: &str = "customer_id";
    let Some(place) = place(schema, COLUMN)? else { return Ok(None) };
    let mut before = 0;
    let parts = batches.iter().map(|batch| {
        let ids = id_array(TABLE, COLUMN, before, batch.column(place))?;
        before += batch.num_rows() as u64;
        Ok(ids)
    });
    let parts = parts.collect::<Result<Vec<ArrayRef>>>()?;
    let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
    if parts.is_empty() {
        return Ok(Some(arrow_array::new_empty_array(schema.field(place).data_type())));
    }
    let ids = arrow_select::concat::concat(&parts)?;
    match second(&ids) {
        Some(row) => {
            let message = "the same customer once more: one row a customer is expected";
            Err(Error::data(TABLE, COLUMN, row as u64 + 1, message))
        }
        None => Ok(Some(ids)),
    }
}

/// The first place of an id that stands before it already.
fn second(ids: &ArrayRef) -> Option<usize> {
    fn first<T: Eq + Hash>(ids: impl ExactSizeIterator<Item = T>) -> Option<usize> {
        let mut seen = HashSet::with_capacity(ids.len());
        ids.enumerate().find_map(|(row, id)| (!seen.insert(id)).then_some(row))
    }
    match ids.as_primitive_opt::<Int64Type>() {
        Some(integers) => first(integers.values().iter()),
        None => first(ids.as_string_opt::<i64>()?.iter()),
    }
}

fn place(schema: &SchemaRef, name: &'static str) -> Result<Option<usize>> {
    let mut places = (0..schema.fields().len()).filter(|&i| schema.field(i).name() == name);
    match (places.next(), places.next()) {
        (_, Some(_)) => Err(Error::bad_column(TABLE, name, "is there twice")),
        (place, None) => Ok(place),
    }
}
