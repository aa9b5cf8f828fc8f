//! Time of what campaigns compute: `cargo bench --features cli --bench campaign`.
//!
//! Prints one line of JSON, median seconds of some runs: `intervals`, 1,000 bootstraps of the measures
//! of uplift on Hillstrom's e-mail test (`WINBACK_DATA/hillstrom_email/hillstrom.parquet`: the women's
//! mail beside none, 42,693 customers, all scores different), and `target`, a list of 1,000,000 customers
//! × 3 offers of different costs within a budget. `--customers N`, `--bootstraps N`, `--runs N`.

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::json;
use winback::campaign::{Offer, Offers, TargetOptions};
use winback::log::{CustomerTable, IdSlice};
use winback::metrics::UpliftRanking;

/// The visits of Hillstrom's test, ranked by history with seeded noise, so that no two scores are equal.
fn ranking() -> Result<UpliftRanking, Box<dyn Error>> {
    let folder = std::env::var_os("WINBACK_DATA").ok_or("WINBACK_DATA is not set")?;
    let path = PathBuf::from(folder).join("hillstrom_email/hillstrom.parquet");
    let table = CustomerTable::of_path("hillstrom", path)?;
    let (visits, history) = (table.numbers("visit")?, table.numbers("history")?);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let (mut y, mut score, mut treated) = (Vec::new(), Vec::new(), Vec::new());
    for (row, segment) in table.texts("segment")?.into_iter().enumerate() {
        let segment = segment.unwrap_or_default();
        if segment == "Mens E-Mail" {
            continue;
        }
        y.push(visits[row]);
        score.push(history[row] + rng.random_range(0.0..1e-3));
        treated.push(segment == "Womens E-Mail");
    }
    Ok(UpliftRanking::new(&y, &score, &treated)?)
}

/// Offers that cost each customer something else, half of which pay.
fn offers(customers: usize) -> winback::Result<Offers> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
    let mut column =
        |most: f64| -> Vec<f64> { (0..customers).map(|_| rng.random_range(0.1..most)).collect() };
    let gains = [column(2.0), column(5.0), column(12.0)];
    let costs = [column(1.5), column(4.0), column(10.0)];
    let ids: Vec<i64> = (0..customers as i64).collect();
    let offer = |place: usize, name| Offer {
        name,
        gain: &gains[place],
        cost: winback::metrics::PerCustomer::Each(&costs[place]),
    };
    Offers::new(IdSlice::Int(&ids), &[offer(0, "letter"), offer(1, "voucher"), offer(2, "call")])
}

/// Median seconds of some runs.
fn median<T>(
    runs: usize,
    mut work: impl FnMut() -> winback::Result<T>,
) -> Result<f64, Box<dyn Error>> {
    let mut seconds = Vec::with_capacity(runs);
    for _ in 0..runs.max(1) {
        let start = Instant::now();
        std::hint::black_box(work()?);
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[seconds.len() / 2])
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let value = |name: &str, usual: usize| {
        let place = args.iter().position(|arg| arg == name);
        place.and_then(|place| args.get(place + 1)).map_or(Ok(usual), |text| text.parse())
    };
    let customers = value("--customers", 1_000_000)?;
    let (bootstraps, runs) = (value("--bootstraps", 1_000)?, value("--runs", 5)?);
    let ranking = ranking()?;
    let intervals = median(runs, || ranking.intervals(&[], bootstraps, 1))?;
    let offers = offers(customers)?;
    let options = TargetOptions::default().budget(Some(0.5 * customers as f64));
    let target = median(runs, || offers.target(&options))?;
    let found = json!({
        "customers": customers,
        "bootstraps": bootstraps,
        "intervals": intervals,
        "target": target,
    });
    println!("{found}");
    Ok(())
}
