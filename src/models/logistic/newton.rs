//! Newton's method with a Cholesky decomposition of the exact Hessian and step halving.

use super::objective::{Evaluation, evaluate, largest_move};
use super::table::Table;
use crate::error::{Error, Result};
use crate::models::cholesky::Cholesky;

/// A column with less than this left after the columns before it is a combination of them.
pub(super) const DEPENDENT: f64 = 1e-12;
/// A fit that cannot go on is still returned when its Newton decrement is not above this.
pub(super) const LOOSE: f64 = 1e-5;
/// Most that the last step may change a row's log-odds; what is left is about its square.
const LAST_MOVE: f64 = 1e-4;
/// A row's log-odds that still change by more than this where the gradient vanishes are on their
/// way to infinity.
pub(super) const SEPARATED: f64 = 0.1;
const HALVINGS: usize = 40;
/// A warm start looks at one tile in this many, if that leaves this many rows per column.
const PART: usize = 16;
const ROWS_PER_COLUMN: usize = 100;
/// The step from a decrement below this ends nearer than the part's sampling error.
const NEAR: f64 = 0.05;

/// Where a solver stopped.
#[derive(Debug)]
pub(super) struct Optimum {
    /// Unknowns in the scaled unit, the intercept first.
    pub(super) point: Vec<f64>,
    pub(super) log_loss: f64,
    /// Of the Hessian; `None` where it is singular in floating point, or was not computed.
    pub(super) factor: Option<Cholesky>,
    /// `None`: the solver does not tell.
    pub(super) iterations: Option<usize>,
    pub(super) converged: bool,
}

/// Minimises the objective from the best constant probability on.
pub(super) fn newton(table: &Table<'_>, tol: f64, max_iter: usize) -> Result<Optimum> {
    let mut point = vec![0.0; table.size()];
    if table.intercept {
        let share = table.positive_share();
        point[0] = (share / (1.0 - share)).ln();
    }
    point = warm_start(table, point);
    let mut here = evaluate(table, &point, true, 1);
    let mut iterations = 0;
    loop {
        let factor = decompose(&here, point.len(), table.penalised)?;
        let step = newton_step(&factor, &here);
        let decrement = newton_decrement(&step, &here);
        // Classes that a direction separates gain ever less from it, but their rows keep moving.
        let moved = if decrement <= LOOSE.max(tol) { largest_move(table, &step) } else { 1.0 };
        let rounding = table.penalised && decrement * decrement <= 1e-16 * here.value;
        let converged = decrement <= tol && (moved <= LAST_MOVE || rounding);
        if !table.penalised && decrement <= tol && moved > SEPARATED {
            return Err(separable());
        }
        let next = if converged || iterations >= max_iter {
            None
        } else {
            halve_until_lower(table, 1, &point, &step, decrement, &here)
        };
        match next {
            Some((next_point, next_here)) => (point, here) = (next_point, next_here),
            None => {
                if !converged && (decrement > LOOSE || moved > SEPARATED) {
                    return Err(not_converged(table.penalised, iterations, max_iter, decrement));
                }
                // The step is known already, and takes the error from `decrement` to its square. The
                // loss follows to the second order: value and penalty are known at both ends.
                let first = usize::from(table.intercept);
                let mut log_loss = here.log_loss - 0.5 * decrement * decrement;
                for ((column, u), s) in
                    table.columns.iter().zip(&point[first..]).zip(&step[first..])
                {
                    log_loss -= column.ridge * s * (u + 0.5 * s);
                }
                point.iter_mut().zip(&step).for_each(|(p, s)| *p += s);
                return Ok(Optimum {
                    point,
                    log_loss,
                    factor: Some(factor),
                    iterations: Some(iterations),
                    converged,
                });
            }
        }
        iterations += 1;
    }
}

