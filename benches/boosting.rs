//! Time and memory of boosted trees: `cargo bench --bench boosting`.
//!
//! Fits 100 trees of 31 leaves to seeded data and prints one line of JSON: the median seconds of a
//! fit, seconds to predict all rows, median nanoseconds of a single row in 21 passes, seconds of contributions, and the
//! peak of memory during the fit beyond what was there before. `--rows N` and `--columns N` change the
//! size, `--runs N` the number of fits, `--shap N` asks for the contributions of N rows, and `--background N`
//! for those against so many rows of the data.
//!
//! For the programs `compare_*.py` on trees: `--dump DIR` writes the data and ends;
//! `--data DIR` reads it (x.f64, y.u8, and where they are x_test.f64 to predict and validation.u8 to
//! hold rows out); `--estimator tree` fits a single tree; `--set NAME=VALUE` sets a parameter;
//! `--categories COLUMN:LEVELS,...` names the categories; `--out FILE` gets the probabilities.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use ndarray::{Array2, Axis};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::{Map, Value, json};
use winback::models::trees::{Boosting, DecisionTree, TreeEnsemble};

type Table = (Array2<f64>, Vec<bool>);

/// Independent columns of every kind a churn table has, and an outcome that depends on five of them.
fn table(rows: usize, columns: usize) -> Table {
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

fn numbers(path: &Path) -> Result<Vec<f64>, Box<dyn Error>> {
    let bytes = fs::read(path)?;
    let (numbers, _) = bytes.as_chunks::<8>();
    Ok(numbers.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect())
}

fn marks(path: &Path) -> Result<Vec<bool>, Box<dyn Error>> {
    Ok(fs::read(path)?.into_iter().map(|byte| byte == 1).collect())
}

fn write_numbers<'a>(
    path: &Path,
    numbers: impl Iterator<Item = &'a f64>,
) -> Result<(), Box<dyn Error>> {
    Ok(fs::write(path, numbers.flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())?)
}

/// A field of /proc/self/status in megabytes; 0 where there is no such file.
fn memory(field: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}

/// What `--estimator` and `--set` ask for.
enum Estimator {
    Boosting(Boosting),
    Tree(DecisionTree),
}

impl Estimator {
    /// Settings on top of the defaults of a tree, or of LightGBM's for boosted trees.
    fn of(name: &str, settings: Map<String, Value>) -> Result<Self, Box<dyn Error>> {
        if name == "tree" {
            return Ok(Estimator::Tree(serde_json::from_value(Value::Object(settings))?));
        }
        let mut all = serde_json::to_value(Boosting::lightgbm())?;
        let all_of = all.as_object_mut().ok_or("the parameters are no object")?;
        all_of.extend(settings);
        Ok(Estimator::Boosting(serde_json::from_value(all)?))
    }

