//! The customers that a buy-till-you-die model is fitted to.

use std::sync::{Arc, OnceLock};

use super::buyer::{Buyer, TABLE};
use super::distinct::{Distinct, Each};
use crate::error::{Error, Result, number};
use crate::progress::{Progress, Step};
use crate::stats::exact_sum;

/// What customers are worth stays far below the largest float.
const LARGEST_CHECK: f64 = 1e100;

/// The customers that a model is fitted to, one for each row.
///
/// ```
/// use winback::timing::Buyers;
/// let buyers = Buyers::new(&[2.0, 0.0], &[30.43, 0.0], &[38.86, 27.0])?;
/// assert_eq!(buyers.rows().len(), 2);
/// let error = Buyers::new(&[2.0, 0.0], &[30.43, 1.0], &[38.86, 27.0]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "summary.recency, row 2: expected 0 where the frequency is 0, got 1"
/// );
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Buyers {
    rows: Vec<Buyer>,
    log_gaps: Option<f64>,
    mean_checks: Option<Vec<f64>>,
    /// Shared by copies, for rows never change.
    distinct: Arc<OnceLock<Arc<Distinct>>>,
    progress: Progress,
}

impl PartialEq for Buyers {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
            && self.log_gaps == other.log_gaps
            && self.mean_checks == other.mean_checks
    }
}

impl Buyers {
    /// These customers.
    pub(crate) fn of(rows: Vec<Buyer>) -> Self {
        let (distinct, progress) = Default::default();
        Buyers { rows, log_gaps: None, mean_checks: None, distinct, progress }
    }

    /// From the columns of a summary: see [`Buyer::new`] for their meaning.
    ///
    /// # Errors
    /// [`Error::Data`] with the row of a customer that cannot be, [`Error::Shape`] for columns of
    /// different lengths.
    pub fn new(frequency: &[f64], recency: &[f64], t: &[f64]) -> Result<Self> {
        for (name, column) in [("recency", recency), ("T", t)] {
            same_length(name, column, frequency.len())?;
        }
        let buyer = |row: usize| {
            Buyer::checked(frequency[row], recency[row], t[row])
                .map_err(|(column, got, expected)| bad_cell(column, row, got, &expected))
        };
        let rows: Result<Vec<Buyer>> = (0..frequency.len()).map(buyer).collect();
        Ok(Buyers::of(rows?))
    }

    /// Adds, for each customer, the sum of the logarithms of the times between purchases: models
    /// of regular purchases need it.
    ///
    /// # Errors
    /// [`Error::Data`] for a sum that is not finite or, of a customer who bought but once, not 0;
    /// [`Error::Shape`] for a column of another length.
    pub fn with_log_gaps(mut self, log_gaps: &[f64]) -> Result<Self> {
        same_length("log_gaps", log_gaps, self.rows.len())?;
        for (row, (buyer, &sum)) in self.rows.iter().zip(log_gaps).enumerate() {
            if !(sum.is_finite() && (buyer.frequency() > 0 || sum == 0.0)) {
                let expected = "a finite number, 0 where the frequency is 0";
                return Err(bad_cell("log_gaps", row, sum, expected));
            }
        }
        self.log_gaps = Some(exact_sum(log_gaps.iter().copied()));
        Ok(self)
    }

    /// Adds the mean check of each customer's repeat purchases, 0 without any.
    ///
    /// # Errors
    /// [`Error::Data`] for a mean that is not from -1e100 to 1e100, [`Error::Shape`] for a column of another
    /// length.
    pub fn with_mean_checks(mut self, mean_checks: Vec<f64>) -> Result<Self> {
        same_length("monetary_value", &mean_checks, self.rows.len())?;
        if let Some(row) =
            mean_checks.iter().position(|mean| mean.is_nan() || mean.abs() > LARGEST_CHECK)
        {
            let expected = "a number from -1e100 to 1e100";
            return Err(bad_cell("monetary_value", row, mean_checks[row], expected));
        }
        self.mean_checks = Some(mean_checks);
        Ok(self)
    }

    /// These customers, for fits and answers that are to say how far they are, as
    /// [`EventLog::on_progress`](crate::EventLog::on_progress).
    ///
    /// ```
    /// # use winback::{Error, timing::{Buyers, ModifiedBetaGeo}};
    /// let buyers = Buyers::new(&[2.0, 0.0], &[30.43, 0.0], &[38.86, 27.0])?;
    /// let ended = ModifiedBetaGeo::default().fit(&buyers.on_progress(|_| false));
    /// assert!(matches!(ended, Err(Error::Interrupted)));
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn on_progress(&self, tell: impl Fn(Step) -> bool + Send + Sync + 'static) -> Buyers {
        self.clone().with_progress(Progress::to(tell))
    }

    pub(super) fn with_progress(self, progress: Progress) -> Buyers {
        Buyers { progress, ..self }
    }

    pub(super) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The customers.
    pub fn rows(&self) -> &[Buyer] {
        &self.rows
    }

    /// The mean check of each customer's repeat purchases, if known.
    pub fn mean_checks(&self) -> Option<&[f64]> {
        self.mean_checks.as_deref()
    }

    /// # Errors
    /// [`Error::MissingColumn`] where they are not known.
    pub(super) fn known_checks(&self) -> Result<&[f64]> {
        let found = ["frequency", "recency", "T"];
        let missing = || Error::missing_column(TABLE, "monetary_value", None, &found);
        self.mean_checks().ok_or_else(missing)
    }

    /// The sum of the logarithms of all times between purchases, if known.
    pub(super) fn log_gaps(&self) -> Option<f64> {
        self.log_gaps
    }

    /// What `of` gives for each customer; computed once for equal ones, on all threads.
    pub fn map<T: Copy + Send + Sync>(&self, of: impl Fn(Buyer) -> T + Sync) -> Vec<T> {
        Each::new(self.distinct(), of).iter().collect()
    }

    /// The same, as long as the work goes on.
    ///
    /// # Errors
    /// [`Error::Interrupted`] where it is to end.
    pub(crate) fn map_told<T: Copy + Send + Sync>(
        &self,
        of: impl Fn(Buyer) -> T + Sync,
    ) -> Result<Vec<T>> {
        Ok(self.each(of)?.iter().collect())
    }

    /// The same, kept once for equal ones.
    ///
    /// # Errors
    /// As `map_told`.
    pub(super) fn each<T: Copy + Send + Sync>(
        &self,
        of: impl Fn(Buyer) -> T + Sync,
    ) -> Result<Each<T>> {
        Each::told(self.distinct(), &self.progress, of)
    }

    /// The different customers among them; looked for when first asked.
    pub(super) fn distinct(&self) -> Arc<Distinct> {
        if let Some(known) = self.distinct.get() {
            return Arc::clone(known);
        }
        // Outside the cell: a thread that waited for it could hold up the work it waits for.
        let found = Arc::new(Distinct::new(&self.rows));
        Arc::clone(self.distinct.get_or_init(|| found))
    }
}

fn same_length(name: &str, column: &[f64], rows: usize) -> Result<()> {
    if column.len() == rows {
        return Ok(());
    }
    Err(Error::Shape(format!("{name} has {} values, frequency {rows}", column.len())))
}

fn bad_cell(column: &'static str, row: usize, got: f64, expected: &str) -> Error {
    Error::data(TABLE, column, row as u64 + 1, format!("expected {expected}, got {}", number(got)))
}
