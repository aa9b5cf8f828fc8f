//! Fits hessboost 0.4.6 to the data of `cargo bench --bench boosting -- --dump DIR`.
//!
//! `cargo build --release`, then `hessboost-bench --data DIR --columns N [--out FILE] [--shap N]
//! [--runs R]` prints one line of JSON, as the program `boosting` does; `compare_boosting.py
//! --hessboost` calls it. The number of threads is set by RAYON_NUM_THREADS.
//!
//! hessboost reads `f32`: the file is converted while it is read, outside of every time, and the
//! matrix borrows the converted values. It has no least number of rows in a leaf; the least sum of
//! hessians here is that of 20 rows before the first tree.

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use hessboost::config::GrowPolicy;
use hessboost::objective::RegLoss;
use hessboost::prelude::*;

type Outcome<T> = std::result::Result<T, Box<dyn Error>>;

fn read_f64(path: &Path) -> Outcome<Vec<f32>> {
    let file = File::open(path)?;
    let mut values = Vec::with_capacity(file.metadata()?.len() as usize / 8);
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut bytes = [0; 8];
    for _ in 0..values.capacity() {
        reader.read_exact(&mut bytes)?;
        values.push(f64::from_le_bytes(bytes) as f32);
    }
    Ok(values)
}

/// One line of `/proc/self/status`, in MB.
fn status(name: &str) -> Outcome<f64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find(|line| line.starts_with(name)).ok_or("no such line")?;
    Ok(line.split_whitespace().nth(1).ok_or("no number")?.parse::<f64>()? / 1024.0)
}

fn seconds<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<(f64, T)> {
    let start = Instant::now();
    let result = work()?;
    Ok((start.elapsed().as_secs_f64(), result))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().collect();
    let option = |name: &str| args.iter().position(|a| a == name).and_then(|i| args.get(i + 1));
    let number = |name: &str, default: usize| option(name).map_or(Ok(default), |v| v.parse());
    let folder = Path::new(option("--data").ok_or("--data DIR is needed")?);
    let columns = number("--columns", 30)?;
    let runs = number("--runs", 1)?.max(1);

    let x = Arc::new(read_f64(&folder.join("x.f64"))?);
    let y: Vec<f32> = std::fs::read(folder.join("y.u8"))?.into_iter().map(f32::from).collect();
    let test = folder.join("x_test.f64");
    let x_test = if test.exists() { Arc::new(read_f64(&test)?) } else { x.clone() };
    let matrix = |x: &Arc<Vec<f32>>| {
        DMatrix::from_dense_shared(x.clone(), x.len() / columns, columns, f32::NAN)
    };

    let rate = f64::from(y.iter().sum::<f32>()) / y.len() as f64;
    let params = TrainingParams::builder()
        .objective(Objective::BinaryLogistic(RegLoss::default()))
        .tree_method(TreeMethod::Hist)
        .grow_policy(GrowPolicy::LossGuide)
        .unlimited_depth()
        .max_leaves(31)
        .eta(0.1)
        .lambda(0.0)
        .max_bin(255)
        .min_child_weight(20.0 * rate * (1.0 - rate))
        .build()?;
    let fit = || seconds(|| Ok(train(&params, &matrix(&x)?.with_labels(&y)?, 100)?));

    std::fs::write("/proc/self/clear_refs", "5")?; // the peak starts again from here
    let before = status("VmRSS:")?;
    let (first, model) = fit()?;
    let memory = status("VmHWM:")? - before;
    let mut fits = vec![first];
    for _ in 1..runs {
        fits.push(fit()?.0);
    }

    let mut predictions = Vec::new();
    let mut p = Vec::new();
    for _ in 0..runs {
        let predict = || Ok(model.predict_rows(&x_test, Iterations::Best)?);
        let (elapsed, result) = seconds(predict)?;
        predictions.push(elapsed);
        p = result.as_slice().to_vec();
    }
    if let Some(file) = option("--out") {
        let bytes: Vec<u8> = p.iter().flat_map(|&p| f64::from(p).to_le_bytes()).collect();
        std::fs::write(file, bytes)?;
    }

    let rows = x_test.len() / columns;
    let single = rows.min(10_000);
    let (row_seconds, ()) = seconds(|| {
        for row in x_test.chunks_exact(columns).take(single) {
            black_box(model.predict_row(black_box(row), Iterations::Best)?);
        }
        Ok(())
    })?;

    let mut shap = String::new();
    if option("--shap").is_some() {
        let n = number("--shap", 0)?.min(rows);
        let head = Arc::new(x_test[..n * columns].to_vec());
        let (elapsed, values) =
            seconds(|| Ok(model.predict_contribs(&matrix(&head)?, Iterations::Best)?))?;
        black_box(values);
        shap = format!("\"shap_seconds\": {elapsed}, ");
    }
    println!(
        "{{\"fit_seconds\": {}, \"predict_seconds\": {}, \"row_nanoseconds\": {}, {shap}\
         \"memory_mb\": {memory}, \"trees\": {}, \"version\": \"hessboost 0.4.6\"}}",
        median(fits),
        median(predictions),
        row_seconds * 1e9 / single as f64,
        model.num_trees()
    );
    Ok(())
}
