//! How precise measures of uplift are, by drawing customers anew within each arm.

use arrow_array::RecordBatch;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use super::areas::{Areas, Cell};
use super::ranking::{UpliftAt, UpliftRanking, uplift_at};
use crate::answer::columns::{batch, numbers, texts};
use crate::error::{Error, Result};
use crate::hash;
use crate::metrics::inputs::check_share;
use crate::progress::Stop;
use crate::stats::percentile;

/// The shares at which the uplift is told beside the areas.
const SHARES: [f64; 3] = [0.1, 0.3, 0.5];

/// What intervals are of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum UpliftMeasure {
    /// [`UpliftRanking::qini`].
    Qini,
    /// [`UpliftRanking::auuc`].
    Auuc,
    /// [`UpliftRanking::radcliffe_q`].
    RadcliffeQ,
    /// [`UpliftRanking::uplift_at`] of all customers.
    UpliftAt(f64),
}

impl UpliftMeasure {
    /// Its name in tables, such as `uplift_at_0.3`.
    pub fn name(self) -> String {
        match self {
            UpliftMeasure::Qini => "qini".to_owned(),
            UpliftMeasure::Auuc => "auuc".to_owned(),
            UpliftMeasure::RadcliffeQ => "radcliffe_q".to_owned(),
            UpliftMeasure::UpliftAt(share) => format!("uplift_at_{share}"),
        }
    }
}

impl serde::Serialize for UpliftMeasure {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

/// A measure with its bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct UpliftInterval {
    /// What it is of.
    pub measure: UpliftMeasure,
    /// The value on the customers as they are; none where undefined.
    pub value: Option<f64>,
    /// Standard deviation over the draws.
    pub standard_error: Option<f64>,
    /// The 2.5 % and 97.5 % points of the draws.
    pub interval: Option<(f64, f64)>,
}

/// Measures of uplift with intervals of 95 %.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct UpliftIntervals {
    /// One for each measure.
    pub rows: Vec<UpliftInterval>,
}

impl UpliftIntervals {
    /// As a table: `measure`, `value`, `standard_error`, `low`, `high`.
    ///
    /// # Errors
    /// None in practice; [`Error::Arrow`] is passed on.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let rows = || self.rows.iter();
        let names: Vec<String> = rows().map(|row| row.measure.name()).collect();
        batch([
            texts("measure", names.iter().map(String::as_str)),
            numbers("value", rows().map(|row| row.value)),
            numbers("standard_error", rows().map(|row| row.standard_error)),
            numbers("low", rows().map(|row| row.interval.map(|(low, _)| low))),
            numbers("high", rows().map(|row| row.interval.map(|(_, high)| high))),
        ])
    }
}

impl UpliftRanking {
    /// The measures with intervals by `bootstraps` draws of the customers, each within his arm, whose
    /// size was planned; the uplift among the first 10, 30 and 50 % and those of `shares`.
    ///
    /// They say how much the figures move with other customers, given the score: its own training is
    /// not repeated. A measure that one of the draws leaves undefined has no interval.
    ///
    /// # Errors
    /// [`Error::Argument`] for fewer than 2 bootstraps, or a share that is not above 0 and at most 1.
    pub fn intervals(
        &self,
        shares: &[f64],
        bootstraps: usize,
        seed: u64,
    ) -> Result<UpliftIntervals> {
        self.intervals_stoppable(shares, bootstraps, seed, Stop::NEVER)
    }

    /// As [`UpliftRanking::intervals`], until `go_on`, which is called before each draw and from any
    /// thread, returns false.
    ///
    /// # Errors
    /// As [`UpliftRanking::intervals`], and [`Error::Interrupted`] once `go_on` has returned false.
    ///
    /// ```
    /// use winback::{Error, metrics::UpliftRanking};
    ///
    /// let ranking = UpliftRanking::new(&[1.0, 0.0, 1.0, 0.0], &[0.4, 0.3, 0.2, 0.1], &[
    ///     true, true, false, false,
    /// ])?;
    /// let stopped = ranking.intervals_while(&[], 1_000, 0, &|| false);
    /// assert!(matches!(stopped, Err(Error::Interrupted)));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn intervals_while(
        &self,
        shares: &[f64],
        bootstraps: usize,
        seed: u64,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<UpliftIntervals> {
        self.intervals_stoppable(shares, bootstraps, seed, Stop::unless(go_on))
    }

