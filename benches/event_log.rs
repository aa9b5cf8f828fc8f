//! Time and memory of the event log and its features: `cargo bench --bench event_log`.
//!
//! Makes seeded transactions (10 a customer, 20 categories), builds a log from Arrow and computes
//! features, and prints one line of JSON: median seconds of building, of twelve features and of all
//! at one cutoff, of the twelve at six cutoffs, of appending a thousandth of the rows; gigabytes a
//! second that this machine copies in memory, to judge them by; nanoseconds to score one customer of
//! 50 purchases in a service; and the peak of memory beyond the input in megabytes.
//! `--rows N`, `--runs N`; `--only NAME` times one of them; `--ids integers|sparse|texts`;
//! `--ordered` sorts the rows by time.

use std::error::Error;
use std::fs;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;
use serde_json::{Value, json};
use winback::features::FeatureTable;
use winback::log::NewTransaction;
use winback::simulate::Simulation;
use winback::{ChurnModel, EventLog, Timestamp};

const DAY: i64 = 86_400_000_000;
const TWELVE: [&str; 12] = [
    "days_since_last_purchase",
    "purchase_count",
    "average_check",
    "total_spend",
    "tenure_days",
    "last_check",
    "purchase_count_30d",
    "purchase_count_90d",
    "purchase_count_180d",
    "mean_gap_days",
    "gap_cv",
    "category_count",
];

fn transactions(
    rows: usize,
    customers: i64,
    ids: &str,
    ordered: bool,
) -> Result<RecordBatch, Box<dyn Error>> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let start: Timestamp = "2022-01-01".parse()?;
    let customer: Vec<i64> = (0..rows).map(|_| rng.random_range(0..customers)).collect();
    let mut time: Vec<i64> =
        (0..rows).map(|_| start.micros() + rng.random_range(0..1000 * DAY)).collect();
    if ordered {
        time.sort_unstable();
    }
    let amount = (0..rows).map(|_| rng.random_range(100..10_000) as f64 / 100.0);
    let amount = Float64Array::from_iter_values(amount);
    let category = Int32Array::from_iter_values((0..rows).map(|_| rng.random_range(0..20)));
    let names = StringArray::from_iter_values((0..20).map(|i| format!("category {i}")));
    let category = DictionaryArray::<Int32Type>::try_new(category, Arc::new(names))?;
    let sparse = |id: i64| id.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as i64) >> 1;
    let ids: ArrayRef = match ids {
        "texts" => {
            Arc::new(StringArray::from_iter_values(customer.iter().map(|id| format!("C{id:09}"))))
        }
        "sparse" => Arc::new(Int64Array::from_iter_values(customer.into_iter().map(sparse))),
        _ => Arc::new(Int64Array::from(customer)),
    };
    Ok(RecordBatch::try_from_iter([
        ("customer_id", ids),
        ("time", Arc::new(TimestampMicrosecondArray::from(time)) as ArrayRef),
        ("amount", Arc::new(amount)),
        ("category", Arc::new(category)),
    ])?)
}

fn memory(field: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    number.unwrap_or(f64::NAN) / 1024.0
}

/// The median seconds of some runs.
fn seconds(
    runs: usize,
    work: &mut dyn FnMut() -> Result<(), winback::Error>,
) -> Result<f64, Box<dyn Error>> {
    let mut seconds = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        work()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[runs / 2])
}

/// Bytes a second that all threads together copy in memory that was used before: those read and those
/// written.
fn copied_per_second() -> f64 {
    let from = vec![1u64; 1 << 25];
    let mut to = vec![0u64; 1 << 25];
    let mut best = f64::INFINITY;
    for _ in 0..7 {
        let start = Instant::now();
        let blocks = to.par_chunks_mut(1 << 17).zip(from.par_chunks(1 << 17));
        blocks.for_each(|(to, from)| to.copy_from_slice(from));
        best = best.min(start.elapsed().as_secs_f64());
    }
    16.0 * from.len() as f64 / best
}

