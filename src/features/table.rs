//! Features of all customers of a log at one or several cutoffs.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::UInt32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, LargeStringArray, RecordBatch,
    TimestampMicrosecondArray, UInt32Array,
};
use rayon::prelude::*;

use super::compute::Scratch;
use super::extract::{Extract, extract};
use super::kinds::{KindColumns, KindSlots};
use super::{available, catalogue, find};
use crate::error::{Error, Result};
use crate::log::{AttributeValues, CustomerIndex, EventLog, History, NO_CODE, TextPool};
use crate::time::{IntoTimestamp, Timestamp, instants};

/// Rows whose features of kinds one task computes.
const ROWS_AT_ONCE: usize = 2_048;
/// Columns of a panel beside the features and attributes.
const PANEL_COLUMNS: [&str; 6] =
    ["cutoff", "customer_id", "state", "purchased", "days_to_purchase", "days_observed"];

/// The values of one column, one per row.
#[derive(Debug, Clone)]
pub enum ColumnValues {
    /// Numbers, none of them null; NaN: undefined for this customer.
    Numbers(Float64Array),
    /// Texts as numbers of their distinct values; `u32::MAX`: unknown.
    Texts {
        /// One code a row.
        codes: Vec<u32>,
        /// The text behind each code.
        texts: Arc<Vec<String>>,
    },
}

/// One feature, or one attribute, for all rows.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FeatureColumn {
    /// Name of the feature or attribute.
    pub name: String,
    /// Its values.
    pub values: ColumnValues,
}

/// Features of every customer with a purchase before the cutoff, by ascending id; for several
/// cutoffs, one block of rows after another.
///
/// ```
/// use winback::{features::FeatureTable, simulate::Simulation, log::EventLog};
/// let shop = Simulation::default().customers(50).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("last_event")?
///     .build()?;
/// let table = FeatureTable::extract(&log, ["2024-01-01"], &[])?;
/// assert_eq!(table.columns()[0].name, "days_since_last_purchase");
/// assert_eq!(table.to_batch(&log)?.num_rows(), table.len());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FeatureTable {
    cutoffs: Vec<Timestamp>,
    customers: Arc<Vec<CustomerIndex>>,
    /// Rows of cutoff `i` are `ends[i - 1]..ends[i]`.
    ends: Vec<usize>,
    columns: Vec<FeatureColumn>,
}

impl FeatureTable {
    /// Computes all features that the log gives, and the customers' attributes of these names, at
    /// each of the cutoffs.
    ///
    /// # Errors
    /// [`Error::Argument`] for a cutoff at or before the first transaction or after the log's
    /// `observed_until`, for no cutoff at all, or for an attribute that is unknown, given twice or
    /// has the name of another column.
    pub fn extract(
        log: &EventLog,
        cutoffs: impl IntoIterator<Item: IntoTimestamp>,
        attributes: &[String],
    ) -> Result<Self> {
        let (cutoffs, places) =
            (instants("at", log.time_zone(), cutoffs)?, available(&log.columns()));
        Self::extract_places(log, &cutoffs, &places, attributes, 0..log.customers().len())
    }

    /// As [`FeatureTable::extract`], but only the features of these names, in this order.
    ///
    /// ```
    /// # use winback::{features::FeatureTable, simulate::Simulation, log::EventLog};
    /// # let shop = Simulation::default().customers(50).run()?;
    /// # let log = EventLog::builder()
    /// #     .transactions([shop.transactions])
    /// #     .observed_until("last_event")?
    /// #     .build()?;
    /// let names = ["purchase_count", "average_check"];
    /// let table = FeatureTable::extract_some(&log, ["2024-01-01"], &names, &[])?;
    /// assert_eq!(table.columns().len(), 2);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As there, and [`Error::Argument`] for a feature that is unknown, given twice, or that the
    /// log cannot give.
    pub fn extract_some(
        log: &EventLog,
        cutoffs: impl IntoIterator<Item: IntoTimestamp>,
        features: &[impl AsRef<str>],
        attributes: &[String],
    ) -> Result<Self> {
        let (cutoffs, places) =
            (instants("at", log.time_zone(), cutoffs)?, Self::places(log, features)?);
        Self::extract_places(log, &cutoffs, &places, attributes, 0..log.customers().len())
    }