    fn fit(
        &self,
        (x, y): &Table,
        categories: &[(usize, usize)],
        held_out: &[bool],
    ) -> winback::Result<TreeEnsemble> {
        match self {
            Estimator::Boosting(params) => {
                params.fit_held_out(x.view(), y, None, categories, held_out)
            }
            Estimator::Tree(params) => params.fit_weighted(x.view(), y, None, categories),
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let options = |name: &str| -> Vec<&String> {
        args.windows(2).filter(|pair| pair[0] == name).map(|pair| &pair[1]).collect()
    };
    let option = |name: &str| options(name).first().copied();
    let number = |name: &str, default: usize| option(name).map_or(Ok(default), |v| v.parse());
    // Without `--bench`, that is under `cargo test`, a small table shows that the program runs.
    let full = args.iter().any(|arg| arg == "--bench");
    let columns = number("--columns", 30)?;
    let (rows, runs) =
        (number("--rows", if full { 200_000 } else { 2_000 })?, number("--runs", 1)?);
    if let Some(folder) = option("--dump") {
        let (folder, (x, y)) = (Path::new(folder), table(rows, columns));
        write_numbers(&folder.join("x.f64"), x.iter())?;
        fs::write(folder.join("y.u8"), y.iter().map(|&y| u8::from(y)).collect::<Vec<_>>())?;
        return Ok(());
    }

    let folder = option("--data").map(Path::new);
    let read = |name: &str| folder.map(|f| f.join(name)).filter(|path| path.exists());
    let matrix =
        |values: Vec<f64>| Array2::from_shape_vec((values.len() / columns, columns), values);
    let data = match folder {
        Some(folder) => (matrix(numbers(&folder.join("x.f64"))?)?, marks(&folder.join("y.u8"))?),
        None => table(rows, columns),
    };
    let held_out = read("validation.u8").map_or(Ok(Vec::new()), |path| marks(&path))?;
    let mut settings = Map::new();
    for setting in options("--set") {
        let (name, value) = setting.split_once('=').ok_or("--set wants NAME=VALUE")?;
        settings.insert(name.to_owned(), serde_json::from_str(value)?);
    }
    let estimator = Estimator::of(option("--estimator").map_or("boosting", |n| n), settings)?;
    let mut categories = Vec::new();
    for pair in option("--categories").map_or("", |v| v).split(',').filter(|v| !v.is_empty()) {
        let (column, levels) = pair.split_once(':').ok_or("--categories wants COLUMN:LEVELS")?;
        categories.push((column.parse()?, levels.parse()?));
    }

    // Linux sets the peak back to what is in use now.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let before = memory("VmRSS");
    let mut seconds = Vec::new();
    let mut model = None;
    let mut peak = 0.0;
    for run in 0..runs.max(1) {
        let start = Instant::now();
        let fitted = estimator.fit(&data, &categories, &held_out)?;
        seconds.push(start.elapsed().as_secs_f64());
        if run == 0 {
            peak = memory("VmHWM") - before;
        }
        model = Some(fitted);
    }
    let Some(model) = model else { return Ok(()) };
    seconds.sort_by(f64::total_cmp);

    let test =
        read("x_test.f64").map(|path| numbers(&path)).transpose()?.map(matrix).transpose()?;
    let test = test.as_ref().unwrap_or(&data.0);
    let start = Instant::now();
    let probabilities = model.probabilities(test.view())?;
    let predict = start.elapsed().as_secs_f64();
    let mut result = json!({
        "fit_seconds": seconds[seconds.len() / 2],
        "predict_seconds": predict,
        "memory_mb": peak,
        "trees": model.tree_count(),
        "leaves": model.leaf_count(),
    });

    let singles = test.nrows().min(10_000);
    let mut passes = Vec::new();
    for _ in 0..21 {
        let start = Instant::now();
        let mut sum = 0.0;
        for row in test.rows().into_iter().take(singles) {
            sum += model.probability_row(row.as_slice().ok_or("rows lie together")?)?;
        }
        assert!(sum.is_finite());
        passes.push(start.elapsed().as_nanos() as f64 / singles as f64);
    }
    passes.sort_by(f64::total_cmp);
    result["row_nanoseconds"] = json!(passes[passes.len() / 2]);
    if let Some(rows) = option("--shap") {
        let rows = rows.parse::<usize>()?.min(test.nrows());
        let (part, _) = test.view().split_at(Axis(0), rows);
        let start = Instant::now();
        assert_eq!(model.contributions(part)?.nrows(), rows);
        result["shap_seconds"] = json!(start.elapsed().as_secs_f64());
        if let Some(background) = option("--background") {
            let background = background.parse::<usize>()?.min(data.0.nrows());
            let (background, _) = data.0.view().split_at(Axis(0), background);
            let start = Instant::now();
            let model = model.with_background(background)?;
            assert_eq!(model.interventional_contributions(0, part)?.nrows(), rows);
            result["interventional_seconds"] = json!(start.elapsed().as_secs_f64());
        }
    }
    if let Some(path) = option("--out") {
        write_numbers(Path::new(path), probabilities.iter())?;
    }
    println!("{result}");
    Ok(())
}
