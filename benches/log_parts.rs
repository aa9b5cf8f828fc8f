//! The parts of the event log and its features, timed by criterion: `cargo bench --bench log_parts`.
//!
//! Building from shuffled and ordered rows, with integers and texts as ids; every family of features
//! by itself; a log in parts on disk; one customer in a service. `compare_features.py` compares the
//! whole with other libraries.

use std::hint::black_box;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use winback::answer::output::write_table;
use winback::features::{Family, FeatureTable, catalogue};
use winback::log::{NewTransaction, PartitionOptions};
use winback::simulate::Simulation;
use winback::{ChurnModel, EventLog, Timestamp};

const ROWS: usize = 200_000;
const DAY: i64 = 86_400_000_000;

/// Ten rows a customer within 1,000 days.
fn transactions(texts: bool, ordered: bool) -> RecordBatch {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let start: Timestamp = "2022-01-01".parse().unwrap();
    let ids: Vec<i64> = (0..ROWS).map(|_| rng.random_range(0..ROWS as i64 / 10)).collect();
    let mut time: Vec<i64> =
        (0..ROWS).map(|_| start.micros() + rng.random_range(0..1000 * DAY)).collect();
    if ordered {
        time.sort_unstable();
    }
    let amount = (0..ROWS).map(|_| rng.random_range(100..10_000) as f64 / 100.0);
    let amount: ArrayRef = Arc::new(Float64Array::from_iter_values(amount));
    let category = (0..ROWS).map(|_| format!("category {}", rng.random_range(0..20)));
    let category: ArrayRef = Arc::new(StringArray::from_iter_values(category));
    let ids: ArrayRef = match texts {
        true => Arc::new(StringArray::from_iter_values(ids.iter().map(|id| format!("C{id:09}")))),
        false => Arc::new(Int64Array::from(ids)),
    };
    let time: ArrayRef = Arc::new(TimestampMicrosecondArray::from(time));
    let columns =
        [("customer_id", ids), ("time", time), ("amount", amount), ("category", category)];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn build(batch: &RecordBatch) -> EventLog {
    let builder = EventLog::builder().transactions([batch.clone()]);
    builder.observed_until("last_event").unwrap().build().unwrap()
}

fn logs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("build");
    group.sample_size(20).throughput(Throughput::Elements(ROWS as u64));
    for (ids, texts) in [("integers", false), ("texts", true)] {
        for (order, ordered) in [("shuffled", false), ("ordered", true)] {
            let batch = transactions(texts, ordered);
            group.bench_function(format!("{ids}, {order}"), |bencher| {
                bencher.iter(|| build(&batch));
            });
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.parquet");
    write_table(&transactions(false, false), &path).unwrap();
    let builder =
        || EventLog::builder().transactions_path(&path).unwrap().observed_until("last_event");
    group.bench_function("from Parquet", |bencher| {
        bencher.iter(|| builder().unwrap().build().unwrap());
    });
    let options = PartitionOptions::new(1 << 30).least_parts(8);
    group.bench_function("8 parts on disk", |bencher| {
        bencher.iter(|| {
            let log = builder().unwrap().partition(&options).unwrap();
            (0..log.parts()).for_each(|part| drop(black_box(log.part(part).unwrap())));
        });
    });
}

fn features(criterion: &mut Criterion) {
    let log = build(&transactions(false, false));
    let at = ["2024-07-01"];
    let all = FeatureTable::extract(&log, at, &[]).unwrap();
    let has = |name: &str| all.columns().iter().any(|column| column.name == name);
    let mut group = criterion.benchmark_group("features");
    group.sample_size(20).throughput(Throughput::Elements(log.customers().len() as u64));
    for family in [Family::Rfm, Family::Windows, Family::Rhythm, Family::Basket] {
        let names: Vec<&str> = catalogue()
            .filter(|feature| feature.family == family && has(feature.name))
            .map(|feature| feature.name)
            .collect();
        group.bench_function(family.name(), |bencher| {
            bencher.iter(|| FeatureTable::extract_some(&log, at, &names, &[]).unwrap());
        });
    }
    group.bench_function("all", |bencher| {
        bencher.iter(|| FeatureTable::extract(&log, at, &[]).unwrap());
    });
}

fn one_customer(criterion: &mut Criterion) {
    let shop = Simulation::default().customers(1_000).run().unwrap();
    let log = EventLog::builder().transactions([shop.transactions]);
    let log = log.observed_until("2025-01-01").unwrap().build().unwrap();
    let model = ChurnModel::builder().estimator("boosting").unwrap();
    let model = model.fit(&log, "2024-10-01").unwrap();
    let cutoff: Timestamp = "2025-01-01".parse().unwrap();
    let order = |i: i64| {
        let time = Timestamp::from_micros(cutoff.micros() - (i * 7 + 1) * DAY).unwrap();
        NewTransaction { amount: Some(20.0 + i as f64), ..NewTransaction::at(time.into()) }
    };
    let mut customer = model.customer_history();
    for i in (0..50).rev() {
        customer.push_transaction(order(i)).unwrap();
    }
    criterion.bench_function("score one customer of 50 purchases", |bencher| {
        bencher.iter(|| model.score_customer(black_box(&customer), cutoff).unwrap());
    });
}

criterion_group!(benches, logs, features, one_customer);
criterion_main!(benches);
