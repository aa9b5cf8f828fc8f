//! The training rows as the solvers see them: checked, centred and scaled column by column.

use std::borrow::Cow;
use std::ops::Range;

use ndarray::{ArrayView2, Axis, CowArray, Ix2, Slice};
use rayon::prelude::*;

use crate::error::{Error, Result, number};
use crate::models::rows::{check_weights, selected};
use crate::progress::Stop;

/// Rows that are worked on at once: a tile of 30 columns fits the first-level cache.
pub(super) const TILE: usize = 64;
/// One column of a tile.
pub(super) type Lane = [f64; TILE];

/// Magnitudes above this overflow when two values are subtracted or a few are added.
const LARGEST: f64 = 1e306;
/// Doubles that the partial sums of all blocks together may take (128 MB).
const PARTIAL_SUMS: usize = 1 << 24;

/// A weaker penalty is lost in the rounding of the Hessian, and so would be the optimum of separable
/// classes.
const LEAST_RIDGE: f64 = 1e-13;

/// A column that takes part: its value in the fit is (x − centre) × factor.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) source: usize,
    /// Weighted mean, or zero when there is no intercept to take it up.
    pub(super) centre: f64,
    /// A power of two, so that scaling rounds nothing.
    pub(super) factor: f64,
    /// 1 / (c × sum of weights) in the scaled unit: the weight of this coefficient's square.
    pub(super) ridge: f64,
}

/// Where the values of a column lie.
#[derive(Debug, Clone, Copy)]
struct Span {
    low: f64,
    high: f64,
    mean: f64,
}

/// Rows of positive weight, and how their columns enter the fit.
#[derive(Debug)]
pub(super) struct Table<'a> {
    x: CowArray<'a, f64, Ix2>,
    y: Cow<'a, [bool]>,
    /// Weights divided by their sum; `None`: each row has 1 / rows.
    shares: Option<Vec<f64>>,
    pub(super) total_weight: f64,
    pub(super) intercept: bool,
    pub(super) penalised: bool,
    pub(super) columns: Vec<Column>,
    /// Weighted means of all columns of `x`.
    pub(super) means: Vec<f64>,
    /// Asked before every block of rows; what is summed up after that means nothing.
    pub(super) stop: Stop<'a>,
}

impl<'a> Table<'a> {
    pub(super) fn new(
        x: ArrayView2<'a, f64>,
        y: &'a [bool],
        weights: Option<&[f64]>,
        intercept: bool,
        c: f64,
    ) -> Result<Self> {
        if x.nrows() != y.len() {
            return Err(Error::Shape(format!("{} labels for {} rows", y.len(), x.nrows())));
        }
        check_weights(weights, x.nrows())?;
        let (mut x, mut y, mut weights) = (CowArray::from(x), Cow::from(y), weights.map(Cow::from));
        if let Some(given) = &weights {
            // A row of weight zero is as good as absent; kept, its values could still overflow.
            if given.contains(&0.0) {
                check_values(x.view())?;
                let rows: Vec<usize> = (0..given.len()).filter(|&i| given[i] > 0.0).collect();
                y = Cow::from(rows.iter().map(|&i| y[i]).collect::<Vec<_>>());
                x = CowArray::from(selected(x.view(), &rows));
                weights = Some(Cow::from(rows.iter().map(|&i| given[i]).collect::<Vec<_>>()));
            }
        }
        let positives = y.iter().filter(|&&y| y).count();
        if positives == 0 || positives == y.len() {
            return Err(Error::TooLittleData(format!(
                "of {} rows {positives} are positive; both classes are needed",
                y.len()
            )));
        }
        // Equal weights take the path of no weights, so that they change nothing but the total.
        let total_weight = weights.as_ref().map_or(y.len() as f64, |w| w.iter().sum());
        let shares = weights
            .filter(|w| w.iter().any(|&v| v != w[0]))
            .map(|w| w.iter().map(|v| v / total_weight).collect());
        let mut table = Self {
            x,
            y,
            shares,
            total_weight,
            intercept,
            penalised: c.is_finite(),
            columns: vec![],
            means: vec![],
            stop: Stop::NEVER,
        };
        table.measure_columns(c)?;
        Ok(table)
    }

    pub(super) fn rows(&self) -> usize {
        self.y.len()
    }

    pub(super) fn weights_differ(&self) -> bool {
        self.shares.is_some()
    }

    pub(super) fn labels(&self) -> &[bool] {
        &self.y
    }

