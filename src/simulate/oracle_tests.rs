use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};

use super::customer::SEGMENTS;
use super::season::DAYS_PER_YEAR;
use super::*;
use crate::time::{Span, Timestamp};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn asked(simulation: &Simulation, cutoff: &str) -> RecordBatch {
    simulation.oracle(&[at(cutoff)], Span::ZERO, Span::days(90)).unwrap()
}

/// Customer numbers and chances.
fn chances(batch: &RecordBatch) -> Vec<(usize, f64)> {
    let ids = batch["customer_id"].as_primitive::<Int64Type>().values();
    let values = batch["purchase_probability"].as_primitive::<Float64Type>().values();
    ids.iter().map(|&id| id as usize).zip(values.iter().copied()).collect()
}

/// Times of purchases in days since the start, by number; index 0 stays empty.
fn purchases(simulation: &Simulation, simulated: &Simulated) -> Vec<Vec<f64>> {
    let table = &simulated.transactions;
    let mut purchases = vec![Vec::new(); simulated.customers.num_rows() + 1];
    let ids = table["customer_id"].as_primitive::<Int64Type>();
    let times = table["time"].as_primitive::<TimestampMicrosecondType>();
    let amounts = table["amount"].as_primitive::<Float64Type>();
    for row in (0..table.num_rows()).filter(|&row| amounts.value(row) > 0.0) {
        let micros = times.value(row) - simulation.start.micros();
        let (own, t) = (&mut purchases[ids.value(row) as usize], micros as f64 / 86.4e9);
        if own.last() != Some(&t) {
            own.push(t);
        }
    }
    purchases
}

/// Chances and whether the customer bought in the 90 days after the cutoff.
fn with_outcomes(simulation: &Simulation, cutoff: &str) -> Vec<(f64, bool)> {
    let bought = purchases(simulation, &simulation.run().unwrap());
    let t = at(cutoff).days_since(simulation.start);
    let outcome = |id: usize| bought[id].iter().any(|&b| b >= t && b < t + 90.0);
    chances(&asked(simulation, cutoff)).into_iter().map(|(id, p)| (p, outcome(id))).collect()
}

fn log_loss(rows: &[(f64, bool)]) -> f64 {
    let loss = |&(p, came): &(f64, bool)| -(if came { p } else { 1.0 - p }).max(1e-9).ln();
    rows.iter().map(loss).sum::<f64>() / rows.len() as f64
}

/// Without pauses, fades, seasons and complaints it is a Pareto/NBD process, whose chances are integrals
/// (Schmittlein, Morrison, Colombo 1987): here by small steps.
#[test]
fn agrees_with_pareto_nbd_where_the_process_is_one() {
    let simulation = Simulation::default()
        .customers(120)
        .pauses_per_year(0.0)
        .fade_days(0.0)
        .december_peak(1.0)
        .complaint_effect(0.0)
        .survey_share(0.0);
    let cutoff = "2024-07-01";
    let t = at(cutoff).days_since(simulation.start);
    let simulated = simulation.run().unwrap();
    let bought = purchases(&simulation, &simulated);
    let segments = simulated.customers["segment"].as_dictionary::<arrow_array::types::Int32Type>();
    let (mut off, mut count) = (0.0, 0);
    for (id, chance) in chances(&asked(&simulation, cutoff)) {
        let own: Vec<f64> = bought[id].iter().copied().filter(|&b| b < t).collect();
        let (joined, last) = (own[0], own[own.len() - 1]);
        let factor = SEGMENTS[segments.keys().value(id - 1) as usize].1;
        let alpha = 1.5 / (simulation.purchases_per_year / DAYS_PER_YEAR * factor);
        let (shape, beta) = (1.5 + own.len() as f64 - 1.0, 2.0 * 2.0 * DAYS_PER_YEAR);
        // Relative to the last purchase, so that powers stay within range.
        let x = last - joined;
        let silent = |age: f64| ((alpha + x) / (alpha + age)).powf(shape);
        let alive = |age: f64| ((beta + x) / (beta + age)).powi(2);
        let left = |age: f64| 2.0 / (beta + age) * alive(age) * silent(age);
        let sum = |to: f64| {
            let steps = 4_000;
            let step = (to - x) / f64::from(steps);
            (0..steps).map(|i| left(x + (f64::from(i) + 0.5) * step) * step).sum::<f64>()
        };
        let nothing_until = |age: f64| sum(age) + alive(age) * silent(age);
        let exact = 1.0 - nothing_until(t + 90.0 - joined) / nothing_until(t - joined);
        assert!((chance - exact).abs() < 0.08, "{id}: {chance} and not {exact}");
        off += chance - exact;
        count += 1;
    }
    assert!(count > 90 && (off / f64::from(count)).abs() < 0.004, "{off} of {count}");
}

