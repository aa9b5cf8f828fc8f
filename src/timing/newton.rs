//! Maximum likelihood over a few positive parameters, by Newton's method in their logarithms.

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::progress::Progress;

/// Rows of one sum; fixed, so that sums do not depend on the number of threads.
const CHUNK: usize = 4_096;
const MOST_STEPS: usize = 200;
/// What takes long.
const FITTING: &str = "fitting to purchases";
/// Beyond these bounds a parameter is as good as 0 or infinity, its unit being that of the data.
const SMALLEST: f64 = 1e-7;
const LARGEST: f64 = 1e7;
/// Or its inverse: so far out a search that finds no way up need not be at a top.
const FAR_OUT: f64 = 1e4;
/// By so much may a value per customer be off.
const ROUNDING: f64 = 1e-13;
/// Of the slope in the logarithms, per customer, and of the step that Newton's method would do.
const FLAT: f64 = 1e-9;
const CLOSE: f64 = 1e-9;
/// By so much of the square of the largest parameter may a curvature in the logarithms be off.
const ROUNDING_OF_BENDS: f64 = 1e-15;
/// Of a step, in the logarithms.
const LONGEST: f64 = 2.0;

/// A function of the parameters with its first and second derivatives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Surface<const N: usize> {
    pub(super) value: f64,
    pub(super) gradient: [f64; N],
    /// Its upper right half is filled in.
    pub(super) curvature: [[f64; N]; N],
}

impl<const N: usize> Optimum<N> {
    /// The value without the penalty.
    pub(super) fn without_penalty(&self, penalty: f64) -> f64 {
        self.value + penalty * self.at.iter().map(|value| value * value).sum::<f64>()
    }

    /// Standard errors, relative to the parameters, of so many customers. None for what the data do
    /// not tell: where there is no top, and where the error would be larger than the parameter.
    pub(super) fn relative_errors(&self, customers: f64) -> [Option<f64>; N] {
        let covariance = self.covariance.filter(|_| self.end == End::Top);
        std::array::from_fn(|i| {
            Some(covariance?[i][i].sqrt() / customers.sqrt()).filter(|error| *error <= 1.0)
        })
    }
}

impl<const N: usize> Surface<N> {
    pub(super) fn zero() -> Self {
        Surface { value: 0.0, gradient: [0.0; N], curvature: [[0.0; N]; N] }
    }

    pub(super) fn add(&mut self, other: &Self, weight: f64) {
        self.value += weight * other.value;
        for i in 0..N {
            self.gradient[i] += weight * other.gradient[i];
            for j in i..N {
                self.curvature[i][j] += weight * other.curvature[i][j];
            }
        }
    }

    /// Less a penalty times the sum of the squares of the parameters.
    pub(super) fn penalised(mut self, at: &[f64; N], penalty: f64) -> Self {
        for (i, at) in at.iter().enumerate() {
            self.value -= penalty * at * at;
            self.gradient[i] -= 2.0 * penalty * at;
            self.curvature[i][i] -= 2.0 * penalty;
        }
        self
    }

    pub(super) fn scale(&mut self, by: f64) {
        let whole = *self;
        *self = Self::zero();
        self.add(&whole, by);
    }

    /// Of sums over chunks of rows, added up in their order.
    ///
    /// # Errors
    /// [`Error::Interrupted`] where the search is to end.
    pub(super) fn sum<R: Sync>(
        rows: &[R],
        progress: &Progress,
        of_chunk: impl Fn(&[R]) -> Self + Sync,
    ) -> Result<Self> {
        let part = |rows| {
            progress.tell(FITTING, 0, 0)?;
            Ok(of_chunk(rows))
        };
        let parts: Vec<Self> = rows.par_chunks(CHUNK).map(part).collect::<Result<_>>()?;
        let mut sum = Self::zero();
        parts.iter().for_each(|part| sum.add(part, 1.0));
        Ok(sum)
    }

    /// The derivatives of the logarithm of a sum of two terms, whose logarithms are given, and of
    /// which the first has this share; without the value.
    pub(super) fn mix(one: &Self, other: &Self, share: f64) -> Self {
        let mut mixed = Self::zero();
        mixed.add(one, share);
        mixed.add(other, 1.0 - share);
        let apart: [f64; N] = std::array::from_fn(|i| one.gradient[i] - other.gradient[i]);
        for i in 0..N {
            for j in i..N {
                mixed.curvature[i][j] += share * (1.0 - share) * apart[i] * apart[j];
            }
        }
        mixed
    }

