//! Rows per second of the simulation: `cargo bench --bench simulate`. Without `--bench`, as
//! `cargo test` runs it, a small size only shows that it works.

use std::time::Instant;

use winback::simulate::Simulation;

fn main() -> winback::Result<()> {
    let sizes: &[usize] =
        if std::env::args().any(|a| a == "--bench") { &[5_000, 50_000, 350_000] } else { &[100] };
    for &customers in sizes {
        let simulation = Simulation::default().customers(customers);
        let clock = Instant::now();
        let rows = simulation.run()?.transactions.num_rows();
        let seconds = clock.elapsed().as_secs_f64();
        println!(
            "simulate/customers={customers}/seed={}: {rows} rows, {seconds:.2} s",
            simulation.seed
        );
    }
    Ok(())
}