#[test]
fn as_many_come_as_are_expected() {
    let simulation = Simulation::default().customers(4_000);
    as_expected(&simulation.clone().events(true));
    as_expected(&simulation.clone().regularity(12));
    as_expected(&simulation.purchases_per_year(1.0).regularity(25).pauses_per_year(0.1));
}

fn as_expected(simulation: &Simulation) {
    let mut rows = with_outcomes(simulation, "2024-07-01");
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    for part in rows.chunks(rows.len().div_ceil(6)) {
        let n = part.len() as f64;
        let expected = part.iter().map(|row| row.0).sum::<f64>() / n;
        let came = part.iter().filter(|row| row.1).count() as f64 / n;
        let error = (part.iter().map(|row| row.0 * (1.0 - row.0)).sum::<f64>()).sqrt() / n;
        assert!((came - expected).abs() < 3.5 * error + 0.01, "{expected} expected, {came} came");
    }
}

/// Between the cutoff and the window, purchases may come that nobody sees.
#[test]
fn a_lead_changes_little_where_purchases_are_purely_random() {
    let simulation = Simulation::default().customers(300);
    let with = |lead| {
        let lead = Span::days(lead);
        simulation.oracle(&[at("2024-07-01")], lead, Span::days(60)).unwrap()
    };
    let mean = |batch: &RecordBatch| {
        let all = chances(batch);
        all.iter().map(|row| row.1).sum::<f64>() / all.len() as f64
    };
    let [now, later] = [0, 30].map(|lead| mean(&with(lead)));
    assert!(later < now + 0.01 && later > now - 0.08, "{now} {later}");
    let regular = simulation.clone().regularity(8).purchases_per_year(5.0);
    let bought = purchases(&regular, &regular.run().unwrap());
    let t = at("2024-07-01").days_since(regular.start);
    let asked = regular.oracle(&[at("2024-07-01")], Span::days(40), Span::days(60)).unwrap();
    let (mut expected, mut came) = (0.0, 0.0);
    for (id, p) in chances(&asked) {
        expected += p;
        came += f64::from(u8::from(bought[id].iter().any(|&b| b >= t + 40.0 && b < t + 100.0)));
    }
    assert!(f64::abs(expected - came) < 3.0 * (expected * 0.25).sqrt(), "{expected} {came}");
}

#[test]
fn what_is_seen_of_events_tells_more() {
    let without = Simulation::default().customers(1_500);
    let with = without.clone().events(true);
    let [without, with] = [&without, &with].map(|s| log_loss(&with_outcomes(s, "2024-07-01")));
    assert!(with < without - 0.01, "{with} with events, {without} without");
}

#[test]
fn chances_depend_on_nothing_but_the_customer_and_the_cutoff() {
    let few = Simulation::default().customers(40).events(true);
    let many = few.clone().customers(300);
    let cutoffs = ["2023-01-01", "2024-03-01"].map(at);
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let ask =
        |s: &Simulation, at: &[Timestamp]| s.oracle(at, Span::days(7), Span::days(60)).unwrap();
    let all = ask(&many, &cutoffs);
    assert!(all == one.install(|| ask(&many, &cutoffs)));
    let small = ask(&few, &cutoffs);
    assert!(small == all.slice(0, small.num_rows()));
    let later = ask(&few, &cutoffs[1..]);
    let rows: Vec<f64> = (0..small.num_rows())
        .filter(|&row| {
            small["cutoff"].as_primitive::<TimestampMicrosecondType>().value(row)
                == cutoffs[1].micros()
        })
        .map(|row| small["purchase_probability"].as_primitive::<Float64Type>().value(row))
        .collect();
    assert_eq!(rows, later["purchase_probability"].as_primitive::<Float64Type>().values().to_vec());
}

/// What happens at or after the cutoff, or is known later, changes no chance: the process is the same
/// however long it is simulated.
#[test]
fn nothing_later_changes_a_chance() {
    let long = Simulation::default().customers(150).joined_at_start(1.0);
    let short = long.clone().end(at("2024-03-01"));
    assert!(asked(&long, "2024-03-01") == asked(&short, "2024-03-01"));
}

#[test]
fn asks_only_what_can_be_told() {
    let simulation = Simulation::default().customers(3);
    let ask = |cutoff: &str, horizon| simulation.oracle(&[at(cutoff)], Span::ZERO, horizon);
    let day = Span::days(1);
    assert_eq!(
        ask("2022-01-01", day).unwrap_err().to_string(),
        "at: expected times after 2022-01-01 up to 2025-01-01, got 2022-01-01"
    );
    assert!(ask("2025-01-02", day).is_err());
    assert!(ask("2024-01-01", Span::ZERO).unwrap_err().to_string().starts_with("horizon: "));
    assert!(simulation.oracle(&[], Span::ZERO, day).is_err());
    assert!(ask("2025-01-01", day).is_ok());
}
