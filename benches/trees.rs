//! Time to fit a decision tree: `cargo bench --bench trees`.
//!
//! Prints the median seconds of fits at depth 6 to seeded data. `--rows N`, `--columns N` and
//! `--runs N` change the size; `--dump DIR` writes the data for `compare_trees.py` and ends.

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use winback::models::trees::DecisionTree;

/// Independent columns of every kind a churn table has, and an outcome that depends on five of them.
fn table(rows: usize, columns: usize) -> (Array2<f64>, Vec<bool>) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let x = Array2::from_shape_fn((rows, columns), |(_, column)| {
        let u: f64 = rng.random();
        match column % 3 {
            0 => -(1.0 - u).ln() * 30.0, // days of silence
            1 => (u * u * 40.0).floor(), // a count
            _ => u,
        }
    });
    let y = x
        .rows()
        .into_iter()
        .map(|row| {
            let at = |column: usize| row[column % columns];
            let score = 0.03 * at(0) - 0.1 * at(1) + 2.0 * at(2) * at(5) + 0.01 * at(3) - 1.0;
            rng.random::<f64>() < 1.0 / (1.0 + f64::exp(-score))
        })
        .collect();
    (x, y)
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let option = |name: &str| args.iter().position(|a| a == name).and_then(|i| args.get(i + 1));
    let number = |name: &str, default: usize| option(name).map_or(Ok(default), |v| v.parse());
    // Without `--bench`, that is under `cargo test`, a small table shows that the program runs.
    let full = args.iter().any(|arg| arg == "--bench");
    let rows = number("--rows", if full { 200_000 } else { 2_000 })?;
    let columns = number("--columns", 30)?;
    let runs = number("--runs", 7)?.max(1);

    let (x, y) = table(rows, columns);
    if let Some(folder) = option("--dump") {
        let folder = std::path::Path::new(folder);
        let mut file = std::io::BufWriter::new(std::fs::File::create(folder.join("x.f64"))?);
        x.iter().try_for_each(|value| file.write_all(&value.to_le_bytes()))?;
        file.flush()?;
        std::fs::write(folder.join("y.u8"), y.iter().map(|&y| u8::from(y)).collect::<Vec<_>>())?;
        return Ok(());
    }
    let params = DecisionTree::default().max_depth(6);
    let mut seconds: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            let tree = params.fit_weighted(x.view(), &y, None, &[])?;
            let elapsed = start.elapsed().as_secs_f64();
            assert!(tree.leaf_count() > 1);
            Ok(elapsed)
        })
        .collect::<winback::Result<_>>()?;
    seconds.sort_by(f64::total_cmp);
    println!("decision_tree/rows={rows}/columns={columns}/depth=6 {:.4}", seconds[runs / 2]);
    Ok(())
}
