//! Time of the base over time from a built log: `cargo bench --bench retention`.
//!
//! Makes seeded transactions (10 a customer within 1,000 days) and prints one line of JSON: median
//! seconds of the monthly cohort table, flow and retention, and of a migration between two cutoffs.
//! `--rows N`, `--runs N`; `-o FILE` writes the transactions as Parquet, for rivals.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, TimestampMicrosecondArray};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::json;
use winback::labels::LifecycleLimits;
use winback::periods::PeriodOptions;
use winback::retention::{
    CohortOptions, Cohorts, Flow, FlowOptions, Migration, MigrationOptions, Retention,
    RetentionOptions,
};
use winback::{EventLog, Timestamp};

const DAY: i64 = 86_400_000_000;

fn transactions(rows: usize) -> Result<RecordBatch, Box<dyn Error>> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let start: Timestamp = "2022-01-01".parse()?;
    let customers = (rows as i64 / 10).max(1);
    let customer = (0..rows).map(|_| rng.random_range(0..customers));
    let customer: ArrayRef = Arc::new(Int64Array::from_iter_values(customer));
    let time = (0..rows).map(|_| start.micros() + rng.random_range(0..1000 * DAY));
    let time: ArrayRef = Arc::new(TimestampMicrosecondArray::from_iter_values(time));
    let amount = (0..rows).map(|_| rng.random_range(100..10_000) as f64 / 100.0);
    let amount: ArrayRef = Arc::new(Float64Array::from_iter_values(amount));
    Ok(RecordBatch::try_from_iter([("customer_id", customer), ("time", time), ("amount", amount)])?)
}

/// Median seconds of some runs.
fn median(
    runs: usize,
    mut work: impl FnMut() -> winback::Result<()>,
) -> Result<f64, Box<dyn Error>> {
    let mut seconds = Vec::with_capacity(runs);
    for _ in 0..runs.max(1) {
        let start = Instant::now();
        work()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[seconds.len() / 2])
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let value =
        |name: &str| args.iter().position(|arg| arg == name).and_then(|place| args.get(place + 1));
    let rows = value("--rows").map_or(Ok(5_000_000), |text| text.parse())?;
    let runs = value("--runs").map_or(Ok(7), |text| text.parse())?;
    let table = transactions(rows)?;
    if let Some(path) = value("-o") {
        winback::answer::output::write_table(&table, path)?;
    }
    let log = EventLog::builder().transactions([table]).observed_until("2024-09-27")?.build()?;
    let months = PeriodOptions::default();
    let limits = LifecycleLimits::default();
    let cohorts = median(runs, || Cohorts::new(&log, &CohortOptions::default()).map(drop))?;
    let flow = median(runs, || {
        Flow::new(&log, &FlowOptions::default().periods(months).limits(limits)).map(drop)
    })?;
    let retention = median(runs, || {
        Retention::by_period(&log, &RetentionOptions::default().periods(months)).map(drop)
    })?;
    let (start, end) = ("2024-01-01", "2024-07-01");
    let options = MigrationOptions::default();
    let migration = median(runs, || {
        Migration::lifecycle(&log.at(start).unwrap(), &log.at(end).unwrap(), limits, &options)
            .map(drop)
    })?;
    let found = json!({
        "rows": rows, "cohorts": cohorts, "flow": flow, "retention": retention,
        "migration": migration,
    });
    println!("{found}");
    Ok(())
}