    /// The places in the catalogue of these features, which the log must give.
    pub(crate) fn places(log: &EventLog, features: &[impl AsRef<str>]) -> Result<Vec<usize>> {
        let mut places = Vec::with_capacity(features.len());
        for name in features {
            let name = name.as_ref();
            let refused = |expected: String| Err(Error::text_argument("features", name, expected));
            let Ok((place, feature)) = find(name) else {
                return refused("a name of the feature catalogue".to_owned());
            };
            if places.contains(&place) {
                return refused("each name once".to_owned());
            }
            if !feature.available(&log.columns()) {
                return refused(format!(
                    "a feature that the log can give; it lacks {}",
                    feature.lacking_in(&log.columns())
                ));
            }
            places.push(place);
        }
        Ok(places)
    }

    /// The features at these places of the catalogue, of some neighbouring customers.
    pub(crate) fn extract_places(
        log: &EventLog,
        cutoffs: &[Timestamp],
        places: &[usize],
        attributes: &[String],
        customers: Range<usize>,
    ) -> Result<Self> {
        if cutoffs.is_empty() {
            return Err(Error::argument("at", "none", "one or more cutoffs"));
        }
        for &cutoff in cutoffs {
            log.check_cutoff("at", cutoff)?;
        }
        Self::check_attributes(log, attributes)?;
        let Extract { customers, ends, values } = extract(log, cutoffs, places, customers)?;
        let values = values.into_iter().map(|mut values| {
            // Customers without a purchase have left room.
            values.shrink_to_fit();
            Float64Array::from(values)
        });
        let values = places.iter().copied().zip(values);
        let (cutoffs, customers) = (cutoffs.to_vec(), Arc::new(customers));
        let rows = FeatureTable { cutoffs, customers, ends, columns: Vec::new() };
        rows.with_columns(log, values, attributes)
    }

    /// Refuses attributes that no table can have beside the features.
    pub(crate) fn check_attributes(log: &EventLog, attributes: &[String]) -> Result<()> {
        for (i, name) in attributes.iter().enumerate() {
            log.attribute_column("attributes", name)?;
            let taken = PANEL_COLUMNS.contains(&name.as_str())
                || catalogue().any(|feature| feature.name == name);
            if taken || attributes[..i].contains(name) {
                let expected = "each name once, and none that is another column of the table";
                return Err(Error::text_argument("attributes", name, expected));
            }
        }
        Ok(())
    }

    /// The table of these values of the customers of one cutoff, without a copy: of each feature its
    /// place in the catalogue, and one number a customer.
    pub(crate) fn of_values(
        log: &EventLog,
        cutoff: Timestamp,
        customers: &Arc<Vec<CustomerIndex>>,
        values: impl IntoIterator<Item = (usize, Float64Array)>,
        attributes: &[String],
    ) -> Result<Self> {
        let (customers, ends) = (Arc::clone(customers), vec![customers.len()]);
        let rows = FeatureTable { cutoffs: vec![cutoff], customers, ends, columns: Vec::new() };
        rows.with_columns(log, values, attributes)
    }

    /// The same rows with these columns.
    fn with_columns(
        mut self,
        log: &EventLog,
        values: impl IntoIterator<Item = (usize, Float64Array)>,
        attributes: &[String],
    ) -> Result<Self> {
        let features: Vec<_> = catalogue().collect();
        self.columns = values
            .into_iter()
            .map(|(place, values)| FeatureColumn {
                name: features[place].name.to_owned(),
                values: ColumnValues::Numbers(values),
            })
            .collect();
        for name in attributes {
            let column = attribute_column(log, name, &self.customers)?;
            self.columns.push(column);
        }
        Ok(self)
    }

