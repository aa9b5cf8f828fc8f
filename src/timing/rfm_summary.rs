//! The table that buy-till-you-die models (BG/NBD, Pareto/NBD, Gamma-Gamma) start from: for each
//! customer, how often they bought again, when last, and for how long they have been known.
//!
//! Its columns have the names and meanings that lifetimes and PyMC-Marketing give them (Fader,
//! Hardie and Lee 2005, "Counting your customers the easy way"), which are not those of this
//! crate's features:
//!
//! | column | meaning | not to be confused with |
//! |---|---|---|
//! | `frequency` | periods with a purchase, less the first: x, repeat purchases | `purchase_count`, all purchases |
//! | `recency` | from the first period with a purchase to the last: t_x; high means recent | `days_since_last_purchase`, where low means recent |
//! | `T` | from the first period with a purchase to the last observed one | `tenure_days`, up to the cutoff |
//! | `monetary_value` | mean of the totals of the periods with a purchase, without the first; 0 if nothing was bought again | `average_check`, net spend per purchase, including the first |
//!
//! Everything a customer buys in one period (a day, unless set otherwise) is one purchase.

use std::fmt;

use arrow_array::{ArrayRef, RecordBatch};
use rayon::prelude::*;

use super::time_unit::TimeUnit;
use crate::answer::columns::{batch, numbers};
use crate::answer::options::options;
use crate::answer::{Analysis, Table};
use crate::error::{Error, Result};
use crate::log::{CustomerIndex, EventLog};
use crate::snapshot::Snapshot;
use crate::stats::ExactSum;
use crate::time::Timestamp;

options! {
    /// The units in which a summary counts and measures.
    #[derive(Copy)]
    pub struct RfmSummaryOptions {
        /// What a customer buys within one such period is one purchase, and recency and T are
        /// measured in it: W (weeks from Monday), D (days), h, s, ms or us. Months and years differ
        /// in length and are refused: days with a time_scaler of 30.436875 measure in mean months
        #[skip(cli)]
        time_unit: TimeUnit = TimeUnit::Day,
        /// Recency and T are divided by it, to measure in longer units than purchases are counted
        /// in: hours and 24 give days with fractions. Above 0
        #[skip(cli)]
        time_scaler: f64 = 1.0,
    }
}

/// One customer.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct RfmSummaryRow {
    /// The customer's place in the log.
    pub customer: CustomerIndex,
    /// Periods with a purchase, minus the first.
    pub frequency: u64,
    /// From the start of the first period with a purchase to that of the last.
    pub recency: f64,
    /// From the start of the first period with a purchase to that of the last observed period.
    pub t: f64,
    /// Mean of the totals of the periods with a purchase, without the first; 0 if there is no
    /// other. None if the log has no amounts.
    pub monetary_value: Option<f64>,
    /// The sum of the natural logarithms of the times between periods with a purchase, in the unit
    /// of recency; 0 if there is but one. Models of regular purchases need it.
    pub log_gaps: f64,
}

/// Frequency, recency, T and monetary value of every customer, by ascending id.
///
/// ```
/// use winback::log::{EventLog, IdSlice, TransactionSlices};
/// use winback::timing::{RfmSummary, RfmSummaryOptions};
/// let orders = TransactionSlices {
///     customer_id: IdSlice::Int(&[7, 7, 7, 3]),
///     time: &[
///         "2024-01-05".parse()?,
///         "2024-01-15T10:00".parse()?,
///         "2024-01-15T18:00".parse()?,
///         "2024-01-20".parse()?,
///     ],
///     amount: Some(&[20.0, 30.0, 5.0, 12.0]),
///     ..TransactionSlices::default()
/// };
/// let log = EventLog::builder()
///     .transactions([orders.to_batch()?])
///     .observed_until("2024-02-01")?
///     .build()?;
/// let options = RfmSummaryOptions::default();
/// let summary = RfmSummary::of_purchases(&log.at("2024-02-01")?, &options)?;
/// let seven = summary.rows()[1];
/// assert_eq!((seven.frequency, seven.recency, seven.t), (1, 10.0, 26.0));
/// assert_eq!(seven.monetary_value, Some(35.0));
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct RfmSummary {
    ids: ArrayRef,
    rows: Vec<RfmSummaryRow>,
    has_amounts: bool,
}

impl RfmSummary {
    /// From the purchases that the log's rules form, so returns do not count, strictly before the
    /// cutoff, as far as known then. The last observed period is the one before it.
    ///
    /// # Errors
    /// [`Error::Argument`] for a scaler that is not above 0.
    pub fn of_purchases(snapshot: &Snapshot, options: &RfmSummaryOptions) -> Result<Self> {
        Self::until(snapshot, options.time_unit.start(snapshot.at().micros() - 1), options)
    }

    /// As [`RfmSummary::of_purchases`], with T up to the cutoff itself, as models count it.
    pub(super) fn up_to_cutoff(snapshot: &Snapshot, options: &RfmSummaryOptions) -> Result<Self> {
        Self::until(snapshot, snapshot.at().micros(), options)
    }

