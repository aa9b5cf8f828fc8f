//! One customer in a service: `cargo bench --bench one_customer`. Without `--bench`, as `cargo test`
//! runs it, a small size only shows that it works.
//!
//! Prints a table in Markdown: of customers with 1 to 1,000 purchases, by each kind of model, the
//! median and the 99th percentile of microseconds to append a row, to score and to score with reasons,
//! on one thread and while another does the same, and the bytes of the saved history. Before it the
//! memory of 100,000 customers of ten purchases, behind it what appending costs with up to 1,000,000
//! rows of one customer, in the order of time and against it.

use std::error::Error;
use std::fs;
use std::time::Instant;

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
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
        ..NewTransaction::at(Timestamp::from_micros(time)?.into())
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

/// Nanoseconds of some work on each customer, over all of them again and again.
fn timed(
    customers: &[CustomerHistory],
    rounds: usize,
    mut work: impl FnMut(&CustomerHistory) -> winback::Result<()>,
) -> winback::Result<Vec<u64>> {
    let mut nanoseconds = Vec::new();
    for _ in 0..rounds {
        for customer in customers {
            let start = Instant::now();
            work(customer)?;
            nanoseconds.push(start.elapsed().as_nanos() as u64);
        }
    }
    Ok(nanoseconds)
}

/// Nanoseconds to append a row to each customer.
fn pushes(customers: &[CustomerHistory], time: i64) -> winback::Result<Vec<u64>> {
    let (mut nanoseconds, rng) = (Vec::new(), &mut Xoshiro256PlusPlus::seed_from_u64(4));
    for customer in customers {
        let mut customer = customer.clone();
        // The first one after a clone copies the rows.
        customer.push_transaction(row(rng, time)?)?;
        let row = row(rng, time)?;
        let start = Instant::now();
        customer.push_transaction(row)?;
        nanoseconds.push(start.elapsed().as_nanos() as u64);
    }
    Ok(nanoseconds)
}

/// The work on one thread, once more while another does the same: of each the median and the 99th
/// percentile in microseconds, as cells of the table.
fn alone_and_beside(
    work: &(dyn Fn() -> winback::Result<Vec<u64>> + Sync),
) -> winback::Result<String> {
    // The first time warms the caches.
    work()?;
    let alone = work()?;
    let beside = std::thread::scope(|scope| {
        scope.spawn(|| work().map(drop));
        work()
    })?;
    let cell = |mut nanoseconds: Vec<u64>| {
        nanoseconds.sort_unstable();
        let at = |share: f64| nanoseconds[(nanoseconds.len() as f64 * share) as usize] as f64;
        format!("{:.2} / {:.2}", at(0.5) / 1e3, at(0.99) / 1e3)
    };
    Ok(format!("{} | {}", cell(alone), cell(beside)))
}

fn memory() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) * 1024.0
}

fn shop(customers: usize) -> winback::Result<EventLog> {
    let shop = Simulation::default().customers(customers).run()?;
    EventLog::builder()
        .transactions([shop.transactions])
        .tickets([shop.tickets])
        .surveys([shop.surveys])
        .observed_until("2025-01-01")?
        .build()
}

fn memory_of_many(count: usize, end: Timestamp) -> winback::Result<()> {
    let model = ChurnModel::builder().estimator("logistic")?.fit(&shop(400)?, "2024-10-01")?;
    let (before, rng) = (memory(), &mut Xoshiro256PlusPlus::seed_from_u64(2));
    let many = (0..count)
        .map(|_| customer_of(&model, rng, 10, end.micros()))
        .collect::<Result<Vec<_>, _>>()?;
    many.iter().try_for_each(|customer| model.score_customer(customer, end).map(drop))?;
    let each = (memory() - before) / count as f64;
    println!("{count} customers of ten purchases: {each:.0} bytes of memory each\n");
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let bench = std::env::args().any(|arg| arg == "--bench");
    let (most_rows, count, rounds) = if bench { (1_000_000, 500, 20) } else { (100, 2, 1) };
    let end: Timestamp = "2025-01-01".parse()?;
    // First, for what training gives back would be taken again.
    memory_of_many(if bench { 100_000 } else { 10 }, end)?;
    let log = shop(if bench { 5_000 } else { 400 })?;
    println!(
        "| model | purchases | push | push, two threads | score | score, two threads | with reasons \
         | with reasons, two threads | bytes |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    );
    for name in ["logistic", "boosting", "average"] {
        let model = ChurnModel::builder().estimator(name)?.fit(&log, "2024-10-01")?;
        for purchases in [1, 10, 50, 1_000] {
            let rng = &mut Xoshiro256PlusPlus::seed_from_u64(2);
            let customers = (0..count)
                .map(|_| customer_of(&model, rng, purchases, end.micros()))
                .collect::<Result<Vec<_>, _>>()?;
            let options = ReasonOptions::default();
            let push = alone_and_beside(&|| pushes(&customers, end.micros() - 1))?;
            let score = alone_and_beside(&|| {
                timed(&customers, rounds, |customer| {
                    model.score_customer(customer, end).map(|score| assert!(score.is_some()))
                })
            })?;
            let reasons = alone_and_beside(&|| {
                timed(&customers, rounds.div_ceil(4), |customer| {
                    let found = model.explain_customer(customer, end, &options)?;
                    assert!(found.is_some());
                    Ok(())
                })
            })?;
            let bytes = customers.iter().map(|customer| customer.to_bytes().len()).sum::<usize>();
            let bytes = bytes / customers.len();
            println!("| {name} | {purchases} | {push} | {score} | {reasons} | {bytes} |");
        }
    }

    let model = ChurnModel::builder().estimator("logistic")?.fit(&log, "2024-10-01")?;
    println!("\n| rows of one customer | in order, ns a row | against it |\n|---:|---:|---:|");
    for rows in [1, 100, 10_000, 1_000_000].into_iter().filter(|rows| *rows <= most_rows) {
        let (rising, falling) = (appends(&model, rows, true)?, appends(&model, rows, false)?);
        println!("| {rows} | {rising:.0} | {falling:.0} |");
    }
    Ok(())
}