    /// The same rows with the columns of events of these kinds, and of all others, after the other
    /// columns: `event_visit_count_7d` and so on. Without kinds there are none.
    ///
    /// ```
    /// use winback::{EventLog, simulate::Simulation};
    /// let shop = Simulation::default().customers(50).events(true).run()?;
    /// let log = EventLog::builder()
    ///     .transactions([shop.transactions])
    ///     .events(shop.events)
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let features = log.at("2025-01-01")?.features()?.with_kinds(&log, &["visit".into()])?;
    /// assert!(features.numbers("event_visit_count_30d")?.iter().sum::<f64>() > 0.0);
    /// assert!(features.column("event_other_count_30d").is_ok());
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// `log` must be the log that the features were computed from.
    ///
    /// # Errors
    /// [`Error::Argument`] for kinds that are blank, `other` or given twice, for kinds of a log without
    /// events, and where another column has the name of one of these.
    pub fn with_kinds(self, log: &EventLog, kinds: &[String]) -> Result<Self> {
        let Some(columns) = log.columns().events else {
            return match kinds.first() {
                None => Ok(self),
                Some(kind) => {
                    let expected = "none, for the log has no events";
                    Err(Error::text_argument("kinds", kind, expected))
                }
            };
        };
        let columns = KindColumns::of(kinds, columns.value);
        columns.check()?;
        if kinds.is_empty() {
            return Ok(self);
        }
        let mut slots = KindSlots::default();
        columns.set(&mut slots, log.event_texts());
        let names = columns.names().map(|(name, _)| name).collect();
        self.with_computed(log, names, |history, room, values| {
            columns.compute(history, &slots, &mut room.kinds, values);
            Ok(())
        })
    }

    /// The same rows with columns of these names behind the others, computed from each row's history.
    pub(crate) fn with_computed(
        mut self,
        log: &EventLog,
        names: Vec<String>,
        compute: impl Fn(&History<'_>, &mut Scratch, &mut [f64]) -> Result<()> + Sync,
    ) -> Result<Self> {
        let width = names.len();
        if width == 0 {
            return Ok(self);
        }
        for name in &names {
            if self.column(name).is_ok() {
                let expected = "attributes whose names are not those of columns of features";
                return Err(Error::text_argument("attributes", name, expected));
            }
        }
        let rows: Vec<(CustomerIndex, Timestamp)> =
            self.customers.iter().copied().zip(self.row_cutoffs()).collect();
        let parts: Vec<Vec<f64>> = rows
            .par_chunks(ROWS_AT_ONCE)
            .map(|rows| {
                let mut room = Scratch::default();
                let mut values = vec![0.0; rows.len() * width];
                for (row, values) in rows.iter().zip(values.chunks_mut(width)) {
                    compute(&log.history(row.0, row.1), &mut room, values)?;
                }
                Ok(values)
            })
            .collect::<Result<_>>()?;
        let column = |(place, name)| {
            let values = parts.iter().flat_map(|part| part.iter().skip(place).step_by(width));
            let values = Float64Array::from_iter_values(values.copied());
            FeatureColumn { name, values: ColumnValues::Numbers(values) }
        };
        self.columns.extend(names.into_iter().enumerate().map(column));
        Ok(self)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.customers.len()
    }

    /// Whether there are no rows: no customer had a purchase before any of the cutoffs.
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }

    /// The cutoffs, in the order given.
    pub fn cutoffs(&self) -> &[Timestamp] {
        &self.cutoffs
    }

    /// Each row's customer, as its place in the log.
    pub fn customers(&self) -> &[CustomerIndex] {
        &self.customers
    }