    /// The same in the logarithms of the parameters.
    fn in_logarithms(&self, at: &[f64; N]) -> Self {
        let mut found = *self;
        for i in 0..N {
            found.gradient[i] *= at[i];
            for j in i..N {
                found.curvature[i][j] *= at[i] * at[j];
            }
            found.curvature[i][i] += found.gradient[i];
        }
        found
    }

    fn steepness(&self) -> f64 {
        self.gradient.iter().fold(0.0, |steepest, slope| steepest.max(slope.abs()))
    }
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum End {
    /// At a top.
    Top,
    /// The parameter of this place runs to 0 or, where `true`, to infinity.
    RunsOff(usize, bool),
    /// No step led upwards before the slope was flat, or there were too many.
    Stuck,
}

/// Where a search ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Optimum<const N: usize> {
    pub(super) at: [f64; N],
    /// The value there, per customer.
    pub(super) value: f64,
    pub(super) end: End,
    /// Of the logarithms, for one customer: that of n is n times smaller. None where the surface
    /// does not bend downwards.
    pub(super) covariance: Option<[[f64; N]; N]>,
}

/// # Errors
/// [`Error::Argument`] for a penalty below 0 or not finite.
pub(super) fn check_penalty(penalty: f64) -> Result<()> {
    if penalty >= 0.0 && penalty.is_finite() {
        return Ok(());
    }
    Err(Error::argument("penalty", penalty, "a finite number, 0 or more"))
}

/// The highest place among those where the searches from these starts end. Later ones are only for
/// those that do not end at a top that so many customers tell: another may be higher than a flat one.
/// `of` gives the value per customer.
///
/// # Errors
/// Those of `of`.
pub(super) fn maximise<const N: usize>(
    starts: &[[f64; N]],
    customers: f64,
    of: impl Fn(&[f64; N]) -> Result<Surface<N>>,
) -> Result<Optimum<N>> {
    let mut best: Option<Optimum<N>> = None;
    for start in starts {
        let found = climb(*start, &of)?;
        let better = |best: &Optimum<N>| {
            let margin = 1e-10 * best.value.abs();
            let gain = found.value - best.value;
            gain > margin || (gain > -margin && found.end == End::Top && best.end != End::Top)
        };
        if best.as_ref().is_none_or(better) {
            best = Some(found);
        }
        if found.relative_errors(customers).iter().all(Option::is_some) {
            break;
        }
    }
    let none = Optimum { at: [f64::NAN; N], value: f64::NAN, end: End::Stuck, covariance: None };
    Ok(best.unwrap_or(none))
}

/// Where to start among many customers: first at the top that a search among so few of them, of whom
/// `of` gives the value, ends at, if it does.
pub(super) fn starts_from_few<const N: usize>(
    starts: &[[f64; N]],
    few: f64,
    of: impl Fn(&[f64; N]) -> Result<Surface<N>>,
) -> Result<Vec<[f64; N]>> {
    let found = maximise(starts, few, of)?;
    let near = (found.end == End::Top).then_some(found.at);
    Ok(near.into_iter().chain(starts.iter().copied()).collect())
}

/// The end of a search that found no top: a slope that floats cannot tell from none far out is that
/// of a parameter that runs off.
fn without_top<const N: usize>(at: &[f64; N]) -> End {
    let far = |i: &usize| at[*i].ln().abs();
    let place = (0..N).max_by(|i, j| far(i).total_cmp(&far(j)));
    match place.filter(|place| far(place) > FAR_OUT.ln()) {
        Some(place) => End::RunsOff(place, at[place] > 1.0),
        None => End::Stuck,
    }
}

fn climb<const N: usize>(
    start: [f64; N],
    of: &impl Fn(&[f64; N]) -> Result<Surface<N>>,
) -> Result<Optimum<N>> {
    let mut at = start;
    let mut here = of(&at)?.in_logarithms(&at);
    for _ in 0..MOST_STEPS {
        let axes = Axes::new(&here.curvature, &at);
        let ended =
            |end: End| Ok(Optimum { at, value: here.value, end, covariance: axes.covariance() });
        if let Some(place) = (0..N).find(|&i| !(SMALLEST..=LARGEST).contains(&at[i])) {
            return ended(End::RunsOff(place, at[place] > 1.0));
        }
        let step = axes.step(&here.gradient);
        let longest = step.iter().fold(0.0f64, |longest, part| longest.max(part.abs()));
        let flat = here.steepness() < FLAT;
        let top = flat && axes.bend_down();
        if top && longest < CLOSE {
            return ended(End::Top);
        }
        // What is left of a slope without an end is rounding.
        if flat
            && !top
            && let end @ End::RunsOff(..) = without_top(&at)
        {
            return ended(end);
        }
        let rounding = ROUNDING * here.value.abs().max(1.0);
        let mut length = (LONGEST / longest).min(1.0);
        let next = loop {
            let next_at: [f64; N] = std::array::from_fn(|i| at[i] * (length * step[i]).exp());
            let next = of(&next_at)?.in_logarithms(&next_at);
            // At a top values differ by rounding only; a flatter place is then the better.
            let flatter = next.steepness() < here.steepness();
            if next.value > here.value + rounding
                || (next.value >= here.value - rounding && flatter)
            {
                break Some((next_at, next));
            }
            length /= 4.0;
            if length * longest < CLOSE {
                break None;
            }
        };
        match next {
            Some(next) => (at, here) = next,
            None => {
                return ended(if top { End::Top } else { without_top(&at) });
            }
        }
    }
    Ok(Optimum { at, value: here.value, end: without_top(&at), covariance: None })
}