    pub(super) fn x(&self) -> ArrayView2<'_, f64> {
        self.x.view()
    }

    /// Number of unknowns: the intercept, if any, comes first.
    pub(super) fn size(&self) -> usize {
        self.columns.len() + usize::from(self.intercept)
    }

    /// Weights of at most [`TILE`] rows as parts of all weights; missing rows have none.
    pub(super) fn fill_shares(&self, rows: Range<usize>, shares: &mut Lane) {
        shares[rows.len()..].fill(0.0);
        match &self.shares {
            Some(given) => shares[..rows.len()].copy_from_slice(&given[rows]),
            None => shares[..rows.len()].fill(1.0 / self.rows() as f64),
        }
    }

    /// The part of all weights that lies on positive rows.
    pub(super) fn positive_share(&self) -> f64 {
        match &self.shares {
            Some(shares) => {
                shares.iter().zip(self.y.iter()).filter(|(_, y)| **y).map(|(s, _)| s).sum()
            }
            None => self.y.iter().filter(|y| **y).count() as f64 / self.rows() as f64,
        }
    }

    /// Runs `each` over fixed blocks of rows, on all threads, and returns the results in order.
    ///
    /// Blocks depend on the size of the table alone, so that sums over them do not depend on the
    /// number of threads. `doubles` is what one result holds.
    pub(super) fn blocks<T: Send>(
        &self,
        doubles: usize,
        each: impl Fn(Range<usize>) -> T + Sync,
    ) -> Vec<T> {
        let most = (PARTIAL_SUMS / doubles.max(1)).clamp(1, 64);
        let rows = self.rows().div_ceil(most).next_multiple_of(TILE).max(16 * TILE);
        (0..self.rows().div_ceil(rows))
            .into_par_iter()
            .map(|k| each(k * rows..((k + 1) * rows).min(self.rows())))
            .collect()
    }

    /// Copies the raw values of at most [`TILE`] rows, column by column; missing rows repeat the
    /// first, so that they are harmless wherever their share of 0 is not asked.
    fn gather(&self, rows: Range<usize>, sources: &[usize], tile: &mut [Lane]) {
        let part = self.x.slice_axis(Axis(0), Slice::from(rows.clone()));
        if part.strides()[1] == 1 {
            for (i, row) in part.rows().into_iter().enumerate() {
                // A row of stride 1 always is a slice.
                let Some(row) = row.to_slice() else { continue };
                for (lane, &j) in tile.iter_mut().zip(sources) {
                    lane[i] = row[j];
                }
            }
        } else {
            for (lane, &j) in tile.iter_mut().zip(sources) {
                lane.iter_mut().zip(part.column(j)).for_each(|(to, from)| *to = *from);
            }
        }
        if rows.len() < TILE {
            for lane in tile.iter_mut() {
                let first = lane[0];
                lane[rows.len()..].fill(first);
            }
        }
    }

    /// Fills `tile` with the columns of the fit, the intercept's column of ones first.
    pub(super) fn fill(&self, rows: Range<usize>, sources: &[usize], tile: &mut [Lane]) {
        let first = usize::from(self.intercept);
        if self.intercept {
            tile[0].fill(1.0);
        }
        self.gather(rows, sources, &mut tile[first..]);
        for (lane, column) in tile[first..].iter_mut().zip(&self.columns) {
            for value in lane.iter_mut() {
                *value = (*value - column.centre) * column.factor;
            }
        }
    }

    /// Adds up `add(column, values, shares, sum)` over all tiles, from `start` in each block, and
    /// the blocks with `join`.
    fn fold_columns<S: Copy + Send + Sync>(
        &self,
        start: S,
        add: impl Fn(usize, &Lane, &Lane, &mut S) + Sync,
        join: impl Fn(&mut S, S),
    ) -> Vec<S> {
        let sources: Vec<usize> = (0..self.x.ncols()).collect();
        let parts = self.blocks(sources.len(), |rows| {
            let mut sums = vec![start; sources.len()];
            let mut tile = vec![[0.0; TILE]; sources.len()];
            let mut shares = [0.0; TILE];
            for first in rows.clone().step_by(TILE) {
                let part = first..(first + TILE).min(rows.end);
                self.gather(part.clone(), &sources, &mut tile);
                self.fill_shares(part, &mut shares);
                for (j, (sum, lane)) in sums.iter_mut().zip(&tile).enumerate() {
                    add(j, lane, &shares, sum);
                }
            }
            sums
        });
        let mut sums = vec![start; sources.len()];
        for part in parts {
            sums.iter_mut().zip(part).for_each(|(sum, part)| join(sum, part));
        }
        sums
    }

    fn measure_columns(&mut self, c: f64) -> Result<()> {
        let spans = self.fold_columns(
            Span { low: f64::INFINITY, high: f64::NEG_INFINITY, mean: 0.0 },
            |_, values, shares, span| {
                let (mut low, mut high) = ([span.low; 4], [span.high; 4]);
                for chunk in values.as_chunks::<4>().0 {
                    for l in 0..4 {
                        // Not min and max, whose care for NaN costs more than all the rest.
                        low[l] = if chunk[l] < low[l] { chunk[l] } else { low[l] };
                        high[l] = if chunk[l] > high[l] { chunk[l] } else { high[l] };
                    }
                }
                span.low = low.into_iter().fold(span.low, f64::min);
                span.high = high.into_iter().fold(span.high, f64::max);
                span.mean += sum_of_products(values, shares);
            },
            |all, part| {
                all.low = all.low.min(part.low);
                all.high = all.high.max(part.high);
                all.mean += part.mean;
            },
        );
        if spans.iter().any(|s| s.mean.is_nan() || s.low < -LARGEST || s.high > LARGEST) {
            check_values(self.x.view())?;
        }
        // Without an intercept nothing takes up a shift.
        let centre = |span: &Span| if self.intercept { span.mean } else { 0.0 };
        let reach: Vec<f64> = (spans.iter())
            .map(|s| (s.high - centre(s)).abs().max((s.low - centre(s)).abs()))
            .collect();
        let unit: Vec<f64> = reach.iter().map(|r| power_of_two_below_inverse(*r)).collect();
        // A second pass recovers the digits that a large offset took from the mean; distances are
        // scaled to at most 1 before they are squared, or 1e200 would overflow.
        let moments = self.fold_columns(
            [0.0; 2],
            |j, values, shares, sums| {
                let (centre, mean, unit) = (centre(&spans[j]), spans[j].mean, unit[j]);
                sums[0] += sum_of_products(&values.map(|v| v - mean), shares);
                let squares = values.map(|v| ((v - centre) * unit) * ((v - centre) * unit));
                sums[1] += sum_of_products(&squares, shares);
            },
            |all, part| {
                all[0] += part[0];
                all[1] += part[1];
            },
        );
        // A coefficient's prior deviation in the unit of the likelihood of one average row.
        let prior = if c.is_finite() { 1.0 / c.sqrt() / self.total_weight.sqrt() } else { 0.0 };
        for (j, (span, [rest, square])) in spans.iter().zip(moments).enumerate() {
            let mean = (span.mean + rest).clamp(span.low, span.high);
            self.means.push(mean);
            let constant = span.low == span.high;
            if constant && (self.intercept || span.low == 0.0) {
                continue;
            }
            let deviation = square.sqrt() / unit[j];
            let factor = power_of_two_below_inverse(deviation.hypot(prior));
            let ridge = (prior * factor) * (prior * factor);
            let least = if c.is_finite() { LEAST_RIDGE } else { 0.0 };
            let centre = if self.intercept { mean } else { 0.0 };
            self.columns.push(Column { source: j, centre, factor, ridge: ridge.max(least) });
        }
        Ok(())
    }
}

/// The largest power of two that is not above 1 / `value`, within the range of normal numbers.
fn power_of_two_below_inverse(value: f64) -> f64 {
    2f64.powi(-value.log2().ceil().clamp(-1021.0, 1021.0) as i32)
}

/// Σ aᵢ bᵢ in four lanes, for the vector unit.
pub(super) fn sum_of_products(a: &Lane, b: &Lane) -> f64 {
    let mut sum = [0.0; 4];
    for (a, b) in a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0) {
        for l in 0..4 {
            sum[l] += a[l] * b[l];
        }
    }
    (sum[0] + sum[2]) + (sum[1] + sum[3])
}

fn check_values(x: ArrayView2<'_, f64>) -> Result<()> {
    let usable = |v: &f64| v.abs() <= LARGEST;
    match x.indexed_iter().find(|(_, v)| !usable(v)) {
        Some(((i, j), v)) => Err(Error::Shape(format!(
            "x[{i}, {j}] = {} (row and column from 0); a fit takes finite values up to {LARGEST:e}",
            number(*v)
        ))),
        None => Ok(()),
    }
}