    /// Each row's cutoff.
    pub fn row_cutoffs(&self) -> impl Iterator<Item = Timestamp> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        self.cutoffs
            .iter()
            .zip(starts.zip(&self.ends))
            .flat_map(|(&cutoff, (start, &end))| std::iter::repeat_n(cutoff, end - start))
    }

    /// Rows of cutoff number `i`.
    pub(crate) fn rows_of(&self, i: usize) -> Range<usize> {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        start..self.ends[i]
    }

    /// The columns: features in the order of the catalogue, then attributes.
    pub fn columns(&self) -> &[FeatureColumn] {
        &self.columns
    }

    /// The column of this name.
    ///
    /// # Errors
    /// [`Error::Argument`] when there is no such column.
    pub fn column(&self, name: &str) -> Result<&FeatureColumn> {
        self.columns
            .iter()
            .find(|column| column.name == name)
            .ok_or_else(|| Error::text_argument("name", name, "a column of this feature table"))
    }

    /// The numbers of the column of this name.
    ///
    /// # Errors
    /// [`Error::Argument`] when there is no such column or it holds texts.
    pub fn numbers(&self, name: &str) -> Result<&[f64]> {
        match &self.column(name)?.values {
            ColumnValues::Numbers(values) => Ok(values.values()),
            ColumnValues::Texts { .. } => {
                Err(Error::text_argument("name", name, "a column of numbers"))
            }
        }
    }

    /// The numbers of all columns that hold numbers, in their order.
    pub(crate) fn into_numbers(self) -> impl Iterator<Item = Float64Array> {
        self.columns.into_iter().filter_map(|column| match column.values {
            ColumnValues::Numbers(values) => Some(values),
            ColumnValues::Texts { .. } => None,
        })
    }

    /// As an Arrow table, with numbers not copied: `cutoff` (if there are several), `customer_id`,
    /// then the columns; numbers as 64-bit floats with NaN where undefined, texts as dictionaries.
    ///
    /// `log` must be the log that the features were computed from.
    ///
    /// # Errors
    /// [`Error::Argument`] for a log of fewer customers, which cannot be that one.
    pub fn to_batch(&self, log: &EventLog) -> Result<RecordBatch> {
        if self.customers.iter().any(|customer| customer.index() >= log.customers().len()) {
            let expected = "the log that the features were computed from";
            return Err(Error::argument("log", "one of fewer customers", expected));
        }
        // Whether a column may hold nulls must not depend on whether it does.
        let mut columns: Vec<(&str, ArrayRef, bool)> = Vec::with_capacity(self.columns.len() + 2);
        if self.cutoffs.len() > 1 {
            let cutoffs = self.row_cutoffs().map(Timestamp::micros);
            let cutoffs = TimestampMicrosecondArray::from_iter_values(cutoffs);
            columns.push(("cutoff", Arc::new(cutoffs), false));
        }
        let ids = log.customers().take(self.customers.iter().copied());
        columns.push(("customer_id", ids, false));
        for column in &self.columns {
            let is_text = matches!(column.values, ColumnValues::Texts { .. });
            columns.push((&column.name, column.values.to_array()?, is_text));
        }
        Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
    }
}

impl ColumnValues {
    fn to_array(&self) -> Result<ArrayRef> {
        Ok(match self {
            ColumnValues::Numbers(values) => Arc::new(values.clone()),
            ColumnValues::Texts { codes, texts } => {
                let keys = UInt32Array::from_iter(
                    codes.iter().map(|&code| (code != NO_CODE).then_some(code)),
                );
                let texts = LargeStringArray::from_iter_values(texts.iter());
                Arc::new(DictionaryArray::<UInt32Type>::try_new(keys, Arc::new(texts))?)
            }
        })
    }
}

fn attribute_column(
    log: &EventLog,
    name: &str,
    customers: &[CustomerIndex],
) -> Result<FeatureColumn> {
    let values = match &log.attribute_column("attributes", name)?.values {
        AttributeValues::Numbers(values) => {
            let values = customers.iter().map(|&c| values[c.index()]);
            ColumnValues::Numbers(Float64Array::from_iter_values(values))
        }
        AttributeValues::Texts { codes, pool } => {
            let (codes, texts) = sorted_texts(codes, pool);
            ColumnValues::Texts {
                codes: customers.iter().map(|&c| codes[c.index()]).collect(),
                texts: Arc::new(texts),
            }
        }
    };
    Ok(FeatureColumn { name: name.to_owned(), values })
}

/// Codes by the texts' own order, so that they do not depend on the order of the input.
fn sorted_texts(codes: &[u32], pool: &TextPool) -> (Vec<u32>, Vec<String>) {
    let mut order: Vec<u32> = (0..pool.len() as u32).collect();
    order.sort_unstable_by_key(|&code| pool.get(code));
    let mut rank = vec![0; order.len()];
    for (place, &code) in order.iter().enumerate() {
        rank[code as usize] = place as u32;
    }
    let texts = order.iter().map(|&code| pool.get(code).to_owned()).collect();
    let code = |&code: &u32| if code == NO_CODE { NO_CODE } else { rank[code as usize] };
    (codes.iter().map(code).collect(), texts)
}