/// Nanoseconds to score one of 1,000 customers with 50 purchases each by boosted trees.
fn one_customer() -> Result<Value, Box<dyn Error>> {
    let shop = Simulation::default().customers(2_000).run()?;
    let log = EventLog::builder()
        .transactions([shop.transactions])
        .tickets([shop.tickets])
        .surveys([shop.surveys])
        .observed_until("2025-01-01")?
        .build()?;
    let model = ChurnModel::builder().estimator("boosting")?.fit(&log, "2024-10-01")?;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
    let cutoff: Timestamp = "2025-01-01".parse()?;
    let mut customers = Vec::new();
    for _ in 0..1_000 {
        let mut customer = model.customer_history();
        for _ in 0..50 {
            let time = Timestamp::from_micros(cutoff.micros() - rng.random_range(1..700 * DAY))?;
            customer.push_transaction(NewTransaction {
                amount: Some(rng.random_range(100..10_000) as f64 / 100.0),
                category: Some(["books", "toys", "garden"][rng.random_range(0..3)]),
                channel: Some(["web", "shop"][rng.random_range(0..2)]),
                ..NewTransaction::at(time.into())
            })?;
        }
        customers.push(customer);
    }
    let mut nanoseconds = Vec::new();
    for _ in 0..11 {
        for customer in &customers {
            let start = Instant::now();
            let score = model.score_customer(customer, cutoff)?;
            nanoseconds.push(start.elapsed().as_nanos() as u64);
            assert!(score.is_some());
        }
    }
    nanoseconds.sort_unstable();
    let at = |share: f64| nanoseconds[(nanoseconds.len() as f64 * share) as usize];
    Ok(json!({ "median_ns": at(0.5), "p99_ns": at(0.99) }))
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let option = |name: &str| args.iter().position(|arg| arg == name).and_then(|i| args.get(i + 1));
    let number =
        |name: &str, default: usize| option(name).map_or(Ok(default), |text| text.parse::<usize>());
    let bench = args.iter().any(|arg| arg == "--bench");
    let rows = number("--rows", if bench { 5_000_000 } else { 1_000 })?;
    let runs = number("--runs", if bench { 5 } else { 1 })?.max(1);
    let ids = option("--ids").map_or("integers", String::as_str);
    let customers = (rows / 10).max(1) as i64;
    let batch = transactions(rows, customers, ids, args.iter().any(|arg| arg == "--ordered"))?;

    // Linux sets the peak back to what is in use now.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let before = memory("VmRSS");
    let build =
        || EventLog::builder().transactions([batch.clone()]).observed_until("last_event")?.build();
    let cutoffs: Vec<Timestamp> = (0..6)
        .map(|i| Timestamp::from_micros("2024-07-01".parse::<Timestamp>()?.micros() - i * 30 * DAY))
        .collect::<Result<_, _>>()?;
    let log = build()?;
    let twelve = || FeatureTable::extract_some(&log, &cutoffs[..1], &TWELVE, &[]);
    twelve()?;
    let peak = memory("VmHWM") - before;
    let mut result = json!({ "rows": rows, "ids": ids, "memory_mb": peak });
    let mut time = |name: &str, work: &mut dyn FnMut() -> Result<(), winback::Error>| {
        if option("--only").is_none_or(|only| only == name) {
            result[name] = json!(seconds(runs, work)?);
        }
        Ok::<(), Box<dyn Error>>(())
    };
    time("build", &mut || build().map(drop))?;
    time("twelve", &mut || twelve().map(drop))?;
    time("all", &mut || FeatureTable::extract(&log, &cutoffs[..1], &[]).map(drop))?;
    time("six_cutoffs", &mut || {
        FeatureTable::extract_some(&log, &cutoffs, &TWELVE, &[]).map(drop)
    })?;
    let day = transactions(rows / 1000, customers, ids, true)?;
    time("append_a_thousandth", &mut || {
        let day = EventLog::builder().transactions([day.clone()]).observed_until("2025-01-01")?;
        day.append_to(&log).map(drop)
    })?;
    if option("--only").is_none_or(|only| only == "copy") && bench {
        result["copied_gb_per_second"] = json!(copied_per_second() / 1e9);
    }
    if option("--only").is_none_or(|only| only == "one_customer") {
        result["one_customer"] = one_customer()?;
    }
    println!("{result}");
    Ok(())
}