    fn until(snapshot: &Snapshot, end: i64, options: &RfmSummaryOptions) -> Result<Self> {
        Self::of(snapshot.log(), end, options, |customer, periods| {
            let history = snapshot.history(customer);
            history.purchases().iter().for_each(|p| periods.add(p.time, p.check));
        })
    }

    /// From every row of the log, whatever its amount, as lifetimes does. `end` lies in the last
    /// period to include, which is included as a whole; none: the last transaction.
    ///
    /// # Errors
    /// [`Error::Argument`] for an end before the first transaction or a scaler that is not above
    /// 0.
    pub fn of_rows(
        log: &EventLog,
        end: Option<Timestamp>,
        options: &RfmSummaryOptions,
    ) -> Result<Self> {
        let end = end.unwrap_or(log.last_event());
        let until = options.time_unit.end(end)?;
        if until <= log.first_event() {
            let expected = format!("a time after the first transaction, {}", log.first_event());
            return Err(Error::argument("observation_period_end", end, expected));
        }
        Self::of(log, options.time_unit.start(end.micros()), options, |customer, periods| {
            let history = log.history(customer, until);
            history.lines().for_each(|line| periods.add(line.time, line.amount));
        })
    }

    /// `end` is where T ends; `add_all` adds a customer's purchases by rising time.
    fn of(
        log: &EventLog,
        end: i64,
        options: &RfmSummaryOptions,
        add_all: impl Fn(CustomerIndex, &mut Periods) + Sync,
    ) -> Result<Self> {
        let RfmSummaryOptions { time_unit, time_scaler } = *options;
        if !(time_scaler > 0.0 && time_scaler.is_finite()) {
            return Err(Error::argument("time_scaler", time_scaler, "a number above 0"));
        }
        let has_amounts = log.columns().amount;
        let length = |micros: i64| micros as f64 / time_unit.micros() as f64 / time_scaler;
        let row = |customer: CustomerIndex| {
            let mut periods = Periods::new(time_unit);
            add_all(customer, &mut periods);
            let (first, latest) = (periods.first?, periods.latest);
            Some(RfmSummaryRow {
                customer,
                frequency: periods.repeats,
                recency: length(latest - first),
                t: length(end - first),
                monetary_value: has_amounts.then(|| periods.mean()),
                log_gaps: periods.log_gaps + periods.repeats as f64 * length(1).ln(),
            })
        };
        let rows: Vec<RfmSummaryRow> = log.customers().par_indices().filter_map(row).collect();
        let ids = log.customers().take(rows.iter().map(|row| row.customer));
        Ok(RfmSummary { ids, rows, has_amounts })
    }

    /// The customers with a purchase, by ascending id.
    pub fn rows(&self) -> &[RfmSummaryRow] {
        &self.rows
    }

    /// The ids of the customers.
    pub(super) fn ids(&self) -> &ArrayRef {
        &self.ids
    }

    fn summary(&self) -> Result<RecordBatch> {
        let rows = self.rows.iter();
        let mut columns = vec![
            ("customer_id".to_owned(), self.ids.clone()),
            numbers("frequency", rows.clone().map(|row| Some(row.frequency as f64))),
            numbers("recency", rows.clone().map(|row| Some(row.recency))),
            numbers("T", rows.clone().map(|row| Some(row.t))),
        ];
        if self.has_amounts {
            columns.push(numbers("monetary_value", rows.map(|row| row.monetary_value)));
        }
        batch(columns)
    }
}

/// The periods in which one customer bought, while its purchases come in by rising time.
struct Periods {
    unit: TimeUnit,
    /// Starts of the first and of the latest period.
    first: Option<i64>,
    latest: i64,
    /// Periods after the first.
    repeats: u64,
    /// What was spent in them.
    spend: ExactSum,
    /// The sum of the logarithms of the times between them, in microseconds.
    log_gaps: f64,
}

impl Periods {
    fn new(unit: TimeUnit) -> Self {
        let spend = ExactSum::default();
        Periods { unit, first: None, latest: 0, repeats: 0, spend, log_gaps: 0.0 }
    }

    fn add(&mut self, time: i64, amount: f64) {
        let period = self.unit.start(time);
        match self.first {
            None => self.first = Some(period),
            Some(_) if period != self.latest => {
                self.repeats += 1;
                self.log_gaps += ((period - self.latest) as f64).ln();
            }
            Some(_) => {}
        }
        self.latest = period;
        if self.repeats > 0 {
            self.spend.add(amount);
        }
    }

    fn mean(&self) -> f64 {
        if self.repeats == 0 { 0.0 } else { self.spend.value() / self.repeats as f64 }
    }
}

impl fmt::Display for RfmSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let repeats = self.rows.iter().filter(|row| row.frequency > 0).count();
        write!(f, "{} customers, {repeats} of them with a repeat purchase", self.rows.len())
    }
}

impl Analysis for RfmSummary {
    /// - `summary`: `customer_id`, `frequency`, `recency`, `T` and, if there are amounts,
    ///   `monetary_value`; all but the id as 64-bit floats, as in lifetimes.
    const TABLES: &'static [Table<Self>] = &[("summary", Self::summary)];
}
