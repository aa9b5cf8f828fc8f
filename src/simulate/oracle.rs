//! What could be known: the chance of a purchase by somebody who knows the process and its parameters,
//! but sees only the tables.

use std::sync::Arc;

use arrow_array::{Float64Array, Int64Array, RecordBatch, TimestampMicrosecondArray};
use rand::SeedableRng;
use rayon::prelude::*;

use super::CHUNK;
use super::customer::SEGMENTS;
use super::draws::Random;
use super::filter::Filter;
use super::known::Known;
use super::process::Process;
use super::season::DAYS_PER_YEAR;
use super::simulation::Simulation;
use crate::error::{Error, Result};
use crate::labels::outcome_window;
use crate::progress::Progress;
use crate::time::{Span, Timestamp, Window};

/// Makes the random stream of beliefs another one than those of lives.
const STREAM: u64 = 0x6f72_6163_6c65_0000;

/// What could be known of a customer at a cutoff: the chance of a purchase in the outcome window.
pub(crate) struct Foreseen {
    pub(crate) number: i64,
    pub(crate) at: Timestamp,
    pub(crate) chance: f64,
}

impl Simulation {
    /// The chance that each customer purchases in the outcome window of some cutoffs, as well as anybody
    /// can know it who sees the tables up to the cutoff, the segments included, and knows how customers
    /// behave and with which parameters, but not what a customer is up to.
    ///
    /// No model can do better, but for luck: a
    /// [backtest](crate::churn::ChurnModelBuilder::backtest_simulated) says which share of this skill it reached. The chances come from a particle filter of 500 guesses
    /// a customer, so each is off by a percentage point or two.
    ///
    /// Columns: `customer_id`, `cutoff`, `purchase_probability`; a row for each customer with a purchase
    /// before the cutoff. The window begins `lead` after the cutoff and has the length `horizon`.
    ///
    /// ```
    /// use winback::simulate::Simulation;
    /// let simulation = Simulation::default().customers(50);
    /// let chances = simulation.oracle(&["2024-10-01".parse()?], "0d".parse()?, "3mo".parse()?)?;
    /// assert!(chances.num_rows() <= 50);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a parameter outside its range, a campaign, a
    /// cutoff outside the simulated time or a horizon without a length.
    pub fn oracle(&self, at: &[Timestamp], lead: Span, horizon: Span) -> Result<RecordBatch> {
        to_batch(&self.foreseen(at, lead, horizon, &self.progress)?)
    }

    pub(crate) fn foreseen(
        &self,
        at: &[Timestamp],
        lead: Span,
        horizon: Span,
        progress: &Progress,
    ) -> Result<Vec<Foreseen>> {
        self.validate()?;
        if self.campaign.is_some() {
            return Err(Error::argument(
                "campaign",
                "one",
                "none, for it changes what customers do",
            ));
        }
        if at.is_empty() {
            return Err(Error::argument("at", "none", "one or more cutoffs"));
        }
        let mut windows = Vec::new();
        for &at in at {
            if at <= self.start || at > self.end {
                let expected = format!("times after {} up to {}", self.start, self.end);
                return Err(Error::argument("at", at, expected));
            }
            windows.push((at, outcome_window(at, lead, horizon)?));
        }
        let process = Process::new(self)?;
        let days = |time: Timestamp| time.days_since(self.start);
        let last = windows.iter().map(|(_, window)| days(window.end)).fold(0.0, f64::max);
        let season = process.season().sums(last as usize + 1);
        let filter = Filter::new(self, &season, process.fading());
        let told = progress.pieces("asking the oracle", self.customers as u64);
        let of_customer = |number: u64| {
            let life = process.life(number);
            let mean_rate =
                self.purchases_per_year / DAYS_PER_YEAR * SEGMENTS[life.segment as usize].1;
            let chance = |&(at, window): &(Timestamp, Window)| {
                let known = Known::of(&life, self, at.micros())?;
                let seed = process.stream(number) ^ STREAM ^ at.micros() as u64;
                let mut random = Random::seed_from_u64(seed);
                let window = [days(window.start), days(window.end)];
                let chance = filter.chance(&known, mean_rate, window, &mut random);
                Some(Foreseen { number: number as i64, at, chance })
            };
            windows.iter().filter_map(chance).collect::<Vec<_>>()
        };
        let customers = self.customers as u64;
        let chunks: Vec<Vec<_>> = (0..customers.div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                let numbers = chunk * CHUNK + 1..=((chunk + 1) * CHUNK).min(customers);
                let rows = numbers.clone().flat_map(of_customer).collect();
                told.add(numbers.count())?;
                Ok(rows)
            })
            .collect::<Result<_>>()?;
        Ok(chunks.into_iter().flatten().collect())
    }
}

fn to_batch(rows: &[Foreseen]) -> Result<RecordBatch> {
    let ids = Int64Array::from_iter_values(rows.iter().map(|row| row.number));
    let cutoffs =
        TimestampMicrosecondArray::from_iter_values(rows.iter().map(|row| row.at.micros()));
    let chances = Float64Array::from_iter_values(rows.iter().map(|row| row.chance));
    Ok(RecordBatch::try_from_iter([
        ("customer_id", Arc::new(ids) as _),
        ("cutoff", Arc::new(cutoffs) as _),
        ("purchase_probability", Arc::new(chances) as _),
    ])?)
}
