//! The penalised log loss of one average row, its gradient and its Hessian.
//!
//! With shares s (weights that sum to 1), labels y, columns z of [`Table`] and ridges r:
//! f(u) = Σ sᵢ ln(1 + exp(∓ zᵢu)) + ½ Σ rⱼ uⱼ². This is the objective of the caller divided by
//! c × the sum of weights, so its optimum is the same.

use super::table::{Lane, TILE, Table};

/// The objective at one point.
#[derive(Debug)]
pub(super) struct Evaluation {
    /// Without the penalty.
    pub(super) log_loss: f64,
    /// With the penalty.
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
    /// Lower triangle, row by row; empty when it was not asked for.
    pub(super) hessian: Vec<f64>,
}

/// Sums over the rows of one block.
struct Partial {
    log_loss: f64,
    gradient: Vec<f64>,
    /// Upper triangle, row by row, of the padded size.
    hessian: Vec<f64>,
}

/// Evaluates the objective at `u`.
///
/// Rows are summed within fixed blocks and the blocks in their order: the result is equal to the
/// bit on any number of threads.
pub(super) fn evaluate(table: &Table<'_>, u: &[f64], with_hessian: bool) -> Evaluation {
    let size = table.size();
    // The Hessian is summed two columns by two: an odd number gets a column of zeros.
    let padded = size.next_multiple_of(2);
    let doubles = if with_hessian { padded * padded } else { 0 };
    let sources: Vec<usize> = table.columns.iter().map(|c| c.source).collect();
    let parts = table.blocks(doubles + padded, |rows| {
        let mut partial =
            Partial { log_loss: 0.0, gradient: vec![0.0; padded], hessian: vec![0.0; doubles] };
        let mut tile = vec![[0.0; TILE]; padded];
        let mut weighted = vec![[0.0; TILE]; if with_hessian { padded } else { 0 }];
        for start in rows.clone().step_by(TILE) {
            let part = start..(start + TILE).min(rows.end);
            table.fill(part.clone(), &sources, &mut tile);
            let mut shares = [0.0; TILE];
            table.fill_shares(part.clone(), &mut shares);
            partial.add(&tile, &mut weighted, &table.labels()[part], &shares, u);
        }
        partial
    });

    let mut sum =
        Partial { log_loss: 0.0, gradient: vec![0.0; padded], hessian: vec![0.0; doubles] };
    for part in parts {
        sum.log_loss += part.log_loss;
        sum.gradient.iter_mut().zip(part.gradient).for_each(|(a, b)| *a += b);
        sum.hessian.iter_mut().zip(part.hessian).for_each(|(a, b)| *a += b);
    }
    let mut penalty = 0.0;
    let mut hessian = vec![0.0; if with_hessian { size * size } else { 0 }];
    if with_hessian {
        for i in 0..size {
            for j in 0..=i {
                hessian[i * size + j] = sum.hessian[j * padded + i];
            }
        }
    }
    sum.gradient.truncate(size);
    let first = usize::from(table.intercept);
    for (j, column) in (first..).zip(&table.columns) {
        penalty += 0.5 * column.ridge * u[j] * u[j];
        sum.gradient[j] += column.ridge * u[j];
        if with_hessian {
            hessian[j * size + j] += column.ridge;
        }
    }
    Evaluation {
        log_loss: sum.log_loss,
        value: sum.log_loss + penalty,
        gradient: sum.gradient,
        hessian,
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
        let size = tile.len();
        for j in (0..weighted.len()).step_by(2) {
            for k in (j..size).step_by(2) {
                let [a, b, c, d] =
                    four_products(&weighted[j], &weighted[j + 1], &tile[k], &tile[k + 1]);
                self.hessian[j * size + k] += a;
                self.hessian[j * size + k + 1] += b;
                self.hessian[(j + 1) * size + k] += c;
                self.hessian[(j + 1) * size + k + 1] += d;
            }
        }
    }
}

fn sum_of_products(a: &Lane, b: &Lane) -> f64 {
    let mut sum = [0.0; 4];
    for (a, b) in a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0) {
        for l in 0..4 {
            sum[l] += a[l] * b[l];
        }
    }
    (sum[0] + sum[2]) + (sum[1] + sum[3])
}

/// a·c, a·d, b·c, b·d: four at once load each value half as often, and four lanes each let the
/// compiler use the vector unit.
fn four_products(a: &Lane, b: &Lane, c: &Lane, d: &Lane) -> [f64; 4] {
    let mut sums = [[0.0; 4]; 4];
    for (((a, b), c), d) in (a.as_chunks::<4>().0.iter())
        .zip(b.as_chunks::<4>().0)
        .zip(c.as_chunks::<4>().0)
        .zip(d.as_chunks::<4>().0)
    {
        for l in 0..4 {
            sums[0][l] += a[l] * c[l];
            sums[1][l] += a[l] * d[l];
            sums[2][l] += b[l] * c[l];
            sums[3][l] += b[l] * d[l];
        }
    }
    sums.map(|s| (s[0] + s[2]) + (s[1] + s[3]))
}