    fn intervals_stoppable(
        &self,
        shares: &[f64],
        bootstraps: usize,
        seed: u64,
        stop: Stop<'_>,
    ) -> Result<UpliftIntervals> {
        if !(2..=1_000_000).contains(&bootstraps) {
            return Err(Error::argument("bootstraps", bootstraps, "2 to 1,000,000"));
        }
        let mut measures =
            vec![UpliftMeasure::Qini, UpliftMeasure::Auuc, UpliftMeasure::RadcliffeQ];
        if !self.is_yes_or_no() {
            measures = vec![UpliftMeasure::RadcliffeQ];
        }
        let given = if shares.is_empty() { &SHARES } else { shares };
        for &share in given {
            check_share(share)?;
            measures.push(UpliftMeasure::UpliftAt(share));
        }
        let values = self.measured(&vec![1; self.y.len()], &measures);
        let draws = self.draws(&measures, bootstraps, seed, stop)?;
        let rows = measures.iter().zip(values).enumerate().map(|(i, (&measure, value))| {
            let drawn: Option<Vec<f64>> = draws.iter().map(|draw| draw[i]).collect();
            let (standard_error, interval) = match drawn {
                Some(drawn) if value.is_some() => (Some(deviation(&drawn)), Some(middle(drawn))),
                _ => (None, None),
            };
            UpliftInterval { measure, value, standard_error, interval }
        });
        Ok(UpliftIntervals { rows: rows.collect() })
    }

    /// The measures of customers drawn anew. Each draw has its own numbers, on any thread.
    fn draws(
        &self,
        measures: &[UpliftMeasure],
        bootstraps: usize,
        seed: u64,
        stop: Stop<'_>,
    ) -> Result<Vec<Vec<Option<f64>>>> {
        let places = |arm: bool| -> Vec<u32> {
            (0..self.y.len() as u32).filter(|&place| self.treated[place as usize] == arm).collect()
        };
        let arms = [places(false), places(true)];
        (0..bootstraps as u64)
            .into_par_iter()
            .map_init(
                || vec![0_u32; self.y.len()],
                |times, draw| {
                    stop.check()?;
                    times.fill(0);
                    let seed = hash::draw(hash::draw(seed).wrapping_add(draw));
                    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
                    for arm in &arms {
                        let n = arm.len() as u32;
                        for _ in 0..n {
                            times[arm[random.random_range(0..n) as usize] as usize] += 1;
                        }
                    }
                    Ok(self.measured(times, measures))
                },
            )
            .collect()
    }

    /// The measures when each customer counts so many times.
    fn measured(&self, times: &[u32], measures: &[UpliftMeasure]) -> Vec<Option<f64>> {
        let mut start = 0;
        let mut all = Cell::default();
        let mut cells = Vec::with_capacity(self.ends.len());
        for &end in &self.ends {
            // Without branches, which random counts and arms would mislead.
            let mut cell = Cell::default();
            let own = times[start..end].iter().zip(&self.y[start..end]);
            for ((&times, &y), &is_treated) in own.zip(&self.treated[start..end]) {
                let n = f64::from(times);
                let treated = if is_treated { n } else { 0.0 };
                let control = n - treated;
                cell.treated += treated;
                cell.control += control;
                cell.treated_sum += treated * y;
                cell.control_sum += control * y;
            }
            start = end;
            // Of scores that all differ a third is not drawn.
            if cell.customers() > 0.0 {
                all.add(&cell, 1.0);
                cells.push(cell);
            }
        }
        let (areas, best) = (Areas::of(cells.iter().copied()), Areas::best(&all));
        let ratio = |area: f64, best: f64| (best != 0.0).then(|| area / best);
        let value = |&measure: &UpliftMeasure| match measure {
            UpliftMeasure::Qini => ratio(areas.qini, best.qini),
            UpliftMeasure::Auuc => ratio(areas.uplift, best.uplift),
            UpliftMeasure::RadcliffeQ => Some(areas.qini / (all.customers() * all.treated)),
            UpliftMeasure::UpliftAt(share) => {
                uplift_at(cells.iter().copied(), &all, share, UpliftAt::Overall)
            }
        };
        measures.iter().map(value).collect()
    }
}

fn deviation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()
}

/// The 2.5 % and 97.5 % points.
fn middle(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_unstable_by(f64::total_cmp);
    (percentile(&values, 0.025), percentile(&values, 0.975))
}