/// Starts a large table near the optimum of a part of its rows, which saves half of the passes over
/// all of them. Where the part has no optimum, `start` is as good.
fn warm_start(table: &Table<'_>, start: Vec<f64>) -> Vec<f64> {
    if table.rows() / PART < ROWS_PER_COLUMN * table.size() {
        return start;
    }
    let mut point = start.clone();
    let mut here = evaluate(table, &point, true, PART);
    for _ in 0..10 {
        let Ok(factor) = decompose(&here, point.len(), table.penalised) else { return start };
        let step = newton_step(&factor, &here);
        let decrement = newton_decrement(&step, &here);
        if decrement < NEAR {
            point.iter_mut().zip(&step).for_each(|(p, s)| *p += s);
            return point;
        }
        match halve_until_lower(table, PART, &point, &step, decrement, &here) {
            Some((next_point, next_here)) => (point, here) = (next_point, next_here),
            None => return start,
        }
    }
    start
}

/// −H⁻¹ g
pub(super) fn newton_step(factor: &Cholesky, at: &Evaluation) -> Vec<f64> {
    let mut step: Vec<f64> = at.gradient.iter().map(|g| -g).collect();
    factor.solve(&mut step);
    step
}

/// √(gᵀ H⁻¹ g): the distance to the optimum, in standard errors of a sample of one row.
fn newton_decrement(step: &[f64], at: &Evaluation) -> f64 {
    let product: f64 = step.iter().zip(&at.gradient).map(|(s, g)| -s * g).sum();
    // Rounding can leave a tiny negative number where nothing is left to gain.
    product.max(0.0).sqrt()
}

/// The classes can be told apart without error by some direction, in which the likelihood grows
/// for ever.
pub(super) fn separable() -> Error {
    Error::NotConverged(
        "a combination of columns separates the classes, wholly or for a part of the rows, so \
         that no finite coefficients are best; give a finite c (for instance 1)"
            .into(),
    )
}

/// Takes columns out of the fit that are combinations of columns before them; returns their places
/// in the source.
pub(super) fn drop_dependent(table: &mut Table<'_>) -> Vec<usize> {
    // At zero all rows have one curvature: what depends here, depends everywhere.
    let size = table.size();
    let at = evaluate(table, &vec![0.0; size], true, 1);
    let first = usize::from(table.intercept);
    let dependent = Cholesky::new(at.hessian, size, DEPENDENT).dependent;
    let aliased: Vec<usize> = dependent
        .iter()
        .filter(|&&i| i >= first)
        .map(|&i| table.columns[i - first].source)
        .collect();
    table.columns.retain(|column| !aliased.contains(&column.source));
    aliased
}

/// Without a penalty a singular Hessian means that probabilities have run to 0 or 1: columns that
/// depend on others are out already.
fn decompose(at: &Evaluation, size: usize, penalised: bool) -> Result<Cholesky> {
    let tolerance = if penalised { f64::EPSILON } else { 1e-14 };
    let factor = Cholesky::new(at.hessian.clone(), size, tolerance);
    match (factor.dependent.is_empty(), penalised) {
        (true, _) => Ok(factor),
        (false, false) => Err(separable()),
        (false, true) => {
            Err(Error::NotConverged("the Hessian is singular; penalise more (a smaller c)".into()))
        }
    }
}

fn halve_until_lower(
    table: &Table<'_>,
    stride: usize,
    point: &[f64],
    step: &[f64],
    decrement: f64,
    here: &Evaluation,
) -> Option<(Vec<f64>, Evaluation)> {
    // Sums of many rows are only this exact.
    let rounding = 1e-14 * here.value.abs();
    let mut length = 1.0;
    for _ in 0..HALVINGS {
        let next: Vec<f64> = point.iter().zip(step).map(|(p, s)| p + length * s).collect();
        let there = evaluate(table, &next, true, stride);
        if there.value <= here.value - 1e-4 * length * decrement * decrement + rounding {
            return Some((next, there));
        }
        length *= 0.5;
    }
    None
}

fn not_converged(penalised: bool, iterations: usize, max_iter: usize, decrement: f64) -> Error {
    let why = if iterations >= max_iter { "max_iter" } else { "the precision of f64" };
    let cure = if penalised { "" } else { "; the classes may be separable: give a finite c" };
    Error::NotConverged(format!(
        "newton-cholesky reached {why} after {iterations} iterations with a Newton decrement of \
         {decrement:.1e}; raise max_iter{cure}"
    ))
}

pub(super) fn max_abs(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, v| v.abs().max(most))
}
