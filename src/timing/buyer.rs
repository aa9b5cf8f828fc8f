//! What a buy-till-you-die model knows of a customer.

use super::time_unit::TimeUnit;
use crate::error::{Error, Result, number};
use crate::log::History;
use crate::time::MICROS_PER_DAY;

/// The name of the input in errors about its cells.
pub(super) const TABLE: &str = "summary";

/// One customer: how often they bought again, when last, and how long they have been known.
///
/// ```
/// use winback::timing::Buyer;
/// let buyer = Buyer::new(2.0, 30.43, 38.86)?;
/// assert_eq!(buyer.frequency(), 2);
/// assert!(Buyer::new(2.0, 40.0, 38.86).is_err());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Buyer {
    frequency: u64,
    recency: f64,
    t: f64,
}

impl Buyer {
    /// A customer at the first purchase.
    pub const NEW: Buyer = Buyer { frequency: 0, recency: 0.0, t: 0.0 };

    /// A customer with `frequency` purchases after the first, the last of them `recency` after the
    /// first, who has been known for the time `t`; both in the same unit.
    ///
    /// # Errors
    /// [`Error::Argument`] for a frequency that is no whole number from 0, times that are neither
    /// 0 nor from 1e-60 to 1e15, a last purchase after `t`, and a frequency and a recency of which only one
    /// is 0.
    pub fn new(frequency: f64, recency: f64, t: f64) -> Result<Self> {
        Self::checked(frequency, recency, t)
            .map_err(|(name, got, expected)| Error::argument(name, got, expected))
    }

    /// The customer, or what is wrong: the column, its cell and what was expected.
    pub(super) fn checked(
        frequency: f64,
        recency: f64,
        t: f64,
    ) -> Result<Self, (&'static str, f64, String)> {
        // Above 2⁵³ not all whole numbers are floats.
        if !((0.0..=9e15).contains(&frequency) && frequency.fract() == 0.0) {
            return Err(("frequency", frequency, "a whole number, 0 or more".into()));
        }
        for (name, value) in [("recency", recency), ("T", t)] {
            if value != 0.0 && !(1e-60..=1e15).contains(&value) {
                return Err((name, value, "a time of 0, or from 1e-60 to 1e15".into()));
            }
        }
        if recency > t {
            return Err(("recency", recency, format!("at most T, which is {}", number(t))));
        }
        if frequency == 0.0 && recency > 0.0 {
            return Err(("recency", recency, "0 where the frequency is 0".into()));
        }
        if frequency > 0.0 && recency == 0.0 {
            return Err(("recency", recency, "more than 0 where the frequency is not 0".into()));
        }
        // Adding 0 takes the sign of a negative 0 away.
        Ok(Buyer { frequency: frequency as u64, recency: recency + 0.0, t: t + 0.0 })
    }

    /// What a history tells of a customer, in days; what is bought within a day is one purchase. None
    /// without a purchase.
    pub(crate) fn of(history: &History<'_>) -> Option<Self> {
        Buyer::with_repeats(history, history.purchase_days().skip(1).count())
    }

    /// The same, of a history with so many days with a purchase after the first.
    pub(crate) fn with_repeats(history: &History<'_>, repeats: usize) -> Option<Self> {
        let purchases = history.purchases();
        let day = |time: i64| TimeUnit::Day.start(time);
        let (first, last) = (day(purchases.first()?.time), day(purchases.last()?.time));
        let days = |micros: i64| micros as f64 / MICROS_PER_DAY as f64;
        let known = days(history.cutoff().micros() - first);
        Buyer::new(repeats as f64, days(last - first), known).ok()
    }

    /// Purchases after the first: x.
    pub fn frequency(&self) -> u64 {
        self.frequency
    }

    /// From the first purchase to the last: tₓ.
    pub fn recency(&self) -> f64 {
        self.recency
    }

    /// From the first purchase to the end of observation: T.
    pub fn t(&self) -> f64 {
        self.t
    }

    /// The same, known for another time, not shorter than the recency.
    pub(super) fn known_for(self, t: f64) -> Self {
        Buyer { t, ..self }
    }

    /// The same in another unit of time.
    pub(super) fn scaled(&self, unit: f64) -> Self {
        Buyer { recency: self.recency / unit, t: self.t / unit, ..*self }
    }
}
