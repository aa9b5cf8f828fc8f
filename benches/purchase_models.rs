//! Time of models of purchases: `cargo bench --bench purchase_models`. For each model the fit, the
//! chance to buy within 90 days and the interval of the next purchase of 1,000,000 customers, in
//! whole days. Without `--bench`, as `cargo test` runs it, few customers only show that it works.

use std::time::Instant;

use rand::{RngExt, SeedableRng};
use rand_distr::{Beta, Distribution, Exp, Gamma};
use rand_xoshiro::Xoshiro256PlusPlus;
use winback::timing::{BetaGeo, Buyer, Buyers, FittedPurchaseModel, ModifiedBetaGeo, ParetoNBD};

/// Customers who buy and leave as the MBG/NBD model says, known for up to two years.
fn customers(count: usize) -> Result<Buyers, Box<dyn std::error::Error>> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    let (rates, chances) = (Gamma::new(0.55, 1.0 / 40.0)?, Beta::new(0.9, 1.6)?);
    let mut columns: [Vec<f64>; 3] = Default::default();
    for _ in 0..count {
        let t: f64 = random.random_range(30.0..730.0);
        let rate: f64 = rates.sample(&mut random);
        let gaps = Exp::new(rate.max(1e-9))?;
        let chance = chances.sample(&mut random);
        let (mut now, mut x) = (0.0, 0.0);
        while random.random::<f64>() >= chance {
            let gap: f64 = gaps.sample(&mut random);
            if now + gap > t {
                break;
            }
            now += gap;
            x += 1.0;
        }
        // What is bought on the first day belongs to the first purchase.
        let days = now.floor();
        let row = if days > 0.0 { [x, days, t.ceil()] } else { [0.0, 0.0, t.ceil()] };
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
    }
    Ok(Buyers::new(&columns[0], &columns[1], &columns[2])?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count = if std::env::args().any(|a| a == "--bench") { 1_000_000 } else { 500 };
    let buyers = customers(count)?;
    let mut rows: Vec<[u64; 3]> = buyers.rows().iter().map(bits).collect();
    rows.sort_unstable();
    rows.dedup();
    println!("purchase_models/customers={count}: {} distinct rows", rows.len());
    let whole = Instant::now();
    time("BetaGeo", &buyers, || BetaGeo::default().fit(&buyers))?;
    time("ModifiedBetaGeo", &buyers, || ModifiedBetaGeo::default().fit(&buyers))?;
    time("ParetoNBD", &buyers, || ParetoNBD::default().fit(&buyers))?;
    println!("all: {:.2} s", whole.elapsed().as_secs_f64());
    Ok(())
}

fn bits(buyer: &Buyer) -> [u64; 3] {
    [buyer.frequency(), buyer.recency().to_bits(), buyer.t().to_bits()]
}

fn time(
    name: &str,
    buyers: &Buyers,
    fit: impl FnOnce() -> winback::Result<FittedPurchaseModel>,
) -> winback::Result<()> {
    let clock = Instant::now();
    let model = fit()?;
    let fitted = clock.elapsed().as_secs_f64();
    let chances = buyers.map(|buyer| model.purchase_probability(buyer, 90.0).unwrap_or(f64::NAN));
    let chance = clock.elapsed().as_secs_f64();
    let wait = |buyer, u| model.wait_if_ever(buyer, u).ok().flatten();
    let waits = buyers.map(|buyer| {
        let likely = model.p_ever(buyer) >= 0.5;
        likely.then(|| [wait(buyer, 0.1), wait(buyer, 0.5), wait(buyer, 0.9)])
    });
    let next = clock.elapsed().as_secs_f64();
    println!(
        "{name}: fit {fitted:.2} s, chance {:.2} s, next purchase {:.2} s; {} customers, {} with a date",
        chance - fitted,
        next - chance,
        chances.len(),
        waits.iter().flatten().count()
    );
    Ok(())
}