/// The axes of a curvature and how it bends along each: its eigenvectors and eigenvalues, by
/// Jacobi's rotations.
struct Axes<const N: usize> {
    bends: [f64; N],
    /// One a column.
    axes: [[f64; N]; N],
    /// What is rounding of the curvature.
    rounding: f64,
}

impl<const N: usize> Axes<N> {
    /// The curvature in the logarithms of the parameters.
    fn new(curvature: &[[f64; N]; N], at: &[f64; N]) -> Self {
        let mut left: [[f64; N]; N] =
            std::array::from_fn(|i| std::array::from_fn(|j| curvature[i.min(j)][i.max(j)]));
        let mut axes = [[0.0; N]; N];
        (0..N).for_each(|i| axes[i][i] = 1.0);
        for _ in 0..60 {
            let off: f64 = (0..N).map(|i| (0..i).map(|j| left[i][j].powi(2)).sum::<f64>()).sum();
            if off == 0.0 {
                break;
            }
            for (i, j) in (0..N).flat_map(|i| (0..i).map(move |j| (j, i))) {
                rotate(&mut left, &mut axes, i, j);
            }
        }
        let largest = at.iter().fold(0.0, |largest: f64, value| largest.max(*value));
        let rounding = ROUNDING_OF_BENDS * largest * largest;
        Axes { bends: std::array::from_fn(|i| left[i][i]), axes, rounding }
    }

    /// Whether it bends downwards along all axes, by more than rounding.
    fn bend_down(&self) -> bool {
        self.bends.iter().all(|bend| -bend > self.least().max(self.rounding))
    }

    /// What is rounding beside the largest.
    fn least(&self) -> f64 {
        1e-14 * self.bends.iter().fold(1e-290, |most: f64, bend| most.max(bend.abs()))
    }

    /// Newton's step upwards; along an axis that bends upwards as if it bent downwards.
    fn step(&self, gradient: &[f64; N]) -> [f64; N] {
        let mut step = [0.0; N];
        for (axis, bend) in self.bends.iter().enumerate() {
            let slope: f64 = (0..N).map(|i| self.axes[i][axis] * gradient[i]).sum();
            let length = slope / bend.abs().max(self.least());
            (0..N).for_each(|i| step[i] += length * self.axes[i][axis]);
        }
        step
    }

    /// The inverse, with the other sign, where it bends downwards.
    fn covariance(&self) -> Option<[[f64; N]; N]> {
        let of = |i: usize, j: usize| -> f64 {
            (0..N).map(|axis| self.axes[i][axis] * self.axes[j][axis] / -self.bends[axis]).sum()
        };
        self.bend_down().then(|| std::array::from_fn(|i| std::array::from_fn(|j| of(i, j))))
    }
}

/// Turns the axes i and j so that nothing is left between them.
fn rotate<const N: usize>(left: &mut [[f64; N]; N], axes: &mut [[f64; N]; N], i: usize, j: usize) {
    if left[i][j] == 0.0 {
        return;
    }
    let ratio = (left[j][j] - left[i][i]) / (2.0 * left[i][j]);
    let tangent = ratio.signum() / (ratio.abs() + ratio.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    let turn = |a: f64, b: f64| (cosine * a - sine * b, sine * a + cosine * b);
    let (own_i, own_j) = (left[i][i] - tangent * left[i][j], left[j][j] + tangent * left[i][j]);
    for k in (0..N).filter(|k| *k != i && *k != j) {
        (left[k][i], left[k][j]) = turn(left[k][i], left[k][j]);
        (left[i][k], left[j][k]) = (left[k][i], left[k][j]);
    }
    (left[i][j], left[j][i]) = (0.0, 0.0);
    (left[i][i], left[j][j]) = (own_i, own_j);
    for row in axes {
        (row[i], row[j]) = turn(row[i], row[j]);
    }
}
