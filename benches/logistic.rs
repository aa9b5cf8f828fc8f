//! Median seconds of a fit of 200,000 rows × 30 columns: `cargo bench --bench logistic -- [fits]`.
//! `benches/compare_logistic.py` sets it against scikit-learn.

use std::time::Instant;

use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;
use winback::models::{Logistic, Solver};

const ROWS: usize = 200_000;
const COLUMNS: usize = 30;

fn main() -> winback::Result<()> {
    // Cargo adds `--bench`; numbers are ours: fits, rows, columns, and then the solver's name.
    let given: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let number =
        |i: usize, default: usize| given.get(i).and_then(|a| a.parse().ok()).unwrap_or(default);
    let (fits, rows, columns) = (number(0, 5).max(1), number(1, ROWS), number(2, COLUMNS));
    let solver = given.get(3).map_or(Ok(Solver::Auto), |name| name.parse())?;

    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let x = Array2::from_shape_simple_fn((rows, columns), || random.sample(StandardNormal));
    let slope: Vec<f64> = (0..columns)
        .map(|_| random.sample::<f64, _>(StandardNormal) * 1.6 / (columns as f64).sqrt())
        .collect();
    let y: Vec<bool> = (x.rows().into_iter())
        .map(|row| {
            let score: f64 = row.iter().zip(&slope).map(|(x, w)| x * w).sum::<f64>() - 1.6;
            random.random::<f64>() < 1.0 / (1.0 + (-score).exp())
        })
        .collect();

    let model = Logistic::scikit_learn().solver(solver);
    let mut seconds = Vec::with_capacity(fits);
    for _ in 0..fits {
        let start = Instant::now();
        std::hint::black_box(model.fit_weighted(x.view(), &y, None)?);
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    println!("{:.4}", seconds[fits / 2]);
    Ok(())
}
