//! The likelihood of the Gamma-Gamma model: of those who bought again for more than nothing.

use rayon::prelude::*;

use super::buyer::Buyer;
use super::buyers::Buyers;
use super::newton::Surface;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::stats::{Jet, exact_sum, log_gamma};

/// How often a customer bought again, their mean check, and the logarithm of what they spent so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spender {
    x: u64,
    z: f64,
    ln_spent: f64,
}

/// Those who bought again for more than nothing, by rising frequency and mean check, the latter in
/// units of its mean.
pub(super) struct Spenders {
    pub(super) rows: Vec<Spender>,
    pub(super) unit: f64,
}

impl Spenders {
    /// # Errors
    /// [`Error::MissingColumn`] without mean checks, [`Error::TooLittleData`] where there is none.
    pub(super) fn new(buyers: &Buyers) -> Result<Self> {
        let checks = buyers.known_checks()?;
        let all = buyers.rows().iter().map(Buyer::frequency).zip(checks.iter().copied());
        let bought = all.filter(|(x, check)| *x > 0 && *check > 0.0);
        let mut rows: Vec<Spender> = bought.map(|(x, z)| Spender { x, z, ln_spent: 0.0 }).collect();
        if rows.is_empty() {
            return Err(Error::TooLittleData(format!(
                "none of the {} customers has a repeat purchase of an amount above 0",
                buyers.rows().len()
            )));
        }
        rows.par_sort_unstable_by_key(|row| (row.x, row.z.to_bits()));
        let unit = exact_sum(rows.iter().map(|row| row.z)) / rows.len() as f64;
        rows.par_iter_mut().for_each(|row| {
            row.z /= unit;
            row.ln_spent = (row.x as f64 * row.z).ln();
        });
        Ok(Spenders { rows, unit })
    }

    /// Pearson's correlation of frequency and mean check.
    pub(super) fn correlation(&self) -> Option<f64> {
        let n = self.rows.len() as f64;
        let x = |row: &Spender| row.x as f64;
        let mean = |of: &dyn Fn(&Spender) -> f64| exact_sum(self.rows.iter().map(of)) / n;
        let (mx, mz) = (mean(&x), mean(&|row| row.z));
        let xz = mean(&|row| (x(row) - mx) * (row.z - mz));
        let (xx, zz) = (mean(&|row| (x(row) - mx).powi(2)), mean(&|row| (row.z - mz).powi(2)));
        // A spread that is rounding is none.
        let spread = |square: f64, mean: f64| square > 1e-24 * mean * mean;
        (spread(xx, mx) && spread(zz, mz)).then(|| (xz / (xx * zz).sqrt()).clamp(-1.0, 1.0))
    }
}

/// The mean log-likelihood and its derivatives.
///
/// # Errors
/// [`Error::Interrupted`] where the search is to end.
pub(super) fn surface(rows: &[Spender], at: &[f64; 3], progress: &Progress) -> Result<Surface<3>> {
    let [p, q, v] = *at;
    let (of_q, ln_v) = (log_gamma(q), v.ln());
    let mut mean = Surface::sum(rows, progress, |rows| {
        let mut sum = Surface::zero();
        for same in rows.chunk_by(|a, b| a.x == b.x) {
            let x = same[0].x as f64;
            let of_x =
                Shared { at: *at, ln_v, own: log_gamma(p * x), all: log_gamma(p * x + q), of_q };
            same.iter().for_each(|row| sum.add(&of_x.of_row(row), 1.0));
        }
        sum
    })?;
    mean.scale(1.0 / rows.len() as f64);
    Ok(mean)
}

/// What the likelihoods of customers who bought equally often have in common.
struct Shared {
    at: [f64; 3],
    ln_v: f64,
    /// The gamma functions of px, px + q and q.
    own: Jet,
    all: Jet,
    of_q: Jet,
}

impl Shared {
    /// ln Γ(px + q) / Γ(px) Γ(q) · vᵠ zᵖˣ⁻¹ xᵖˣ / (xz + v)ᵖˣ⁺ᵠ.
    fn of_row(&self, spender: &Spender) -> Surface<3> {
        let Shared { at: [p, q, v], ln_v, own, all, of_q } = *self;
        let (x, z) = (spender.x as f64, spender.z);
        let spent = x * z;
        let total = spent + v;
        // The logarithm near 0 has to be exact; the other, of a small part, follows from it.
        let apart = spender.ln_spent - ln_v;
        let (share, rest) = match spent > v {
            true => ((spent / total).ln(), (spent / total).ln() - apart),
            false => ((v / total).ln() + apart, (v / total).ln()),
        };
        let mut row = Surface::zero();
        row.value = all.value - own.value - of_q.value + p * x * share + q * rest - z.ln();
        row.gradient = [
            x * (all.slope - own.slope + share),
            all.slope - of_q.slope + rest,
            q / v - (p * x + q) / total,
        ];
        row.curvature[0] = [x * x * (all.curvature - own.curvature), x * all.curvature, -x / total];
        row.curvature[1][1] = all.curvature - of_q.curvature;
        row.curvature[1][2] = 1.0 / v - 1.0 / total;
        row.curvature[2][2] = (p * x + q) / (total * total) - q / (v * v);
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_those_of_the_values() {
        let buyers = Buyers::new(&[1.0, 3.0, 1.0, 12.0], &[1.0; 4], &[2.0; 4]).unwrap();
        let buyers = buyers.with_mean_checks(vec![20.0, 35.0, 80.0, 28.0]).unwrap();
        let rows = Spenders::new(&buyers).unwrap();
        for at in [[6.2, 3.7, 0.4], [0.8, 1.3, 5.0]] {
            let here = surface(&rows.rows, &at, &Progress::default()).unwrap();
            for i in 0..3 {
                let moved = |by: f64| {
                    let mut at = at;
                    at[i] *= 1.0 + by;
                    surface(&rows.rows, &at, &Progress::default()).unwrap()
                };
                let (below, above, step) = (moved(-1e-5), moved(1e-5), 2e-5 * at[i]);
                let near = |found: f64, expected: f64| {
                    let off = (found - expected).abs();
                    assert!(off < 1e-7 * expected.abs().max(1.0), "{i}: {found} and {expected}");
                };
                near(here.gradient[i], (above.value - below.value) / step);
                for j in i..3 {
                    near(here.curvature[i][j], (above.gradient[j] - below.gradient[j]) / step);
                }
            }
        }
    }
}
