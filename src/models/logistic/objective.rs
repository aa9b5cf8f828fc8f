//! The penalised log loss of one average row, its gradient and its Hessian.
//!
//! With shares s (weights that sum to 1), labels y, columns z of [`Table`] and ridges r:
//! f(u) = Σ sᵢ ln(1 + exp(∓ zᵢu)) + ½ Σ rⱼ uⱼ². This is the objective of the caller divided by
//! c × the sum of weights, so its optimum is the same.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, aview2};

use super::table::{Lane, TILE, Table, sum_of_products};

/// The objective at one point.
#[derive(Debug)]
pub(super) struct Evaluation {
    /// Without the penalty.
    pub(super) log_loss: f64,
    /// With the penalty.
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
    /// Row by row; empty when it was not asked for.
    pub(super) hessian: Vec<f64>,
}

/// Sums over the rows of one block.
struct Partial {
    shares: f64,
    log_loss: f64,
    gradient: Vec<f64>,
    hessian: Array2<f64>,
}

/// Evaluates the objective at `u`, on every `stride`-th tile of rows.
///
/// Rows are summed within fixed blocks and the blocks in their order: the result is equal to the
/// bit on any number of threads.
pub(super) fn evaluate(
    table: &Table<'_>,
    u: &[f64],
    with_hessian: bool,
    stride: usize,
) -> Evaluation {
    let size = table.size();
    let width = if with_hessian { size } else { 0 };
    let sources: Vec<usize> = table.columns.iter().map(|c| c.source).collect();
    let nothing = || Partial {
        shares: 0.0,
        log_loss: 0.0,
        gradient: vec![0.0; size],
        hessian: Array2::zeros((width, width)),
    };
    let parts = table.blocks(size + width * width, |rows| {
        let mut partial = nothing();
        if table.stop.asked() {
            return partial;
        }
        let mut tile = vec![[0.0; TILE]; size];
        let mut weighted = vec![[0.0; TILE]; width];
        for start in rows.clone().step_by(TILE * stride) {
            let part = start..(start + TILE).min(rows.end);
            table.fill(part.clone(), &sources, &mut tile);
            let mut shares = [0.0; TILE];
            table.fill_shares(part.clone(), &mut shares);
            partial.shares += shares.iter().sum::<f64>();
            partial.add(&tile, &mut weighted, &table.labels()[part], &shares, u);
        }
        partial
    });

    let mut sum = nothing();
    for part in parts {
        sum.shares += part.shares;
        sum.log_loss += part.log_loss;
        sum.gradient.iter_mut().zip(part.gradient).for_each(|(a, b)| *a += b);
        sum.hessian += &part.hessian;
    }
    if stride > 1 {
        sum.log_loss /= sum.shares;
        sum.gradient.iter_mut().for_each(|g| *g /= sum.shares);
        sum.hessian /= sum.shares;
    }
    let mut penalty = 0.0;
    let first = usize::from(table.intercept);
    for (j, column) in (first..).zip(&table.columns) {
        penalty += 0.5 * column.ridge * u[j] * u[j];
        sum.gradient[j] += column.ridge * u[j];
        if with_hessian {
            sum.hessian[[j, j]] += column.ridge;
        }
    }
    Evaluation {
        log_loss: sum.log_loss,
        value: sum.log_loss + penalty,
        gradient: sum.gradient,
        hessian: sum.hessian.into_iter().collect(),
    }
}

/// The largest change of a row's log-odds that `step` makes.
pub(super) fn largest_move(table: &Table<'_>, step: &[f64]) -> f64 {
    let sources: Vec<usize> = table.columns.iter().map(|c| c.source).collect();
    let parts = table.blocks(1, |rows| {
        let mut tile = vec![[0.0; TILE]; table.size()];
        let mut most = 0f64;
        for start in rows.clone().step_by(TILE) {
            let part = start..(start + TILE).min(rows.end);
            table.fill(part.clone(), &sources, &mut tile);
            most = scores(&tile, step)[..part.len()].iter().fold(most, |m, s| m.max(s.abs()));
        }
        most
    });
    parts.into_iter().fold(0.0, f64::max)
}

/// z u of each row of a tile.
fn scores(tile: &[Lane], u: &[f64]) -> Lane {
    let mut score = [0.0; TILE];
    for (lane, &u) in tile.iter().zip(u) {
        for (score, z) in score.iter_mut().zip(lane) {
            *score += u * z;
        }
    }
    score
}

impl Partial {
    fn add(
        &mut self,
        tile: &[Lane],
        weighted: &mut [Lane],
        labels: &[bool],
        shares: &Lane,
        u: &[f64],
    ) {
        let score = scores(tile, u);
        let (mut residual, mut curvature) = ([0.0; TILE], [0.0; TILE]);
        for (i, &label) in labels.iter().enumerate() {
            // The margin of the wrong class: exp and ln_1p keep every digit at both ends.
            let wrong = if label { -score[i] } else { score[i] };
            let small = (-wrong.abs()).exp();
            let inverse = 1.0 / (1.0 + small);
            let probability_wrong = if wrong > 0.0 { inverse } else { small * inverse };
            self.log_loss += shares[i] * (wrong.max(0.0) + small.ln_1p());
            residual[i] = if label { -shares[i] } else { shares[i] } * probability_wrong;
            curvature[i] = shares[i] * small * inverse * inverse;
        }
        for (gradient, lane) in self.gradient.iter_mut().zip(tile) {
            *gradient += sum_of_products(lane, &residual);
        }
        for (to, lane) in weighted.iter_mut().zip(tile) {
            for i in 0..TILE {
                to[i] = lane[i] * curvature[i];
            }
        }
        if !weighted.is_empty() {
            // ndarray's product uses the processor's widest vectors, which plain loops here can't.
            general_mat_mul(1.0, &aview2(weighted), &aview2(tile).t(), 1.0, &mut self.hessian);
        }
    }
}
