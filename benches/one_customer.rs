//! One customer in a service: `cargo bench --bench one_customer`. Without `--bench`, as `cargo test`
//! runs it, a small size only shows that it works.
//!
//! Prints lines of JSON: nanoseconds to append each of 1 to 1,000,000 rows of one customer and read
//! the history once, in the order of time and against it; of customers with 1 to 1,000 purchases, by
//! each kind of model, the median and the 99th percentile of nanoseconds to append a row, to score and
//! to score with reasons, on one thread and while another scores too, and the bytes of the saved
//! history; and the memory of 100,000 customers.

use std::error::Error;
use std::fs;
use std::time::Instant;

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::{Value, json};
use winback::explain::ReasonOptions;
use winback::log::{CustomerHistory, NewTransaction};
use winback::simulate::Simulation;
use winback::{ChurnModel, EventLog, Timestamp};

const DAY: i64 = 86_400_000_000;

/// A row like those that the models were trained on.
fn row(rng: &mut Xoshiro256PlusPlus, time: i64) -> winback::Result<NewTransaction<'static>> {
    Ok(NewTransaction {
        amount: Some(rng.random_range(100..10_000) as f64 / 100.0),
        order_id: Some(rng.random_range(0..1 << 40).into()),
        category: Some(["books", "toys", "garden"][rng.random_range(0..3)]),
        channel: Some(["web", "shop"][rng.random_range(0..2)]),
        ..NewTransaction::at(Timestamp::from_micros(time)?)
    })
}

fn customer_of(
    model: &ChurnModel,
    rng: &mut Xoshiro256PlusPlus,
    purchases: usize,
    end: i64,
) -> winback::Result<CustomerHistory> {
    let mut customer = model.customer_history();
    let mut times: Vec<i64> =
        (0..purchases).map(|_| end - rng.random_range(1..700 * DAY)).collect();
    times.sort_unstable();
    for time in times {
        customer.push_transaction(row(rng, time)?)?;
    }
    Ok(customer)
}

/// Nanoseconds a row to append so many and read the history.
fn appends(model: &ChurnModel, rows: i64, rising: bool) -> Result<f64, Box<dyn Error>> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let end: Timestamp = "2025-01-01".parse()?;
    let time = |i: i64| end.micros() - DAY - if rising { rows - i } else { i } * 60_000_000;
    let rows_made = (0..rows).map(|i| row(&mut rng, time(i))).collect::<Result<Vec<_>, _>>()?;
    let start = Instant::now();
    let mut customer = model.customer_history();
    for row in rows_made {
        customer.push_transaction(row)?;
    }
    assert!(!customer.history(end).purchases().is_empty());
    Ok(start.elapsed().as_nanos() as f64 / rows as f64)
}

/// Median and 99th percentile of nanoseconds, over all customers again and again.
fn timed(
    customers: &[CustomerHistory],
    rounds: usize,
    mut work: impl FnMut(&CustomerHistory) -> winback::Result<()>,
) -> winback::Result<Value> {
    let mut nanoseconds = Vec::new();
    for _ in 0..rounds {
        for customer in customers {
            let start = Instant::now();
            work(customer)?;
            nanoseconds.push(start.elapsed().as_nanos() as u64);
        }
    }
    Ok(middle_and_end(nanoseconds))
}

fn middle_and_end(mut nanoseconds: Vec<u64>) -> Value {
    nanoseconds.sort_unstable();
    let at = |share: f64| nanoseconds[(nanoseconds.len() as f64 * share) as usize];
    json!({ "median_ns": at(0.5), "p99_ns": at(0.99) })
}

/// To append a row to each customer.
fn pushes(
    customers: &[CustomerHistory],
    rng: &mut Xoshiro256PlusPlus,
    time: i64,
) -> winback::Result<Value> {
    let mut nanoseconds = Vec::new();
    for customer in customers {
        let mut customer = customer.clone();
        // The first one after a clone copies the rows.
        customer.push_transaction(row(rng, time)?)?;
        let row = row(rng, time)?;
        let start = Instant::now();
        customer.push_transaction(row)?;
        nanoseconds.push(start.elapsed().as_nanos() as u64);
    }
    Ok(middle_and_end(nanoseconds))
}

fn memory() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) * 1024.0
}

fn main() -> Result<(), Box<dyn Error>> {
    let bench = std::env::args().any(|arg| arg == "--bench");
    let (most_rows, count, rounds) = if bench { (1_000_000, 500, 20) } else { (100, 2, 1) };
    let shop = Simulation::default().customers(if bench { 5_000 } else { 400 }).run()?;
    let log = EventLog::builder()
        .transactions([shop.transactions])
        .tickets([shop.tickets])
        .surveys([shop.surveys])
        .observed_until("2025-01-01")?
        .build()?;
    let end: Timestamp = "2025-01-01".parse()?;
    for name in ["logistic", "boosting", "average"] {
        let model = ChurnModel::builder().estimator(name)?.fit(&log, "2024-10-01")?;
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
        if name == "logistic" {
            for rows in [1, 100, 10_000, 1_000_000].into_iter().filter(|rows| *rows <= most_rows) {
                let (rising, falling) =
                    (appends(&model, rows, true)?, appends(&model, rows, false)?);
                println!("{}", json!({ "rows": rows, "rising_ns": rising, "falling_ns": falling }));
            }
            let before = memory();
            let many = (0..if bench { 100_000 } else { 10 })
                .map(|_| customer_of(&model, &mut rng, 10, end.micros()))
                .collect::<Result<Vec<_>, _>>()?;
            many.iter().try_for_each(|customer| model.score_customer(customer, end).map(drop))?;
            let each = (memory() - before) / many.len() as f64;
            println!("{}", json!({ "customers": many.len(), "bytes_of_memory_each": each }));
        }
        for purchases in [1, 10, 50, 1_000] {
            let customers = (0..count)
                .map(|_| customer_of(&model, &mut rng, purchases, end.micros()))
                .collect::<Result<Vec<_>, _>>()?;
            let score = || {
                timed(&customers, rounds, |customer| {
                    model.score_customer(customer, end).map(|score| assert!(score.is_some()))
                })
            };
            score()?;
            let options = ReasonOptions::default();
            let explain = || {
                timed(&customers, rounds.div_ceil(4), |customer| {
                    let found = model.explain_customer(customer, end, &options)?;
                    assert!(found.is_some());
                    Ok(())
                })
            };
            explain()?;
            let push = pushes(&customers, &mut rng, end.micros() - 1)?;
            let (alone, explained) = (score()?, explain()?);
            let beside = |work: &(dyn Fn() -> winback::Result<Value> + Sync)| {
                std::thread::scope(|scope| {
                    scope.spawn(|| work().map(drop));
                    work()
                })
            };
            let (both, explained_both) = (beside(&score)?, beside(&explain)?);
            let bytes = customers.iter().map(|customer| customer.to_bytes().len()).sum::<usize>();
            println!(
                "{}",
                json!({
                    "estimator": name, "purchases": purchases, "bytes": bytes / customers.len(),
                    "push": push, "score": alone, "score_beside_another": both,
                    "score_with_reasons": explained,
                    "score_with_reasons_beside_another": explained_both,
                })
            );
        }
    }
    Ok(())
}
